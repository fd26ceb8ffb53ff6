# rote-sweep trains every trial of a table, by any number of workers; whatever fails or is stopped, the others go on, and so does the
# same line.

bats_require_minimum_version 1.5.0
load helpers
load train
load trials

setup_file() {
    cd "$BATS_FILE_TMPDIR" || return
    table a=0.01 b=0.003 c=0.03
    sweep trials=trials.tsv epochs=2 2>messages
}

setup() {
    cd "$BATS_TEST_TMPDIR" || return
    DONE=$BATS_FILE_TMPDIR
    cp "$DONE/trials.tsv" .
}

@test "every trial is a run that rote-train makes with the row's settings" {
    rote-train -r b data="$DATA" model="$MODEL" samples=100 val=100 epochs=2 optimizer.lr=0.003
    diff -r -x log -x lock -x run.conf b "$DONE/runs/b"
    [ "$(cut -f 1,2,4 "$DONE/runs/decisions.tsv")" = "$(printf '#trial\tstate\tepochs\na\tdone\t2\nb\tdone\t2\nc\tdone\t2')" ]
}

@test "in the end it says which is the best, by validation, and with what it was trained" {
    local best
    best=$(cd "$DONE/runs" && ckpt-best a b c)
    grep "runs: $best is the best: epoch [12], valid.accuracy 0.[0-9]*, with optimizer.lr=0.0" "$DONE/messages"
}

@test "a rerun of what is done changes nothing and tells nobody" {
    assert_quiet_rerun rote-sweep
}

@test "-n says what there is to do and what it costs, and writes nothing" {
    run -0 sweep -n trials=trials.tsv epochs=2
    assert_output_has 'c: run up to epoch 2'
    assert_output_has $'#trials\texpected.epochs\tall.epochs\tshare\n3\t6\t6\t1'
    assert_missing runs
    mkdir table
    cp trials.tsv table
    run -0 sweep -n -r table epochs=2
    assert_output_has 'c: run up to epoch 2'
    cp -a "$DONE/runs" runs
    state_of runs >before
    run -0 rote-sweep -n -r runs epochs=3
    assert_output_has 'a: run up to epoch 3'
    printf 'd\t0.1\n' >>trials.tsv
    run -0 rote-sweep -n -r runs trials=trials.tsv
    assert_output_has 'd: run up to epoch 2'
    state_of runs | cmp - before
}

@test "trials may have their own epochs, and a table that was there before" {
    mkdir runs
    printf '#trial\tepochs\tdropout.rate\nshort\t1\tnone\nlong\tnone\t0.5\n' >runs/trials.tsv
    sweep epochs=2
    [ "$(cut -f 1,4 runs/decisions.tsv)" = "$(printf '#trial\tepochs\nshort\t1\nlong\t2')" ]
    grep -qx 'dropout.rate=0.5' runs/long/run.conf
}

@test "without a validation set all trials are done, and none is the best" {
    table a=0.01
    run -0 rote-sweep -v -r runs data="$DATA" model="$MODEL" samples=100 val=0 trials=trials.tsv epochs=1
    assert_output_has 'runs: all trials are done; without a validation set none of them is the best'
}

@test "patience ends a trial, as it ends a run" {
    local last
    sweep trials=trials.tsv epochs=9 patience=1
    last=$(tail -n 1 runs/a/metrics.tsv | cut -f 1)
    grep -q "^a	done	none	$last	no better validation accuracy in 1 epochs" runs/decisions.tsv
    run -0 rote-train -v -r runs/a
    assert_output_has 'epochs without a better validation accuracy'
}

@test "trials are drawn from a space, after those that are given; more of them may be drawn later" {
    echo 'optimizer.lr log 1e-3 1e-1' >space
    printf '#trial\ttrain.batch\npublished\t16\n' >trials.tsv
    sweep space=space sample='-N 1' trials=trials.tsv epochs=1
    [ "$(grep -vc '^#' runs/decisions.tsv)" = 2 ]
    sweep space=space sample='-N 2' trials=trials.tsv
    cmp runs/trials.tsv <(cat trials.tsv && hp-sample -N 2 space)
    [ "$(state_of_trial 0002)" = 'done' ]
    run -65 sweep sample='-N 2 -s 2'
    assert_error 'runs/trials.tsv: change: other trials are asked for; another directory can have those'
}

@test "trials that branch off from a run have its settings, and bytes of rote-train's fork" {
    rote-train -r base data="$DATA" model="$MODEL" samples=100 val=100 seed=2 epochs=1
    table b=0.003
    rote-sweep -r runs trials=trials.tsv fork=base@1 epochs=2
    rote-train -r b fork=base@1 epochs=2 optimizer.lr=0.003
    diff -r -x log -x lock -x run.conf b runs/b
}

@test "a trial that branches off by a column of its own has the other run's data, model and settings, unless others are asked for" {
    rote-train -r base data="$DATA" model="$MODEL" samples=100 val=100 seed=2 epochs=1
    printf '#trial\tfork\toptimizer.lr\nb\t%s/base@1\t0.003\n' "$PWD" >trials.tsv
    rote-sweep -r runs trials=trials.tsv epochs=2
    rote-train -r b fork=base@1 epochs=2 optimizer.lr=0.003
    diff -r -x log -x lock -x run.conf b runs/b
    ln -s "$DATA" data
    { cat "$MODEL" && echo '# another'; } >another.model
    rote-sweep -r others trials=trials.tsv epochs=2 partial-every=9 data=data model=another.model
    [ "$(grep -cx "partial-every=9\|samples=100\|data=$PWD/data" others/b/run.conf)" = 3 ]
    grep -qx '# another' others/b/net.model
}

@test "trials that branch off go as far as the other run does, and one that begins with its end is done" {
    rote-train -r base data="$DATA" model="$MODEL" samples=100 val=100 epochs=3
    printf '#trial\tfork\toptimizer.lr\n%s\t%s\t0.003\n' b "$PWD/base@2" c "$PWD/base@3" d "$PWD/base@1" >trials.tsv
    rote-sweep -r runs trials=trials.tsv workers=2
    [ "$(cut -f 1,2,4 runs/decisions.tsv)" = "$(printf '#trial\tstate\tepochs\nb\tdone\t3\nc\tdone\t3\nd\tdone\t3')" ]
    [ -e runs/b/epoch-0003.safetensors ]
    assert_missing runs/failures.tsv
}

@test "a trial whose directory was moved and linked goes on there" {
    cp -a "$DONE/runs" runs
    mkdir elsewhere
    mv runs/a elsewhere/a
    ln -s ../elsewhere/a runs/a
    rote-sweep -r runs epochs=3
    [ "$(state_of_trial a)" = 'done' ]
    [ -e elsewhere/a/epoch-0003.safetensors ]
}

@test "rows may be added by hand, and are looked at as those of a table that is given" {
    cp -a "$DONE/runs" runs
    printf '#trial\tdropout.rate\nd\t0.5\n' >>runs/trials.tsv
    rote-sweep -r runs
    [ "$(state_of_trial d)" = 'done' ]
    printf '#trial\tlock\ne\tskip\n' >>runs/trials.tsv
    run -65 rote-sweep -r runs
    assert_error 'runs/trials.tsv: lock: no trial can have its own'
    echo '#trial' >|runs/trials.tsv
    run -65 rote-sweep -r runs
    assert_error 'runs/trials.tsv: read: it has no trial'
}

@test "what the trials are cannot be changed; how far, and how, they go can" {
    cp -a "$DONE/runs" runs
    run -65 rote-sweep -r runs seed=2 samples=100 optimizer.lr=0.1
    assert_error "runs/search.conf: seed: it is '1', and '2' is asked for"
    assert_error 'runs: change seed optimizer.lr: it decides what is trained'
    assert_same "$DONE/runs/search.conf" runs/search.conf
    sweep epochs=3 keep='-l 1' threads=1 workers=1
    grep -qx epochs=3 runs/search.conf
    [ "$(grep -c 'threads\|workers' runs/search.conf)" = 0 ]
    [ "$(state_of_trial c)" = 'done' ]
    [ -e runs/c/epoch-0003.safetensors ]
    assert_missing runs/c/epoch-0002.safetensors
    run -65 rote-search -r runs
    assert_error 'runs/search.conf: promote: it is not there'
}

# refuse_table TABLE MESSAGE: with printf's escapes.
refuse_table() {
    printf %b "$1" >trials.tsv
    run -65 sweep trials=trials.tsv
    assert_error "$2"
}

@test "bad tables and settings are refused before anything is made" {
    run -64 rote-sweep -r runs data="$DATA" model="$MODEL"
    assert_error 'neither trials nor space is given'
    run -64 rote-sweep -r $'a\nb' --hold
    assert_error '-r a?b: its name has a line break'
    run -64 sweep trials=trials.tsv restart=2
    assert_error 'restart: no such key; did you mean restarts?'
    run -64 sweep trials=trials.tsv epochs=0
    assert_error 'epochs=0: there is nothing to train'
    for options in '-o x.tsv -f' -fox.tsv '-N 2 -j' '-N -h' --version '-m'; do
        run -64 sweep trials=trials.tsv sample="$options"
        assert_error "sample=$options: not made of -m METHOD, -N TRIALS, -s SEED"
    done
    run -66 sweep trials=nowhere
    printf 'a\t0.1\n' >>trials.tsv
    run -65 sweep trials=trials.tsv
    printf '#trial\toptimiser.lr\na\t1\n' >trials.tsv
    run -64 sweep trials=trials.tsv
    printf '#trial\ttrain.batch\na\t8' >trials.tsv
    echo 'optimizer.lr choice 0.01' >space
    run -65 sweep trials=trials.tsv space=space
    assert_error 'trials.tsv:2: read: the line does not end: it was cut short'
    refuse_table '#trial\tlock\na\tfail\n' 'runs/trials.tsv: lock: no trial can have its own'
    refuse_table '#trial\tinit\na\tx/y\n' 'a: init=x/y: a path in the table must be absolute'
    refuse_table '#trial\tinit\na\t/x\\\\y\n' 'a: /x\\y: a value of the table has no backslash'
    refuse_table '#trial\tepochs\na\t0\n' 'a: epochs=0: there is nothing to train'
    table a=-1 b=0.1
    run -64 sweep trials=trials.tsv
    assert_missing runs
    mkdir runs && touch runs/other
    table a=0.1
    run -73 sweep trials=trials.tsv
    assert_error 'runs: make a run: the directory is neither empty nor a run: it has other'
}

@test "how far a trial is stands in the column epoch, wherever that is" {
    printf '#path\tepoch\nepoch-0003.safetensors\t3\n' >metrics.tsv
    [ "$(awk -f "$ROOT/pipelines/train/records.awk" -f "$ROOT/pipelines/search/reached.awk" metrics.tsv)" = 3 ]
}

@test "a trial that was taken further than it is to go is done" {
    local awk
    table b=0.1
    printf '#trial\tepoch\nb\t10\n' >records.tsv
    for awk in awk 'busybox awk'; do
        $awk -v epochs=9 -v patience=0 -f "$ROOT/pipelines/train/records.awk" -f "$ROOT/pipelines/train/patience.awk" \
            -f "$ROOT/pipelines/search/sweep.awk" trials.tsv records.tsv >decisions
        grep -q '^b	done	none	10	all its epochs$' decisions
    done
}

@test "any shell does the same, and another awk" {
    local shell
    mkdir bin
    for shell in 'bash --posix' 'busybox sh'; do
        rm -rf runs
        case $shell in busybox*) ln -s "$(command -v busybox)" bin/awk ;; esac
        PATH=$PWD/bin:$PATH $shell "$ROOT/pipelines/sweep.sh" --worker -r runs trials=trials.tsv data="$DATA" model="$MODEL" \
            samples=100 val=100 epochs=2 3>&-
        PATH=$PWD/bin:$PATH $shell "$ROOT/pipelines/sweep.sh" -r runs
        assert_same_trials "$DONE/runs" runs
    done
}

# --- What fails, and what is stopped

@test "a trial that fails is tried again so often as restarts says, the others go on, and it is reported" {
    own_programs
    { of_trial b && echo 'echo "nn-train-epoch: no luck" >&2; exit 70'; } | put_program nn-train-epoch
    run -1 sweep trials=trials.tsv epochs=1 restarts=2
    assert_error 'runs: b: failed: tried again 2 times: nn-train-epoch: no luck'
    [ "$(failures_of b)" = 3 ]
    [ "$(state_of_trial a) $(state_of_trial b) $(state_of_trial c)" = 'done failed done' ]
    real_programs
    run -1 sweep
    [ "$(failures_of b)" = 3 ]
    run -0 sweep restarts=3
    [ "$(state_of_trial b)" = 'done' ]
}

@test "trials that end, and have nothing on record, are tried again, and reported" {
    table a=0.01 b=0.003
    own_programs
    echo 'case $PWD in */runs/*) rm -f metrics.tsv ;; esac; exec "$real" "$@"' | put_program ckpt-prune
    run -1 timeout 60 rote-sweep -v -r runs data="$DATA" model="$MODEL" samples=100 val=100 trials=trials.tsv epochs=1 keep='-l 1' restarts=1 workers=1
    assert_output_has 'runs: b: failed: tried again 1 times: it ended, and has no valid.accuracy of epoch 1'
    [ "$(grep -c 'a: training up to epoch 1' <<<"$output")" = 2 ]
    [ "$(failures_of a)" = 2 ]
}

@test "a failure that was overcome stays so, with fewer restarts too" {
    cp -a "$DONE/runs" runs
    printf '#trial\tepoch\tstatus\treason\na\t1\t75\tit was killed\n' >runs/failures.tsv
    rote-sweep -r runs restarts=0
    [ "$(state_of_trial a)" = 'done' ]
    printf 'b\t2\t75\tit was killed\n' >>runs/failures.tsv
    run -1 rote-sweep -r runs restarts=0
    [ "$(state_of_trial b)" = failed ]
}

@test "to try what cannot be once more would be no use" {
    table a=0.01 b=-1
    run -1 sweep trials=trials.tsv epochs=1
    assert_error 'b: failed: nn-init: '
    [ "$(failures_of b)" = 1 ]
}

@test "a trial that is ended by a signal has not failed if it got on; if it never does, it has" {
    own_programs
    { of_trial b && echo '[ ! -e epoch-0001.eval ] || [ -e ../../told ] || { : >../../told && kill -KILL $$; }; exec "$real" "$@"'; } |
        put_program nn-train-epoch
    sweep trials=trials.tsv epochs=2
    assert_missing runs/failures.tsv
    rm -r runs
    { of_trial b && echo 'kill -KILL $$'; } | put_program nn-train-epoch
    run -1 sweep trials=trials.tsv epochs=1 restarts=1
    assert_error 'b: failed: tried again 1 times: train.sh: nn-train-epoch: it was ended by signal 9'
    [ "$(state_of_trial c)" = 'done' ]
}

@test "a full disk stops it with the message, costs no trial a try, and the same line goes on" {
    own_programs
    { of_trial b && echo 'echo "nn-train-epoch: epoch-0001.safetensors: write: no space left on device" >&2; exit 74'; } | put_program nn-train-epoch
    run -74 sweep trials=trials.tsv epochs=2
    assert_error 'no space left on device'
    assert_error 'b: it ended with status 74; the same line again goes on'
    assert_missing runs/failures.tsv
    real_programs
    sweep trials=trials.tsv epochs=2
    assert_same_trials "$DONE/runs" runs
}

@test "a directory that is something else costs its trial alone; one that the disk has no room for costs none" {
    cp -a "$DONE/runs" runs
    rm -r runs/b
    mkdir runs/b
    : >runs/b/foreign
    run -1 sweep epochs=3
    assert_error 'runs: b: failed: train.sh: b: make a run: the directory is neither empty nor a run: it has foreign'
    [ "$(failures_of b) $(state_of_trial a) $(state_of_trial c)" = '1 done done' ]
    rm -r runs/b runs/failures.tsv
    mkdir runs/b
    mkfifo runs/b/lock
    run -1 timeout 60 rote-sweep -r runs
    assert_output_has 'runs: b: failed: train.sh: b/lock: open: it is no file'
    rm -r runs/b runs/failures.tsv
    own_programs
    { of_trial b && echo 'echo "nn-train-epoch: epoch-0001.safetensors: create: no space left on device" >&2; exit 73'; } |
        put_program nn-train-epoch
    run -73 sweep
    assert_error 'b: it ended with status 73; the same line again goes on'
    assert_missing runs/failures.tsv
}

@test "data that is away stops it, costs no trial a try, and the same line goes on when it is there" {
    table a=0.01
    cp -r "$DATA" data
    sweep trials=trials.tsv data=data epochs=1
    mv data away
    mkdir data
    run -66 rote-sweep -q -r runs epochs=2
    assert_error "$PWD/data: train: the data is not there; when it is, the same line goes on"
    assert_missing runs/failures.tsv
    rmdir data
    mv away data
    printf '#trial\tinit\nb\t%s\n' "$PWD/nowhere" >>runs/trials.tsv
    run -1 rote-sweep -r runs epochs=2 restarts=0
    assert_output_has 'runs: b: failed: tried again 0 times'
    [ "$(state_of_trial a)" = 'done' ]
}

@test "it goes on after a disk that is really full" {
    unshare -rm mount -t tmpfs none /mnt 2>/dev/null || skip 'no mounts of our own are permitted'
    mkdir disk
    # shellcheck disable=SC2016 # for the inner shell
    run -0 unshare -rm bash -c '
        mount -t tmpfs -o size=400k none disk || exit
        "$@"
        [ $? = 74 ] || exit 1
        mount -t tmpfs -o remount,size=100m none disk && "$@" && cp -r disk/runs .' bash \
        rote-sweep -r disk/runs trials=trials.tsv data="$DATA" model="$MODEL" samples=100 val=100 epochs=2
    assert_same_trials "$DONE/runs" runs
}

@test "a trial that is held is left out until it is let" {
    mkdir -p runs/b
    sweep trials=trials.tsv epochs=1 >/dev/null 2>&1 || :
    rm -rf runs
    own_programs
    { of_trial b && echo ': >hold; exec "$real" "$@"'; } | put_program nn-train-epoch
    run -1 sweep trials=trials.tsv epochs=2 workers=3
    [ "$(grep -c 'rote-sweep: runs: held: b; rote-train --unhold lets them go on' <<<"$output")" = 1 ]
    [ "$(state_of_trial c)" = 'done' ]
    run -1 rote-sweep -r runs
    [ -z "$output" ]
    real_programs
    rote-train -r runs/b --unhold
    sweep
    assert_same_trials "$DONE/runs" runs
}

@test "of a sweep that is held no more trials are begun, and those that have begun get as far as they were to, until it is let" {
    run -66 rote-sweep -r runs --hold
    assert_error 'runs: hold: no run is there'
    own_programs
    { of_trial a && echo ': >../hold; exec "$real" "$@"'; } | put_program nn-train-epoch
    run -1 sweep trials=trials.tsv epochs=2 workers=1
    [ "$(grep -c 'runs: it is held; --unhold lets it go on' <<<"$output")" = 1 ]
    [ -e runs/a/epoch-0002.safetensors ]
    assert_missing runs/b
    real_programs
    run -1 sweep --worker
    run -0 sweep -n
    assert_output_has 'runs: held'
    run -64 sweep --unhold
    rote-sweep -r runs --unhold
    sweep
    assert_same_trials "$DONE/runs" runs
    rote-search -r runs --hold
    [ -e runs/hold ]
}

# --- Workers

@test "workers share the processors, and with them the ranks of their trials; who is alone leaves that to the ranks" {
    mkdir bin
    echo 'echo 8' >bin/nproc
    printf '%s\n' 'echo "$@" >>"${0%/bin/*}/calls"' 'shift 5' 'exec "$@"' >bin/mpirun
    sed -i '1i #!/bin/sh' bin/*
    chmod +x bin/*
    table a=0.01 b=0.003
    PATH=$PWD/bin:$PATH sweep trials=trials.tsv epochs=1 workers=2 ranks=2
    grep -q -- '-n 2 .* -t 2 ' calls
    rm -r calls runs
    table a=0.01
    PATH=$PWD/bin:$PATH sweep trials=trials.tsv epochs=1 workers=1 ranks=2
    run -1 grep -q -- ' -t ' calls
}

@test "a second one on the same directory is refused, or waits" {
    cp -a "$DONE/runs" runs
    run -75 flock runs/lock rote-sweep -r runs epochs=3
    assert_error 'runs: lock: another one works on it'
    run -0 flock runs/lock rote-sweep -r runs epochs=3 lock=skip
    assert_same "$DONE/runs/search.conf" runs/search.conf
}

@test "workers that nobody leads share the trials, whoever makes the directory" {
    sweep --worker trials=trials.tsv epochs=2 2>one &
    sweep --worker trials=trials.tsv epochs=2 2>two
    wait $!
    assert_same_trials "$DONE/runs" runs
    [ "$(cat one two | grep -c ': training up to')" = 3 ]
}

@test "a worker does not disturb one that leads others, nor wait for the lock" {
    cp -a "$DONE/runs" runs
    run -0 flock runs/lock rote-sweep -r runs --worker epochs=3
    [ "$(state_of_trial c)" = 'done' ]
    [ -e runs/c/epoch-0003.safetensors ]
}

@test "TERM stops the trials, and it ends with 75; killed alone it takes its workers with it; and the same line goes on" {
    local signal status
    own_programs
    put_program nn-train-epoch <<'END'
trap 'exit 75' TERM
: >../../begun
while :; do sleep 0.05; done
END
    for signal in TERM KILL; do
        rote-sweep -v -r runs data="$DATA" model="$MODEL" samples=100 val=100 trials=trials.tsv epochs=2 2>messages 3>&- &
        timeout 60 sh -c 'until [ -e begun ]; do sleep 0.01; done'
        kill -s $signal $!
        status=0
        wait $! || status=$?
        [ $signal,$status = TERM,75 ] || [ $signal,$status = KILL,137 ]
        flock -w 60 runs/lock test ! -e runs/failures.tsv
        rm begun
    done
    grep 'stopped by a signal; the same line again goes on' messages
    real_programs
    sweep
    assert_same_trials "$DONE/runs" runs
}
