# nn-train-epoch: one epoch is a pure function of checkpoint and data, however it is interrupted, and bad input changes nothing.
bats_require_minimum_version 1.5.0
load helpers
load checkpoints

setup() {
    cd "$BATS_TEST_TMPDIR" || return
    cp "$CKPT" a.safetensors
}

# flip FILE OFFSET: change one bit.
flip() {
    local byte
    byte=$(od -An -tu1 -j "$2" -N 1 "$1")
    printf %b "\\x$(printf %x $((byte ^ 1)))" | dd of="$1" bs=1 seek="$2" conv=notrunc status=none
}

@test "an epoch is published as a proven child of its parent" {
    nn-train-epoch -q -o b.safetensors a.safetensors "$DATA/train"
    ckpt-verify a.safetensors b.safetensors
    run -0 ckpt-info -j b.safetensors
    assert_output_has '"epoch":1,"step":19,"batch":0'
    assert_output_has '"train.samples":600'
    assert_no_leftovers
}

@test "bytes do not depend on the number of threads" {
    nn-train-epoch -q -t 1 -o b.safetensors a.safetensors "$DATA/train"
    nn-train-epoch -q -t 2 -o c.safetensors a.safetensors "$DATA/train"
    nn-train-epoch -q -t 5 -o d.safetensors a.safetensors "$DATA/train"
    assert_same b.safetensors c.safetensors
    assert_same b.safetensors d.safetensors
}

@test "bytes are those of the reference engine, whatever instructions the default one is told to use" {
    nn-train-epoch -q -d ref -o b.safetensors a.safetensors "$DATA/train"
    nn-train-epoch -q -o c.safetensors a.safetensors "$DATA/train"
    ROTE_ISA=generic nn-train-epoch -q -d cpu -o d.safetensors a.safetensors "$DATA/train"
    ROTE_ISA='' nn-train-epoch -q -o e.safetensors a.safetensors "$DATA/train" # an empty one is none
    assert_same b.safetensors e.safetensors
    assert_same b.safetensors c.safetensors
    assert_same b.safetensors d.safetensors
}

@test "instructions that the processor lacks are 69" {
    ROTE_ISA=abacus run -69 nn-train-epoch -o b.safetensors a.safetensors "$DATA/train"
    assert_error "nn-train-epoch: ROTE_ISA=abacus: not one of generic, avx2, avx512, or not of this processor"
    assert_missing b.safetensors
}

@test "without OpenBLAS there is no blas, 69, and the others compute" {
    mkdir library
    : >library/libopenblas.so.0
    LD_LIBRARY_PATH=$PWD/library run -69 --separate-stderr nn-train-epoch -d blas -o b.safetensors a.safetensors "$DATA/train"
    assert_error "nn-train-epoch: OpenBLAS: load: $PWD/library/libopenblas.so.0: file too short"
    assert_missing b.safetensors
    LD_LIBRARY_PATH=$PWD/library run -0 nn-train-epoch -o b.safetensors a.safetensors "$DATA/train"
}

@test "OpenBLAS learns the same as the reference engine" {
    nn-train-epoch -q -d ref -o b.safetensors a.safetensors "$DATA/train"
    nn-train-epoch -q -d blas -o c.safetensors a.safetensors "$DATA/train"
    run -0 nn-eval "$DATA/test" b.safetensors c.safetensors
    awk -F'\t' '!/^#/ { loss[++n] = $7 } END { d = loss[1] / loss[2] - 1; exit !(n == 2 && d < 0.001 && d > -0.001) }' <<<"$output"
}

@test "an output that is there and proven counts as done" {
    nn-train-epoch -q -o b.safetensors a.safetensors "$DATA/train"
    before=$(stat -c '%i %y' b.safetensors)
    run -0 nn-train-epoch -o b.safetensors a.safetensors "$DATA/train"
    assert_error "it is there and proven; nothing to train"
    [ "$(stat -c '%i %y' b.safetensors)" = "$before" ]
}

@test "without the data an output that is there does not count as done" {
    nn-train-epoch -q -o b.safetensors a.safetensors "$DATA/train"
    run -66 nn-train-epoch -o b.safetensors a.safetensors nowhere/train
    assert_error 'nowhere/train-images-idx3-ubyte'
}

@test "any other file of the output's name is 73 and stays" {
    echo precious >b.safetensors
    run -73 nn-train-epoch -o b.safetensors a.safetensors "$DATA/train"
    assert_error "b.safetensors: create: it exists and is not what this command makes; -f replaces it"
    [ "$(cat b.safetensors)" = precious ]
    nn-train-epoch -qf -o b.safetensors a.safetensors "$DATA/train"
    ckpt-verify a.safetensors b.safetensors
}

@test "a directory of the output's name is 73, with -f too" {
    mkdir b.safetensors
    run -73 nn-train-epoch -o b.safetensors a.safetensors "$DATA/train"
    assert_error "nn-train-epoch: b.safetensors: create: it is a directory"
    run -73 nn-train-epoch -f -o b.safetensors a.safetensors "$DATA/train"
}

@test "a damaged output is 73, and -f makes it again with the same bytes" {
    nn-train-epoch -q -o b.safetensors a.safetensors "$DATA/train"
    cp b.safetensors good
    flip b.safetensors 9000
    run -73 nn-train-epoch -o b.safetensors a.safetensors "$DATA/train"
    nn-train-epoch -qf -o b.safetensors a.safetensors "$DATA/train"
    assert_same b.safetensors good
}

@test "-e trains several epochs and keeps only the last" {
    nn-train-epoch -q -e 3 -o d.safetensors a.safetensors "$DATA/train"
    nn-train-epoch -q -o b.safetensors a.safetensors "$DATA/train"
    nn-train-epoch -q -o c.safetensors b.safetensors "$DATA/train"
    nn-train-epoch -q -o e.safetensors c.safetensors "$DATA/train"
    run -0 nn-eval "$DATA/test" d.safetensors e.safetensors
    [ "$(awk -F'\t' '!/^#/ { print $3, $7, $8 }' <<<"$output" | sort -u | wc -l)" = 1 ]
}

# train_long OPTION...: 12 epochs in the background, and wait until a new partial checkpoint says that it is at work.
train_long() {
    local before
    before=$(stat -c %i out.safetensors.part 2>/dev/null || :)
    nn-train-epoch -q -e 12 --partial-every 0.01 "$@" -o out.safetensors a.safetensors "$DATA/train" 3>&- &
    child=$!
    until [ "$(stat -c %i out.safetensors.part 2>/dev/null || :)" != "$before" ] || ! kill -0 $child 2>/dev/null; do :; done
}

# stop_by SIGNAL OPTION...: the same, stopped by the signal with 75.
stop_by() {
    local status=0 signal=$1
    train_long "${@:2}"
    kill -s "$signal" $child
    wait $child || status=$?
    [ $status = 75 ]
}

@test "stopped by TERM, INT or USR1 it exits 75, and goes on to the same bytes" {
    nn-train-epoch -q -e 12 -o whole.safetensors a.safetensors "$DATA/train"
    stop_by TERM
    ckpt-verify a.safetensors out.safetensors.part
    stop_by USR1
    nn-train-epoch -q -e 12 -o out.safetensors a.safetensors "$DATA/train"
    assert_same whole.safetensors out.safetensors
    assert_missing out.safetensors.part
    assert_no_leftovers
}

@test "held by a file it exits 1, and goes on to the same bytes without it" {
    nn-train-epoch -q -o whole.safetensors a.safetensors "$DATA/train"
    touch hold
    run -1 nn-train-epoch --hold hold -o out.safetensors a.safetensors "$DATA/train"
    assert_error 'nn-train-epoch: out.safetensors.part: held after batch 1 of 19: hold is there; without it the same command goes on'
    assert_missing out.safetensors
    run -1 nn-train-epoch --hold hold -o out.safetensors a.safetensors "$DATA/train"
    assert_error 'held after batch 2 of 19'
    rm hold
    run -0 nn-train-epoch --hold hold -o out.safetensors a.safetensors "$DATA/train"
    assert_same out.safetensors whole.safetensors
    assert_missing out.safetensors.part
}

@test "USR2 keeps a partial and goes on" {
    nn-train-epoch -q -e 12 -o whole.safetensors a.safetensors "$DATA/train"
    train_long
    kill -s USR2 $child
    wait $child
    assert_same whole.safetensors out.safetensors
    assert_missing out.safetensors.part
}

@test "killed, it leaves nothing torn, and the next run ends with the same bytes" {
    nn-train-epoch -q -e 12 -o whole.safetensors a.safetensors "$DATA/train"
    train_long
    kill -s KILL $child
    wait $child || :
    assert_missing out.safetensors
    nn-train-epoch -q -e 12 -o out.safetensors a.safetensors "$DATA/train"
    assert_same whole.safetensors out.safetensors
    assert_no_leftovers
}

@test "a partial of another training, or a damaged one, is passed over" {
    nn-train-epoch -q -o b.safetensors a.safetensors "$DATA/train"
    echo garbage >out.safetensors.part
    run -0 nn-train-epoch -o out.safetensors a.safetensors "$DATA/train"
    assert_error "out.safetensors.part: read: not a part of this training; it is passed over"
    assert_same b.safetensors out.safetensors
    assert_missing out.safetensors.part
}

@test "a partial whose step does not follow from its batches is passed over, whatever its digest proves" {
    nn-train-epoch -q -e 12 -o whole.safetensors a.safetensors "$DATA/train"
    stop_by TERM
    edit_checkpoint out.safetensors.part edited 's/"step":"[0-9]*"/"step":"9999"/'
    mv edited out.safetensors.part
    run -0 nn-train-epoch -e 12 -o out.safetensors a.safetensors "$DATA/train"
    assert_error "out.safetensors.part: read: not a part of this training; it is passed over"
    assert_same whole.safetensors out.safetensors
}

@test "a partial checkpoint is no input" {
    stop_by TERM
    run -65 nn-train-epoch -o b.safetensors out.safetensors.part "$DATA/train"
    assert_error "it is a part of an epoch"
}

@test "--batches records every batch, also over an interruption" {
    nn-train-epoch -q -e 12 --batches whole.tsv -o whole.safetensors a.safetensors "$DATA/train"
    [ "$(head -n 1 whole.tsv)" = "#epoch	batch	samples	rate	loss" ]
    [ "$(wc -l <whole.tsv)" = 229 ]
    stop_by TERM --batches out.tsv
    nn-train-epoch -q -e 12 --batches out.tsv -o out.safetensors a.safetensors "$DATA/train"
    assert_same whole.tsv out.tsv
    assert_missing out.tsv.part
    run -0 nn-train-epoch -q -e 12 --batches out.tsv -o out.safetensors a.safetensors "$DATA/train"
}

@test "a log of batches that is lost over an interruption is missed, and training goes on" {
    nn-train-epoch -q -e 12 --batches whole.tsv -o whole.safetensors a.safetensors "$DATA/train"
    stop_by TERM --batches out.tsv
    rm out.tsv.part
    run -0 nn-train-epoch -e 12 --batches out.tsv -o out.safetensors a.safetensors "$DATA/train"
    assert_error 'out.tsv.part: read: it is not there: the batches before this one are not in the log'
    assert_same whole.safetensors out.safetensors
    assert_same <(tail -n 1 whole.tsv) <(tail -n 1 out.tsv)
    [[ $(wc -l <out.tsv) -lt $(wc -l <whole.tsv) ]]
}

@test "a log of batches that a kill left behind the checkpoint is published, with -f in place of an older one" {
    nn-train-epoch -q --batches log -o b.safetensors a.safetensors "$DATA/train"
    cp log older
    nn-train-epoch -q -f -e 2 --batches log -o b.safetensors a.safetensors "$DATA/train"
    mv log newer
    for log in '' older; do
        cp newer log.part
        [ -z "$log" ] || cp older log
        nn-train-epoch -q -f -e 2 --batches log -o b.safetensors a.safetensors "$DATA/train"
        assert_same newer log
        assert_missing log.part
    done
}

@test "other data than the parent's is refused" {
    nn-train-epoch -q -o b.safetensors a.safetensors "$DATA/train"
    run -65 nn-train-epoch -o c.safetensors b.safetensors "$DATA/test"
    assert_error "not the data that b.safetensors was trained on; 'nn-init -i' begins anew with other data"
    assert_missing c.safetensors
}

@test "other data is what is said to be wrong, whatever else that does" {
    nn-train-epoch -q -o b.safetensors a.safetensors "$DATA/train"
    head -c 16 "$DATA/test-images-idx3-ubyte" | sed 's/\x1c$/\x0e/' >half-images-idx3-ubyte
    tail -c +17 "$DATA/test-images-idx3-ubyte" | head -c $((200 * 28 * 14)) >>half-images-idx3-ubyte
    cp "$DATA/test-labels-idx1-ubyte" half-labels-idx1-ubyte
    for option in -q -n; do
        run -65 nn-train-epoch $option -o c.safetensors b.safetensors half
        assert_error "half: train: not the data that b.safetensors was trained on"
    done
    assert_missing c.safetensors
}

@test "other data is refused as soon as it is known, and neither a partial nor a log of batches is written" {
    nn-train-epoch -q -o b.safetensors a.safetensors "$DATA/train"
    for option in '--partial-every 0.000001' '--batches log' -f; do
        # shellcheck disable=SC2086 # an option and its argument
        run -65 timeout 60 nn-train-epoch $option -e 1000000 -o c.safetensors b.safetensors "$DATA/test"
        assert_error "not the data that b.safetensors was trained on"
    done
    for file in c.safetensors c.safetensors.part log log.part; do
        assert_missing "$file"
    done
    assert_no_leftovers
}

@test "a label not below the network's outputs is refused" {
    nn-init -q -o nine.safetensors - < <(sed 's/^dense 10/dense 9/' "$MODEL")
    run -65 nn-train-epoch -o b.safetensors nine.safetensors "$DATA/train"
    assert_error "it has the label 9, but the network has 9 outputs"
    assert_missing b.safetensors
}

@test "pictures of another size are refused" {
    nn-init -q -o small.safetensors - < <(sed 's/^input.*/input 1 20 28/' "$MODEL")
    run -65 nn-train-epoch -o b.safetensors small.safetensors "$DATA/train"
    assert_error "pictures of 1 x 28 x 28, but the model's input is 1 x 20 x 28"
}

@test "data whose last batch is one sample is refused where there is a batch norm, before any work" {
    make_rich rich.model
    nn-init -q -o rich.safetensors rich.model
    seq 0 64 >list
    for option in -q -n; do
        run -65 nn-train-epoch $option -d ref -o b.safetensors rich.safetensors "$DATA/train@list"
        assert_error "$DATA/train@list: train: of 65 samples, batches of 32 leave one for the last, in which batchnorm sees no variance"
        assert_missing b.safetensors
    done
    nn-train-epoch -q -d ref -o c.safetensors a.safetensors "$DATA/train@list"
    seq 0 65 >list
    nn-train-epoch -q -d ref -o b.safetensors rich.safetensors "$DATA/train@list"
}

@test "a precision that no engine has is 69, and nothing is published" {
    for precision in bf16 tf32; do
        { cat "$MODEL" && echo "precision $precision"; } >low.model
        nn-init -q -f -o low.safetensors low.model
        for option in -q -n; do
            run -69 nn-train-epoch $option -o b.safetensors low.safetensors "$DATA/train"
            assert_error "nn-train-epoch: low.safetensors: compute: no engine has precision $precision; fp32 is there"
            assert_missing b.safetensors
        done
    done
}

@test "running statistics, moments and the moving average go on after a stop, too" {
    make_rich rich.model
    nn-init -qf -o a.safetensors rich.model
    nn-train-epoch -q -e 12 -d ref -o whole.safetensors a.safetensors "$DATA/train"
    stop_by TERM -d ref
    ckpt-verify a.safetensors out.safetensors.part
    nn-train-epoch -q -e 12 -d ref -o out.safetensors a.safetensors "$DATA/train"
    assert_same whole.safetensors out.safetensors
}

@test "a diverging training stops with 65 and keeps the last good checkpoint" {
    nn-init -q -o wild.safetensors - < <(sed 's/^optimizer.*/optimizer sgd lr=100000/' "$MODEL")
    cp wild.safetensors before
    run -65 nn-train-epoch -e 5 -o b.safetensors wild.safetensors "$DATA/train"
    assert_error "training diverges, a smaller learning rate may help"
    assert_missing b.safetensors
    assert_same wild.safetensors before
    assert_no_leftovers
}

@test "a weight that is not finite after the last step is not published, whatever the loss before it" {
    printf '%s\n' 'input 1 28 28' 'dense 10' 'loss cross-entropy' 'train batch=1' 'optimizer sgd lr=1e6 weight-decay=1' >wild.model
    nn-init -q -o wild.safetensors wild.model
    seq 0 5 >list
    nn-train-epoch -q -o b.safetensors wild.safetensors "$DATA/train@list"
    echo 6 >>list
    run -65 nn-train-epoch -o c.safetensors wild.safetensors "$DATA/train@list"
    assert_error 'c.safetensors: train: a weight is not finite after step 7: the training diverges, a smaller learning rate may help'
    assert_missing c.safetensors
    assert_no_leftovers
}

@test "a truncated checkpoint is refused and nothing is published" {
    size=$(stat -c %s a.safetensors)
    for length in 0 1 7 8 100 1000 $((size - 1)); do
        head -c "$length" a.safetensors >cut.safetensors
        run -65 nn-train-epoch -o b.safetensors cut.safetensors "$DATA/train"
        assert_error "cut.safetensors: "
    done
    assert_missing b.safetensors
}

@test "a checkpoint with one bit flipped is refused" {
    for offset in 0 9 60 120 500 3000 20000; do
        cp a.safetensors bad.safetensors
        flip bad.safetensors $offset
        run -65 nn-train-epoch -o b.safetensors bad.safetensors "$DATA/train"
        assert_error "bad.safetensors: "
    done
    assert_missing b.safetensors
}

@test "an input that is not there is 66" {
    run -66 nn-train-epoch -o b.safetensors nowhere.safetensors "$DATA/train"
    run -66 nn-train-epoch -o b.safetensors a.safetensors nowhere/train
    assert_error "nowhere/train-images-idx3-ubyte"
}

@test "wrong options are 64" {
    run -64 nn-train-epoch -t 0 -o b.safetensors a.safetensors "$DATA/train"
    run -64 nn-train-epoch -t x -o b.safetensors a.safetensors "$DATA/train"
    run -64 nn-train-epoch -e 0 -o b.safetensors a.safetensors "$DATA/train"
    run -64 nn-train-epoch -d abacus -o b.safetensors a.safetensors "$DATA/train"
    run -64 nn-train-epoch --partial-every -1 -o b.safetensors a.safetensors "$DATA/train"
    run -64 nn-train-epoch -o b.safetensors a.safetensors
    run -64 nn-train-epoch -o - a.safetensors "$DATA/train"
    run -64 nn-train-epoch a.safetensors "$DATA/train"
}

@test "going on under another class of arithmetic must be asked for, and is recorded" {
    nn-train-epoch -q -d ref -o b.safetensors a.safetensors "$DATA/train"
    run -65 nn-train-epoch -d blas -o c.safetensors b.safetensors "$DATA/train"
    assert_error "it is of class fp32, and this engine of fp32-openblas-"
    nn-train-epoch -q -d blas --allow-class-change -o c.safetensors b.safetensors "$DATA/train"
    run -0 ckpt-info c.safetensors
    assert_output_has "fp32-openblas-"
}

@test "the default device keeps to the class of OpenBLAS where a checkpoint has it" {
    nn-train-epoch -q -d blas -o b.safetensors a.safetensors "$DATA/train"
    nn-train-epoch -q -d blas -o c.safetensors b.safetensors "$DATA/train"
    nn-train-epoch -q -o d.safetensors b.safetensors "$DATA/train"
    assert_same c.safetensors d.safetensors
    run -65 nn-train-epoch -d cpu -o e.safetensors b.safetensors "$DATA/train"
    assert_error ", and this engine of fp32; --allow-class-change"
}

@test "a full disk publishes nothing and leaves nothing" {
    [ "$(id -u)" = 0 ] && mkdir tiny && mount -t tmpfs -o size=16k tmpfs tiny || skip "needs to mount a file system"
    run nn-train-epoch -q -o tiny/b.safetensors a.safetensors "$DATA/train"
    left=$(find tiny -type f)
    umount tiny
    [ "$status" = 74 ]
    assert_error "tiny/b.safetensors: write: no space left on device"
    [ -z "$left" ]
}

@test "-n says what would be trained and writes nothing" {
    run -0 nn-train-epoch -n -o b.safetensors a.safetensors "$DATA/train"
    assert_error "b.safetensors: it would be trained from a.safetensors"
    assert_missing b.safetensors
}

@test "-n checks what the same line without it checks" {
    nn-train-epoch -q -d ref -o b.safetensors a.safetensors "$DATA/train"
    run -65 nn-train-epoch -n -d blas -o c.safetensors b.safetensors "$DATA/train"
    run -64 nn-train-epoch -n -d abacus -o c.safetensors a.safetensors "$DATA/train"
    echo precious >log
    run -73 nn-train-epoch -n --batches log -o c.safetensors a.safetensors "$DATA/train"
    assert_error "log: create: it exists; -f replaces it"
    run -73 nn-train-epoch -n -o nowhere/c.safetensors a.safetensors "$DATA/train"
}

@test "-n leaves what a kill left beside a finished checkpoint" {
    nn-train-epoch -q -o b.safetensors a.safetensors "$DATA/train"
    touch b.safetensors.part log.part
    nn-train-epoch -n --batches log -o b.safetensors a.safetensors "$DATA/train"
    [ -e b.safetensors.part ]
    assert_missing log
    nn-train-epoch -q --batches log -o b.safetensors a.safetensors "$DATA/train"
    assert_missing b.safetensors.part
    [ -e log ]
}

@test "an output that cannot be made is refused before anything is trained" {
    ln -s nowhere link
    mkfifo pipe
    for name in link pipe; do
        run -73 timeout -s KILL 60 nn-train-epoch -e 1000000 -o "$name" a.safetensors "$DATA/train"
        assert_error "nn-train-epoch: $name: create: it exists"
    done
    run -73 timeout -s KILL 60 nn-train-epoch -e 1000000 -o nowhere/b a.safetensors "$DATA/train"
    assert_error "nn-train-epoch: nowhere/b: create: no such file or directory"
    run -73 timeout -s KILL 60 nn-train-epoch -e 1000000 --batches nowhere/log -o b a.safetensors "$DATA/train"
    assert_error "nn-train-epoch: nowhere/log: create: no such file or directory"
}

@test "a log of batches that is none is refused, not taken over" {
    stop_by TERM --batches out.tsv
    printf '#epoch\tbatch\n1\t1\n' >out.tsv.part
    run -65 nn-train-epoch -e 12 --batches out.tsv -o out.safetensors a.safetensors "$DATA/train"
    assert_error "nn-train-epoch: out.tsv.part: read: record 1 is not of a batch"
    [ -e out.safetensors.part ]
}
