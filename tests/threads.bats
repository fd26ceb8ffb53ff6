# Programs on machines that give them less than they have: a few processors, or a part of their time.
bats_require_minimum_version 1.5.0
load helpers

# The first of the processors that this process may use.
FIRST=$(taskset -cp $$ | sed 's/.*: *\([0-9]*\).*/\1/')

teardown() {
    [[ -z ${cgroup-} ]] || rmdir "$cgroup/a/step" "$cgroup/a" "$cgroup"
}

# make_cgroup QUOTA PERIOD: $cgroup with a limit in microseconds, of whichever version this machine has, and two more below it.
make_cgroup() {
    local version1=/sys/fs/cgroup/cpu/rote-test.$$ version2=/sys/fs/cgroup/rote-test.$$
    if mkdir "$version1" 2>/dev/null; then
        cgroup=$version1
    elif mkdir "$version2" 2>/dev/null; then
        cgroup=$version2
    else
        skip 'no cgroup can be made here'
    fi
    mkdir -p "$cgroup/a/step"
    if [[ -e $cgroup/cpu.max ]]; then
        echo "$1 $2" >"$cgroup/cpu.max"
    elif [[ -e $cgroup/cpu.cfs_quota_us ]]; then
        echo "$2" >"$cgroup/cpu.cfs_period_us"
        echo "$1" >"$cgroup/cpu.cfs_quota_us"
    else
        skip 'a cgroup does not limit processors here'
    fi
}

# in_cgroup CGROUP PROGRAM ARGUMENT...
in_cgroup() {
    sh -c 'echo $$ >"$1/cgroup.procs" && shift && exec "$@"' sh "$@"
}

@test "a program that may use one processor has one thread, and says so" {
    run -0 taskset -c "$FIRST" nn-train-epoch -v -o b.safetensors "$CKPT" "$DATA/train"
    assert_error ', threads 1, '
}

@test "bytes are the same on one processor, with the threads of one or of many" {
    nn-train-epoch -q -t 2 -o b.safetensors "$CKPT" "$DATA/train"
    taskset -c "$FIRST" nn-train-epoch -q -o c.safetensors "$CKPT" "$DATA/train"
    assert_same b.safetensors c.safetensors
    for threads in 8 17; do
        taskset -c "$FIRST" nn-train-epoch -q -f -t "$threads" -o c.safetensors "$CKPT" "$DATA/train"
        assert_same b.safetensors c.safetensors
    done
}

@test "bytes are the same with more threads than processors" {
    nn-train-epoch -q -t 1 -o b.safetensors "$CKPT" "$DATA/train"
    for threads in 8 17 100; do
        nn-train-epoch -q -t "$threads" -o "$threads.safetensors" "$CKPT" "$DATA/train"
        assert_same b.safetensors "$threads.safetensors"
    done
}

@test "records of an evaluation are the same on one processor" {
    nn-eval -q -t 5 "$DATA/test" "$CKPT" >a
    taskset -c "$FIRST" nn-eval -q "$DATA/test" "$CKPT" >b
    assert_same a b
}

@test "the limit of a cgroup is that of threads" {
    make_cgroup 100000 100000
    run -0 in_cgroup "$cgroup/a" nn-train-epoch -v -o b.safetensors "$CKPT" "$DATA/train"
    assert_error ', threads 1, '
    nn-train-epoch -q -o c.safetensors "$CKPT" "$DATA/train"
    assert_same b.safetensors c.safetensors
}

@test "the limit of a cgroup further up counts too, and a part of a processor as one" {
    run nn-train-epoch -v -o b.safetensors "$CKPT" "$DATA/train"
    [[ $output != *', threads 1, '* ]] || skip 'there is one processor'
    make_cgroup 150000 100000
    run -0 in_cgroup "$cgroup/a/step" nn-train-epoch -v -o c.safetensors "$CKPT" "$DATA/train"
    assert_error ', threads 2, '
}
