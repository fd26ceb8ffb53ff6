# One run for people, from run-info -a: awk -v now=SECONDS -f records.awk -f aligned.awk -f one.awk records
#
# A line for each column that says something.

{
    for (name in field)
        name_of[field[name]] = name
    for (i = 1; i <= NF; i++)
        if ($i != "none")
            printf "%-20s  %s\n", name_of[i], name_of[i] == "changed" ? age(now - $i) " ago" : $i
}
