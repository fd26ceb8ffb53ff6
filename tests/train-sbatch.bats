# rote-train.sbatch: what it makes of its arguments, and when a job goes back into the queue. Slurm is played by squeue and scontrol of
# this suite, and rote-train by a script; tests/slurm has the real ones.

bats_require_minimum_version 1.5.0
load helpers

setup() {
    cd "$BATS_TEST_TMPDIR" || return
    unset "${!SLURM_@}"
    mkdir pipelines slurm spool
    ln -s "$ROOT/pipelines/train" pipelines
    cp "$ROOT/pipelines/train.sbatch" spool/slurm_script
    export SLURM_JOB_ID=12 PATH=$PWD/slurm:$PATH ROTE_PIPELINES=$PWD/pipelines STATE=RUNNING
    : >comment
    a_program slurm/squeue <<'END'
if [ -s away ]; then
    sed -i 1d away
    echo 'Unable to contact slurm controller' >&2
    exit 1
fi
case $* in
'-h -t all -j 12 -o %o' | '-h -t all -j 12_3 -o %o') echo "$COMMAND" ;;
'-h -t all -j 12 -o %T %k' | '-h -t all -j 12_3 -o %T %k')
    [ ! -e state ] || STATE=$(cat state)
    echo "$STATE $([ -s comment ] && cat comment || echo '(null)')"
    ;;
*) exit 1 ;;
esac
END
    a_program slurm/scontrol <<'END'
printf '%s\n' "$*" >>asked
case $1,${2-} in
update,*) printf %s "${3#comment=}" >comment ;;
requeue,*) [ ! -e refuse ] || { echo refused && exit 1; } ;;
esac
END
}

a_program() { # FILE
    {
        echo '#!/bin/sh'
        cat
    } >"$1"
    chmod +x "$1"
}

# rote_train: what stands for it is the script on stdin.
rote_train() {
    a_program pipelines/train.sh
}

# It makes progress, and is to be run again.
progresses() {
    rote_train <<<"mkdir a; cp '$CKPT' a/epoch-0000.safetensors; exit 75"
}

# before_squeue: whenever squeue is asked, first the script on stdin is run.
before_squeue() {
    mv slurm/squeue slurm/real
    { cat && echo 'exec slurm/real "$@"'; } | a_program slurm/squeue
}

job() { # ARGUMENT...
    run --separate-stderr sh spool/slurm_script "$@"
    # shellcheck disable=SC2154 # bats sets it
    printf "status %s\n%s\n%s\n" "$status" "$output" "$stderr"
}

@test "rote-train gets the arguments, and what the job is granted where they do not say" {
    rote_train <<<'printf "<%s>" ${SRUN_CPUS_PER_TASK-} "$@"'
    job -r 'my run' keep='-l 3 -b 1'
    [ "$status" = 0 ]
    [ "$output" = '<lock=wait:300><-r><my run><keep=-l 3 -b 1>' ]
    SLURM_CPUS_ON_NODE=4 job -r a
    [ "$output" = '<threads=4><lock=wait:300><-r><a>' ]
    SLURM_CPUS_ON_NODE=4 SLURM_CPUS_PER_TASK=2 job -r a
    [ "$output" = '<threads=2><lock=wait:300><-r><a>' ]
    SLURM_CPUS_ON_NODE=4 SLURM_NTASKS=3 job -r a
    [ "$output" = '<1><threads=1><ranks=3><lock=wait:300><-r><a>' ]
    SLURM_CPUS_ON_NODE=4 SLURM_NTASKS=3 SLURM_CPUS_PER_TASK=2 job -r a ranks=2
    [ "$output" = '<2><threads=2><lock=wait:300><-r><a><ranks=2>' ]
    printf '%s\n' threads=1 lock=skip >settings
    SLURM_CPUS_ON_NODE=4 job -c settings -r a
    [ "$output" = '<-c><settings><-r><a>' ]
}

@test "search and sweep make it a worker" {
    export SLURM_CPUS_PER_TASK=2
    for work in search sweep; do
        a_program pipelines/$work.sh <<<"printf '<%s>' $work \"\$@\""
        rote_train <<<'exit 70'
        job $work -r a workers=3 space=b
        [ "$output" = "<$work><threads=2><--worker><-r><a><workers=3><space=b>" ]
    done
}

@test "%a is the number of an array's task, and refused where there is none" {
    rote_train <<<'printf "<%s>" "$@"'
    export SLURM_ARRAY_JOB_ID=12 SLURM_ARRAY_TASK_ID=3
    job -r runs/%a-%a seed=%a keep= model=%b/100%
    [ "$output" = '<lock=wait:300><-r><runs/3-3><seed=3><keep=><model=%b/100%>' ]
    unset SLURM_ARRAY_JOB_ID SLURM_ARRAY_TASK_ID
    job -r runs/%a
    [ "$status" = 64 ]
    assert_error "runs/%a: %a is a task's number, and this is no job array"
}

@test "its place is that of the script that was submitted, that of rote-train, or, from a script of the user's, its own" {
    rote_train <<<'echo "beside $0"'
    unset ROTE_PIPELINES
    mkdir 'with blanks'
    ln -s ../pipelines/train.sh ../pipelines/train 'with blanks'
    : >'with blanks/rote-train.sbatch'
    mkdir bin
    ln -s '../with blanks/rote-train.sbatch' bin
    for place in 'with blanks' bin; do
        COMMAND="$PWD/$place/rote-train.sbatch -r a.sbatch" job -r a.sbatch
        [ "$output" = "beside $PWD/with blanks/train.sh" ]
    done
    ln -s ../pipelines/train.sh slurm/rote-train
    ln -s "with blanks/train" "with blanks/train.sh" .
    COMMAND='(null)' job -r a
    [ "$output" = "beside $PWD/pipelines/train.sh" ]
    rm slurm/rote-train
    cp spool/slurm_script "with blanks/rote-train.sbatch"
    COMMAND=/nowhere/own.sh run sh "with blanks/rote-train.sbatch" -r a
    [ "$output" = "beside $PWD/with blanks/train.sh" ]
    COMMAND=/nowhere/train.sbatch PATH=$PWD/slurm:/usr/bin:/bin job -r a
    [ "$status" = 69 ]
    assert_error 'find train.sh'
}

@test "without Slurm it says what it is for" {
    unset SLURM_JOB_ID
    job -r a
    [ "$status" = 64 ]
    assert_error 'it is for Slurm: sbatch'
}

@test "done or failed, a job ends as rote-train does" {
    for result in 0 1 65 71; do
        rote_train <<<"exit $result"
        job -r a
        [ "$status" = "$result" ]
    done
    assert_missing asked
}

@test "after progress a job goes back: a checkpoint, a batch, an evaluation, its own or those of trials" {
    mkdir -p a/0001
    n=0
    for made in "cp '$CKPT' a/epoch-0000.safetensors" "nn-train-epoch -q -o a/epoch-0001.safetensors a/epoch-0000.safetensors '$DATA/train'" \
        ': >a/epoch-0001.eval' "cp '$CKPT' a/0001/epoch-0000.safetensors" "cp '$RUN/epoch-0001.safetensors' a/epoch-0002.safetensors.part" \
        "cp -f '$RUN/epoch-0002.safetensors' a/epoch-0002.safetensors.part"; do
        rote_train <<<"$made; exit 75"
        job -qr a
        [ "$status" = 75 ]
        [ "$stderr" = 'rote-train.sbatch: job 12: queued again, to go on' ]
        n=$((n + 1))
        [ "$(grep -cx 'requeue 12' asked)" = $n ]
    done
    [ "$(grep -c update asked)" = 0 ]
}

@test "the third try in a row without progress is the last, and then they are counted anew" {
    rote_train <<<'kill -KILL $$'
    mkdir a
    cp "$CKPT" a/epoch-0000.safetensors
    for user in '' 'of mine'; do
        printf %s "$user" >comment
        rm -f asked
        for n in 1 2; do
            touch a/epoch-0000.safetensors
            job -r a
            [ "$status" = 75 ]
            assert_error "after a try without progress: $n of 3"
            [ "$(cat comment)" = "${user:+$user; }rote: tries without progress: $n" ]
        done
        job --run a
        [ "$status" = 75 ]
        assert_error 'job 12: 3 tries in a row without progress: it is not queued again'
        [ "$(cat comment)" = "$user" ]
        [ "$(grep -c requeue asked)" = 2 ]
    done
}

@test "progress forgets tries without any" {
    echo 'of mine; rote: tries without progress: 2' >comment
    progresses
    STATE=SIGNALING job --run=a
    grep -qx 'requeue 12' asked
    [ "$(cat comment)" = 'of mine' ]
}

@test "a job that is cancelled, or queued again already, is left to Slurm" {
    rote_train <<<"mkdir -p a; cp -f '$CKPT' a/epoch-0000.safetensors; exit 75"
    for STATE in CANCELLED COMPLETING PENDING PREEMPTED ''; do
        rm -rf a
        job -ra
        [ "$status" = 75 ]
        assert_error "job 12: left to Slurm, which says that it is $STATE"
    done
    assert_missing asked
}

@test "cancelled while it looks for progress, it is not brought back" {
    mkdir programs
    ln -s "$BUILD/bin/nn-train-epoch" programs
    a_program programs/ckpt-info <<<'echo CANCELLED >state'
    progresses
    ROTE_BIN=$PWD/programs job -r a
    assert_error 'job 12: left to Slurm, which says that it is CANCELLED'
    assert_missing asked
}

@test "where the controller does not answer, it is asked again, for a while" {
    a_program slurm/sleep <<<'echo "sleep $*" >>asked'
    rote_train <<<"mkdir -p a; cp -f '$CKPT' a/epoch-0000.safetensors; cp later away; exit 75"
    seq 3 >away
    seq 2 >later
    ROTE_PIPELINES='' COMMAND=$PWD/pipelines/train.sbatch job -r a
    [ "$status" = 75 ]
    [ "$(cat asked)" = "$(printf '%s\n' 'sleep 10' 'sleep 10' 'sleep 10' 'sleep 10' 'sleep 10' 'requeue 12')" ]
    rm -r a asked
    seq 100 >later
    job -r a
    [ "$status" = 75 ]
    assert_error 'job 12: squeue does not say how it is; the same line again goes on'
    [ "$(sort -u asked)" = 'sleep 10' ]
}

@test "what people like squeue to show does not hide the job" {
    before_squeue <<<'case $(env) in *SQUEUE_* | *SLURM_CLUSTERS*) exit ;; esac'
    progresses
    SQUEUE_ACCOUNT=x SQUEUE_LICENSES=x SQUEUE_NAMES=x SQUEUE_PARTITION=x SQUEUE_QOS=x SQUEUE_STATES=PD SQUEUE_USERS=x SLURM_CLUSTERS=x job -r a
    assert_error 'job 12: queued again, to go on'
}

@test "a job that may not go back says so" {
    : >refuse
    progresses
    job -r a
    [ "$status" = 75 ]
    assert_error 'job 12: requeue: refused; the same line again goes on'
}

@test "queued again it may be ended before scontrol has said so" {
    a_program slurm/scontrol <<<'kill -TERM $$'
    progresses
    job -r a
    [ "$status" = 75 ]
    assert_error 'job 12: queued again, to go on'
}

@test "of an array the task is meant, not the job of that number" {
    progresses
    SLURM_ARRAY_JOB_ID=12 SLURM_ARRAY_TASK_ID=3 job -r a
    grep -qx 'requeue 12_3' asked
}

@test "a signal is passed on, and what rote-train keeps then counts" {
    rote_train <<'END'
trap 'mkdir a; cp "$CKPT" a/epoch-0000.safetensors; exit 75' TERM
kill -USR1 $PPID
for tenth in $(seq 100); do sleep 0.1; done
END
    job -r a
    [ "$status" = 75 ]
    [ "$stderr" = 'rote-train.sbatch: job 12: queued again, to go on' ]
}

@test "one that comes while the job begins does not end it: it trains nothing, and goes back" {
    before_squeue <<<'kill -USR1 $PPID'
    rote_train <<<': >begun'
    job -r a
    [ "$status" = 75 ]
    assert_error 'job 12: queued again, to go on after a try without progress: 1 of 3'
    assert_missing begun
}
