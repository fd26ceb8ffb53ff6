# For suites about choosing among checkpoints, as `load runs` after `load helpers` and `load checkpoints`: a run of five epochs with the metrics that a test wants.

# train_run: the run $BATS_FILE_TMPDIR/run, without metrics. For setup_file.
train_run() {
    local epoch
    mkdir "$BATS_FILE_TMPDIR/run"
    cp "$CKPT" "$BATS_FILE_TMPDIR/run/epoch-0000.safetensors"
    for epoch in 1 2 3 4; do
        nn-train-epoch -q -o "$(checkpoint "$BATS_FILE_TMPDIR/run" $epoch)" "$(checkpoint "$BATS_FILE_TMPDIR/run" $((epoch - 1)))" "$DATA/train"
    done
}

checkpoint() { # DIRECTORY EPOCH
    printf '%s/epoch-%04d.safetensors\n' "$1" "$2"
}

# evaluation RUN EPOCH ACCURACY [LOSS]: the records of one epoch, as nn-eval --split valid would print them in the run.
evaluation() {
    printf '#path\tdigest\tepoch\tsplit\tloss\taccuracy\n'
    printf 'epoch-%04d.safetensors\t%s\t%d\tvalid\t%s\t%s\n' "$2" "$(digest_of "$(checkpoint "$1" "$2")")" "$2" "${4-none}" "$3"
}

# evaluate RUN ACCURACY...: of epochs 1, 2 and so on, each in a file of its own; '-' leaves one out.
evaluate() {
    local run=$1 accuracy epoch=0
    shift
    for accuracy; do
        epoch=$((epoch + 1))
        [[ $accuracy == - ]] || evaluation "$run" $epoch "$accuracy" >"$run/epoch-000$epoch.eval"
    done
}
