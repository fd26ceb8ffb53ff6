# The tasks of a job of Slurm as ranks, on two nodes: the bytes of one process, whatever becomes of the nodes.

bats_require_minimum_version 1.5.0
load ../helpers
load ../train
load cluster
export OMPI_MCA_btl=self,tcp # the nodes share no memory
# shellcheck source=tests/ranks/mpi.sh
. "$ROOT/tests/ranks/mpi.sh"

setup_file() {
    cd "$BATS_FILE_TMPDIR" || return
    train train.batch=2 epochs=20 save-every=10
}

setup() {
    cd "$BATS_TEST_TMPDIR" || return
    [[ -e $BUILD/lib/rote/comm-mpi.so ]] || skip 'there is no MPI'
}

# Sets $job.
submit() { # OPTION OF SBATCH...
    job=$(sbatch --parsable --time=5 -o job.out --nodes=2 "$@" "$ROOT/pipelines/train.sbatch" -r a data="$DATA" model="$MODEL" \
        samples=200 val=100 train.batch=2 epochs=20 save-every=10 partial-every=1)
}

# But for what says how often something was kept.
assert_untouched() {
    sed -i 's/^partial-every=.*/partial-every=0/' a/run.conf
    assert_same_run "$BATS_FILE_TMPDIR/a" a
}

@test "tasks are ranks, on two nodes" {
    submit --ntasks=3
    await "$job" COMPLETED
    assert_untouched
    [ ! -s job.out ]
}

@test "a node that goes away ends all ranks; the job is queued again and goes on, with other ranks" {
    submit --ntasks=4
    await_file a/epoch-0010.safetensors.part
    lose_power n2
    until_true 300 is_in_state "$job" PENDING
    start_node n2
    await "$job" COMPLETED
    assert_untouched
}

@test "a job that is told to stop keeps a part of the epoch, and goes on" {
    submit --ntasks=2
    await_file a/epoch-0010.safetensors.part
    scancel -b -s USR1 "$job"
    await "$job" COMPLETED
    grep 'stopped after batch' a/log
    assert_untouched
}
