# To be read in by check.sh and run.sh: suites, run side by side and added up.
#
#     RESULTS=directory                     # a log and a count for each suite
#     printf '%s\n' 'NAME COMMAND' ... | run_suites
#     total                                 # "N passed, N failed" alone on the last line; non-zero if any failed
#
# A suite is a line of shell whose first word is its name. Its checks are the lines of TAP that it prints ("ok ...", "not ok ...");
# without any it is one check, its exit status. A status that no check explains is one more that failed.
# shellcheck shell=sh

export RESULTS

# suite 'NAME COMMAND': run it and report it. Exported to xargs as text, for want of functions that travel.
suite='
    name=${1%% *}
    log=$RESULTS/$(printf %s "$name" | tr / -)
    begin=$(date +%s)
    sh -c "${1#* }" >"$log.log" 2>&1 </dev/null
    status=$?
    passed=$(grep -c "^ok" "$log.log")
    failed=$(grep -c "^not ok" "$log.log")
    if [ "$status" -ne 0 ] && [ "$failed" -eq 0 ]; then failed=1; fi
    if [ $((passed + failed)) -eq 0 ]; then passed=1; fi
    printf "%s\t%s\t%s\n" "$name" "$passed" "$failed" >"$log.count"
    {
        printf "%s: %s passed, %s failed, %s s\n" "$name" "$passed" "$failed" $(($(date +%s) - begin))
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

# The suites on the programs of $BUILD, for run_suites; on stderr which are left out for want of a tool.
check_suites() {
    if have bats 'every .bats suite'; then
        for file in tests/*.bats; do
            name=${file##*/}
            echo "${name%.bats} bats --tap --print-output-on-failure $file"
        done
    fi
    for test in "$BUILD"/tests/*-test; do
        name=${test##*/}
        echo "unit/${name%-test} \"\$BUILD\"/tests/$name"
    done
    echo 'includes tests/layers.sh'
    have mandoc 'the suite of man pages' && echo 'manual tests/pages.sh'
    have shellcheck 'the check of shell files' && echo "shellcheck git ls-files '*.sh' '*.bash' '*.bats' .ci/run | xargs shellcheck"
    return 0
}
