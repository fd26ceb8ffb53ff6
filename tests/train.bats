# rote-train: what a run is made from and of, what of it may change, and what is refused.

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
epoch-0001.safetensors 12
epoch-0001.safetensors 12" ]
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
    assert_error "a/run.conf: optimizer.lr: it is '', and '0.5' is asked for"
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
    train device=blas threads=2 lock=skip
    assert_same "$TWO/run.conf" a/run.conf
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

# --- What is wrong on the command line and in run.conf

@test "an unknown key gets the nearest one, and nothing is made" {
    run -64 train epohcs=3
    assert_error 'rote-train: epohcs: no such key; did you mean epochs?'
    run -64 train sead=1
    assert_error 'did you mean seed?'
    run -64 train completely=different
    assert_error 'completely: no such key'
    [[ $output != *'did you mean'* ]]
    run -64 train optimizer.rate=1
    assert_error 'nn-init'
    assert_missing a
}

@test "an unknown key gets the nearest one of a run that exists, too" {
    cp -a "$TWO" a
    run -64 rote-train -r a epoch=3
    assert_error 'rote-train: epoch: no such key; did you mean epochs?'
}

@test "an unknown key in run.conf is bad data, named with its line's file" {
    cp -a "$TWO" a
    echo 'epohcs=3' >>a/run.conf
    run -65 rote-train -r a
    assert_error 'a/run.conf: epohcs: no such key; did you mean epochs?'
    cp "$TWO/run.conf" a/run.conf
    echo 'touch here' >>a/run.conf
    run -65 rote-train -r a
    assert_error 'run.conf:15: touch here: not of the form key=value'
    assert_missing a/here
}

@test "each key takes only what it means" {
    for wrong in samples=0 samples=x val=2.0 val=0. val=0.0 val=-1 val= epochs= epochs=-1 epochs=010 epochs=1e3 epochs=99999999999 \
        seed=x save-every=0 eval-every=0 patience=x until=25:00 until=6:60 until=0 partial-every=0.5 lock=no lock=wait: threads=0 \
        keep=-x keep='-l 0' keep='-l' keep='-l 3 /etc' keep='-k' model= data= device= device=gpu threads=4097; do
        run -64 train "$wrong"
        assert_error "$wrong: not "
    done
    assert_missing a
}

@test "of a key that is given twice the last one counts; in a file it is refused" {
    train epochs=9 epochs=1
    assert_missing a/epoch-0002.safetensors
    printf 'seed=1\n\n# again\nseed=1\n' >settings
    run -65 train -c settings
    assert_error 'settings:4: seed: it is given twice'
}

@test "a variable of the model that is named like a key is refused" {
    { echo 'let epochs=3' && cat "$MODEL"; } >let.model
    run -65 train model=let.model
    assert_error 'let.model: let epochs: rote-train has a key of that name'
    assert_missing a
}

@test "epochs is a multiple of save-every" {
    run -64 train epochs=5 save-every=2
    assert_error 'epochs=5: not a multiple of save-every=2'
    assert_missing a
}

@test "wrong models and data are refused before anything is made" {
    run -66 train model=nowhere
    assert_error 'nowhere: open: no such model'
    run -66 train model=./nowhere
    assert_error './nowhere: open: no such model'
    run -66 train data=./nowhere
    assert_error './nowhere: open: no such directory'
    echo 'convolve 3' >wrong.model
    run -65 train model=wrong.model
    assert_error 'wrong.model'
    assert_missing a
}

@test "a precision that no engine has is 69" {
    { cat "$MODEL" && echo 'precision tf32'; } >low.model
    run -69 train model=low.model
    assert_error 'epoch-0000.safetensors: compute: no engine has precision tf32; fp32 is there'
    assert_missing a/epoch-0001.safetensors
    [ -e a/epoch-0000.safetensors ]
}

@test "a directory that is no run is left alone" {
    mkdir a
    cp "$MODEL" a/net.model
    run -73 train
    assert_error 'a: make a run: the directory is neither empty nor a run: it has net.model'
    [ "$(ls a)" = net.model ]
    touch b
    run -73 train -r b
    assert_error 'b: create'
}

@test "a directory that is no run is refused before anything is fetched, and by -n" {
    mkdir a
    echo mine >a/file
    run -73 train data=fashion-mnist
    [ "$output" = 'rote-train: a: make a run: the directory is neither empty nor a run: it has file' ]
    run -73 train -n
}

@test "a run that cannot be made is refused in one line" {
    echo mine >a
    run -73 train
    [ "$output" = 'rote-train: a: create: the directory cannot be made' ]
}

@test "a known data set needs a place, and a wrong name is known before it is fetched" {
    run -64 env -u HOME -u XDG_DATA_HOME -u ROTE_DATA rote-train -n -r a model="$MODEL"
    assert_error 'rote-train: data=fashion-mnist: neither ROTE_DATA, XDG_DATA_HOME nor HOME says where it is kept'
    run -64 rote-train -n -r a model="$MODEL" data=fashion-mnits
    assert_error 'fashion-mnits: no known data set; the nearest is fashion-mnist'
    run -0 env ROTE_DATA="$PWD" rote-train -n -r a model="$MODEL" epochs=1
    assert_output_has 'epoch-0001.safetensors: evaluated (valid test)'
}

@test "an empty directory becomes a run" {
    mkdir a
    train epochs=2
    assert_same_run "$TWO" a
}

@test "options: usage, help, version" {
    run -64 rote-train
    assert_error '-r is missing'
    run -64 rote-train -x
    assert_error '-x: no such option'
    run -64 rote-train -r
    assert_error '-r: it needs an argument'
    run -64 rote-train -r a -- word
    assert_error 'word: not of the form key=value'
    run -0 rote-train -V
    [[ $output =~ ^rote-train\ \(rote\)\ [0-9.]+$ ]]
    run -74 bash -c 'rote-train -h >/dev/full'
    run -0 rote-train -nh
    assert_output_has 'usage: rote-train [-nqv] [-c file] -r run [key=value ...]'
}

@test "after -- there are settings only" {
    run -64 rote-train -r a -- -n
    assert_error 'rote-train: -n: not of the form key=value'
    run -0 train -n -- epochs=1
    assert_missing a
}

@test "--hold takes neither -n nor settings" {
    cp -a "$TWO" a
    run -64 rote-train -n -r a --hold
    assert_error "--hold: it goes with -r alone, not with -n or settings"
    run -64 rote-train -r a --hold epochs=3
    assert_missing a/hold
}

@test "a hold that cannot be changed, and no place for temporary files, are refused in one line" {
    cp -a "$TWO" a
    mkdir a/hold
    run -73 rote-train -r a --unhold
    [ "$output" = 'rote-train: a/hold: change: it could not be done' ]
    rmdir a/hold
    TMPDIR=$PWD/nowhere run -73 rote-train -r a epochs=3
    [ "$output" = "rote-train: $PWD/nowhere: create: no temporary file could be made" ]
}

@test "what does not arrive on stdout is an error, 74, and one line" {
    cp -a "$TWO" a
    for options in -h -V '-n -r a'; do
        run -74 bash -c "rote-train $options >/dev/full"
        [ "$output" = 'rote-train: stdout: write: it could not be written' ]
        run -74 bash -c "rote-train $options >&-"
    done
}

@test "-h and the page list every key, with its default" {
    run -0 rote-train -h
    for line in data=fashion-mnist samples= val=0.1 model=small-cnn init= epochs=3 seed=1 save-every=1 eval-every=1 device=auto \
        threads= keep= patience=0 until= partial-every=0 lock=fail; do
        assert_output_has "$line "
        grep -q "^\.It Cm ${line%%=*} Ns = " "$ROOT/man/rote-train.1"
    done
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
