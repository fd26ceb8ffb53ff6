# The options and keys that the given pages of section 1 describe, a line each: program|names|argument|kind|values|summary
#
# kind says what completes the argument: words (those of values), files, directories, or nothing; it is empty where there is no argument.
# An option's words are those that its description marks with .Cm, or those of the same option in the page to which the description
# refers with "as in" or "as". The name of a key ends in "=", and its words stand beside it.

/^\.Dt / { program = tolower($2) }

/^\.(It|El|Pp|Ss|Sh)/ {
    finish()
    if (/^\.It Fl /)
        begin_options(substr($0, 5))
    else if (/^\.It Cm .* Ns = Ns /)
        begin_key(substr($0, 5))
    next
}

described < count {
    if ($1 == ".Cm" && names[count] !~ /=$/)
        for (i = 2; i <= NF; i++)
            add_word($i)
    if ($1 == ".Xr" && line_before ~ /(^| )as( in)?$/)
        reference = $2
    line_before = $0
    told = told || /^\.(Pq|Po|Bl|Bd)/
    if (!told)
        text = text " " plain($0)
    told = told || /[.:;]$/
}

END {
    finish()
    for (n = 1; n <= count; n++)
        print_row(n)
}

# "Fl o Ar path , Fl Fl output Ar path" is one option, "Fl Fl max , Fl Fl min" are two.
function begin_options(line,    parts, part, last, i) {
    gsub(/Fl Fl /, "Fl -", line)
    last = split(line, parts, " , ")
    for (i = 1; i <= last; i++) {
        split(parts[i], part, " ")
        if (i > 1 && names[count] ~ /^-.$/ && part[2] ~ /^-/)
            names[count] = names[count] " -" part[2]
        else
            add_row("-" part[2])
        if (sub(/^Fl [^ ]+ Ar /, "", parts[i])) {
            gsub(/ (Ns|Ar)| /, "", parts[i])
            arguments[count] = parts[i]
        }
    }
}

# "Cm data Ns = Ns Ar name|directory" or "Cm lock Ns = Ns Cm fail | skip | wait : Ns Ar seconds".
function begin_key(line,    part, last, i) {
    last = split(line, part, " ")
    add_row(part[2] "=")
    for (i = 6; i <= last; i++)
        if (part[i - 1] == "Ar")
            arguments[count] = part[i]
        else if (part[i] == ":")
            words = words ":"
        else
            add_word(part[i])
}

function add_row(name) {
    programs[++count] = program
    names[count] = name
}

function add_word(word) {
    if (word ~ /^[a-z0-9]/ && index(" " words " ", " " word " ") == 0)
        words = words (words == "" ? "" : " ") word
}

# The rows since the last time have the same description.
function finish() {
    sub(/^ /, "", text)
    sub(/[.:;]( .*)?$/, "", text)
    sub(/ \(.*/, "", text)
    gsub(/[|\\]/, "", text)
    while (described < count) {
        values[++described] = words
        references[described] = reference
        summaries[described] = text
    }
    words = reference = text = line_before = ""
    told = 0
}

# A line of mdoc as it is read.
function plain(line) {
    if (sub(/^\./, " ", line)) {
        line = line " "
        gsub(/ Fl Fl /, " --", line)
        gsub(/ Fl /, " -", line)
        gsub(/ Nm /, " " program " ", line)
        gsub(/ (Ar|Cm|Dv|Ev|Ic|Li|No|Pa|Sq|Xr) /, " ", line)
        gsub(/ Ns /, "", line)
        gsub(/ [1-8] /, " ", line)
        gsub(/ , /, ", ", line)
        sub(/ [.:;] $/, ".", line)
        gsub(/^ | $/, "", line)
    }
    gsub(/\\&/, "", line)
    return line
}

# Of an argument that page and help call so.
function kind_of(argument) {
    if (argument ~ /(^|\|)(dir|directory|run)(\||$)/)
        return "directories"
    return argument ~ /^(HxW|count|epoch|factor|first-last|folds|label|name|number|options|seconds|seconds\|hour|seed|sha256|share)$/ ? "nothing" : "files"
}

# What the option or key of the same name has in the page that row n refers to.
function borrowed(n,    i) {
    for (i = 1; i <= count; i++)
        if (programs[i] == references[n] && bare(names[i]) == bare(names[n]))
            return values[i]
}

function bare(names) {
    sub(/.*--/, "", names)
    sub(/=$/, "", names)
    return names
}

function print_row(n,    kind) {
    if (arguments[n] == "" && names[n] !~ /=$/)
        values[n] = ""
    else if (values[n] == "")
        values[n] = borrowed(n)
    if (values[n] != "")
        kind = "words"
    else if (arguments[n] != "")
        kind = kind_of(arguments[n])
    gsub(/\|/, " or ", arguments[n])
    print programs[n] "|" names[n] "|" arguments[n] "|" kind "|" values[n] "|" summaries[n]
}
