# For the suites of rote-sweep and rote-search, as `load trials` after `load helpers` and `load train`: tables of trials, small runs of
# them, and what to compare.

# table NAME=VALUE...: the file trials.tsv, a trial a word, with what its optimizer.lr is.
table() {
    local trial
    {
        printf '#trial\toptimizer.lr\n'
        for trial; do printf '%s\t%s\n' "${trial%%=*}" "${trial#*=}"; done
    } >trials.tsv
}

# Options come after those of all, and may name another directory.
sweep() { # OPTION|KEY=VALUE...
    rote-sweep -v -r runs data="$DATA" model="$MODEL" samples=100 val=100 "$@" 3>&-
}

search() { # OPTION|KEY=VALUE...
    rote-search -v -r runs data="$DATA" model="$MODEL" samples=100 val=100 promote='--divisor 2 --mode aggressive' "$@" 3>&-
}

# The same decisions, and the same bytes in every run; run.conf names the directory.
assert_same_trials() { # A B
    cmp "$1/decisions.tsv" "$2/decisions.tsv" && diff -r -x log -x lock -x claims -x decisions.lock -x search.conf -x run.conf "$1" "$2"
}

# The trial of the run in which a program runs that stands in for the real one.
of_trial() { # NAME
    echo "case \$PWD in */runs/$1) ;; *) exec \"\$real\" \"\$@\" ;; esac"
}

# state_of_trial NAME: what is decided on it.
state_of_trial() {
    awk -F '\t' -v trial="$1" '$1 == trial { print $2 }' runs/decisions.tsv
}

failures_of() { # TRIAL
    grep -c "^$1	" runs/failures.tsv
}

# assert_quiet_rerun PROGRAM: of what is done it changes nothing, and tells nobody.
assert_quiet_rerun() {
    cp -a "$DONE/runs" runs
    state_of runs | grep -v 'lock' >before
    "$1" -r runs 2>messages
    [ ! -s messages ]
    state_of runs | grep -v 'lock' | diff before -
}

# lives_on PROCESS MOST: does it, after a random part of MOST milliseconds?
lives_on() {
    timeout "$(awk -v most="$2" -v draw=$RANDOM 'BEGIN { printf "%.3f", most * draw / 32768 / 1000 }')" \
        tail -s 0.1 --pid="$1" -f /dev/null || : # or until it has ended
    kill -s 0 "$1" 2>/dev/null
}

# disturb MOST COMMAND...: run it in a session of its own, and at a random moment of the first MOST milliseconds kill all of it, or the
# script alone; or tell all to stop; or kill a child of its alone, and then disturb the rest likewise. $disturbed counts how often. What it
# then may not end with is told on stderr.
disturbed=0
disturb() {
    local most=$1 group status=0 child over=''
    shift
    setsid "$@" 3>&- &
    group=$!
    while [ -z "$over" ] && lives_on "$group" "$most"; do
        child=$(cut -d ' ' -f 1 "/proc/$group/task/$group/children" 2>/dev/null) || :
        disturbed=$((disturbed + 1)) over=yes
        case $((RANDOM % 4)) in
        0) kill -s KILL -- "-$group" ;;
        1) kill -s KILL "$group" ;;
        2) kill -s KILL "${child:-$group}" && over='' ;;
        *) kill -s TERM -- "-$group" ;;
        esac 2>/dev/null || :
    done
    wait "$group" 2>/dev/null || status=$?
    case $status in 0 | 75 | 137 | 143) ;; *) echo "status $status" >&2 ;; esac
}
