# The time that each epoch took: awk -v every=1 -f records.awk -f html.awk -f spent.awk epochs
#
# Prints gnuplot lines, or with -v say=title or say=words what they show.

known("seconds") {
    n++
    sum += value("seconds")
    longest = value("seconds") > longest ? value("seconds") + 0 : longest
    stopped += known("stops") && value("stops") > 0
    first = n == 1 ? value("epoch") + 0 : first
    last = value("epoch") + 0
}

function each() { return every > 1 ? every " epochs" : "epoch" }

function words() {
    return "The " each() " that took longest took " duration(longest) "; all together took " duration(sum) \
        (stopped ? ", of which " some(stopped, "was stopped and gone on with", "were stopped and gone on with") : "") "."
}

function lines() {
    print "set boxwidth " 0.6 * every "\n" from_zero(longest ? "*" : 1) (longest <= 8 * unit ? "set ytics 1\n" : "") \
        epochs_axis(first, last, every * 0.75) \
        "plot 'epochs' using '#epoch':(column('seconds')/" unit ") with boxes linestyle 5 fillstyle solid 0.7 noborder notitle"
}

END {
    unit = longest < 180 ? 1 : longest < 10800 ? 60 : 3600
    if (n > 0 && say == "title")
        print "Time per " each() ", in " (unit == 1 ? "seconds" : unit == 60 ? "minutes" : "hours")
    else if (n > 0 && say == "words")
        print words()
    else if (n > 0)
        lines()
}
