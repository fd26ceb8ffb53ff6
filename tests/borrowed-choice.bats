# What bit the users of other programs, part one: the wrong checkpoint chosen, or one deleted that was still needed. Each test says where
# it happened; where several threads are named, the later ones say it most plainly. What went wrong with resuming is in borrowed-resume.bats.

bats_require_minimum_version 1.5.0
load helpers
load checkpoints
load runs
load train

setup_file() {
    train_run
    cd "$BATS_FILE_TMPDIR" || return
    train -r four epochs=4
}

# a: five epochs, judged by hand.
setup() {
    cd "$BATS_TEST_TMPDIR" || return
    export FOUR=$BATS_FILE_TMPDIR/four
    cp -r "$BATS_FILE_TMPDIR/run" a
    evaluate a 0.7 0.9 0.8 0.6
}

# accuracies ACCURACY...: what nn-eval will say of epochs 1, 2 and so on, on the validation set.
accuracies() {
    rm -r a
    own_programs
    export ACCURACIES="$*"
    put_program nn-eval <<'END'
"$real" "$@" | awk -F '\t' -v OFS='\t' '
    BEGIN { split(ENVIRON["ACCURACIES"], accuracy, " ") }
    /^#/ { for (i = 1; i <= NF; i++) column[i == 1 ? substr($i, 2) : $i] = i }
    !/^#/ && $column["split"] == "valid" { $column["accuracy"] = accuracy[$column["epoch"]] }
    { print }'
END
}

checkpoints_of() { # DIRECTORY
    (cd "$1" && echo epoch-*.safetensors)
}

# --- The best

# keras 17012, which is about what happens after an interruption: the best value so far was kept in memory, so that the first epoch of the
# next process counts as an improvement and overwrites the best model.
@test "the best one is remembered over a stop, and a worse one after it does not take its place" {
    accuracies 0.5 0.9 0.3 0.4
    train epochs=2 keep='-b 1'
    run -0 train epochs=4
    assert_error 'validation accuracy did not improve: 0.3000, after 0.9000 in epoch 2'
    [ "$(ckpt-best a)" = a/epoch-0002.safetensors ]
    [ "$(checkpoints_of a)" = 'epoch-0002.safetensors epoch-0004.safetensors' ]
}

# early-stopping-pytorch 16: nothing is better than a NaN, and a NaN is not worse than anything.
@test "a NaN is never the best, and does not hide the better ones after it" {
    accuracies nan 0.5 0.6 nan
    run -0 train epochs=4 keep='-b 1'
    assert_error 'epoch-0003.safetensors is the best, with validation accuracy 0.6000'
    [ "$(ckpt-best a)" = a/epoch-0003.safetensors ]
    [ "$(checkpoints_of a)" = 'epoch-0003.safetensors epoch-0004.safetensors' ]
}

# keras 18798, tensorflow 40604: whatever has no "acc" in its name was minimised, so that the worst AUC and the worst F1 were kept.
@test "a metric whose direction is not known is asked for, not minimised" {
    for key in auc f1_score precision recall accuracy_top5; do
        for epoch in 1 2 3 4; do
            evaluation a $epoch "0.$epoch" | sed "s/accuracy/$key/" >a/epoch-000$epoch.eval
        done
        run -64 ckpt-best -k "valid.$key" a
        assert_error "-k valid.$key: its name does not say what is best; add --min or --max"
        run -64 ckpt-prune -b 1 -k "valid.$key" a
        [ "$(ckpt-best -k "valid.$key" --max a)" = a/epoch-0004.safetensors ]
    done
    [ "$(checkpoints_of a)" = "$(checkpoints_of "$BATS_FILE_TMPDIR/run")" ]
}

# --- The last

# Lightning 17189, 21800; 18931, 20245: last.ckpt is only written where a checkpoint of the best few is, and training goes on from that;
# Lightning 12816: which one is last is said by its time, which a copy or a touch changes.
@test "the last one stays however badly it did, and training goes on from it" {
    accuracies 0.9 0.5 0.4 0.3
    train epochs=3 keep='-b 1'
    [ "$(checkpoints_of a)" = 'epoch-0001.safetensors epoch-0003.safetensors' ]
    touch -d 'last year' a/epoch-0003.safetensors
    run -0 train epochs=4
    [[ $output != *'epoch '[123]': training'* ]]
    assert_same "$FOUR/epoch-0004.safetensors" a/epoch-0004.safetensors
}

# transformers 27138: the limit on checkpoints deleted the newest one, for names were sorted as text.
@test "epoch 10000 comes after 9999, and not after 1000" {
    mkdir b
    make_small small.safetensors
    make_child small.safetensors b/epoch-1001.safetensors 1001
    make_child b/epoch-1001.safetensors b/epoch-9999.safetensors 9999
    make_child b/epoch-9999.safetensors b/epoch-10000.safetensors 10000
    evaluation b 9999 0.5 >b/epoch-9999.eval
    run -0 ckpt-prune -l 1 b
    [ "$(checkpoints_of b)" = 'epoch-10000.safetensors epoch-9999.safetensors' ]
    ckpt-verify b
}

# --- What is deleted

# Lightning 11379, 16426: a run that goes on from another one's checkpoint takes over its list of files, and deletes them there.
@test "a run that began with another one's checkpoint prunes its own files alone" {
    cp -a "$FOUR" other
    state_of other >before
    rote-train -c other/run.conf -r b init=other/epoch-0004.safetensors keep='-l 1 -k epoch --max' epochs=3
    [ "$(checkpoints_of b)" = epoch-0003.safetensors ]
    cp -rs "$PWD/other" c # whose checkpoints are symbolic links to those of the other
    ckpt-prune -l 1 -k epoch --max c
    [ "$(checkpoints_of c)" = epoch-0004.safetensors ]
    state_of other >after
    assert_same before after
}

# restic 711, 4764; 4569: a policy that nothing answers to, for a mistyped tag, deletes everything.
@test "a policy that is mistyped keeps everything" {
    for policy in '-b 2 -k valdi.accuracy' '-l 1 -k valid.acuracy' '-l 1 -b O' '-l 1 -e' '-l -1' '-k valid.accuracy' '-l'; do
        # shellcheck disable=SC2086 # its words are options
        run ckpt-prune $policy a
        [ "$status" -eq 64 ] || [ "$status" -eq 65 ]
        [ "$(checkpoints_of a)" = "$(checkpoints_of "$BATS_FILE_TMPDIR/run")" ]
    done
    run -0 ckpt-prune -e 99 a # of which there is none but 0: the newest and the best stay all the same
    [ "$(checkpoints_of a)" = 'epoch-0000.safetensors epoch-0002.safetensors epoch-0004.safetensors' ]
}

# restic 4619; 4612: the listing of snapshots failed, which was taken for none being there, and all data was deleted.
@test "a directory that cannot be listed is not taken for an empty one" {
    inject=$BUILD/tests/fault/inject
    [ -x "$inject" ] || skip 'there is no tests/fault/inject in this build'
    "$inject" -c getdents -p "$PWD/a" -o calls ckpt-prune -n -l 1 a
    for ((n = $(wc -l <calls); n > 0; n--)); do
        run -74 "$inject" -c getdents -p "$PWD/a" -n $n -a EIO ckpt-prune -l 1 a
        assert_error 'a: read: input/output error; nothing was deleted'
    done
    [ -s calls ]
    [ "$(checkpoints_of a)" = "$(checkpoints_of "$BATS_FILE_TMPDIR/run")" ]
}

# The same, of a file: what says which is best, what is pinned and what was pruned may not be passed over.
@test "a record that cannot be read is not taken for one that is not there" {
    cp "$FOUR/metrics.tsv" .
    for file in epoch-0002.eval metrics.tsv pinned pruned.tsv epoch-0002.safetensors epoch-0005.safetensors.part; do
        rm -rf a
        cp -r "$BATS_FILE_TMPDIR/run" a
        evaluate a 0.7 0.9 0.8 0.6
        ln -sf /proc/self/mem a/$file # whose first byte is an input/output error
        run -74 ckpt-prune -l 1 a
        assert_error "a/$file: read: input/output error"
        [ "$(checkpoints_of a)" = "$(checkpoints_of "$BATS_FILE_TMPDIR/run")" ]
    done
}
