# For every .bats file, as `load helpers`: the programs of $BUILD (default: build/ of the repository) come first on PATH, each test
# begins in an empty directory of its own, and there are assertions and fixtures.
#
# Fixtures are made once for all tests that run together, and shared by them: copy what a test will change.
#
#     $DATA     600 training and 200 test samples of Fashion-MNIST, as $DATA/train and $DATA/test (MNIST with ROTE_MNIST=directory)
#     $MODEL    a small network for them, whose epoch takes a moment
#     $CKPT     its epoch 0
#     $RUN      a run of two epochs, made by train.sh
#
# They and the programs are in the environment, so that a test may hand a line to `sh -c` or `bash -c`.

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
: "${BUILD:=$ROOT/build}"
FIXTURES=${ROTE_FIXTURES:-$BATS_RUN_TMPDIR/fixtures}
DATA=$FIXTURES/data MODEL=$FIXTURES/net.model CKPT=$FIXTURES/epoch-0000.safetensors RUN=$FIXTURES/run
PATH=$BUILD/bin:$FIXTURES/bin:$PATH
ROTE_BIN=$BUILD/bin # where train.sh finds the programs
LC_ALL=C
export ROOT BUILD DATA MODEL CKPT RUN PATH ROTE_BIN LC_ALL

setup() {
    cd "$BATS_TEST_TMPDIR" || return
}

# shellcheck disable=SC2154 # bats sets output and stderr
# The output of the last `run` has TEXT in it.
assert_output_has() {
    [[ $output == *"$1"* ]] && return
    printf "'%s' is not in the output:\n%s\n" "$1" "$output"
    return 1
}

# The last `run` ended with a message on stderr that has TEXT in it (with --separate-stderr, it is looked for there alone).
assert_error() {
    local messages=${stderr-$output}
    [[ $messages == *"$1"* ]] && return
    printf "'%s' is not in the message:\n%s\n" "$1" "$messages"
    return 1
}

assert_missing() {
    [[ ! -e $1 && ! -L $1 ]] && return
    printf '%s is there\n' "$1"
    return 1
}

assert_same() {
    cmp -- "$1" "$2"
}

# No temporary files were left behind in DIRECTORY (default: the test's own).
assert_no_leftovers() {
    local left
    left=$(find "${1:-.}" -name '.*.tmp') && [[ -z $left ]] && return
    printf 'left behind: %s\n' "$left"
    return 1
}

# For a test that limits memory: sanitizers reserve terabytes of it.
skip_sanitized() {
    ! ldd "$BUILD/bin/nn-init" | grep -q libasan || skip 'the sanitizers need more memory than this test leaves'
}

# For a test that shows something to a terminal.
skip_without_terminal() {
    script -qec true /dev/null >/dev/null 2>&1 || skip 'there are no terminals here'
}

# The options that a program's -h lists: "-x" and "--name", a line each.
help_options() {
    "$1" -h | sed -n 's/^  \(-.\), \(--[a-z-]*\).*/\1\n\2/p; s/^      \(--[a-z-]*\).*/\1/p' | sort
}

milliseconds() {
    echo $(($(date +%s%N) / 1000000))
}

# words NUMBER...: as 32 bits each, the most significant byte first.
words() {
    local number
    for number; do
        printf %b "$(printf '\\0%o' $((number >> 24)) $((number >> 16 & 255)) $((number >> 8 & 255)) $((number & 255)))"
    done
}

# cut_set FROM TO SAMPLES: the first samples of a data set (raw or gzip). gzip is stopped by head when that has enough.
cut_set() {
    local images=$1-images-idx3-ubyte labels=$1-labels-idx1-ubyte
    [[ -e $images ]] || images=$images.gz labels=$labels.gz
    {
        words 0x803 "$3" 28 28
        gzip -cdf "$images" 2>/dev/null | tail -c +17 | head -c $(($3 * 784))
    } >"$2-images-idx3-ubyte"
    {
        words 0x801 "$3"
        gzip -cdf "$labels" 2>/dev/null | tail -c +9 | head -c "$3"
    } >"$2-labels-idx1-ubyte"
    [[ $(stat -c %s "$2-images-idx3-ubyte") == $((16 + $3 * 784)) ]]
}

make_data() {
    local from=${ROTE_MNIST:-/usr/share/datasets/fashion-mnist}
    mkdir -p "$DATA"
    if ! cut_set "$from/train" "$DATA/train" 600 || ! cut_set "$from/t10k" "$DATA/test" 200; then
        printf 'no data set in %s: install dataset-fashion-mnist\n' "$from"
        return 1
    fi
}

make_model() {
    cat >"$MODEL" <<END
input 1 28 28
normalize 0.2860 0.3530
conv 4 3
relu
maxpool 2
dropout 0.25
dense 10
loss cross-entropy
train batch=32 epochs=2
optimizer adam lr=0.01
END
}

# The later ones need programs that work; where one does not, its own tests say why.
make_fixtures() (
    mkdir -p "$FIXTURES/bin"
    exec 9>"$FIXTURES/lock"
    flock 9
    [[ ! -e $FIXTURES/made ]] || exit 0
    make_data && make_model || exit
    for script in train drill report runs sweep search compare; do
        ln -s "$ROOT/pipelines/$script.sh" "$FIXTURES/bin/rote-$script"
    done
    {
        nn-init -o "$CKPT" "$MODEL" &&
            rote-train -r "$RUN" data="$DATA" model="$MODEL" epochs=2
    } >"$FIXTURES/log" 2>&1 </dev/null 3>&- 9>&- || :
    : >"$FIXTURES/made"
)

make_fixtures
