# ckpt-verify: what is proven, what differs, what is invalid and what nobody can tell, of single files and of whole directories.
bats_require_minimum_version 1.5.0
load helpers
load checkpoints

# The state and reason of FILE in the output of the last run, or of all files without one.
states() {
    awk -F '\t' -v file="${1-}" '!/^#/ && (file == "" || $1 == file) { print $3 ": " $6 }' <<<"$output"
}

@test "a checkpoint that was just written is proven" {
    make_small a.safetensors
    run -0 ckpt-verify a.safetensors
    [[ ${lines[0]} == '#path	epoch	state	digest	parent	reason	kind	remedy' ]]
    [[ ${lines[1]} == "a.safetensors	0	proven	$(digest_of a.safetensors)	none	none	checkpoint	none" ]]
}

@test "a trained checkpoint is proven" {
    nn-train-epoch -q -o a.safetensors "$CKPT" "$DATA/train"
    run -0 ckpt-verify -j a.safetensors
    assert_output_has '"epoch":1,"state":"proven"'
    assert_output_has "\"parent\":\"$(digest_of "$CKPT")\",\"reason\":null,\"kind\":\"checkpoint\",\"remedy\":null}"
}

@test "running statistics, moments and a moving average are proven, each in its place" {
    make_rich rich.model
    nn-init -q -o a.safetensors rich.model
    nn-train-epoch -q -d ref -o b.safetensors a.safetensors "$DATA/train"
    ckpt-verify a.safetensors b.safetensors
    split_checkpoint b.safetensors
    [[ $(grep -o '"[^"]*":{"dtype"' header | cut -d '"' -f 2) == "$(
        for name in conv1.weight batchnorm1.weight batchnorm1.bias dense1.weight dense1.bias batchnorm1.running_mean batchnorm1.running_var; do
            echo model.$name
        done
        for part in optim.momentum_buffer ema; do
            for name in conv1.weight batchnorm1.weight batchnorm1.bias dense1.weight dense1.bias; do
                echo $part.$name
            done
        done
    )" ]]
}

@test "a checkpoint is proven through standard input" {
    make_small a.safetensors
    run -0 ckpt-verify - <a.safetensors
}

@test "every changed byte of a small checkpoint is noticed" {
    local size
    make_small a.safetensors
    size=$(stat -c %s a.safetensors)
    mkdir changed
    for ((at = 0; at < size; at++)); do
        cp a.safetensors "changed/$at"
        change_byte "changed/$at" "$at"
    done
    run ! --separate-stderr ckpt-verify changed/*
    [[ $(grep -c $'\t''\(differs\|invalid\|unreadable\)'$'\t' <<<"$output") == "$size" ]]
}

@test "every shorter checkpoint is noticed" {
    local size
    make_small a.safetensors
    size=$(stat -c %s a.safetensors)
    mkdir cut
    for ((length = 0; length < size; length++)); do
        head -c "$length" a.safetensors >"cut/$length"
    done
    run -65 --separate-stderr ckpt-verify cut/*
    [[ $(grep -c $'\tinvalid\t.*ends after' <<<"$output") == "$size" ]]
}

@test "a changed weight is a digest that differs" {
    make_small a.safetensors
    change_byte a.safetensors $(($(stat -c %s a.safetensors) - 1))
    run -1 --separate-stderr ckpt-verify a.safetensors
    [[ $(states) == 'differs: digest differs: the file was changed after it was written' ]]
    assert_error 'ckpt-verify: a.safetensors: digest differs'
}

@test "header lengths that cannot be are noticed" {
    make_small a.safetensors
    for length in 0 1 $((1 << 62)) $((1 << 63)) -1 -8; do
        { header_length "$length" && tail -c +9 a.safetensors; } >b.safetensors
        run -65 ckpt-verify b.safetensors
        assert_output_has 'its first bytes say that its header is'
    done
    { header_length 100000 && tail -c +9 a.safetensors; } >b.safetensors
    run -65 ckpt-verify b.safetensors
    assert_output_has 'bytes, within its header of 100000'
}

# becomes REASON SCRIPT: a checkpoint whose header the sed script changed is invalid for that reason, even with a right digest.
becomes() {
    make_small a.safetensors
    edit_checkpoint a.safetensors b.safetensors "$2"
    run -65 --separate-stderr ckpt-verify b.safetensors
    [[ $(states) == "invalid: "*"$1"* ]] && return
    printf '%s is not the reason in\n%s\n' "$1" "$output"
    return 1
}

@test "a key that comes twice is refused" {
    becomes 'duplicate object key' 's/"seed":"1"/&,&/'
}

@test "a tensor that comes twice is refused" {
    becomes 'duplicate object key' 's/dense1.bias/dense1.weight/'
}

@test "tensors that overlap are refused" {
    becomes "tensor 'model.dense1.bias' overlaps another" 's/\[4,8\]/[0,4]/'
}

@test "a hole between tensors is refused" {
    becomes "there is a hole before tensor 'model.dense1.bias'" 's/\[4,8\]/[8,12]/'
}

@test "offsets out of range are refused" {
    becomes 'do not fit its shape' 's/\[4,8\]/[4,9223372036854775807]/'
    becomes 'do not fit its shape' 's/\[4,8\]/[-4,0]/'
    becomes 'its header: too big integer' 's/\[4,8\]/[4,18446744073709551616]/'
}

@test "bytes after the last tensor are refused" {
    make_small a.safetensors
    echo >>a.safetensors
    run -65 ckpt-verify a.safetensors
    assert_output_has '1 bytes follow its last tensor'
}

@test "tensors of another type than F32 are refused" {
    becomes 'has dtype F64, not F32' 's/F32/F64/'
}

@test "shapes that cannot be are refused" {
    becomes 'is impossible' 's/\[1,1\]/[4294967296,4294967296]/'
    becomes 'is impossible' 's/\[1,1\]/[0,1]/'
    becomes 'is no list of at most 4 numbers' 's/\[1,1\]/[1,1,1,1,1]/'
}

@test "an extra key is refused" {
    becomes 'not spelt as rote writes it' 's/"seed":"1"/&,"more":"1"/'
}

@test "another spelling is refused" {
    becomes 'not spelt as rote writes it' 's/"seed":"1"/"seed": "1"/'
    becomes 'not spelt as rote writes it' 's/"seed":"1"/"seed":"01"/'
    becomes 'not spelt as rote writes it' 's/"seed"/"s\\u0065ed"/'
}

@test "a missing value is refused" {
    becomes 'its metadata seed is missing or impossible' 's/"seed":"1",//'
}

@test "a header that is no JSON is refused" {
    becomes 'its header: ' 's/"seed"/seed/'
}

@test "a model text that is wrong or not canonical is refused" {
    becomes 'model:2: dens: ' 's/dense 1/dens 1/'
    becomes 'its model text is not canonical' 's/dense 1/dense  1/'
    becomes 'its model text is not canonical' 's/dense 1/repeat 1\\ndense 1\\nend/'
    becomes 'its model text is not canonical' 's/lr=0.1/& nesterov=no/'
    becomes 'model:3: batchnorm: a batch of one sample has no variance' 's/dense 1/dense 1\\nbatchnorm/'
}

@test "tensors that are not those of the model are refused" {
    becomes "is not the 'model.dense1.weight' of its model" 's/\[1,1\]/[1]/'
    becomes "is not the 'model.dense1.weight' of its model" 's/dense1.weight/dense2.weight/'
    becomes '2 tensors, but its model has 4' 's/lr=0.1/& momentum=0.9/'
    becomes '2 tensors, but its model has 4' 's/lr=0.1.n/&ema 0.9\\n/'
}

@test "weights that are not finite are refused" {
    for bits in '\0\0\0200\0177' '\0\0\0200\0377' '\0\0\0300\0177'; do
        make_small - >a.safetensors
        split_checkpoint a.safetensors
        printf %b "$bits" | dd of=tensors conv=notrunc status=none
        join_checkpoint b.safetensors
        seal b.safetensors
        run -65 ckpt-verify b.safetensors
        assert_output_has "tensor 'model.dense1.weight' has a value that is not finite"
    done
}

@test "another format or arithmetic is named as such, and not called broken" {
    make_small a.safetensors
    edit_checkpoint a.safetensors b.safetensors 's/rote-checkpoint-1/rote-checkpoint-2/'
    run -65 --separate-stderr ckpt-verify b.safetensors
    [[ $(states) == "unreadable: its format is 'rote-checkpoint-2', this rote reads 'rote-checkpoint-1'" ]]
    edit_checkpoint a.safetensors b.safetensors 's/"arithmetic":"[^"]*"/"arithmetic":"99"/'
    run -65 --separate-stderr ckpt-verify b.safetensors
    [[ $(states) == "unreadable: its arithmetic is '99', this rote has "* ]]
}

@test "a checkpoint after one of another arithmetic is not called broken" {
    make_run run
    edit_checkpoint run/epoch-0001.safetensors run/epoch-0001.safetensors 's/"arithmetic":"[^"]*"/"arithmetic":"99"/'
    run -74 --separate-stderr ckpt-verify run
    [[ $(states run/epoch-0002.safetensors) == 'unreadable: its parent may be what could not be read' ]]
}

@test "a run is proven with its partial checkpoint" {
    make_run run
    make_partial run/epoch-0002.safetensors run/epoch-0003.safetensors.part 2
    touch run/log run/metrics.tsv run/.epoch-0003.safetensors.x.tmp
    run -0 ckpt-verify run
    [[ $(grep -c $'\tproven\t' <<<"$output") == 4 ]]
}

@test "a run whose parent is missing differs" {
    make_run run
    rm run/epoch-0001.safetensors
    run -1 --separate-stderr ckpt-verify run
    [[ $(states run/epoch-0000.safetensors) == 'proven: none' ]]
    [[ $(states run/epoch-0002.safetensors) == 'differs: its parent is neither'* ]]
}

@test "a checkpoint after a damaged one differs, and both are reported" {
    make_run run
    change_byte run/epoch-0001.safetensors $(($(stat -c %s run/epoch-0001.safetensors) - 1))
    run -1 --separate-stderr ckpt-verify run
    [[ $(states run/epoch-0001.safetensors) == 'differs: digest differs'* ]]
    [[ $(states run/epoch-0002.safetensors) == 'differs: its parent is neither'* ]]
}

@test "a checkpoint after an unreadable one is not called broken" {
    make_run run
    ln -sf /proc/self/mem run/epoch-0001.safetensors
    run -74 --separate-stderr ckpt-verify run
    [[ $(states run/epoch-0001.safetensors) == 'unreadable: read: input/output error' ]]
    [[ $(states run/epoch-0002.safetensors) == 'unreadable: its parent may be what could not be read' ]]
}

@test "a pruned parent is known from its tombstone" {
    make_run run
    printf '#path\tdigest\tparent\tdata\tepoch\tstep\treason\nepoch-0001.safetensors\t%s\tnone\tnone\t1\t0\told\n' \
        "$(digest_of run/epoch-0001.safetensors)" >run/pruned.tsv
    rm run/epoch-0001.safetensors
    run -0 ckpt-verify run
}

@test "wrong tombstones leave it open whether a parent was pruned" {
    make_run run
    rm run/epoch-0001.safetensors
    echo nonsense >run/pruned.tsv
    run -74 --separate-stderr ckpt-verify run
    [[ $(states run/epoch-0000.safetensors) == 'proven: none' ]]
    [[ $(states run/epoch-0002.safetensors) == 'unreadable: '* ]]
    assert_error 'run/pruned.tsv'
}

@test "a run may begin with a checkpoint that has a parent elsewhere" {
    make_run run
    rm run/epoch-0000.safetensors
    run -0 ckpt-verify run
}

@test "a partial checkpoint without its parent differs" {
    make_run run
    make_partial run/epoch-0002.safetensors run/epoch-0003.safetensors.part 2
    rm run/epoch-0002.safetensors
    run -1 --separate-stderr ckpt-verify run
    [[ $(states run/epoch-0003.safetensors.part) == 'differs: its parent is neither'* ]]
}

@test "a damaged partial checkpoint is noticed" {
    make_run run
    make_partial run/epoch-0002.safetensors run/epoch-0003.safetensors.part 2
    truncate -s -1 run/epoch-0003.safetensors.part
    run -65 --separate-stderr ckpt-verify run
    [[ $(states run/epoch-0003.safetensors.part) == 'invalid: ends after'* ]]
}

@test "a checkpoint under the name of another epoch differs" {
    make_run run
    cp run/epoch-0002.safetensors run/epoch-0003.safetensors
    run -1 --separate-stderr ckpt-verify run
    [[ $(states run/epoch-0003.safetensors) == 'differs: it is not of the epoch in its name' ]]
}

@test "a partial checkpoint under a finished one's name differs, and the reverse" {
    make_run run
    make_partial run/epoch-0002.safetensors run/epoch-0003.safetensors 2
    cp run/epoch-0002.safetensors run/epoch-0004.safetensors.part
    run -1 --separate-stderr ckpt-verify run
    [[ $(states run/epoch-0003.safetensors) == 'differs: its epoch is unfinished'* ]]
    [[ $(states run/epoch-0004.safetensors.part) == 'differs: its epoch is finished'* ]]
}

@test "training on other data breaks the chain" {
    make_run run
    edit_checkpoint run/epoch-0002.safetensors run/epoch-0002.safetensors 's/"data":"0/"data":"1/'
    run -1 --separate-stderr ckpt-verify run
    [[ $(states run/epoch-0002.safetensors) == 'differs: its parent was trained on other data' ]]
}

@test "single files are not asked for their parents or names" {
    make_run run
    cp run/epoch-0002.safetensors epoch-0007.safetensors
    run -0 ckpt-verify epoch-0007.safetensors
}

@test "all operands are reported, and the worst decides the status" {
    make_run run
    head -c 10 run/epoch-0000.safetensors >invalid
    cp run/epoch-0000.safetensors differs
    change_byte differs $(($(stat -c %s differs) - 1))
    run -1 ckpt-verify differs run
    run -66 ckpt-verify none differs run
    run -65 ckpt-verify invalid none differs run
    run -74 --separate-stderr ckpt-verify /proc/self/mem invalid none differs run
    [[ $(states | cut -d : -f 1) == $'unreadable\ninvalid\nunreadable\ndiffers\nproven\nproven\nproven' ]]
}

@test "a directory without checkpoints proves nothing" {
    mkdir empty
    run -66 ckpt-verify empty
    assert_error 'ckpt-verify: empty: look for checkpoints: there are none in this directory'
}

@test "a full standard output is noticed" {
    run -74 bash -c 'ckpt-verify "$CKPT" >/dev/full'
    assert_error 'stdout: write: no space left on device'
}

@test "without memory nothing is called corrupt" {
    skip_sanitized
    truncate -s 1G big
    run -71 bash -c 'ulimit -v 100000; exec ckpt-verify - <big'
    assert_error 'ckpt-verify: out of memory'
}

@test "a file that is larger than the memory is verified as it goes by" {
    skip_sanitized
    cat >wide.model <<END
input 1 100 100
dense 2000
loss cross-entropy
train batch=1 epochs=1
optimizer sgd lr=0.1
END
    nn-init -q -o large wide.model
    run -0 bash -c 'ulimit -v 60000; exec ckpt-verify -t 1 large'
    printf '\377\377\377\377' | dd of=large bs=4 seek=$(($(stat -c %s large) / 8)) conv=notrunc status=none
    seal large
    run -65 bash -c 'ulimit -v 60000; exec ckpt-verify -t 1 large'
    assert_error "tensor 'model.dense1.weight' has a value that is not finite"
}

@test "a missing operand is a usage error" {
    run -64 ckpt-verify
    assert_error 'ckpt-verify: an operand is missing'
}
