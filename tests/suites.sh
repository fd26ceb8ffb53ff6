# To be read in by check.sh and run.sh: suites, run side by side and added up.
#
#     RESULTS=directory                     # a log and a count for each suite
#     printf '%s\n' 'NAME COMMAND' ... | run_suites
#     total                                 # "N passed, N failed" alone on the last line; non-zero if any failed
#
# A suite is a line of shell whose first word is its name. Its checks are the lines of TAP that it prints ("ok ...", "not ok ...");
# without any it is one check, its exit status. A status that no check explains is one more that failed.
# shellcheck shell=sh

SUITE_SECONDS=900 # the most that one may take
export RESULTS SUITE_SECONDS

# suite 'NAME COMMAND': run it and report it. Exported to xargs as text, for want of functions that travel.
suite='
    name=${1%% *}
    log=$RESULTS/$(printf %s "$name" | tr / -)
    begin=$(date +%s)
    timeout --foreground "$SUITE_SECONDS" env --default-signal sh -c "${1#* }" >"$log.log" 2>&1 </dev/null # nohup(1) ignores HUP
    status=$?
    if [ "$status" -eq 124 ]; then echo "not ok - it took more than $SUITE_SECONDS seconds" >>"$log.log"; fi
    skipped=$(grep -c "^ok.* # skip" "$log.log")
    passed=$(($(grep -c "^ok" "$log.log") - skipped))
    failed=$(grep -c "^not ok" "$log.log")
    if [ "$status" -ne 0 ] && [ "$failed" -eq 0 ]; then failed=1; fi
    if [ $((passed + failed + skipped)) -eq 0 ]; then passed=1; fi
    printf "%s\t%s\t%s\n" "$name" "$passed" "$failed" >"$log.count"
    {
        printf "%s: %s passed, %s failed, %s s\n" "$name" "$passed" "$failed" $(($(date +%s) - begin))
        grep "^ok.* # skip" "$log.log" | sed "s/^/    /"
        if [ "$failed" -ne 0 ]; then grep -v "^ok" "$log.log" | tail -n 60 | sed "s/^/    /"; fi
    } >"$log.report"
    flock "$RESULTS" cat "$log.report"
'

# Suites from stdin, one a line; as many at once as there are processors.
run_suites() {
    xargs -d '\n' -n 1 -P "$(nproc)" sh -c "$suite" suite
}

# Name the suites with failures, then print the sum.
total() {
    cat "$RESULTS"/*.count | awk -F '\t' '
        $3 { print $1 ": " $3 " failed" }
        { passed += $2; failed += $3 }
        END { printf "%d passed, %d failed\n", passed, failed; exit failed != 0 || passed == 0 }'
}

have() {
    command -v "$1" >/dev/null && return
    echo "$2 is left out: there is no $1" >&2
    return 1
}

shell_files() {
    find .ci contrib pipelines tests -type f \( -name '*.sh' -o -name '*.sbatch' -o -name '*.bash' -o -name '*.bats' -o -path '.ci/*' \) | sort
}

# bats_suites FILE...: as suites, with what stands before a name in $1.
bats_suites() {
    prefix=$1
    shift
    for file; do
        name=${file##*/}
        echo "$prefix${name%.bats} bats --tap --print-output-on-failure $file"
    done
}

# clang-tidy, but for the checks given: a suite for each folder of C sources, so that they share the processors.
tidy_suites() { # NAME -CHECKS
    mpi=$(mpicc --showme:compile 2>/dev/null | sed 's/-I/-isystem /g')
    for folder in cmd libcommon/*/; do
        sources=$(find "$folder" -name '*.c' | tr '\n' ' ')
        [ -z "$sources" ] ||
            echo "$1/$(basename "$folder") clang-tidy --quiet --checks='$2' $sources -- -std=c11 -D_GNU_SOURCE -Ilibcommon -isystem build/gcc/generated $mpi"
    done
}

# With the programs of build/sanitized. What a program has not freed when it ends is no leak.
sanitized_bats() { # FILE...
    bats_suites sanitized/ "$@" |
        sed "s|^[^ ]* |&ASAN_OPTIONS=detect_leaks=0 BUILD='$PWD/build/sanitized' ROTE_FIXTURES='$RESULTS/sanitized' |"
}

unit_suites() {
    for test in "$1"/tests/*-test; do
        name=${test##*/}
        echo "$2${name%-test} '$test'"
    done
}

# The suites on the programs of $BUILD, for run_suites; on stderr which are left out for want of a tool.
check_suites() {
    if have bats 'every .bats suite'; then bats_suites '' tests/*.bats; fi
    unit_suites "$BUILD" unit/
    echo 'includes tests/layers.sh'
    echo 'mathematics tests/symbols.sh'
    echo 'digests tests/golden.sh'
    echo "kernels '$BUILD/tests/bench/kernels' 0.001"
    if have mandoc 'the suite of man pages'; then echo 'manual tests/pages.sh'; fi
    if have shellcheck 'the look at shell files'; then echo "shellcheck shellcheck $(shell_files | tr '\n' ' ')"; fi
}

# A filter: the heavy ones of them take long, by much that others do, too.
choose_suites() { # heavy|light
    case $1 in heavy) set -- -E ;; *) set -- -vE ;; esac
    grep "$@" '^(bench|borrowed-choice|borrowed-resume|drill|report|sweep) '
}

# The matrices of tests/fault and tests/fuzz, and how much of each is tried: a sample in run.sh, more in .ci/run, all in check-long.sh.
# "-" is nothing, and "." no count: then it is all.
matrices='
kill|tests/fault/kill.py|60|700|.
errors|tests/fault/errors.py|60|3000|.
signals|tests/fault/signals.py|30|1300|.
kill-sweeps|tests/fault/kill.py|-|20 sweep search|800 sweep search
errors-sweeps|tests/fault/errors.py|3 sweep|40 sweep search|1200 sweep search
signals-sweeps|tests/fault/signals.py|3 sweep|30 sweep search|2000 sweep search
power|tests/fault/power.py|40|.|.
power-twice|tests/fault/power.py|twice ckpt-prune|60 twice|twice
power-disk|tests/fault/power_disk_test.py|.|-|-
moments-KILL|tests/fault/moments.sh|20 KILL|100 KILL|2000 KILL
moments-TERM|tests/fault/moments.sh|20 TERM|100 TERM|500 TERM
prune|tests/fault/prune.py|1000|18000|100000
prune-many|tests/fault/prune_many.py|150|4000|20000
best|tests/fault/best.py|500|10000|100000
promote|tests/fault/promote.py|60|2000|20000
search|tests/fault/search.sh|-|15|100
settings|tests/fuzz/settings.py|40|500|10000'

fuzzers='checkpoint gzip idx minisign model picture predictor promote records registry run safetensors search words'

matrix_suites() { # sample|more|all
    printf '%s\n' "$matrices" | awk -F '|' -v what="$1" '
        BEGIN { column = what == "sample" ? 3 : what == "more" ? 4 : 5 }
        NF && $column != "-" { print "fault/" $1, $2, $column == "." ? "" : $column }'
}

fuzz_suites() { # SECONDS | -n EXECUTIONS
    for fuzzer in $fuzzers; do
        echo "fuzz/$fuzzer tests/fuzz/run.sh $* $fuzzer"
    done
}
