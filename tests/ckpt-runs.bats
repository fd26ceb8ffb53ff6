# A directory of runs: what ckpt-best, ckpt-info, ckpt-prune and ckpt-verify make of it.
bats_require_minimum_version 1.5.0
load helpers
load checkpoints
load runs

ALL='0001/0 0001/1 0001/2 0002/0 0002/1 0002/2 a-3/0 a-3/1 a-3/2 '

# Three runs of epochs 0 to 2, one that has only begun, and what is no run.
setup_file() {
    local seed=1 name
    cd "$BATS_FILE_TMPDIR" || return
    mkdir runs
    for name in 0001 0002 a-3; do
        make_run "runs/$name"
        : >"runs/$name/run.conf"
        for epoch in 0 1 2; do
            edit_checkpoint "$(checkpoint "runs/$name" $epoch)" "$epoch" "s/\"seed\":\"1\"/\"seed\":\"$seed\"/"
        done
        mv 0 "runs/$name/epoch-0000.safetensors"
        make_child "runs/$name/epoch-0000.safetensors" "runs/$name/epoch-0001.safetensors" 1
        make_child "runs/$name/epoch-0001.safetensors" "runs/$name/epoch-0002.safetensors" 2
        rm 1 2
        seed=$((seed + 1))
    done
    mkdir runs/notes runs/begun
    : >runs/notes/readme
    : >runs/begun/run.conf
    printf 'x\n' >runs/trials.tsv
}

setup() {
    cd "$BATS_TEST_TMPDIR" || return
    cp -r "$BATS_FILE_TMPDIR/runs" .
    evaluate runs/0001 0.5 0.75
    evaluate runs/0002 0.9 0.25
    evaluate runs/a-3 0.75 nan
}

# names [OUTPUT]: the paths of a record's lines, or of lines that are paths, as RUN/EPOCH.
names() {
    sed -n 's|^runs/\([^/]*\)/epoch-000\(.\).*|\1/\2|p' | tr '\n' ' '
}

# damage FILE: a bit of the last value.
damage() {
    change_byte "$1" $(($(stat -c %s "$1") - 1))
}

# What is left of the runs, so.
left() {
    (shopt -s nullglob && printf '%s\n' runs/*/*.safetensors) | names
}

@test "the best of all runs is printed, and with -N the best of them" {
    run -0 ckpt-best runs
    [ "$output" = runs/0002/epoch-0001.safetensors ]
    run -0 ckpt-best -N 9 runs/
    [ "$(names <<<"$output")" = '0002/1 a-3/1 0001/2 0001/1 0002/2 ' ]
}

@test "of equal values the earlier epoch is better, then the name of the run" {
    evaluate runs/0001 0.75 0.75
    evaluate runs/0002 0.75 0.75
    [ "$(ckpt-best -N 9 runs | names)" = '0001/1 0002/1 a-3/1 0001/2 0002/2 ' ]
    [ "$(ckpt-best -N 9 runs/a-3 runs/0002 runs/0001 | names)" = '0001/1 0002/1 a-3/1 0001/2 0002/2 ' ]
}

@test "what is not there, or not finite, is not the best of all" {
    rm runs/0002/epoch-0001.safetensors
    [ "$(ckpt-best -N 9 runs | names)" = 'a-3/1 0001/2 0001/1 0002/2 ' ]
}

@test "a run stands for itself, whatever directories are in it" {
    mkdir runs/0001/more
    cp -r runs/0002 runs/0001/more
    run -0 ckpt-best runs/0001
    [ "$output" = runs/0001/epoch-0002.safetensors ]
}

@test "what cannot be looked at may be the run that has the best: that is an error" {
    ln -s loop runs/loop
    run -66 ckpt-best runs
    assert_error 'runs/loop'
    run -65 ckpt-prune -n -l 1 runs
    assert_error 'runs/loop'
    [ "$(left)" = "$ALL" ]
    rm runs/loop
    ln -s nowhere runs/loop
    run -0 ckpt-best runs
}

@test "ckpt-info prints the checkpoints of all runs" {
    run -0 ckpt-info runs
    [ "$(names <<<"$output")" = "$ALL" ]
}

@test "ckpt-verify proves the checkpoints of all runs in their order, with any number of threads" {
    rm -r runs/*/run.conf runs/begun # those are empty
    damage runs/0002/epoch-0001.safetensors
    for threads in 1 2 7; do
        status_and_output=$(ckpt-verify -t $threads runs 2>&1) || [ $? = 1 ]
        printf '%s\n' "$status_and_output" >"$threads"
    done
    [ "$(awk -F '\t' '/^runs/ { print $3 }' 1 | sort | uniq -c | tr -s ' \n' ' ')" = ' 2 differs 7 proven ' ]
    grep -q '^ckpt-verify: runs/0002/epoch-0001.safetensors: digest differs' 1
    assert_same 1 2
    assert_same 1 7
    run -1 ckpt-verify -t 3 runs/0002/epoch-0001.safetensors runs/0001 runs/0002/epoch-0001.safetensors runs/0001
    [ "$(names <<<"$output")" = '0002/1 0001/0 0001/1 0001/2 0002/1 0001/0 0001/1 0001/2 ' ]
}

@test "ckpt-verify --chain and --sums go through all runs" {
    rm -r runs/begun
    run -0 ckpt-verify --chain runs
    [ "$(grep -c '	linked	' <<<"$output")" = 6 ]
    ckpt-verify --sums runs | b2sum -c --quiet
}

@test "without --best-of-all each run is pruned as if it were alone" {
    rm -r runs/begun
    evaluate runs/a-3 0.75 0.5
    cp -r runs alone
    ckpt-prune -l 1 runs
    [ "$(left)" = '0001/2 0002/1 0002/2 a-3/1 a-3/2 ' ]
    for name in 0001 0002 a-3; do
        ckpt-prune -l 1 "alone/$name"
    done
    diff -r runs alone
    rm runs/*/run.conf # it is an empty one
    ckpt-verify -q runs
}

@test "with --best-of-all the best of all stay, and the newest of each run" {
    run -0 ckpt-prune --best-of-all 1 runs
    [ "$(left)" = '0001/2 0002/1 0002/2 a-3/2 ' ]
    grep -qx 'runs/0002/epoch-0001.safetensors	1	keep	best-of-all' <<<"$output"
    grep -qx 'runs/a-3/epoch-0001.safetensors	1	prune	not kept by --best-of-all 1 -k valid.accuracy' <<<"$output"
    grep -q '	not kept by --best-of-all 1 -k valid.accuracy$' runs/a-3/pruned.tsv
    rm runs/*/run.conf # it is an empty one
    ckpt-verify -q runs
}

@test "with --best-of-all and -b the best of each stay, too" {
    [ "$(ckpt-prune -n --best-of-all 2 -b 1 runs | grep '	keep	' | names)" = '0001/2 0002/1 0002/2 a-3/1 a-3/2 ' ]
}

@test "pins and unfinished epochs hold across runs" {
    echo epoch-0000.safetensors >runs/a-3/pinned
    make_partial runs/0001/epoch-0001.safetensors runs/0001/epoch-0002.safetensors.part 1
    ckpt-prune --best-of-all 1 runs
    [ "$(left)" = '0001/1 0001/2 0002/1 0002/2 a-3/0 a-3/2 ' ]
}

@test "a doubt about one run deletes nothing of any" {
    damage runs/a-3/epoch-0002.safetensors
    for policy in '-l 1' '--best-of-all 1'; do
        # shellcheck disable=SC2086
        run -65 ckpt-prune $policy runs
        assert_error 'runs/a-3/epoch-0002.safetensors: digest differs'
        assert_error 'nothing was deleted'
    done
    [ "$(left)" = "$ALL" ]
    assert_missing runs/0001/pruned.tsv
}

@test "a run of which nothing was measured is a doubt, and one whose loss was not finite is none" {
    rm runs/a-3/*.eval
    run -65 ckpt-prune --best-of-all 1 runs
    assert_error 'runs/a-3: judge: which is best is unknown'
    evaluate runs/a-3 nan
    run -65 ckpt-prune -l 1 runs
    assert_error 'runs/a-3: judge: which is best is unknown'
    ckpt-prune --best-of-all 1 runs
    [ "$(left)" = '0001/2 0002/1 0002/2 a-3/2 ' ]
}

@test "-n reads headers only: what is wrong behind them shows when files are to go" {
    damage runs/a-3/epoch-0002.safetensors
    run -0 ckpt-prune -n --best-of-all 1 runs
    [ "$(grep '	keep	' <<<"$output" | names)" = '0001/2 0002/1 0002/2 a-3/2 ' ]
    change_byte runs/a-3/epoch-0002.safetensors 20
    run -65 ckpt-prune -n --best-of-all 1 runs
    assert_error 'runs/a-3/epoch-0002.safetensors: '
}

@test "a run that somebody else prunes is waited for: 75, and nothing is deleted" {
    exec 8<runs/0002
    flock 8
    run -75 ckpt-prune --best-of-all 1 runs
    assert_error 'runs/0002: lock: another ckpt-prune is at work in it'
    [ "$(left)" = "$ALL" ]
}

@test "a run that is named twice is pruned once" {
    ln -s 0001 runs/link
    run -0 ckpt-prune -l 1 runs/0001 runs/link runs/0002 runs/0001/
    [ "$(grep -c 'epoch-0002' <<<"$output")" = 2 ]
}

@test "in a directory of runs links and copies of checkpoints are a doubt, and pruned only where they are named" {
    cp -r runs elsewhere
    ln -s ../elsewhere/0001 runs/best
    run -65 ckpt-prune -l 1 runs
    assert_error 'runs/best: prune: it is a link'
    rm runs/best
    cp -r runs/0001 runs/backup
    rm runs/backup/run.conf
    run -65 ckpt-prune -l 1 runs
    assert_error 'runs/backup: prune: it has checkpoints, and no run.conf'
    rm -r runs/backup
    [ "$(left)" = "$ALL" ]
    rm elsewhere/0001/run.conf
    ln -s ../elsewhere/0001 runs/best
    ckpt-prune -q -l 1 runs/best
    assert_missing elsewhere/0001/epoch-0001.safetensors
}

@test "more runs than a process has descriptors at first are locked" {
    for i in $(seq 40); do
        mkdir "runs/more-$i"
        ln -s ../0001/epoch-0000.safetensors "runs/more-$i"
        : >"runs/more-$i/run.conf"
    done
    (ulimit -S -n 30 && ckpt-prune -n -l 1 runs >plan)
    [ "$(grep -c '	keep	' plan)" -ge 40 ]
    (ulimit -n 30 && run -71 ckpt-prune -n -l 1 runs)
}

@test "a rerun after an error in the middle finishes what was begun" {
    cp -r runs whole
    ckpt-prune --best-of-all 1 whole
    mkdir runs/0002/pruned.tsv # it cannot be replaced
    run -66 ckpt-prune --best-of-all 1 runs
    rmdir runs/0002/pruned.tsv
    ckpt-prune --best-of-all 1 runs
    diff -r runs whole
}

@test "as long as one tombstone cannot be written, nothing is deleted in any run" {
    run -74 "$BUILD/tests/fault/inject" -c rename -n 2 -a EIO ckpt-prune --best-of-all 1 runs
    [ "$(left)" = "$ALL" ]
    ckpt-prune --best-of-all 1 runs
    [ "$(left)" = '0001/2 0002/1 0002/2 a-3/2 ' ]
}

@test "records alone are judged by the directories in their paths" {
    for name in 0001 0002 a-3; do
        sed "s|^epoch|runs/$name/epoch|" runs/$name/*.eval
    done >records
    for source in records runs; do
        [ "$(ckpt-prune --best-of-all 1 --records $source | grep '	keep	' | names)" = '0002/1 0001/2 0002/2 a-3/2 ' ]
    done
}

@test "of runs that have only begun there is nothing to prune" {
    mkdir -p empty/a empty/b
    touch empty/a/run.conf empty/b/run.conf
    run -0 ckpt-prune --best-of-all 1 empty
    [ "$output" = '' ]
    run -0 ckpt-info empty
    run -1 ckpt-best empty
}

@test "a directory without runs, and a policy that asks for nothing of all, are refused" {
    run -66 ckpt-prune --best-of-all 1 runs/notes
    run -66 ckpt-prune --best-of-all 1 runs/0001 runs/begun
    assert_error 'runs/begun: prune: no checkpoint'
    [ "$(left)" = "$ALL" ]
    run -64 ckpt-prune --best-of-all 0 runs
    assert_error '--best-of-all 0: not a count of at least 1'
}
