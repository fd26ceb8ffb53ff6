# The examples of contrib for cron, logrotate and systemd: cron hears of real errors alone, rotation loses no line, and the units are sound.

bats_require_minimum_version 1.5.0
load helpers
load train

# by_cron PATTERN: the line of the crontab that has it, run as cron does, with this directory as HOME. It is to begin with `run`.
by_cron() {
    local line
    line=$(grep "^[^#].*$1" "$ROOT/contrib/cron/crontab" | sed "s/^[^ ]* [^ ]* [^ ]* [^ ]* [^ ]* *//; s|/usr/local/bin/rote-train|$ROOT/pipelines/train.sh|
        s|/usr/local/bin/|$BUILD/bin/|; s/until=06:30/until=${UNTIL-06:30}/")
    [ "$(wc -l <<<"$line")" -eq 1 ] || return
    env -i HOME="$PWD" PATH=/usr/bin:/bin LOGNAME=rote ROTE_BIN="$BUILD/bin" sh -c "$line" 3>&- </dev/null
}

# Settings of a run for the crontab.
set_up() { # NAME [SETTING...]
    local name=$1
    shift
    mkdir -p runs
    printf '%s\n' data="$DATA" model="$MODEL" samples=200 val=100 "$@" >"runs/$name.conf"
}

assert_silent() {
    [ -z "$output" ] || printf 'cron would mail:\n%s\n' "$output"
    [ -z "$output" ]
}

@test "crontab finds nothing wrong with the lines for cron" {
    command -v crontab >/dev/null || skip 'there is no crontab here'
    : >empty
    crontab -n empty || skip 'this crontab cannot only look'
    crontab -n "$ROOT/contrib/cron/crontab"
}

@test "cron trains without a word, and the next time finds all done" {
    set_up big epochs=2
    run -0 by_cron 'big until'
    assert_silent
    assert_same runs/big/metrics.tsv "$TWO/metrics.tsv"
    state_of runs/big >before
    run -0 by_cron 'big until'
    assert_silent
    state_of runs/big | diff before -
}

@test "a run that somebody else works on is left to them, without a word" {
    set_up big epochs=2
    cp -r "$TWO" runs/big
    exec 9>>runs/big/lock
    flock 9
    run -0 by_cron 'big until'
    assert_silent
}

@test "a time that is used up is no error" {
    set_up big epochs=999
    UNTIL=1 run -0 by_cron 'big until'
    assert_silent
    tail -n 2 runs/big/log | grep 'the time budget is used up'
}

@test "cron mails an error, and the line fails" {
    set_up big epochs=2 seed=two
    run -65 by_cron 'big until'
    assert_output_has 'seed=two: not a whole number'
}

@test "of several runs each follows the one before, and an error ends the line" {
    mkdir runs
    for name in a b; do cp -r "$TWO" "runs/$name"; done
    echo no-such=1 >>runs/a/run.conf
    run -65 by_cron machine.lock
    assert_output_has 'no-such'
    assert_same_run runs/b "$TWO"
    cp "$TWO/run.conf" runs/a
    run -0 by_cron machine.lock
    assert_silent
    grep -x until=06:30 runs/a/run.conf
    grep -x until=06:30 runs/b/run.conf
}

@test "two lines of runs are never worked on at once" {
    mkdir runs
    exec 9>>runs/machine.lock
    flock 9
    run -0 by_cron machine.lock
    assert_silent
    assert_missing runs/a
}

@test "cron proves a run without a word, and mails what is wrong with it" {
    mkdir runs
    cp -r "$TWO" runs/big
    run -0 by_cron ckpt-verify
    assert_silent
    printf '\001' | dd of=runs/big/epoch-0001.safetensors bs=1 seek=20000 conv=notrunc status=none
    run -1 --separate-stderr by_cron ckpt-verify
    [ -z "$output" ]
    assert_error 'epoch-0001.safetensors: digest differs'
}

# The example as it is but for the place, the owner, and how many logs it keeps.
take_rotation() {
    [ -x /usr/sbin/logrotate ] || skip 'there is no logrotate here'
    sed "s|/var/lib/rote|$PWD/runs|; /^ *su /d; s/rotate 9/rotate 999/" "$ROOT/contrib/logrotate/rote" >rotate.conf
    chmod 644 rotate.conf
}

# Every log of ./runs, at once.
rotate() {
    /usr/sbin/logrotate -f -s "$PWD/rotate.state" rotate.conf
}

# What a log says, whatever the time and the name of the run.
said() {
    sed 's/^[^ ]* //; s/^[^ ]*: \(a new run\|all\)/\1/' | sort
}

@test "logs are rotated while training goes on, and no line is lost" {
    take_rotation
    mkdir runs
    chmod 755 runs
    train -q -r runs/a epochs=4 &
    while kill -0 $! 2>/dev/null; do rotate; done
    wait $!
    rotate
    rotate
    diff -r -x 'log*' -x lock runs/a "$FOUR"
    find runs/a -name 'log.*' | grep -q 'log\.2\.gz'
    diff <(zcat -f runs/a/log* | said) <(said <"$FOUR/log")
}

@test "a log is renamed and not made again, so that no line can come in between" {
    mkdir runs
    chmod 755 runs
    cp -r "$TWO" runs/a
    take_rotation
    inode=$(stat -c %i runs/a/log)
    rotate
    [ "$(stat -c %i runs/a/log.1)" = "$inode" ]
    assert_missing runs/a/log
    rotate
}

# The units as they would be installed, but for the place of rote-train. systemd-analyze warns of what it ignores, and ends with 0.
analyze() { # UNIT...
    SYSTEMD_UNIT_PATH=$PWD/units: systemd-analyze verify --man=no "$@" 2>&1 | (! grep -v '^$')
}

@test "systemd finds nothing wrong with the service, its timer and the drop-in" {
    command -v systemd-analyze >/dev/null || skip 'there is no systemd-analyze here'
    mkdir -p units/rote-train@.service.d
    sed "s|/usr/local/bin/rote-train|$ROOT/pipelines/train.sh|" "$ROOT/contrib/systemd/rote-train@.service" >units/rote-train@.service
    cp "$ROOT/contrib/systemd/rote-train@.timer" units
    analyze rote-train@a.service rote-train@a.timer
    cp "$ROOT/contrib/systemd/again-at-once.conf" units/rote-train@.service.d
    analyze rote-train@a.service
    sed -i 's/RestartForceExitStatus/RestartForceStatus/' units/rote-train@.service.d/again-at-once.conf
    run ! analyze rote-train@a.service
    assert_output_has "Unknown key 'RestartForceStatus'"
}
