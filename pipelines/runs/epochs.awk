# The epochs of a run for people, from its metrics.tsv: awk -f records.awk -f aligned.awk -f epochs.awk metrics.tsv

BEGIN { n = split("epoch train.loss train.accuracy valid.loss valid.accuracy test.loss test.accuracy", names, " ") }
{
    rows++
    for (i = 1; i <= n; i++)
        put(names[i], short(value(names[i])))
}
END {
    if (rows)
        draw()
}
