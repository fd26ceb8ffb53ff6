#!/bin/sh
# What ranks cost: ROTE_MNIST=directory tests/bench/ranks.sh [-r ROUNDS] [-n SAMPLES] [speed|traffic|estimate...]
#
# Prints tables in Markdown; all unless told. `speed`: two ranks of one thread beside one process of two threads, which take turns;
# medians of ROUNDS (default: 5) of epochs over SAMPLES (default: 12000), without start and end. Let nothing else run. `traffic`: what
# rank 0 sends, as it is counted, beside what follows from the network. `estimate`: what follows from that for a batch on several nodes
# like this one. All ranks are on this machine.
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
[ $# -gt 0 ] || set -- speed traffic estimate
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

# Of `ckpt-info -m` on stdin: the bytes that a rank of RANKS sends for a batch of BATCH samples, where all shares are even: gradients and
# weights of conv; what the others need of a dense layer's inputs; gradients of both of its sides, but not of the picture; rows of its
# weight.
predict() { # RANKS BATCH
    awk -F '\t' -v ranks="$1" -v batch="$2" '
        function shared(floats) { return 4 * floats * (ranks - 1) / ranks }
        NR == 1 { sub(/^#/, ""); for (i = 1; i <= NF; i++) column[$i] = i; next }
        { split($column["shape"], side, "x"); outputs = side[1] * side[2] * side[3] }
        $column["kind"] == "conv" { conv += 2 * shared($column["parameters"]) }
        $column["kind"] == "dense" {
            x += shared(batch / ranks * inputs)
            slopes += shared(batch * outputs) + (NR > 3 ? shared(batch / ranks * inputs) : 0)
            rows += shared($column["parameters"] - outputs)
        }
        { inputs = outputs }
        END { printf "%.0f %.0f %.0f %.0f\n", conv, x, slopes, rows }'
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
            echo "| $model, $ranks ranks | $((${counted% *} / 10)) | $(calculate "$(echo "$predicted" | tr ' ' +)" 0) | $((${counted#* } / 10)) |"
        done
    done
}

# What a batch would take on NODES, in milliseconds, for a network that takes one node ALONE: shares of chunks of 4 samples; what is
# exposed of messages: those of conv and of gradients, and the rest beyond four fifths of computing; and seven rounds of messages, each
# of a latency, and of a microsecond for each of the others. Over 10 Gbit/s 30 us of latency (TCP), over 100 Gbit/s 3 (RDMA).
guess() { # ALONE NODES GBIT BATCH CONV X SLOPES ROWS
    awk -v alone="$1" -v nodes="$2" -v gbit="$3" -v batch="$4" -v conv="$5" -v x="$6" -v slopes="$7" -v rows="$8" 'BEGIN {
        chunks = batch / 4
        share = int((chunks + nodes - 1) / nodes) / chunks
        second = gbit * 1e9 / 8
        hidden = 1e3 * (x + rows) / second - 0.8 * share * alone
        spent = share * alone + 1e3 * (conv + slopes) / second + (hidden > 0 ? hidden : 0)
        spent += 7 * ((gbit > 10 ? 3 : 30) + nodes - 1) / 1e3
        printf "%.2f | %.1f", spent, alone / spent
    }'
}

estimate() {
    echo '| a batch of mnist-cnn, ms; times as fast as one node | one node | 10 Gbit/s | | 100 Gbit/s | |'
    echo '|---|---|---|---|---|---|'
    for batch in 64 1024; do
        nn-init -q -f -o guessed.0 "$models/mnist-cnn.model" train.batch=$batch
        seq 0 $((8 * batch - 1)) >eight
        for _ in $(seq "$rounds"); do
            train "guess$batch" 1 "$(nproc)" guessed eight
            train "guess$batch.start" 1 "$(nproc)" guessed one
        done
        alone=$(calculate "1e3 * $(alone "guess$batch") / 8")
        for nodes in 8 64; do
            # shellcheck disable=SC2046 # four numbers
            set -- $(ckpt-info -m guessed.0 | predict $nodes $batch)
            echo "| batch $batch, $nodes nodes | $alone | $(guess "$alone" $nodes 10 $batch "$@") | $(guess "$alone" $nodes 100 $batch "$@") |"
        done
    done
}

machine
for part; do
    echo
    "$part"
done
