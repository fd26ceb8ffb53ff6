# A worker: it claims a trial that is to be trained, trains it, and looks again; for sweep.sh and search.sh to read in.
# shellcheck shell=sh disable=SC2034,SC2154 # what one part sets, another uses

# Does somebody train it? Who waits for its lock, or asks as we do, holds it together with us.
is_locked() { # TRIAL
    [ -e "$1/lock" ] || return
    supervise flock -n -s "$1/lock" true
    [ -z "$stopping" ] || stop_here
    [ "$status" -ne 0 ]
}

# By the lock of its run, on descriptor 9, which is what train.sh takes. While it gets ready it has ours.
claim() { # TRIAL
    try make_directory "$1" || fail_because WRITE "$run/$1: create"
    if ! command exec 9>>"$1/lock"; then
        fail 74 "$run/$1/lock: open: it could not be opened"
    fi
    supervise flock -n 9
    [ -z "$stopping" ] || stop_here
    [ "$status" -eq 0 ] || exec 9>&-
    return "$status"
}

# Has it got there since records were looked at? To look again will do, once.
is_old_news() { # GOAL
    find_reached "$candidate"
    is_whole "$1" 0 && [ "$reached" -ge "$1" ] && [ "$candidate $1" != "$passed_over" ] || return
    passed_over="$candidate $1"
    exec 9>&-
}

# Of what is to be done, claims one and sets $trial and $goal to it; or $busy to one that somebody trains; $held to those that are held; and
# $number to how many there are.
choose() {
    trial='' busy='' held='' number=0
    by_lines
    for line in $todo; do
        by_words
        number=$((number + 1))
        [ -z "$trial" ] || continue
        candidate=${line%%"$tab"*}
        if is_there "$candidate/hold"; then
            held="$held $candidate"
        elif ! claim "$candidate" || is_old_news "${line#*"$tab"}"; then
            busy=$candidate
        else
            trial=$candidate goal=${line#*"$tab"}
            goal=${goal#none}
        fi
    done
    by_words
}

# Sets $threads to what a worker may use, where nobody has said it: they share the processors.
share_threads() {
    value_of "$conf" threads
    threads=$value
    [ -z "$threads" ] || return 0
    has_value workers || value=1
    [ "$value" -le "$number" ] || value=$number
    threads=$(($(nproc) / value))
    [ "$threads" -ge 1 ] || threads=1
}

# Train it, as far as it is to go now. That it is preempted is no failure, nor that somebody else was quicker; but it is one if it ends
# without having got any further, and nobody has told us to stop.
train_trial() {
    settings_of trials.tsv "$trial"
    share_threads
    find_reached "$trial"
    before=$reached
    say "$trial: training${goal:+ up to epoch $goal}"
    set -- -q -r "$trial" lock=fail "threads=$threads"
    by_lines
    for line in $settings; do set -- "$@" "$line"; done
    by_words
    [ -z "$goal" ] || set -- "$@" "epochs=$goal"
    handed=yes
    supervise_logged "$here/train.sh" "$@"
    handed=''
    [ -z "$stopping" ] || stop_here
    find_reached "$trial"
    ! is_signal "$status" || status=75
    case $status in
    0) settled="$trial $goal" ;;
    1) is_there "$trial/hold" || count_failure "$trial" 1 "${said:-it ended with status 1}" ;;
    2 | 126 | 127) fail_as train.sh ;;
    73 | 74) fail "$status" "$trial: it ended with status $status; the same line again goes on" ;;
    75) [ "$reached" -gt "$before" ] || is_locked "$trial" || count_failure "$trial" 75 "${said:-it was killed}" ;;
    *) count_failure "$trial" "$status" "${said:-it ended with status $status}" ;;
    esac
}

# Until the one that is busy is not any more; another one may be sooner.
wait_for_others() {
    supervise flock -w 5 -s "$busy/lock" true
    [ -z "$stopping" ] || stop_here
}

# A model file may have changed since it was copied.
take_model() {
    value_of "$conf" model
    case $value in */* | *.model) conf=${conf}model=$PWD/net.model$nl ;; esac
}

work() {
    take_model
    start_timer
    settled='' passed_over=''
    while :; do
        take_turn
        decide_anew
        choose
        leave_turn
        if [ -n "$trial" ] && [ "$trial $goal" = "$settled" ]; then
            exec 9>&-
            value_of "$conf" metric
            count_failure "$trial" 0 "it ended, and has no $value of epoch ${goal:-that is its last}"
        elif [ -n "$trial" ]; then
            train_trial
        elif [ -n "$busy" ]; then
            wait_for_others
        else
            break
        fi
    done
    [ -z "$held" ] || fail 1 "$run: held:$held; rote-train --unhold lets them go on"
}
