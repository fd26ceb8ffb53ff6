# The gnuplot lines for the curves of one metric: awk -v metric=accuracy -f records.awk -f html.awk -f curves.awk epochs
#
# Nothing where no epoch has a number. With -v say=title or say=words, what they show.

BEGIN {
    n = split("train valid test", splits, " ")
    split("training validation test", names, " ")
}
{
    for (i = 1; i <= n; i++)
        if (known(splits[i] "." metric))
            take(splits[i], value(splits[i] "." metric))
    has_band = has_band || metric == "accuracy" && known("valid.low")
    last_epoch = value("epoch")
    rows++
}

function take(set, text) {
    if (!(set in first)) {
        first[set] = text
        first_epoch[set] = value("epoch")
    }
    last[set] = text
    at[set] = value("epoch")
}

# The band is where the validation accuracy may really be.
function lines(i, plot) {
    if (has_band)
        plot = "'epochs' using '#epoch':(100*column('valid.low')):(100*column('valid.high')) with filledcurves linestyle 4 notitle"
    for (i = 1; i <= n; i++)
        if (splits[i] in first)
            plot = plot (plot == "" ? "" : ", ") "'epochs' using '#epoch':(" (metric == "accuracy" ? 100 : 1) "*column('" \
                splits[i] "." metric "')) with linespoints linestyle " i marks_of(rows) " title '" names[i] "'"
    if (plot != "")
        print epochs_axis(first_row(), last_epoch, 0.25) "plot " plot
}

function first_row(i, least) {
    least = last_epoch
    for (i in first_epoch)
        least = first_epoch[i] + 0 < least ? first_epoch[i] : least
    return least
}

function in_sentence(i, set, column) {
    set = splits[i]
    column = set "." metric
    return "the " names[i] " " metric (at[set] == first_epoch[set] ? " is " in_words(column, first[set]) " in epoch " at[set] \
        : " goes from " in_words(column, first[set]) " in epoch " first_epoch[set] " to " in_words(column, last[set]) " in epoch " at[set])
}

function words(i, sentence) {
    for (i = 1; i <= n; i++)
        if (splits[i] in first)
            sentence = sentence (sentence == "" ? "" : "; ") in_sentence(i)
    print toupper(substr(sentence, 1, 1)) substr(sentence, 2) "."
}

END {
    if (say == "title")
        print (metric == "accuracy" ? "Accuracy, in percent," : "Loss") " after each epoch" \
            (has_band ? "; the band is the 95\302\240% interval of validation" : "")
    else if (say)
        words()
    else
        lines()
}
