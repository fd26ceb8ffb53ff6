# What is known of trials, what follows from it, and who is told; for sweep.sh and search.sh to read in. The directory of the trials is the
# current one.
# shellcheck shell=sh disable=SC2034,SC2154 # what one part sets, another uses

# What a script of search/ says of records.
on_trials() { # SCRIPT [-v NAME=VALUE...] [FILE...]
    script=$1
    shift
    awk -f "$here/train/records.awk" -f "$here/search/$script.awk" "$@"
}

# One decides, and writes what is written, at a time; so each decision is told once.
take_turn() {
    open_lock 5 decisions.lock
    supervise flock 5
    [ -z "$stopping" ] || stop_here
    [ "$status" -eq 0 ] || { fail_as flock && fail 74 "$run/decisions.lock: lock: flock ended with status $status"; }
    draft=$temporary
}

leave_turn() {
    draft=''
    exec 5>&-
}

# Sets $files to the files of this name in the directories of trials.
files_of_trials() { # NAME
    try find -L . -mindepth 2 -maxdepth 2 -type f -name "$1" -printf '%P\n' || fail_because READ "$run: list"
    files=''
    by_lines
    for file in $why; do
        case $file in [!A-Za-z0-9]* | *[!A-Za-z0-9._/-]*) ;; *) files="$files $file" ;; esac
    done
    by_words
}

# The file itself, or one that is empty.
or_nothing() { # FILE: sets $value
    value=/dev/null
    ! is_there "$1" || value=$1
}

gather() {
    files_of_trials metrics.tsv
    or_nothing failures.tsv
    set -- "$value"
    value_of "$conf" restarts
    # shellcheck disable=SC2086 # names without blanks
    try on_trials gather -v restarts="$value" "$table" "$1" $files || fail_because READ "$run: read"
    stage_text records "$why"
}

# Sets $todo to the trials to train, a line each with how far, and $failures to what is told of those that have failed. What is new is
# told before it is written down: it may be told twice, and is not left out. Where there is neither, the log stays as it is.
decide_anew() {
    gather
    decide
    or_nothing failures.tsv
    set -- "$value"
    value=/dev/null
    [ -n "$dry" ] || or_nothing decisions.tsv
    try on_trials news "$1" "$value" "$stage/decisions" || fail_because READ "$run: read"
    todo='' failures='' news=''
    by_lines
    for line in $why; do
        case $dry,$line in ,"run$tab"* | ,"told$tab"*) logging=yes ;; esac
        case $line in
        "run$tab"*) todo=$todo${line#*"$tab"}$nl ;;
        "failed$tab"*) failures=$failures${line#*"$tab"}$nl ;;
        "told$tab"*)
            news=yes
            if [ -n "$dry" ]; then show "${line#*"$tab"}"; else say "${line#*"$tab"}"; fi
            ;;
        esac
    done
    by_words
    [ -n "$news" ] && [ -z "$dry" ] || return 0
    copy_to_temporary "$stage/decisions" decisions.tsv
    publish decisions.tsv
}

# Sets $reached to the last epoch of a trial that is measured.
find_reached() { # TRIAL
    reached=0
    is_there "$1/metrics.tsv" || return 0
    try on_trials reached "$1/metrics.tsv" || fail_because READ "$run/$1/metrics.tsv: read"
    ! is_whole "$why" 0 || reached=$why
}

# For good, before anybody tries again.
count_failure() { # TRIAL STATUS REASON
    printable "$3"
    reason=$(printf %s "$text" | sed 's/\\/\\\\/g; s/^#/\\x23/')
    find_reached "$1"
    take_turn
    contents="#trial${tab}epoch${tab}status${tab}reason"
    ! is_there failures.tsv || read_text failures.tsv "$run/failures.tsv"
    publish_text failures.tsv "$contents$nl$1$tab$reached$tab$2$tab$reason"
    leave_turn
    say "$1: it failed after epoch $reached, with status $2: $text"
}

# Says which checkpoint is the best, of trials that have not failed, by validation; false where there is none.
tell_best() { # METRIC
    try on_trials finished "$stage/records" || fail_because READ "$run: read"
    [ -n "$why" ] || return
    # shellcheck disable=SC2086 # names without blanks
    if ! try "$programs/ckpt-best" -q -k "$1" -- $why; then
        status=$ended
        fail_as ckpt-best
        [ "$status" -eq 1 ] || fail "$status" "${why#*: }"
        return 1
    fi
    try on_trials best -v path="$why" -v metric="$1" "$table" "$stage/records" || fail_because READ "$run: read"
    say "$run: $why"
}
