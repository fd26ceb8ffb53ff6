# What stands behind and under the picture of a mistake: awk -v number=1 -v set=valid -f records.awk -f html.awk -f mistake.awk records of idx-show -p

++n == number {
    print "alt=\"Picture " value("index") " of the " (set == "valid" ? "validation" : "test") " set: of class " html(value("label")) ", taken for " \
        html(value("predicted")) "\">"
    print "<figcaption>" html(value("label")) ", taken for <strong>" html(value("predicted")) "</strong><br>" percent(value("probability")) \
        " sure<br>picture " value("index") "</figcaption>"
}
