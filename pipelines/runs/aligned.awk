# A table for people, for the scripts beside it to begin with: awk -f records.awk -f aligned.awk -f list.awk FILE...
#
# put(column, text) fills the row `rows` from left to right; draw() prints the columns in which some row has something, numbers to the right.

function width(text) {
    gsub(/[\200-\277]/, "", text) # what follows the first byte of a character of UTF-8
    return length(text)
}

function put(column, text) {
    if (!(column in place)) {
        place[column] = ++columns
        heading[columns] = column
        wide[columns] = width(column)
        right[columns] = 1
    }
    if (text == "" || text == "none")
        return
    column = place[column]
    cell[rows, column] = text
    filled[column] = 1
    if (width(text) > wide[column])
        wide[column] = width(text)
    if (text !~ /^-?[0-9.]+([eE][-+]?[0-9]+)?( ?[a-zA-Z]+|\/[0-9?]+)?$/)
        right[column] = 0
}

function padded(text, column, blanks) {
    blanks = sprintf("%" (wide[column] - width(text)) "s", "")
    return right[column] ? blanks text : text blanks
}

# Leave out a column that says the same of all rows.
function drop_equal(column, row) {
    column = place[column]
    for (row = 2; row <= rows; row++)
        if (cell[row, column] != cell[1, column])
            return
    filled[column] = 0
}

function draw(row, i, line) {
    for (row = 0; row <= rows; row++) {
        line = ""
        for (i = 1; i <= columns; i++)
            if (filled[i])
                line = line (line == "" ? "" : "  ") padded(row == 0 ? heading[i] : cell[row, i], i)
        sub(/ +$/, "", line)
        print line
    }
}

function age(seconds) {
    if (seconds < 0)
        seconds = 0
    return seconds < 120 ? int(seconds) " s" : seconds < 7200 ? int(seconds / 60) " min" : \
        seconds < 172800 ? int(seconds / 3600) " h" : int(seconds / 86400) " d"
}

# Four digits tell metrics apart; what is no number stays as it is.
function short(text) { return text ~ /^-?[0-9]*[.][0-9]+$/ ? sprintf("%.4f", text) : text }
