# rote-train goes on from wherever it was stopped, ends with the same bytes, and does again only what is not proven.

bats_require_minimum_version 1.5.0
load helpers
load train

# --- Hold, and lock

@test "a held run does not go on until it is let" {
    cp -a "$TWO" a
    rote-train -r a --hold
    run -1 train epochs=4
    assert_error 'a: it is held'
    assert_missing a/epoch-0003.safetensors
    rote-train -r a --unhold
    train epochs=4
    assert_same_run "$FOUR" a
    run -66 rote-train -r nowhere --hold
}

@test "a run that is held while it measures stops before the next epoch" {
    own_programs
    put_program nn-eval <<'END'
: >hold
exec "$real" "$@"
END
    run -1 train epochs=4
    assert_same "$TWO/epoch-0001.safetensors" a/epoch-0001.safetensors
    [ -e a/epoch-0001.eval ]
    assert_missing a/epoch-0002.safetensors
}

@test "one writer: fail, skip, or wait" {
    cp -a "$TWO" a
    run -75 flock a/lock rote-train -r a epochs=3
    assert_error 'a: lock: another one works on it'
    run -0 flock a/lock rote-train -r a epochs=3 lock=skip
    [ "$output" = '' ]
    run -75 flock a/lock rote-train -r a epochs=3 lock=wait:0
    assert_same_run "$TWO" a
    mkfifo locked go
    flock a/lock sh -c ': >locked; : <go' 3>&- &
    : <locked
    rote-train -r a epochs=3 lock=wait:60 3>&- &
    : >go
    wait $!
    assert_same "$FOUR/epoch-0003.safetensors" a/epoch-0003.safetensors
}

@test "one that waits for the lock can be stopped" {
    cp -a "$TWO" a
    mkfifo locked go
    flock a/lock sh -c ': >locked; : <go' 3>&- &
    : <locked
    rote-train -v -r a lock=wait:60 2>messages 3>&- &
    until grep -q '^flock$' "/proc/$(cut -d ' ' -f 1 "/proc/$!/task/$!/children")/comm"; do sleep 0.01; done 2>/dev/null
    kill -TERM $!
    wait $! || [ $? = 75 ]
    : >go
    grep 'stopped by a signal' messages
}

@test "the lock outlives a train.sh that is killed alone, until its child has ended" {
    own_programs
    mkfifo started go
    put_program nn-train-epoch <<'END'
echo $PPID >../started
: <../go
exec "$real" "$@"
END
    train epochs=1 &
    exec 8<>started
    read -r -t 60 parent <&8
    kill -KILL "$parent"
    wait $! || :
    run -75 rote-train -r a
    assert_error 'another one works on it'
    : >go
    flock a/lock true
    real_programs
    run -0 train epochs=2
    assert_output_has 'epochs 0 to 1: proven, skipped'
    assert_same_run "$TWO" a
}

# --- Stops, and going on

@test "TERM, INT, HUP and USR1 end it with 75 and a partial, and the same line goes on to the same bytes" {
    own_programs
    train -r b train.batch=1 epochs=2
    for signal in TERM INT HUP USR1; do
        put_program nn-train-epoch <<END
[ -e ../told ] || exec "\$real" "\$@"
rm ../told
"\$real" --partial-every 0.000001 "\$@" &
child=\$!
trap 'kill -TERM \$child' TERM
while [ ! -e epoch-0002.safetensors.part ]; do sleep 0.01; done
kill -$signal \$PPID
wait \$child
wait \$child
END
        rm -rf a
        train train.batch=1 epochs=1
        touch told
        run -75 train train.batch=1 epochs=2
        assert_output_has 'rote-train: stopped by a signal; the same line again goes on'
        [ -e a/epoch-0002.safetensors.part ]
        assert_missing a/epoch-0002.safetensors
        assert_no_leftovers a
        run -0 train epochs=2
        assert_output_has 'epoch 2: training, on from where it was stopped'
        assert_same_run b a
        ln -sf "$BUILD/bin/nn-train-epoch" programs
    done
}

@test "killed at random moments, a rerun ends with the bytes of a run that nobody touched" {
    run -0 "$ROOT/tests/fault/moments.sh" 3
    assert_output_has 'ok 3'
}

@test "USR2 keeps a partial and training goes on" {
    own_programs
    put_program nn-train-epoch <<'END'
{
    until grep -q '^SigCgt:.*[89a-f]..$' /proc/$$/status; do :; done
    kill -STOP $$ # until it is told: it would be done too soon
    until grep -q '^State:.T' /proc/$$/status; do :; done
    kill -USR2 $PPID
    until grep -q '^ShdPnd:.*[89a-f]..$' /proc/$$/status; do :; done
    kill -CONT $$
    until [ -e *.part ] || [ -e epoch-0001.safetensors ]; do :; done
    cat *.part >../part
} &
exec "$real" "$@"
END
    train train.batch=1 epochs=1
    grep -q '"batch":"[1-9]' part
    real_programs
    train -r b train.batch=1 epochs=1
    assert_same_run b a
}

@test "without -v a stop is told to the log alone, whatever the child was" {
    own_programs
    put_program nn-train-epoch <<'END'
trap 'echo "nn-train-epoch: stopped" >&2; exit 75' TERM
while :; do sleep 0.05; done
END
    run -75 rote-train -r a data="$DATA" model="$MODEL" until=1
    [ "$output" = '' ]
    grep -q 'nn-train-epoch: stopped$' a/log
    grep -q 'the time budget is used up' a/log
    real_programs
    own_programs
    put_program ckpt-info <<'END'
kill -TERM $PPID
exec sleep 9
END
    run -75 rote-train -r a until=100
    [ "$output" = '' ]
}

@test "until: a time budget that is used up ends with 75 and a partial" {
    own_programs
    put_program nn-train-epoch <<'END'
trap 'exit 75' TERM
: >../begun
while :; do sleep 0.05; done
END
    run -75 train until=1
    assert_output_has 'rote-train: the time budget is used up; the same line again goes on'
    [ -e begun ]
    train until=23:59 epochs=0
    train until= epochs=0
    grep -x until= a/run.conf
}

@test "a child that was killed is worth another try; one that crashed is not" {
    own_programs
    put_program nn-train-epoch <<'END'
kill -KILL $$
END
    run -75 train
    assert_error 'nn-train-epoch: it was ended by signal 9; the same line again goes on'
    put_program nn-train-epoch <<'END'
kill -SEGV $$
END
    run -70 train
    assert_error 'nn-train-epoch: it ended with status 139'
    run cat a/log
    assert_output_has 'nn-train-epoch: it ended with status 139'
}

@test "what children say comes to the log also where /proc is not mounted, as in a bare root" {
    unshare -rm mount -t tmpfs none /proc || skip 'no mounts of our own are allowed here'
    own_programs
    put_program nn-train-epoch <<'END'
echo 'nn-train-epoch: a word' >&2
exec "$real" "$@"
END
    # shellcheck disable=SC2016 # for the inner shell
    run -0 unshare -rm sh -c 'mount -t tmpfs none /proc && exec "$@"' sh rote-train -r a data="$DATA" model="$MODEL" epochs=2
    [ "$(grep -c 'nn-train-epoch: a word$' a/log)" -eq 2 ]
    [[ $output != *fd* ]]
}

@test "a run that diverges ends with 65, says so also in the log, and keeps what it had" {
    sed 's/^optimizer.*/optimizer sgd lr=100000/' "$MODEL" >steep.model
    run -65 train epochs=3 model=steep.model
    assert_error 'nn-train-epoch: '
    [ -e a/epoch-0000.safetensors ]
    run cat a/log
    assert_output_has ' nn-train-epoch: '
    assert_no_leftovers a
    run -65 train epochs=3 model=steep.model
}

@test "an interrupted making of a run is begun anew" {
    own_programs
    put_program idx-split <<'END'
"$real" "$@"
case $PWD in */a) kill -KILL $PPID ;; esac
END
    run -137 train epochs=2 seed=3
    [ -e a/train.list ]
    assert_missing a/run.conf
    real_programs
    train epochs=2
    assert_same_run "$TWO" a
}

@test "temporary files of the dead are removed, those of the living are not" {
    cp -a "$TWO" a
    touch a/.epoch-0002.safetensors.part.abcdef.tmp a/.metrics.tsv.abcdef.tmp
    flock a/.metrics.tsv.abcdef.tmp rote-train -r a
    assert_missing a/.epoch-0002.safetensors.part.abcdef.tmp
    [ -e a/.metrics.tsv.abcdef.tmp ]
}

# --- What is proven, and what is not

@test "a damaged checkpoint is moved aside and trained again, with the same bytes" {
    for epoch in 0 2 4; do
        rm -rf a
        cp -a "$FOUR" a
        flip_a_bit a/epoch-000$epoch.safetensors
        run -0 train epochs=4
        assert_error "rote-train: a/epoch-000$epoch.safetensors: digest differs: the file was changed after it was written; moved aside as epoch-000$epoch.safetensors.damaged"
        mv a/epoch-000$epoch.safetensors.damaged .
        assert_same_run "$FOUR" a
    done
}

@test "a second damaged one does not take the place of the first" {
    cp -a "$TWO" a
    for n in 1 2; do
        echo "no checkpoint $n" >a/epoch-0002.safetensors
        train
    done
    grep -x 'no checkpoint 1' a/epoch-0002.safetensors.damaged
    grep -x 'no checkpoint 2' a/epoch-0002.safetensors.damaged.2
    rm a/*.damaged*
    assert_same_run "$TWO" a
}

@test "a checkpoint of another run, or of another epoch, does not count" {
    train -r b seed=2 epochs=4
    cp -a "$FOUR" a
    cp b/epoch-0003.safetensors a
    run -0 train epochs=4
    assert_error 'a/epoch-0003.safetensors: it does not come from epoch-0002.safetensors; moved aside'
    cp a/epoch-0002.safetensors a/epoch-0004.safetensors
    run -0 train epochs=4
    assert_error 'a/epoch-0004.safetensors: it is the checkpoint of epoch 2; moved aside'
    rm a/*.damaged*
    assert_same_run "$FOUR" a
}

@test "what follows from a damaged checkpoint is trained again only if it does not come from the new one" {
    train -r b seed=2 epochs=4
    cp -a "$FOUR" a
    cp b/epoch-0003.safetensors b/epoch-0004.safetensors a
    rm a/epoch-0002.safetensors
    run -0 train epochs=4
    assert_error 'a/epoch-0003.safetensors: it does not come from epoch-0002.safetensors; moved aside'
    assert_error 'a/epoch-0004.safetensors: it does not come from epoch-0003.safetensors; moved aside'
    rm a/*.damaged
    assert_same_run "$FOUR" a
}

@test "a missing checkpoint is made again" {
    cp -a "$FOUR" a
    rm a/epoch-0000.safetensors a/epoch-0002.safetensors a/epoch-0003.safetensors
    train epochs=4
    assert_same_run "$FOUR" a
}

@test "missing, foreign and garbled evaluations and metrics are made again" {
    cp -a "$FOUR" a
    rm a/epoch-0001.eval
    head -n 2 "$FOUR/epoch-0002.eval" >a/epoch-0002.eval
    cp a/epoch-0002.eval a/epoch-0003.eval
    echo '#' >a/epoch-0004.eval
    printf '#epoch\tsplit\taccuracy\n5\tvalid\t0.999\n' >a/epoch-0005.eval
    echo >a/metrics.tsv
    train epochs=4
    rm a/epoch-0005.eval
    assert_same_run "$FOUR" a
}

@test "an evaluation on other data than the run's, or that does not say on which, is made again" {
    for change in '/\tvalid\t/s/\t[0-9a-f]\{8\}/\t00000000/2' '/\ttest\t/s/\t[0-9a-f]\{8\}/\t00000000/2' 's/\tsplit\tdata\t/\tsplit\tdatum\t/'; do
        cp -a "$TWO" a
        sed -i "$change" a/epoch-0001.eval
        run -0 --separate-stderr rote-train -n -r a
        assert_output_has 'epoch-0001.safetensors: evaluated (valid test)'
        train epochs=2
        assert_same_run "$TWO" a
        rm -r a
    done
}

@test "a checkpoint that cannot be read decides nothing: 74, and all stays as it is" {
    cp -a "$TWO" a
    own_programs
    put_program ckpt-verify <<'END'
"$real" "$@" | awk -F '\t' -v OFS='\t' '/epoch-0001/ { $3 = "unreadable"; $6 = "read: input/output error" } { print }'
exit 74
END
    state_of a >before
    run -74 train epochs=2
    assert_error 'a/epoch-0001.safetensors: read: input/output error; nothing is decided while it cannot be read'
    state_of a >after
    assert_same before after
}

@test "a damaged partial is moved aside; one of a finished epoch is removed" {
    cp -a "$TWO" a
    echo nothing >a/epoch-0003.safetensors.part
    run -0 train epochs=4
    assert_error 'a/epoch-0003.safetensors.part: '
    rm a/epoch-0003.safetensors.part.damaged
    assert_same_run "$FOUR" a
    echo nothing >a/epoch-0003.safetensors.part
    run -0 train
    assert_output_has 'epoch-0003.safetensors.part: removed: its epoch is finished'
    assert_same_run "$FOUR" a
}

# --- Keys that decide when

@test "save-every and eval-every: fewer checkpoints and evaluations, and a row of metrics for each checkpoint" {
    train epochs=4 save-every=2 eval-every=4
    run ls a
    assert_output_has "epoch-0000.safetensors
epoch-0002.eval
epoch-0002.safetensors
epoch-0004.eval
epoch-0004.safetensors"
    run awk -F '\t' 'NR > 1 { print $1, $5 != "none", $8 != "none" }' a/metrics.tsv
    [ "$output" = "2 1 0
4 1 1" ]
    train -r b save-every=2 eval-every=4 epochs=2
    train -r b epochs=4
    assert_same_run a b
    state_of a >before
    train
    state_of a >after
    assert_same before after
}

@test "val=0: the last is the best, and patience is refused" {
    run -64 train val=0 patience=1
    assert_error 'patience=1: with val=0 there is nothing to judge by'
    assert_missing a
    run -0 train val=0 epochs=3 keep='-b 2'
    assert_output_has 'epoch-0003.safetensors is the last'
    run ls a
    assert_output_has "epoch-0002.safetensors
epoch-0003.eval
epoch-0003.safetensors"
    assert_missing a/epoch-0001.safetensors
    assert_missing a/valid.list
    run awk -F '\t' 'NR > 1 { print $7, $8, $10 != "none" }' a/metrics.tsv
    [ "$output" = "none none 1
none none 1
none none 1" ]
    train -r b val=0 samples=
    nn-train-epoch -q -o by-hand b/epoch-0000.safetensors "$DATA/train"
    assert_same by-hand b/epoch-0001.safetensors
}

@test "patience: training stops after so many epochs without a better validation accuracy, and stays so" {
    run -0 train epochs=9 patience=2 optimizer.lr=1e-30
    assert_output_has 'a: stopped after epoch 3: 2 epochs without a better validation accuracy; epoch-0001.safetensors is the best'
    assert_missing a/epoch-0004.safetensors
    state_of a >before
    run -0 train
    assert_output_has 'a: stopped after epoch 3'
    state_of a >after
    assert_same before after
    run -0 train -n
    [ "$output" = 'epochs 0 to 3: proven, skipped' ]
    run -0 train patience=3
    assert_output_has 'a: stopped after epoch 4'
}

@test "keep: checkpoints are pruned after each epoch, and metrics keep their rows" {
    train epochs=4 keep='-l 2'
    run ls a
    assert_output_has "epoch-0003.safetensors
epoch-0004.eval
epoch-0004.safetensors"
    assert_missing a/epoch-0001.safetensors
    assert_same "$FOUR/metrics.tsv" a/metrics.tsv
    state_of a >before
    run -0 train
    assert_output_has 'pruned, skipped'
    state_of a >after
    assert_same before after
}

@test "a policy that is changed when all is trained prunes by what it says then" {
    train epochs=4 keep='-e 2 -k epoch --max'
    [ -e a/epoch-0002.safetensors ]
    assert_missing a/epoch-0003.safetensors
    train keep='-l 1 -k epoch --max'
    assert_missing a/epoch-0002.safetensors
    [ -e a/epoch-0004.safetensors ]
}

# shellcheck disable=SC2016 # for the program to expand
@test "a ckpt-prune by hand that comes first is waited for" {
    own_programs
    put_program ckpt-prune <<<'[ "$*" = "${*%--records*}" ] && [ ! -e ../late ] && touch ../late && exit 75; exec "$real" "$@"'
    run -0 train epochs=2 keep='-l 1'
    [ -e late ]
    assert_missing a/epoch-0000.safetensors
}

@test "a pruned run goes on, also when its newest checkpoints are damaged" {
    train epochs=2 keep='-l 1'
    train epochs=4 -r a
    assert_same "$FOUR/epoch-0004.safetensors" a/epoch-0004.safetensors
    assert_same "$FOUR/metrics.tsv" a/metrics.tsv
    cp -a a b
    for file in b/*.safetensors; do flip_a_bit "$file"; done
    train -r b
    rm b/*.damaged
    assert_same_run a b
}

@test "damage in the middle of a pruned run is mended from before it" {
    train epochs=4 keep='-e 4'
    cp -a a b
    flip_a_bit b/epoch-0000.safetensors
    train -r b
    rm b/*.damaged
    assert_same_run a b
    train -r c epochs=4 keep='-l 2'
    cp -a c d
    flip_a_bit d/epoch-0003.safetensors
    train -r d
    rm d/*.damaged
    assert_same_run c d
}

@test "ckpt-prune is not asked before a validation accuracy is known" {
    train epochs=3 eval-every=2 keep='-l 1'
    assert_missing a/epoch-0000.safetensors
    [ -e a/epoch-0002.safetensors ]
    [ -e a/epoch-0003.safetensors ]
}

@test "a name with a huge epoch keeps nobody counting" {
    cp -a "$TWO" a
    : >a/epoch-999999999999.safetensors
    cp a/epoch-0002.eval a/epoch-999999999999.eval
    run -0 timeout 20 rote-train -v -r a
    assert_error 'epoch-999999999999.safetensors'
    assert_same a/metrics.tsv "$TWO/metrics.tsv"
}
