# The columns of a table of trials, but for `trial`, as settings without values: awk -f records.awk -f columns.awk trials.tsv
{
    for (name in field)
        if (name != "trial" && !(name in seen)) {
            seen[name]
            print name "="
        }
}
