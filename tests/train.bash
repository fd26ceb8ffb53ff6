# For the suites of rote-train, as `load train` after `load helpers`: small runs, and what to compare of them. $TWO and $FOUR are runs of
# two and of four epochs; copy what a test will change.

# Options come after those of the fixture run, and may name another directory.
train() { # OPTION|KEY=VALUE...
    rote-train -v -r a data="$DATA" model="$MODEL" samples=200 val=100 "$@" 3>&-
}

# Every file but the log and the lock has the same name and bytes in both runs.
assert_same_run() { # A B
    diff -r -x log -x lock "$1" "$2"
}

state_of() { # DIRECTORY
    (cd "$1" && find . -type f -exec stat -c '%n %i %y' {} + -exec b2sum {} + | sort)
}

# The programs, for a test that puts one of its own in place of another.
own_programs() {
    mkdir programs
    ln -s "$BUILD"/bin/* programs
    export ROTE_BIN=$PWD/programs
}

real_programs() {
    rm -r programs
    export ROTE_BIN=$BUILD/bin
}

# put_program NAME: the script on stdin comes before the real one, which it may exec as "$real".
put_program() {
    rm "programs/$1"
    {
        printf '#!/bin/sh\nreal=%s/bin/%s\n' "$BUILD" "$1"
        # shellcheck disable=SC2016 # for the program to expand: the rehearsal of a run is the real one's
        [ "$1" != nn-train-epoch ] || echo '[ "$1" != -n ] || exec "$real" "$@"'
        cat
    } >"programs/$1"
    chmod +x "programs/$1"
}

setup_file() {
    cd "$BATS_FILE_TMPDIR" || return
    train -r two epochs=2 && train -r four epochs=4
}

setup() {
    cd "$BATS_TEST_TMPDIR" || return
    export TWO=$BATS_FILE_TMPDIR/two FOUR=$BATS_FILE_TMPDIR/four
}

# expect_no_processes SCRIPT [ARGUMENT...]: where it can make none it ends with 71.
expect_no_processes() {
    local nobody=()
    [ "$(id -u)" -ne 0 ] || nobody=(setpriv --reuid 65534 --clear-groups) # for root there is no limit
    "${nobody[@]}" test -r "$1" || skip 'the tree is not readable for everybody'
    # shellcheck disable=SC2016 # for the inner shell
    run -71 "${nobody[@]}" bash -c 'ulimit -u 1 && exec sh "$@"' sh "$@"
}

flip_a_bit() { # FILE
    printf '\001' | dd of="$1" bs=1 seek=70000 conv=notrunc status=none
}
