# What a table of trials has that no trial can be trained with: awk -f records.awk -f unfit.awk trials.tsv
#
# Prints TRIAL: COLUMN=VALUE: why. A trial's run may be anywhere, and so may who trains it, so a path is absolute; names of models and data
# sets are no paths. A backslash would be one of rote-records(5), which whoever reads a value here takes for itself.

BEGIN { n = split("data fork init model", columns, " ") }
{
    for (i = 1; i <= NF; i++)
        if (index($i, "\\"))
            print value("trial") ": " $i ": a value of the table has no backslash"
    for (i = 1; i <= n; i++)
        if (value(columns[i]) ~ /^[^\/].*\/|^[^\/]*[.]model$/)
            print value("trial") ": " columns[i] "=" value(columns[i]) ": a path in the table must be absolute"
    if (value("epochs") == "0")
        print value("trial") ": epochs=0: there is nothing to train"
}
