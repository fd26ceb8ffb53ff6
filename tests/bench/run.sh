#!/bin/sh
# What tests/bench/README.md says, measured anew: ROTE_MNIST=directory ROTE_TORCH=python tests/bench/run.sh [ROUNDS [THREADS]]
#
# Prints the tables in Markdown. The programs are those of $BUILD (default: build/ of the repository). Let nothing else run.
set -eu

: "${ROTE_MNIST:?the directory of the files of MNIST}" "${ROTE_TORCH:?a Python that has torch}"
rounds=${1:-3} threads=${2:-2}
bench=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$bench/../.." && pwd)
ROTE_BIN=${BUILD:-$root/build}/bin
PATH=$ROTE_BIN:$PATH
LC_ALL=C
export ROTE_BIN LC_ALL
data=$(cd "$ROTE_MNIST" && pwd)
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
cd "$directory"

# measure NAME COMMAND...: its seconds and its MiB of resident memory go to NAME.seconds and NAME.memory, its messages to NAME.log.
measure() {
    name=$1
    shift
    /usr/bin/time -o usage -f '%e %M' "$@" >>"$name.log" 2>&1 || {
        cat "$name.log" >&2
        exit 1
    }
    tail -n 1 usage | awk -v name="$name" '{ print $1 >>(name ".seconds"); printf "%.0f\n", $2 / 1024 >>(name ".memory") }'
}

# The median of a file's numbers.
median() {
    sort -n "$1" | awk '{ value[NR] = $1 } END { print (value[int((NR + 1) / 2)] + value[int(NR / 2) + 1]) / 2 }'
}

calculate() {
    awk "BEGIN { printf \"%.${2:-2}f\n\", $1 }"
}

epochs() {
    nn-init -q -o cnn.0 "$root/pipelines/models/mnist-cnn.model"
    for round in $(seq "$rounds"); do
        rm -f cnn.1 cnn.blas
        measure rote nn-train-epoch -d cpu -t "$threads" -o cnn.1 cnn.0 "$data/train"
        measure blas nn-train-epoch -d blas -t "$threads" -o cnn.blas cnn.0 "$data/train"
        measure torch "$ROTE_TORCH" "$bench/torch_cnn.py" "$data" "$threads"
        echo "round $round of $rounds" >&2
    done
    # Each tells how long the epoch alone took, without start and reading: "13.5 s".
    for name in rote blas torch; do
        sed -n 's/.* \([0-9.]*\) s.*/\1/p' "$name.log" >"$name.epoch"
    done
    echo "| mnist-cnn, $threads threads, median of $rounds | whole process (s) | epoch alone (s) | resident memory (MiB) |"
    echo '|---|---|---|---|'
    echo "| nn-train-epoch -d cpu | $(median rote.seconds) | $(median rote.epoch) | $(median rote.memory) |"
    echo "| nn-train-epoch -d blas | $(median blas.seconds) | $(median blas.epoch) | $(median blas.memory) |"
    echo "| PyTorch $("$ROTE_TORCH" -c 'import torch; print(torch.__version__)') |" \
        "$(median torch.seconds) | $(median torch.epoch) | $(median torch.memory) |"
    echo "| PyTorch / rote | $(calculate "$(median torch.seconds) / $(median rote.seconds)") |" \
        "$(calculate "$(median torch.epoch) / $(median rote.epoch)") |" \
        "$(calculate "$(median torch.memory) / $(median rote.memory)" 1) |"
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
    echo '| started as | ms |'
    echo '|---|---|'
    echo "| true (what measuring costs) | $(milliseconds env true) |"
    for program in "$ROTE_BIN"/*; do
        echo "| ${program##*/} -V | $(milliseconds "$program" -V) |"
    done
    echo "| ckpt-info on a checkpoint of 14 MiB | $(milliseconds ckpt-info cnn.1) |"
    echo "| ckpt-verify on it | $(milliseconds ckpt-verify cnn.1) |"
}

# The seconds that one more epoch takes, from measurements NAME1 and NAME4 of one and of four epochs.
one_more() {
    calculate "($(median "$1"4.seconds) - $(median "$1"1.seconds)) / 3" 3
}

# mlp.model with as many parameters as mnist-cnn: all but the computing costs the same, and is more of the whole.
rest() {
    nn-init -q -o mlp.0 "$root/pipelines/models/mlp.model" width=1509
    for _ in $(seq 10); do seq 0 9999; done >ten
    for _ in $(seq "$rounds"); do
        for count in 1 4; do
            rm -rf run mlp.1
            measure "train$count" nn-train-epoch -t "$threads" -e "$count" -o mlp.1 mlp.0 "$data/train"
            measure "pipeline$count" "$root/pipelines/train.sh" -q -r run data="$data" model=mlp width=1509 val=0 \
                epochs="$count" threads="$threads"
        done
        measure eval1 nn-eval -t "$threads" "$data/t10k" mlp.1
        measure eval10 nn-eval -t "$threads" "$data/t10k@ten" mlp.1
    done
    evaluation=$(calculate "($(median eval10.seconds) - $(median eval1.seconds)) / 9" 3)
    other=$(calculate "$(one_more pipeline) - $(one_more train) - $evaluation")
    echo '| an epoch of train.sh: mnist-cnn on MNIST, test set evaluated | s |'
    echo '|---|---|'
    echo "| not computing: starting, reading, hashing, checking, writing, shell | $other |"
    echo "| its share of an epoch whose training takes $(median rote.epoch) s |" \
        "$(calculate "100 * $other / ($other + $(median rote.epoch))" 1) % |"
}

processor=$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | uniq)
echo "$processor, $(nproc) processors, $(date +%F), load $(cut -d ' ' -f 1 /proc/loadavg)"
echo
epochs
echo
starts
echo
rest
