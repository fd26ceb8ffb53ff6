# Workers of rote-sweep and rote-search as the tasks of an array: whatever happens to one of them, all trials end with the same bytes.

bats_require_minimum_version 1.5.0
load ../helpers
load ../train
load ../trials
load cluster

setup_file() {
    cd "$BATS_FILE_TMPDIR" || return
    table a=0.01 b=0.003 c=0.03 d=0.001
    sweep -r swept trials=trials.tsv train.batch=1 epochs=2
    search -r searched trials=trials.tsv train.batch=1 train.epochs=4
}

setup() {
    cd "$BATS_TEST_TMPDIR" || return
    DONE=$BATS_FILE_TMPDIR
    cp "$DONE/trials.tsv" .
    own_programs
}

# submit sweep|search SETTING...: sets $job to an array of three workers on `runs`.
submit() {
    local work=$1
    shift
    job=$(sbatch --parsable --time=5 --array=1-3 -o %a.out "$ROOT/pipelines/train.sbatch" "$work" -r runs trials=trials.tsv data="$DATA" \
        model="$MODEL" samples=100 val=100 train.batch=1 "$@")
}

# Sets $worker to the task of the array that is held in the middle of an epoch, and $node to where it is.
find_held() {
    await_file held
    worker=$(tr '\0' '\n' <"/proc/$(pgrep -f -- '--partial-every 0.000001')/environ" | sed -n 's/^SLURM_ARRAY_TASK_ID=//p')
    node=$(squeue -h -j "${job}_$worker" -o %N)
}

await_all() {
    local worker
    for worker in 1 2 3; do await "${job}_$worker" COMPLETED; done
}

@test "three workers train the trials of a sweep; one whose node loses its power goes on elsewhere" {
    hold_epoch_2 true
    submit sweep epochs=2
    find_held
    lose_power "$node"
    scontrol update "nodename=$node" state=down reason=power
    start_node "$node"
    await_all
    assert_same_trials "$DONE/swept" runs
    [ "$(field_of_job "${job}_$worker" Restarts)" = 1 ]
    assert_missing runs/failures.tsv
    until_true 300 nodes_answer
}

@test "a search by three workers, one of which is queued again, comes to the same decisions and the same best" {
    hold_epoch_2 true
    submit search train.epochs=4 promote='--divisor 2 --mode aggressive'
    find_held
    scontrol requeue "${job}_$worker"
    after=$(sbatch --parsable --dependency="afterok:$job" -o after.out --wrap "'$ROOT/pipelines/search.sh' -v -r runs")
    await_all
    await "$after" COMPLETED
    assert_same_trials "$DONE/searched" runs
    [ "$(field_of_job "${job}_$worker" Restarts)" = 1 ]
    grep "runs: $(cd "$DONE/searched" && ckpt-best a b c d) is the best" after.out
}
