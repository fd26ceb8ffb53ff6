# Messages and children of a script, for train.sh and drill.sh to read in.
#
# What people are told goes to stderr, and to the file `log` once $logging is set. A child is waited for with signals passed on to it.
# shellcheck shell=sh disable=SC2034,SC2154 # what one part sets, another uses

# A filter that leaves no tricks in a text: neither C0 (the characters that tr(1) is told), nor C1, nor what turns the direction of
# writing or ends a line (base/text.h). Bytes that are not UTF-8 are left out.
harmless() { # CHARACTERS
    tr "$1" '?' | iconv -c -f UTF-8 -t UTF-8 2>/dev/null |
        sed 's/\xc2[\x80-\x9f]\|\xd8\x9c\|\xe2\x80[\x8e\x8f\xa8-\xae]\|\xe2\x81[\xa6-\xa9]/?/g'
}

# Control characters, which a file's name may have, play no tricks on a terminal.
printable() { # TEXT...: sets $text
    text=$*
    case $text in *[![:print:]]*) text=$(printf %s "$text" | harmless '\001-\037\177') ;; esac
}

# On stdout, for programs; what does not arrive is an error.
print() { # TEXT
    { printf '%s\n' "$1"; } 2>/dev/null || fail 74 'stdout: write: it could not be written'
}

show() { # TEXT
    printable "$1"
    printf '%s\n' "$text"
}

log() {
    printable "$*"
    [ -z "$logging" ] || { printf '%s %s\n' "$(date +%Y-%m-%dT%H:%M:%S%z)" "$text" >>log; } 2>/dev/null
}

say() {
    log "$*"
    [ "$verbosity" -lt 1 ] || tell
}

warn() {
    log "$*"
    tell
}

# That a message reaches nobody is no failure.
tell() {
    printf '%s: %s\n' "$name" "$text" >&2 || :
}

# Was it a signal that says nothing against another try, of people, a batch system, or a limit?
is_signal() { # STATUS
    case $1 in 129 | 13[01] | 13[78] | 14[0-3] | 152) ;; *) return 1 ;; esac
}

# The program whose failure this is may have been ended by a signal, to the whole process group or to it alone.
fail() { # STATUS TEXT
    ended=$?
    [ -z "$stopping" ] || stop_here
    failure=$1
    shift
    if is_signal "$ended"; then
        failure=75
        set -- "a program was ended by signal $((ended - 128)); the same line again goes on"
    fi
    warn "$*"
    exit "$failure"
}

usage() {
    fail 64 "$*; '$name -h' prints how it is used"
}

# Sets $programs to the directory of the programs: that of the build tree, or of the tree in which the script is installed.
find_programs() {
    for programs in "${ROTE_BIN-}" "$here/../build/bin" "$here/../../bin"; do
        [ ! -x "$programs/nn-train-epoch" ] || { programs=$(cd -- "$programs" && pwd) && return; }
    done
    fail 69 "$here: find the programs: no nn-train-epoch in ../build/bin or ../../bin; 'make' builds it, or ROTE_BIN says where it is"
}

find_gnuplot() {
    command -v gnuplot >/dev/null ||
        fail 69 'gnuplot: it is not there, and draws the curves; contrib/install-dependencies.sh report installs it (gnuplot-nox)'
}

print_version() {
    find_programs
    version=$("$programs/nn-init" -V) || exit
    print "$name ${version#* }"
}

# Signals are passed on to the child, HUP and INT as TERM: a shell's background child ignores INT, and a terminal that goes away
# shall not cost an epoch. USR2 asks for a partial checkpoint: the one that trains hears it, all others ignore it.
on_stop() { # WHY
    stopping=$1
    told=yes
    tell_children
}

# shellcheck disable=SC2086 # numbers
tell_children() {
    [ -z "$child" ] || kill "-$telling" $child 2>/dev/null
}

on_snapshot() {
    told=yes
    kill -USR2 "$child" 2>/dev/null
}

listen() {
    trap 'on_stop "stopped by a signal"' HUP INT QUIT TERM USR1 XCPU
    trap 'on_stop "the time budget is used up"' ALRM
    trap '' USR2
}

# Begin a program as a child; $! is its number.
spawn() {
    (
        trap '' HUP
        exec "$@"
    ) &
    child="${child:+$child }$!"
    [ -z "$stopping" ] || tell_children
}

# Wait for a child, and set $status to its own. A signal ends `wait` early, which then is repeated; it says 127 of a child whose end it
# has told already.
await() { # CHILD
    status=127
    while :; do
        told=''
        wait "$1" 2>/dev/null # in which the shell says "Terminated"
        ended=$?
        [ "$ended" -ne 127 ] || break
        status=$ended
        [ -n "$told" ] || break
    done
    others=" $child "
    others="${others%%" $1 "*} ${others#*" $1 "}"
    child=${others# } child=${child% }
}

# Run a program as the only child, and set $status to its own.
supervise() {
    spawn "$@"
    [ -z "$training" ] || trap on_snapshot USR2
    await "$!"
    trap '' USR2
}

# Sets $stage to a new directory, not on the run's disk. Descriptor 6 holds its lock, so that others know that it is in use; one who
# sees it before it is locked removes it, and then another is made.
make_stage() {
    stage=''
    until [ -d "$stage" ]; do
        stage=$(mktemp -d --tmpdir rote-train.XXXXXX 2>/dev/null) ||
            fail 73 "${TMPDIR:-/tmp}: create: no temporary directory could be made"
        { command exec 6<"$stage"; } 2>/dev/null && flock 6 2>/dev/null
    done
}

tidy_stages() {
    for other in "${TMPDIR:-/tmp}"/rote-train.??????; do
        [ ! -d "$other" ] || [ -L "$other" ] || flock -n "$other" rm -rf "$other" 2>/dev/null
    done
}

remove_stage() {
    rm -rf "$stage"
    exec 6<&-
}

# What is made there, of records.
stage_text() { # NAME TEXT
    printf '%s\n' "$2" >|"$stage/$1" || fail 74 "$stage/$1: write: it could not be written"
}

# From now on there is a log. What children say comes to it through descriptor 8, a file without a name and not on the run's disk,
# which may be full; descriptor 7 reads it, from where it came to the last time.
begin_log() {
    logging=yes
    make_stage
    exec 8>>"$stage/said"
    exec 7<"$stage/said"
    remove_stage
}

# Has the child stopped as it was told to, by a signal or by the file `hold`? That is no news for those who want errors only: cron would
# mail it every night.
has_obeyed() {
    case $stopping,$status in
    ?*,75) ;;
    ,1) [ -n "$training" ] && [ -e hold ] ;;
    *) return 1 ;;
    esac
}

# What a child says goes to stderr, and to the log unless it is a display of progress on a terminal; $said is its last line.
supervise_logged() {
    said=''
    status=71 # where the shell lacks descriptors, it does not call what it should redirect
    if [ -z "$logging" ] || { [ -n "$training" ] && [ -t 2 ]; }; then
        supervise "$@"
        return
    fi
    supervise "$@" 2>&8 8>&- 7<&-
    obeyed=''
    [ "$verbosity" -ge 1 ] || ! has_obeyed || obeyed=yes
    while IFS= read -r line; do
        [ -n "$obeyed" ] || printf '%s\n' "$line" >&2
        log "$line"
        said=$line
    done <&7
}

stop_here() {
    say "$stopping; the same line again goes on"
    exit 75
}

# End, if $status says that a program was ended, could not be started, or crashed.
fail_as() { # PROGRAM
    ! is_signal "$status" || fail 75 "$1: it was ended by signal $((status - 128)); the same line again goes on"
    case $status in
    2 | 126 | 127) fail 71 "$1: it could not be started" ;;
    125 | 12[89] | 1[3-9]? | 2??) fail 70 "$1: it ended with status $status" ;;
    esac
}

# Run a program that must succeed. One that does not has said why, and its status becomes that of this script. Where `must` itself is
# redirected, "|| exit 71" stands after it, for the same reason as above.
must() {
    [ -z "$stopping" ] || stop_here
    supervise_logged "$@"
    [ "$status" -eq 0 ] || end_as "${1##*/}"
}

# End as the program whose $status is not 0.
end_as() { # PROGRAM
    [ -z "$stopping" ] || stop_here
    fail_as "$1"
    log "$1: it ended with status $status"
    exit "$status"
}

# A time budget ends like a signal does. The one who waits for its end goes away with this script, however that ends.
start_timer() {
    value_of "$conf" until
    case $value in
    '') return 0 ;;
    *:*)
        now=$(date +%s)
        then=$(date -d "$value" +%s 2>/dev/null) || fail 64 "until=$value: today has no such hour"
        [ "$then" -gt "$now" ] || then=$(date -d "tomorrow $value" +%s 2>/dev/null) || fail 64 "until=$value: tomorrow has no such hour"
        value=$((then - now))
        ;;
    esac
    (
        timeout --foreground "$value" tail --pid=$$ -f /dev/null
        [ $? -ne 124 ] || kill -ALRM $$
    ) >/dev/null 2>&1 4>&- 6<&- 7<&- 8>&- 9>&- &
}
