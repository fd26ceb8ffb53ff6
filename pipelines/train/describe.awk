# data.tsv of a run, from what idx-info says of its sets, one after the other:
#
#     awk -v splits='train valid test' -f records.awk -f describe.awk records

BEGIN {
    split(splits, name, " ")
    n = split("count channels rows columns classes digest", columns, " ")
    printf "#split"
    for (i = 1; i <= n; i++)
        printf "\t%s", columns[i]
    print ""
}
{
    printf "%s", name[++number]
    for (i = 1; i <= n; i++)
        printf "\t%s", value(columns[i])
    print ""
}
