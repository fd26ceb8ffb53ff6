# gnuplot lines that hold runs side by side: awk -v what=accuracy -f records.awk -f html.awk -f compare.awk summaries 1/epochs 2/epochs ...
#
# what is accuracy or loss, of the validation set after each epoch; or size, the accuracy of each run's best epoch, or time, of all its
# epochs, against the size of its training set. Prints nothing where no run has such numbers; with
# -v say=title or say=words, what they show.

BEGIN { split("7 9 5 13 6 8 4 12", mark, " ") }

"size" in field {
    runs++
    name[runs] = value("label")
    size[runs] = value("size")
    if (what == "size" && known("size") && known("valid.accuracy"))
        put(runs, value("size"), 100 * value("valid.accuracy") "\t" 100 * value("valid.low") "\t" 100 * value("valid.high"))
    if (what == "time" && known("size") && known("seconds"))
        put(runs, value("size"), value("seconds"))
    next
}
(what == "accuracy" || what == "loss") && known("valid." what) {
    put(run_of_file(), value("epoch"), (what == "accuracy" ? 100 : 1) * value("valid." what))
}

function put(run, x, y) {
    rows[run] = rows[run] x "\t" y "\n"
    at[run]++
    least = any == "" || x + 0 < least ? x + 0 : least
    most = any == "" || x + 0 > most ? x + 0 : most
    highest = y + 0 > highest ? y + 0 : highest
    any = 1
}

# A colour, a mark and, after eight of them, another kind of line.
function look(run, i) {
    i = (run - 1) % 8
    return sprintf("linecolor rgb '#0100%02x' linewidth 2 pointsize 0.7 pointtype %s dashtype %s", 5 + i, mark[i + 1], \
        run > 16 ? "(2,3)" : run > 8 ? "(6,4)" : "solid")
}

function quoted(text) {
    gsub(/'/, "''", text)
    return "'" text "'"
}

# Sizes are far from each other, as a rule: then each stands where its logarithm does, and has its number.
function sizes_axis(run, list, seen) {
    for (run = 1; run <= runs; run++)
        if (run in rows && !(size[run] in seen)) {
            seen[size[run]]
            list = list (list == "" ? "" : ", ") size[run]
            distinct++
        }
    return (most >= 4 * least && least > 0 ? "set logscale x\n" : "") "set xrange [" least * 0.9 ":" most * 1.1 "]\n" \
        (distinct <= 5 ? "set xtics (" list ")\n" : "set xtics format '%.0f'\n")
}

function lines(run, plot, style) {
    unit = what == "time" ? (highest < 180 ? 1 : highest < 10800 ? 60 : 3600) : 1
    style = what == "size" ? "using 1:2:3:4 with yerrorbars" : what == "time" ? "using 1:($2/" unit ") with points" : "with linespoints"
    for (run = 1; run <= runs; run++)
        if (run in rows) {
            print "$run" run " << end\n" rows[run] "end"
            plot = plot (plot == "" ? "plot " : ", ") "$run" run " " style " " look(run) marks_of(at[run]) " title " quoted(name[run])
        }
    print "set key default\nset key bmargin left vertical maxcols 1 Left reverse samplen 3"
    print "unset bmargin"
    printf "%s", (what == "size" || what == "time" ? sizes_axis() : epochs_axis(least, most, 0.25))
    if (what == "time")
        printf "%s", from_zero(highest ? "*" : 1)
    print plot
}

function in_unit(text) {
    return what == "time" ? duration(text) : what == "loss" ? sprintf("%.4f", text) : sprintf("%.2f\302\240%%", text)
}

function words(run, i, n, row, last, text) {
    for (run = 1; run <= runs; run++)
        if (run in rows) {
            n = split(rows[run], row, "\n")
            split(row[n - 1], last, "\t")
            text = text (text == "" ? "" : "; ") name[run] ": " in_unit(last[2]) \
                (what == "size" || what == "time" ? " with " count(last[1]) " pictures" : " after epoch " last[1])
        }
    return html(text ".")
}

function title(unit) {
    if (what == "accuracy")
        return "Validation accuracy, in percent, after each epoch"
    if (what == "loss")
        return "Validation loss after each epoch"
    if (what == "size")
        return "Best validation accuracy, in percent with its 95\302\240% interval, by training pictures"
    return "Time of all epochs, in " (highest < 180 ? "seconds" : highest < 10800 ? "minutes" : "hours") ", by training pictures"
}

END {
    if (any && say == "title")
        print title()
    else if (any && say)
        print words()
    else if (any)
        lines()
}
