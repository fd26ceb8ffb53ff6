# What bit the users of other programs, part two: training that went on wrongly, or not at all, after it was interrupted. Each test says
# where it happened; where several threads are named, the later ones say it most plainly. "Seen" is what we saw ourselves when we killed
# such programs in the middle of a save. What went wrong with choosing and deleting is in borrowed-choice.bats.

bats_require_minimum_version 1.5.0
load helpers
load train

NEWEST='epoch-0004.safetensors'

# A process, or a group of them, that a test may leave when it fails.
teardown() {
    [ -n "${helper-}" ] || return 0
    kill -KILL -- "$helper" && wait "${helper#-}"
    :
} 2>/dev/null

# count_trainings: from now on, a line in `trained` for each time that a program trains.
count_trainings() {
    own_programs
    : >trained
    put_program nn-train-epoch <<'END'
echo "$@" >>../trained
exec "$real" "$@"
END
}

# stop_midway SIGNAL OPTION...: train out.safetensors in batches of one sample, until the partial checkpoint is a newer one than before.
stop_midway() {
    local signal=$1 before child
    shift
    before=$(stat -c %i out.safetensors.part 2>/dev/null) || :
    nn-train-epoch -q --partial-every 0.000001 -o out.safetensors "$@" 3>&- &
    child=$!
    until [ "$(stat -c %i out.safetensors.part 2>/dev/null)" != "$before" ] || ! kill -0 $child 2>/dev/null; do :; done
    kill -s "$signal" $child
    wait $child || :
    [ -e out.safetensors.part ]
    assert_missing out.safetensors
}

# --- Batches, rates

# Lightning 5325: after a stop within an epoch, training begins the next one, and the rest of the epoch is never seen; Lightning 850: or
# the epoch begins anew; transformers 18070; 8878, 8624: or so many batches are passed over, of the first epoch's order or counted in
# another unit. It shows in an epoch after the first.
@test "an epoch that is stopped midway has each batch once, in the order of that epoch" {
    nn-init -q -o 0 "$MODEL" train.batch=1
    nn-train-epoch -q -o 1 0 "$DATA/train"
    nn-train-epoch -q --batches whole.tsv -o whole 1 "$DATA/train"
    for signal in TERM KILL TERM; do
        stop_midway $signal --batches out.tsv 1 "$DATA/train"
    done
    nn-train-epoch -q --batches out.tsv -o out.safetensors 1 "$DATA/train"
    [ "$(grep -vc '^#' out.tsv)" -eq 600 ]
    assert_same whole.tsv out.tsv
    assert_same whole out.safetensors
}

# Lightning 1772, 4655: the scheduler's state is saved before its step, so that after each resume the rate is that of an epoch before;
# Lightning 15462: or that of the beginning.
@test "the learning rate after a stop is that of its epoch and step" {
    for schedule in 'step gamma=0.5' 'cosine by=step'; do
        { cat "$MODEL" && echo "schedule $schedule"; } >schedule.model
        nn-init -q -f -o 0 schedule.model train.epochs=3
        nn-train-epoch -q -f -e 3 --batches whole.tsv -o whole 0 "$DATA/train"
        for epoch in 1 2 3; do
            nn-train-epoch -q -f --batches $epoch.tsv -o $epoch $((epoch - 1)) "$DATA/train"
        done
        diff <(cat [123].tsv | grep -v '^#') <(grep -v '^#' whole.tsv)
        [ "$(cut -f 4 [123].tsv | grep -v rate | uniq | wc -l)" -ge 3 ]
    done
}

# --- What a crash leaves

# transformers 46628; 27820, 31283: a checkpoint counts by its name. This one has its size as well, but the blocks of its second half were
# never written.
@test "what a crashed job left is not taken as valid, though name and size are right" {
    cp -a "$FOUR" a
    size=$(stat -c %s a/$NEWEST)
    truncate -s $((size / 2)) a/$NEWEST
    truncate -s "$size" a/$NEWEST
    run -0 train epochs=4
    assert_error "a/$NEWEST: "
    assert_error "moved aside as $NEWEST.damaged"
    rm a/$NEWEST.damaged
    assert_same_run "$FOUR" a
}

# Seen in transformers' Trainer, 7 times of 7; its 35782, 35525: the newest directory is torn, and each restart fails on it, though
# older ones are whole.
@test "a torn newest checkpoint does not block a restart" {
    cp -a "$FOUR" a
    for bytes in 0 7 1000 70000; do
        truncate -s $bytes a/$NEWEST
        run -0 train epochs=4
    done
    rm a/*.damaged*
    assert_same_run "$FOUR" a
}

# Seen: a truncated newest file, from which one of six went back to the one before. The others began anew, or did not begin at all.
@test "from a truncated newest checkpoint training goes back by one epoch, not to the start" {
    cp -a "$FOUR" a
    truncate -s -1 a/$NEWEST
    count_trainings
    run -0 train epochs=4
    assert_output_has 'epochs 0 to 3: proven, skipped'
    [ "$(wc -l <trained)" -eq 1 ]
    grep -q "$NEWEST epoch-0003.safetensors" trained
}

# Seen in all six: a bit that flips on a disk goes unnoticed, in the weights or in what the optimizer remembers.
@test "a flipped bit is noticed by whatever goes on from the checkpoint, measures it or hands it on" {
    cp -a "$TWO" a
    file=a/epoch-0002.safetensors
    for offset in 400 $(($(od -An -tu8 -N 8 $file) + 20)) $(($(stat -c %s $file) - 2)); do # in the header, a weight, a moment
        cp "$TWO/epoch-0002.safetensors" $file
        byte=$(od -An -tu1 -j $offset -N 1 $file)
        printf %b "$(printf '\\0%o' $((byte ^ 1)))" | dd of=$file bs=1 seek=$offset conv=notrunc status=none
        run -65 nn-train-epoch -o next $file "$DATA/train@a/train.list"
        run -65 nn-eval "$DATA/test" $file
        run -65 nn-init -o next -i $file "$MODEL"
        run -65 ckpt-release -o next $file
        run -65 ckpt-prune -l 1 a
        run ckpt-verify $file
        [ "$status" -eq 1 ] || [ "$status" -eq 65 ]
        assert_missing next
    done
}

# Seen in keras' BackupAndRestore: weights and the number of the epoch are two files; a kill between them has an epoch trained twice.
# Where the number is written first, none at all.
@test "a kill between the checkpoint and what is recorded of it has no epoch trained twice, and none left out" {
    count_trainings
    put_program nn-train-epoch <<'END'
echo "$@" >>../trained
"$real" "$@"
[ -e ../killed ] || { : >../killed && kill -KILL $PPID; }
END
    run -137 train epochs=2
    flock a/lock true
    assert_missing a/epoch-0001.eval
    train epochs=2
    [ "$(wc -l <trained)" -eq 2 ]
    assert_same_run "$TWO" a
    rm a/epoch-0002.safetensors # and the other way round
    train epochs=2
    assert_same_run "$TWO" a
}

# Seen in all six: no fsync anywhere; after a power cut the new name stands for an empty file, and the old one is gone. In which states
# a disk may be then is tried in tests/fault; this is the order that it hangs on.
@test "a checkpoint is on the disk before it has its name, and its name before success is told" {
    inject=$BUILD/tests/fault/inject
    [ -x "$inject" ] || skip 'there is no tests/fault/inject in this build'
    mkdir a
    for line in "nn-init -q -o a/0 $MODEL" "nn-train-epoch -q -o a/1 a/0 $DATA/train"; do
        # shellcheck disable=SC2086 # its words are arguments
        "$inject" -c write,fsync,rename,link -p "$PWD/a" -o calls $line
        [[ $(cut -f 3 calls | uniq | tr '\n' ' ') =~ ^write\ fsync\ (rename|link)(at2?)?\ fsync\ $ ]]
        [ "$(tail -n 1 calls | cut -f 4)" = "$PWD/a" ]
    done
}

# --- Files in other places

# Seen in Metaflow: the run that resumed wrote its checkpoints through a link into the stored one that it resumed from.
@test "a run that goes on from links leaves the files behind them as they are" {
    cp -a "$TWO" stored
    state_of stored >before
    cp -al stored hard
    cp -as "$PWD/stored" soft
    for run in hard soft; do
        rm $run/log $run/lock # which are written in place
        train -r $run epochs=4
        assert_same_run "$FOUR" $run
    done
    state_of stored >after
    assert_same before after
}

@test "a partial checkpoint that is a link is gone on from, not written through" {
    nn-init -q -o 0 "$MODEL" train.batch=1
    stop_midway KILL 0 "$DATA/train"
    mv out.safetensors.part stored
    cksum <stored >before
    for link in 'ln' 'ln -s'; do
        $link stored out.safetensors.part
        stop_midway KILL 0 "$DATA/train"
        [ "$(cksum <stored)" = "$(cat before)" ]
        rm out.safetensors.part
    done
}

# Seen in Lightning; its 20270, 21253: the temporary file is in TMPDIR, on another file system, so that the rename is a copy, which can be
# torn, or fails; or that disk is full.
@test "what becomes an output is written beside it, wherever TMPDIR is" {
    export TMPDIR=$PWD/nowhere
    mkdir a
    nn-init -q -o a/epoch-0000.safetensors "$MODEL"
    nn-train-epoch -q --partial-every 0.000001 --batches b.tsv -o a/epoch-0001.safetensors a/epoch-0000.safetensors "$DATA/train"
    ckpt-release -q -o net.safetensors a/epoch-0001.safetensors
    cp -a "$TWO" b
    ckpt-prune -q -l 1 b
    idx-split -q -o . "$DATA/train" part=10
    idx-fetch -q -c "$(sha256sum <"$MODEL" | cut -c -64)" -o file "file://$MODEL"
    assert_missing nowhere
}

# Lightning 16504; 5030, 18749: a name that is taken gets a suffix, "-v1", and who resumes from the name has an old checkpoint.
@test "an epoch has one name, and other names beside it count for nothing" {
    cp -a "$TWO" a
    cp "$FOUR/epoch-0004.safetensors" a/epoch-0004-v1.safetensors
    cp "$FOUR/epoch-0003.safetensors" a/epoch-0003.safetensors-v1
    cp "$FOUR/epoch-0004.safetensors" a/last.safetensors
    cp a/epoch-0001.safetensors a/epoch-00003.safetensors
    count_trainings
    for epochs in 3 3 4; do
        train epochs=$epochs
    done
    [ "$(wc -l <trained)" -eq 2 ]
    [ "$(cd a && echo epoch-0003* epoch-0004*)" = 'epoch-0003.eval epoch-0003.safetensors epoch-0003.safetensors-v1 epoch-0004-v1.safetensors epoch-0004.eval epoch-0004.safetensors' ]
    rm a/epoch-0004-v1.safetensors a/epoch-0003.safetensors-v1 a/last.safetensors a/epoch-00003.safetensors
    assert_same_run "$FOUR" a
}

# vision 1938, where a server refused to hand out MNIST any more; what an interrupted download does is in keras 1713: the file is there
# under its name, so it is taken as complete, until somebody deletes it by hand.
@test "an interrupted download is not taken as complete, and a server that refuses is not the end" {
    mkdir served
    ln -s /usr/share/datasets/fashion-mnist served/fashion
    python3 "$ROOT/tests/http-server.py" served port requests 3>&- &
    helper=$!
    until [ -s port ]; do kill -0 $helper; done
    url=http://127.0.0.1:$(cat port)
    no_proxy='*' idx-fetch -q -o data -m "$url/hang/fashion" fashion-mnist 3>&- &
    until [ -s data/.train-images-idx3-ubyte.download ]; do kill -0 $!; done
    kill -KILL $!
    wait $! || :
    run -66 idx-info data/train
    no_proxy='*' run -0 idx-fetch -o data -m "$url/broken/fashion" fashion-mnist
    idx-info -q data/train data/t10k
    [ "$(find data -type f | wc -l)" -eq 4 ]
    truncate -s 1000000 data/train-images-idx3-ubyte # as somebody else's interrupted download would leave it
    run -73 idx-fetch -o data fashion-mnist
    run -65 idx-info data/train
}

# --- Jobs

# tqdm 506: a progress bar in a log file is a line for each batch, or one that never ends.
@test "progress does not fill a log: neither the run's, nor one that stderr goes to" {
    train epochs=1 train.batch=32 2>few
    train -r b epochs=1 train.batch=1 2>many
    [ "$(wc -l <few)" = "$(wc -l <many)" ]
    [ "$(wc -l <a/log)" = "$(wc -l <b/log)" ]
    [ "$(wc -c <many)" -lt 1000 ]
    nn-train-epoch -o next b/epoch-0001.safetensors "$DATA/train@b/train.list" 2>>many
    skip_without_terminal
    script -qec "rote-train -r c data='$DATA' model='$MODEL' samples=200 val=100 epochs=1 train.batch=1" screen >/dev/null
    grep -q 'epoch 1: training loss' screen
    [ "$(wc -l <c/log)" = "$(wc -l <b/log)" ]
    run grep -q '[[:cntrl:]]' many a/log b/log c/log
    [ "$status" -eq 1 ]
}

# LinuxGSM 2916: a backup was stopped partway, and for two months cron found its lock and did nothing.
@test "a lock whose holder is dead is no lock, whatever its file says" {
    cp -a "$TWO" a
    mkfifo locked
    set -m
    flock a/lock sh -c ': >locked; exec tail -f /dev/null' 3>&- &
    helper=-$!
    set +m
    : <locked
    run -75 train epochs=3
    kill -KILL -- $helper
    wait $! || :
    echo $$ >a/lock # of a process that is alive
    touch -d '2 months ago' a/lock
    train epochs=3
    assert_same "$FOUR/epoch-0003.safetensors" a/epoch-0003.safetensors
}

# sisyphus 201: a job that Slurm requeues has its log overwritten; Lightning 14466, 4265: or it starts over. This is the run's own log; that
# of the scheduler is a matter of the batch script.
@test "a requeued job goes on, and adds to its log" {
    own_programs
    put_program nn-train-epoch <<'END'
case $* in *'epoch-0002.safetensors '*) [ -e ../told ] || { : >../told && kill -USR1 $PPID; } ;; esac
exec "$real" "$@"
END
    run -75 train epochs=4
    cp a/log before
    train epochs=4
    head -c "$(stat -c %s before)" a/log | cmp - before
    for epoch in 1 3 4; do
        [ "$(grep -c "epoch $epoch: training$" a/log)" -eq 1 ]
    done
    assert_same_run "$FOUR" a
}
