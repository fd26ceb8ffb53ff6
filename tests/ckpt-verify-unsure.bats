# ckpt-verify where it cannot look, or where somebody works on a run while it looks: it says of nothing more than it saw. And remedies for
# what is seldom: they do what they say.
# shellcheck disable=SC2034,SC2154 # what one part sets, another uses; bats sets stderr

bats_require_minimum_version 1.5.0
load helpers
load checkpoints
load train
load doctor

# failing PATH CLASSES NUMBER COMMAND...: the program's calls on the path fail from that number on.
failing() {
    "$BUILD/tests/fault/inject" -p "$1" -c "$2" -n "$3" -r -a EIO "${@:4}"
}

# listings: how many calls list the directory a.
listings() {
    "$BUILD/tests/fault/inject" -p "$PWD/a" -c getdents -o calls ckpt-verify a >/dev/null
    grep -c . calls
}

@test "of a run that cannot be listed to its end nothing is proven, nor missing" {
    take "$WHOLE"
    last=$(listings) # the last two look whether somebody worked on it meanwhile
    for n in $(seq $((last - 2))); do
        run -74 --separate-stderr failing "$PWD/a" getdents "$n" ckpt-verify a
        [[ $output != *$'\t'@(proven|missing|differs)$'\t'* ]]
        assert_error 'a: read: '
    done
    run -74 --separate-stderr failing "$PWD/a" getdents $((last - 1)) ckpt-verify a
    [[ "$(of metrics.tsv state) $(of epoch-0001.safetensors state)" == 'unjudged proven' ]]
}

@test "lists and data are not proven while run.conf cannot be read" {
    take "$WHOLE"
    run -74 --separate-stderr failing "$PWD/a/run.conf" read 1 ckpt-verify a
    for file in data.tsv train.list valid.list; do
        [[ $(of $file state) == unjudged ]]
    done
    [[ $(of epoch-0001.safetensors state) == proven ]]
}

@test "of other directories that cannot be listed to their end nothing is proven" {
    mkdir a
    cp "$WHOLE"/epoch-000[12].safetensors a
    for n in $(seq "$(listings)"); do
        run -74 --separate-stderr failing "$PWD/a" getdents "$n" ckpt-verify a
        [[ $output != *$'\t'proven$'\t'* ]]
        assert_error 'a: read: '
    done
}

@test "a directory that cannot be looked at, at any time, is not taken for a file that begins no chain" {
    take "$WHOLE"
    ckpt-verify --chain a >whole
    for n in {1..60}; do
        run --separate-stderr "$BUILD/tests/fault/inject" -p "$PWD/a" -c look -n "$n" -a EIO ckpt-verify --chain a
        [[ $status != 126 ]] || break
        [[ $status == 74 ]] || diff whole - <<<"$output"
    done
    [[ $n -gt 1 && $n -lt 60 ]]
}

@test "a directory that cannot be looked at is not taken for one that is no run" {
    take "$WHOLE"
    for path in a a/run.conf; do
        run -74 --separate-stderr failing "$PWD/$path" look 1 ckpt-verify a
        [[ $output != *$'\t'proven$'\t'* ]]
    done
    assert_error 'a/run.conf: look at: '
    run -0 ckpt-verify a
}

@test "a run that goes on and ends while it is looked at is not called damaged" {
    skip_sanitized
    take "$WHOLE"
    LD_PRELOAD=$BUILD/tests/fault/meddle.so MEDDLE_PROGRAM=ckpt-verify MEDDLE_FILE=a/net.model \
        MEDDLE_COMMAND='LD_PRELOAD= rote-train -q -r a epochs=5 3>&-' run -0 --separate-stderr ckpt-verify a
    [ -e a/epoch-0005.eval ]
    [ "$stderr" = '' ]
    run -0 ckpt-verify a
}

@test "a checkpoint that shrinks or grows while it is read is unreadable, not damaged" {
    skip_sanitized
    for size in -1000 +1000; do
        cp "$CKPT" x.safetensors
        LD_PRELOAD=$BUILD/tests/fault/meddle.so MEDDLE_PROGRAM=ckpt-verify MEDDLE_FILE=/x.safetensors \
            MEDDLE_COMMAND="truncate -s $size '$PWD/x.safetensors'" run -74 ckpt-verify x.safetensors
        assert_error 'x.safetensors: read: its size changed while it was read'
    done
}

# --- Remedies

@test "a seed that run.conf has by default is set back by a line of its own" {
    train -r b seed=7 epochs=1
    untouched=$PWD/b
    for last in '' '$a# the end'; do
        rm -rf a
        cp -a b a
        sed -i "/^seed=/d; $last" a/run.conf
        truncate -s -1 a/run.conf
        finds 1 run.conf differs 'its seed is 1, and that of the checkpoints 7'
        [[ $(of run.conf remedy) == *seed=7* ]]
        sh -c "$(of run.conf remedy)"
        ckpt-verify a
    done
}

@test "a later checkpoint is made again while the tombstones are not readable as such" {
    take "$PRUNED"
    echo nonsense >a/pruned.tsv
    spoils epoch-0004.safetensors
    sed -i 's/^epochs=.*/epochs=2/' a/run.conf
    run -65 ckpt-verify a
    [[ $(of epoch-0004.safetensors remedy) == 'rote-train -r a epochs=4 && rote-train -r a epochs=2' ]]
}

@test "what comes from a second run is made where no other is" {
    take "$WHOLE"
    train -r a.again epochs=1 seed=9
    cp -a a.again theirs
    sed -i 2d a/train.list
    run ! --separate-stderr ckpt-verify a
    [[ $(of train.list remedy) == *' -r a.again.2 '* ]]
    heals
    diff -r theirs a.again
}

@test "the greatest number that an epoch can have hides no other, and makes none missing" {
    take "$WHOLE"
    cp a/epoch-0004.safetensors a/epoch-18446744073709551615.safetensors
    run -1 --separate-stderr ckpt-verify a
    [[ $(grep $'\tmissing\t' <<<"$output") == *epoch-0005.safetensors*' so are the next 18446744073709551609 not'* ]]
    [[ $(grep -c $'\tmissing\t' <<<"$output") == 1 ]]
}

@test "a run.conf of very many lines is read in no time" {
    take "$WHOLE"
    awk 'BEGIN { for (i = 0; i < 60000; i++) print "k" i "=1" }' >>a/run.conf
    echo k59998=2 >>a/run.conf
    run ! --separate-stderr timeout 5 ckpt-verify a
    [[ $(of run.conf state) == invalid && $(of run.conf reason) == *'k59998: it is given twice' ]]
}
