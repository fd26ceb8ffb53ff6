# Signals: each program dies of those that end it, and leaves nothing; what trains stops with 75 and a partial, hears two as one, and a
# later one at once.

bats_require_minimum_version 1.5.0
load helpers
load train

export BATS_TEST_TIMEOUT=120 # for what waits for something that does not come

INJECT=$BUILD/tests/fault/inject

# number_of SIGNAL: what the shell adds to 128.
number_of() {
    kill -l "$1"
}

ENDS='ALRM HUP INT PIPE QUIT TERM USR1 USR2 XCPU'

# --- Programs

@test "a signal that comes before a file is published ends the program, and nothing is left" {
    local signal line
    cp "$CKPT" zero
    for signal in $ENDS; do
        for line in "nn-init -o out $MODEL" 'ckpt-release -o out zero' "idx-split -S -o parts $DATA/train a=9" \
            "idx-fetch -o out -c $(sha256sum zero | cut -d ' ' -f 1) file://$PWD/zero"; do
            # shellcheck disable=SC2086 # its words
            run "$INJECT" -c fsync -n 1 -a "signal=$signal" $line
            [ "$status" -eq $((128 + $(number_of "$signal"))) ] || { echo "$line: $signal: $status" && false; }
            assert_missing out
            rm -f .out.download # which a fetch goes on from
            [ "$(find . -type f ! -name zero)" = '' ]
        done
    done
}

@test "a signal that comes while a run is pruned ends the program, and another one finishes it" {
    local signal calls
    for signal in $ENDS; do
        for calls in fsync unlink; do
            rm -rf a b
            cp -a "$FOUR" a
            run "$INJECT" -c $calls -n 1 -a "signal=$signal" ckpt-prune -q -l 1 a
            [ "$status" -eq $((128 + $(number_of "$signal"))) ]
            assert_no_leftovers a
            ckpt-prune -q -l 1 a >/dev/null
            cp -a "$FOUR" b
            ckpt-prune -q -l 1 b >/dev/null
            assert_same_run b a
        done
    done
}

@test "a signal that comes while checkpoints or data are read ends the program" {
    local signal line
    for signal in TERM PIPE USR1; do
        for line in "ckpt-info $TWO" "ckpt-verify $TWO" "ckpt-best $TWO" "idx-info $DATA/train" "nn-eval $DATA/test $CKPT"; do
            # shellcheck disable=SC2086 # its words
            run "$INJECT" -c read -p "$TWO" -p "$DATA" -p "$CKPT" -n 1 -a "signal=$signal" $line
            [ "$status" -eq $((128 + $(number_of "$signal"))) ] || { echo "$line: $signal: $status" && false; }
            [ "$output" = '' ]
        done
    done
}

@test "signals that the parent ignores stay ignored" {
    (
        trap '' HUP INT USR1
        for signal in HUP INT USR1; do
            "$INJECT" -c fsync -n 1 -a "signal=$signal" nn-init -f -o out "$MODEL"
        done
        "$INJECT" -c fsync -n 1 -a signal=HUP nn-train-epoch -q -o next "$CKPT" "$DATA/train"
    )
    nn-init -o right "$MODEL"
    assert_same right out
    nn-train-epoch -q -f -o right "$CKPT" "$DATA/train"
    assert_same right next
}

# --- What trains

# A data set of pipes: who reads it waits until somebody writes.
make_stuck_data() {
    mkdir stuck
    mkfifo stuck/train-images-idx3-ubyte stuck/train-labels-idx1-ubyte
}

# signal_and_wait SIGNAL PROCESS: until it has taken the signal.
signal_and_wait() {
    kill -s "$1" "$2"
    while grep -q '^\(Sig\|Shd\)Pnd:.*[1-9a-f]' "/proc/$2/status"; do :; done 2>/dev/null
}

# What is called with USR2 ignored catches it only once it trains; but the shell that becomes it may catch it, too.
until_it_trains() { # PROCESS
    until grep -q '^Name:.nn-train-epoch$' "/proc/$1/status" && grep -q '^SigCgt:.*[89a-f]..$' "/proc/$1/status"; do :; done 2>/dev/null
}

@test "a second request, later than two seconds, ends training at once, with 75 and nothing left" {
    local status=0
    make_stuck_data
    LD_PRELOAD=$BUILD/tests/fault/meddle.so MEDDLE_MONOTONIC=3 env --ignore-signal=USR2 nn-train-epoch -o out "$CKPT" stuck/train &
    until_it_trains $!
    signal_and_wait TERM $!
    kill -0 $!
    signal_and_wait XCPU $!
    kill -0 $!
    kill -TERM $!
    wait $! || status=$?
    [ "$status" -eq 75 ]
    assert_missing out
    assert_missing out.part
    assert_no_leftovers
}

@test "a second request that comes while a partial is written leaves nothing of it" {
    run -75 env LD_PRELOAD="$BUILD/tests/fault/meddle.so" MEDDLE_MONOTONIC=3 MEDDLE_PROGRAM=nn-train-epoch \
        MEDDLE_FILE=/train-images-idx3-ubyte MEDDLE_COMMAND='kill -TERM $PPID' \
        "$INJECT" -c fsync -n 1 -a signal=TERM nn-train-epoch -o out "$CKPT" "$DATA/train"
    [ "$output" = '' ]
    assert_missing out.part
    assert_no_leftovers
}

@test "a second request to a run ends it at once, too, and the same line goes on" {
    local status=0 child
    make_stuck_data
    own_programs
    put_program nn-train-epoch <<END
export LD_PRELOAD=$BUILD/tests/fault/meddle.so MEDDLE_MONOTONIC=3
exec env --ignore-signal=USR2 "\$real" -o out "$CKPT" $PWD/stuck/train
END
    rote-train -v -r a data="$DATA" model="$MODEL" samples=200 val=100 epochs=2 2>messages 3>&- &
    until child=$(pgrep -P $! -f /stuck/train) && [ -n "$child" ]; do :; done
    until_it_trains "$child"
    kill -TERM $!
    while ! grep -q 'stopped' messages && kill -TERM $! 2>/dev/null; do sleep 0.01; done
    wait $! || status=$?
    [ "$status" -eq 75 ]
    grep -q 'rote-train: stopped by a signal; the same line again goes on' messages
    real_programs
    train epochs=2
    assert_same_run "$TWO" a
}

# In a process group of its own, of which the program that trains sends the whole group a signal when it has kept a partial.
signal_group() { # SIGNAL
    put_program nn-train-epoch <<END
[ ! -e ../told ] || exec "\$real" "\$@"
: >../told
trap '' $1
{
    until [ -e epoch-0002.safetensors.part ]; do sleep 0.01; done
    kill -s $1 0
} &
exec "\$real" --partial-every 0.000001 "\$@"
END
}

@test "a signal to the whole process group, which the one that trains hears twice, stops it once: 75 and a partial" {
    local signal status
    train -r b train.batch=1 epochs=2
    own_programs
    for signal in TERM INT HUP QUIT USR1 XCPU; do
        rm -rf a told
        train train.batch=1 epochs=1
        signal_group $signal
        status=0
        setsid -w rote-train -v -r a epochs=2 >messages 2>&1 3>&- || status=$?
        [ "$status" -eq 75 ] || { echo $signal && cat messages && false; }
        grep -q 'epoch-0002.safetensors.part: stopped after batch ' messages
        assert_missing a/epoch-0002.safetensors
        assert_no_leftovers a
        run -0 train epochs=2
        assert_output_has 'on from where it was stopped'
        assert_same_run b a
        ln -sf "$BUILD/bin/nn-train-epoch" programs
    done
}

@test "USR2 and PIPE to the whole process group do a run no harm, whatever is at work" {
    local program
    own_programs
    for program in nn-init idx-split nn-eval ckpt-info ckpt-verify idx-info; do
        put_program $program <<'END'
kill -USR2 0
kill -PIPE 0
exec "$real" "$@"
END
    done
    setsid -w rote-train -q -r a data="$DATA" model="$MODEL" samples=200 val=100 epochs=2 3>&-
    assert_same_run "$TWO" a
}

@test "a program of a run that a signal ends alone is worth another try" {
    local signal
    for signal in KILL XCPU; do
        own_programs
        put_program nn-eval <<END
kill -$signal \$\$
END
        run -75 train epochs=2
        assert_error "nn-eval: it was ended by signal $(number_of $signal); the same line again goes on"
        rm -r programs
    done
    own_programs
    mkdir bin
    printf '#!/bin/sh\n[ "$1" != -f ] || kill -KILL $$\nexec %s "$@"\n' "$(command -v awk)" >bin/awk
    chmod +x bin/awk
    PATH=$PWD/bin:$PATH run -75 train epochs=2
    assert_error 'rote-train: a program was ended by signal 9; the same line again goes on'
    real_programs
    train epochs=2
    assert_same_run "$TWO" a
}

@test "HUP stops what trains, with a partial, unless nohup says otherwise" {
    cp "$CKPT" zero
    nn-train-epoch -q -e 12 -o whole zero "$DATA/train"
    run -75 "$INJECT" -c fsync -n 1 -a signal=HUP nn-train-epoch --partial-every 0.000001 -e 12 -o out zero "$DATA/train"
    assert_output_has 'out.part: stopped after batch '
    nohup "$INJECT" -c fsync -n 1 -a signal=HUP nn-train-epoch -q --partial-every 0.000001 -e 12 -o out zero "$DATA/train"
    assert_same whole out
}
