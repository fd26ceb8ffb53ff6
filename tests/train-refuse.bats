# rote-train: what is refused, on the command line, in run.conf, and of a model and data that never could be trained.

bats_require_minimum_version 1.5.0
load helpers
load train

# refuse STATUS MESSAGE SETTING...: neither with -n nor without it is anything left of the line.
refuse() {
    local status=$1 message=$2 mode
    shift 2
    mkdir -p temporary
    for mode in -n -v; do
        TMPDIR=$PWD/temporary run "-$status" train $mode "$@"
        assert_error "$message"
        assert_missing a
        [ -z "$(ls temporary)" ]
    done
}

@test "an unknown key gets the nearest one, and nothing is made" {
    run -64 train epohcs=3
    assert_error 'rote-train: epohcs: no such key; did you mean epochs?'
    run -64 train sead=1
    assert_error 'did you mean seed?'
    run -64 train completely=different
    assert_error 'completely: no such key'
    [[ $output != *'did you mean'* ]]
    run -64 train lr=0.1
    assert_error 'rote-train: lr: no such key; did you mean optimizer.lr?'
    run -64 train pad=1
    assert_error 'rote-train: pad: no such key; did you mean conv.pad?'
    run -64 train optimizer.rate=1
    assert_error 'nn-init'
    assert_missing a
}

@test "an unknown key gets the nearest one of a run that exists, too" {
    cp -a "$TWO" a
    run -64 rote-train -r a epoch=3
    assert_error 'rote-train: epoch: no such key; did you mean epochs?'
    run -64 rote-train -r a optimizer.rate=3
    assert_error 'nn-init: net.model: optimizer.rate=3: no such parameter; there are lr'
}

@test "an unknown key in run.conf is bad data, named with its line's file" {
    cp -a "$TWO" a
    echo 'epohcs=3' >>a/run.conf
    run -65 rote-train -r a
    assert_error 'a/run.conf: epohcs: no such key; did you mean epochs?'
    cp "$TWO/run.conf" a/run.conf
    echo 'touch here' >>a/run.conf
    run -65 rote-train -r a
    assert_error 'run.conf:16: touch here: not of the form key=value'
    assert_missing a/here
}

@test "each key takes only what it means" {
    for wrong in samples=0 samples=x val=2.0 val=0. val=0.0 val=-1 val= epochs=-1 epochs=010 epochs=1e3 epochs=99999999999 \
        seed=x save-every=0 eval-every=0 patience=x until=25:00 until=6:60 until=0 partial-every=0.5 lock=no lock=wait: threads=0 \
        keep=-x keep='-l 0' keep='-l' keep='-l 3 /etc' keep='-k' model= data= device= device=gpu threads=4097; do
        run -64 train "$wrong"
        assert_error "$wrong: not "
    done
    assert_missing a
}

@test "a policy that ckpt-prune would refuse after the first epoch is refused before it" {
    refuse 64 '-k valid.auc: its name does not say what is best; add --min or --max' keep='-b 1 -k valid.auc'
    refuse 64 'a policy is missing' keep='-k valid.loss'
    cp -a "$TWO" b
    state_of b >before
    run -64 train -r b epochs=4 keep='-k valid.loss'
    state_of b >after
    assert_same before after
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
    assert_error 'nowhere: open: no such model; there are augmented-cnn, compare-batchnorm, '
    run -66 train model=smal-cnn
    [ "$output" = 'rote-train: smal-cnn: open: no such model; did you mean small-cnn?' ]
    run -66 train model=./nowhere
    [ "$output" = 'rote-train: ./nowhere: open: no such model' ]
    run -66 train data=./nowhere
    assert_error './nowhere: open: no such directory'
    echo 'convolve 3' >wrong.model
    run -65 train model=wrong.model
    assert_error 'wrong.model'
    assert_missing a
}

@test "a precision that no engine has is 69, and there is no run" {
    { cat "$MODEL" && echo 'precision tf32'; } >low.model
    refuse 69 'epoch-0000.safetensors: compute: no engine has precision tf32; fp32 is there' model=low.model
}

@test "what can never be trained does not become a run: the line that can be makes it" {
    sed 's/^dropout.*/batchnorm/' "$MODEL" >bn.model
    refuse 65 'train: of 97 samples, batches of 32 leave one for the last, in which batchnorm sees no variance' model=bn.model samples=97
    train model=bn.model samples=97 train.batch=31 epochs=1
    ckpt-verify a
}

@test "a model for other pictures or classes than the data's does not become a run" {
    sed 's/28 28/14 14/' "$MODEL" >shape.model
    refuse 65 "pictures of 1 x 28 x 28, but the model's input is 1 x 14 x 14" model=shape.model
    sed 's/dense 10/dense 9/' "$MODEL" >classes.model
    refuse 65 'train@train.list: ' model=classes.model
}

@test "a test set that cannot be read does not become a run" {
    cp -r "$DATA" data
    head -c 1000 "$DATA/test-images-idx3-ubyte" >data/test-images-idx3-ubyte
    refuse 65 'data/test-images-idx3-ubyte: ' data=data
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
    [ "$output" = 'rote-train: a: create: file exists' ]
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
    assert_output_has 'usage: rote-train [-nqv] [-c file] [--fork run@epoch] -r run [key=value ...]'
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
    [ "$output" = 'rote-train: a/hold: remove: is a directory' ]
    rmdir a/hold
    TMPDIR=$PWD/nowhere run -73 rote-train -r a epochs=3
    [ "$output" = "rote-train: $PWD/nowhere: create: no temporary directory could be made" ]
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
    for line in data=fashion-mnist samples= val=0.1 model=small-cnn init= epochs= seed=1 save-every=1 eval-every=1 device=auto \
        threads= keep= patience=0 until= partial-every=0 lock=fail; do
        assert_output_has "$line "
        grep -q "^\.It Cm ${line%%=*} Ns = " "$ROOT/man/rote-train.1"
    done
}

@test "what keep means is known before the first epoch: any blanks, no patterns" {
    run -64 train val=0 keep='-b 1 --min'
    assert_missing a
    run -64 train keep='-b 1 -k valid.los?'
    train -q val=0 epochs=2 keep="$(printf -- '-b 1\t-k train.loss')"
    best=$(ckpt-best -k train.loss a)
    [ -e "$best" ]
}

@test "an epoch count that cannot be told ends the script, and there is no run" {
    mkdir bin
    printf '#!/bin/sh\nexit 0\n' >bin/nn-init
    own_programs
    put_program nn-init <<'END'
case " $* " in *' --rates '*) exit 0 ;; esac
exec "$real" "$@"
END
    run -70 train
    assert_missing a
}
