# ckpt-release: what a release holds, that its bytes depend on nothing else, and which checkpoints and records are refused.
bats_require_minimum_version 1.5.0
load helpers
load checkpoints

# A trained checkpoint, and what nn-eval says of it.
make_trained() {
    nn-train-epoch -q -o a.safetensors "$CKPT" "$DATA/train"
    nn-eval -q "$DATA/test" a.safetensors >test.tsv
}

# The value of KEY in the card of release.safetensors.
card() {
    split_checkpoint release.safetensors
    grep -o "\"$1\":\"[^\"]*\"" header | cut -d '"' -f 4
}

@test "a release has the weights alone, without model. in their names" {
    make_trained
    ckpt-release -o release.safetensors a.safetensors
    split_checkpoint release.safetensors
    [[ $(grep -o '"[^"]*":{"dtype"' header | cut -d '"' -f 2) == $'conv1.weight\nconv1.bias\ndense1.weight\ndense1.bias' ]]
    [[ $(stat -c %s tensors) == $((6810 * 4)) ]]
    mv tensors released
    split_checkpoint a.safetensors
    cmp -n $((6810 * 4)) released tensors
}

@test "the card says where the weights came from" {
    make_trained
    ckpt-release -o release.safetensors a.safetensors
    [[ $(card format) == pt ]]
    [[ $(card checkpoint) == "$(digest_of a.safetensors)" ]]
    [[ $(card parent) == "$(digest_of "$CKPT")" ]]
    [[ $(card model) == 'input 1 28 28\nnormalize '* ]]
    [[ $(card epoch) == 1 && $(card step) == 19 && $(card seed) == 1 ]]
    [[ $(card weights) == model ]]
    [[ $(card train.samples) == 600 ]]
    [[ $(card train.loss) == "$(ckpt-info a.safetensors | awk 'NR == 2 { print $10 }')" ]]
}

@test "of weights with a moving average that is released, with the running statistics, and the card says so" {
    make_rich rich.model
    nn-init -q -o rich.safetensors rich.model
    nn-train-epoch -q -d ref -o a.safetensors rich.safetensors "$DATA/train"
    ckpt-release -o release.safetensors a.safetensors
    [[ $(card weights) == ema ]]
    [[ $(grep -o '"[^"]*":{"dtype"' header | cut -d '"' -f 2) == 'conv1.weight
batchnorm1.weight
batchnorm1.bias
dense1.weight
dense1.bias
batchnorm1.running_mean
batchnorm1.running_var' ]]
    for name in conv1.weight batchnorm1.weight batchnorm1.bias dense1.weight dense1.bias; do
        [[ $(tensor release.safetensors $name) == "$(tensor a.safetensors ema.$name)" ]]
    done
    [[ $(tensor a.safetensors ema.conv1.weight) != "$(tensor a.safetensors model.conv1.weight)" ]]
    for name in running_mean running_var; do
        [[ $(tensor release.safetensors batchnorm1.$name) == "$(tensor a.safetensors model.batchnorm1.$name)" ]]
    done
}

@test "the card says how well they do" {
    make_trained
    ckpt-release --records test.tsv -o release.safetensors a.safetensors
    [[ $(card test.n) == 200 ]]
    [[ $(card test.accuracy) == "$(awk 'NR == 2 { print $8 }' test.tsv)" ]]
}

@test "figures of single classes do not get into the card" {
    make_trained
    nn-eval -q -c "$DATA/test" a.safetensors >classes.tsv
    ckpt-release --records test.tsv -o release.safetensors a.safetensors
    ckpt-release --records classes.tsv -o classes.safetensors a.safetensors
    assert_same release.safetensors classes.safetensors
}

@test "records may come from standard input" {
    make_trained
    ckpt-release --records test.tsv -o release.safetensors a.safetensors
    ckpt-release --records - -o b.safetensors a.safetensors <test.tsv
    assert_same release.safetensors b.safetensors
}

@test "the bytes depend neither on names nor on the order of records" {
    make_trained
    nn-eval -q --split valid "$DATA/test" a.safetensors >valid.tsv
    cat test.tsv valid.tsv >one.tsv
    cat valid.tsv test.tsv >two.tsv
    mkdir elsewhere
    cp a.safetensors elsewhere/other-name
    ckpt-release --records one.tsv -o release.safetensors a.safetensors
    ckpt-release --records two.tsv -o elsewhere/release elsewhere/other-name
    assert_same release.safetensors elsewhere/release
}

@test "records of other checkpoints alone are refused" {
    make_trained
    run -65 ckpt-release --records test.tsv -o release.safetensors "$CKPT"
    assert_error "ckpt-release: test.tsv: read records: no metric of checkpoint $(digest_of "$CKPT") is in them; nn-eval"
    assert_missing release.safetensors
}

@test "records that contradict each other are refused" {
    make_trained
    awk -v OFS='\t' 'NR == 2 { $8 = "0.125" } { print }' test.tsv >other.tsv
    cat other.tsv >>test.tsv
    run -65 ckpt-release --records test.tsv -o release.safetensors a.safetensors
    assert_error 'test.tsv: read records: they give different values of test.accuracy'
    assert_missing release.safetensors
}

@test "records that are none are refused" {
    make_small a.safetensors
    echo nonsense >records
    run -65 ckpt-release --records records -o release.safetensors a.safetensors
    run -66 ckpt-release --records none -o release.safetensors a.safetensors
    assert_error 'ckpt-release: none: open: no such file or directory'
    assert_missing release.safetensors
}

@test "a network that was not trained has no figures of training" {
    make_small a.safetensors
    ckpt-release -o release.safetensors a.safetensors
    [[ $(card epoch) == 0 && -z $(card train.loss) ]]
}

@test "a partial checkpoint is refused" {
    make_small a.safetensors
    make_partial a.safetensors b.safetensors.part 0
    run -65 ckpt-release -o release.safetensors b.safetensors.part
    assert_error 'ckpt-release: b.safetensors.part: release: its epoch is unfinished'
    assert_missing release.safetensors
}

@test "a damaged checkpoint is refused" {
    make_small a.safetensors
    change_byte a.safetensors $(($(stat -c %s a.safetensors) - 1))
    run -65 ckpt-release -o release.safetensors a.safetensors
    assert_error 'ckpt-release: a.safetensors: digest differs'
    assert_missing release.safetensors
}

@test "a truncated checkpoint is refused" {
    head -c 5000 "$CKPT" >cut.safetensors
    run -65 ckpt-release -o release.safetensors cut.safetensors
    assert_error "cut.safetensors: ends after 5000 of $(stat -c %s "$CKPT") bytes"
    assert_missing release.safetensors
}

@test "an output that exists stays as it was, unless -f is given" {
    make_small a.safetensors
    echo precious >release.safetensors
    run -73 ckpt-release -o release.safetensors a.safetensors
    assert_error 'release.safetensors: create: '
    [[ $(<release.safetensors) == precious ]]
    run -0 ckpt-release -f -o release.safetensors a.safetensors
    [[ $(card format) == pt ]]
    assert_no_leftovers
}

@test "a directory that is not there is refused" {
    make_small a.safetensors
    run -73 ckpt-release -o none/release.safetensors a.safetensors
    assert_error 'none/release.safetensors: create: no such file or directory'
}

@test "a release may go to standard output" {
    make_small a.safetensors
    ckpt-release -o release.safetensors a.safetensors
    ckpt-release -o - a.safetensors >b.safetensors
    assert_same release.safetensors b.safetensors
    run -74 bash -c 'ckpt-release -o - a.safetensors >/dev/full'
}

@test "an unknown format is refused with those that there are" {
    run -64 ckpt-release -F gguf -o release.safetensors "$CKPT"
    assert_error 'ckpt-release: -F gguf: no such format; there are safetensors, onnx and c'
    ckpt-release -F safetensors -o release.safetensors "$CKPT"
}

@test "a missing output or operand is a usage error, and so is one operand too many" {
    run -64 ckpt-release "$CKPT"
    assert_error '-o is missing'
    run -64 ckpt-release -o release.safetensors
    run -64 ckpt-release -o release.safetensors "$CKPT" "$CKPT"
    assert_missing release.safetensors
}
