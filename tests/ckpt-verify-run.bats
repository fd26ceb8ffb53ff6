# ckpt-verify as the doctor of a run: for each way in which a file can be off it names the file, and the remedy that it gives mends it:
# the line is run as it stands, then all is proven and every byte is that of the run that nobody touched.

bats_require_minimum_version 1.5.0
load helpers
load checkpoints
load train

# A run of four epochs of which all is kept, and one of which a policy keeps the last two and the best.
setup_file() {
    cd "$BATS_FILE_TMPDIR" || return
    train -r whole epochs=4 && train -r pruned epochs=4 keep='-l 1 -b 1'
    assert_missing pruned/epoch-0000.safetensors && [ -e pruned/pruned.tsv ]
}

setup() {
    cd "$BATS_TEST_TMPDIR" || return
    WHOLE=$BATS_FILE_TMPDIR/whole PRUNED=$BATS_FILE_TMPDIR/pruned
}

# take RUN: the run `a` that the test is to spoil.
take() {
    untouched=$1
    rm -rf a
    cp -a "$1" a
}

# of FILE COLUMN: what the last examination said of a/FILE.
of() {
    awk -F '\t' -v file="a/$1" -v column="$2" '
        /^#/ { for (i = 1; i <= NF; i++) field[i == 1 ? substr($i, 2) : $i] = i; next }
        $1 == file { print $field[column] }' <<<"$output"
}

# shellcheck disable=SC2154 # bats sets stderr
# finds STATUS FILE STATE REASON: an examination of `a` ends with this status, and says this of the file.
finds() {
    run "-$1" --separate-stderr ckpt-verify a
    [[ "$(of "$2" state): $(of "$2" reason)" == "$3: "*"$4"* ]] && return
    printf '%s: %s is not what is said:\n%s\n%s\n' "$3" "$4" "$output" "$stderr"
    return 1
}

# heals [FILE...]: the remedy for each file does it, or without any all those of stderr, one after the other; all is proven then, and the same
# as in the untouched run. What was moved aside may stay.
heals() {
    local remedy file
    if (($#)); then
        for file; do of "$file" remedy; done >remedies
    else
        sed -n 's/^ckpt-verify: a: to mend it: //p' <<<"$stderr" >remedies
    fi
    [ -s remedies ]
    while IFS= read -r remedy; do
        echo "$remedy"
        sh -c "$remedy" 3>&- || echo "ended with status $?"
    done <remedies
    run -0 --separate-stderr ckpt-verify a
    [ "$stderr" = '' ]
    diff -r -x log -x lock -x '*.damaged*' "$untouched" a
}

# spoils FILE: invert a bit far behind its header.
spoils() {
    change_byte "a/$1" 70000
}

@test "of a run that nobody touched every file has a kind, and is proven or needs no proof" {
    take "$PRUNED"
    run -0 --separate-stderr ckpt-verify -v a
    [[ ${lines[0]} == '#path	epoch	state	digest	parent	reason	kind	remedy' ]]
    [[ $(awk -F '\t' '!/^#/ { print $7, $3, $8 }' <<<"$output" | uniq) == 'settings proven none
model proven none
data proven none
list proven none
tombstones proven none
checkpoint proven none
evaluation proven none
metrics proven none
lock kept none
log kept none' ]]
    [[ $(awk -F '\t' '!/^#/ { print $1 }' <<<"$output" | sort) == "$(find a -type f | sort)" ]]
    [[ $stderr == 'ckpt-verify: a: '*' proven, 2 kept' ]]
    run -0 --separate-stderr ckpt-verify a
    [ "$stderr" = '' ]
}

@test "examining changes nothing" {
    take "$PRUNED"
    state_of a >before
    ckpt-verify a
    state_of a | diff before -
}

# --- Checkpoints

@test "a flipped bit in any checkpoint is mended by training it again" {
    for epoch in 0 1 3 4; do
        take "$WHOLE"
        spoils "epoch-000$epoch.safetensors"
        finds 1 "epoch-000$epoch.safetensors" differs 'digest differs'
        [[ $(of "epoch-000$epoch.safetensors" remedy) == 'rote-train -r a' ]]
        heals
        [ -e "a/epoch-000$epoch.safetensors.damaged" ]
    done
}

@test "a truncated checkpoint is mended, and its successor with it" {
    take "$WHOLE"
    truncate -s 9000 a/epoch-0002.safetensors
    finds 65 epoch-0002.safetensors invalid 'ends after 9000 of'
    [[ $(of epoch-0003.safetensors state) == differs ]]
    [[ $(grep -c 'to mend it' <<<"$stderr") == 1 ]]
    heals
}

@test "checkpoints that are missing among others have a row for each gap" {
    take "$WHOLE"
    rm a/epoch-000[023].safetensors
    finds 1 epoch-0000.safetensors missing 'later ones are there'
    [[ $(of epoch-0002.safetensors state) == missing ]]
    [[ $(of epoch-0002.safetensors reason) == *'so are the next 1 not' ]]
    [[ $(of epoch-0002.safetensors kind) == checkpoint ]]
    heals
}

@test "the newest checkpoint is missing if there is an evaluation of it" {
    take "$WHOLE"
    rm a/epoch-0004.safetensors
    finds 1 epoch-0004.safetensors missing ''
    heals
}

@test "epochs that are yet to be trained are not missing" {
    take "$WHOLE"
    rote-train -r a epochs=4
    sed -i 's/^epochs=.*/epochs=9/' a/run.conf
    run -0 ckpt-verify a
}

@test "a checkpoint behind the last epoch that is wanted is mended, too" {
    take "$WHOLE"
    rote-train -r a epochs=2
    cp -a a shorter
    spoils epoch-0003.safetensors
    finds 1 epoch-0003.safetensors differs 'digest differs'
    [[ $(of epoch-0003.safetensors remedy) == 'rote-train -r a epochs=4 && rote-train -r a epochs=2' ]]
    untouched=shorter
    heals
}

@test "a checkpoint behind the epoch at which patience ends is mended, too" {
    train -r patient seed=3 optimizer.lr=0.03 epochs=4
    sed -i 's/^patience=.*/patience=1/' patient/run.conf
    take "$PWD/patient"
    run -0 rote-train -v -r a
    assert_output_has 'stopped after epoch 3'
    rm a/epoch-0004.safetensors
    finds 1 epoch-0004.safetensors missing ''
    [[ $(of epoch-0004.safetensors remedy) == 'rote-train -r a epochs=4 patience=0 && rote-train -r a epochs=4 patience=1' ]]
    heals
}

@test "a checkpoint of another run is moved aside by training, and by hand where it would be taken" {
    rote-train -c "$WHOLE/run.conf" -r other seed=7 epochs=2
    for epoch in 1 2; do
        take "$WHOLE"
        cp "other/epoch-000$epoch.safetensors" a
        finds 1 "epoch-000$epoch.safetensors" differs 'its parent is neither'
        [[ $(of "epoch-000$epoch.safetensors" remedy) == 'rote-train -r a' ]]
        heals
    done
    take "$WHOLE"
    cp other/epoch-0000.safetensors a
    finds 1 epoch-0000.safetensors differs 'it is not what run.conf and net.model make'
    [[ $(of epoch-0000.safetensors remedy) == 'mv -nT -- a/epoch-0000.safetensors a/epoch-0000.safetensors.damaged && rote-train -r a' ]]
    heals
    take "$WHOLE"
    cp other/epoch-0000.safetensors a
    spoils epoch-0003.safetensors
    finds 1 epoch-0003.safetensors differs ''
    heals epoch-0003.safetensors
}

@test "a foreign beginning in place of a pruned one is moved aside" {
    rote-train -c "$WHOLE/run.conf" -r other seed=7 epochs=1
    for epoch in 0 1; do
        take "$PRUNED"
        [ ! -e "a/epoch-000$epoch.safetensors" ] || continue
        cp "other/epoch-000$epoch.safetensors" a
        finds 1 "epoch-000$epoch.safetensors" differs ''
        heals
    done
}

@test "a checkpoint that rote-train would take, and the chain does not, is moved aside" {
    take "$WHOLE"
    edit_checkpoint a/epoch-0004.safetensors a/epoch-0004.safetensors 's/"data":"./"data":"f/; s/"data":"ff/"data":"0f/'
    finds 1 epoch-0004.safetensors differs 'its parent was trained on other data'
    [[ $(of epoch-0004.safetensors remedy) == 'mv -nT'* ]]
    heals
}

@test "a checkpoint that skips the one before it differs, as for rote-train" {
    take "$WHOLE"
    nn-train-epoch -q -f -e 2 -o a/epoch-0002.safetensors a/epoch-0000.safetensors "$DATA/train@a/train.list"
    finds 1 epoch-0002.safetensors differs 'it does not come from epoch-0001.safetensors'
    heals
}

@test "a checkpoint of an epoch that the run does not save may stay if it is proven, and goes if it is not" {
    train -r every epochs=4 save-every=2
    cp -a every a
    untouched=$PWD/every
    nn-train-epoch -q -o a/epoch-0003.safetensors a/epoch-0002.safetensors "$DATA/train@a/train.list"
    finds 0 epoch-0003.safetensors proven ''
    spoils epoch-0003.safetensors
    finds 1 epoch-0003.safetensors differs 'digest differs'
    [[ $(of epoch-0003.safetensors remedy) == 'mv -nT -- a/epoch-0003.safetensors a/epoch-0003.safetensors.damaged' ]]
    heals
    spoils epoch-0002.safetensors
    finds 1 epoch-0002.safetensors differs 'digest differs'
    heals
}

@test "a directory, a FIFO, and a link that leads nowhere in place of a checkpoint are moved aside" {
    take "$WHOLE"
    rm a/epoch-0002.safetensors
    mkfifo a/epoch-0002.safetensors
    finds 65 epoch-0002.safetensors invalid 'it is no file'
    heals
    take "$WHOLE"
    rm a/epoch-0002.safetensors
    mkdir a/epoch-0002.safetensors
    finds 65 epoch-0002.safetensors invalid 'it is no file'
    heals
    take "$WHOLE"
    ln -sf nowhere a/epoch-0002.safetensors
    finds 65 epoch-0002.safetensors invalid 'it is a link that leads nowhere'
    heals
}

@test "what was moved aside before is not in the way of what is moved aside now" {
    take "$WHOLE"
    rote-train -c "$WHOLE/run.conf" -r other seed=7 epochs=0
    cp other/epoch-0000.safetensors a
    touch a/epoch-0000.safetensors.damaged
    finds 1 epoch-0000.safetensors differs ''
    [[ $(of epoch-0000.safetensors remedy) == *' a/epoch-0000.safetensors.damaged.2 '* ]]
    [[ $(of epoch-0000.safetensors.damaged kind) == damaged ]]
    [[ $(of epoch-0000.safetensors.damaged state) == kept ]]
    heals
}

# --- Partial checkpoints

@test "a partial checkpoint is proven, and a damaged one mended by going on without it" {
    take "$WHOLE"
    rm a/epoch-0004.*
    rote-train -r a epochs=3
    sed -i 's/^epochs=.*/epochs=4/' a/run.conf
    make_partial a/epoch-0003.safetensors a/epoch-0004.safetensors.part 3
    edit_checkpoint a/epoch-0004.safetensors.part a/epoch-0004.safetensors.part 's/"data":"0*"/"data":"'"$(
        awk '$1 == "train" { print $NF }' a/data.tsv)"'"/'
    finds 0 epoch-0004.safetensors.part proven ''
    [[ $(of epoch-0004.safetensors.part kind) == partial ]]
    truncate -s 50000 a/epoch-0004.safetensors.part
    finds 65 epoch-0004.safetensors.part invalid 'ends after'
    heals
}

@test "a partial checkpoint of an epoch that is finished is no damage" {
    take "$WHOLE"
    make_partial a/epoch-0003.safetensors a/epoch-0004.safetensors.part 3
    edit_checkpoint a/epoch-0004.safetensors.part a/epoch-0004.safetensors.part 's/"data":"0*"/"data":"'"$(
        awk '$1 == "train" { print $NF }' a/data.tsv)"'"/'
    finds 0 epoch-0004.safetensors.part proven 'its epoch is finished'
    rote-train -r a
    assert_same_run "$WHOLE" a
}

# --- Evaluations, and the metrics

@test "an evaluation whose figures cannot be, or that is cut short, is made again" {
    for change in 's/\t0\.[0-9]*\t/\t0.999\t/' '$s/\t[^\t]*$//' '$d' 's/\ttest\t/\tvalid\t/' '1,2d' 's/\t2\t/\t3\t/' 's/model$/mode/'; do
        take "$WHOLE"
        sed -i "$change" a/epoch-0002.eval
        ! cmp -s a/epoch-0002.eval "$WHOLE/epoch-0002.eval"
        run ! --separate-stderr ckpt-verify a
        [[ $(of epoch-0002.eval state) == @(differs|invalid) ]]
        heals epoch-0002.eval
    done
}

@test "an evaluation is of the checkpoint of its name" {
    take "$WHOLE"
    sed 's/epoch-0003/epoch-0002/; s/\t3\t/\t2\t/; s/\t3\tvalid/\t2\tvalid/; s/\t3\ttest/\t2\ttest/' "$WHOLE/epoch-0003.eval" >a/epoch-0002.eval
    finds 1 epoch-0002.eval differs 'its digest is not that of its checkpoint'
    heals
    for column in parent data step class seed train.loss train.accuracy train.samples; do
        take "$WHOLE"
        awk -F '\t' -v OFS='\t' -v column="$column" 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == column) at = i }
            NR == 2 { sub(/.$/, $at ~ /7$/ ? "6" : "7", $at) } { print }' "$WHOLE/epoch-0002.eval" >a/epoch-0002.eval
        finds 1 epoch-0002.eval differs "its $column is not that of its checkpoint"
    done
    heals epoch-0002.eval
}

@test "an evaluation on fewer samples than the run has differs" {
    take "$WHOLE"
    head -n 50 a/valid.list >fewer.list
    {
        head -n 2 "$WHOLE/epoch-0002.eval"
        (cd a && nn-eval -q --split valid "$DATA/train@../fewer.list" epoch-0002.safetensors)
        tail -n 2 "$WHOLE/epoch-0002.eval"
    } >a/epoch-0002.eval
    finds 1 epoch-0002.eval differs 'the set valid has another size in data.tsv'
    heals
}

@test "an evaluation that is missing is made, unless its turn is not" {
    take "$WHOLE"
    rm a/epoch-0001.eval a/epoch-0004.eval
    finds 1 epoch-0001.eval missing 'its checkpoint is there'
    heals
    train -r every epochs=4 eval-every=2
    run -0 ckpt-verify every
}

@test "an evaluation of a pruned checkpoint is held against its tombstone, and comes from a second run" {
    take "$PRUNED"
    sed -i '2s/\t7\t/\t8\t/' a/epoch-0001.eval
    finds 1 epoch-0001.eval differs 'its step is not that of its checkpoint'
    heals
    take "$PRUNED"
    rm a/epoch-0001.eval a/metrics.tsv
    finds 1 epoch-0001.eval missing 'its checkpoint was pruned'
    [[ $(of epoch-0001.eval remedy) == 'rote-train -c a/run.conf -r a.again model=a/net.model '* ]]
    heals
}

@test "metrics that are not the evaluations' are made again" {
    for change in 's/0\.[0-9]*$/0.5/' 3d '$p' '1d' 's/^2\t/9\t/'; do
        take "$WHOLE"
        sed -i "$change" a/metrics.tsv
        run ! --separate-stderr ckpt-verify a
        [[ $(of metrics.tsv state) == @(differs|invalid) ]]
        [[ $(of metrics.tsv remedy) == 'rote-train -r a' ]]
        heals
    done
    take "$WHOLE"
    rm a/metrics.tsv
    finds 1 metrics.tsv missing 'evaluations are there'
    heals
}

# --- Tombstones, pins

@test "tombstones that are not well-formed are made again by training again what they told of" {
    take "$PRUNED"
    echo nonsense >>a/pruned.tsv
    finds 65 pruned.tsv invalid 'line'
    [[ $(of pruned.tsv remedy) == 'mv -nT -- a/pruned.tsv a/pruned.tsv.damaged && rote-train -r a' ]]
    heals
    take "$PRUNED"
    rm a/pruned.tsv
    finds 1 epoch-0000.safetensors missing ''
    heals
}

@test "tombstones that contradict what is there differ" {
    take "$PRUNED"
    sed -n '2{s/epoch-0000/epoch-0004/; s/\t0\t0\t/\t4\t0\t/p}' "$PRUNED/pruned.tsv" >>a/pruned.tsv
    finds 1 pruned.tsv differs 'another digest of epoch 4 than the file that is there'
    heals
    take "$PRUNED"
    sed -i '2s/epoch-0000/epoch-0001/' a/pruned.tsv
    finds 65 pruned.tsv invalid 'the checkpoint of epoch 0 has another name'
    heals
    take "$PRUNED"
    sed -n '2s/\t[0-9a-f]\{8\}/\t00000000/p' "$PRUNED/pruned.tsv" >>a/pruned.tsv
    finds 1 pruned.tsv differs 'two digests of epoch 0'
    heals
    take "$PRUNED"
    awk -F '\t' -v OFS='\t' 'NR == 4 { sub(/^......../, "00000000", $3) } { print }' "$PRUNED/pruned.tsv" >a/pruned.tsv
    finds 1 pruned.tsv differs 'its epoch 2 does not come from the one before'
    heals pruned.tsv
}

@test "a tombstone of another digest accuses what comes after it, and is found out when that was trained again" {
    take "$PRUNED"
    awk -F '\t' -v OFS='\t' 'NR == 4 { sub(/^......../, "00000000", $2) } { print }' "$PRUNED/pruned.tsv" >a/pruned.tsv
    finds 1 epoch-0003.safetensors differs 'it does not come from epoch-0002.safetensors'
    [[ $(of epoch-0002.eval state) == differs ]]
    sed -n 's/^ckpt-verify: a: to mend it: //p' <<<"$stderr" | sh
    finds 1 pruned.tsv differs 'two digests of epoch 2'
    heals
}

@test "a checkpoint that was to be pruned when the machine failed is no damage" {
    take "$PRUNED"
    cp "$WHOLE/epoch-0001.safetensors" a
    finds 0 pruned.tsv proven 'epoch-0001.safetensors, which it has, is still there'
}

@test "pins are names; what they name need not be there" {
    take "$WHOLE"
    printf 'epoch-0001.safetensors\n\nepoch-0009.safetensors\n' >a/pinned
    finds 0 pinned proven 'epoch-0009.safetensors is not there'
    echo best >>a/pinned
    finds 65 pinned invalid "line 4: no checkpoint is called 'best'"
    cp "$WHOLE/net.model" healthy
    EDITOR='sed -i /best/d' heals pinned || :
    run -0 ckpt-verify a
}

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

@test "each set in data.tsv is held against the data, and the training set against the checkpoints without it" {
    for set in train valid test; do
        for change in 's/\t[0-9]*\t/\t77\t/' 's/[0-9a-f]\{8\}$/00000000/'; do
            take "$WHOLE"
            sed -i "/^$set/$change" a/data.tsv
            run -1 --separate-stderr ckpt-verify a
            [[ $(of data.tsv state) == differs ]]
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

@test "files that are not the run's are left alone" {
    take "$WHOLE"
    mkdir a/notes a/.git
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
    for file in run.conf net.model data.tsv train.list pruned.tsv epoch-0004.safetensors epoch-0002.eval metrics.tsv; do
        take "$PRUNED"
        ln -sf /proc/self/mem "a/$file"
        run ! --separate-stderr ckpt-verify a
        [[ $(of "$file" state) == unreadable ]]
        [[ $(of "$file" remedy) == none ]]
        [[ $(grep -c $'\t\(differs\|missing\)\t' <<<"$output") == 0 ]]
    done
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
