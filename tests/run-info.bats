# run-info: a record for each run of a directory, whatever state it is in; what is wrong with one keeps nobody from seeing the others.

bats_require_minimum_version 1.5.0
load helpers
load train

setup_file() {
    cd "$BATS_FILE_TMPDIR" || return
    train -r two epochs=2
}

setup() {
    cd "$BATS_TEST_TMPDIR" || return
    TWO=$BATS_FILE_TMPDIR/two
    mkdir runs
}

# cell RUN COLUMN: of the records in $output.
cell() {
    awk -F '\t' -v run="$1" -v column="$2" '
        /^#/ { sub(/^#/, ""); for (i = 1; i <= NF; i++) at[$i] = i; next }
        $at["run"] == run { print $at[column] }' <<<"$output"
}

# states: what the runs are, in $output.
states() {
    awk -F '\t' '!/^#/ { printf "%s%s", separator, $1 " " $2; separator = ", " }' <<<"$output"
}

# A run of one epoch of two, whose log ends so.
log_ends() { # RUN LINE...
    local run=$1
    shift
    cp -r "$TWO" "runs/$run"
    rm "runs/$run"/epoch-0002.*
    sed -i 3d "runs/$run/metrics.tsv"
    printf '2026-11-22T01:00:00+0000 %s\n' "$@" >>"runs/$run/log"
}

@test "a finished run: how far it is, its best, its size, and when it changed" {
    cp -r "$TWO" runs/a
    touch -d '2100-01-01 00:00:00 UTC' runs/a/log
    run -0 run-info runs
    [ "$(states)" = 'runs/a finished' ]
    [ "$(cell runs/a epoch)/$(cell runs/a epochs)" = 2/2 ]
    [ "$(cell runs/a valid.accuracy) $(cell runs/a best.epoch)" = "$(ckpt-best -j runs/a | sed 's/.*"epoch":\([0-9]*\),"valid.accuracy":\([0-9.]*\).*/\2 \1/')" ]
    [ "$(cell runs/a size)" = "$(cat runs/a/* | wc -c)" ]
    [ "$(cell runs/a changed)" = 4102444800 ]
    [ "$(cell runs/a parent) $(cell runs/a from) $(cell runs/a reason)" = 'none none none' ]
    run -0 run-info -j runs/a
    assert_output_has '{"run":"runs/a","state":"finished","reason":null,"tags":null,"from":null,"parent":null,"epoch":2,"epochs":2,"valid.accuracy":0.'
}

@test "a directory of runs, a run, or the current directory" {
    cp -r "$TWO" runs/a
    cp -r "$TWO" runs/b
    mkdir runs/other runs/b/c
    touch runs/file
    cp -r "$TWO" runs/b/c/d
    run -0 run-info runs
    [ "$(states)" = 'runs/a finished, runs/b finished' ]
    cd runs
    run -0 run-info
    [ "$(states)" = 'a finished, b finished' ]
    run -0 run-info b ../runs/a
    [ "$(states)" = 'b finished, ../runs/a finished' ]
    run -0 run-info .
    [ "$(states)" = 'a finished, b finished' ]
}

@test "where no run is, it is 66, and the others are printed" {
    run -66 run-info runs
    assert_error 'run-info: runs: look for runs: none is there'
    run -66 run-info nowhere
    cp -r "$TWO" runs/a
    mkdir empty
    run -66 --separate-stderr run-info empty runs
    [ "$(states)" = 'runs/a finished' ]
}

@test "running: its lock is held, be it held by a file, too" {
    cp -r "$TWO" runs/a
    run -0 flock runs/a/lock run-info runs
    [ "$(states) $(cell runs/a reason) $(cell runs/a epochs)" = 'runs/a running none 2' ]
    touch runs/a/hold
    run -0 flock runs/a/lock run-info runs
    [ "$(states) $(cell runs/a reason)" = 'runs/a running it is held, and stops after this batch' ]
    rm runs/a/run.conf # it is just being made
    run -0 flock runs/a/lock run-info runs
    [ "$(states)" = 'runs/a running' ]
}

@test "paused, finished by patience, stopped, failed, killed" {
    log_ends paused 'rote-train: it ends with status 1'
    touch runs/paused/hold
    log_ends stopped 'the time budget is used up; the same line again goes on' 'rote-train: it ends with status 75'
    log_ends failed 'nn-train-epoch: the loss is not finite' 'nn-train-epoch: it ended with status 65' 'rote-train: it ends with status 65'
    log_ends killed 'epoch 2: training'
    log_ends more 'runs/more: all 1 epochs are done' 'rote-train: it ends with status 0'
    cp -r "$TWO" runs/patient
    sed -i 's/^epochs=.*/epochs=9/; s/^patience=.*/patience=1/' runs/patient/run.conf
    awk -F '\t' -v OFS='\t' 'NR == 3 { $8 = 0.1; print; $1 = 3; $8 = 0.9 } { print }' "$TWO/metrics.tsv" >runs/patient/metrics.tsv
    run -0 run-info runs
    [ "$(states)" = 'runs/failed failed, runs/killed stopped, runs/more stopped, runs/patient finished, runs/paused paused, runs/stopped stopped' ]
    [ "$(cell runs/failed reason)" = 'nn-train-epoch: the loss is not finite' ]
    [ "$(cell runs/stopped reason)" = 'the time budget is used up; the same line again goes on' ]
    [ "$(cell runs/killed reason)" = 'it was killed, or the machine stopped' ]
    [ "$(cell runs/more reason)" = none ]
    [ "$(cell runs/patient reason)" = patience ]
    touch runs/patient/hold
    run -0 run-info runs/patient
    [ "$(states)" = 'runs/patient finished' ]
    rm runs/killed/log
    : >runs/failed/log
    run -0 run-info runs/killed runs/failed
    [ "$(states)" = 'runs/killed stopped, runs/failed stopped' ]
}

@test "a real failure is told with the child's words" {
    sed 's/^optimizer.*/optimizer sgd lr=100000/' "$MODEL" >steep.model
    run -65 rote-train -r runs/a data="$DATA" model=steep.model samples=200
    run -0 run-info runs
    [ "$(states)" = 'runs/a failed' ]
    [[ $(cell runs/a reason) == 'nn-train-epoch: '*'the training diverges'* ]]
}

@test "a damaged run is shown as such, with 65, and so are the others" {
    for run in a b c d e f g; do cp -r "$TWO" runs/$run; done
    echo 'seed=x' >>runs/b/run.conf
    rm runs/c/run.conf
    echo 'no record' >runs/d/metrics.tsv
    head -c 100 "$TWO/epoch-0000.safetensors" >runs/e/epoch-0000.safetensors
    printf 'a\0b' >runs/f/notes
    run -65 --separate-stderr run-info runs
    [ "$(states)" = 'runs/a finished, runs/b damaged, runs/c damaged, runs/d damaged, runs/e damaged, runs/f damaged, runs/g finished' ]
    [[ $(cell runs/b reason) == 'runs/b/run.conf:'*': seed=x: a value that this key cannot have' ]]
    [[ $(cell runs/c reason) == 'runs/c/run.conf: open: no such file'* ]]
    assert_error 'run-info: runs/d/metrics.tsv:1: '
    run -65 --separate-stderr run-info -q runs
    [ "${stderr-}" = '' ]
    run -65 run-info --where state=damaged runs
}

@test "what is no file keeps nobody waiting" {
    cp -r "$TWO" runs/a
    rm runs/a/epoch-0000.safetensors runs/a/lock
    mkfifo runs/a/epoch-0000.safetensors runs/a/lock
    run -65 timeout 10 run-info runs
    [ "$(cell runs/a state) $(cell runs/a reason)" = 'damaged runs/a/epoch-0000.safetensors: open: it is no file' ]
}

@test "what cannot be read is unreadable, 74, and no damage" {
    cp -r "$TWO" runs/a
    cp -r "$TWO" runs/b
    rm runs/b/metrics.tsv
    mkdir runs/b/metrics.tsv # of another kind than it is looked for: passed over
    run -0 run-info runs
    [ "$(cell runs/b epoch)" = 0 ]
    [ "$(id -u)" -ne 0 ] || skip 'for root every file can be read'
    chmod 0 runs/a/run.conf
    run -74 run-info runs
    [ "$(cell runs/a state)" = unreadable ]
}

@test "settings are shown where they differ, all of them with -a" {
    cp -r "$TWO" runs/a
    cp -r "$TWO" runs/b
    sed -i 's/^seed=.*/seed=7/; s/^keep=.*/keep=-l 1/' runs/b/run.conf
    printf 'optimizer.lr=0.5\nsize=3\n' >>runs/b/run.conf
    run -0 run-info runs
    [ "$(head -n 1 <<<"$output" | cut -f 13-)" = $'seed\toptimizer.lr\tlet.size' ]
    [ "$(cell runs/a seed) $(cell runs/b seed) $(cell runs/a optimizer.lr) $(cell runs/b optimizer.lr) $(cell runs/b let.size)" = '1 7 none 0.5 3' ]
    run -0 run-info -a runs
    [ "$(cell runs/b keep) $(cell runs/b samples) $(cell runs/b init)" = '-l 1 200 none' ]
    run -0 run-info runs/b
    [ "$(head -n 1 <<<"$output" | cut -f 13-)" = '' ]
    run -0 run-info -aj runs/b
    assert_output_has '"seed":7,'
    assert_output_has '"keep":"-l 1",'
}

@test "--where: numbers, words, tags, what is missing; none is 1" {
    for run in a b c; do cp -r "$TWO" runs/$run; done
    printf 'optimizer.lr=0.10\n' >>runs/a/run.conf
    printf 'optimizer.lr=9\n' >>runs/b/run.conf
    printf 'some words\ntag: good, first good\nmy tag: no\ntag:last\n' >runs/b/notes
    run -0 run-info --where optimizer.lr=0.1 runs && [ "$(states)" = 'runs/a finished' ]
    run -0 run-info --where 'optimizer.lr>0.5' runs && [ "$(states)" = 'runs/b finished' ]
    run -0 run-info --where 'optimizer.lr<=0.1' runs && [ "$(states)" = 'runs/a finished' ]
    run -0 run-info --where 'optimizer.lr!=9' runs && [ "$(states)" = 'runs/a finished, runs/c finished' ]
    run -0 run-info --where optimizer.lr=none runs && [ "$(states)" = 'runs/c finished' ]
    run -0 run-info --where tags~first runs && [ "$(cell runs/b tags)" = 'good first last' ]
    run -1 run-info --where tags~no runs
    run -1 run-info --where tags~firs --where state=finished runs
    [ "$output" = '' ]
    run -64 run-info --where good runs
    run -64 run-info -k epoch --max .
    run -64 run-info --where optimizer.ls=1 runs
    assert_error "run-info: --where optimizer.ls: no run has that; did you mean 'optimizer.lr'?"
}

@test "--sort: numbers as numbers, by name where they are equal, those without last in either order" {
    for run in a b c d; do cp -r "$TWO" runs/$run; done
    echo optimizer.lr=10 >>runs/a/run.conf
    echo optimizer.lr=9 >>runs/b/run.conf
    echo optimizer.lr=9.0 >>runs/d/run.conf
    run -0 run-info --sort optimizer.lr runs
    [ "$(states)" = 'runs/b finished, runs/d finished, runs/a finished, runs/c finished' ]
    run -0 run-info --sort optimizer.lr --reverse runs
    [ "$(states)" = 'runs/a finished, runs/b finished, runs/d finished, runs/c finished' ]
    run -0 run-info --reverse runs
    [ "$(states)" = 'runs/d finished, runs/c finished, runs/b finished, runs/a finished' ]
    run -64 run-info --sort lr runs
}

@test "-k: another metric, smallest or largest as its name says or as it is told" {
    cp -r "$TWO" runs/a
    run -0 run-info -k valid.loss runs
    [ "$(cell runs/a valid.loss)" = "$(awk -F '\t' 'NR > 1 && (best == "" || $7 < best) { best = $7 } END { print best }' runs/a/metrics.tsv)" ]
    run -64 run-info -k step runs
    run -0 run-info -k step --min runs
    [ "$(cell runs/a step) $(cell runs/a best.epoch)" = '7 1' ]
}

@test "a fork and a warm start are found by their parent's digest, wherever the runs are" {
    cp -r "$TWO" runs/a
    rote-train -r runs/b --fork runs/a@1 epochs=2 3>&-
    train -r runs/c init=runs/b/epoch-0002.safetensors epochs=1
    ckpt-prune -q -l 1 runs/b >/dev/null
    mv runs elsewhere
    run -0 run-info elsewhere
    [ "$(cell elsewhere/a from) $(cell elsewhere/b from) $(cell elsewhere/c from)" = 'none elsewhere/a@1 elsewhere/b@2' ]
    [ "$(cell elsewhere/c parent)" = "$(ckpt-info elsewhere/b/epoch-0002.safetensors | awk -F '\t' 'NR == 2 { print $2 }')" ]
    rote-train -r elsewhere/d --fork elsewhere/a@2 epochs=2 3>&-
    run -0 run-info elsewhere/d
    [ "$(cell elsewhere/d state) $(cell elsewhere/d epoch)" = 'finished 2' ]
    run -0 run-info elsewhere/b
    [ "$(cell elsewhere/b from)" = none ]
}

@test "names and reasons from files play no tricks" {
    local name=$'a\e[31m\t\xff'
    cp -r "$TWO" "runs/$name"
    run -0 run-info runs
    [[ ${lines[1]} == 'runs/a\x1b[31m\t\xff'$'\t'finished* ]]
    printf 'tag: \033[31mred\n' >"runs/$name/notes"
    run -0 run-info -j runs
    assert_output_has '"run":"runs/a\u001b[31m\t\udcff"'
    assert_output_has '"tags":"\u001b[31mred"'
}
