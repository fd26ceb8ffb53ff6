#!/bin/sh
# rote's files in the hands of others: ROTE_TORCH=python tests/interop.sh, where that Python has torch and safetensors.
#
# Small networks are trained a little, released, and given to PyTorch (golden/torch-check.py). The programs are those of $BUILD
# (default: build/ of the repository); the data are MNIST's in $ROTE_MNIST, else Debian's dataset-fashion-mnist.
set -eu

: "${ROTE_TORCH:?a Python that has torch and safetensors}"
root=$(cd "$(dirname "$0")/.." && pwd)
PATH=${BUILD:-$root/build}/bin:$PATH
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
cd "$directory"

cat >strides.model <<END
input 1 28 28
normalize 0.2 0.4
conv 6 5 stride=2 pad=3
relu
maxpool 3 stride=2
conv 7 2 pad=1
dropout 0.3
dense 30
dense 10
loss cross-entropy
train batch=50
optimizer sgd lr=0.05 momentum=0.9
END
cp "$root/pipelines/models/small-cnn.model" "$root/pipelines/models/mlp.model" .

idx-split -q -o . "${ROTE_MNIST:-/usr/share/datasets/fashion-mnist}/train" train=3000 test=1000 >sets

# compare NAME: one epoch of NAME.model, then its release beside nn-eval on each device.
compare() {
    nn-init -q -o "$1-0.safetensors" "$1.model" &&
        nn-train-epoch -q -o "$1.safetensors" "$1-0.safetensors" train &&
        ckpt-release -q -o "$1-release.safetensors" "$1.safetensors" || return
    for device in ref blas; do
        nn-eval -q -d "$device" test "$1.safetensors" >record &&
            "$ROTE_TORCH" "$root/tests/golden/torch-check.py" "$1.safetensors" "$1-release.safetensors" test <record || return
    done
}

status=0
for model in strides small-cnn mlp; do
    if compare "$model" >log 2>&1; then
        echo "ok - PyTorch opens $model and gives the same answers"
    else
        echo "not ok - PyTorch opens $model and gives the same answers"
        status=1
    fi
    sed 's/^/# /' log
done
exit "$status"
