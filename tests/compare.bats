# rote-compare: a table of networks and sizes, a sweep of it, and a page of the runs.

bats_require_minimum_version 1.5.0
load helpers
load train
load trials

setup_file() {
    :
}

setup() {
    cd "$BATS_TEST_TMPDIR" || return
}

compare() { # OPTION|KEY=VALUE...
    rote-compare -r runs data="$DATA" models="compare-mlp $MODEL" sizes='50 100' val=100 "$@" 3>&-
}

@test "each network is trained on each number of samples, and one page tells of all; the same line again goes on" {
    compare epochs=1 sizes=50
    cmp runs/trials.tsv <<END
#trial	model	samples
mlp-50	compare-mlp	50
net-50	$MODEL	50
END
    for trial in mlp-50 net-50; do
        grep -q "runs/$trial" runs/compare.html
        [ "$(grep -c ^1 runs/$trial/metrics.tsv)" = 1 ]
    done
    cp runs/compare.html before.html
    compare epochs=1 sizes=50
    assert_same before.html runs/compare.html
    assert_no_leftovers runs
    run -65 compare
    assert_error 'runs/trials.tsv: change: other networks or sizes are asked for'
}

@test "-n says what there is to do, and writes nothing" {
    run -0 compare -n epochs=1 sizes='50 all'
    assert_output_has 'mlp-all: run up to epoch 1'
    assert_missing runs
}

@test "bad settings are refused, and a stop ends with 75" {
    run -64 compare sizes='50 many'
    assert_error 'sizes=50 many: many: neither a number nor all'
    run -64 compare samples=50
    run -64 compare models=
    run -66 compare models=nothing
    assert_missing runs
    own_programs
    put_program nn-train-epoch <<'END'
trap 'exit 75' TERM
: >../../begun
while :; do sleep 0.05; done
END
    rote-compare -v -r runs data="$DATA" models="$MODEL" sizes=50 val=100 2>messages 3>&- &
    timeout 60 sh -c 'until [ -e begun ]; do sleep 0.01; done'
    kill -TERM $!
    wait $! || [ $? = 75 ]
    grep 'rote-compare: stopped by a signal; the same line again goes on' messages
    assert_missing runs/compare.html
}
