#!/bin/bash
# moments.sh [COUNT [SIGNAL]]: runs of a small network whose whole process group gets SIGNAL (KILL unless told) at a random moment, up to
# three times, and which are then run to their end. Every file but the log and the lock must have the bytes of the run that nobody
# touched. COUNT runs (50 unless told), a line of TAP for each.
set -eu

count=${1:-50} signal=${2:-KILL}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
: "${ROTE_FIXTURES:=$scratch/fixtures}"
# shellcheck source=tests/helpers.bash
. "$(dirname "$0")/../helpers.bash"
cd "$scratch"
export TMPDIR=$scratch # a kill leaves what is there for a moment

settings=(data="$DATA" model="$MODEL" samples=300 val=100 epochs=4 save-every=2 keep='-l 1 -b 1' patience=3 lock=wait:60)

# Run it in a process group of its own and send that the signal after a random part of the time that a whole run takes.
train_and_kill() { # RUN
    local status=0
    set -m
    rote-train -q -r "$1" "${settings[@]}" >>"$1.output" 2>&1 3>&- &
    set +m
    sleep "$(awk -v most="$duration" -v draw=$RANDOM 'BEGIN { printf "%.3f", most * draw / 32768 / 1000 }')"
    kill -s "$signal" -- "-$!" 2>/dev/null || :
    wait $! 2>/dev/null || status=$?
    case $status in 0 | 75 | 130 | 137 | 143) ;; *) echo "status $status" >>"$1.output" ;; esac
}

same() { # RUN
    rote-train -q -r "$1" "${settings[@]}" >>"$1.output" 2>&1 && diff -r -x log -x lock untouched "$1" >>"$1.output" && ! grep '^status' "$1.output"
}

begin=$(milliseconds)
rote-train -q -r untouched "${settings[@]}"
duration=$(($(milliseconds) - begin))
failed=0
echo "1..$count"
for ((n = 1; n <= count; n++)); do
    for ((kills = RANDOM % 3; kills >= 0; kills--)); do
        train_and_kill "run$n"
    done
    if same "run$n"; then
        echo "ok $n - $signal"
    else
        echo "not ok $n - $signal"
        sed 's/^/# /' "run$n.output"
        failed=1
    fi
    rm -rf "run$n" "run$n.output"
done
exit "$failed"
