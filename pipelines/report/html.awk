# What a page is written with, for the scripts beside it to begin with: awk -f records.awk -f report/html.awk -f report/overview.awk FILE...
#
# Text from files comes through html(), and numbers through functions that say them as people do.

function html(text) {
    gsub(/&/, "\\&amp;", text)
    gsub(/</, "\\&lt;", text)
    gsub(/>/, "\\&gt;", text)
    gsub(/"/, "\\&quot;", text)
    gsub(/'/, "\\&#39;", text)
    return text
}

# nan, inf and none are none. What only begins like one neither: gnuplot, which is given numbers as they are spelt, runs commands in them.
function is_number(text) { return text ~ /^-?[0-9]+([.][0-9]+)?(e[-+]?[0-9]+)?$/ }

function known(column) { return is_number(value(column)) }

function percent(share) { return sprintf("%.2f\302\240%%", 100 * share) }

# A value of a column in words: a share in percent, what is not finite as it is spelt.
function in_words(column, text) {
    if (!is_number(text))
        return text == "none" || text == "" ? "\342\200\223" : html(text)
    return column ~ /accuracy/ ? percent(text) : sprintf("%.4f", text)
}

function points(share) { return sprintf("%.2f", 100 * share) }

function count(number, text, tail) {
    text = sprintf("%.0f", number)
    while (length(text) > 3) {
        tail = "," substr(text, length(text) - 2) tail
        text = substr(text, 1, length(text) - 3)
    }
    return text tail
}

function some(number, one, many) { return count(number) " " (number == 1 ? one : many) }

function duration(seconds) {
    seconds = int(seconds + 0.5)
    if (seconds < 1)
        return "under 1\302\240s"
    if (seconds < 60)
        return seconds "\302\240s"
    if (seconds < 3600)
        return sprintf("%d\302\240min %02d\302\240s", seconds / 60, seconds % 60)
    return sprintf("%d\302\240h %02d\302\240min", seconds / 3600, seconds % 3600 / 60)
}

# For gnuplot, the axis of epochs, with room at both ends; few have a tic each, none has a half, and long numbers do not touch.
function epochs_axis(from, to, room, step, i) {
    for (step = 1; to >= 1000 && 5 * step < to - from; step *= i++ % 3 == 1 ? 2.5 : 2)
        ; # 1, 2, 5, 10, 20 ...
    return "set xrange [" from - room ":" to + room "]\n" (to - from <= 12 || step > 1 ? "set xtics " step "\n" : "")
}

# And on a curve of so many epochs a mark on some: on each they would hide it.
function marks_of(n) { return n > 60 ? " pointinterval " int(n / 20) : "" }

# And an axis of values up to the highest, or "*".
function from_zero(highest) { return "set offsets 0, 0, graph 0.05, 0\nset yrange [0:" highest "]\n" }

# Which run a file of the stage, NUMBER/NAME, is of.
function run_of_file(path) {
    path = FILENAME
    sub(/\/[^\/]*$/, "", path)
    sub(/.*\//, "", path)
    return path
}

# What a class is called by the file $class_names, a name a line as idx-pack makes it; without one, its number.
function class_name(number, line, n) {
    if (!classes_are_read++ && ENVIRON["class_names"] != "")
        while ((getline line <ENVIRON["class_names"]) > 0)
            class_names[n++] = line
    return number in class_names ? class_names[number] : number
}

function column_head(name) { return "<th scope=\"col\">" name "</th>" }

# How a row of a table begins; that of the epoch that counts is marked.
function row_head(name, counts) {
    return (counts ? "<tr class=\"chosen\">" : "<tr>") "<th scope=\"row\">" name (counts ? " \342\227\217" : "") "</th>"
}

function lack(sentence) { print "<p class=\"lack\">" sentence "</p>" }
