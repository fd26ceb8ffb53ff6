# Which is the best by each metric: awk -f records.awk -f html.awk -f bests.awk summaries epochs...
#
# Rows of a table; of several runs their names stand before the epoch. The first of equals is the best, as for ckpt-best.

BEGIN {
    n = split("valid.accuracy valid.loss test.accuracy test.loss train.accuracy train.loss", columns, " ")
    split("validation accuracy|validation loss|test accuracy|test loss|training accuracy|training loss", names, "|")
}

"size" in field { run[++runs] = value("run"); next }
{
    for (i = 1; i <= n; i++)
        if (known(columns[i]) && (!(i in best) || is_better(columns[i], value(columns[i]), best[i]))) {
            best[i] = value(columns[i])
            where[i] = "epoch " value("epoch")
            whose[i] = run_of_file()
        }
}

function is_better(column, a, b) { return column ~ /loss/ ? a + 0 < b + 0 : a + 0 > b + 0 }

END {
    for (i = 1; i <= n; i++)
        if (i in best)
            print row_head(names[i]) "<td>" in_words(columns[i], best[i]) "</td>" \
                (runs > 1 ? "<td><a href=\"#r" whose[i] "\">" html(run[whose[i]]) "</a></td>" : "") "<td>" where[i] "</td></tr>"
}
