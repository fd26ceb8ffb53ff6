# rote-train: a fork is a run of its own that goes on from another one's checkpoint, under other settings or the same.

bats_require_minimum_version 1.5.0
load helpers
load train

# fork KEY=VALUE...: ./b from the second epoch of ./four, without the settings of train().
fork() {
    rote-train -v -r b --fork four@2 "$@" 3>&-
}

setup() {
    cd "$BATS_TEST_TMPDIR" || return
    TWO=$BATS_FILE_TMPDIR/two
    cp -r "$BATS_FILE_TMPDIR/four" four
}

# The columns of metrics but for path and digest, from epoch 3 on.
figures() { # RUN
    awk -F '\t' '$1 > 2 { $2 = $3 = ""; print }' "$1/metrics.tsv"
}

parent_of() { # FILE
    ckpt-info "$1" | awk -F '\t' '!/^#/ { print $3 }'
}

@test "a fork that changes nothing trains what the other run trains" {
    fork
    diff <(figures four) <(figures b)
    [ "$(parent_of b/epoch-0002.safetensors)" = "$(ckpt-info four/epoch-0002.safetensors | awk -F '\t' '!/^#/ { print $2 }')" ]
    assert_missing b/epoch-0000.safetensors
    assert_missing b/epoch-0002.eval
    run -0 ckpt-verify b
    assert_same b/net.model four/net.model
    assert_same b/train.list four/train.list
    grep -qx "fork=$PWD/four@2" b/run.conf
    assert_no_leftovers
}

@test "a fork has the settings of its run, but for those that are given" {
    fork optimizer.lr=0.001 epochs=3 eval-every=3
    for setting in samples=200 val=100 optimizer.lr=0.001 epochs=3 eval-every=3 init=; do grep -qx "$setting" b/run.conf; done
    run ! diff <(figures four) <(figures b)
    assert_missing b/epoch-0004.safetensors
    run -0 ckpt-verify b
    rote-train -r c --fork b@3 epochs=4 3>&-
    grep -qx 'optimizer.lr=0.001' c/run.conf
    grep -qx "fork=$PWD/b@3" c/run.conf
    run -0 ckpt-verify c
}

@test "a fork takes the model text that its run has, also when the file of that name is another by now" {
    sed 's/^dropout.*/dropout 0.5/' "$MODEL" >own.model
    train -r a model=own.model epochs=1
    echo 'input 1 28 28' >own.model
    rote-train -r b --fork=a@1 epochs=2 3>&-
    assert_same b/net.model a/net.model
}

@test "the same line goes on, changes nothing in the end, and needs the other run no more" {
    fork epochs=3
    rm -r four
    fork epochs=4
    run -0 ckpt-verify b
    before=$(state_of b)
    run -0 fork epochs=4
    assert_output_has 'epochs 2 to 4: proven, skipped'
    [ "$(state_of b)" = "$before" ]
    run -0 rote-train -r b
    [ "$(state_of b)" = "$before" ]
}

@test "a fork goes on when another run has come in place of the other one" {
    fork
    cp -r b whole
    rm b/epoch-0004.*
    rm -r four
    train -r four seed=2 epochs=2
    fork
    assert_same_run whole b
}

@test "whatever the other run prunes, the fork has its first checkpoint, and its own policy prunes that" {
    fork epochs=2
    ckpt-prune -q -l 1 four
    assert_missing four/epoch-0002.safetensors
    fork epochs=4 keep='-l 1'
    assert_missing b/epoch-0002.safetensors
    run -0 ckpt-verify b
    run -0 fork epochs=4 keep='-l 1'
    assert_output_has 'epoch 2: pruned, skipped'
}

# shellcheck disable=SC2016 # for the program to expand
@test "a fork has its first checkpoint before it exists, and passes over older ones" {
    own_programs
    put_program nn-init <<<'[ ! -e run.conf ] || touch ../late; exec "$real" "$@"'
    fork epochs=3
    assert_missing late
    real_programs
    cp four/epoch-0001.safetensors b
    flip_a_bit b/epoch-0001.safetensors
    run -0 fork epochs=4
    assert_output_has 'epochs 2 to 3: proven, skipped'
    [ -e b/epoch-0001.safetensors ]
    diff <(figures four) <(figures b)
}

@test "a first checkpoint that is damaged is made again while the other run has it" {
    fork
    cp -r b whole
    rm b/epoch-0003.safetensors b/epoch-0004.safetensors
    flip_a_bit b/epoch-0002.safetensors
    cp -r b lost
    run -0 fork
    assert_output_has 'moved aside as epoch-0002.safetensors.damaged'
    rm b/*.damaged
    assert_same_run whole b
    mv lost b2
    rm four/epoch-0002.safetensors
    run -66 rote-train -r b2
    assert_error "$PWD/four/epoch-0002.safetensors: open: no such file"
}

@test "an interrupted making of a fork is begun anew" {
    fork
    cp -r b whole
    rm b/run.conf b/metrics.tsv b/*.eval b/epoch-0003.safetensors b/epoch-0004.safetensors
    flip_a_bit b/epoch-0002.safetensors
    fork
    assert_same_run whole b
    rm b/run.conf b/metrics.tsv b/*.eval b/epoch-0003.safetensors b/epoch-0004.safetensors
    run -73 rote-train -r b --fork four@1
    assert_error 'b: make a run: the directory is neither empty nor a run: it has epoch-0002.safetensors'
    run -73 train -r b
}

@test "what a fork cannot be is refused, and nothing is made" {
    run -66 rote-train -r b --fork five@2
    assert_error 'rote-train: five: fork: it is no run: it has no run.conf'
    run -66 rote-train -r b --fork four@7 epochs=9
    assert_error "$PWD/four/epoch-0007.safetensors: open: no such file"
    ckpt-prune -q -l 2 four
    run -66 rote-train -r b --fork four@0
    assert_error "$PWD/four/epoch-0000.safetensors: fork: it was pruned: not kept by -l 2 -k valid.accuracy; 'ckpt-info $PWD/four' shows"
    rm -r four
    cp -r "$BATS_FILE_TMPDIR/four" four
    run -64 rote-train -r b --fork four
    assert_error 'fork=four: not RUN@EPOCH'
    run -64 rote-train -r b --fork four@02
    run -64 rote-train -r b --fork
    run -64 fork init=four/epoch-0002.safetensors
    assert_error 'a fork begins with the checkpoint of the other run'
    run -64 fork epochs=1
    assert_error 'epochs=1: the fork begins with epoch 2'
    run -64 fork save-every=4
    assert_error 'save-every=4: the fork begins with epoch 2, which is no multiple of it'
    run -65 fork samples=100
    assert_error 'not the data that epoch-0002.safetensors was trained on'
    sed 's/^dense 10/dense 12/' "$MODEL" >twelve.model
    run -65 fork model=twelve.model
    assert_error 'fork: it has no dense1.weight of that shape'
    run -64 fork optimizer.rl=1
    assert_missing b
}

@test "a run cannot become a fork, nor a fork that of another run or epoch" {
    run -65 rote-train -r four --fork four@2
    assert_error "four/run.conf: fork: it is '', and '$PWD/four@2' is asked for"
    fork
    run -65 rote-train -r b --fork four@1
    run -65 rote-train -r b fork=
    run -0 rote-train -r b --fork "$PWD/four@2"
    ln -s four link
    run -0 rote-train -r b --fork ../"${PWD##*/}"/./link/@2
    run -65 rote-train -r b --fork link@1
}

@test "-n shows where a fork begins, and writes nothing" {
    run -0 --separate-stderr rote-train -n -r b --fork four@2
    [ "${lines[1]}" = "epoch-0002.safetensors: made from $PWD/four/epoch-0002.safetensors" ]
    [ "${lines[2]}" = 'epoch-0003.safetensors: trained from epoch-0002.safetensors' ]
    [ "${#lines[@]}" -eq 6 ]
    assert_missing b
}

@test "a run.conf that names another origin is noticed" {
    fork
    sed -i "s/^fork=.*/fork=/" b/run.conf
    run -1 ckpt-verify b
    sed -i "s|^fork=.*|fork=$PWD/four@2|; s/^epochs/optimizer.lr=0.5\nepochs/" b/run.conf
    run -65 rote-train -r b epochs=5
    assert_error 'b/epoch-0002.safetensors: prove: not what run.conf and net.model make'
}

@test "save-every and a fork of epoch 0" {
    train -r a save-every=2 epochs=4
    rote-train -r b --fork a@2 epochs=6 3>&-
    [ "$(cd b && echo epoch-*.safetensors)" = 'epoch-0002.safetensors epoch-0004.safetensors epoch-0006.safetensors' ]
    run -0 ckpt-verify b
    rote-train -r c --fork a@0 epochs=2 3>&-
    [ "$(cd c && echo epoch-*.safetensors)" = 'epoch-0000.safetensors epoch-0002.safetensors' ]
    run -0 ckpt-verify c
}

# --- Hold

# shellcheck disable=SC2016 # for the program to expand
@test "a run that is held while it trains keeps the part of its epoch, and goes on to the same bytes" {
    own_programs
    put_program nn-train-epoch <<<'touch hold; exec "$real" "$@"'
    run -1 train epochs=2
    assert_error 'epoch-0001.safetensors.part: held after batch 1 of 7: hold is there'
    [ -e a/epoch-0001.safetensors.part ]
    tail -n 1 a/log | grep -q 'rote-train: it ends with status 1$'
    rm a/hold
    run -1 rote-train -r a
    [ -z "$output" ]
    real_programs
    run -1 train epochs=2
    assert_error 'a: it is held; --unhold lets it go on'
    run -1 rote-train -r a
    [ -z "$output" ]
    rote-train -r a --unhold
    train epochs=2
    assert_same_run "$TWO" a
}
