#!/bin/sh
# rote-runs - what runs there are, how they are and where they come from, and what people say of them
#
# The directory of the runs is the database: run-info reads it, and what is here shows that to people. It changes nothing but a run's
# notes, which are published whole.
set -u
trap '[ $? -ne 2 ] || { echo "${0##*/}: the system lacks memory, descriptors or processes" >&2; exit 71; }' EXIT
true >&2 || exec 2>/dev/null # it may be closed; the next file to be opened shall not be it

here=$(readlink -f -- "$0")
here=${here%/*}
# shellcheck source=pipelines/train/start.sh
. "$here/train/start.sh" || exit 70

help() {
    cat <<END
usage: $name [-ajqv] [-k name] [--max | --min] [--reverse] [--sort column]
        [--where test] [directory ...]
       $name show run
       $name tree [directory ...]
       $name note run text ...
       $name tag run tag ...
what runs there are, how they are, and what people say of them

  -a, --all                    show all settings, not only those that differ
  -h, --help                   print this and exit
  -j, --json                   print JSON Lines
  -k, --key NAME               the metric of the best epoch (default valid.accuracy)
      --max                    its largest is best (default for a name that ends in accuracy)
      --min                    its smallest is best (default for a name that ends in loss)
  -q, --quiet                  only errors on stderr
      --reverse                sort the other way
      --sort COLUMN            sort by this column (default: by name)
  -V, --version                print the version and exit
  -v, --verbose                more on stderr
      --where TEST             only runs for which it holds: a column, = != < <= > >= or ~, a value

man rote-runs says more.
END
}

# What a script of runs/ makes of records from stdin, for people.
for_people() { # SCRIPT [-v NAME=VALUE...]
    script=$1
    shift
    awk -f "$here/train/records.awk" -f "$here/runs/aligned.awk" -f "$here/runs/$script.awk" "$@" 2>/dev/null ||
        { [ $? -ne 141 ] && fail 74 'stdout: write: it could not be written'; } || exit 141
}

# Sets $records to what run-info says, and $worst to its status: what is wrong with some of the runs it has told.
get_records() { # ARGUMENT...
    records=$("$programs/run-info" "$@")
    worst=$?
    status=$worst
    fail_as run-info
    [ -n "$records" ] || exit "$worst"
}

list_runs() { # ARGUMENT...
    get_records "$@"
    printf '%s\n' "$records" | for_people list -v now="$(date +%s)" -v all="$all" || exit
    exit "$worst"
}

show_tree() { # DIRECTORY...
    for word; do
        case $word in
        --) break ;;
        -?*) usage "tree $word: it takes directories alone" ;;
        esac
    done
    get_records "$@"
    printf '%s\n' "$records" | for_people tree || exit
    exit "$worst"
}

# Sets $run, and $directory to a path that is no option.
take_run() { # RUN
    run=$1
    case $run in ?*/) run=${run%/} ;; esac
    case $run in /*) directory=$run ;; *) directory=./$run ;; esac
    is_there "$directory/run.conf" || fail 66 "$run: look: it is no run: it has no run.conf"
}

title() { # TEXT
    print ''
    print "$1"
}

# The files of people may have anything in them.
show_notes() {
    if is_there notes && ! is_other notes; then
        read_text notes "$run/notes"
        title 'Notes'
        print "$(printf '%s\n' "$contents" | harmless '\000-\010\013-\037\177')"
    fi
}

# All that comes from where the run comes from, of those beside it.
show_family() {
    itself=./${PWD##*/}
    itself=$(cd .. && "$programs/run-info" -q -- "$itself" 2>/dev/null) || :
    [ -n "$itself" ] || return 0
    family=$(cd .. && "$programs/run-info" -q 2>/dev/null) || :
    family=$(printf '%s\n' "$itself" "$family" | for_people tree -v family=yes)
    if [ -n "$family" ]; then
        title 'Family'
        print "$family"
    fi
}

show_run() { # RUN
    get_records -a -- "$directory"
    printf '%s\n' "$records" | for_people one -v now="$(date +%s)" || exit
    enter_run
    if is_there metrics.tsv && ! is_other metrics.tsv; then
        title 'Epochs'
        for_people epochs <metrics.tsv || exit
    fi
    show_notes
    show_family
    exit "$worst"
}

fill_notes() { # TEXT
    chmod "=rw" "$beside" && write_into "$beside" "$1" notrunc && sync "$beside"
}

publish_notes() {
    mv -fT "$beside" notes && sync_directory .
}

# One who writes notes at the same time waits: the directory is locked meanwhile. What was said last is not said again, so that a line that
# was killed can be typed once more.
add_note() { # LINE
    case $1 in *"$nl"*) usage 'a note is a line, and has no line break' ;; esac
    enter_run
    ! is_other notes || fail 73 "$run/notes: write: it is no file"
    if ! command exec 9<.; then
        try sync_directory .
        fail_because WRITE "$run: lock"
    fi
    flock -w 10 9 || case $? in
    1) fail 75 "$run: lock: somebody else works on the directory" ;;
    *) fail 74 "$run: lock: the directory could not be locked" ;;
    esac
    contents=''
    ! is_there notes || read_text notes "$run/notes"
    [ "${contents##*"$nl"}" != "$1" ] || return 0
    open_beside . notes "$run/notes"
    waste=$beside
    try fill_notes "${contents:+$contents$nl}$1" || fail_because WRITE "$run/notes: write"
    try publish_notes || fail_because WRITE "$run/notes: publish"
}

check_words() { # TAG...
    for word; do
        case $word in
        '' | *[!A-Za-z0-9._+:/=-]*) usage "tag $word: not made of letters, digits and . _ + : / = -" ;;
        esac
    done
}

# -h and -V, and whether the records of a list go to a program, or are to have all settings. What notes say is no option.
look_at_options() { # ARGUMENT...
    [ ! -t 1 ] || plain=''
    case ${1-} in note | tag) return ;; esac
    for argument; do
        case $argument in --all | -[jqv]*a* | -a*) all=yes ;; esac
        case $argument in
        --) break ;;
        -h | --help) print "$(help)" && exit ;;
        -V | --version) print_version && exit ;;
        --json | -j | -[aqv]*j*) plain=yes ;;
        esac
    done
}

verbosity=0 plain=yes all=''
look_at_options "$@"
find_programs
case ${1-} in
show)
    [ $# -eq 2 ] || usage 'show: one run'
    take_run "$2"
    show_run
    ;;
tree) shift && show_tree "$@" ;;
note | tag)
    act=$1
    [ $# -gt 2 ] || usage "$act: a run, and what is said of it"
    take_run "$2"
    shift 2
    if [ "$act" = tag ]; then
        check_words "$@"
        set -- 'tag:' "$@"
    fi
    add_note "$*"
    ;;
*)
    [ -z "$plain" ] || exec "$programs/run-info" "$@"
    list_runs "$@"
    ;;
esac
