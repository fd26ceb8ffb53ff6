# ckpt-prune: it deletes what the policy does not keep, tells why, and deletes nothing in doubt.
bats_require_minimum_version 1.5.0
load helpers
load checkpoints
load runs

setup_file() {
    train_run
}

setup() {
    cd "$BATS_TEST_TMPDIR" || return
    cp -r "$BATS_FILE_TMPDIR/run" a
    evaluate a 0.7 0.9 0.8 0.6
}

# What is in a directory, to compare: names, inodes, times and bytes.
contents() { # DIRECTORY
    stat -c '%n %i %Y %Z' "$1"/*
    cksum "$1"/* 2>/dev/null || :
}

# judged 'EPOCH STATE REASON...' ARGUMENT...: what ckpt-prune says, a line each.
judged() {
    local expected=$1
    shift
    run -0 ckpt-prune "$@"
    diff <(printf '%s\n' "$expected") <(awk -F '\t' '!/^#/ { print $2, $3, $4 }' <<<"$output")
}

# refused STATUS TEXT ARGUMENT...: nothing is deleted, nor anything else changed, and the message has TEXT in it.
refused() {
    local before
    before=$(contents a)
    run "-$1" ckpt-prune "${@:3}"
    assert_error "$2"
    [ "$(contents a)" = "$before" ]
}

# left EPOCH...: these checkpoints are still in the run.
left() {
    local found
    found=$(cd a && echo *.safetensors)
    [ "$(printf 'epoch-%04d.safetensors ' "$@")" = "$found " ] && return
    echo "left: $found"
    return 1
}

@test "-n says what would stay and go, with reasons, and deletes nothing" {
    before=$(contents a)
    judged '0 keep every
1 prune not kept by -l 1 -b 2 -e 4 -k valid.accuracy
2 keep best
3 keep best
4 keep last,every,newest' -n -l 1 -b 2 -e 4 a
    [ "${lines[0]}" = '#path	epoch	state	reason' ]
    [ "${lines[1]}" = 'a/epoch-0000.safetensors	0	keep	every' ]
    [ "$(contents a)" = "$before" ]
}

@test "what goes is what -n says, and the rest proves itself with the tombstones" {
    ckpt-prune -n -l 2 a >plan
    run -0 ckpt-prune -l 2 a
    [ "$output" = "$(cat plan)" ]
    left 2 3 4
    run -0 ckpt-verify a
    assert_no_leftovers a
}

@test "a tombstone says what a checkpoint was, and why it went" {
    ckpt-info a/epoch-0001.safetensors | cut -f 2-6 | tail -n 1 >record
    ckpt-prune -l 1 a
    head -n 1 a/pruned.tsv | grep -x '#path	digest	parent	data	epoch	step	reason'
    grep -x "epoch-0001.safetensors	$(cat record)	not kept by -l 1 -k valid.accuracy" a/pruned.tsv
}

@test "'keep one' keeps at most two: the newest and the best" {
    ckpt-prune -l 1 a
    left 2 4
    evaluate a - 0.9 - 0.95
    ckpt-prune -b 1 a
    left 4
}

@test "the best is judged by -k, and with --min or --max by any column" {
    ckpt-prune -l 1 -k epoch --min a
    left 1 4
}

@test "an evaluation outlives its checkpoint" {
    ckpt-prune -l 1 a
    [ "$(echo a/*.eval)" = 'a/epoch-0001.eval a/epoch-0002.eval a/epoch-0003.eval a/epoch-0004.eval' ]
    run -0 ckpt-best a
    [ "$output" = a/epoch-0002.safetensors ]
}

@test "a pinned checkpoint stays" {
    printf 'epoch-0001.safetensors\n\nepoch-0000.safetensors' >a/pinned
    judged '0 keep pinned
1 keep pinned
2 keep best
3 prune not kept by -l 1 -k valid.accuracy
4 keep last,newest' -l 1 a
    left 0 1 2 4
}

@test "one may be pinned before it is there" {
    echo epoch-0099.safetensors >a/pinned
    ckpt-prune -l 1 a
    left 2 4
}

@test "a pin that names no checkpoint is a doubt" {
    for name in epoch-1 ./epoch-0001.safetensors $'epoch-0001.safetensors\r' epoch-00001.safetensors; do
        printf 'epoch-0003.safetensors\n%s\n' "$name" >a/pinned
        refused 65 "a/pinned:2: read: no checkpoint is called 'e" -l 1 a || refused 65 "called './e" -l 1 a
    done
    printf 'epoch-0003.safetensors\n\0\nepoch-0001.safetensors\n' >a/pinned
    refused 65 'a/pinned: read: it contains a NUL byte' -l 1 a
}

@test "pins that cannot be read are a doubt" {
    ln -s nowhere a/pinned
    refused 66 'a/pinned: open: no such file' -l 1 a
    ln -sf /proc/self/mem a/pinned
    refused 74 'a/pinned: read: input/output error' -l 1 a
}

@test "what an unfinished epoch goes on from stays" {
    make_partial a/epoch-0001.safetensors a/other.safetensors.part 1
    judged '0 prune not kept by -l 1 -k valid.accuracy
1 keep parent
2 keep best
3 prune not kept by -l 1 -k valid.accuracy
4 keep last,newest' -l 1 a
    [ -e a/other.safetensors.part ]
}

@test "an empty policy is refused" {
    refused 64 'ckpt-prune: a policy is missing: -l, -b, --best-of-all or -e says what to keep' a
    refused 64 'a policy is missing' -k valid.loss a
}

@test "a count of nothing, or that is no number, is refused" {
    for option in -l -b -e; do
        for count in 0 -1 x 1x '' 99999999999999999999; do
            refused 64 "$option $count: not a count of at least 1" $option "$count" a
        done
    done
}

@test "a key whose name tells no direction is refused" {
    refused 64 '-k epoch: its name does not say what is best; add --min or --max' -l 1 -k epoch a
}

@test "without a record of the key nothing is deleted, for the best might be" {
    refused 65 'a: judge: which is best is unknown: no record has a finite test.accuracy' -b 1 -k test.accuracy a
    refused 65 'nothing was deleted' -l 1 -k test.accuracy a
    rm a/*.eval
    refused 65 'a: judge: which is best is unknown' -l 1 a
}

@test "without a record of the key all may stay" {
    rm a/*.eval
    ckpt-prune -l 5 a
    left 0 1 2 3 4
}

@test "values that are not finite do not make a best" {
    evaluate a nan inf nan -inf
    refused 65 'which is best is unknown' -l 1 a
}

@test "a checkpoint of which a bit has flipped is a doubt" {
    change_byte a/epoch-0001.safetensors 50000
    refused 65 'a/epoch-0001.safetensors: digest differs' -l 1 a
    refused 65 'nothing was deleted' -l 1 a
    ckpt-prune -n -l 1 a # which reads headers only
    change_byte a/epoch-0001.safetensors 30
    refused 65 'nothing was deleted' -n -l 1 a
}

@test "a checkpoint that was cut short is a doubt" {
    truncate -s 1000 a/epoch-0003.safetensors
    refused 65 'a/epoch-0003.safetensors: ' -l 1 a
}

@test "a checkpoint that is whole, but has weights that are not finite or not its model's, is a doubt" {
    cp a/epoch-0004.safetensors whole
    split_checkpoint whole
    printf '\377\377\377\377' | dd of=tensors bs=4 seek=1 conv=notrunc status=none
    join_checkpoint a/epoch-0004.safetensors
    seal a/epoch-0004.safetensors
    refused 65 "a/epoch-0004.safetensors: read: tensor 'model.conv1.weight' has a value that is not finite" -l 1 a
    edit_checkpoint whole a/epoch-0004.safetensors 's/conv1.weight/conv1.height/'
    refused 65 "a/epoch-0004.safetensors: read: tensor 'model.conv1.height' is not the 'model.conv1.weight' of its model" -l 1 a
}

@test "a file named like a checkpoint that is none is a doubt" {
    echo nonsense >a/epoch-0005.safetensors
    refused 65 'a/epoch-0005.safetensors: ' -l 1 a
}

@test "a checkpoint that cannot be read is a doubt" {
    ln -sf /proc/self/mem a/epoch-0003.safetensors
    refused 74 'a/epoch-0003.safetensors: read: input/output error' -l 1 a
    ln -sf nowhere a/epoch-0003.safetensors
    refused 66 'a/epoch-0003.safetensors: open: no such file' -l 1 a
}

@test "a checkpoint of another epoch than its name says is a doubt" {
    cp a/epoch-0001.safetensors a/epoch-0005.safetensors
    refused 65 'a/epoch-0005.safetensors: prove: it is not of the epoch in its name' -l 1 a
}

@test "a partial checkpoint under a finished one's name is a doubt" {
    make_partial a/epoch-0004.safetensors a/epoch-0005.safetensors 4
    refused 65 'a/epoch-0005.safetensors: prove: its epoch is unfinished' -l 1 a
}

@test "a checkpoint of another run is a doubt" {
    nn-init -q -s 7 -o 0.safetensors "$MODEL"
    nn-train-epoch -q -e 5 -o a/epoch-0005.safetensors 0.safetensors "$DATA/train"
    refused 65 'a/epoch-0005.safetensors: prove: its parent is' -l 1 a
}

@test "a gap that no tombstone explains is a doubt" {
    rm a/epoch-0003.safetensors
    refused 65 'a/epoch-0004.safetensors: prove: its parent is' -l 1 a
}

@test "a partial that is not whole is a doubt" {
    make_partial a/epoch-0004.safetensors a/epoch-0005.safetensors.part 4
    change_byte a/epoch-0005.safetensors.part 50000
    refused 65 'a/epoch-0005.safetensors.part: digest differs' -l 1 a
}

@test "tombstones that cannot be read are a doubt" {
    echo torn >a/pruned.tsv
    refused 65 'a/pruned.tsv:1: read: ' -l 1 a
    printf '#path\tdigest\nepoch-0000.safetensors\tx\n' >a/pruned.tsv
    refused 65 'a/pruned.tsv: read: record 1 tells of no pruned checkpoint' -l 1 a
}

@test "records that cannot be read, or disagree, are a doubt" {
    evaluation a 1 0.71 >a/again.eval
    refused 65 'a/epoch-0001.safetensors: judge: records disagree on its valid.accuracy' -l 1 a
    echo torn >a/again.eval
    refused 65 'a/again.eval:1: read: ' -l 1 a
}

@test "records that were cut short, even inside their last number, are a doubt" {
    truncate -s -2 a/epoch-0002.eval
    refused 65 'a/epoch-0002.eval:2: read: the line does not end: it was cut short' -l 1 a
}

@test "a record with a digest that is none, or two columns of one name, is a doubt" {
    sed 's/\t[0-9a-f]\{63\}/\t/' a/epoch-0002.eval >a/again.eval
    refused 65 "which is no digest" -l 1 a
    sed 's/loss/accuracy/' a/epoch-0002.eval >a/again.eval
    refused 65 "a/again.eval:1: read: two columns are called 'accuracy'" -l 1 a
}

@test "a plan that cannot be printed is not carried out" {
    before=$(contents a)
    run -74 sh -c 'ckpt-prune -l 1 a >/dev/full'
    [ "$(contents a)" = "$before" ]
}

@test "a rerun finishes what a kill after the tombstones left" {
    cp -r a whole
    ckpt-prune -l 1 a
    cp a/pruned.tsv before
    cp whole/epoch-000[13].safetensors a
    ckpt-prune -l 1 a
    left 2 4
    assert_same a/pruned.tsv before
}

@test "without tombstones nothing is deleted" {
    before=$(contents a)
    run -74 bash -c 'ulimit -f 0; ckpt-prune -l 1 a'
    assert_error 'a/pruned.tsv: write: file too large'
    [ "$(contents a)" = "$before" ]
    assert_no_leftovers a
}

@test "pruning in steps, in any order, leaves the bytes of pruning at once" {
    cp -r a b
    rm b/epoch-000[34].*
    echo epoch-0000.safetensors >b/pinned
    ckpt-prune -l 1 b
    cp a/epoch-0003.* a/epoch-0004.* b
    ckpt-prune -l 1 b
    rm b/pinned
    ckpt-prune -l 1 b
    ckpt-prune -l 1 a
    diff -r a b
}

@test "where all stays, no file is touched" {
    ckpt-prune -l 1 a
    before=$(contents a)
    ckpt-prune -l 1 a
    [ "$(contents a)" = "$before" ]
}

@test "other files in the directory are no matter" {
    echo x >a/release.safetensors
    echo x >a/epoch-0001.safetensors.damaged
    echo x >a/epoch-01.safetensors
    mkdir a/sub.safetensors
    ckpt-prune -l 1 a
    [ "$(cd a && echo *.s*)" = 'epoch-0001.safetensors.damaged epoch-0002.safetensors epoch-0004.safetensors epoch-01.safetensors release.safetensors sub.safetensors' ]
}

@test "a directory without checkpoints, and one that is not there, are refused" {
    mkdir empty
    run -66 ckpt-prune -l 1 empty
    assert_error 'empty: prune: no checkpoint epoch-NNNN.safetensors is in it'
    run -66 ckpt-prune -l 1 nowhere
    assert_error 'nowhere: open: no such file or directory'
    run -64 ckpt-prune -l 1
    assert_error 'a directory is missing'
}

@test "--records judges by other records than the run's" {
    for epoch in 1 2 3; do
        evaluation a $epoch 0.$epoch | sed 's/^epoch/a\/epoch/'
    done >records
    ckpt-prune -l 1 --records records a
    left 3 4
}

@test "--records without a directory judges records, and deletes nothing" {
    before=$(contents a)
    cat a/*.eval >records
    expected='1 prune not kept by -l 1 -k valid.accuracy
2 keep best
3 prune not kept by -l 1 -k valid.accuracy
4 keep last,newest'
    judged "$expected" -l 1 --records records
    judged "$expected" -l 1 --records - <records
    judged "$expected" -l 1 --records a
    [ "$(contents a)" = "$before" ]
}

@test "records from stdin beside a directory are refused" {
    refused 64 '--records -: records from stdin are only judged' -l 1 --records - a </dev/null
}

@test "a directory's name may end in a slash" {
    run -0 ckpt-prune -n -l 1 a/
    assert_output_has "a/epoch-0000.safetensors	0	prune"
}

@test "-j prints JSON Lines" {
    run -0 ckpt-prune -j -n -l 1 a
    [ "${lines[2]}" = '{"path":"a/epoch-0002.safetensors","epoch":2,"state":"keep","reason":"best"}' ]
}

@test "one ckpt-prune at a time" {
    exec 8<a
    flock 8
    refused 75 'a: lock: another ckpt-prune is at work in it' -l 1 a
}

@test "the epoch that is being trained meanwhile comes out the same" {
    nn-train-epoch -q -o undisturbed.safetensors a/epoch-0004.safetensors "$DATA/train"
    mkfifo list # which holds it up
    nn-train-epoch -q -o a/epoch-0005.safetensors a/epoch-0004.safetensors "$DATA/train@list" 3>&- &
    ckpt-prune -l 1 a
    seq 0 599 >list
    wait $!
    assert_same undisturbed.safetensors a/epoch-0005.safetensors
    left 2 4 5
    ckpt-verify a
}

@test "--min and --max at once are a usage error" {
    refused 64 '--min and --max: only one of them can hold' --min --max -b 1 -k epoch a
}
