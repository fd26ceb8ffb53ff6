# The learning rate, from nn-init --rates: awk -v done=6 -f records.awk -f html.awk -f rates.awk rates
#
# Prints gnuplot lines, or with -v say=title or say=words what they show. An epoch begins where the one before it ended. After the schedule's horizon its last rate
# holds, up to the epoch `done`.

function put() {
    if (epoch != "")
        points_of = points_of epoch - 1 "\t" begins "\n" epoch "\t" ends "\n"
}

"rate" in field {
    if (value("epoch") != epoch) {
        put()
        begins = value("rate")
    }
    epoch = value("epoch")
    ends = value("rate")
    if (first == "")
        first = highest = lowest = ends # so far the first
    highest = ends + 0 > highest + 0 ? ends : highest
    lowest = ends + 0 < lowest + 0 ? ends : lowest
}

function words() {
    if (highest == lowest)
        return "The learning rate is " ends " all the time."
    return "The learning rate begins with " first " and ends, in epoch " epoch ", with " ends \
        (highest + 0 > first + 0 ? "; at its highest it is " highest : "") "."
}

function lines() {
    print epochs_axis(0, done > epoch ? done : epoch, 0.25) "$rate << end\n" points_of "end"
    print from_zero("*") "set format y '%g'\nplot $rate using 1:2 with lines linestyle 2 notitle"
}

END {
    put()
    if (epoch != "" && done > epoch)
        points_of = points_of done "\t" ends "\n"
    if (epoch != "" && say)
        print say == "title" ? "Learning rate, by finished epochs" : words()
    else if (epoch != "")
        lines()
}
