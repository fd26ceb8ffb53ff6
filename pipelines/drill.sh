#!/bin/sh
# rote-drill - kill, stop and starve small trainings in a directory, and see whether they still end with the same bytes
#
# One run is left alone and is the measure: whatever is done to another, the same line again must make the same files. A part of the
# drill is a number of trials, each a directory of its own below one that goes away with this script unless something differs. Every
# training is a session of its own (setsid), so that a signal to its process group reaches nobody else.
set -u
LC_ALL=C
export LC_ALL
unset CDPATH
name=${0##*/}
logging='' stopping='' work='' groups='' failed=''

# Nothing stays, no process and no file, but for what differs. The shell itself ends with 2, where it lacks descriptors or processes.
clean_up() {
    ended=$?
    trap '' HUP INT QUIT TERM USR1 USR2 PIPE
    end_all
    [ -z "$work" ] || exec 2>&3
    [ -z "$work" ] || [ -n "$failed" ] || remove_work 2>/dev/null
    [ "$ended" -eq 2 ] || return
    printf '%s: the system lacks memory, descriptors or processes\n' "$name" >&2
    exit 71
}

# Every process that was begun and is not waited for, and the session that it may have made by now.
end_all() {
    for group in $groups; do kill -s KILL -- "$group" "-$group"; done
    groups=''
    wait
} 2>/dev/null

remove_work() {
    cd "$start" && chmod -R u+w "$work" && remove "$work"
}

# What is open in a process that just ends has another name on NFS, until it has ended.
remove() { # DIRECTORY
    rm -rf "$1" 2>/dev/null || { sleep 1 && rm -rf "$1"; }
}

trap clean_up EXIT
true >&2 || exec 2>/dev/null # it may be closed; the next file to be opened shall not be it
exec 3>&2                    # for what ends the drill while a trial keeps its messages

start=$PWD
tab='	'
parts='kills signals two-runs one-name replacing moving file-limit read-only full-disk'
kills=100 seed=1 only='' patience=600

here=$(readlink -f -- "$0")
here=${here%/*}
# shellcheck source=pipelines/train/children.sh
. "$here/train/children.sh" || exit 70
# shellcheck source=pipelines/drill/look.sh
. "$here/drill/look.sh" || exit 70
# shellcheck source=pipelines/drill/trials.sh
. "$here/drill/trials.sh" || exit 70

help() {
    cat <<END
usage: $name [-qv] [--kills count] [--only part] [-s seed] directory
kill, stop and starve small trainings in a directory, and see whether they still end with the same bytes

  -h, --help                   print this and exit
      --kills COUNT            so many runs are killed (default $kills); the other parts grow with it
      --only PART              only one of: $parts
  -q, --quiet                  only errors on stderr
  -s, --seed SEED              seed of the random moments (default $seed)
  -V, --version                print the version and exit
  -v, --verbose                say what is being done, as on a terminal

man rote-drill says more.
END
}

take() { # OPTION VALUE
    case $1,$2 in
    --only,*) case " $parts " in *" $2 "*) only=$2 ;; *) usage "$1 $2: no such part" ;; esac ;;
    *, | *,*[!0-9]* | *,0?* | *,??????????*) usage "$1 $2: not a whole number up to 999999999" ;;
    --kills,0) usage "$1 $2: at least one run is killed" ;;
    --kills,*) kills=$2 ;;
    *) seed=$2 ;;
    esac
}

take_directory() { # OPERAND
    [ -z "$directory" ] || usage "$1: one directory at a time"
    directory=$1
}

parse_command_line() {
    directory='' verbosity=0
    [ ! -t 2 ] || verbosity=1
    while [ $# -gt 0 ]; do
        case $1 in
        -h | --help) print "$(help)" && exit ;;
        -V | --version) print_version && exit ;;
        -q | --quiet) verbosity=-1 ;;
        -v | --verbose) verbosity=1 ;;
        -s | --seed | --kills | --only)
            [ $# -gt 1 ] || usage "$1: it needs an argument"
            take "$1" "$2"
            shift
            ;;
        --seed=* | --kills=* | --only=*) take "${1%%=*}" "${1#*=}" ;;
        -s*) take -s "${1#-s}" ;;
        -[hqvV]?*)
            letters=${1#??}
            first=${1%"$letters"}
            shift
            set -- "$first" "-$letters" "$@"
            continue
            ;;
        --) shift && for operand; do take_directory "$operand"; done && break ;;
        -?*) usage "$1: no such option" ;;
        *) take_directory "$1" ;;
        esac
        shift
    done
    [ -n "$directory" ] || usage 'the directory is missing'
}

# A part of the drill. A trial is a function that does it in the directory $trial and returns whether the promise held. What it draws
# depends on no other part. It sets $hit where the trouble came while there was something to trouble.
part() { # NAME COUNT TRIAL DESCRIPTION
    [ "${only:-$1}" = "$1" ] || return 0
    tried=0 held=0 struck=0 random=$seed
    say "$1: $4, $2 of them"
    while [ "$tried" -lt "$2" ]; do
        tried=$((tried + 1)) trial=$1-$tried run=$1-$tried/run hit=''
        mkdir "$trial" || fail 73 "$place/$trial: create: it could not be made"
        if "$3" >"$trial/messages" 2>&1; then
            held=$((held + 1))
            remove "$trial"
        else
            failed=yes
            end_all
            warn "$1: $place/$trial: $(tail -n 1 "$trial/messages")"
        fi
        [ -z "$hit" ] || struck=$((struck + 1))
    done
    state=held
    [ "$held" -eq "$tried" ] || state=failed
    print "$1$tab$state$tab$tried$tab$held$tab$struck$tab$4"
}

leave_out() { # NAME REASON
    [ "${only:-$1}" = "$1" ] || return 0
    say "$1: left out: $2"
    print "$1${tab}left-out${tab}0${tab}0${tab}0$tab$2"
}

drill() {
    few=$(((kills + 9) / 10))
    print "#part${tab}state${tab}tried${tab}held${tab}struck${tab}note"
    look_around
    make_inputs 2>/dev/null || fail 74 "$place: write: it could not be written"
    make_measure
    part kills "$kills" try_kills 'up to three kills at random moments'
    part signals $((5 * few)) try_signal "one of $signals at a random moment"
    part two-runs "$few" try_two_runs 'two at once on one run: one works, the other is refused'
    part one-name "$few" try_one_name '20 at once for one new name: one has it, whole'
    part replacing "$few" try_replacing 'a file replaced 50 times, and there whenever it is read'
    part moving "$few" try_moving 'a run renamed after a kill'
    part file-limit "$few" try_file_limit 'a limit on the size of a file'
    if [ -n "$closed" ]; then
        part read-only "$few" try_read_only 'a run in which nothing can be made for a while, and stays as it is'
    else
        leave_out read-only 'permissions do not bind us, and nothing may be mounted'
    fi
    if [ -n "$namespace" ]; then
        part full-disk "$few" try_full_disk 'a full disk in memory, then one with room'
    else
        leave_out full-disk 'nothing may be mounted; file-limit stands in for it'
    fi
    [ -z "$failed" ] || fail 1 "$directory: the promise does not hold here; $place has what differs"
    say "$directory: the promise held"
}

# A second signal, as timeout(1) sends it, shall not keep it from cleaning up.
stop() {
    trap '' HUP INT QUIT TERM USR1 USR2 PIPE
    exec 2>&3
    say 'stopped by a signal'
    exit 75
}

parse_command_line "$@"
find_programs
case $directory in -*) place=./$directory ;; *) place=$directory ;; esac
trap stop HUP INT QUIT TERM USR1 USR2
trap 'exit 74' PIPE
work=$(mktemp -d "$place/rote-drill.XXXXXX" 2>/dev/null) || fail 73 "$directory: create: no directory could be made in it"
place=$work
cd "$work" || fail 73 "$place: enter: the directory cannot be entered"
TMPDIR=$PWD # a kill leaves there what is there for a moment
export TMPDIR
find_permissions
drill
