# gnuplot's SVG as a part of a page: awk -v id=r1-loss -v marks=1 -f figure.awk FILE.svg; what it shows stands in $title and $words, as HTML
#
# Its colours (style.gnuplot) become those of the style sheet, its fonts those of the page. The shapes of marks are the same in all
# figures: marks=1 leaves them in the first one of the page, as others refer to them.

BEGIN {
    n = split("train valid test grid c1 c2 c3 c4 c5 c6 c7 c8", colour, " ")
}

!began && /viewBox=/ {
    sub(/^ */, "")
    print "<svg " $0 " role=\"img\" aria-labelledby=\"" id "-t " id "-d\" xmlns:xlink=\"http://www.w3.org/1999/xlink\">"
    print "<title id=\"" id "-t\">" ENVIRON["title"] "</title>"
    print "<desc id=\"" id "-d\">" ENVIRON["words"] "</desc>"
    print "<g>" # of the whole canvas, which gnuplot opens before the marks
}

# Groups that are empty, as most are, go.
function put(line) {
    if (line ~ /^<\/g>/ && held != "") {
        held = ""
        return
    }
    if (held != "")
        print held
    held = ""
    if (line ~ /^<g fill="none"/)
        held = line
    else
        print line
}

/<defs>/ { within = 1 }
/<filter/ { filter = 1 } # of boxes around text, of which there are none
within && marks && !filter
/<\/filter>/ { filter = 0 }
/<\/defs>/ { within = 0; began = 1; next }
/^<\/svg>/ { whole = 1 }
!began || whole { next }
{
    sub(/<title>[^<]*<\/title>/, "")
    sub(/<g id="[^"]*"/, "<g")
    gsub(/ font-family="[^"]*"/, "")
    gsub(/["']black["']/, "\"currentColor\"")
    gsub(/rgb\( *0, *0, *0\)/, "currentColor")
    gsub(/ color="(black|white|gray)"/, "")
    sub(/color='white'/, "color=\"var(--ground)\"")
    while (match($0, /rgb\( *1, *0, *[0-9]+\)/))
        $0 = substr($0, 1, RSTART - 1) "var(--" colour[substr($0, RSTART + RLENGTH - 4, 3) + 0] ")" substr($0, RSTART + RLENGTH)
    put($0)
}
END {
    if (held != "")
        print held
    print "</svg>"
    exit !whole
}
