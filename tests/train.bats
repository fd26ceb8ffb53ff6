# rote-train: what a run is made from and of, what of it may change, and what -n says of it.

bats_require_minimum_version 1.5.0
load helpers
load train

# --- A new run

@test "a new run has a checkpoint and an evaluation per epoch, metrics, and what it was made from" {
    run ls "$TWO"
    assert_output_has "data.tsv
epoch-0000.safetensors
epoch-0001.eval
epoch-0001.safetensors
epoch-0002.eval
epoch-0002.safetensors
lock
log
metrics.tsv
net.model
run.conf
train.list
valid.list"
    assert_no_leftovers "$TWO"
    cmp "$MODEL" "$TWO/net.model"
}

@test "run.conf holds every key but those that decide nothing, with absolute paths" {
    run cat "$TWO/run.conf"
    assert_output_has "data=$DATA
samples=200
val=100
model=$MODEL
init=
fork=
epochs=2
seed=1
save-every=1
eval-every=1
keep=
patience=0
until=
partial-every=0"
}

@test "an evaluation has the checkpoint's own record, then one of each split, and metrics has a row of it" {
    run awk -F '\t' '!/^#/ { print $1, NF }' "$TWO/epoch-0001.eval"
    [ "$output" = "epoch-0001.safetensors 12
epoch-0001.safetensors 13
epoch-0001.safetensors 13" ]
    run head -n 1 "$TWO/metrics.tsv"
    [ "$output" = "$(printf '#epoch\tpath\tdigest\tstep\ttrain.loss\ttrain.accuracy\tvalid.loss\tvalid.accuracy\ttest.loss\ttest.accuracy')" ]
    run awk -F '\t' 'NR > 1 { print $1, $2, NF }' "$TWO/metrics.tsv"
    [ "$output" = "1 epoch-0001.safetensors 10
2 epoch-0002.safetensors 10" ]
    [ "$(ckpt-best "$TWO")" = "$TWO/epoch-0002.safetensors" ]
}

@test "training and validation samples are apart, and the validation set does not depend on samples" {
    train -r b epochs=0 samples=50
    cmp "$TWO/valid.list" b/valid.list
    [ "$(wc -l <b/train.list)" = 50 ]
    run comm -12 <(sort "$TWO/train.list") <(sort "$TWO/valid.list")
    [ "$output" = '' ]
}

@test "what nn-train-epoch makes by hand has the run's bytes" {
    nn-train-epoch -q -o by-hand "$TWO/epoch-0000.safetensors" "$DATA/train@$TWO/train.list"
    assert_same by-hand "$TWO/epoch-0001.safetensors"
}

@test "settings of the model and its variables go to nn-init, and are part of the run" {
    sed 's/dense 10/let hidden=16\ndense $hidden\nrelu\ndense 10/' "$MODEL" >let.model
    train model=let.model epochs=0 hidden=12 optimizer.lr=0.5
    run ckpt-info -m a/epoch-0000.safetensors
    assert_output_has '1x1x12'
    run tail -n 2 a/run.conf
    [ "$output" = "hidden=12
optimizer.lr=0.5" ]
}

@test "a run may begin from another's checkpoint" {
    train epochs=1 init="$TWO/epoch-0002.safetensors"
    [ "$(ckpt-info a/epoch-0000.safetensors | awk 'NR == 2 { print $3 }')" = "$(ckpt-info "$TWO/epoch-0002.safetensors" | awk 'NR == 2 { print $2 }')" ]
    ckpt-verify a
}

@test "a data set without a test set is trained on all the same" {
    mkdir data
    cp "$DATA"/train-* data
    rote-train -r a data=data model="$MODEL" samples=100 epochs=1
    run awk -F '\t' 'NR == 2 { print $8 != "none", $10 }' a/metrics.tsv
    [ "$output" = '1 none' ]
}

@test "MNIST's names for its test set are known too" {
    mkdir data
    cp "$DATA"/train-* data
    for file in images-idx3 labels-idx1; do cp "$DATA/test-$file-ubyte" "data/t10k-$file-ubyte"; done
    train data=data epochs=2
    assert_same "$TWO/metrics.tsv" a/metrics.tsv
}

@test "a known data set is fetched once, into ROTE_DATA" {
    own_programs
    put_program idx-fetch <<'END'
[ "$*" = "-o $ROTE_DATA/mnist mnist" ] && mkdir -p "$2" && cp "$DATA"/* "$2"
END
    ROTE_DATA=$PWD/sets train data=mnist epochs=1
    grep -x "data=$PWD/sets/mnist" a/run.conf
    rm programs/idx-fetch
    ROTE_DATA=$PWD/sets train data=mnist epochs=1
}

@test "-c reads settings from a file, and those of the command line come after them" {
    cp "$TWO/run.conf" settings
    rote-train -c settings -r a epochs=1
    assert_same "$TWO/epoch-0001.safetensors" a/epoch-0001.safetensors
    assert_missing a/epoch-0002.safetensors
    grep -x epochs=1 a/run.conf
}

@test "values with quotes, dollars and backticks are values" {
    mkdir "it's \$(touch here) \`touch there\` \"x\" * "
    cp "$DATA"/* it*
    train data="$(echo it*)" epochs=1
    train data="$(echo it*)" epochs=2
    assert_missing here
    assert_missing there
    grep -Fx "data=$PWD/$(echo it*)" a/run.conf
    assert_same "$TWO/metrics.tsv" a/metrics.tsv
}

@test "the run may have any name" {
    for name in slash/ ' two  words ' $'a\nb' -r '#' 'a@b' '*'; do
        rote-train -r "$name" data="$DATA" model="$MODEL" samples=50 val=50 epochs=1
        rote-train -n "--run=$name"
        [ -e "./$name/epoch-0001.eval" ]
    done
    run -75 flock $'a\nb/lock' rote-train -r $'a\nb'
    assert_error 'rote-train: a?b: lock'
}

@test "a symlink and cron's PATH are enough, in the build tree and installed" {
    mkdir -p tree/pipelines tree/build
    cp -r "$ROOT/pipelines/." tree/pipelines
    ln -s "$BUILD/bin" tree/build/bin
    ln -s tree/pipelines/train.sh train
    env -i PATH=/usr/bin:/bin HOME="$PWD" ./train -r a data="$DATA" model="$MODEL" samples=200 val=100 epochs=2
    assert_same_run "$TWO" a
    make -s -o all -C "$ROOT" install DESTDIR="$PWD/root" PREFIX=/usr BUILD="$BUILD"
    env -i PATH=/usr/bin:/bin HOME="$PWD" root/usr/bin/rote-train -r b data="$DATA" model=mlp samples=50 val=50 epochs=1
    ckpt-verify b
}

@test "ROTE_BIN may be relative to where the line is typed" {
    ln -s "$BUILD/bin" programs
    ROTE_BIN=programs train epochs=1
    assert_same a/epoch-0001.safetensors "$TWO/epoch-0001.safetensors"
}

@test "what the loader says beside is no part of what programs print" {
    export LD_PRELOAD=/missing.so
    train epochs=2
    train epochs=2
    unset LD_PRELOAD
    assert_same_run "$TWO" a
}

@test "records that are cut short on their way decide nothing" {
    local script
    cd "$ROOT/pipelines/train"
    for script in plan judge; do
        run -3 --separate-stderr awk -v every=1 -v epochs=1 -f records.awk -f patience.awk -f $script.awk </dev/null
        [ "$output" = '' ]
    done
}

@test "any shell does the same, and another awk" {
    local shell
    mkdir bin
    for shell in dash 'bash --posix' 'busybox sh'; do
        rm -rf a
        case $shell in busybox*) ln -s "$(command -v busybox)" bin/awk ;; esac
        PATH=$PWD/bin:$PATH $shell "$ROOT/pipelines/train.sh" -r a data="$DATA" model="$MODEL" samples=200 val=100 epochs=1 3>&-
        PATH=$PWD/bin:$PATH $shell "$ROOT/pipelines/train.sh" -r a epochs=2 3>&-
        assert_same_run "$TWO" a
    done
}

@test "a run has the epochs of its model, and stores how many" {
    rote-train -r a data="$DATA" model="$MODEL" samples=200 val=100
    assert_same_run "$TWO" a
    train -r b train.epochs=1
    grep -x epochs=1 b/run.conf
    assert_missing b/epoch-0002.safetensors
    run -64 train -r c save-every=3
    assert_error 'epochs=2: not a multiple of save-every=3'
}

# --- A run that is there

@test "a rerun of a finished run changes no file, and says what it skips" {
    cp -a "$TWO" a
    state_of a >before
    run -0 train epochs=2
    [ "$output" = "rote-train: epochs 0 to 2: proven, skipped
rote-train: a: all 2 epochs are done; epoch-0002.safetensors is the best, with validation accuracy $(awk 'NR == 3 { printf "%.4f", $8 }' a/metrics.tsv)" ]
    state_of a >after
    assert_same before after
}

@test "without a terminal it is quiet, and the log has the lines" {
    run -0 rote-train -r a data="$DATA" model="$MODEL" samples=200 val=100 epochs=2
    [ "$output" = '' ]
    run cat a/log
    assert_output_has 'epoch 1: training loss'
    assert_output_has 'epoch 2: training loss'
    assert_output_has 'validation accuracy improved from'
}

@test "it says when the validation accuracy did not improve" {
    run -0 train epochs=3 optimizer.lr=1e-30
    assert_output_has 'epoch 3: training loss'
    assert_output_has 'validation accuracy did not improve'
}

@test "a run to 2 epochs continued to 4 is one of 4" {
    cp -a "$TWO" a
    run -0 train epochs=4
    assert_output_has 'epochs 0 to 2: proven, skipped'
    assert_same_run "$FOUR" a
}

@test "one thread and two make the same run" {
    train epochs=2 threads=1
    train -r b epochs=2 threads=2
    assert_same_run a b
    assert_same_run "$TWO" a
}

@test "a rerun needs no keys" {
    cp -a "$TWO" a
    rote-train -r a epochs=3
    rote-train -r a
    grep -x epochs=3 a/run.conf
    assert_same "$FOUR/epoch-0003.safetensors" a/epoch-0003.safetensors
}

@test "what decides the bits cannot be changed: each difference is told, and nothing is written" {
    cp -a "$TWO" a
    state_of a >before
    run -65 train epochs=7 seed=2 optimizer.lr=0.5 val=0.5
    assert_error "a/run.conf: seed: it is '1', and '2' is asked for"
    assert_error "a/run.conf: optimizer.lr: it is the model's own, and '0.5' is asked for"
    assert_error "a/run.conf: val: it is '100', and '0.5' is asked for"
    assert_error "a: change val seed optimizer.lr"
    state_of a >after
    assert_same before after
}

@test "a changed model file of the same name is noticed" {
    cp "$MODEL" net.model
    train model=net.model epochs=1
    train model=net.model epochs=1
    sed -i s/0.01/0.02/ net.model
    run -65 train model=net.model epochs=1
    assert_error "with another text' is asked for"
    rote-train -r a
}

@test "device, threads and lock are not part of the run, and how far it goes may change" {
    cp -a "$TWO" a
    train device=ref threads=2 lock=skip
    assert_same "$TWO/run.conf" a/run.conf
    train device=ref threads=2 lock=skip epochs=4
    assert_same_run "$FOUR" a
    train patience=9 keep='-l 5' until=1000 partial-every=60 3>&-
    run grep -E '^(patience|keep|until|partial-every)=' a/run.conf
    [ "$output" = "keep=-l 5
patience=9
until=1000
partial-every=60" ]
}

@test "the data may move, but not change" {
    cp -a "$TWO" a
    cp -r "$DATA" moved
    train data=moved epochs=4
    grep -x "data=$PWD/moved" a/run.conf
    assert_same "$FOUR/epoch-0004.safetensors" a/epoch-0004.safetensors
    printf '\001' | dd of=moved/train-labels-idx1-ubyte bs=1 seek="$((8 + $(head -n 1 a/valid.list)))" conv=notrunc status=none
    cp -a "$TWO" b
    run -65 train -r b data=moved val=100
    assert_error 'not the data that b began with'
    assert_same "$TWO/run.conf" b/run.conf
}

@test "other data in the same place is noticed before anything is trained" {
    cp -a "$TWO" a
    cp -r "$DATA" other
    sed -i "s|^data=.*|data=$PWD/other|" a/run.conf
    printf '\001' | dd of=other/test-images-idx3-ubyte bs=1 seek=1000 conv=notrunc status=none
    run -65 rote-train -r a epochs=3
    assert_error "$PWD/other: train: not the data that a began with"
    assert_missing a/epoch-0003.safetensors
}

@test "a run.conf that was changed by hand is noticed before anything is trained" {
    cp -a "$TWO" a
    sed -i 's/^seed=1/seed=2/' a/run.conf
    run -65 rote-train -r a epochs=3
    assert_error 'a/epoch-0000.safetensors: prove: not what run.conf and net.model make'
    assert_missing a/epoch-0003.safetensors
}

# --- Dry run

@test "-n shows the steps of a new run and writes nothing" {
    run -0 train -n epochs=2 samples=100
    [ "$output" = "a: made, on $DATA
epoch-0000.safetensors: made from the model
epoch-0001.safetensors: trained from epoch-0000.safetensors
epoch-0001.safetensors: evaluated (valid test)
epoch-0002.safetensors: trained from epoch-0001.safetensors
epoch-0002.safetensors: evaluated (valid test)" ]
    assert_missing a
}

@test "-n shows what is proven and what is left, and writes nothing" {
    cp -a "$FOUR" a
    rm a/epoch-0002.safetensors a/epoch-0003.eval
    flip_a_bit a/epoch-0004.safetensors
    state_of a >before
    run -0 train -n epochs=5
    [ "$output" = "epoch-0004.safetensors: moved aside: digest differs: the file was changed after it was written
epoch-0003.safetensors: evaluated (valid test)
epochs 0 to 1: proven, skipped
epoch-0002.safetensors: trained from epoch-0001.safetensors
epoch-0002.safetensors: evaluated (valid test)
epoch 3: proven, skipped
epoch-0004.safetensors: trained from epoch-0003.safetensors
epoch-0004.safetensors: evaluated (valid test)
epoch-0005.safetensors: trained from epoch-0004.safetensors
epoch-0005.safetensors: evaluated (valid test)" ]
    state_of a >after
    assert_same before after
}
