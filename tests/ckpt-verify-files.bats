# ckpt-verify as the doctor of a run, on: what it was made with, the files that prove nothing, and what cannot be told. Remedies are run as they
# stand; tests/ckpt-verify-run.bats has those of what training made.
# shellcheck disable=SC2034,SC2154 # what one part sets, another uses; bats sets stderr

bats_require_minimum_version 1.5.0
load helpers
load checkpoints
load train
load doctor

# --- What a run begins with

@test "a changed seed is set back" {
    take "$WHOLE"
    sed -i 's/^seed=1/seed=2/' a/run.conf
    finds 1 run.conf differs 'its seed is 2, and that of the checkpoints 1'
    heals
}

@test "other changes of run.conf are shown, and for its owner to edit" {
    cat >restore <<END
#!/bin/sh
cp '$WHOLE/run.conf' a
END
    chmod +x restore
    for change in 's/^val=.*/val=90/' 's/^samples=.*/samples=150/' 's/^epochs=.*/epochs=many/' '$aoptimizer.lr=0.5' '$anonsense' '$aseed=2' '$astride=2' \
        's/^save-every=.*/save-every=3/'; do
        take "$WHOLE"
        sed -i "$change" a/run.conf
        run ! --separate-stderr ckpt-verify a
        echo "$change"
        case $change in
        *lr*) [[ $(of net.model state) == differs ]] && remedy=$(of net.model remedy) ;;
        *) [[ $(of run.conf state) == @(differs|invalid) ]] && remedy=$(of run.conf remedy) ;;
        esac
        [[ $remedy == '${EDITOR:-vi} -- '*a/run.conf ]]
        EDITOR=./restore sh -c "$remedy"
        ckpt-verify a
    done
}

@test "a model text that is not the checkpoints', not well-formed, or missing comes from where the run has it from" {
    for change in 's/dense 10/dense 11/' 's/conv/cnov/' 's/lr=0.01/lr=0.02/'; do
        take "$WHOLE"
        sed -i "$change" a/net.model
        run ! --separate-stderr ckpt-verify a
        [[ $(of net.model state) == @(differs|invalid) ]]
        [[ $(of net.model remedy) != *model=* ]]
        heals
        rm -r a.again
    done
    take "$WHOLE"
    rm a/net.model
    finds 1 net.model missing ''
    heals
}

@test "without epochs in run.conf a run goes as far as its model says" {
    take "$WHOLE"
    sed -i /^epochs=/d a/run.conf
    finds 0 run.conf proven none
    spoils epoch-0003.safetensors
    finds 1 epoch-0003.safetensors differs 'digest differs'
    [[ $(of epoch-0003.safetensors remedy) == 'rote-train -r a epochs=4 && rote-train -r a epochs=2' ]]
}

@test "a NUL byte makes settings, and a list of pins, invalid" {
    for file in run.conf pinned; do
        take "$WHOLE"
        printf '\0' >>a/$file
        finds 65 $file invalid 'it contains a NUL byte'
    done
}

@test "where every checkpoint is gone, settings and data are held against the tombstones" {
    take "$PRUNED"
    rm a/epoch-*.safetensors
    sed -i 's/^seed=1/seed=2/' a/run.conf
    finds 1 run.conf differs 'with net.model it makes another beginning than that of pruned.tsv'
    take "$PRUNED"
    rm a/epoch-*.safetensors
    sed -i '/^train/s/[0-9a-f]\{8\}$/00000000/' a/data.tsv
    finds 1 data.tsv differs 'the set train has another digest than in the checkpoints'
}

@test "settings and model are proven when the checkpoint that they make was pruned, and by the one that was forked from" {
    take "$PRUNED"
    finds 0 net.model proven none
    sed -i 's/lr=0.01/lr=0.02/' a/net.model
    finds 1 net.model differs 'with run.conf it makes another model'
    train -r fork init="$WHOLE/epoch-0002.safetensors" epochs=1
    run -0 ckpt-verify fork
    [[ $(grep -c $'\tproven\t.*\t\(settings\|model\)\t' <<<"$output") == 2 ]]
    sed -i 's/epoch-0002/epoch-0003/' fork/run.conf
    run -1 --separate-stderr ckpt-verify fork
    assert_error 'fork/run.conf: its init makes another beginning'
    sed -i 's/epoch-0003/nowhere/' fork/run.conf
    run -0 --separate-stderr ckpt-verify fork
    [[ $(grep -c $'\tkept\t.*\t\(settings\|model\)\t' <<<"$output") == 2 ]]
}

@test "lists and data.tsv that are damaged or missing come from a second run" {
    for file in train.list valid.list data.tsv; do
        for change in 2d '2s/[0-9]$/x/' '2s/.*/599/' '$p'; do
            take "$WHOLE"
            sed -i "$change" a/$file
            run ! --separate-stderr ckpt-verify a
            [[ $(of $file state) == @(differs|invalid) ]]
            heals
            [ -e "a/$file.damaged" ]
        done
        take "$WHOLE"
        rm a/$file
        finds 1 $file missing ''
        heals
    done
}

@test "a data.tsv that tells of no set, of strange ones, of one twice, or of no size is invalid" {
    for change in '1s/split/set/' 's/^test/best/' 's/^test/valid/' 's/^valid\t[0-9]*/valid\tnone/' 's/[0-9a-f]\{8\}$/none/' '/^train/d'; do
        take "$WHOLE"
        sed -i "$change" a/data.tsv
        finds 65 data.tsv invalid 'it does not tell of the set train, or tells of a set what cannot be, or twice'
    done
    heals
}

@test "each set in data.tsv is held against the data, and the training set against the checkpoints without it" {
    for set in train valid test; do
        for change in 's/\t[0-9]*\t/\t77\t/' 's/[0-9a-f]\{8\}$/00000000/'; do
            take "$WHOLE"
            sed -i "/^$set/$change" a/data.tsv
            run -1 --separate-stderr ckpt-verify a
            [[ $(of data.tsv state) == differs ]]
            [[ $(of epoch-0001.eval state) == proven ]]
            heals data.tsv
        done
    done
    cp -a "$DATA" moved
    rote-train -r b data=moved model="$MODEL" samples=200 val=100 epochs=1
    mv moved gone
    take b
    sed -i '/^train/s/[0-9a-f]\{8\}$/00000000/' a/data.tsv
    finds 1 data.tsv differs 'the set train has another digest than in the checkpoints'
}

@test "a list of other samples, as many and ascending, is noticed by the labels" {
    take "$WHOLE"
    last=$(tail -n 1 a/valid.list)
    sed -i "\$s/.*/$((last < 599 ? 599 : last - 1))/" a/valid.list
    run ! --separate-stderr ckpt-verify a
    [[ $(of valid.list state) == differs ]]
    heals
}

@test "a list that val and samples do not ask for is moved aside" {
    rote-train -r all data="$DATA" model="$MODEL" val=0 epochs=1
    untouched=$PWD/all
    cp -a all a
    seq 0 9 >a/train.list
    finds 1 train.list differs 'neither val nor samples asks for it'
    heals
}

@test "without its data a run's lists are held against data.tsv alone" {
    cp -a "$DATA" moved
    rote-train -r a data=moved model="$MODEL" samples=200 val=100 epochs=1
    mv moved gone
    finds 0 train.list kept 'open: no such file'
    [[ $(of data.tsv state) == kept ]]
    sed -i 2d a/valid.list
    finds 1 valid.list differs 'it names 99 samples, and data.tsv tells of 100'
    head -n 1 a/train.list >>a/valid.list
    sort -n -o a/valid.list a/valid.list
    finds 1 valid.list differs 'is in both lists'
}

@test "other data than the run's tells nothing of its lists" {
    cp -a "$DATA" moved
    rote-train -r a data=moved model="$MODEL" samples=200 val=100 epochs=1
    mv moved/test-images-idx3-ubyte moved/train-images-idx3-ubyte
    mv moved/test-labels-idx1-ubyte moved/train-labels-idx1-ubyte
    finds 0 train.list kept 'is not what the run began with'
    [[ $(of data.tsv state) == kept ]]
}

# --- Other files

@test "temporary files are a living writer's or a dead one's" {
    take "$WHOLE"
    touch a/.epoch-0009.safetensors.abcdef.tmp a/.data.tsv.abcdef.tmp
    exec 9<a/.data.tsv.abcdef.tmp
    flock 9
    finds 0 .epoch-0009.safetensors.abcdef.tmp kept 'left by a process that was killed'
    [[ $(of .data.tsv.abcdef.tmp reason) == 'a living process writes it' ]]
    exec 9<&-
    rote-train -r a
    assert_same_run "$WHOLE" a
}

@test "runs on the same data are verified as each by itself, and the data is read once" {
    mkdir runs
    cp -a "$WHOLE" runs/a
    cp -a "$PRUNED" runs/b
    cp -a "$WHOLE" runs/c
    sed -i 3d runs/c/valid.list
    run -1 --separate-stderr ckpt-verify runs
    diff <(printf '%s\n' "$output") <(for name in a b c; do ckpt-verify runs/$name || :; done 2>/dev/null | awk 'NR == 1 || !/^#/')
    run -1 "$BUILD/tests/fault/inject" -p "$DATA/train-images-idx3-ubyte" -c open -o calls ckpt-verify runs
    [[ $(grep -c . calls) == 1 ]]
}

@test "files that are not the run's are left alone" {
    take "$WHOLE"
    mkdir a/plans a/.git
    echo hello >a/.hidden
    head -c 100 a/epoch-0001.safetensors >a/best.safetensors
    finds 0 best.safetensors ignored 'not a file of a run'
    [[ $(grep -c $'\tignored\t' <<<"$output") == 4 ]]
}

@test "a lock says whether somebody works on the run, and what he is about to write is not missing" {
    take "$WHOLE"
    rm a/epoch-0004.eval
    sed -i '$d' a/metrics.tsv
    exec 9<a/lock
    flock 9
    finds 0 lock kept 'a living process holds it'
    exec 9<&-
    finds 1 lock kept 'no living process is seen to hold it'
    heals
}

@test "a run that is being trained and pruned is never called damaged" {
    train -q epochs=12 keep='-l 1 -b 1' partial-every=1 &
    until [ -e a/epoch-0001.eval ]; do kill -0 $!; done
    while kill -0 $! 2>/dev/null; do
        run -0 ckpt-verify a
    done
    wait $!
    run -0 ckpt-verify a
}

@test "a log or a lock that is a link elsewhere is moved aside" {
    take "$WHOLE"
    mv a/log elsewhere
    ln -s ../elsewhere a/log
    finds 65 log invalid 'it is a symbolic link'
    run -73 rote-train -r a epochs=5
    finds 65 log invalid 'it is a symbolic link'
    heals
    [ -L a/log.damaged ]
}

@test "remedies for a held run let it go on" {
    take "$WHOLE"
    rote-train -r a --hold
    finds 0 hold kept 'the run is held'
    spoils epoch-0004.safetensors
    finds 1 epoch-0004.safetensors differs ''
    [[ $(of epoch-0004.safetensors remedy) == 'rote-train -r a --unhold && rote-train -r a' ]]
    heals
}

@test "many things that are off at once are mended, asking again where one hid another" {
    take "$PRUNED"
    sed -i 's/^seed=1/seed=2/' a/run.conf
    sed -i 2d a/train.list
    rm a/data.tsv a/epoch-0001.eval
    spoils epoch-0004.safetensors
    sed -i '$d' a/epoch-0004.eval
    run ! --separate-stderr ckpt-verify a
    sed -n 's/^ckpt-verify: a: to mend it: //p' <<<"$stderr" | sh || :
    run ! --separate-stderr ckpt-verify a
    heals
}

# --- What cannot be told

@test "what cannot be read is not called damaged, and has no remedy" {
    ((EUID)) || skip 'root may read everything'
    for file in run.conf net.model data.tsv train.list pruned.tsv epoch-0004.safetensors epoch-0002.eval metrics.tsv; do
        take "$PRUNED"
        chmod a-r "a/$file"
        finds 74 "$file" unreadable 'permission denied'
        [[ $(of "$file" remedy) == none ]]
        assert_error 'look at the disk and at who may read it'
        [[ $(grep -c $'\t\(differs\|invalid\|missing\)\t' <<<"$output") == 0 ]]
    done
}

@test "a file that the disk does not give is not called damaged" {
    for file in run.conf net.model data.tsv train.list pruned.tsv pinned epoch-0004.safetensors epoch-0002.eval metrics.tsv; do
        take "$PRUNED"
        ln -sf /proc/self/mem "a/$file"
        run ! --separate-stderr ckpt-verify a
        [[ $(of "$file" state) == unreadable ]]
        [[ $(of "$file" remedy) == none ]]
        [[ $(grep -c $'\t\(differs\|missing\)\t' <<<"$output") == 0 ]]
    done
}

# vanishing FILE CLASSES NUMBER COMMAND...: with a/FILE gone from the program's call on it of that number on.
vanishing() {
    "$BUILD/tests/fault/inject" -p "$PWD/a/$1" -c "$2" -n "$3" -r -a ENOENT "${@:4}"
}

@test "what goes while the run is looked at is no finding, but for run.conf" {
    take "$WHOLE"
    touch a/.epoch-0009.safetensors.abcdef.tmp
    run -0 vanishing .epoch-0009.safetensors.abcdef.tmp look 1 ckpt-verify a
    [[ $output != *abcdef* ]]
    for file in epoch-0005.safetensors epoch-0005.safetensors.part; do
        take "$WHOLE"
        touch a/$file
        run -65 ckpt-verify a
        run -0 vanishing $file open,look 2 ckpt-verify a
        [[ $output != *epoch-0005* ]]
    done
    take "$WHOLE"
    run -1 --separate-stderr vanishing run.conf look 3 ckpt-verify a
    [[ "$(of run.conf state): $(of run.conf reason)" == 'missing: it was there a moment ago' ]]
}

@test "a name that the shell would take apart is quoted, so that its remedy can be pasted" {
    for name in 'a b' "it's" -x '$(touch here)' $'line\nbreak' $'end\n' 'a;b' '~' '#a' $'esc\033[31m' '*'; do
        rm -rf ./* ./.[!.]*
        cp -a "$WHOLE" "./$name"
        change_byte "./$name/epoch-0003.safetensors" 70000
        sed -i 2d "./$name/train.list"
        run ! --separate-stderr ckpt-verify -q -j -- "$name"
        python3 -c 'import json, sys
for line in sys.stdin:
    if json.loads(line)["remedy"]:
        print(json.loads(line)["remedy"])' <<<"$output" >remedies
        [ -s remedies ]
        bash -c 'set -e; . ./remedies'
        ckpt-verify -- "$name" >verified
        assert_missing here
        diff -r -x log -x lock -x '*.damaged*' "$WHOLE" "./$name"
    done
}

@test "a run is found from inside, and with a slash behind its name" {
    take "$WHOLE"
    sed -i 2d a/train.list
    change_byte a/epoch-0003.safetensors 70000
    run -1 --separate-stderr ckpt-verify a/
    [[ $(sed -n 's/.*to mend it: //p' <<<"$stderr") == *'rote-train -r a/'* ]]
    run -1 --separate-stderr sh -c 'cd a && ckpt-verify .'
    sed -n 's/^ckpt-verify: .: to mend it: //p' <<<"$stderr" >remedies
    (cd a && bash -e ../remedies && ckpt-verify .)
    diff -r -x log -x lock -x '*.damaged*' "$WHOLE" a
}
