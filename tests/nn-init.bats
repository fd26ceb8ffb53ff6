# nn-init: what a checkpoint begins with, and which model texts and settings are refused.
bats_require_minimum_version 1.5.0
load helpers

@test "epoch 0 is a proven checkpoint without parent, data or class" {
    nn-init -q -o a.safetensors "$MODEL"
    ckpt-verify a.safetensors
    run -0 ckpt-info -j a.safetensors
    assert_output_has '"parent":null,"data":null,"epoch":0,"step":0,"batch":0,"class":null'
}

@test "the same seed gives the same bytes, another gives others" {
    nn-init -q -o a.safetensors "$MODEL"
    nn-init -q -s 1 -o b.safetensors "$MODEL"
    nn-init -q -s 2 -o c.safetensors "$MODEL"
    assert_same a.safetensors b.safetensors
    run ! cmp a.safetensors c.safetensors
}

@test "the order of settings does not change the bytes" {
    nn-init -q -o a.safetensors "$MODEL" optimizer.lr=0.5 train.batch=16
    nn-init -q -o b.safetensors "$MODEL" train.batch=16 optimizer.lr=0.5
    assert_same a.safetensors b.safetensors
}

@test "a model text may come from stdin" {
    nn-init -q -o a.safetensors "$MODEL"
    nn-init -q -o b.safetensors - <"$MODEL"
    assert_same a.safetensors b.safetensors
}

@test "a checkpoint may go to stdout" {
    nn-init -q -o a.safetensors "$MODEL"
    nn-init -q -o - "$MODEL" >b.safetensors
    assert_same a.safetensors b.safetensors
}

@test "an output that exists is refused with 73 and stays as it was" {
    echo precious >a.safetensors
    run -73 nn-init -o a.safetensors "$MODEL"
    assert_error "nn-init: a.safetensors: create: it exists; -f replaces it"
    [ "$(cat a.safetensors)" = precious ]
    nn-init -qf -o a.safetensors "$MODEL"
    ckpt-verify a.safetensors
    assert_no_leftovers
}

@test "-n checks and writes nothing" {
    nn-init -n -o a.safetensors "$MODEL"
    assert_missing a.safetensors
    run -64 nn-init -n -o a.safetensors "$MODEL" optimizer.lrr=1
}

@test "-n is refused, too, where a file is in the way" {
    echo precious >a.safetensors
    run -73 nn-init -n -o a.safetensors "$MODEL"
    assert_error "nn-init: a.safetensors: create: it exists; -f replaces it"
    nn-init -n -f -o a.safetensors "$MODEL"
    [ "$(cat a.safetensors)" = precious ]
}

@test "a directory that is not there, or cannot be written, is 73" {
    run -73 nn-init -o nowhere/a.safetensors "$MODEL"
    assert_error "nn-init: nowhere/a.safetensors: create: no such file or directory"
    [ "$(id -u)" = 0 ] || {
        mkdir -m 555 closed
        run -73 nn-init -o closed/a.safetensors "$MODEL"
    }
}

@test "an unknown word is refused with file, line and the nearest word" {
    sed 's/^relu/rely/' "$MODEL" >bad.model
    run -65 nn-init -o a.safetensors bad.model
    assert_error "bad.model:4: rely"
    assert_error "relu"
    assert_missing a.safetensors
}

@test "shapes that do not fit are refused with the line" {
    sed 's/^maxpool 2/maxpool 27/' "$MODEL" >bad.model
    run -65 nn-init -o a.safetensors bad.model
    assert_error "bad.model:5: maxpool: a window of 27 does not fit into 26 x 26"
}

@test "an output count that is no number is refused with the line" {
    sed 's/^dense 10/dense ten/' "$MODEL" >bad.model
    run -65 nn-init -o a.safetensors bad.model
    assert_error "bad.model:7: dense"
    assert_error "ten"
}

@test "a network without a dense layer at its end is refused" {
    sed '/^dense/d' "$MODEL" >bad.model
    run -65 nn-init -o a.safetensors bad.model
    assert_error "bad.model: the last layer is not dense"
}

@test "a network that no memory holds is refused before anything is allocated" {
    sed 's/^dense 10/dense 65536\ndense 65536\ndense 10/' "$MODEL" >bad.model
    run -65 nn-init -o a.safetensors bad.model
    assert_error "more than 2^28 parameters"
    sed 's/^conv 4 3/conv 65536 1/' "$MODEL" >bad.model
    run -65 nn-init -o a.safetensors bad.model
    assert_error "more than 2^28 floats"
}

@test "a wrong setting is 64 and names the nearest one" {
    run -64 nn-init -o a.safetensors "$MODEL" optimiser.lr=1
    assert_error "optimiser.lr=1: no such statement; did you mean 'optimizer'"
    run -64 nn-init -o a.safetensors "$MODEL" optimizer.lr=1 optimizer.lr=2
}

@test "a missing operand, a missing -o and a bad seed are 64" {
    run -64 nn-init -o a.safetensors
    run -64 nn-init "$MODEL"
    run -64 nn-init -s -1 -o a.safetensors "$MODEL"
    run -64 nn-init -s 18446744073709551616 -o a.safetensors "$MODEL"
    run -64 nn-init --rates "$MODEL"
    run -64 nn-init --samples 5 -o a.safetensors "$MODEL"
}

@test "a model file that is not there is 66" {
    run -66 nn-init -o a.safetensors nowhere.model
    assert_error "nn-init: nowhere.model: open: no such file or directory"
}

@test "--rates prints the rate of each epoch's first and last step" {
    printf 'schedule step every=1 gamma=0.5\n' | cat "$MODEL" - >step.model
    run -0 nn-init --rates --samples 65 step.model
    [ "${lines[0]}" = "#epoch	step	rate" ]
    [ "${lines[1]}" = "1	1	0.01" ]
    [ "${lines[2]}" = "1	3	0.01" ]
    [ "${lines[3]}" = "2	4	0.005" ]
    [ "${lines[4]}" = "2	6	0.005" ]
    [ "${#lines[@]}" = 5 ]
}

@test "-i takes the layers that fit, says which are fresh, and records the parent" {
    nn-init -q -o a.safetensors "$MODEL"
    nn-train-epoch -q -o b.safetensors a.safetensors "$DATA/train"
    sed 's/^dense 10/dense 12/' "$MODEL" >twelve.model
    run -0 nn-init -i b.safetensors -o fork.safetensors twelve.model
    assert_error "2 of 4 tensors taken from b.safetensors"
    assert_error "dense1.weight: fresh"
    parent=$(ckpt-info b.safetensors | awk -F'\t' '!/^#/ { print $2 }')
    run -0 ckpt-info fork.safetensors
    assert_output_has "$parent	none	0	0"
}

@test "-i with the same network and data goes on from the trained weights" {
    nn-init -q -o a.safetensors "$MODEL"
    nn-train-epoch -q -o b.safetensors a.safetensors "$DATA/train"
    nn-init -q -i b.safetensors -o c.safetensors "$MODEL"
    run -0 nn-eval "$DATA/test" b.safetensors c.safetensors
    [ "$(awk -F'\t' '!/^#/ { print $6, $7 }' <<<"$output" | sort -u | wc -l)" = 1 ]
}

@test "-i refuses a checkpoint of which nothing fits" {
    nn-init -q -o a.safetensors "$MODEL"
    printf 'input 1 28 28\ndense 5\nloss cross-entropy\ntrain\noptimizer adam\n' >other.model
    run -65 nn-init -i a.safetensors -o b.safetensors other.model
    assert_error "none of its tensors fits the model"
    assert_missing b.safetensors
}

@test "--samples is bounded by what a data set can have" {
    run -64 nn-init --rates --samples 18446744073709551615 "$MODEL"
    assert_error "--samples 18446744073709551615: not a whole number from 1 to 2^32 - 1"
    run -0 nn-init --rates --samples 4294967295 "$MODEL"
    assert_output_has "134217728"
}
