# The directory of a run, or of trials: what may be in it, who works on it, and whether it is held; for train.sh to read in. Once it is
# entered it is the current one.
# shellcheck shell=sh disable=SC2034,SC2154 # what one part sets, another uses

# Where the settings are stored, and what is written above them; what is made before them; and all files of a directory.
conf_name=run.conf
heading='What this run is; rote-train(1) says what of it may change.'
first_files='lock log net.model train.list valid.list data.tsv'
own_files="$first_files run.conf metrics.tsv pruned.tsv pinned"
welcome='' # may be there before anything is made

# Temporary files of the dead; what a living process writes is locked by it (base/output.h).
tidy() {
    for file in "$temporary" .*.??????.tmp; do
        [ ! -f "$file" ] || flock -n "$file" rm -f "$file"
    done
    tidy_stages
}

enter_run() {
    cd "$directory" 2>/dev/null && return
    try ls -d -- "$directory/." && why=''
    fail_because WRITE "$run: enter"
}

# Only a run, what is left of one whose making was interrupted, or nothing.
refuse_other_directory() {
    look_into . "$run"
    ! has "$conf_name" || return 0
    by_lines
    for file in $names; do
        by_words
        case $file in
        "$forked" | .*.tmp) ! has lock || continue ;;
        "$welcome") continue ;;
        *) ! is_one_of "$first_files" "$file" || ! has lock || continue ;;
        esac
        ! is_there "$conf_name" || return 0 # another one made it just now
        fail 73 "$run: make a run: the directory is neither empty nor a run: it has $file"
    done
    by_words
}

# What is no file would keep who reads or writes it waiting; what is written through a link would change a file elsewhere.
refuse_non_files() {
    for file in $own_files; do
        [ -f "$file" ] || [ ! -e "$file" ] || ! is_other "$file" || fail 73 "$run/$file: open: it is no file"
    done
    for file in lock decisions.lock log; do
        [ ! -L "$file" ] || fail 73 "$run/$file: create: it is a symbolic link, and nothing is written through one"
    done
}

create_if_missing() { # FILE
    true >>"$1"
}

# Opens a file on a descriptor of this shell, for a lock. Where the shell cannot, it does not say why.
open_lock() { # DESCRIPTOR FILE
    try create_if_missing "$2" || fail_because WRITE "$run/$2: create"
    eval "command exec $1>>\"\$2\"" && return
    try create_if_missing "$2"
    fail_because WRITE "$run/$2: create"
}

lock_run() {
    refuse_non_files
    value_of "$given" lock || value=fail
    open_lock 9 lock
    case $value in
    wait:*) supervise flock -w "${value#wait:}" 9 ;;
    *) supervise flock -w 1 9 ;; # ckpt-verify may hold it for a moment, to see who does
    esac
    [ -z "$stopping" ] || stop_here
    case $value,$status in
    *,0) ;;
    skip,1) say "$run: another one works on it; skipped" && exit 0 ;;
    *,1) fail 75 "$run: lock: another one works on it" ;;
    *)
        fail_as flock
        fail 74 "$run/lock: lock: flock ended with status $status"
        ;;
    esac
}

# To be held is no error, and no news for those who want errors only.
end_held() { # TEXT
    say "$1"
    exit 1
}

refuse_when_held() {
    ! is_there hold || end_held "$run: it is held; --unhold lets it go on"
}

hold_run() {
    is_there "$directory/$conf_name" || fail 66 "$run: hold: no run is there"
    enter_run
    case $act in
    --unhold) remove hold ;;
    *) is_there hold || create hold ;;
    esac
}
