# nn-eval: what it measures, and what it refuses.
bats_require_minimum_version 1.5.0
load helpers
load checkpoints

setup() {
    cd "$BATS_TEST_TMPDIR" || return
    cp "$CKPT" a.safetensors
    nn-train-epoch -q -e 4 -o b.safetensors a.safetensors "$DATA/train"
}

@test "a record a checkpoint, with accuracy, its interval and the loss" {
    run -0 nn-eval "$DATA/test" a.safetensors b.safetensors
    [ "${lines[0]}" = "#path	digest	epoch	split	data	n	loss	accuracy	accuracy.low	accuracy.high	correct	class	weights" ]
    [ "${#lines[@]}" = 3 ]
    awk -F'\t' '!/^#/ { if (!($4 == "test" && $6 == 200 && $9 < $8 && $8 < $10 && $11 == $8 * 200)) exit 1; acc[$3] = $8; loss[$3] = $7 }
        END { exit !(acc[4] > 0.5 && acc[4] > acc[0] && loss[4] < loss[0]) }' <<<"$output"
}

@test "an untrained network's loss is near that of guessing" {
    run -0 nn-eval "$DATA/test" a.safetensors
    awk -F'\t' '!/^#/ { exit !($7 > 2.0 && $7 < 2.8) }' <<<"$output"
}

@test "threads and the order of checkpoints do not change a record" {
    nn-eval -t 1 "$DATA/test" a.safetensors b.safetensors | sort >one
    nn-eval -t 3 "$DATA/test" b.safetensors a.safetensors | sort >three
    assert_same one three
}

@test "--split names the data" {
    run -0 nn-eval --split valid "$DATA/test" a.safetensors
    assert_output_has "	valid	"
}

@test "-c adds the figures of each class and a confusion matrix that sum up" {
    run -0 nn-eval -c "$DATA/test" b.safetensors
    awk -F'\t' '/^#/ { classes = /precision/; cells = /predicted/; next }
        classes { n++; labelled += $6 } cells { m++; cell += $7; if ($5 == $6) right += $7 } !classes && !cells { correct = $11 }
        END { exit !(n == 10 && m == 100 && labelled == 200 && cell == 200 && right == correct) }' <<<"$output"
}

@test "-e adds the mean of the checkpoints' probabilities; of one twice, it is that one" {
    run -0 nn-eval -e "$DATA/test" b.safetensors b.safetensors
    awk -F'\t' '$1 == "b.safetensors" { loss = $7; right = $11 } $1 == "ensemble" { d = $7 - loss; exit !(d < 1e-5 && d > -1e-5 && $11 == right) }' <<<"$output"
    assert_output_has "ensemble	none	none	test"
    [[ $(awk -F'\t' '{ print $13 }' <<<"$output") == $'weights\nmodel\nmodel\nnone' ]]
}

@test "the moving average is measured where there is one, and the record says so" {
    make_rich rich.model
    sed '/^ema/d' rich.model >plain.model
    nn-init -q -o rich.safetensors rich.model
    nn-train-epoch -q -d ref -o trained.safetensors rich.safetensors "$DATA/train"
    nn-init -q -i trained.safetensors -o average.safetensors plain.model
    nn-init -q -i trained.safetensors --with-optimizer -o last.safetensors plain.model
    run -0 nn-eval -d ref "$DATA/test" trained.safetensors average.safetensors last.safetensors
    awk -F'\t' '!/^#/ { figures[$1] = $7 " " $8; weights[$1] = $13 }
        END { exit !(weights["trained.safetensors"] == "ema" && weights["average.safetensors"] == "model" &&
            figures["trained.safetensors"] == figures["average.safetensors"] &&
            figures["trained.safetensors"] != figures["last.safetensors"]) }' <<<"$output"
}

@test "a precision that no engine has is 69, and others are measured" {
    { cat "$MODEL" && echo 'precision bf16'; } >low.model
    nn-init -q -o low.safetensors low.model
    run -69 --separate-stderr nn-eval "$DATA/test" low.safetensors a.safetensors
    assert_error 'nn-eval: low.safetensors: compute: no engine has precision bf16; fp32 is there'
    assert_output_has 'a.safetensors'
}

@test "a record says which data it is of, by the digest that idx-info and a checkpoint have of it" {
    run -0 nn-eval -e --split train "$DATA/train" a.safetensors b.safetensors
    [[ $(awk -F'\t' '!/^#/ { print $5 }' <<<"$output" | uniq) == "$(ckpt-info b.safetensors | awk -F'\t' 'NR == 2 { print $4 }')" ]]
    seq 10 19 >list
    run -0 nn-eval "$DATA/test@list" b.safetensors
    [[ $(awk -F'\t' '!/^#/ { print $5 }' <<<"$output") == "$(idx-info "$DATA/test@list" | awk -F'\t' 'NR == 2 { print $7 }')" ]]
}

@test "a subset named by a list is measured alone" {
    seq 10 19 >list
    run -0 nn-eval "$DATA/test@list" b.safetensors
    awk -F'\t' '!/^#/ { exit !($6 == 10) }' <<<"$output"
}

@test "a bad checkpoint among good ones is 65, and the good ones are measured" {
    head -c 1000 b.safetensors >cut.safetensors
    run -65 --separate-stderr nn-eval "$DATA/test" cut.safetensors b.safetensors
    assert_error "cut.safetensors: "
    assert_output_has "b.safetensors"
}

@test "what is not there is 66" {
    run -66 nn-eval "$DATA/nowhere" b.safetensors
    run -66 nn-eval "$DATA/test" nowhere.safetensors
}

@test "JSON has numbers as numbers" {
    nn-eval -j "$DATA/test" b.safetensors | python3 -c 'import json, sys; r = json.loads(sys.stdin.read()); assert r["n"] == 200 and 0 < r["loss"] < 3 and r["split"] == "test"'
}

@test "a missing operand is 64" {
    run -64 nn-eval "$DATA/test"
    run -64 nn-eval
}
