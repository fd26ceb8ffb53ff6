# rote-drill: on a file system that is as it should be the promise holds; one that tears, mixes up or loses is found out, by the part
# that it breaks. What a bad file system does is done here by programs that come before the real ones.

bats_require_minimum_version 1.5.0
load helpers
load train

setup_file() {
    cd "$BATS_FILE_TMPDIR" || return
    mkdir good
    : >good/other
    drill -s 2 good >records 2>messages || echo "status $?" >>messages
}

setup() {
    cd "$BATS_TEST_TMPDIR" || return
    mkdir here
    GOOD=$BATS_FILE_TMPDIR
}

drill() { # OPTION|OPERAND...
    "$ROOT/pipelines/drill.sh" --kills 1 "$@" 3>&-
}

# fake NAME: the script on stdin comes before the program of the system, which is "$real".
fake() {
    mkdir -p fakes
    {
        printf '#!/bin/sh\nreal=%s\n' "$(command -v "$1")"
        cat
    } >"fakes/$1"
    chmod +x "fakes/$1"
    PATH=$PWD/fakes:$PATH
}

# Nothing of the drill is in `here`, nor a process that works there; one that was killed may take a moment.
assert_gone() {
    local tries
    [ -z "$(ls -A here)" ]
    for ((tries = 0; tries < 1000; tries++)); do
        readlink /proc/[0-9]*/cwd | grep -qF "$PWD/here/" || return 0
        sleep 0.01
    done
    return 1
}

# drill_until TEXT SIGNAL OPTION...: the drill in `here` gets the signal once it has said TEXT; sets $line to the last that it says.
drill_until() {
    local text=$1 signal=$2 drill status=0
    shift 2
    [ -p messages ] || mkfifo messages
    setsid env --default-signal=INT,QUIT "$ROOT/pipelines/drill.sh" -v "$@" here 2>messages >records 3>&- &
    drill=$!
    exec 5<messages
    line=''
    until [[ $line == *"$text"* ]]; do read -r line <&5; done
    kill -s "$signal" "$drill"
    while read -r text <&5; do line=$text; done
    exec 5<&-
    wait "$drill" || status=$?
    [ "$status" = 75 ]
}

# The last `run` has a record of this part and state.
assert_state() { # PART STATE
    grep -q "^$1	$2	" <<<"$output" && return
    printf 'no %s %s in:\n%s\n' "$1" "$2" "$output"
    return 1
}

@test "where all is well every part is tried, and the promise holds" {
    awk -F '\t' '
        $2 == "held" { held = held " " $1; if ($3 != $4 || $3 < 1) exit 1 }
        $2 ~ /missing|failed/ { exit 1 }
        END { if (held !~ /^ kills signals two-runs one-name replacing moving file-limit/) exit 1 }' "$GOOD/records"
    grep -qx '#part	state	tried	held	struck	note' "$GOOD/records"
    [ ! -s "$GOOD/messages" ]
}

@test "it tells in how many trials the trouble really came" {
    awk -F '\t' '
        NR > 1 && ($5 < 0 || $5 > $3) { exit 1 }
        $1 ~ /^(two-runs|one-name|file-limit)$/ && $5 != $3 { exit 1 }' "$GOOD/records"
}

@test "nothing of it stays, and nothing else is touched" {
    [ "$(ls -A "$GOOD/good")" = other ]
}

@test "what may not be tried is left out, and it says why" {
    fake unshare <<<'exit 1'
    run -0 drill --only full-disk here
    assert_state full-disk left-out
    assert_output_has 'nothing may be mounted; file-limit stands in for it'
}

@test "a directory in which nothing can be made is refused with 73" {
    run -73 drill nowhere
    assert_error 'drill.sh: nowhere: create: no directory could be made in it'
}

@test "a wrong command line is refused with 64" {
    run -64 drill
    assert_error "the directory is missing; 'drill.sh -h' prints how it is used"
    run -64 drill here here
    assert_error 'here: one directory at a time'
    run -64 drill --kills 0 here
    assert_error '--kills 0: at least one run is killed'
    run -64 drill -s -1 here
    assert_error '-s -1: not a whole number up to 999999999'
    run -64 drill --only nothing here
    assert_error '--only nothing: no such part'
    run -64 drill here -s
    assert_error '-s: it needs an argument'
    run -64 drill -Z here
    assert_error '-Z: no such option'
}

@test "short options may stand together, and an argument right behind its own" {
    run -0 --separate-stderr drill -qvh
    assert_output_has 'usage: drill.sh [-qv]'
    run -0 --separate-stderr drill -qV
    [[ $output =~ ^drill\.sh\ \(rote\)\ [0-9.]+$ ]]
    run -64 --separate-stderr drill -vZq here
    assert_error '-Zq: no such option'
    run -64 --separate-stderr drill -qs-1 here
    assert_error '-s -1: not a whole number up to 999999999'
    run -73 drill -qvs3 nowhere
}

@test "help and version are printed" {
    run -0 --separate-stderr drill -h
    assert_output_has 'usage: drill.sh [-qv]'
    run -0 --separate-stderr drill -V
    [[ $output =~ ^drill\.sh\ \(rote\)\ [0-9.]+$ ]]
}

@test "records that do not arrive are an error, 74, and nothing stays" {
    run -74 bash -c "'$ROOT/pipelines/drill.sh' here >/dev/full"
    [ -z "$(ls -A here)" ]
}

@test "a signal ends it with 75, and every process and file of it goes" {
    drill_until ': kills: ' TERM
    [[ $line == *'stopped by a signal' ]]
    assert_gone
    drill_until ': two-runs: ' HUP --only two-runs
    assert_gone
    drill_until ': one-name: ' INT --only one-name
    assert_gone
    drill_until ': replacing: ' QUIT --only replacing
    assert_gone
}

@test "a signal while it cleans up does not keep it from that" {
    fake chmod <<'END'
[ "$1" != -R ] || kill -s TERM "$PPID"
exec "$real" "$@"
END
    run -0 drill --only moving here
    assert_gone
}

@test "what cannot be removed at first, as on NFS while a process ends, is removed a moment later" {
    fake rm <<'END'
for last; do :; done
[ -e tried ] || [ "${last##*/}" = moving-1 ] || { : >tried; exit 1; }
exec "$real" "$@"
END
    run -0 drill --only moving here
    assert_gone
}

@test "it works with stderr closed" {
    run -0 bash -c "'$ROOT/pipelines/drill.sh' --kills 1 --only moving here 2>&-"
    assert_state moving held
}

@test "where the system lacks processes it ends with 71" {
    expect_no_processes "$ROOT/pipelines/drill.sh" here
    assert_error 'drill.sh: the system lacks memory, descriptors or processes'
}

@test "where the undisturbed training is killed or crashes the status is 75 or 70" {
    own_programs
    put_program nn-eval <<<'kill -s KILL "$PPID"'
    run -75 drill here
    assert_error 'train.sh: it was ended by signal 9'
    assert_gone
    put_program nn-eval <<<'kill -s SEGV $$'
    run -70 drill here
    assert_error 'it fails undisturbed: train.sh: nn-eval: it ended with status 139'
    assert_gone
}

@test "a directory whose name begins with a dash or has a space will do" {
    mkdir -- '-a directory'
    run -0 drill --only moving -- '-a directory'
    [ -z "$(ls -A -- '-a directory')" ]
}

@test "installed it works with cron's PATH" {
    make -s -o all -C "$ROOT" install DESTDIR="$PWD/root" PREFIX=/usr BUILD="$BUILD"
    env -i PATH=/usr/bin:/bin root/usr/bin/rote-drill --kills 1 --only moving here
}

@test "locks that keep nobody out are found out" {
    fake flock <<'END'
while :; do case $1 in -n) shift ;; -w) shift 2 ;; *) break ;; esac; done
[ $# -eq 1 ] || { shift && exec "$@"; }
END
    run -1 drill --only two-runs here
    assert_state flock missing
    assert_state two-runs failed
}

@test "a rename that copies is found out, and what differs stays to be looked at" {
    fake mv <<'END'
[ "$1" = -fT ] || exec "$real" "$@"
head -c 5 "$2" >"$3" && cat "$2" >"$3" && rm "$2"
END
    run -1 --separate-stderr drill --only replacing here
    assert_state replacing failed
    assert_error 'the promise does not hold here; here/rote-drill.'
    cd here/rote-drill.*
    [ -e replacing-1/messages ] && [ -e untouched/log ]
}

@test "who replaces and is killed, or cannot replace, is found out, and nobody waits for ever" {
    fake mv <<'END'
case $2 in replacing-*) kill -s KILL "$PPID" ;; esac
exec "$real" "$@"
END
    run -1 timeout 60 "$ROOT/pipelines/drill.sh" --kills 1 --only replacing here
    assert_error 'a process ended with status 137'
    rm -r here/* fakes
    fake mv <<'END'
case $2 in replacing-*) exit 1 ;; esac
exec "$real" "$@"
END
    run -1 timeout 60 "$ROOT/pipelines/drill.sh" --kills 1 --only replacing here
    assert_error 'a process ended with status 1'
    rm -r here/*
    assert_gone
}

@test "a training that hangs is killed, and found out" {
    own_programs
    fake sleep <<'END'
[ "$1" != 600 ] || [ ! -e moving-1/moved ] || set -- 1
exec "$real" "$@"
END
    put_program nn-eval <<'END'
case $PWD in */moved) exec sleep 1000 ;; esac
exec "$real" "$@"
END
    run -1 drill --only moving here
    assert_error 'a process had not ended after 600 seconds'
    rm -r here/*
    assert_gone
}

@test "a file system that cannot sync is one on which rote does not work" {
    fake sync <<<'exit 1'
    run ! drill here
    assert_state fsync missing
    assert_error 'train: it fails undisturbed: '
    [ -z "$(ls -A here)" ]
}

@test "a checkpoint that is written under its own name is found out by a kill" {
    own_programs
    put_program nn-train-epoch <<'END'
while [ "$1" != -o ]; do options="$options $1" && shift; done
"$real" $options -o new "$3" "$4" || exit
head -c 1000 new >"$2" && sleep 0.2 && cat new >"$2" && rm new
END
    run -1 drill --kills 4 --only kills here
    assert_state kills failed
}

@test "a name that several writers have for theirs is found out" {
    own_programs
    put_program nn-init <<'END'
case "$*" in */same*) "$real" "$1" "$2" -o - "$5" >"$4" ;; *) exec "$real" "$@" ;; esac
END
    run -1 drill --only one-name here
    assert_state one-name failed
    assert_error 'it was published by 1 2 3'
}

@test "bytes that are other ones each time are found out" {
    own_programs
    put_program nn-eval <<<'"$real" "$@" && echo "# $$"'
    run -1 drill --only moving here
    assert_state moving failed
    assert_error '.eval differ'
}

@test "a training that goes wrong after a full disk is found out" {
    unshare -rm true 2>/dev/null || skip 'no namespace of our own is permitted'
    own_programs
    put_program nn-train-epoch <<'END'
"$real" "$@" && exit
[ $? -ne 74 ] || kill -s QUIT $$
END
    run -1 drill --kills 10 --only full-disk here
    assert_state full-disk failed
}

@test "a run that is written though it is read-only is found out" {
    fake setsid <<'END'
[ ! -e read-only-1/before ] || { chmod u+w read-only-1/run && : >read-only-1/run/written; }
exec "$real" "$@"
END
    run -1 drill --only read-only here
    assert_state read-only failed
    assert_error 'written'
}
