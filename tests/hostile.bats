# Files, links and names that somebody made to do harm: nothing outside is written, no terminal obeys, no memory is taken, and the file
# that was judged is the one that is used.
# shellcheck disable=SC2086 # command lines that stand in variables are to be split

bats_require_minimum_version 1.5.0
load helpers
load checkpoints

# A run that has an epoch to train yet, and a file outside that nobody may change.
unfinished_run() {
    cp -a "$RUN" a
    rm a/epoch-0002.*
    echo mine >outside
}

@test "a link under the name of rote-train's temporary file is not followed" {
    unfinished_run
    ln -s ../outside a/.rote-train.tmp
    rote-train -r a
    [ "$(cat outside)" = mine ]
    assert_same a/epoch-0002.eval "$RUN/epoch-0002.eval"
    assert_missing a/.rote-train.tmp
}

@test "a link in the place of a run's log or lock is refused, and not written through" {
    for file in log lock; do
        rm -rf a
        unfinished_run
        ln -sf ../outside "a/$file"
        run -73 rote-train -r a
        assert_error "a/$file: create: it is a symbolic link, and nothing is written through one"
        [ "$(cat outside)" = mine ]
        assert_missing a/epoch-0002.safetensors
    done
}

@test "a link in the place of hold makes nothing elsewhere" {
    unfinished_run
    ln -s ../made a/hold
    rote-train -r a --hold
    assert_missing made
    run -1 rote-train -r a
    rote-train -r a --unhold
    assert_missing a/hold
}

@test "links in the place of what a run writes whole are replaced, not followed" {
    unfinished_run
    for file in metrics.tsv epoch-0002.eval; do ln -sf ../outside "a/$file"; done
    rote-train -r a
    [ "$(cat outside)" = mine ]
    for file in metrics.tsv epoch-0002.eval; do
        [ ! -L "a/$file" ]
        assert_same "a/$file" "$RUN/$file"
    done
}

@test "an output's name that is a link is refused, and with -f replaced" {
    echo mine >outside
    for program in "nn-init -o link $MODEL" "nn-train-epoch -d ref -o link $CKPT $DATA/test" \
        "ckpt-release --records $RUN/metrics.tsv -o link $RUN/epoch-0001.safetensors"; do
        ln -sf outside link
        run -73 $program
        assert_error 'link: create: it exists'
        [ "$(readlink link)" = outside ]
        run -0 $program -f
        [ ! -L link ]
        [ "$(cat outside)" = mine ]
    done
}

@test "the parts of a split that are links are refused, and with -f replaced" {
    echo mine >outside
    mkdir parts
    ln -s ../outside parts/a.list
    run -73 idx-split -l -o parts "$DATA/test" a=rest
    assert_error 'parts/a.list: create: it exists; -f replaces it'
    idx-split -q -f -l -o parts "$DATA/test" a=rest
    [ ! -L parts/a.list ]
    [ "$(cat outside)" = mine ]
}

@test "a link in the place of pruned.tsv is replaced" {
    cp -a "$RUN" a
    echo mine >outside
    : >empty
    ln -s ../empty a/pruned.tsv
    ckpt-prune -l 1 a
    [ ! -L a/pruned.tsv ]
    [ ! -s empty ]
    assert_missing a/epoch-0001.safetensors
}

@test "a link in the place of a download is not followed" {
    mkdir set
    echo mine >outside
    ln -s ../outside set/.file.download
    run -73 idx-fetch -q -c "$ZEROS" -o set/file http://127.0.0.1:9/file
    assert_error 'set/.file.download: create: '
    [ "$(cat outside)" = mine ]
}

@test "every temporary file is made with O_EXCL, and follows no link" {
    trace 'nn-init -f -o out "$MODEL"' 'idx-split -f -l -o . "$DATA/test" a=rest' 'nn-train-epoch -f -d ref -o next "$CKPT" "$DATA/test"' \
        'ckpt-release -f --records "$RUN/metrics.tsv" -o weights "$RUN/epoch-0001.safetensors"'
    [ "$(grep -c O_CREAT trace)" -ge 4 ]
    run -0 awk '/O_CREAT/ && !(/O_EXCL/ && /O_NOFOLLOW/)' trace
    [ -z "$output" ]
}

# trace COMMAND...: what is opened by each of them, in the file `trace`.
trace() {
    local command
    strace -qq -o /dev/null true 2>/dev/null || skip 'there is no strace here, or it may not trace'
    : >trace
    for command; do
        strace -f -qq -e trace=open,openat,openat2,creat -o "|cat >>trace" sh -c "exec $command" >/dev/null
    done
}

# assert_opened_once COMMAND FILE...: its inputs are opened so that what was looked at is what is used.
assert_opened_once() {
    local command=$1 file
    shift
    trace "$command"
    for file; do
        if [ "$(grep -c "\"$file\"" trace)" != 1 ]; then
            printf '%s:\n' "$command"
            grep "\"$file\"" trace
            return 1
        fi
    done
}

@test "every program opens each of its inputs once" {
    cp "$DATA"/test-* "$MODEL" "$RUN"/epoch-000[012].safetensors "$RUN/metrics.tsv" .
    printf '0\n1\n' >list
    cp -a "$RUN" a
    echo epoch-0001.safetensors >a/pinned
    local set='test-images-idx3-ubyte test-labels-idx1-ubyte' run='a/epoch-0000.safetensors a/epoch-0001.safetensors a/epoch-0002.safetensors'
    assert_opened_once 'idx-info test@list' $set list
    assert_opened_once 'idx-split -n -o parts test x=rest' $set
    assert_opened_once 'nn-init -o from-text net.model' net.model
    assert_opened_once 'nn-init -i epoch-0001.safetensors -o from-other net.model' net.model epoch-0001.safetensors
    assert_opened_once 'nn-train-epoch -d ref -o next epoch-0000.safetensors test@list' epoch-0000.safetensors $set list
    assert_opened_once 'nn-train-epoch -d ref -o next epoch-0000.safetensors test@list' epoch-0000.safetensors next
    assert_opened_once 'nn-eval -d ref test epoch-0001.safetensors' epoch-0001.safetensors $set
    assert_opened_once 'ckpt-info epoch-0001.safetensors' epoch-0001.safetensors
    assert_opened_once 'ckpt-verify epoch-0001.safetensors' epoch-0001.safetensors
    assert_opened_once 'ckpt-best a' a/metrics.tsv a/epoch-0001.eval
    assert_opened_once 'ckpt-best metrics.tsv' metrics.tsv
    assert_opened_once 'ckpt-release --records metrics.tsv -o weights epoch-0001.safetensors' epoch-0001.safetensors metrics.tsv
    assert_opened_once 'ckpt-prune -n -b 1 a' $run a/metrics.tsv a/epoch-0001.eval a/pinned
}

# What a terminal would obey: a title (ESC ]), colours (CSI, as ESC [ and as U+009B), BEL, CR, a byte of C1 alone, and a name that is
# written backwards (U+202E).
TRICKS=$'a\e]0;title\a\e[31m\r\xc2\x9b31m\x9b\xe2\x80\xaeb'

# harmless COMMAND...: it ends by itself, and no terminal obeys what it prints.
harmless() {
    local status=0
    "$@" >out 2>err </dev/null || status=$?
    [ "$status" -lt 126 ] || return
    ! LC_ALL=C grep -a -n -P '[\x01-\x08\x0b-\x1f\x7f]|\xc2[\x80-\x9f]|\xe2\x80\xae|(?<![\xc2-\xf4\x80-\xbf])[\x80-\xbf]' out err
}

@test "no program passes a name that is not there on to a terminal" {
    for program in "$ROOT"/cmd/*.c; do
        program=$(basename "$program" .c)
        for arguments in '' '-o out' '-o out data' '-l 1' '-z' '-o' '--x' '-d' '-t' '-s' '-e' '-k' '--records'; do
            harmless "$program" $arguments "$TRICKS"
            harmless "$program" $arguments "$TRICKS" "$TRICKS=$TRICKS"
        done
    done
}

@test "no program passes the name of an input or output on to a terminal" {
    mkdir "$TRICKS"
    cp "$RUN"/* "$DATA"/test-* "$TRICKS"
    local checkpoint=$TRICKS/epoch-0001.safetensors form
    for form in '' -j; do
        harmless idx-info $form "$TRICKS/test"
        harmless idx-split $form -f -o "$TRICKS" "$TRICKS/test" "$TRICKS=rest"
        harmless nn-eval $form -d ref "$TRICKS/test" "$checkpoint"
        harmless ckpt-info $form "$checkpoint"
        harmless ckpt-info $form -m "$TRICKS"
        harmless ckpt-verify $form "$TRICKS"
        harmless ckpt-prune $form -n -l 1 "$TRICKS"
    done
    harmless nn-init -v -o "$TRICKS/out" "$TRICKS/net.model"
    harmless nn-train-epoch -v -d ref -o "$TRICKS/next" "$checkpoint" "$TRICKS/test"
    harmless ckpt-release -v --records "$TRICKS/metrics.tsv" -o "$TRICKS/weights" "$checkpoint"
    harmless idx-fetch -v -c "$ZEROS" -o "$TRICKS/file" "$TRICKS/net.model"
}

@test "a path that ckpt-best chose is shown to a terminal, and passed on to programs as it is" {
    skip_without_terminal
    cp -a "$RUN" "$TRICKS"
    [ -f "$(ckpt-best "$TRICKS")" ]
    TRICKS=$TRICKS script -qec 'ckpt-best "$TRICKS"' /dev/null </dev/null | tr -d '\r' >shown
    grep -q '\\x1b' shown
    harmless cat shown
}

# A checkpoint that proves itself, and says what a terminal would obey.
tricky_checkpoint() { # FILE
    make_small plain.safetensors
    edit_checkpoint plain.safetensors "$1" 's/"class":"none"/"class":"\\u001b[31m\\u009b31m\\u202e\\u0007"/'
    cp "$DATA"/test-* .
}

@test "metadata of a checkpoint is shown escaped" {
    tricky_checkpoint a.safetensors
    run -0 ckpt-verify a.safetensors
    assert_output_has proven
    run -0 ckpt-info a.safetensors
    assert_output_has '\x1b[31m\xc2\x9b31m\xe2\x80\xae\x07'
    run -0 ckpt-info -j a.safetensors
    assert_output_has '\u001b[31m\u009b31m\u202e\u0007'
    harmless ckpt-info a.safetensors
    harmless nn-train-epoch -d ref -o b.safetensors a.safetensors test
    assert_missing b.safetensors
}

@test "the keys and values of a container that is no checkpoint are shown escaped" {
    printf '{"__metadata__":{"format":"rote-checkpoint-\\u001b[31m\\u009b"}}' >header
    : >tensors
    join_checkpoint a.safetensors
    run -65 ckpt-info a.safetensors
    harmless ckpt-info a.safetensors
    printf '{"\\u001b[31m":{"dtype":"\\u001b[31m","shape":[1],"data_offsets":[0,4]}}' >header
    join_checkpoint a.safetensors
    run -65 ckpt-verify a.safetensors
    assert_error '\x1b[31m'
    harmless ckpt-verify a.safetensors
}

@test "what records hold is shown escaped, and does not come into a model card unescaped" {
    cp "$RUN/epoch-0001.safetensors" .
    digest=$(digest_of epoch-0001.safetensors)
    printf '#path\tdigest\tsplit\tloss\taccuracy\na\t%s\t\\x1b[31m\t0.5\t0.5\n' "$digest" >records
    harmless ckpt-release --records records -o weights.safetensors epoch-0001.safetensors
    split_checkpoint weights.safetensors
    harmless cat header
    harmless ckpt-best -k $'\e[31m.loss' records
    printf '#path\t\e[31m\na\t\\q\n' >records
    run -65 ckpt-best -k $'\e[31m' --min records
    harmless ckpt-best -k $'\e[31m' --min records
}

@test "words of a model text are shown escaped" {
    printf 'input 1 1 1\n\e[31m 3\n' >a.model
    harmless nn-init -o out a.model
    printf 'let a=1\nconv \xc2\x9b31m 3\n' >a.model
    harmless nn-init -o out a.model
    harmless nn-init -o out "$MODEL" $'train.batch=\e[31m'
    harmless nn-init -o out "$MODEL" $'\e[31m=1'
}

@test "rote-train passes no name on to a terminal, and keeps its log clean" {
    mkdir "$TRICKS"
    cp -a "$RUN" "$TRICKS/run"
    rm "$TRICKS"/run/epoch-0002.*
    touch "$TRICKS/run/epoch-0009$TRICKS.safetensors"
    harmless rote-train -n -r "$TRICKS/run"
    harmless rote-train -v -r "$TRICKS/run"
    harmless cat "$TRICKS/run/log"
    harmless rote-train -n -r "$TRICKS/new" data="$DATA" model="$MODEL"
    harmless rote-train -r "$TRICKS/new" data="$TRICKS" model="$TRICKS"
    harmless rote-train -r x -c "$TRICKS"
    harmless rote-train "$TRICKS"
    harmless rote-train -r x "data=$TRICKS"
    harmless rote-train -r x "keep=$TRICKS"
    harmless rote-train -r x "optimizer.lr=$TRICKS" data="$DATA" model="$MODEL"
}

# limited COMMAND...: with 100 MB of memory, which the programs start in.
limited() {
    skip_sanitized
    (ulimit -v 100000 && exec "$@")
}

@test "a header that claims more than there is takes no memory" {
    for length in 16777216 4294967295 9223372036854775807 -1; do
        {
            header_length "$length"
            printf '{"__metadata__":{}}'
        } >a.safetensors
        run -65 limited ckpt-verify a.safetensors
        assert_error 'a.safetensors: '
        run -65 limited ckpt-info a.safetensors
    done
}

@test "a header of brackets within one another is refused" {
    head -c 4000000 /dev/zero | tr '\0' '[' >header
    : >tensors
    join_checkpoint a.safetensors
    run -65 limited ckpt-verify a.safetensors
    assert_error 'its header: maximum parsing depth reached'
}

@test "tensors that claim more bytes than a file can have are refused" {
    : >tensors
    for shape in '[4611686018427387904]' '[2147483648,2147483648,2]' '[9223372036854775807,9223372036854775807]'; do
        printf '{"a":{"dtype":"F32","shape":%s,"data_offsets":[0,9223372036854775804]}}' "$shape" >header
        join_checkpoint a.safetensors
        run -65 limited ckpt-info a.safetensors
        assert_error 'a.safetensors: '
    done
}

@test "a small checkpoint whose model text asks for gigabytes takes no memory" {
    make_small a.safetensors
    edit_checkpoint a.safetensors b.safetensors 's/dense 1/dense 65536\\ndense 4000\\ndense 1/'
    for command in 'ckpt-verify b.safetensors' "nn-eval $DATA/test b.safetensors" "nn-train-epoch -o next b.safetensors $DATA/test"; do
        run -65 limited $command
        assert_error 'b.safetensors: read: 2 tensors, but its model has 6'
    done
    assert_missing next
}

@test "pictures that claim more than the file holds are refused by its size" {
    words 0x803 4294967295 65536 16384 >t-images-idx3-ubyte
    words 0x801 4294967295 >t-labels-idx1-ubyte
    run -65 limited idx-info t
    assert_error 't-images-idx3-ubyte: ends after 16 of 4611686017353646096 bytes'
    words 0x804 4294967295 4294967295 4294967295 4294967295 >t-images-idx3-ubyte
    run -65 limited idx-info t
    assert_error 't-images-idx3-ubyte: its header says more bytes than a file can have'
}

@test "a gzip bomb is not unpacked beyond what its header says" {
    {
        words 0x803 4 4 4
        head -c 1000000000 /dev/zero
    } | gzip >t-images-idx3-ubyte.gz
    cp "$DATA/test-labels-idx1-ubyte" t-labels-idx1-ubyte
    run -65 limited idx-info t
    assert_error 't-images-idx3-ubyte.gz: has more than the 80 bytes that its header says'
}

@test "a gzip bomb of many empty members is unpacked once, and refused" {
    : | gzip -c >member
    for ((i = 0; i < 16; i++)); do cat member member >members && mv members member; done
    mv member t-images-idx3-ubyte.gz
    run -65 limited timeout 20 idx-info t
    assert_error 't-images-idx3-ubyte.gz: ends after 0 bytes, inside its header'
}

@test "a model text within the limits of a file takes no more than it needs" {
    {
        for ((i = 0; i < 16; i++)); do echo 'repeat 1000'; done
        echo relu
        for ((i = 0; i < 16; i++)); do echo end; done
    } >a.model
    run -65 limited nn-init -o out a.model
    assert_error 'more than 4096 statements'
    head -c 2000000 /dev/zero | tr '\0' a >a.model
    run -65 limited nn-init -o out a.model
    assert_error 'a.model: read: more than 1048576 bytes, which is no model text'
}

@test "records of a megabyte in one line are read in time" {
    {
        printf '#path'
        head -c 1000000 /dev/zero | tr '\0' '\t'
        echo
    } >records
    run -65 limited timeout 20 ckpt-best -k a --min records
}

@test "a setting of many thousand characters takes rote-train no time" {
    long=$(printf '%060000d' 0)
    for setting in "$long" "k$long=1" "data=$long" "model=$long" "keep=-l $long"; do
        run -64 timeout 20 rote-train -r a "$setting"
        assert_error 'rote-train: a setting of more than 4096 characters'
    done
    printf 'seed=1\nval=%s' "$long" >a.conf
    run -65 timeout 20 rote-train -r a -c a.conf
    assert_error 'a.conf:2: a setting of more than 4096 characters'
    run -64 timeout 20 rote-train -r a "k${long:0:4000}=1" data="$DATA" model="$MODEL"
    assert_error ': no such key'
}

@test "a FIFO or a device among a run's files holds nobody up" {
    cp -a "$RUN" a
    mkfifo a/epoch-0003.safetensors a/epoch-0003.eval a/epoch-0003.safetensors.part
    ln -s /dev/zero a/epoch-0004.safetensors
    run -65 timeout 20 ckpt-verify a
    assert_error 'a/epoch-0004.safetensors: it is no file'
    for command in 'ckpt-info a' 'ckpt-best a' 'ckpt-prune -n -l 1 a' 'rote-train -n -r a'; do
        run -0 timeout 20 $command
    done
}

@test "a FIFO in place of a file that a run has once holds nobody up, either" {
    for name in pinned pruned.tsv metrics.tsv run.conf net.model data.tsv train.list; do
        cp -a "$RUN" a
        rm -f a/$name
        mkfifo a/$name
        run -65 timeout 10 ckpt-verify a
        assert_error "a/$name: it is no file"
        run -0 timeout 10 ckpt-info a
        [[ $name = metrics.tsv ]] && status=66 || status=0
        run "-$status" timeout 10 ckpt-best a
        ((status == 0)) || assert_error "ckpt-best: a/$name: open: it is no file"
        [[ $name = p* ]] && status=66
        run "-$status" timeout 10 ckpt-prune -l 1 a
        ((status == 0)) || assert_error "ckpt-prune: a/$name: open: it is no file; nothing was deleted"
        for dry in '' -n; do
            run -73 timeout 10 rote-train $dry -r a
            assert_error "rote-train: a/$name: open: it is no file"
            mv a/$name fifo && ln -s ../fifo a/$name
            run -73 timeout 10 rote-train $dry -r a
            assert_error "rote-train: a/$name: open: it is no file"
            mv fifo a/$name
        done
        rm -r a
    done
    cp -a "$RUN" a
    rm a/run.conf
    mkfifo a/pruned.tsv
    run -66 timeout 10 ckpt-verify a
    assert_error 'ckpt-verify: a/pruned.tsv: open: it is no file'
}

@test "a FIFO in place of the best checkpoint is passed over" {
    cp -a "$RUN" a
    best=$(ckpt-best a)
    rm "$best"
    mkfifo "$best"
    run -0 --separate-stderr timeout 10 ckpt-best a
    [[ $output == a/epoch-000?.safetensors && $output != "$best" ]]
    assert_error "$best: pass over: it is no file"
}
