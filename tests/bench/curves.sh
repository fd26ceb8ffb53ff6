#!/bin/sh
# Record learning curves, and fit them: ROTE_MNIST=directory tests/bench/curves.sh [-n TRIALS] >tests/bench/curves.tsv
#
# TRIALS (default: 64) that hp-sample draws of a perceptron are trained for 16 epochs on 2000 samples; curves.py fits what nn-eval says of
# 2000 others after each epoch. Fashion-MNIST, named as MNIST is, leaves more to be searched for.
set -eu

trials=64
while getopts n: option; do
    case $option in
    n) trials=$OPTARG ;;
    *) exit 64 ;;
    esac
done
# shellcheck source=tests/bench/mnist.sh
. "$(dirname "$0")/mnist.sh"
# shellcheck source=tests/bench/common.sh
. "$(dirname "$0")/common.sh"

idx-split -q -o . "$data/train" train=2000 valid=2000 rest=rest >parts
cat >space <<'END'
rate log 1e-4 3
momentum choice 0 0.5 0.9 0.99
width choice 4 8 16 32 64 128 256
dropped uniform 0 0.7
batch choice 16 64 256
END
cat >model <<'END'
let rate=0.1
let momentum=0.9
let width=64
let dropped=0.1
let batch=32
input 1 28 28
normalize 0.2860 0.3530
dense $width
relu
dropout $dropped
dense 10
loss cross-entropy
train batch=$batch
optimizer sgd lr=$rate momentum=$momentum
END
hp-sample -N "$trials" space >trials.tsv

sed 1d trials.tsv | while read -r trial rate momentum width dropped batch; do
    rm -f [01]?
    nn-init -q -o 00 model rate="$rate" momentum="$momentum" width="$width" dropped="$dropped" batch="$batch"
    before=00
    for epoch in $(seq -w 16); do
        nn-train-epoch -q -o "$epoch" "$before" train 2>diverged || break
        before=$epoch
    done
    nn-eval -q --split valid valid [01]? | sed "s/^#/#trial\t/; t; s/^/$trial\t/"
done >records.tsv
python3 "$bench/curves.py" trials.tsv records.tsv
