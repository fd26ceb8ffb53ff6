# The runs side by side, the best first: awk -f records.awk -f html.awk -f ranking.awk summaries
#
# Rows of a table, or with -v say=words the answer in words. Those without a validation accuracy come last, in the order in which they were named.

{
    n++
    for (name in field)
        run[n, name] = value(name)
    for (place = n; place > 1 && is_better(n, order[place - 1]); place--)
        order[place] = order[place - 1]
    order[place] = n
}

function has(i, column) { return is_number(run[i, column]) }

function is_better(a, b) {
    return has(a, "valid.accuracy") && (!has(b, "valid.accuracy") || run[a, "valid.accuracy"] + 0 > run[b, "valid.accuracy"] + 0)
}

function number_of(i, column) { return has(i, column) ? count(run[i, column]) : "\342\200\223" }

function link(i) { return "<a href=\"#r" i "\">" html(run[i, "run"]) "</a>" }

function row(i) {
    print row_head(link(i)) "<td class=\"text\">" html(run[i, "model"]) "</td><td>" number_of(i, "size") "</td><td>" number_of(i, "last") \
        "</td><td>" number_of(i, "chosen") "</td><td>" in_words("accuracy", run[i, "valid.accuracy"]) "</td><td>" \
        (has(i, "valid.low") ? points(run[i, "valid.low"]) " to " points(run[i, "valid.high"]) : "\342\200\223") "</td><td>" \
        in_words("loss", run[i, "valid.loss"]) "</td><td>" in_words("accuracy", run[i, "test.accuracy"]) "</td><td>" \
        (has(i, "seconds") ? duration(run[i, "seconds"]) : "\342\200\223") "</td></tr>"
}

function is_one_set(i) {
    for (i = 2; i <= n; i++)
        if (run[i, "valid.data"] != run[1, "valid.data"])
            return 0
    return 1
}

function answer(best, next_one, text) { # of two runs at least
    best = order[1]
    next_one = order[2]
    if (!has(best, "valid.accuracy"))
        return "None of the runs has a validation accuracy to compare them by."
    text = link(best) " is the best, with <strong>" percent(run[best, "valid.accuracy"]) "</strong> validation accuracy after epoch " \
        run[best, "chosen"]
    if (has(next_one, "valid.high") && has(best, "valid.low"))
        text = text "; its 95\302\240% interval " (run[next_one, "valid.high"] > run[best, "valid.low"] \
            ? "overlaps that of " link(next_one) ", so that the two may as well be equal" : "lies above that of " link(next_one) ", the next one")
    return text "." (is_one_set() ? "" : " But they were not measured on one validation set, so that this may say little.")
}

END {
    if (say) {
        print answer()
        exit
    }
    print "<thead><tr>" column_head("run") "<th scope=\"col\" class=\"text\">model</th>" column_head("pictures") column_head("epochs") \
        column_head("best epoch") column_head("validation accuracy") column_head("95\302\240% interval") column_head("validation loss") \
        column_head("test accuracy") column_head("time") "</tr></thead>\n<tbody>"
    for (place = 1; place <= n; place++)
        row(order[place])
    print "</tbody>"
}
