# Runs for people, a line each, from run-info: awk -v now=SECONDS -v all= -f records.awk -f aligned.awk -f list.awk records
#
# After the metric come the settings, which are the columns behind those that every run has: unless all are asked for, those that differ
# when of a path the last part is shown.

{
    rows++
    for (name in field)
        name_of[field[name]] = name
    put("run", value("run"))
    put("state", value("state"))
    put("epoch", value("epoch") "/" (value("epochs") == "none" ? "?" : value("epochs")))
    metric = name_of[field["epochs"] + 1]
    put(metric, short(value(metric)))
    put("at", value("best.epoch"))
    for (i = field["changed"] + 1; i <= NF; i++)
        put(name_of[i], without_path($i))
    put("size", bytes(value("size")))
    put("age", age(now - value("changed")))
    put("tags", value("tags"))
    put("from", value("from"))
    put("reason", value("reason"))
}

function without_path(text) {
    if (text ~ /^\/.*\//)
        sub(/.*\//, ".../", text)
    return text
}

function bytes(n, unit) {
    for (unit = 1; n >= 1000 && unit < 5; unit++)
        n /= 1000
    return unit == 1 ? n " B" : sprintf("%.1f ", n) substr("kMGT", unit - 1, 1) "B"
}

END {
    for (i = field["changed"] + 1; !all && i in name_of; i++)
        drop_equal(name_of[i])
    draw()
}
