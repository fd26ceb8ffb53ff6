# ckpt-verify as the doctor of a run: for each way in which a file can be off it names the file, and the remedy that it gives mends it:
# the line is run as it stands, then all is proven and every byte is that of the run that nobody touched.
# shellcheck disable=SC2034,SC2154 # what one part sets, another uses; bats sets stderr

bats_require_minimum_version 1.5.0
load helpers
load checkpoints
load train
load doctor

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

@test "an evaluation on other data than the run's differs" {
    for set in valid test; do
        take "$WHOLE"
        sed -i "/\t$set\t/s/\t[0-9a-f]\{8\}/\t00000000/2" a/epoch-0002.eval
        finds 1 epoch-0002.eval differs "the set $set has another digest in data.tsv"
        heals
    done
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
    rm -r a.again
    take "$PRUNED"
    rm a/epoch-0001.eval a/metrics.tsv
    finds 1 epoch-0001.eval missing 'its checkpoint was pruned'
    [[ $(of epoch-0001.eval remedy) == 'rote-train -c a/run.conf -r a.again model=a/net.model '* ]]
    heals
}

@test "metrics that are not the evaluations' are made again" {
    for change in 's/0\.[0-9]*$/0.5/' 3d '$p' '1d' 's/^2\t/9\t/' 's/^2\t/none\t/' '1s/epoch/era/'; do
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

@test "a tombstone without one of its columns, or with a value that cannot be, tells of no checkpoint" {
    for change in 1s/{path,digest,parent,data,epoch,step,reason}/other/ '2s/\t[0-9a-f]\{64\}/\tnone/' '2s/\t0\t0\t/\tnone\t0\t/' '2s/\t0\t0\t/\t0\tnone\t/'; do
        take "$PRUNED"
        sed -i "$change" a/pruned.tsv
        finds 65 pruned.tsv invalid 'record 1 tells of no pruned checkpoint'
    done
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
    finds 65 pinned invalid "line 4: read: no checkpoint is called 'best'"
    cp "$WHOLE/net.model" healthy
    EDITOR='sed -i /best/d' heals pinned || :
    run -0 ckpt-verify a
}
