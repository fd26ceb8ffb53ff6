# ckpt-release --fold and what else concerns every format: folded networks, moving averages, weights that cannot be released.
bats_require_minimum_version 1.5.0
load helpers
load checkpoints
load releases

setup_file() {
    cd "$BATS_FILE_TMPDIR" || return
    make_every
}

setup() {
    cd "$BATS_TEST_TMPDIR" || return
    cp "$BATS_FILE_TMPDIR"/* .
}

# The names of a release's tensors, one a line.
tensors() {
    split_checkpoint "$1"
    grep -o '"[^"]*":{"dtype"' header | cut -d '"' -f 2
}

@test "a folded network has the batchnorms that none can take, biases where others were, and nearly the same logits" {
    run -0 ckpt-release -v --fold -o folded.safetensors every.safetensors
    assert_output_has 'every.safetensors: fold: 4 batchnorms'
    [[ $(tensors folded.safetensors | grep batchnorm) == 'batchnorm1.weight
batchnorm1.bias
batchnorm1.running_mean
batchnorm1.running_var' ]]
    tensors folded.safetensors | grep -qx conv1.bias
    logits every.safetensors "$DATA/test" >wanted
    logits folded.safetensors "$DATA/test" >folded
    run ! cmp -s wanted folded
    near wanted folded 1e-4
}

@test "the card of a folded network has its own model, and the recipe" {
    ckpt-release --fold --card card.md -o folded.safetensors every.safetensors
    split_checkpoint folded.safetensors
    grep -qF '"model":"input 1 28 28\nnormalize 0.286 0.353\nconv 6 3 stride=2\nrelu\nconv 6 1\nresidual\nbatchnorm\nconv 8 3 pad=1\ntanh' header
    grep -qF '"recipe":"input 1 28 28\nnormalize 0.286 0.353\nconv 6 3 stride=2 bias=no\nbatchnorm\nrelu' header
    grep -qx 'conv 6 3 stride=2 bias=no' card.md
    grep -q '^| batch normalization | folded' card.md
}

@test "where there is nothing to fold the release is the same, and -v says so" {
    ckpt-release -o a.safetensors "$CKPT"
    run -0 ckpt-release --fold -o b.safetensors "$CKPT"
    [[ -z $output ]]
    assert_same a.safetensors b.safetensors
    run -0 ckpt-release -v -f --fold -o b.safetensors "$CKPT"
    assert_output_has 'fold: no batchnorm directly follows a conv or dense layer'
}

@test "a moving average is what is released, in every format" {
    for format in safetensors onnx c; do
        ckpt-release -F $format -o release.$format every.safetensors
    done
    logits every.safetensors "$DATA/test" >wanted
    logits release.safetensors "$DATA/test" >of-release
    assert_same wanted of-release
    compile_release release gcc -O2
    tail -c +17 "$DATA/test-images-idx3-ubyte" | ./program >of-c
    assert_same wanted of-c
    [[ $(tensor release.safetensors conv1.weight) == "$(tensor every.safetensors ema.conv1.weight)" ]]
    [[ $(tensor every.safetensors ema.conv1.weight) != "$(tensor every.safetensors model.conv1.weight)" ]]
    python3 - release.safetensors release.onnx <<'END'
import sys, json
release = open(sys.argv[1], 'rb').read()
data = 8 + int.from_bytes(release[:8], 'little')
begin, end = json.loads(release[8:data])['conv1.weight']['data_offsets']
assert release[data + begin:data + end] in open(sys.argv[2], 'rb').read()
END
}

# A checkpoint whose first running variance is -1, and that proves itself.
make_impossible() {
    local begin
    split_checkpoint every.safetensors
    begin=$(grep -o '"model.batchnorm1.running_var":{[^}]*' header | sed 's/.*\[\([0-9]*\),.*/\1/')
    printf '\0\0\200\277' | dd of=tensors bs=1 seek="$begin" conv=notrunc status=none
    join_checkpoint impossible.safetensors
    seal impossible.safetensors
}

@test "a batchnorm that no number of C can say, or that cannot be folded, is refused" {
    make_impossible
    run -65 ckpt-release -F c -o release.c impossible.safetensors
    assert_error 'release.h: release: batchnorm1 multiplies by what is not finite'
    run -65 ckpt-release --fold -o release.safetensors impossible.safetensors
    assert_error 'impossible.safetensors: fold: conv1.weight would not be finite'
    assert_missing release.c
    assert_missing release.h
    assert_missing release.safetensors
}

@test "ONNX is made of every network, and its bytes depend on nothing else" {
    mkdir elsewhere
    ckpt-release -F onnx -o every.onnx every.safetensors
    ckpt-release -F onnx -o elsewhere/other every.safetensors
    assert_same every.onnx elsewhere/other
    [[ $(head -c 8 every.onnx | od -An -tx1) == ' 08 07 12 04 72 6f 74 65' ]] # version 7, of rote
}
