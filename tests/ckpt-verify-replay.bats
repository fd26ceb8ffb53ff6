# ckpt-verify --replay: epochs trained again, and compared byte for byte.
# shellcheck disable=SC2153,SC2154 # helpers set DATA, and bats sets stderr
bats_require_minimum_version 1.5.0
load helpers
load checkpoints
load train

setup_file() {
    cd "$BATS_FILE_TMPDIR" || return
    train -r whole epochs=4
}

setup() {
    cd "$BATS_TEST_TMPDIR" || return
    cp -a "$BATS_FILE_TMPDIR/whole" a
    export OWN=$DATA/train@$PWD/a/train.list
}

# replays: what the last run says of each checkpoint, in order, and how each is
replays() {
    awk -F '\t' '/^#/ { for (i = 1; i <= NF; i++) field[$i] = i; next } $field["kind"] == "checkpoint" { printf "%s%s", n++ ? " " : "", $field["replay"] }' <<<"$output"
}

@test "every epoch of a run is trained again and is the same, by any engine, instructions and number of threads" {
    run -0 --separate-stderr ckpt-verify --replay "$OWN" a
    [ "$(replays)" = 'none same same same same' ]
    [[ $stderr == *'a/epoch-0004.safetensors: training it again, 4 of 4'* ]]
    run -0 ckpt-verify -q -d ref --replay "$OWN" a
    [ "$(replays)" = 'none same same same same' ]
    ROTE_ISA=generic run -0 ckpt-verify -q -t 3 --replay "$OWN" a
    [ "$(replays)" = 'none same same same same' ]
}

@test "a range, one epoch, a sample that the seed draws" {
    run -0 ckpt-verify -q --epochs 2-3 --replay "$OWN" a
    [ "$(replays)" = 'none none same same none' ]
    run -0 ckpt-verify -q --epochs 4 --replay "$OWN" a
    [ "$(replays)" = 'none none none none same' ]
    run -0 ckpt-verify -q --sample 2 -s 7 --replay "$OWN" a
    first=$(replays)
    [ "$(tr ' ' '\n' <<<"$first" | grep -c same)" -eq 2 ]
    run -0 ckpt-verify -q --sample 2 -s 7 --replay "$OWN" a
    [ "$(replays)" = "$first" ]
    run -0 ckpt-verify -q --sample 9 --replay "$OWN" a
    [ "$(replays)" = 'none same same same same' ]
}

@test "weights that training does not give are told, with the first tensor and element, though the digest is right" {
    # the fourth element of the first tensor
    size=$(od -An -tu8 -N8 a/epoch-0004.safetensors)
    printf '\001' | dd of=a/epoch-0004.safetensors bs=1 seek=$((8 + size + 12)) conv=notrunc status=none
    seal a/epoch-0004.safetensors
    run -0 ckpt-verify -q a/epoch-0004.safetensors
    run -1 ckpt-verify -q --epochs 4 --replay "$OWN" a
    [ "$(replays)" = 'none none none none differs' ]
    assert_error 'a/epoch-0004.safetensors: replay: model.conv1.weight: element 3 is '
}

@test "one that says what no training from its parent makes, be it of another network, is told without any" {
    parent=$(digest_of a/epoch-0003.safetensors) data=$(grep -ao '"data":"[0-9a-f]*"' a/epoch-0003.safetensors)
    printf '%s\n' 'input 1 28 28' 'dense 10' 'loss cross-entropy' 'train batch=32 epochs=1' 'optimizer adam lr=0.01' >other.model
    nn-init -q -o other other.model
    edit_checkpoint other other "s/\"parent\":\"[^\"]*\"/\"parent\":\"$parent\"/; s/\"data\":\"[^\"]*\"/$data/; s/\"epoch\":\"0\"/\"epoch\":\"4\"/"
    cp -a a b
    mv other a/epoch-0004.safetensors
    run -1 ckpt-verify -q --epochs 4 --replay "$OWN" a
    assert_error 'a/epoch-0004.safetensors: replay: its model text is not that of its parent'
    edit_checkpoint b/epoch-0004.safetensors a/epoch-0004.safetensors 's/"seed":"[^"]*"/"seed":"77"/'
    run -1 ckpt-verify -q --epochs 4 --replay "$OWN" a
    assert_error 'replay: it says seed 77, and its parent 1'
    edit_checkpoint b/epoch-0004.safetensors a/epoch-0004.safetensors 's/"step":"[^"]*"/"step":"9999"/'
    run -1 ckpt-verify -q --epochs 4 --replay "$OWN" a
    assert_error 'replay: it says step 9999, and training ends at '
}

@test "a parent that was pruned is no fault, one that is gone is not replayed from" {
    ckpt-prune -q -l 2 a >/dev/null
    run -0 ckpt-verify -q --replay "$OWN" a
    [[ "$(replays)" == *'pruned'*'same' ]]
    rm -r a
    cp -a "$BATS_FILE_TMPDIR/whole" a
    rm a/epoch-0000.safetensors
    run -1 ckpt-verify -q --replay "$OWN" a
    [[ "$(replays)" == *'missing same same same'* ]]
}

@test "other data, no such epochs, and what is no data are told" {
    run -65 ckpt-verify -q --replay "$DATA/train" a
    assert_error "$DATA/train: replay: not the data that a/epoch-0001.safetensors was trained on"
    run -66 ckpt-verify -q --epochs 9 --replay "$OWN" a
    assert_error 'a: replay: no checkpoint of these epochs is there with its parent'
    run -66 ckpt-verify -q --replay nowhere a
    assert_error 'nowhere'
    for wrong in --epochs=3-2 --epochs=x --sample=0 --sample=-1; do
        run -64 ckpt-verify "$wrong" --replay "$OWN" a
    done
    run -64 ckpt-verify --sample 2 a
    run -64 ckpt-verify --epochs 2 a
}

@test "a signal stops it with 75" {
    run -75 "$BUILD/tests/fault/inject" -c read -p "$DATA" -n 1 -a signal=TERM ckpt-verify -q --replay "$OWN" a
}
