# What a trial of a table is trained with, key=value lines: awk -v trial=NAME -f records.awk -f row.awk trials.tsv
#
# The first one needs no name. "none" leaves a key as it is for all.

trial == "" { trial = value("trial") }
value("trial") == trial {
    for (name in field)
        column[field[name]] = name
    for (i = 1; i <= NF; i++)
        if (column[i] != "trial" && $i != "none")
            print column[i] "=" $i
    exit
}
