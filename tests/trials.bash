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
    assert_same "$1/decisions.tsv" "$2/decisions.tsv" && diff -r -x log -x lock -x claims -x decisions.lock -x search.conf -x run.conf "$1" "$2"
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
