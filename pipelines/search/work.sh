# A worker: it claims a trial that is to be trained, trains it, and looks again; for sweep.sh and search.sh to read in.
# shellcheck shell=sh disable=SC2034,SC2154 # what one part sets, another uses

# Does somebody work on it? Who waits for its lock, or asks as we do, holds it together with us. Where it cannot be locked, rote-train says
# why.
is_locked() { # TRIAL
    [ -f "$1/lock" ] || return
    supervise flock -n -s "$1/lock" true
    [ -z "$stopping" ] || stop_here
    [ "$status" -eq 1 ]
}

# A lock, on descriptor 9, that is kept until what came of the training is on record. Its run may be locked by somebody else, such as
# what a worker has left that was killed. False: $busy is the lock.
claim() { # TRIAL
    if is_locked "$1"; then
        busy=$1/lock
        return 1
    fi
    open_lock 9 "claims/$1"
    supervise flock -n 9
    [ -z "$stopping" ] || stop_here
    [ "$status" -ne 0 ] || return 0
    busy=claims/$1
    exec 9>&-
    return 1
}

# Has it got there since records were looked at? To look again will do, once.
is_old_news() { # GOAL
    find_reached "$candidate"
    is_whole "$1" 0 && [ "$reached" -ge "$1" ] && ! is_one_of "$passed_over" "$candidate:$1" || return
    passed_over="$passed_over $candidate:$1" busy=claims/$candidate
    exec 9>&-
}

# Of what is to be done, claims one and sets $trial and $goal to it, or $busy to the lock of one that somebody trains, without those that
# are held; and $number to how many there are.
choose() {
    trial='' busy='' number=0
    by_lines
    for line in $todo; do
        by_words
        number=$((number + 1))
        [ -z "$trial" ] || continue
        candidate=${line%%"$tab"*}
        if ! is_there "$candidate/hold" && claim "$candidate" && ! is_old_news "${line#*"$tab"}"; then
            trial=$candidate goal=${line#*"$tab"}
            goal=${goal#none}
        fi
    done
    by_words
}

# Sets $threads to what each rank of a trial may use, where nobody has said it: several workers share the processors.
share_threads() {
    value_of "$conf" threads
    threads=$value
    [ -z "$threads" ] || return 0
    has_value workers || value=1
    [ "$value" -le "$number" ] || value=$number
    [ "$value" -gt 1 ] || return 0
    share=$(($(nproc) / value))
    value_of "$nl$settings" ranks || value=1 # of one that branches off nobody may have said it
    threads=$((share / value))
    [ "$threads" -ge 1 ] || threads=1
}

# Is what all trials are trained on away, such as a disk? That is no fault of one of them. Sets $value to it.
lacks_data() {
    value_of "$conf" data
    ! try "$programs/idx-info" -q "$value/train@" && [ "$ended" -eq 66 ]
}

# Does what a trial said speak of the disk, which all trials write to?
is_of_the_disk() {
    case $said in
    *[Nn]'o space left on device' | *[Qq]'uota exceeded' | *[Rr]'ead-only file system' | *'no temporary directory could be made') ;;
    *) return 1 ;;
    esac
}

fail_for_room() {
    fail "$status" "$trial: it ended with status $status; the same line again goes on"
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
    supervise_logged "$here/train.sh" "$@"
    [ -z "$stopping" ] || stop_here
    find_reached "$trial"
    ! is_signal "$status" || status=75
    [ "$status" -ne 66 ] || ! lacks_data || fail 66 "$value: train: the data is not there; when it is, the same line goes on"
    case $status in
    0) settled="$trial $goal" ;;
    1) is_there "$trial/hold" || count_failure "$trial" 1 "${said:-it ended with status 1}" ;;
    2 | 126 | 127) fail_as train.sh ;;
    74) fail_for_room ;;
    75) [ "$reached" -gt "$before" ] || is_locked "$trial" || count_failure "$trial" 75 "${said:-it was killed}" ;;
    *)
        [ "$status" -ne 73 ] || ! is_of_the_disk || fail_for_room
        count_failure "$trial" "$status" "${said:-it ended with status $status}"
        ;;
    esac
}

# Until the one that is busy is not any more; another one may be sooner.
wait_for_others() {
    supervise flock -w 5 -s "$busy" true
    [ -z "$stopping" ] || stop_here
}

# A model file may have changed since it was copied.
take_model() {
    value_of "$conf" model
    asked_model=$value
    case $value in */* | *.model) conf=${conf}model=$PWD/net.model$nl ;; esac
}

# Nothing is left to do but what is held. Where somebody leads workers, he tells it.
leave_held() {
    [ -z "$led" ] || verbosity=0
    refuse_when_held
    held=''
    by_lines
    for line in $todo; do held="$held ${line%%"$tab"*}"; done
    by_words
    end_held "$run: held:$held; rote-train --unhold lets them go on"
}

work() {
    take_model
    start_timer
    settled='' passed_over=''
    while :; do
        take_turn
        ! is_there hold || leave_held
        decide_anew
        choose
        leave_turn
        if [ -n "$trial" ] && [ "$trial $goal" = "$settled" ]; then
            value_of "$conf" metric
            count_failure "$trial" 0 "it ended, and has no $value of epoch ${goal:-that is its last}"
            settled=''
            exec 9>&-
        elif [ -n "$trial" ]; then
            train_trial
            exec 9>&-
        elif [ -n "$busy" ]; then
            wait_for_others
        else
            break
        fi
    done
    [ -z "$todo" ] || leave_held
}
