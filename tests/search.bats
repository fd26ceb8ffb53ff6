# rote-search trains what hp-promote says, and no more; whatever is stopped or fails, the decisions and the bytes are the same in the end.

bats_require_minimum_version 1.5.0
load helpers
load train
load trials

setup_file() {
    cd "$BATS_FILE_TMPDIR" || return
    sed 's/^optimizer.*/optimizer sgd lr=0.1/; s/batch=32/batch=8/' "$MODEL" >sgd.model
    table a=0.01 b=0.2 diverges=100000 c=0.05
    search trials=trials.tsv model=sgd.model epochs=2 2>messages
}

setup() {
    cd "$BATS_TEST_TMPDIR" || return
    DONE=$BATS_FILE_TMPDIR
    cp "$DONE/trials.tsv" "$DONE/sgd.model" .
}

@test "trials are trained as far as hp-promote says, and their runs are enough to decide it again" {
    (
        cd "$DONE/runs" || exit
        for trial in a b c; do
            sed "s/^/$trial\t/; s/^$trial\t#/#trial\t/" $trial/metrics.tsv
        done
        printf '#trial\tepoch\tfailed\ndiverges\t0\t%s\n' "$(grep '^diverges' failures.tsv | cut -f 4)"
    ) >records
    hp-promote --divisor 2 --mode aggressive --epochs 2 trials.tsv records | cmp - "$DONE/runs/decisions.tsv"
    [ "$(find "$DONE/runs" -name epoch-0002.safetensors | wc -l)" -lt 3 ]
}

@test "each decision is told once, with its reason, also in the log" {
    [ "$(grep -c 'a: run up to epoch 1: ' "$DONE/messages")" = 1 ]
    [ "$(grep -c 'b: run up to epoch 1: ' "$DONE/runs/log")" = 1 ]
    grep -q ': stop up to epoch 1: not among the best' "$DONE/runs/log"
}

@test "a trial whose loss is not finite is worst, is never trained again, and is reported" {
    [ "$(grep -c '^diverges' "$DONE/runs/failures.tsv")" = 1 ]
    grep -q 'runs: diverges: failed: nn-train-epoch: .* is not finite: the training diverges' "$DONE/messages"
    [ "$(grep -c ' is the best: ' "$DONE/messages")" = 1 ]
}

@test "a trial that has failed is not the best, whatever it had before" {
    own_programs
    { of_trial b && echo '[ -e epoch-0001.eval ] || exec "$real" "$@"; exit 65'; } | put_program nn-train-epoch
    table a=0.0001 b=0.05
    run -0 search trials=trials.tsv model=sgd.model epochs=2 promote='--brackets 1'
    [ "$(awk -F '\t' 'NR == 2 { print $7 }' runs/b/metrics.tsv)" != none ]
    assert_output_has 'b: it failed after epoch 1, with status 65'
    assert_output_has 'runs: a/epoch-000'
}

@test "where no trial has come to anything it ends with 1" {
    table diverges=100000
    run -1 search trials=trials.tsv model=sgd.model epochs=1
    assert_error 'runs: diverges: failed'
    assert_error 'runs: no trial has a checkpoint with a finite accuracy'
}

@test "a rerun of what is done changes nothing and tells nobody" {
    assert_quiet_rerun rote-search
}

@test "decisions.tsv is believed by nobody: without it, or with another one, it is made again" {
    cp -a "$DONE/runs" runs
    rm runs/decisions.tsv
    rote-search -r runs
    assert_same "$DONE/runs/decisions.tsv" runs/decisions.tsv
    printf '#trial\tstate\na\tdone\n' >runs/decisions.tsv
    rote-search -r runs
    assert_same_trials "$DONE/runs" runs
}

@test "killed, stopped or told to stop at any moment it comes to the same decisions and bytes" {
    run -0 timeout 100 "$ROOT/tests/fault/search.sh" 2
    assert_output_has 'ok 1 - '
}

@test "-n says what it will cost, and of one that is there what is decided, and writes nothing" {
    run -0 search -n trials=trials.tsv model=sgd.model epochs=2
    assert_output_has $'#bracket\trung\tepochs\ttrials\texpected'
    assert_output_has 'c: run up to epoch 1: begun'
    assert_missing runs
    cp -a "$DONE/runs" runs
    state_of runs >before
    run -0 rote-search -n -r runs
    assert_output_has 'diverges: failed: '
    state_of runs | cmp - before
}

@test "what decisions depend on cannot be changed" {
    cp -a "$DONE/runs" runs
    for setting in epochs=3 metric=valid.loss promote= seed=3; do
        run -65 rote-search -r runs "$setting"
        assert_error "runs: change ${setting%%=*}: it decides what is trained"
    done
    echo d=3 >>trials.tsv
    run -65 rote-search -r runs trials=trials.tsv
    rote-search -r runs keep='-l 1' restarts=0 workers=1
    grep -qx "keep=-l 1" runs/search.conf
    run -65 rote-sweep -r runs
    assert_error 'runs/search.conf: promote: it is there: another script than rote-sweep made the directory'
}

@test "what a search cannot do with is refused before anything is made" {
    run -64 search trials=trials.tsv model=sgd.model promote='--mode none'
    assert_error 'hp-promote: --mode none: '
    for setting in patience=1 eval-every=2 val=0 promote='-k valid.loss' promote='--preview /etc' metric=test.accuracy; do
        run -64 search trials=trials.tsv model=sgd.model "$setting"
    done
    for setting in -j -qkepoch --preview --version; do
        run -64 search trials=trials.tsv model=sgd.model promote="--divisor 2 $setting"
        assert_error "promote=--divisor 2 $setting: not all of it decides who goes on"
    done
    printf '#trial\tepochs\na\t1\n' >trials.tsv
    run -65 search trials=trials.tsv model=sgd.model
    assert_error 'runs/trials.tsv: epochs: no trial can have its own'
    assert_missing runs
}

@test "a model file that is changed later changes no trial" {
    table a=0.01 b=0.2
    search trials=trials.tsv model=sgd.model epochs=1 --worker
    cp -a runs first
    rm -r runs/b
    echo 'ema 0.9' >>sgd.model
    rote-search -r runs
    assert_same first/b/epoch-0001.safetensors runs/b/epoch-0001.safetensors
    run -65 search model=sgd.model
    assert_error "sgd.model with another text' is asked for"
}
