# Two at once: writers of one file, of one run, and of a run that is pruned, moved, copied or made read-only meanwhile.

bats_require_minimum_version 1.5.0
load helpers
load train

INJECT=$BUILD/tests/fault/inject

# status_of COMMAND...: in the background, with its status in the file that is named first.
status_to() { # FILE COMMAND...
    local file=$1 status=0
    shift
    "$@" 3>&- || status=$?
    echo "$status" >"$file"
}

# both COMMAND...: start it twice at once, and set $first and $second to what they ended with, the smaller one first.
both() {
    status_to first "$@" 2>first.err &
    status_to second "$@" 2>second.err &
    wait
    { read -r first && read -r second; } < <(sort -n first second)
}

one_began() { # RUN
    [ "$(grep -c 'rote-train: \(begins\|goes on;\)' "$1/log")" -eq "$2" ]
}

# stopped_at CALL COMMAND...: start it in the background, stop it before its first such call, and set $holder to its process.
stopped_at() {
    local calls=$1
    shift
    "$INJECT" -c "$calls" -n 1 -a signal=STOP "$@" 2>holder.err 3>&- &
    injecting=$!
    until holder=$(pgrep -P "$injecting") && grep -q '^State:.T' "/proc/$holder/status"; do sleep 0.01; done 2>/dev/null
}

# --- One output name

@test "of 50 writers of one name exactly one publishes, and the file is whole" {
    local n won
    for n in {1..50}; do
        nn-init -s "$n" -o "$n.safetensors" "$MODEL" &
    done
    wait
    for n in {1..50}; do
        status_to "$n.status" nn-init -s "$n" -o out "$MODEL" 2>>messages &
    done
    wait
    [ "$(cat ./*.status | sort | uniq -c | tr -s ' \n' ' ')" = ' 1 0 49 73 ' ]
    [ "$(grep -c 'out: create: it exists; -f replaces it' messages)" -eq 49 ]
    won=$(grep -lx 0 ./*.status)
    assert_same out "${won%.status}.safetensors"
    assert_no_leftovers
    for n in {1..50}; do
        status_to "$n.status" nn-init -f -s "$n" -o out "$MODEL" &
    done
    wait
    [ "$(cat ./*.status | sort -u)" = 0 ]
    for n in {1..50}; do
        cmp -s out "$n.safetensors" && break
    done
    assert_same out "$n.safetensors"
    assert_no_leftovers
}

@test "where every name for a temporary file is taken, nothing is written, and the output is refused" {
    mkdir out
    run -73 "$INJECT" -p "$PWD/out" -c openat -n 1 -r -a EEXIST nn-init -q -o out/new "$MODEL"
    assert_error 'nn-init: out/new: create: no temporary file could be made beside it'
    [ -z "$(ls -A out)" ]
}

@test "what a living writer has begun is left alone by another one, and published or refused in its turn" {
    stopped_at fsync nn-init -s 1 -o out "$MODEL"
    nn-init -s 2 -o out "$MODEL"
    [ "$(find . -name '.out.*.tmp' | wc -l)" -eq 1 ]
    cp out second
    kill -CONT "$holder"
    wait "$injecting" || [ $? = 73 ]
    grep 'out: create: it exists; -f replaces it' holder.err
    assert_same out second
    assert_no_leftovers
    stopped_at fsync nn-init -f -s 1 -o out "$MODEL"
    nn-init -f -s 3 -o out "$MODEL"
    kill -CONT "$holder"
    wait "$injecting"
    nn-init -s 1 -o first "$MODEL"
    assert_same out first
    assert_no_leftovers
}

@test "what somebody writes in a run by hand is left alone by rote-train" {
    cp -a "$TWO" a
    stopped_at fsync nn-init -o a/other "$MODEL"
    train epochs=3
    kill -CONT "$holder"
    wait "$injecting"
    nn-init -o other "$MODEL"
    assert_same a/other other
    assert_same a/epoch-0003.safetensors "$FOUR/epoch-0003.safetensors"
}

@test "hidden files of others, whatever they end in, are left alone in a run" {
    cp -a "$TWO" a
    touch a/.notes.tmp a/.epoch-0002.safetensors.abcdef.tmp
    train
    [ -e a/.notes.tmp ]
    assert_missing a/.epoch-0002.safetensors.abcdef.tmp
}

# --- One run

@test "of two that go on with a run at once one works, and the other fails, skips or waits" {
    local round lock expected
    for round in {1..20}; do
        case $((round % 3)) in
        0) lock=fail expected=75 ;;
        1) lock=skip expected=0 ;;
        2) lock=wait:60 expected=0 ;;
        esac
        rm -rf a
        cp -a "$TWO" a
        : >a/log
        both rote-train -q -r a epochs=3 "lock=$lock"
        [ "$first" -eq 0 ]
        [ "$second" -eq "$expected" ] || [ "$second" -eq 0 ] # it may have come when the first had ended
        one_began a 1
        assert_same "$FOUR/epoch-0003.safetensors" a/epoch-0003.safetensors
        cp "$TWO/run.conf" a
        train -n epochs=4 >/dev/null
    done
    train -r a epochs=4
    assert_same_run "$FOUR" a
}

@test "of two that make the same run at once one makes it, and the other fails, skips or waits" {
    local lock
    for lock in fail skip wait:60 fail skip wait:60; do
        rm -rf a
        both train -q epochs=2 "lock=$lock"
        [ "$first" -eq 0 ]
        case $lock,$second in *,0 | fail,75) ;; *) cat ./*.err && false ;; esac
        one_began a 1
        assert_same_run "$TWO" a
    done
}

@test "of two that make different runs in one directory one makes its own, and the other says so" {
    status_to first train -q epochs=2 seed=1 lock=wait:60 &
    status_to second train -q epochs=2 seed=2 lock=wait:60 2>second.err &
    wait
    train -r other -q epochs=2 seed=2
    case $(cat first second | tr '\n' ' ') in
    '0 65 ') assert_same_run "$TWO" a ;;
    '65 0 ') assert_same_run other a ;;
    *) cat first second second.err && false ;;
    esac
}

@test "who was killed with its child leaves no lock" {
    own_programs
    mkfifo begun
    put_program nn-train-epoch <<'END'
: >../begun
exec sleep 60
END
    setsid rote-train -q -r a data="$DATA" model="$MODEL" samples=200 val=100 epochs=2 3>&- &
    : <begun
    kill -KILL -- "-$!"
    wait $! || :
    real_programs
    train epochs=2 lock=fail
    assert_same_run "$TWO" a
}

# --- Prune

@test "ckpt-prune by hand while a run is trained takes nothing that it needs" {
    local trained status
    train epochs=4 -r a -q &
    trained=$!
    while kill -0 $trained 2>/dev/null; do
        status=0
        ckpt-prune -q -l 1 a >/dev/null 2>&1 || status=$?
        case $status in 0 | 65 | 66 | 74 | 75) ;; *) false ;; esac
    done
    wait $trained
    assert_same "$FOUR/epoch-0004.safetensors" a/epoch-0004.safetensors
    assert_same "$FOUR/metrics.tsv" a/metrics.tsv
    train epochs=4
    ckpt-verify a
    ckpt-prune -q -l 1 a
    cp -a "$FOUR" b
    ckpt-prune -q -l 1 b
    rm a/pruned.tsv b/pruned.tsv # the order of the tombstones is that of the deaths
    assert_same_run a b
}

@test "a run that prunes waits for somebody who prunes by hand" {
    mkfifo locked go
    cp -a "$TWO" a
    flock a sh -c ': >locked; : <go' 3>&- &
    : <locked
    rote-train -q -r a keep='-l 1' epochs=3 3>&- &
    until pgrep -P $! -x flock >/dev/null; do sleep 0.01; done
    [ -e a/epoch-0000.safetensors ]
    : >go
    wait $!
    assert_missing a/epoch-0000.safetensors
    [ -e a/epoch-0003.safetensors ]
}

@test "of many that prune at once each is done or told to come again, and what stays is what one leaves" {
    local n
    cp -a "$FOUR" a
    cp -a "$FOUR" b
    for n in {1..10}; do
        status_to "$n.status" ckpt-prune -q -l 1 a >/dev/null 2>&1 &
    done
    wait
    run sort -u ./*.status
    [[ $output == 0 || $output == $'0\n75' ]]
    ckpt-prune -q -l 1 b
    assert_same_run a b
    assert_no_leftovers a
}

# --- Where a run is

# A program that, in epoch 3, says so and waits until it is let.
wait_in_epoch_3() {
    own_programs
    mkfifo begun go
    put_program nn-train-epoch <<END
case "\$*" in *"-o epoch-0003"*) : >$PWD/begun && : <$PWD/go ;; esac
exec "\$real" "\$@"
END
}

@test "a run that is moved while it is trained is trained where it is then" {
    cp -a "$TWO" a
    wait_in_epoch_3
    rote-train -q -r a epochs=4 3>&- &
    : <begun
    mkdir elsewhere
    mv a elsewhere/b
    : >go
    wait $!
    assert_same_run "$FOUR" elsewhere/b
    assert_missing a
}

@test "a copy of a run, made while it is trained or later, goes on by itself" {
    cp -a "$TWO" a
    wait_in_epoch_3
    rote-train -q -r a epochs=4 3>&- &
    : <begun
    cp -a a b
    : >go
    wait $!
    real_programs
    rote-train -q -r b epochs=4
    assert_same_run "$FOUR" a
    assert_same_run "$FOUR" b
    cp -a a c
    mv a elsewhere
    rote-train -q -r c
    assert_same_run "$FOUR" c
}

@test "a link to a run is as good as the run, also when it is changed meanwhile" {
    cp -a "$TWO" a
    cp -a "$TWO" b
    ln -s a link
    wait_in_epoch_3
    rote-train -q -r link epochs=4 3>&- &
    : <begun
    ln -sfn b link
    : >go
    wait $!
    assert_same_run "$FOUR" a
    assert_same_run "$TWO" b
}

# in_mounts SCRIPT: a shell in which file systems may be mounted that nobody else sees.
in_mounts() {
    unshare -rm true 2>/dev/null || skip 'no mounts of our own are allowed here'
    unshare -rm bash -euc "$1" bash "${@:2}"
}

@test "a run that cannot be written is refused, and loses nothing" {
    cp -a "$TWO" a
    state_of a >before
    # shellcheck disable=SC2016 # for the inner shell
    in_mounts '
        mount --bind a a && mount -o remount,ro,bind a
        status=0
        rote-train -r a epochs=4 2>message || status=$?
        [ "$status $(cat message)" = "73 rote-train: a/lock: create: read-only file system" ]
        status=0
        ckpt-prune -q -l 1 a >/dev/null 2>message || status=$?
        grep -q "^ckpt-prune: a/pruned.tsv: create: read-only file system$" message
        [ "$status" -eq 73 ]
        rote-train -r a --hold 2>message || status=$?
        grep -q "a/hold: create: read-only file system" message
        rote-train -n -r a epochs=3 | grep -q "epoch-0003.safetensors: trained from epoch-0002.safetensors"
        ckpt-verify -q a
        ckpt-best a'
    state_of a >after
    assert_same before after
    train epochs=4
    assert_same_run "$FOUR" a
}

@test "a run on a tmpfs has the bytes of any other" {
    mkdir a
    # shellcheck disable=SC2016 # for the inner shell
    in_mounts '
        mount -t tmpfs none a
        rote-train -q -r a/a data="$DATA" model="$MODEL" samples=200 val=100 epochs=2
        diff -r -x log -x lock "$TWO" a/a'
}

@test "a run may have any name" {
    local name
    for name in $'two\nlines' -r '-- x' 'a b' "it's" '"' '*' '[a]' 'a$(touch bad)' '\n' '~'; do
        train -q -r "$name" epochs=1
        rote-train -q -r "$name" epochs=2
        rote-train -n -r "$name" >/dev/null
        assert_same_run "$TWO" "./$name"
        (cd -- "$name" && ckpt-verify -q .)
        ckpt-prune -q -l 1 -- "$name" >/dev/null
        rote-train -q -r "$name"
        assert_missing "./$name/epoch-0000.safetensors"
    done
    assert_missing bad
}
