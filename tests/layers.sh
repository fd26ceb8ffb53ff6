#!/bin/sh
# Hold every #include of libcommon/ and cmd/ to the table in libcommon/LAYERS. `layers.sh ROOT` looks at another tree.
set -eu

cd "${1:-$(dirname "$0")/..}"
find libcommon cmd -name '*.[ch]' | LC_ALL=C sort | xargs awk '
    function wrong(text) {
        print "not ok - " FILENAME ":" FNR ": " text
        failed = 1
    }

    # The inside of engine/NAME is for itself and for engine/*.c, which open it; that of ref, whose loops others fall back on, and
    # that of frame, which they share, for every engine.
    function may_look_inside(folder, name) {
        return inside == folder "/" name || layer == folder && (inside == "" || (name == "ref" || name == "frame"))
    }

    # The table: what each layer may include, and whose a system header is.
    FILENAME == "libcommon/LAYERS" {
        if (/^#/ || NF == 0)
            next
        count = split($2, below, ",")
        for (i = 1; i <= count; i++) {
            if (below[i] != "-" && !(below[i] in known))
                wrong("\"" $1 "\" may include \"" below[i] "\", which is no layer before it")
            may[$1, below[i]] = 1
        }
        for (i = 3; i <= NF; i++)
            owner["<" $i ">"] = $i == "-" ? "" : $1
        may[$1, $1] = known[$1] = 1
        next
    }

    FNR == 1 {
        files++
        count = split(FILENAME, part, "/")
        layer = part[1] == "cmd" ? "cmd" : part[2]
        inside = count > 3 ? part[2] "/" part[3] : ""
        if (!(layer in known))
            wrong("libcommon/LAYERS has no layer \"" layer "\"")
    }

    /^[ \t]*#[ \t]*include[ \t]*</ {
        match($0, /<[^>]*>/)
        header = substr($0, RSTART, RLENGTH)
        if (owner[header] != "" && owner[header] != layer)
            wrong(header " is for layer \"" owner[header] "\" alone")
    }

    /^[ \t]*#[ \t]*include[ \t]*"/ {
        split($0, quoted, "\"")
        count = split(quoted[2], part, "/")
        if (count < 2)
            wrong("\"" quoted[2] "\" is not relative to libcommon")
        else if (!((layer, part[1]) in may))
            wrong("layer \"" layer "\" may not include \"" quoted[2] "\"")
        else if (count > 2 && !may_look_inside(part[1], part[2]))
            wrong("\"" quoted[2] "\" is the inside of " part[1] "/" part[2])
    }

    END {
        if (!failed)
            print "ok - the #includes of " files " files are those that libcommon/LAYERS allows"
        exit failed
    }' libcommon/LAYERS || exit 1 # xargs has a status of its own for that
