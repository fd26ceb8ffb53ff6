#!/bin/sh
# What tests/bench/README.md says, measured anew: ROTE_MNIST=directory tests/bench/run.sh [-r ROUNDS] [-t THREADS] [PART...]
#
# Prints tables in Markdown. The parts are targets, starts and rest; all unless told. ROTE_TORCH names a Python that has torch (default:
# python3, if it has); without one rote is measured alone, and onnxruntime only where that Python has it and onnx. Let nothing else run:
# the targets take about twenty minutes.
set -eu

rounds=3 threads=$(nproc)
while getopts r:t: option; do
    case $option in
    r) rounds=$OPTARG ;;
    t) threads=$OPTARG ;;
    *) exit 64 ;;
    esac
done
shift $((OPTIND - 1))
[ $# -gt 0 ] || set -- targets starts rest
for part; do
    case $part in
    targets | starts | rest) ;;
    *) exit 64 ;;
    esac
done
# shellcheck source=tests/bench/mnist.sh
. "$(dirname "$0")/mnist.sh"
# shellcheck source=tests/bench/common.sh
. "$(dirname "$0")/common.sh"

python=${ROTE_TORCH:-python3}
has() {
    for module; do "$python" -c "import $module" 2>/dev/null || return; done
}
torch='' onnx=''
if has torch; then torch=yes; fi
if has torch onnx onnxruntime; then onnx=yes; fi

# measure_python NAME WORK MODEL [LAYOUT]: measures a work of torch_bench.py; the seconds of its own clock go to NAME.clock.
measure_python() {
    measure "$1" "$python" "$bench/torch_bench.py" "$2" "$3" "$data" "$threads" "${4:-contiguous_format}"
    sed -n "s/^$2 \([0-9.]*\) s.*/\1/p" "$1.log" >"$1.clock"
}

# measure_torch NAME WORK MODEL: the same as NAME.torch in PyTorch's own layout, and as NAME.last with channels last.
measure_torch() {
    [ -n "$torch" ] || return 0
    measure_python "$1.torch" "$2" "$3"
    measure_python "$1.last" "$2" "$3" channels_last
}

train() { # NAME MODEL
    rm -rf run
    measure "$1" "$root/pipelines/train.sh" -q -r run data="$data" model="$2" val=0 epochs=1 device=cpu threads="$threads"
}

# Each program once, in turns.
measure_round() {
    for model in mnist-cnn mlp one-epoch; do
        epoch "$model" "$threads" "$model.0" "$data/train"
        measure_torch "$model" epoch "$model"
    done
    epoch one-thread 1 mnist-cnn.0 "$data/train"
    measure evaluate nn-eval -d cpu -t "$threads" "$data/t10k" trained
    measure evaluate.ten nn-eval -d cpu -t "$threads" "$data/t10k@ten" trained
    measure_torch evaluate evaluate mnist-cnn
    [ -z "$onnx" ] || measure_python onnx.torch onnx mnist-cnn
    train published mnist-cnn
    [ -z "$torch" ] || measure_python published.torch published mnist-cnn
    train whole one-epoch
    measure_torch whole whole one-epoch
}

# other ROTE FILE: the median of a file's figures, and how many times it is ROTE's; two empty columns without the file.
other() {
    if [ -f "$2" ]; then
        echo "$(calculate "$(median "$2")") | $(calculate "$(median "$2") / $1")"
    else
        echo ' | '
    fi
}

# row WORK ROTE NAME KIND TARGET: beside NAME.torch.KIND and NAME.last.KIND, of seconds, clock or memory.
row() {
    echo "| $1 | $2 | $(other "$2" "$3.torch.$4") | $(other "$2" "$3.last.$4") | $5 |"
}

targets() {
    for model in mnist-cnn mlp one-epoch; do nn-init -q -o "$model.0" "$models/$model.model"; done
    nn-train-epoch -q -d cpu -t "$threads" -o trained mnist-cnn.0 "$data/train" # how many zeros there are depends on the weights
    last=$(($(count "$data/t10k") - 1))
    for _ in $(seq 10); do seq 0 "$last"; done >ten
    for round in $(seq "$rounds"); do
        measure_round
        echo "round $round of $rounds" >&2
    done
    evaluation=$(calculate "($(median evaluate.ten.seconds) - $(median evaluate.seconds)) / 9" 3)
    version=${torch:+$("$python" -c 'import torch; print("PyTorch", torch.__version__)')}

    echo "| seconds, $threads threads, medians of $rounds | rote | ${version:-PyTorch} | ratio | channels last | ratio | target |"
    echo '|---|---|---|---|---|---|---|'
    row 'mnist-cnn, batch 64, Adadelta, one epoch' "$(alone mnist-cnn)" mnist-cnn clock '4, stretch 5'
    row 'mlp, batch 64, Adadelta, one epoch' "$(alone mlp)" mlp clock 2.5
    row 'one-epoch, batch 256, one epoch' "$(alone one-epoch)" one-epoch clock 6
    row "mnist-cnn, $((last + 1)) pictures evaluated" "$evaluation" evaluate clock ''
    row 'the same, and beside it onnxruntime' "$evaluation" onnx clock 'above 1'
    row 'mnist-cnn, one epoch as a whole run of train.sh; beside it the published example' "$(median published.seconds)" \
        published seconds 6
    row 'one-epoch as a whole run of train.sh' "$(median whole.seconds)" whole seconds '5, rote under 2 s'
    row 'mnist-cnn, resident memory (MiB)' "$(median mnist-cnn.memory)" mnist-cnn memory 'rote under 200 MB'
    row 'one-epoch, resident memory (MiB)' "$(median one-epoch.memory)" one-epoch memory ''
    echo "| mnist-cnn, one epoch with 1 thread | $(alone one-thread) | | | | | 1.9 times that with 2 |"
}

# milliseconds COMMAND...: the median of 21 times.
milliseconds() {
    for _ in $(seq 21); do
        begin=$(date +%s%N)
        "$@" >/dev/null 2>&1
        echo $(($(date +%s%N) - begin))
    done >nanoseconds
    calculate "$(median nanoseconds) / 1e6" 1
}

starts() {
    nn-init -q -f -o large "$models/mnist-cnn.model"
    echo '| started as | ms |'
    echo '|---|---|'
    echo "| true (what measuring costs) | $(milliseconds env true) |"
    for program in "$ROTE_BIN"/*; do
        echo "| ${program##*/} -V | $(milliseconds "$program" -V) |"
    done
    echo "| ckpt-info on a checkpoint of 14 MiB | $(milliseconds ckpt-info large) |"
    echo "| ckpt-verify on it | $(milliseconds ckpt-verify large) |"
}

# The seconds that one more epoch takes, from measurements NAME1 and NAME4 of one and of four epochs.
one_more() {
    calculate "($(median "$1"4.seconds) - $(median "$1"1.seconds)) / 3" 3
}

# A set of few samples, training and test, as train.sh takes it.
make_few() {
    recut 28 64
    mkdir few
    for file in images-idx3 labels-idx1; do
        ln -s "../cut28-$file-ubyte" "few/train-$file-ubyte"
        ln -s "../cut28-$file-ubyte" "few/t10k-$file-ubyte"
    done
}

# What nn-train-epoch and nn-eval take with nothing to compute, one sample of all that they read; and, on few samples, what train.sh
# takes besides them. mlp.model with as many parameters as mnist-cnn, so that all but the computing costs the same.
rest() {
    nn-init -q -f -o wide.0 "$models/mlp.model" width=1509
    make_few
    echo 0 >one
    for _ in $(seq $((3 * rounds))); do
        rm -f wide.1
        measure rest.train nn-train-epoch -t "$threads" -o wide.1 wide.0 "$data/train@one"
        measure rest.eval nn-eval -t "$threads" "$data/t10k@one" wide.1
        rm -f wide.1
        measure few.train nn-train-epoch -t "$threads" -o wide.1 wide.0 few/train
        measure few.eval nn-eval -t "$threads" few/t10k wide.1
        for count in 1 4; do
            rm -rf run
            measure "few$count" "$root/pipelines/train.sh" -q -r run data=few model=mlp width=1509 val=0 epochs="$count" \
                threads="$threads"
        done
    done
    shell=$(calculate "$(one_more few) - $(median few.train.seconds) - $(median few.eval.seconds)" 3)
    echo '| an epoch of train.sh: 1.2 million parameters, test set evaluated | s | target |'
    echo '|---|---|---|'
    echo "| nn-train-epoch: starting, reading, checking, writing | $(median rest.train.seconds) | |"
    echo "| nn-eval: starting, reading, checking | $(median rest.eval.seconds) | |"
    echo "| train.sh: the shell and what else it starts | $shell | |"
    echo "| in all | $(calculate "$(median rest.train.seconds) + $(median rest.eval.seconds) + $shell" 3) |" \
        '0.15, and 3 % of an epoch of mnist-cnn |'
}

machine
for part; do
    echo
    "$part"
done
