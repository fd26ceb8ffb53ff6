#!/bin/sh
# What ranks cost: ROTE_MNIST=directory tests/bench/ranks.sh [-r ROUNDS] [-n SAMPLES] [speed|traffic...]
#
# Prints tables in Markdown; both unless told. `speed`: two ranks of one thread beside one process of two threads, which take turns;
# medians of ROUNDS (default: 5) of epochs over SAMPLES (default: 12000), without start and end. Let nothing else run. `traffic`: what
# rank 0 sends, as it is counted, beside what follows from the network. All ranks are on this machine.
set -eu

rounds=5 samples=12000
while getopts n:r: option; do
    case $option in
    n) samples=$OPTARG ;;
    r) rounds=$OPTARG ;;
    *) exit 64 ;;
    esac
done
shift $((OPTIND - 1))
[ $# -gt 0 ] || set -- speed traffic
# shellcheck source=tests/bench/mnist.sh
. "$(dirname "$0")/mnist.sh"
# shellcheck source=tests/bench/common.sh
. "$(dirname "$0")/common.sh"
# shellcheck source=tests/ranks/mpi.sh
. "$root/tests/ranks/mpi.sh"
unset OMPI_MCA_btl_vader_single_copy_mechanism

seq 0 $((samples - 1)) >some
echo 0 >one

# train NAME RANKS THREADS MODEL LIST
train() {
    rm -f trained
    measure "$1" mpirun -q --bind-to none -n "$2" nn-train-epoch -v -d cpu -t "$3" -o trained "$4.0" "$data/train@$5"
}

speed() {
    echo "| one epoch, $samples samples, seconds | 1 process, 2 threads | 2 ranks, 1 thread each | ratio | target |"
    echo '|---|---|---|---|---|'
    for model in mnist-cnn mlp one-epoch; do
        nn-init -q -o "$model.0" "$models/$model.model"
        for _ in $(seq "$rounds"); do
            for ranks in 1 2; do
                train "$model.$ranks" "$ranks" $((3 - ranks)) "$model" some
                train "$model.$ranks.start" "$ranks" $((3 - ranks)) "$model" one
            done
        done
        alone=$(alone "$model.1")
        shared=$(alone "$model.2")
        echo "| $model | $alone | $shared | $(calculate "$alone / $shared") | 0.95 |"
    done
}

# Of `ckpt-info -m` on stdin: the bytes that rank 0 of RANKS sends for a batch of BATCH samples, where chunks share out evenly. Of conv:
# its gradients to who adds them, and its share of the weights to all; of dense: what the others need of its inputs, its gradients of
# outputs, and rows.
predict() { # RANKS BATCH
    awk -F '\t' -v ranks="$1" -v batch="$2" '
        function shared(floats) { return 4 * floats * (ranks - 1) / ranks }
        NR == 1 { sub(/^#/, ""); for (i = 1; i <= NF; i++) column[$i] = i; next }
        { split($column["shape"], side, "x"); outputs = side[1] * side[2] * side[3] }
        $column["kind"] == "conv" { sent += 2 * shared($column["parameters"]) }
        $column["kind"] == "dense" {
            sent += shared(batch / ranks * inputs) + shared(batch * outputs) + shared($column["parameters"] - outputs)
        }
        { inputs = outputs }
        END { printf "%.0f\n", sent }'
}

traffic() {
    echo '| bytes that rank 0 sends for a batch of 64 | counted | predicted | messages |'
    echo '|---|---|---|---|'
    seq 0 639 >ten
    for model in mnist-cnn mlp; do
        nn-init -q -f -o "$model.0" "$models/$model.model" train.batch=64
        for ranks in 2 4 8 16; do
            train sent "$ranks" 1 "$model" ten
            counted=$(sed -n 's/.* sent \([0-9]*\) messages, \([0-9]*\) bytes/\2 \1/p' sent.log | tail -n 1)
            predicted=$(ckpt-info -m "$model.0" | predict "$ranks" 64)
            echo "| $model, $ranks ranks | $((${counted% *} / 10)) | $predicted | $((${counted#* } / 10)) |"
        done
    done
}

machine
for part; do
    echo
    "$part"
done
