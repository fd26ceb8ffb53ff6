# The numbers behind the curves, a row an epoch: awk -v chosen=6 -f records.awk -f html.awk -f table.awk epochs
#
# With -v say=words, what its marks mean.

BEGIN {
    n = split("train.loss train.accuracy valid.loss valid.accuracy test.loss test.accuracy first.rate seconds", columns, " ")
    split("training loss|training accuracy|validation loss|validation accuracy|test loss|test accuracy|learning rate|time", names, "|")
}
{
    epochs[++rows] = value("epoch")
    stopped = stopped || was_stopped()
    for (i = 1; i <= n; i++) {
        cell[rows, i] = cell_of(columns[i])
        there[i] = there[i] || cell[rows, i] != "\342\200\223"
    }
}

function was_stopped() { return known("stops") && value("stops") > 0 }

function cell_of(column) {
    if (column == "seconds")
        return known(column) ? duration(value(column)) (was_stopped() ? "*" : "") : "\342\200\223"
    if (column == "first.rate" && known(column))
        return value("first.rate") (value("last.rate") == value("first.rate") ? "" : " to " value("last.rate"))
    return in_words(column, value(column))
}

END {
    if (say && rows) {
        print "<p class=\"note\">\342\227\217 the epoch that counts" (stopped ? "; * stopped and gone on with" : "") "</p>"
        exit
    }
    if (rows == 0)
        exit
    printf "<thead><tr><th scope=\"col\">epoch</th>"
    for (i = 1; i <= n; i++)
        if (there[i])
            printf "<th scope=\"col\">%s</th>", names[i]
    print "</tr></thead>\n<tbody>"
    for (row = 1; row <= rows; row++) {
        printf "%s", row_head(epochs[row], epochs[row] == chosen)
        for (i = 1; i <= n; i++)
            if (there[i])
                printf "<td>%s</td>", cell[row, i]
        print "</tr>"
    }
    print "</tbody>"
}
