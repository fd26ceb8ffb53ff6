# rote-runs: the runs of a directory for people, one in full, their tree, and notes, which are published whole.

bats_require_minimum_version 1.5.0
load helpers
load train

setup_file() {
    cd "$BATS_FILE_TMPDIR" || return
    train -r two epochs=2
    mkdir runs
    cp -r two runs/a
    rote-train -r runs/b --fork runs/a@1 epochs=3 optimizer.lr=0.001 3>&-
    rote-train -r runs/c --fork runs/b@3 epochs=4 3>&-
    rote-train -r runs/d --fork runs/a@2 epochs=3 3>&-
}

setup() {
    cd "$BATS_TEST_TMPDIR" || return
    cp -r "$BATS_FILE_TMPDIR/runs" runs
}

# On a terminal of 80 columns; what it shows is in $output.
on_terminal() { # ARGUMENT...
    skip_without_terminal
    run script -qec "rote-runs $*" /dev/null
    output=${output//$'\r'/}
}

@test "without a terminal a list is the records of run-info, and its status" {
    run-info -k valid.loss --reverse runs >wanted
    rote-runs -k valid.loss --reverse runs >records
    assert_same wanted records
    run-info -j runs >wanted
    rote-runs -j runs >records
    assert_same wanted records
    run -1 rote-runs --where state=failed runs
    run -64 rote-runs --sort no runs
    mkdir empty
    run -66 rote-runs empty
    (cd runs && rote-runs) >records
    [ "$(awk -F '\t' '{ print $1 }' records)" = $'#run\na\nb\nc\nd' ]
}

@test "on a terminal it is a table, with the settings that differ" {
    rote-runs tag runs/b 'slow'
    on_terminal runs
    [ "$(sed -n '1s/  */ /gp' <<<"$output")" = 'run state epoch valid.accuracy at optimizer.lr size age tags from' ]
    grep -Eq '^runs/a  finished +2/2 +0\.6500 +2 +[0-9.]+ kB  +[0-9]+ s$' <<<"$output"
    grep -Eq '^runs/b  finished +3/3 +0\.[0-9]{4} +[23] +0\.001 +[0-9.]+ kB  +[0-9]+ s  slow  runs/a@1$' <<<"$output"
    [ "$(wc -l <<<"$output")" -eq 5 ]
    on_terminal -a runs/b
    assert_output_has 'save-every'
    on_terminal -j runs
    assert_output_has '{"run":"runs/a"'
}

@test "a damaged run is a line of the table, and the status is 65" {
    echo 'seed=x' >>runs/c/run.conf
    on_terminal runs
    [ "$status" -eq 65 ]
    assert_output_has 'a value that this key cannot have'
    [ "$(grep -c '^runs/' <<<"$output")" -eq 4 ]
    run -65 rote-runs show runs/c
    assert_output_has 'damaged'
}

@test "tree: each below the run that it came from, at the epoch" {
    run -0 rote-runs tree runs
    [ "$(awk '{ print $1, $2, $3, $4 }' <<<"$output")" = 'run state epoch valid.accuracy
runs/a finished 2/2 0.6500
|-- runs/b @1 finished
| `-- runs/c @3
`-- runs/d @2 finished' ]
    mv runs/b runs/z
    rm -r runs/a
    run -0 rote-runs tree runs
    [ "$(awk 'NR > 1 { print $1, $2 }' <<<"$output")" = 'runs/d finished
runs/z finished
`-- runs/c' ]
    run -66 rote-runs tree nowhere
    run -64 rote-runs tree -j runs
    assert_error 'rote-runs: tree -j: it takes directories alone'
}

@test "show: all of one run, its epochs, its notes and its family" {
    rote-runs note runs/b 'It was slow.'
    run -0 rote-runs show runs/b
    grep -Eq '^state +finished$' <<<"$output"
    grep -Eq '^optimizer.lr +0.001$' <<<"$output"
    run ! grep -q '^from' <<<"$output"
    run -0 rote-runs show runs/b
    grep -Eq '^parent +[0-9a-f]{64}$' <<<"$output"
    [ "$(sed -n '/^Epochs/,/^$/p' <<<"$output" | wc -l)" -eq 5 ]
    assert_output_has $'Notes\nIt was slow.\n\nFamily\nrun '
    assert_output_has '|-- b @1'
    (cd runs/b && rote-runs show .) | grep -q '|   `-- c @3'
    mv runs/b $'runs/b\\\tb'
    run -0 rote-runs show $'runs/b\\\tb'
    assert_output_has '|-- b\\\tb @1'
    cp -r "$BATS_FILE_TMPDIR/two" alone
    run -0 rote-runs show alone/
    run ! grep -E 'Notes|Family' <<<"$output"
}

@test "note and tag: a line each, below what is there, and ckpt-verify knows the file" {
    printf 'no end' >runs/a/notes
    rote-runs note runs/a two words
    rote-runs tag runs/a/ best for-report
    rote-runs tag runs/a best for-report # as if the first one had been killed
    printf 'no end\ntwo words\ntag: best for-report\n' | cmp - runs/a/notes
    run -0 run-info --where tags~best runs
    run -0 ckpt-verify runs/a
    assert_output_has $'runs/a/notes\tnone\tkept\tnone\tnone\twhat people say of the run\tnotes'
    assert_no_leftovers runs
    run -0 rote-train -r runs/a
}

@test "notes that come at the same time are all there" {
    local n
    for n in 1 2 3 4 5 6; do rote-runs note runs/a "line $n" & done
    wait
    [ "$(sort runs/a/notes)" = "$(printf 'line %d\n' 1 2 3 4 5 6)" ]
    assert_no_leftovers runs
}

@test "notes are written while the run is trained, and not through a link" {
    echo elsewhere >file
    ln -s ../../file runs/a/notes
    flock runs/a/lock rote-runs note runs/a more
    [ "$(cat file)" = elsewhere ]
    [ "$(cat runs/a/notes)" = $'elsewhere\nmore' ]
    [ ! -L runs/a/notes ]
    rote-runs note runs/a as -V says, and -h
    [ "$(tail -n 1 runs/a/notes)" = 'as -V says, and -h' ]
    mkfifo runs/b/notes
    run -73 rote-runs note runs/b more
    assert_error 'rote-runs: runs/b/notes: write: it is no file'
    run -0 rote-runs show runs/b
}

@test "what notes have in them plays no tricks on a terminal" {
    printf 'a \033[31mred\a word\n' >runs/a/notes
    run -0 rote-runs show runs/a
    assert_output_has 'a ?[31mred? word'
}

@test "wrong lines are 64, and what is no run 66" {
    run -64 rote-runs note runs/a
    run -64 rote-runs tag runs/a 'two words'
    assert_error "rote-runs: tag two words: not made of letters"
    run -64 rote-runs tag runs/a ''
    run -64 rote-runs show
    run -64 rote-runs -x runs
    run -66 rote-runs note runs nothing
    assert_error 'rote-runs: runs: look: it is no run: it has no run.conf'
    run -66 rote-runs show nowhere
    assert_missing runs/a/notes
    run -0 rote-runs -h
    assert_output_has 'usage: rote-runs [-ajqv]'
    run -0 rote-runs -V
    [[ $output == 'rote-runs '* ]]
}

@test "what does not arrive on stdout is an error, 74" {
    [ -e /dev/full ] || skip 'there is no /dev/full'
    for arguments in runs 'tree runs' 'show runs/a' -h; do
        run -74 sh -c "rote-runs $arguments >/dev/full"
    done
}

@test "any shell and another awk do the same, and cron's PATH is enough" {
    rote-runs note runs/a here
    rote-runs show runs/a | grep -v '^changed' >wanted
    mkdir bin
    for shell in 'bash --posix' 'busybox sh'; do
        case $shell in busybox*) ln -s "$(command -v busybox)" bin/awk ;; esac
        PATH=$PWD/bin:$PATH $shell "$ROOT/pipelines/runs.sh" show runs/a | grep -v '^changed' | cmp - wanted
    done
    PATH=/usr/bin:/bin run -0 "$ROOT/pipelines/runs.sh" tree runs
}
