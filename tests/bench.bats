# tests/bench: its scripts measure what they say, here on little data, so that no figure means anything.

bats_require_minimum_version 1.5.0
load helpers

# MNIST's names for the fixtures' data.
name_set() {
    [[ -x /usr/bin/time ]] || skip 'there is no /usr/bin/time'
    mkdir mnist
    for file in images-idx3 labels-idx1; do
        ln -s "$DATA/train-$file-ubyte" mnist
        ln -s "$DATA/test-$file-ubyte" "mnist/t10k-$file-ubyte"
    done
    export ROTE_MNIST=mnist ROTE_TORCH=false
}

# The tables of the last `run` have rows for all of these, and numbers in their second column.
assert_rows() { # REGULAR-EXPRESSION...
    local row
    for row; do
        grep -Eq "^\| ${row}[^|]* \| -?[0-9.]+ \|" <<<"$output" && continue
        printf "no row '%s' in:\n%s\n" "$row" "$output"
        return 1
    done
}

@test "run.sh fills the table of targets, without PyTorch too" {
    name_set
    run -0 "$ROOT/tests/bench/run.sh" -r 1 -t 2 targets
    assert_rows 'mnist-cnn, batch 64' 'mlp' 'one-epoch, batch 256' 'mnist-cnn, 200 pictures' 'mnist-cnn, one epoch as a whole run' \
        'one-epoch as a whole run' 'mnist-cnn, resident memory'
}

@test "run.sh measures how long programs take to start" {
    name_set
    run -0 "$ROOT/tests/bench/run.sh" starts
    assert_rows 'true' 'nn-train-epoch -V' 'ckpt-verify on it'
}

@test "run.sh refuses a part that there is not before it measures anything" {
    name_set
    run -64 "$ROOT/tests/bench/run.sh" starts ends
    [[ -z $output ]]
}

@test "growth.sh measures batches, threads, samples and sizes of pictures" {
    name_set
    run -0 "$ROOT/tests/bench/growth.sh" -r 1 -n 60
    assert_rows 16 1024 1 "$((4 * $(nproc)))" 600 6000 '28 x 28' '128 x 128'
}

@test "many.sh measures what many runs and many bytes cost" {
    [[ -x /usr/bin/time ]] || skip 'there is no /usr/bin/time'
    run -0 "$ROOT/tests/bench/many.sh" -r 1 -n 3 -c 2
    assert_rows 'cat, of' 'ckpt-info' 'ckpt-best' 'ckpt-prune -n -l 1' 'ckpt-verify --chain' 'b2sum' 'ckpt-verify -t 1'
}

@test "search.py measures decisions, and what searches find" {
    run -0 "$ROOT/tests/bench/search.py" 1000
    assert_rows 1000 aggressive standard conservative 'aggressive, synchronous'
}

@test "neither leaves anything behind, nor begins without MNIST" {
    name_set
    unset ROTE_MNIST
    mkdir temporary
    TMPDIR=$PWD/temporary run -2 "$ROOT/tests/bench/run.sh"
    assert_error 'ROTE_MNIST'
    [[ -z $(ls temporary) ]]
}
