#!/bin/sh
# rote beside PyTorch, in the Python that $ROTE_TORCH names; with the package safetensors, files are read by that as well.
#
# Small networks are trained a little, released, and given to PyTorch (golden/torch-check.py). Then the first steps of every model
# in golden/torch are compared (golden/torch-steps.py).
set -eu

if [ -z "${ROTE_TORCH-}" ]; then
    echo 'ROTE_TORCH names no Python that has torch'
    exit 77
fi

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
cat >blocks.model <<END
input 1 28 28
normalize 0.2 0.4
conv 6 3 stride=2 bias=no
batchnorm
relu
repeat 2
residual
conv 8 3 pad=1 bias=no
batchnorm eps=0.001
tanh
dropout2d 0.2
conv 8 3 pad=1
end
avgpool 3 stride=2
end
conv 10 1
global-avgpool
loss cross-entropy smoothing=0.1
train batch=50
optimizer adamw lr=0.003
ema 0.9
END
cp "$ROOT/pipelines/models/small-cnn.model" "$ROOT/pipelines/models/mlp.model" .

idx-split -q -o . "$ROTE_MNIST/train" train=3000 test=1000 >sets

# compare NAME: one epoch of NAME.model, then its release beside nn-eval on each device.
compare() {
    nn-init -q -o "$1-0.safetensors" "$1.model" &&
        nn-train-epoch -q -o "$1.safetensors" "$1-0.safetensors" train &&
        ckpt-release -q -o "$1-release.safetensors" "$1.safetensors" || return
    for device in cpu ref blas; do
        nn-eval -q -d "$device" test "$1.safetensors" >record &&
            "$ROTE_TORCH" "$ROOT/tests/golden/torch-check.py" "$1.safetensors" "$1-release.safetensors" test <record || return
    done
}

# Both sides' first steps of the models in golden/torch.
compare_steps() {
    directory=$PWD
    mkdir steps && (cd "$ROOT" && "$BUILD/tests/torch-test" "$directory/steps") &&
        "$ROTE_TORCH" "$ROOT/tests/golden/torch-steps.py" steps
}

# report RESULT SENTENCE: in TAP, with what the check has left in the log.
report() {
    echo "$1 - $2"
    sed 's/^/# /' log
    if [ "$1" != ok ]; then status=1; fi
}

status=0
for model in strides blocks small-cnn mlp; do
    result=ok
    compare "$model" >log 2>&1 || result='not ok'
    report "$result" "PyTorch opens $model and gives the same answers"
done
result=ok
compare_steps >log 2>&1 || result='not ok'
report "$result" "PyTorch's first steps are ours"
exit "$status"
