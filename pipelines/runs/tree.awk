# Which run came from which, from run-info: awk -f records.awk -f aligned.awk -f tree.awk records
#
# With -v family=yes the family of the run that comes first, and then again among all, if it has any: all that comes from where it comes
# from.

family && only == "" { only = value("run"); next }
{
    run[++n] = value("run")
    number[run[n]] = n
    if (value("from") != "none") {
        from[n] = origin[n] = value("from")
        sub(/@[0-9]+$/, "", from[n])
        sub(/.*@/, "", origin[n])
    }
    state[n] = value("state")
    epoch[n] = value("epoch") "/" (value("epochs") == "none" ? "?" : value("epochs"))
    for (name in field)
        if (field[name] == field["epochs"] + 1)
            metric = name
    best[n] = short(value(metric))
}

# Branches hang below their run, in the order in which the runs came.
function add(i, before, below, count, k, child) {
    rows++
    put("run", before run[i] (origin[i] == "" ? "" : " @" origin[i]))
    put("state", state[i])
    put("epoch", epoch[i])
    put(metric, best[i])
    count = split(children[i], child, " ")
    for (k = 1; k <= count; k++)
        add(child[k], below (k == count ? "`-- " : "|-- "), below (k == count ? "    " : "|   "))
}

function root_of(i) { return i in parent ? root_of(parent[i]) : i }

END {
    for (i = 1; i <= n; i++)
        if (from[i] in number) {
            parent[i] = number[from[i]]
            children[parent[i]] = children[parent[i]] " " i
        }
    if (only != "" && !(only in number))
        exit
    for (i = 1; i <= n; i++)
        if (!(i in parent) && (only == "" || root_of(number[only]) == i))
            add(i, "", "")
    if (only == "" || rows > 1)
        draw()
}
