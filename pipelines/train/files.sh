# Files, for train.sh to read in. What cannot be told or done ends the script, with the reason in words: the shell's own tests and patterns
# take a file that cannot be looked at for one that is not there, and what follows from that may be wrong for good.
# shellcheck shell=sh disable=SC2034,SC2154 # what one part sets, another uses

# Sets $why to what a command prints, or to what it says on stderr if it fails, and $ended to its status, which is returned. What comes
# on stderr beside a success is left out: the loader may always have something to say.
mark=${nl}printed:
try() { # COMMAND...
    why=$(
        exec 2>&1
        printed=$("$@") || exit
        printf '%s%s' "$mark" "$printed"
    )
    ended=$?
    [ "$ended" -ne 0 ] || why=${why#*"$mark"}
    return "$ended"
}

# Until by_words, what is not quoted falls into lines, and is no pattern: `for line in $text` leaves out empty ones. A here-document would
# come from a file or from another process: where it cannot be made, or is cut short, the shell does not tell.
by_lines() {
    set -f
    IFS=$nl
}

by_words() {
    set +f
    unset IFS
}

# What a script of train/ says of records. Those from stdin end with $end, so that it knows whether they are all.
end='#end'
on_records() { # SCRIPT [-v NAME=VALUE...] [FILE...]
    script=$1
    shift
    awk -f "$here/train/records.awk" -f "$here/train/$script.awk" "$@"
}

# End as what was tried: the last words of $why are the reason. Without any, what had failed could be done when it was tried again.
fail_because() { # WRITE|READ TEXT
    reason=${why##*: }
    cause=${reason##*\(} # awk says: cannot open FILE (No such file or directory)
    case $1,${cause%\)} in
    *,) number=75 ;;
    *,'Too many open files'* | *,'Cannot allocate memory' | *,'Cannot fork') number=71 ;;
    READ,'No such file or directory' | READ,'Not a directory') number=66 ;;
    WRITE,'Permission denied' | WRITE,'Read-only file system' | WRITE,'No such file or directory' | WRITE,'Not a directory' | \
        WRITE,'File exists' | WRITE,'Is a directory') number=73 ;;
    *) number=74 ;;
    esac
    first=$(printf %.1s "$reason" | tr '[:upper:]' '[:lower:]')
    [ -z "$first" ] || reason=$first${reason#?}
    set -- "$2: ${reason:-it failed once; the same line again goes on}"
    (exit "$ended") # which may be that of a signal
    fail "$number" "$1"
}

# Is anything of that name there, even a link that leads nowhere?
is_there() { # PATH
    try ls -d -- "$1" && return
    case $why in *': No such file or directory' | *': Not a directory') return 1 ;; esac
    fail_because READ "$1: look at"
}

# A path of the command line, which was typed elsewhere than in the run.
absolute() { # PATH: sets $value
    case $1 in /*) value=$1 ;; *) value=$start/$1 ;; esac
    case $value in *"$nl"*) fail 64 "$1: its path has a line break, which run.conf cannot hold" ;; esac
}

# Sets $names to what is in a directory, between line breaks. Those in a name itself, and other such characters, are shown as "?".
look_into() { # DIRECTORY NAME-FOR-PEOPLE
    try ls -Aq -- "$1" || fail_because READ "$2: list"
    names=$nl$why$nl
}

has() { # NAME
    case $names in *"$nl$1$nl"*) ;; *) return 1 ;; esac
}

# Is it certainly no file, nor a link to one?
is_other() { # PATH
    [ ! -f "$1" ] || return
    [ -d "$1" ] || [ -p "$1" ] || [ -c "$1" ] || [ -b "$1" ] || [ -S "$1" ] || { [ -L "$1" ] && [ ! -e "$1" ]; }
}

# Sets $files to those of $names, here, that match, with blanks between them; names like those of a run's files only.
files_like() { # PATTERN...
    files=''
    by_lines
    for file in $names; do
        case $file in *[!a-z0-9.-]*) continue ;; esac
        for pattern; do
            # shellcheck disable=SC2254 # it is a pattern
            case $file in $pattern) is_other "$file" || files="$files $file" ;; esac
        done
    done
    by_words
}

# Sets $contents to the text of a file, without the line breaks at its end.
read_text() { # FILE NAME-FOR-PEOPLE
    try cat -- "$1" || fail_because READ "$2: read"
    contents=$why
}

# Are the bytes the same?
are_same() { # FILE FILE
    try cmp -- "$1" "$2" && return
    [ "$ended" -gt 1 ] || return
    fail_because READ "$1: compare"
}

# For good. There are file systems that cannot sync a directory, as libcommon/base/file.h says.
sync_directory() { # DIRECTORY
    refusal=$(sync -- "$1" 2>&1) && return
    set -- $?
    case $refusal in *': Invalid argument') return 0 ;; esac
    printf '%s\n' "$refusal" >&2
    return "$1"
}

# For good, with those above it. One that is there already may stand in a directory that cannot be opened.
make_directory() { # PATH
    set -- "$1" "${1%/*}"
    [ -n "$2" ] || set -- "$1" /
    [ "$1" = "$2" ] || [ -d "$2" ] || make_directory "$2" || return
    if [ -d "$1" ]; then
        sync_directory "$2" || :
    else
        mkdir -p -- "$1" && sync_directory "$2"
    fi
}

# Before $temporary is written: what stands under that name goes. A link that comes there afterwards is not followed either (set -C).
clear_temporary() {
    rm -f "$temporary" 2>/dev/null
}

make_temporary() {
    rm -f "$temporary" && true >"$temporary"
}

# The shell could not open $temporary for what was to become NAME. It has said why on stderr; for us it tries again.
cannot_write() { # NAME
    try make_temporary
    fail_because WRITE "$run/$1: write"
}

# Unlike the shell, dd says why it cannot; what the shell says then is that nobody reads. That it was not given all, dd cannot say.
write_into() { # FILE TEXT excl|notrunc
    printf '%s\n' "$2" 2>/dev/null | dd of="$1" conv="$3" status=none && size=$(wc -c <"$1") && [ "$size" -eq $((${#2} + 1)) ]
}

write_text() { # TEXT
    clear_temporary
    write_into "$temporary" "$1" excl
}

copy_to_temporary() { # FILE NAME
    clear_temporary
    try dd if="$1" of="$temporary" conv=excl status=none || fail_because WRITE "$run/$2: write"
}

rename_temporary() { # NAME
    sync "$temporary" && mv -fT "$temporary" "$1" && sync_directory .
}

# $temporary appears under its name, whole and for good. What was made while a signal came, which may have ended who made it, does not.
publish() { # NAME
    [ -z "$stopping" ] || stop_here
    try rename_temporary "$1" || fail_because WRITE "$run/$1: publish"
}

publish_text() { # NAME TEXT
    try write_text "$2" || fail_because WRITE "$run/$1: write"
    publish "$1"
}

# Sets $beside to a new temporary file of NAME, which descriptor 5 holds the lock of, so that others know that it is in use.
open_beside() { # DIRECTORY NAME NAME-FOR-PEOPLE
    for file in "$1/.$2".??????.tmp; do # of the dead
        [ ! -f "$file" ] || flock -n "$file" rm -f -- "$file"
    done
    try mktemp -- "$1/.$2.XXXXXX.tmp" || fail_because WRITE "$3: create"
    beside=$why
    if ! command exec 5<"$beside"; then
        try cat -- "$beside"
        fail_because WRITE "$3: create"
    fi
    try flock 5 || fail_because WRITE "$3: lock"
}

rename_for_good() { # FROM TO
    mv -nT "$1" "$2" && sync_directory .
}

set_aside() { # FILE WHY
    aside=$1.damaged
    number=1
    while is_there "$aside"; do
        number=$((number + 1))
        aside=$1.damaged.$number
    done
    try rename_for_good "$1" "$aside" || fail_because WRITE "$run/$1: move aside"
    warn "$run/$1: $2; moved aside as $aside"
}

remove_for_good() { # FILE
    rm -f -- "$1" && sync_directory .
}

remove() { # FILE
    try remove_for_good "$1" || fail_because WRITE "$run/$1: remove"
}

create_for_good() { # FILE
    true >"$1" && sync_directory .
}

create() { # FILE
    try create_for_good "$1" || fail_because WRITE "$run/$1: create"
}
