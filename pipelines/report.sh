#!/bin/sh
# rote-report - one HTML page of what runs have to tell: curves, mistakes, the recipe, the chain of checkpoints
#
# It looks at a run as a reader would and writes nothing into it: what the files say, and what other programs say of them, is gathered in a
# temporary directory, from which awk and gnuplot make the page. What a run lacks is told where it would stand. The same runs make the
# same bytes: there is no date, and no path but those that were given.
set -u
LC_ALL=C class_names=''
export LC_ALL class_names
unset CDPATH
name=${0##*/}
stopping='' waste='' beside='' logging='' training='' child='' told='' telling=TERM

# The shell itself ends with 2, where it lacks descriptors or processes.
clean_up() {
    ended=$?
    trap '' HUP INT QUIT TERM USR1 USR2 PIPE
    [ -z "$beside" ] || rm -f "$beside"
    [ -z "$waste" ] || rm -rf "$waste"
    [ "$ended" -eq 2 ] || return
    printf '%s: the system lacks memory, descriptors or processes\n' "$name" >&2
    exit 71
}

trap clean_up EXIT
true >&2 || exec 2>/dev/null # it may be closed; the next file to be opened shall not be it

start=$PWD
nl='
'
tab='	'
case ${TMPDIR-} in '' | /*) ;; *) TMPDIR=$start/$TMPDIR ;; esac

here=$(readlink -f -- "$0")
here=${here%/*}
# shellcheck source=pipelines/train/children.sh
. "$here/train/children.sh" || exit 70
# shellcheck source=pipelines/train/files.sh
. "$here/train/files.sh" || exit 70
# shellcheck source=pipelines/train/settings.sh
. "$here/train/settings.sh" || exit 70
# shellcheck source=pipelines/train/data.sh
. "$here/train/data.sh" || exit 70
# shellcheck source=pipelines/report/gather.sh
. "$here/report/gather.sh" || exit 70
# shellcheck source=pipelines/report/write.sh
. "$here/report/write.sh" || exit 70

help() {
    cat <<END
usage: $name [-fqv] [-D directory] [-o file] run ...
make one HTML page of what runs have to tell

  -D, --data DIRECTORY         the data is there, not where run.conf says
  -f, --force                  replace the output
  -h, --help                   print this and exit
  -o, --output FILE            where the page goes (default: stdout)
  -q, --quiet                  only errors on stderr
  -V, --version                print the version and exit
  -v, --verbose                say what is being done, as on a terminal

man rote-report says more.
END
}

take_option() { # OPTION ARGUMENT
    [ -n "$2" ] || usage "$1: it needs an argument"
    case $1 in
    -o | --output) output=$2 ;;
    *) absolute "$2" && moved=$value ;;
    esac
}

parse_command_line() {
    output=- moved='' force='' verbosity=0
    [ ! -t 2 ] || verbosity=1
    operands=$nl
    while [ $# -gt 0 ]; do
        case $1 in
        -h | --help) print "$(help)" && exit ;;
        -V | --version) print_version && exit ;;
        -f | --force) force=yes ;;
        -q | --quiet) verbosity=-1 ;;
        -v | --verbose) verbosity=1 ;;
        -[oD] | --output | --data)
            [ $# -gt 1 ] || usage "$1: it needs an argument"
            take_option "$1" "$2"
            shift
            ;;
        --output=* | --data=*) take_option "${1%%=*}" "${1#*=}" ;;
        -[oD]*) take_option "${1%"${1#??}"}" "${1#??}" ;;
        -[fhqvV]?*)
            letters=${1#??}
            first=${1%"$letters"}
            shift
            set -- "$first" "-$letters" "$@"
            continue
            ;;
        --) shift && for run; do take_run "$run"; done && break ;;
        -*) usage "$1: no such option" ;;
        *) take_run "$1" ;;
        esac
        shift
    done
    [ "$operands" != "$nl" ] || usage 'the run is missing'
}

take_run() { # RUN
    case $1 in
    '') usage 'a run without a name' ;;
    *"$nl"*) usage "$1: its path has a line break" ;;
    esac
    operands=$operands$1$nl
}

report_run() {
    say "$run: looking at it"
    place=$stage/$number
    mkdir "$place" || fail 73 "$stage: create: it could not be written"
    case $run in /*) directory=$run ;; *) directory=./$run ;; esac
    enter
    gather_settings
    gather_epochs
    gather_summary
    gather_mistakes
    gather_checks
    write_run >"$place/page"
    cd "$start" || fail 66 "$start: enter: it cannot be entered any more"
}

# The runs one after the other, and of several a comparison first.
report() {
    number=0 marks=1 level=1 pages='' tables='' summaries=''
    case ${operands#"$nl"} in *"$nl"?*) level=2 ;; esac
    by_lines
    for run in $operands; do
        by_words
        number=$((number + 1))
        report_run
        title=$run
        pages="$pages $number/page"
        summaries="$summaries $number/summary"
        tables="$tables $number/epochs"
    done
    by_words
    cd "$stage" || fail 74 "$stage: enter: it cannot be entered"
    [ "$level" -eq 1 ] || compare_runs
    # shellcheck disable=SC2086 # names without blanks
    { write_head "$title" && cat $pages && write_foot; } >page || fail_to_write
}

compare_runs() {
    title="$number runs side by side" number=0 place=$stage/0 pages="0/page $pages"
    mkdir 0
    # shellcheck disable=SC2086
    cat $summaries >0/summaries || fail_to_write
    # shellcheck disable=SC2086
    write_comparison $tables >0/page
}

# Before the work: what could not be published in the end is refused now.
prepare_output() {
    [ "$output" != - ] || return 0
    case $output in
    */) fail 73 "$output: create: it names no file" ;;
    /*) page=$output ;;
    *) page=$start/$output ;;
    esac
    if is_there "$page"; then
        [ -n "$force" ] || fail 73 "$output: create: it exists; -f replaces it"
        [ -f "$page" ] || fail 73 "$output: create: it is no file that could be replaced"
    fi
    open_beside "${page%/*}" "${page##*/}" "$output"
}

fill() { # FILE
    cp -- "$stage/page" "$1" && chmod "=rw" -- "$1" && sync -- "$1"
}

# Whole or not at all. What came there in the meantime is replaced only if that was asked for.
publish_page() {
    [ -z "$stopping" ] || stop_here
    if [ "$output" = - ]; then
        cat "$stage/page" 2>/dev/null || fail 74 'stdout: write: it could not be written'
        return
    fi
    try fill "$beside" || fail_because WRITE "$output: write"
    if [ -n "$force" ]; then
        try mv -fT -- "$beside" "$page" || fail_because WRITE "$output: publish"
    else
        try mv -nT -- "$beside" "$page" || fail_because WRITE "$output: publish"
        ! is_there "$beside" || fail 73 "$output: create: it exists; -f replaces it"
    fi
    beside=''
    try sync_directory "${page%/*}" || fail_because WRITE "$output: publish"
}

parse_command_line "$@"
find_programs
find_gnuplot
trap 'on_stop "stopped by a signal"' HUP INT QUIT TERM USR1
trap '' USR2
trap 'exit 74' PIPE
prepare_output
tidy_stages
make_stage
waste=$stage # while others' were tidied away, $stage was one of theirs
report
publish_page
