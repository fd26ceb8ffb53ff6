# Which paths in a table of trials are relative: awk -f records.awk -f relative.awk trials.tsv
#
# A trial's run may be anywhere, and so may who trains it. Names of models and data sets are no paths.

BEGIN { n = split("data fork init model", columns, " ") }
{
    for (i = 1; i <= n; i++)
        if (value(columns[i]) ~ /^[^\/].*\/|^[^\/]*[.]model$/)
            print value("trial") ": " columns[i] "=" value(columns[i])
}
