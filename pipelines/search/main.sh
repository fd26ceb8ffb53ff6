# What sweep.sh and search.sh share: many runs of train.sh in one directory; for them to read in after train/start.sh.
#
# The directory has what was asked for (search.conf, trials.tsv), a run for each trial, and which trials have failed (failures.tsv). What is
# next follows from these whenever somebody asks: a worker asks, claims a trial by a lock, trains it, and asks again. So there
# may be any number of workers, children of one script or each a task of Slurm, and whichever is killed, nothing is lost.
#
# A script says what is next and what is its own:
#
#     decide          writes $stage/decisions, as hp-promote(1) prints them, from the table $table and $stage/records
#     find_goal MODEL sets `epochs` in $conf if the model says it, and refuses what the script cannot do with
#     own_keys        keys beside those of settings.sh and of train.sh, none of which a trial gets
#     refused         keys that no trial may have of its own
#     may_grow        not empty: the table may get more rows at its end
#     needs_all       not empty: that a trial has failed is a well-formed no
#     preview         prints, for -n, what all of it will cost
#     help            prints how it is used
# shellcheck shell=sh disable=SC2034,SC2154 # what one part sets, another uses

# shellcheck source=pipelines/search/settings.sh
. "$here/search/settings.sh" || exit 70
# shellcheck source=pipelines/search/decide.sh
. "$here/search/decide.sh" || exit 70
# shellcheck source=pipelines/search/work.sh
. "$here/search/work.sh" || exit 70

temporary=.rote-search.tmp
own_keys='' refused='' may_grow='' needs_all='' forked='' earliest=0 asked_model='' led=''
case $0 in /*) self=$0 ;; *) self=$start/$0 ;; esac

print_options() {
    cat <<END

  -c, --config FILE            settings, key=value lines; those of the command line come after them
  -h, --help                   print this and exit
      --hold                   begin no more trials from now on
  -n, --dry-run                print what there is to do, and do nothing
  -q, --quiet                  only errors on stderr
  -r, --run RUNS               the directory of the trials
      --unhold                 go on with them again
  -V, --version                print the version and exit
  -v, --verbose                say each step and decision, as on a terminal
      --worker                 be one of any number of workers on RUNS, none of which waits for the others

END
    print_keys
}

# Make the directory, or compare it with what is asked. Workers may come at the same time; who has workers is the only one.
open_search() {
    begin_log
    logging=''
    make_stage
    waste=$stage
    if ! is_there "$directory/$conf_name"; then
        prepare_search
        try make_directory "$directory" || fail_because WRITE "$run: create"
    fi
    enter_run
    refuse_other_directory
    case $act in
    --worker)
        refuse_non_files
        try create_if_missing lock || fail_because WRITE "$run/lock: create"
        ! is_locked . || led=yes
        ;;
    *) lock_run ;;
    esac
    take_turn
    tidy
    try make_directory claims || fail_because WRITE "$run/claims: create"
    refuse_when_held
    if is_there "$conf_name"; then check_search; else make_search; fi
    leave_turn
}

look() {
    take_turn
    decide_anew
    leave_turn
}

# Should this script alone be killed, its workers are told to stop.
watch_over_workers() {
    (
        trap '' HUP INT QUIT TERM USR1 XCPU
        tail --pid=$$ -f /dev/null
        tell_children
    ) >/dev/null 2>&1 6<&- 7<&- 8>&- 9>&- &
    watcher=$!
}

# They are told all that search.conf does not hold, and get the lock, which so lasts until they have ended.
start_workers() {
    has_value workers || value=$(nproc)
    count=$(grep -c '^[^#]' trials.tsv)
    [ "$value" -le "$count" ] || value=$count
    count=$value
    set -- env -C "$start" "$self" --worker -r "$run" "workers=$count"
    case $verbosity in -1) set -- "$@" -q ;; 1) set -- "$@" -v ;; esac
    for key in $unstored; do
        case $key in lock | workers) continue ;; esac
        value_of "$conf" "$key"
        set -- "$@" "$key=$value"
    done
    for worker in $(seq "$count"); do spawn "$@" 4>&9 6<&- 7<&- 8>&- 9>&-; done
    watch_over_workers
}

# Sets $worst: of an error, a stop, and trials that are held, the first that a worker has met.
await_workers() {
    worst=0
    for worker in $child; do
        await "$worker"
        ! is_signal "$status" || status=75
        case $status,$worst in
        0,* | 1,[67]? | 75,6? | 75,7[0-4]) ;;
        *) worst=$status ;;
        esac
    done
    kill -KILL "$watcher" 2>/dev/null
    watcher=''
}

# What has come of it: what failed, and the best of the others.
conclude() {
    look
    [ -z "$stopping" ] || stop_here
    case $worst,$todo in
    0, | 1, | 75,) ;;
    0,* | 75,*) fail 75 "$run: not all is done; the same line again goes on" ;;
    1,*) leave_held ;;
    *) exit "$worst" ;;
    esac
    by_lines
    for line in $failures; do "$voice" "$run: $line"; done
    by_words
    value_of "$conf" metric
    if ! tell_best "$value"; then
        case $failures,$needs_all in
        ,yes) say "$run: all trials are done; without a validation set none of them is the best" ;;
        *) fail 1 "$run: no trial has a checkpoint with a finite ${value#valid.}" ;;
        esac
    fi
    [ -z "$failures" ] || [ -z "$needs_all" ] || exit 1
}

# Who looks again when all is done is told nothing new: cron would mail it every night.
control() {
    worst=0 voice=say
    look
    if [ -n "$todo" ]; then
        voice=warn
        start_workers
        await_workers
    fi
    conclude
}

# As if nothing had been decided yet.
dry_search() {
    trap on_exit EXIT # anew, for a subshell
    make_stage
    waste=$stage
    if is_there "$directory/$conf_name"; then
        enter_run
        refuse_non_files
        ! is_there hold || show "$run: held"
        check_search
    else
        prepare_search
        show "$run: made, with trials on $data"
        mkdir "$stage/empty" || fail 73 "$stage: create: it could not be written"
        cd "$stage/empty" || fail 74 "$stage: enter: it cannot be entered"
    fi
    preview
    decide_anew
}

search_main() { # ARGUMENT...
    unstored="$unstored workers"
    keys=$own_keys$many_keys$nl$keys
    act=control
    parse_command_line '--worker --hold --unhold' "$@"
    case $run in *"$nl"*) usage "-r $run: its name has a line break, which nobody could read in a log" ;; esac
    refuse_hold_with_others
    find_programs
    listen
    trap '' PIPE
    if [ -n "$dry" ]; then
        [ "$act" = control ] || usage "$act: it does not go with -n"
        shown=$(dry_search) || {
            status=$?
            [ -z "$stopping" ] || stop_here
            exit "$status"
        }
        print "$shown"
        return
    fi
    case $act in *hold) hold_run && return ;; esac
    open_search
    case $act in
    --worker) work ;;
    *) control ;;
    esac
}
