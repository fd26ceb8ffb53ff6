# rote-train.sbatch on a real Slurm: whatever happens to a job, the run ends with the bytes of one to which nothing happened.

bats_require_minimum_version 1.5.0
load ../helpers
load ../train
load cluster

setup_file() {
    cd "$BATS_FILE_TMPDIR" || return
    train train.batch=1 epochs=3
}

setup() {
    cd "$BATS_TEST_TMPDIR" || return
    UNTOUCHED=$BATS_FILE_TMPDIR/a
    own_programs
}

# submit [OPTION OF SBATCH...] [-- ARGUMENT...]: sets $job; the arguments come after those of the run that all tests make.
submit() {
    local options=()
    while [[ $# != 0 && $1 != -- ]]; do
        options+=("$1")
        shift
    done
    [[ $# == 0 ]] || shift
    job=$(sbatch --parsable --time=5 -o job.out "${options[@]}" "$ROOT/pipelines/train.sbatch" -r a data="$DATA" model="$MODEL" \
        samples=200 val=100 train.batch=1 epochs=3 "$@")
}

# The job is in the middle of epoch 2 when this returns, and stays there; of an array it is task 2. Afterwards nothing keeps it any more.
submit_and_hold() { # LIKE submit
    # shellcheck disable=SC2016 # for the job to expand
    hold_epoch_2 '[ "${SLURM_ARRAY_TASK_ID-2}" = 2 ]'
    submit "$@"
    await_file held
}

assert_restarts() { # NUMBER
    [[ $(field_of_job "$job" Restarts) == "$1" ]] && return
    scontrol show job "$job"
    cat job.out
    return 1
}

@test "a job ends with the bytes of the same line on a terminal" {
    submit
    await "$job" COMPLETED
    assert_same_run "$UNTOUCHED" a
    [ ! -s job.out ]
    assert_restarts 0
}

@test "it finds its programs by a link on PATH, and beside rote-train where it comes from a pipe" {
    mkdir bin
    ln -s "$ROOT/pipelines/train.sbatch" bin/rote-train.sbatch
    job=$(PATH=$PWD/bin:/usr/bin:/bin sbatch --parsable -o job.out rote-train.sbatch -c "$UNTOUCHED/run.conf" -r a)
    await "$job" COMPLETED
    assert_same_run "$UNTOUCHED" a
    job=$(sbatch --parsable -o job.out -- /dev/stdin -c "$UNTOUCHED/run.conf" -r 'b with blanks' <"$ROOT/pipelines/train.sbatch")
    await "$job" COMPLETED
    assert_same_run "$UNTOUCHED" 'b with blanks'
}

@test "queued again by scontrol it keeps the unfinished epoch, and goes on" {
    submit_and_hold
    scontrol requeue "$job"
    await "$job" COMPLETED
    assert_same_run "$UNTOUCHED" a
    assert_restarts 1
    grep -q 'epoch 2: training, on from where it was stopped' a/log
}

@test "put on hold it stays away until it is released" {
    submit_and_hold
    scontrol requeuehold "$job"
    await "$job" PENDING
    [ -e a/epoch-0002.safetensors.part ]
    [[ $(field_of_job "$job" Priority) == 0 ]]
    scontrol release "$job"
    await "$job" COMPLETED
    assert_same_run "$UNTOUCHED" a
    assert_restarts 1
}

@test "a minute before its time is up it keeps the unfinished epoch, and queues itself again" {
    SQUEUE_PARTITION=urgent submit_and_hold
    scontrol update "jobid=$job" EndTime=now+50
    await "$job" COMPLETED
    assert_same_run "$UNTOUCHED" a
    assert_restarts 1
    grep -qx "rote-train.sbatch: job $job: queued again, to go on" job.out
    grep -q 'epoch 2: training, on from where it was stopped' a/log
}

@test "where its time is up without a warning it is ended, and the same line goes on" {
    submit_and_hold --signal=B:USR1@1
    scontrol update "jobid=$job" EndTime=now
    await "$job" TIMEOUT
    assert_restarts 0
    [ -e a/epoch-0002.safetensors.part ]
    submit
    await "$job" COMPLETED
    assert_same_run "$UNTOUCHED" a
}

@test "told to give way with a time of grace, it does so at once, and comes back" {
    submit_and_hold -p gentle -N 2 --exclusive
    urgent=$(sbatch --parsable -p urgent -N 2 --exclusive -o urgent.out --wrap true)
    await "$urgent" COMPLETED
    await "$job" COMPLETED
    assert_same_run "$UNTOUCHED" a
    assert_restarts 1
    grep -qx "rote-train.sbatch: job $job: queued again, to go on" job.out
    grep -q 'epoch 2: training, on from where it was stopped' a/log
}

@test "a node that loses its power costs the unfinished epoch at most: the job goes on elsewhere" {
    submit_and_hold
    node=$(squeue -h -j "$job" -o %N)
    lose_power "$node"
    await "$job" COMPLETED
    start_node "$node"
    assert_same_run "$UNTOUCHED" a
    assert_restarts 1
    [ "$(squeue -h -t all -j "$job" -o %N)" = "$([ "$node" = n1 ] && echo n2 || echo n1)" ]
    until_true 300 nodes_answer
}

@test "where slurmd alone has died, the job waits for the lock of its former self" {
    submit_and_hold
    node=$(squeue -h -j "$job" -o %N)
    kill_slurmd "$node"
    until_true 600 pgrep -f '^flock -w 300 '
    start_slurmd "$node"
    await "$job" COMPLETED
    assert_same_run "$UNTOUCHED" a
    assert_restarts 1
    until_true 300 nodes_answer
}

@test "a program that is killed is reason enough to go on, in the queue again" {
    submit_and_hold
    kill -KILL "$(pgrep -f -- '--partial-every 0.000001')"
    await "$job" COMPLETED
    assert_same_run "$UNTOUCHED" a
    assert_restarts 1
}

@test "a job that may not be queued again says so, and the same line goes on" {
    submit_and_hold --no-requeue
    kill -KILL "$(pgrep -f -- '--partial-every 0.000001')"
    await "$job" FAILED
    [ "$(field_of_job "$job" ExitCode)" = 75:0 ]
    tail -n 1 job.out | grep -x "rote-train.sbatch: job $job: requeue: .*; the same line again goes on"
    submit
    await "$job" COMPLETED
    assert_same_run "$UNTOUCHED" a
}

@test "where the controller is away, the job waits for it to queue itself again" {
    submit_and_hold
    stop_controller
    kill -KILL "$(pgrep -f -- '--partial-every 0.000001')"
    until_true 600 grep -q 'Unable to contact slurm controller' job.out
    start_controller
    await "$job" COMPLETED
    assert_same_run "$UNTOUCHED" a
    assert_restarts 1
}

@test "without progress three times in a row it gives up, and says so" {
    put_program nn-train-epoch <<'END'
[ ! -e epoch-0001.safetensors ] || kill -KILL $$
exec "$real" "$@"
END
    submit --comment='of mine'
    await "$job" FAILED
    [ "$(field_of_job "$job" ExitCode)" = 75:0 ]
    assert_restarts 3
    [ "$(squeue -h -t all -j "$job" -o %k)" = 'of mine' ]
    tail -n 1 job.out | grep -x "rote-train.sbatch: job $job: 3 tries in a row without progress: it is not queued again; the same line again goes on"
    real_programs
    own_programs
    scontrol requeue "$job"
    await "$job" COMPLETED
    assert_same_run "$UNTOUCHED" a
}

# Rank 0 is held.
submit_ranks() {
    [ -e "$BUILD/lib/rote/comm-mpi.so" ] || skip 'rote was built without MPI'
    # shellcheck disable=SC2016 # for the ranks to expand
    hold_epoch_2 '[ "${SLURM_STEP_NUM_TASKS-},$SLURM_PROCID" = 2,0 ]'
    submit -N 2 -n 2 -- train.batch=8
    await_file held
    train -r alone train.batch=8 epochs=3
}

@test "two ranks on two nodes make the same bytes, and keep the unfinished epoch a minute before their time is up" {
    submit_ranks
    scontrol update "jobid=$job" EndTime=now+50
    await "$job" COMPLETED
    assert_same_run alone a
    assert_restarts 1
    grep -q 'epoch 2: training, on from where it was stopped' a/log
}

@test "ranks that are queued again by scontrol keep the unfinished epoch, although srun is told as well to end them" {
    submit_ranks
    scontrol requeue "$job"
    await "$job" COMPLETED
    assert_same_run alone a
    assert_restarts 1
    grep -q 'epoch 2: training, on from where it was stopped' a/log
}

@test "a rank that is killed ends the other one, and the job queues itself again" {
    submit_ranks
    kill -KILL "$(rank_1)"
    await "$job" COMPLETED
    assert_same_run alone a
    assert_restarts 1
    grep -q 'a rank was ended by signal' a/log
}

rank_1() {
    local process
    for process in $(pgrep -x nn-train-epoch); do
        ! tr '\0' '\n' <"/proc/$process/environ" | grep -qx SLURM_PROCID=1 || echo "$process"
    done
}

@test "of an array of eight one fails, and the others do not care" {
    mkdir r5
    : >r5/alien
    for seed in {1..8}; do train -r "local$seed" seed="$seed" epochs=1; done
    job=$(sbatch --parsable --array=1-8 -o %a.out "$ROOT/pipelines/train.sbatch" -r r%a data="$DATA" model="$MODEL" samples=200 val=100 \
        seed=%a epochs=1)
    until_true 1200 nothing_runs
    for seed in 1 2 3 4 6 7 8; do
        [ "$(state_of_job "${job}_$seed")" = COMPLETED ]
        assert_same_run "local$seed" "r$seed"
    done
    [ "$(state_of_job "${job}_5")" = FAILED ]
    [ "$(field_of_job "${job}_5" ExitCode)" = 73:0 ]
    rm r5/alien
    scontrol requeue "${job}_5"
    await "${job}_5" COMPLETED
    assert_same_run local5 r5
}

@test "a task of an array queues itself again and no other" {
    submit_and_hold --array=1-2 -o %a.out -- -r r%a
    kill -KILL "$(pgrep -f -- '--partial-every 0.000001')"
    for task in 1 2; do
        await "${job}_$task" COMPLETED
        assert_same_run "$UNTOUCHED" "r$task"
    done
    [ "$(scontrol show job "$job" | grep -o 'Restarts=[0-9]*' | sort | tr '\n' ' ')" = 'Restarts=0 Restarts=1 ' ]
}

@test "cancelled, it keeps the unfinished epoch and stays away until it is submitted again" {
    submit_and_hold
    scancel "$job"
    await "$job" CANCELLED
    [ -e a/epoch-0002.safetensors.part ]
    assert_restarts 0
    submit
    await "$job" COMPLETED
    assert_same_run "$UNTOUCHED" a
}

@test "what depends on a job waits until it is done, also when it is queued again in between" {
    submit_and_hold
    after=$(sbatch --parsable --dependency="afterok:$job" -o after.out \
        --wrap "ckpt-release --records a/metrics.tsv -o net.safetensors \$(ckpt-best a)")
    scontrol requeue "$job"
    await "$job" COMPLETED
    await "$after" COMPLETED
    ckpt-release --records "$UNTOUCHED/metrics.tsv" -o untouched.safetensors "$(ckpt-best "$UNTOUCHED")"
    assert_same untouched.safetensors net.safetensors
}

# With small arrays, and networks that take a moment.
commands_of_pages() {
    {
        sed -n '/^\.Bd -literal/,/^\.Ed/{/^\./!p}; s/^\.Dl //p' "$ROOT/man/rote-slurm.7"
        sed -n 's|runs/search|runs/many|; s/^\.Dl \(sbatch .*\)/\1/p' "$ROOT/man/rote.7"
    } | sed "s|model=[^ ]*|model=$MODEL|; s/epochs=[0-9]*/epochs=1/; s/array=1-[0-9]*/array=1-2/; s/_5$/_2/; s/-N [0-9]*'/-N 3'/; /^module/d"
}

@test "the commands of rote-slurm(7), and that of rote(7), do what they say" {
    mkdir bin settings
    ln -s "$ROOT/pipelines/train.sbatch" bin/rote-train.sbatch
    ln -s "$DATA" mnist
    echo 'train.batch choice 8 16 32' >net.space
    for number in 1 2; do printf '%s\n' data=mnist "model=$MODEL" epochs=1 >settings/$number.conf; done
    commands_of_pages >commands
    tasks=16
    [ -e "$BUILD/lib/rote/comm-mpi.so" ] || { sed -i /ntasks/d commands && tasks=15; }
    cat commands
    PATH=$PWD/bin:$PATH
    scontrol() { # only what is done can have failed
        until_true 1200 nothing_runs
        command scontrol "$@"
    }
    # shellcheck source=/dev/null
    . ./commands
    until_true 1200 nothing_runs
    squeue -h -t all -o '%T %Z %i' | grep " $PWD " | tee states
    [ "$(wc -l <states)" = $tasks ]
    [ "$(grep -c ^COMPLETED states)" = $tasks ]
    [ -s big.safetensors ]
    [ -e runs/seed-2/epoch-0001.eval ]
    [ -e runs/2/epoch-0001.eval ]
    [ -e runs/own/epoch-0001.eval ]
    cmp runs/own/epoch-0001.safetensors runs/big/epoch-0001.safetensors
    [ $tasks = 15 ] || cmp runs/wide/epoch-0001.safetensors runs/big/epoch-0001.safetensors
    [ -e runs/sweep/0003/epoch-0001.eval ]
    grep 'runs/search: .* is the best' ./*.out
}
