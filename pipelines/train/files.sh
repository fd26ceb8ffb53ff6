# Files, for train.sh to read in. What cannot be told or done ends the script, with the reason in words: the shell's own tests and patterns
# take a file that cannot be looked at for one that is not there, and what follows from that may be wrong for good.
# shellcheck shell=sh disable=SC2034,SC2154 # what one part sets, another uses

# End as the program that said $why: its last words are the reason.
fail_because() { # WRITE|READ TEXT
    ended=$?
    reason=${why##*: }
    case $1,$reason in
    *,'Too many open files'* | *,'Cannot allocate memory') number=71 ;;
    READ,'No such file or directory' | READ,'Not a directory') number=66 ;;
    WRITE,'Permission denied' | WRITE,'Read-only file system' | WRITE,'No such file or directory' | WRITE,'Not a directory' | \
        WRITE,'File exists' | WRITE,'Is a directory') number=73 ;;
    *) number=74 ;;
    esac
    [ -n "$reason" ] || reason='it could not be done'
    (exit "$ended") || fail "$number" "$2: $(printf %.1s "$reason" | tr '[:upper:]' '[:lower:]')${reason#?}"
}

# Is anything of that name there, even a link that leads nowhere?
is_there() { # PATH
    why=$(ls -d -- "$1" 2>&1 >/dev/null) && return
    case $why in *': No such file or directory' | *': Not a directory') return 1 ;; esac
    fail_because READ "$1: look at"
}

# Sets $names to what is in a directory, between line breaks. Those in a name itself, and other such characters, are shown as "?".
look_into() { # DIRECTORY
    why=$(ls -Aq -- "$1" 2>&1) || fail_because READ "$1: list"
    names=$nl$why$nl
}

has() { # NAME
    case $names in *"$nl$1$nl"*) ;; *) return 1 ;; esac
}

# Sets $files to those of $names, here, that match, with blanks between them; names like those of a run's files only. What is certainly
# no file is left out; a file that cannot be looked at is not.
files_like() { # PATTERN...
    files=''
    while IFS= read -r file; do
        case $file in *[!a-z0-9.-]*) continue ;; esac
        for pattern; do
            # shellcheck disable=SC2254 # it is a pattern
            case $file in $pattern) ;; *) continue ;; esac
            [ ! -f "$file" ] && { [ -e "$file" ] || [ -L "$file" ]; } || files="$files $file"
        done
    done <<END
$names
END
}

# Sets $contents to the text of a file, without the line breaks at its end.
read_text() { # FILE NAME-FOR-PEOPLE
    contents=$(cat -- "$1" 2>&1) && return
    why=$contents
    false || fail_because READ "$2: read"
}

# Are the bytes the same?
are_same() { # FILE FILE
    cmp -s -- "$1" "$2" && return
    [ $? -gt 1 ] || return
    why=$(cmp -- "$1" "$2" 2>&1 >/dev/null)
    fail_because READ "$1: compare"
}

# For good. There are file systems that cannot sync a directory, as libcommon/base/file.h says.
sync_directory() { # DIRECTORY
    refusal=$(sync -- "$1" 2>&1) && return
    case $refusal in *': Invalid argument') return ;; esac
    printf '%s\n' "$refusal" >&2
    return 1
}

# For good, with those above it. One that is there already may stand in a directory that cannot be opened.
make_directory() { # PATH
    set -- "$1" "${1%/*}"
    [ -n "$2" ] || set -- "$1" /
    [ -d "$2" ] || make_directory "$2" || return
    if [ -d "$1" ]; then
        sync_directory "$2" 2>/dev/null || :
    else
        mkdir -p -- "$1" && sync_directory "$2"
    fi
}

# Before $temporary is written: what stands under that name goes. A link that comes there afterwards is not followed either (set -C).
clear_temporary() {
    rm -f "$temporary" 2>/dev/null
}

# The shell could not open $temporary for what was to become NAME. It has said why on stderr; for us it tries again.
cannot_write() { # NAME
    why=$({ clear_temporary && true >"$temporary"; } 2>&1)
    false || fail_because WRITE "$run/$1: write"
}

# From stdin, or from if=FILE.
write_temporary() { # NAME [if=FILE]
    target=$1
    shift
    clear_temporary
    why=$(dd "$@" of="$temporary" conv=excl status=none 2>&1) || fail_because WRITE "$run/$target: write"
}

# $temporary appears under its name, whole and for good. What was made while a signal came, which may have ended who made it, does not.
publish() { # NAME
    [ -z "$stopping" ] || stop_here
    why=$({ sync "$temporary" && mv -fT "$temporary" "$1" && sync_directory .; } 2>&1) || fail_because WRITE "$run/$1: publish"
}

publish_text() { # NAME TEXT
    write_temporary "$1" <<END
$2
END
    publish "$1"
}

set_aside() { # FILE WHY
    aside=$1.damaged
    number=1
    while is_there "$aside"; do
        number=$((number + 1))
        aside=$1.damaged.$number
    done
    why=$({ mv -nT "$1" "$aside" && sync_directory .; } 2>&1) || fail_because WRITE "$run/$1: move aside"
    warn "$run/$1: $2; moved aside as $aside"
}

remove() { # FILE
    why=$({ rm -f -- "$1" && sync_directory .; } 2>&1) || fail_because WRITE "$run/$1: remove"
}
