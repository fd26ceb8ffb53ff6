# Values of records, a line each, with a blank between them: awk -v columns='last chosen' -f records.awk -f html.awk -f pick.awk FILE...
# Their values have none themselves.

BEGIN { n = split(columns, column, " ") }
{
    for (i = 1; i <= n; i++)
        printf "%s%s", value(column[i]), (i < n ? " " : "\n")
}
