#!/bin/sh
# rote-train - train into a run directory, a checkpoint per epoch; the same line again goes on
#
# A run is what its run.conf says. All else in its directory follows from that, is published whole, and is believed only as far as
# it is proven. So a rerun looks at what is there (ckpt-verify and the records), lets train/plan.awk decide what is left to do, and does
# that; nothing else is remembered from one time to the next.
#
# Of a run there is one writer: descriptor 9 holds a lock on RUN/lock. The children inherit it, on purpose: should this script alone be
# killed, the lock lasts until the epoch that is still being trained has ended, and nobody begins another one beside it.
set -uC
trap '[ $? -ne 2 ] || { echo "${0##*/}: the system lacks memory, descriptors or processes" >&2; exit 71; }' EXIT
true >&2 || exec 2>/dev/null # it may be closed; the next file to be opened shall not be it

here=$(readlink -f -- "$0")
here=${here%/*}
# shellcheck source=pipelines/train/start.sh
. "$here/train/start.sh" || exit 70
# shellcheck source=pipelines/train/ranks.sh
. "$here/train/ranks.sh" || exit 70

temporary=.rote-train.tmp
ready='' changes=0 earliest=0 forked='' trained=''

records_plan() { # FILE...
    printf '%s\n' "$verified" "$end" 2>/dev/null |
        on_records plan -v checkpoints="$checkpoints" -v first="$earliest" -v epochs="$epochs" -v every="$every" -v evaluate="$value" \
            -v splits="$splits" - "$@"
}

# Sets $plan, from what ckpt-verify says of the checkpoints and from the run's other records.
plan_from() { # CHECKPOINTS VERIFIED FILE...
    checkpoints=$1
    verified=$2
    shift 2
    value_of "$conf" eval-every
    try records_plan "$@" || {
        [ "$ended" -ne 4 ] || fail 70 'plan.awk: not every checkpoint was judged'
        fail_because READ "$run: read"
    }
    plan=$why
}

make_plan() {
    look_into . "$run"
    files_like 'epoch-*.safetensors' 'epoch-*.safetensors.part'
    # shellcheck disable=SC2086 # names without blanks
    set -- $files
    checkpoints=$#
    verified=''
    if [ $# -gt 0 ]; then
        verified=$("$programs/ckpt-verify" -q ${threads:+-t "$threads"} "$@" 2>/dev/null)
        status=$?
        case $status in
        0 | 1 | 65 | 74) ;;
        71) fail 71 "$run: prove: ckpt-verify lacks memory or descriptors" ;;
        *)
            fail_as ckpt-verify
            fail 70 "ckpt-verify: it ended with status $status"
            ;;
        esac
    fi
    files_like pruned.tsv data.tsv 'epoch-*.eval'
    # shellcheck disable=SC2086
    plan_from "$checkpoints" "$verified" $files
}

records_judge() {
    printf '%s\n' "$metrics" "$end" 2>/dev/null | on_records patience -f "$here/train/judge.awk" -v patience="$value" -v tell="$tell"
}

# Sets $metrics from the evaluations; from these $stop_after, $best and $choice, and $words on EPOCH.
judge() { # EPOCH
    tell=$1
    metrics='' stop_after=none words='' best=none choice=''
    look_into . "$run"
    files_like 'epoch-*.eval'
    [ -n "$files" ] || return 0
    # shellcheck disable=SC2086 # names without blanks
    try on_records metrics $files || fail_because READ "$run: read"
    metrics=$why
    value_of "$conf" patience
    try records_judge || fail_because READ "$run: judge"
    by_lines
    for line in $why; do
        case $line in
        'stop '*) stop_after=${line#* } ;;
        'told '*) words=${line#* } ;;
        'best '*) best=${line#* } ;;
        'choice '*) choice=${line#* } ;;
        esac
    done
    by_words
}

write_metrics() {
    [ -z "$metrics" ] || [ "$(cat metrics.tsv 2>/dev/null && echo "$end")" = "$metrics$nl$end" ] || publish_text metrics.tsv "$metrics"
}

# Did patience end before this epoch?
is_enough() { # EPOCH
    [ "$stop_after" != none ] && [ "$1" -gt "$stop_after" ]
}

# Before the first step that changes something: a run that has nothing left to do keeps its log as it is.
begin() { # WHY
    [ -z "$logging" ] || return 0
    begin_log
    log "$name: $1"
    start_timer
}

get_ready() {
    begin "goes on;$skipped"
    [ -z "$ready" ] || return 0
    ready=yes
    prove_data
    prove_beginning
}

train() { # FILE FROM EPOCH
    refuse_when_held
    get_ready
    going_on=''
    [ ! -e "$1.part" ] || going_on=', on from where it was stopped'
    say "epoch $3: training$going_on"
    operand_of train
    making=$1
    set -- -e "$every" --hold hold -o "$1" "$2" "$operand"
    value_of "$conf" partial-every
    [ "$value" -eq 0 ] || set -- --partial-every "$value" "$@"
    case $verbosity in 1) [ -t 2 ] || set -- -q "$@" ;; *) set -- -q "$@" ;; esac
    training=yes
    set -- "$programs/nn-train-epoch" -d "$device" ${threads:+-t "$threads"} "$@"
    if [ "$ranks" -gt 1 ]; then must_by_ranks "$@"; else must "$@"; fi
    training=''
}

# What the checkpoint says of itself, and what it achieves on SPLITS. False: that is of other data than the run's. The data must be proven
# again, and a checkpoint that was trained on it is gone.
evaluate() { # FILE SPLITS EPOCH
    get_ready
    clear_temporary
    {
        must "$programs/ckpt-info" "$1"
        for split in ${2#none}; do
            operand_of "$split"
            must "$programs/nn-eval" -q -d "$device" ${threads:+-t "$threads"} --split "$split" "$operand" "$1"
        done
    } >"$temporary" || cannot_write "$temporary"
    if ! is_of_our_data "$temporary" "$3"; then
        case $why in
        train) set_aside "$1" 'it was trained on other data than the run began with' ;;
        *) warn "$run/$1: evaluate: the set $why was not the data that the run began with" ;;
        esac
        ready=''
        changes=$((changes + 1))
        [ "$changes" -lt 3 ] || fail 65 "$data: evaluate: it changes again and again while it is read"
        return 1
    fi
    changes=0
    publish "${1%.safetensors}.eval"
    judge "$3"
    write_metrics
    say "$words"
}

# Not before it is known which checkpoint is the best; without a validation set that is the last.
prune() {
    find_policy
    [ -n "$policy" ] || return 0
    [ "$held_out" = 0 ] || [ "$best" != none ] || return 0
    status=75
    while [ "$status" -eq 75 ]; do # somebody prunes by hand just now: until that is done
        supervise flock . true 2>/dev/null
        [ -z "$stopping" ] || stop_here
        # shellcheck disable=SC2086 # its words are options
        supervise_logged "$programs/ckpt-prune" -q ${threads:+-t "$threads"} $policy . >/dev/null || exit 71
    done
    [ "$status" -eq 0 ] || end_as ckpt-prune
}

cannot_decide() {
    fail 74 "$run/$target: $detail; nothing is decided while it cannot be read"
}

# Sets $step, $target, $detail and $epoch to the fields of a line of the plan.
read_step() { # LINE
    by_words
    line=$1
    step=${line%%"$tab"*}
    line=${line#"$step"} && line=${line#"$tab"}
    target=${line%%"$tab"*}
    line=${line#"$target"} && line=${line#"$tab"}
    detail=${line%%"$tab"*}
    epoch=${line##*"$tab"}
}

# Do what the plan says; $again is set where it must be made anew afterwards.
follow_plan() {
    again='' skipped=''
    by_lines
    for line in $plan; do
        read_step "$line"
        [ -z "$stopping" ] || stop_here
        case $step in
        unreadable) cannot_decide ;;
        aside) begin 'goes on' && set_aside "$target" "$detail" ;;
        remove) begin 'goes on' && remove "$target" && say "$target: removed: $detail" ;;
        skip) skipped="$skipped $target;" && say "$target" ;;
        init) get_ready && init net.model -o "$target" ;;
        train) ! is_enough "$epoch" || break && train "$target" "$detail" "$epoch" ;;
        evaluate) evaluate "$target" "$detail" "$epoch" || { again=yes && break; } ;;
        prune) prune ;;
        again) again=yes ;;
        esac
    done
    by_words
}

show_plan() {
    by_lines
    for line in $plan; do
        read_step "$line"
        case $step in
        unreadable) cannot_decide ;;
        aside) show "$target: moved aside: $detail" ;;
        remove) show "$target: removed: $detail" ;;
        skip) show "$target" ;;
        init) show "$target: made from ${origin:-the model}" ;;
        train) ! is_enough "$epoch" || break && show "$target: trained from $detail" ;;
        evaluate) show "$target: evaluated ($detail)" ;;
        esac
    done
    by_words
}

conclude() {
    if is_enough "$epochs"; then
        value_of "$conf" patience
        say "$run: stopped after epoch $stop_after: $value epochs without a better validation accuracy; $choice"
    else
        say "$run: all $epochs epochs are done${choice:+; $choice}"
    fi
}

dry_run() {
    if is_there "$directory/run.conf"; then
        enter_run
        refuse_non_files
        ! is_there hold || show "$run: held"
        check_run
        make_plan
        judge none
    else
        prepare_run
        show "$run: made, on $data"
        stop_after=none
        plan_from 0 ''
    fi
    show_plan
}

train_run() {
    trap '' PIPE # that nobody reads messages any more is no reason to stop
    if ! is_there "$directory/run.conf"; then
        prepare_run
        try make_directory "$directory" || fail_because WRITE "$run: create"
    fi
    enter_run
    refuse_other_directory
    lock_run
    waste=$temporary
    tidy
    if is_there run.conf; then
        refuse_when_held
        check_run
    else
        make_run
    fi
    again=yes
    while [ -n "$again" ]; do
        make_plan
        judge none
        write_metrics
        follow_plan
    done
    conclude
}

act=train
parse_command_line '--hold --unhold' "$@"
refuse_hold_with_others
find_programs
listen
case $act,$dry in
train,) train_run ;;
train,*)
    shown=$(dry_run) || {
        status=$?
        [ -z "$stopping" ] || stop_here
        exit "$status"
    }
    print "$shown"
    ;;
*) hold_run ;;
esac
