# What stands behind and under the picture of a mistake:
#
#     awk -v number=1 -v set=valid -f records.awk -f html.awk -f mistake.awk records    # of idx-show -p

++n == number {
    label = html(class_name(value("label")))
    predicted = html(class_name(value("predicted")))
    print "alt=\"Picture " value("index") " of the " (set == "valid" ? "validation" : "test") " set: of class " label ", taken for " predicted "\">"
    print "<figcaption>" label ", taken for <strong>" predicted "</strong><br>" percent(value("probability")) " sure<br>picture " \
        value("index") "</figcaption>"
}
