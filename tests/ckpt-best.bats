# ckpt-best: the best by a recorded metric, in whatever order the records come, and only if it is there.
bats_require_minimum_version 1.5.0
load helpers
load checkpoints
load runs

setup_file() {
    train_run
}

setup() {
    cd "$BATS_TEST_TMPDIR" || return
    cp -r "$BATS_FILE_TMPDIR/run" a
}

# best EXPECTED ARGUMENT...: paths of the epochs that are expected, the best first.
best() {
    local expected='' epoch
    for epoch in $1; do
        expected+=$(checkpoint a "$epoch")$'\n'
    done
    shift
    run --separate-stderr -0 ckpt-best "$@"
    printf '%s\n' "$output"
    [ "$output" = "${expected%$'\n'}" ]
}

@test "the largest validation accuracy is best" {
    evaluate a 0.7 0.9 0.8 0.6
    best 2 a
}

@test "a directory's name may end in a slash" {
    evaluate a 0.7 0.9 0.8 0.6
    best 2 a/
}

@test "a key that ends in loss: the smallest" {
    evaluation a 1 0.5 0.25 >a/one.eval
    evaluation a 2 0.5 0.125 >a/two.eval
    best 2 -k valid.loss a
}

@test "--max and --min stand over the name" {
    evaluate a 0.7 0.9 0.8 0.6
    best 4 --min a
    evaluation a 1 0.5 0.25 >a/epoch-0001.eval
    evaluation a 2 0.5 0.125 >a/epoch-0002.eval
    rm a/epoch-000[34].eval
    best 1 --max -k valid.loss a
}

@test "a key whose name tells no direction needs --min or --max" {
    evaluate a 0.7 0.9 0.8 0.6
    run -64 ckpt-best -k epoch a
    assert_error 'ckpt-best: -k epoch: its name does not say what is best; add --min or --max'
    best 4 -k epoch --max a
}

@test "-N prints that many, the best first, and fewer where there are no more" {
    evaluate a 0.7 0.9 - 0.6
    best '2 1' -N 2 a
    best '2 1 4' -N 9 a
}

@test "a count that is none is refused" {
    run -64 ckpt-best -N 0 a
    run -64 ckpt-best -N two a
    assert_error '-N two: not a count of at least 1'
}

@test "what is not finite is never best, whichever end is" {
    evaluate a nan 0.5 inf -inf
    best 2 a
    best 2 --min a
}

@test "without a finite value the answer is no" {
    evaluate a nan inf
    run -1 ckpt-best a
    assert_error 'no checkpoint has a finite valid.accuracy'
}

@test "without a record of the key the answer is no, and other keys are pointed to" {
    evaluate a 0.5
    run -1 ckpt-best -k test.accuracy a
    assert_error 'no checkpoint has a recorded test.accuracy; -k chooses by another column'
}

@test "a run without records has no best" {
    run -1 ckpt-best a
}

@test "ties go to the earlier epoch" {
    evaluate a 0.5 0.75 0.75 0.75
    best 2 a
}

@test "the order of the records does not matter" {
    evaluate a 0.7 0.9 0.9 0.6
    for epoch in 1 2 3 4; do
        sed 's/^epoch/a\/epoch/' a/epoch-000$epoch.eval >$epoch
    done
    best '2 3 1 4' -N 4 1 2 3 4
    best '2 3 1 4' -N 4 4 3 2 1
    best '2 3 1 4' -N 4 3 1 4 2 3
}

@test "metrics.tsv counts like the evaluations" {
    {
        printf '#epoch\tpath\tdigest\tvalid.accuracy\n'
        for epoch in 1 2 3; do
            printf '%d\tepoch-000%d.safetensors\t%s\t0.%d\n' $epoch $epoch "$(digest_of "$(checkpoint a $epoch)")" $epoch
        done
    } >a/metrics.tsv
    best 3 a
    evaluate a 0.1
    best '3 2 1' -N 3 a
}

@test "a checkpoint that is not there is passed over" {
    evaluate a 0.7 0.9 0.8 0.6
    rm a/epoch-0002.safetensors
    best 3 a
    run --separate-stderr -0 ckpt-best -v a
    assert_error 'a/epoch-0002.safetensors: pass over: it is not there'
}

@test "when none is there the answer is no" {
    evaluate a 0.7 0.9
    rm a/epoch-000[12].safetensors
    run -1 ckpt-best a
    assert_error 'no checkpoint with a finite valid.accuracy is there'
}

@test "another checkpoint under the name of the best is not the best" {
    evaluate a 0.7 0.9 0.8 0.6
    cp a/epoch-0001.safetensors a/epoch-0002.safetensors
    best 3 a
    assert_error 'a/epoch-0002.safetensors: pass over: it is not the checkpoint that the records speak of'
}

@test "a file that is no checkpoint is passed over, and named" {
    evaluate a 0.7 0.9 0.8 0.6
    echo nonsense >a/epoch-0002.safetensors
    best 3 a
    assert_error 'a/epoch-0002.safetensors: '
}

@test "a best one that cannot be read is an error, not a reason for another" {
    evaluate a 0.7 0.9 0.8 0.6
    ln -sf /proc/self/mem a/epoch-0002.safetensors
    run -74 ckpt-best a
    assert_error 'a/epoch-0002.safetensors: read: input/output error'
}

@test "one checkpoint under two names counts once, by the name that is there" {
    evaluate a 0.7 0.9 0.8 0.6
    sed 's/epoch-0002/copy/' a/epoch-0002.eval >a/copy.eval
    best '2 3' -N 2 a
    cp a/epoch-0002.safetensors a/copy.safetensors
    run -0 ckpt-best -N 2 a
    [ "$output" = a/copy.safetensors$'\n'a/epoch-0003.safetensors ]
    rm a/epoch-0002.safetensors
    run -0 ckpt-best -N 2 a
    [ "$output" = a/copy.safetensors$'\n'a/epoch-0003.safetensors ]
}

@test "records come from stdin without operands, and for -" {
    evaluate a 0.7 0.9
    cd a
    run -0 ckpt-best <epoch-0001.eval
    [ "$output" = epoch-0001.safetensors ]
    run -0 ckpt-best epoch-0001.eval - <epoch-0002.eval
    [ "$output" = epoch-0002.safetensors ]
}

@test "an evaluation with other columns and of other things is no matter" {
    evaluate a 0.7 0.9
    nn-eval -c -e --split test "$DATA/test" a/epoch-0001.safetensors a/epoch-0002.safetensors >records
    best 2 a records
    run -0 ckpt-best -k test.accuracy records
}

@test "-0 ends paths with NUL, -j prints records" {
    evaluate a 0.5
    ckpt-best -0 a | cmp - <(printf 'a/epoch-0001.safetensors\0')
    run -0 ckpt-best -j a
    [ "$output" = "{\"path\":\"a/epoch-0001.safetensors\",\"digest\":\"$(digest_of a/epoch-0001.safetensors)\",\"epoch\":1,\"valid.accuracy\":0.5}" ]
}

@test "records that disagree are refused" {
    evaluate a 0.5
    evaluation a 1 0.6 >a/again.eval
    run -65 ckpt-best a
    assert_error 'a/epoch-0001.safetensors: judge: records disagree on its valid.accuracy'
}

@test "records that cannot be read are refused" {
    evaluate a 0.5
    echo torn >>a/epoch-0001.eval
    run -65 ckpt-best a
    assert_error 'a/epoch-0001.eval:3: read: 1 columns where the header has 6'
    run -66 ckpt-best nowhere
    assert_error 'nowhere: open: no such file or directory'
}

@test "a value that is no number is refused" {
    evaluate a high
    run -65 ckpt-best a
    assert_error "a/epoch-0001.safetensors: judge: its valid.accuracy is 'high', which is no number"
}

@test "a full stdout is an error" {
    evaluate a 0.5
    run -74 sh -c 'ckpt-best a >/dev/full'
}

@test "--min and --max at once are a usage error" {
    evaluate a 0.5
    run -64 ckpt-best --min --max a
    assert_error 'ckpt-best: --min and --max: only one of them can hold'
}
