#!/bin/sh
# How the cost of training grows: ROTE_MNIST=directory tests/bench/growth.sh [-r ROUNDS] [-n SAMPLES]
#
# Prints tables in Markdown: batches of 16 to 1024, threads from 1 to four for each processor, samples from ten to a hundred times
# SAMPLES, pictures of 28 to 128 rows. Medians of ROUNDS (default: 3); SAMPLES (default: 6000) is how many most epochs have. Seconds are
# those of epochs alone, without start and end.
set -eu

rounds=3 samples=6000
while getopts n:r: option; do
    case $option in
    n) samples=$OPTARG ;;
    r) rounds=$OPTARG ;;
    *) exit 64 ;;
    esac
done
# shellcheck source=tests/bench/mnist.sh
. "$(dirname "$0")/mnist.sh"
# shellcheck source=tests/bench/common.sh
. "$(dirname "$0")/common.sh"

# epochs NAME THREADS SAMPLES DATA MODEL [SETTING...]: sets $seconds, and $each, in microseconds a sample.
epochs() {
    name=$1 workers=$2 n=$3 set=$4
    shift 4
    nn-init -q -f -o "$name.0" "$@"
    for _ in $(seq "$rounds"); do epoch "$name" "$workers" "$name.0" "$set"; done
    seconds=$(alone "$name")
    each=$(calculate "1e6 * $seconds / $n" 1)
}

# ratio FIRST SECOND: how many times the first goes into the second.
ratio() {
    calculate "$2 / $1"
}

batches() {
    echo "| batch: mnist-cnn, $samples samples, $(nproc) threads | us a sample | of batch 16's |"
    echo '|---|---|---|'
    for batch in 16 32 64 128 256 512 1024; do
        epochs "batch$batch" "$(nproc)" "$samples" "$data/train@some" "$models/mnist-cnn.model" train.batch="$batch"
        [ "$batch" != 16 ] || first=$each
        echo "| $batch | $each | $(ratio "$first" "$each") |"
    done
}

# 1, 2, 4... below the number of processors, that number, and two and four times it.
thread_counts() {
    awk -v all="$(nproc)" 'BEGIN { for (n = 1; n < all; n *= 2) print n; print all; print 2 * all; print 4 * all }'
}

threads() {
    echo "| threads: mnist-cnn, $samples samples, batch 64 | us a sample | times 1 thread |"
    echo '|---|---|---|'
    for number in $(thread_counts); do
        epochs "threads$number" "$number" "$samples" "$data/train@some" "$models/mnist-cnn.model"
        [ "$number" != 1 ] || first=$each
        echo "| $number | $each | $(ratio "$each" "$first") |"
    done
}

sets() {
    echo "| samples: mlp, batch 64, $(nproc) threads | s | us a sample | of the smallest set's | MiB |"
    echo '|---|---|---|---|---|'
    for part in 1 2 5 10; do
        for _ in $(seq "$part"); do seq 0 $((10 * samples - 1)); done |
            awk -v n="$(count "$data/train")" '{ print $1 % n }' >repeated
        name=set$part
        epochs "$name" "$(nproc)" $((part * 10 * samples)) "$data/train@repeated" "$models/mlp.model"
        [ "$part" != 1 ] || first=$each
        echo "| $((part * 10 * samples)) | $seconds | $each | $(ratio "$first" "$each") | $(median "$name.memory") |"
    done
}

sizes() {
    most=$(count "$data/train")
    [ $((10 * samples)) -gt "$most" ] || most=$((10 * samples))
    echo "| pictures: small-cnn, $most x 28 x 28 pixels in all, $(nproc) threads | samples | us a sample | ns a pixel | of 28 x 28's |"
    echo '|---|---|---|---|---|'
    for rows in 28 40 56 80 112 128; do
        n=$((most * 784 / rows / rows))
        recut "$rows" "$n"
        sed "s/^input .*/input 1 $rows $rows/" "$models/small-cnn.model" >"cut$rows.model"
        epochs "cut$rows" "$(nproc)" "$n" "$PWD/cut$rows" "cut$rows.model"
        pixel=$(calculate "1000 * $each / $rows / $rows" 1)
        [ "$rows" != 28 ] || first=$pixel
        echo "| $rows x $rows | $n | $each | $pixel | $(ratio "$first" "$pixel") |"
        rm -f "cut$rows"-*
    done
}

seq 0 $((samples - 1)) >some
machine
for table in batches threads sets sizes; do
    echo
    "$table"
done
