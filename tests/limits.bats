# Limits, descriptors that lead nowhere, clocks that jump, and data that changes while it is read: an error that says so, or no harm;
# afterwards the same bytes.

bats_require_minimum_version 1.5.0
load helpers
load train

export BATS_TEST_TIMEOUT=120 # for what waits for something that does not come

MEDDLE=$BUILD/tests/fault/meddle.so

# A preloaded library does not go with the sanitizers' own.
meddle() { # VARIABLE=VALUE... COMMAND...
    env LD_PRELOAD="$MEDDLE" "$@"
}

every_program() {
    local source
    for source in "$ROOT"/cmd/*.c; do
        basename "$source" .c
    done
}

# limited LIMIT COMMAND...: under `ulimit LIMIT`; what the shell itself says goes through a pipe, which has no size.
limited() {
    # shellcheck disable=SC2016 # for the inner shell
    bash -c 'ulimit $1 && shift && "$@"' bash "$@" 2>&1 3>&- 4>&- | cat
    return "${PIPESTATUS[0]}"
}

# Without the limit, the same line makes the same bytes.
the_same_afterwards() {
    train -q epochs=2
    assert_same_run "$TWO" a
}

# --- Size of files

@test "a limit on the size of files is an error of what is printed to one: 74, and not death" {
    local program
    for program in $(every_program); do
        run -74 limited '-f 0' sh -c "$program -V >out"
        assert_output_has "$program: stdout: write: file too large"
        assert_missing "$program.out"
    done
    for options in -h -V "-n -r $TWO"; do
        run -74 limited '-f 0' sh -c "rote-train $options >out"
        assert_output_has 'rote-train: stdout: write: it could not be written'
    done
}

@test "a run under a limit on the size of files ends with 74, and is whole without it" {
    local blocks
    for blocks in 0 1 2 80; do
        rm -rf a
        run -74 limited "-f $blocks" rote-train -r a data="$DATA" model="$MODEL" samples=200 val=100 epochs=2
        assert_no_leftovers
        the_same_afterwards
    done
    rm -r a
    cp -a "$TWO" a
    for blocks in 0 1 81; do
        run -74 limited "-f $blocks" rote-train -r a epochs=3
        assert_output_has ': write: '
        assert_no_leftovers
        assert_missing a/epoch-0003.safetensors
    done
    train -q epochs=4
    assert_same_run "$FOUR" a
}

# --- Descriptors, memory, processor time

@test "a run that lacks descriptors ends with 71, and is whole with them" {
    local count status
    for count in {13..18}; do
        rm -rf a
        status=0
        limited "-n $count" rote-train -q -r a data="$DATA" model="$MODEL" samples=200 val=100 epochs=2 >messages || status=$?
        [[ $status == 0 || $status == 71 ]] || { echo "$count: $status" && cat messages && false; }
        the_same_afterwards
    done
}

@test "a run that lacks processes ends with 71" {
    expect_no_processes "$ROOT/pipelines/train.sh" -r a
    assert_error 'Cannot fork'
}

@test "a program that lacks memory ends with 71, publishes nothing, and does its work with it" {
    local size status
    skip_sanitized
    for size in 4000 8000 12000 30000 60000; do
        for line in "nn-init -o new $MODEL" "nn-train-epoch -q -t 2 -o new $CKPT $DATA/train" "nn-eval -t 2 $DATA/test $CKPT" \
            "idx-info $DATA/train" "ckpt-verify $CKPT" "ckpt-release -o new $CKPT"; do
            rm -f new
            status=0
            # shellcheck disable=SC2086 # its words
            limited "-v $size" $line >messages || status=$?
            case $status in
            0) ;;
            71) [ "$(wc -l <messages)" -eq 1 ] && assert_missing new ;;
            127) grep -q 'error while loading shared libraries' messages ;; # before it was there
            *) echo "$size: $line: $status" && cat messages && false ;;
            esac
            assert_no_leftovers
        done
    done
}

@test "a run that lacks memory ends with 71, and is whole with it" {
    local size
    skip_sanitized
    for size in 4000 8000 12000; do
        run -71 limited "-v $size" rote-train -r a data="$DATA" model="$MODEL" samples=200 val=100 epochs=2
        the_same_afterwards
        rm -r a
    done
}

@test "a program that the system cannot load is a lack of memory, 71, and not an error of rote's" {
    own_programs
    put_program nn-eval <<'END'
exit 127
END
    run -71 train epochs=2
    assert_error 'rote-train: nn-eval: it could not be started'
    real_programs
    the_same_afterwards
}

@test "the soft limit on processor time stops training as a signal does, with a partial" {
    cp "$CKPT" zero
    run -75 limited '-St 1' nn-train-epoch -d ref -t 1 -e 9999 -o out zero "$DATA/train"
    assert_output_has 'out.part: stopped after batch '
    ckpt-verify zero out.part
}

# --- Standard descriptors

@test "stderr that is closed or full is no matter, nor, for what trains, is one that nobody reads" {
    local to
    nn-train-epoch -o right "$CKPT" "$DATA/train" 2>/dev/null
    nn-eval "$DATA/test" "$CKPT" >right.tsv
    for to in '>&-' '>/dev/full' '> >(exec <&-)'; do
        bash -c "nn-train-epoch -v -o out '$CKPT' '$DATA/train' 2$to"
        assert_same right out
        rm out
    done
    for to in '>&-' '>/dev/full'; do
        bash -c "nn-eval -v '$DATA/test' '$CKPT' 2$to" >out.tsv
        assert_same right.tsv out.tsv
        run -66 bash -c "ckpt-info nowhere 2$to"
    done
}

@test "for a run, standard descriptors that are closed, full or read by nobody are no matter" {
    local to
    for to in '2>&-' '2>/dev/full' '2>&1 >/dev/full' '<&- >&- 2>&-' '2> >(exec <&-)' '<&-' '>&-'; do
        bash -c "rote-train -v -r a data='$DATA' model='$MODEL' samples=200 val=100 epochs=2 $to" 3>&-
        assert_same_run "$TWO" a
        rm -r a
    done
}

@test "records from a stdin that is closed are an error, 74" {
    for line in 'ckpt-best -' ckpt-best 'ckpt-prune -l 1 --records -'; do
        run -74 bash -c "$line <&-"
        assert_output_has ': read: bad file descriptor'
    done
}

@test "a pipe that nobody reads ends a program as the shell expects, or is an error where its parent ignores that" {
    local program
    mkfifo go
    for program in $(every_program) rote-train; do
        { : <go && status_of "$program" -h >&3; } 3>&1 | { exec <&- && : >go; }
        [ "$(cat status)" -eq 141 ]
        { : <go && (trap '' PIPE && status_of "$program" -h >&3 2>message); } 3>&1 | { exec <&- && : >go; }
        [ "$(cat status)" -eq 74 ]
        grep "^$program: stdout: write: " message
    done
}

status_of() {
    local status=0
    "$@" || status=$?
    echo "$status" >status
}

# --- Clocks

@test "a time of day that jumps back and forth changes nothing, nor does the age of files" {
    skip_sanitized
    [ $(($(meddle MEDDLE_CLOCK=100000 date +%s) - $(date +%s))) -gt 90000 ]
    for seconds in 100000 -100000; do
        rm -rf a
        meddle MEDDLE_CLOCK="$seconds" rote-train -q -r a data="$DATA" model="$MODEL" samples=200 val=100 epochs=1 until=1000 partial-every=100 3>&-
        assert_missing a/epoch-0002.safetensors
        find a -type f -exec touch -d '2040-01-01' {} +
        rote-train -q -r a epochs=2 until= partial-every=0
        assert_same_run "$TWO" a
        find a -name '*[13579].*' -exec touch -d '1980-01-01' {} +
        state_of a >before
        rote-train -q -r a
        state_of a >after
        assert_same before after
    done
}

@test "seconds are counted by a clock that does not jump" {
    skip_sanitized
    meddle MEDDLE_CLOCK=100000 "$BUILD/tests/fault/inject" -c rename -o calls nn-train-epoch -q --partial-every 1000 -o out "$CKPT" "$DATA/train"
    [ "$(wc -l <calls)" -eq 1 ] # the checkpoint's, and no partial's
}

# --- Data that changes while it is read

# changed COMMAND PROGRAM ARGUMENT...: run it, and change data/train-images-idx3-ubyte by the COMMAND when it has read a part of that.
changed() {
    local command=$1
    shift
    rm -rf data
    cp -r "$DATA" data
    meddle MEDDLE_PROGRAM="$1" MEDDLE_FILE=/data/train-images-idx3-ubyte MEDDLE_COMMAND="cd '$PWD/data' && $command" "$@"
}

IN_PLACE="printf '\\001' | dd of=train-images-idx3-ubyte bs=1 seek=300000 conv=notrunc status=none"
ANOTHER="cp train-images-idx3-ubyte new && printf '\\001' | dd of=new bs=1 seek=300000 conv=notrunc status=none && mv new train-images-idx3-ubyte"

@test "data that becomes shorter or longer while it is read is an error, 74, and nothing is published" {
    skip_sanitized
    for change in 'truncate -s 1000 train-images-idx3-ubyte' 'truncate -s 0 train-images-idx3-ubyte' 'echo >>train-images-idx3-ubyte'; do
        for line in 'nn-train-epoch -o out zero data/train' 'nn-eval data/train zero' 'idx-info data/train' 'idx-split -S -o parts data/train a=rest b=9'; do
            cp "$CKPT" zero
            # shellcheck disable=SC2086 # its words
            run -74 --separate-stderr changed "$change" $line
            [ "$output" = '' ]
            assert_error 'data/train-images-idx3-ubyte: read: its size changed while it was read'
            assert_missing out
            assert_missing parts
        done
    done
}

@test "of data that is replaced or removed while it is read, what was opened is used" {
    skip_sanitized
    nn-train-epoch -q -o right "$CKPT" "$DATA/train"
    for change in "$ANOTHER" 'rm train-images-idx3-ubyte'; do
        changed "$change" nn-train-epoch -q -f -o out "$CKPT" data/train
        assert_same right out
    done
    run -65 changed true nn-train-epoch -o next right data/train@<(seq 9)
    changed "$ANOTHER" nn-train-epoch -q -o next right data/train
    run -65 nn-train-epoch -q -o third next data/train
    assert_error 'not the data that next was trained on'
    assert_missing third
}

@test "data that is overwritten while it is read is not what the checkpoint was trained on: 65" {
    skip_sanitized
    nn-train-epoch -q -o first "$CKPT" "$DATA/train"
    run -65 changed "$IN_PLACE" nn-train-epoch -q -o next first data/train
    assert_error 'data/train: train: not the data that first was trained on'
    assert_missing next
    assert_no_leftovers
}

@test "a run does not keep an epoch of data that was overwritten while it was read" {
    skip_sanitized
    own_programs
    put_program nn-train-epoch <<END
[ -e $PWD/old ] || exec env LD_PRELOAD=$MEDDLE MEDDLE_PROGRAM=nn-train-epoch MEDDLE_FILE=/data/train-images-idx3-ubyte \\
    MEDDLE_COMMAND='sh $PWD/overwrite' "\$real" "\$@"
exec "\$real" "\$@"
END
    cat >overwrite <<END
cd $PWD/data
cp train-images-idx3-ubyte ../old
head -c 400000 /dev/zero | dd of=train-images-idx3-ubyte bs=20000 seek=1 conv=notrunc status=none
END
    cp -r "$DATA" data
    run -65 rote-train -r a data=data model="$MODEL" samples=200 val=100 epochs=2
    assert_output_has "epoch-0001.safetensors: it was trained on other data than the run began with; moved aside"
    assert_output_has 'not the data that a began with'
    assert_missing a/epoch-0001.safetensors
    cp old data/train-images-idx3-ubyte
    rote-train -q -r a
    rm a/*.damaged
    train -q epochs=2 data="$DATA"
    assert_same_run "$TWO" a
}

# overwritten_for_nn_eval FILE [COMMAND]: it is, while nn-eval reads it for the first time; the command follows when that has ended.
overwritten_for_nn_eval() {
    own_programs
    put_program nn-eval <<END
[ ! -e $PWD/old ] || exec "\$real" "\$@"
env LD_PRELOAD=$MEDDLE MEDDLE_PROGRAM=nn-eval MEDDLE_FILE=/data/$1 MEDDLE_COMMAND='sh $PWD/overwrite' "\$real" "\$@" || exit
[ ! -e $PWD/old ] || ${2-true}
END
    cat >overwrite <<END
cd $PWD/data
cp $1 ../old
head -c 100000 /dev/zero | dd of=$1 bs=20000 seek=1 conv=notrunc status=none
END
    cp -r "$DATA" data
}

@test "a run does not keep an evaluation on data that was overwritten while it was read" {
    skip_sanitized
    for set in valid=train test=test; do
        file=${set#*=}-images-idx3-ubyte
        overwritten_for_nn_eval "$file"
        run -65 rote-train -r a data=data model="$MODEL" samples=200 val=100 epochs=2
        assert_output_has "a/epoch-0001.safetensors: evaluate: the set ${set%=*} was not the data that the run began with"
        assert_output_has 'data: train: not the data that a began with'
        [[ -e a/epoch-0001.safetensors ]]
        assert_missing a/epoch-0001.eval
        mv old "data/$file"
        real_programs
        rote-train -q -r a
        train -q epochs=2 data="$DATA"
        assert_same_run "$TWO" a
        rm -r a data
    done
}

@test "a run whose data was another one for a moment evaluates again, and goes on" {
    skip_sanitized
    overwritten_for_nn_eval test-images-idx3-ubyte "cp $PWD/old $PWD/data/test-images-idx3-ubyte"
    run -0 rote-train -r a data=data model="$MODEL" samples=200 val=100 epochs=2
    assert_output_has 'the set test was not the data that the run began with'
    train -q epochs=2 data="$DATA"
    assert_same_run "$TWO" a
}

@test "data that is another one at each evaluation ends the run, 65" {
    own_programs
    put_program nn-eval <<'END'
"$real" "$@" | sed 's/\t[0-9a-f]\{8\}/\t00000000/2'
END
    run -65 train epochs=1
    assert_error "$DATA: evaluate: it changes again and again while it is read"
    [[ $(grep -c 'the set valid was not' <<<"$output") == 3 ]]
    assert_missing a/epoch-0001.eval
    real_programs
    train epochs=2
    assert_same_run "$TWO" a
}

@test "a moment of other data in each epoch does not end the run" {
    own_programs
    put_program nn-eval <<END
for checkpoint; do :; done
[ ! -e "$PWD/\$checkpoint" ] || exec "\$real" "\$@"
true >"$PWD/\$checkpoint"
"\$real" "\$@" | sed 's/\t[0-9a-f]\{8\}/\t00000000/2'
END
    run -0 train epochs=4
    [[ $(grep -c 'the set valid was not' <<<"$output") == 4 ]]
    assert_same_run "$FOUR" a
}

@test "a checkpoint that becomes shorter while it is read is unreadable, not damaged" {
    skip_sanitized
    cp -a "$TWO" a
    # shellcheck disable=SC2031 # the directory is the test's
    run -74 meddle MEDDLE_PROGRAM=ckpt-verify MEDDLE_FILE=a/epoch-0001.safetensors MEDDLE_COMMAND='cp -p a/epoch-0001.safetensors kept && truncate -s 1000 a/epoch-0001.safetensors' \
        ckpt-verify a
    assert_output_has 'unreadable'
    cp -p kept a/epoch-0001.safetensors
    run -74 meddle MEDDLE_PROGRAM=ckpt-verify MEDDLE_FILE=a/epoch-0001.safetensors MEDDLE_COMMAND="truncate -s 1000 epoch-0001.safetensors" \
        rote-train -r a
    assert_output_has 'nothing is decided while it cannot be read'
    mv kept a/epoch-0001.safetensors
    the_same_afterwards
}
