#!/bin/bash
# search.sh [COUNT]: a search that is killed COUNT times (10 unless told) at random moments: all its processes, the script alone, a worker
# alone; or told to stop. In the end its decisions and every file of its trials, but for logs and locks, must be those of a search that nobody
# touched; two lines of TAP.
set -eu

count=${1:-10}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
: "${ROTE_FIXTURES:=$scratch/fixtures}"
# shellcheck source=tests/helpers.bash
. "$(dirname "$0")/../helpers.bash"
# shellcheck source=tests/trials.bash
. "$(dirname "$0")/../trials.bash"
cd "$scratch"
export TMPDIR=$scratch # a kill leaves what is there for a moment

sed 's/^optimizer.*/optimizer sgd lr=0.1/' "$MODEL" >sgd.model
table a=0.01 b=0.3 c=0.003 diverges=100000 d=0.03 e=0.1 f=0.2
settings=(trials=trials.tsv data="$DATA" model=sgd.model samples=200 val=100 epochs=4 promote='--divisor 2' keep='-l 1 -b 1' lock=wait:60)

milliseconds() {
    echo $(($(date +%s%N) / 1000000))
}

# The search is a session of its own; what it says of a trial that diverges is no news.
begin_and_disturb() {
    local group worker
    setsid rote-search -q -r runs "${settings[@]}" >>output 2>&1 3>&- &
    group=$!
    sleep "$(awk -v most="$duration" -v draw=$RANDOM 'BEGIN { printf "%.3f", most * draw / 32768 / 1000 }')"
    worker=$(pgrep -P "$group" -f -- --worker | head -n 1) || :
    case $((RANDOM % 4)) in
    0) kill -s KILL -- "-$group" ;;
    1) kill -s KILL "$group" ;;
    2) kill -s KILL "${worker:-$group}" ;;
    *) kill -s TERM -- "-$group" ;;
    esac 2>/dev/null || :
    wait "$group" 2>/dev/null || status=$?
    case $status in 0 | 75 | 137 | 143) ;; *) echo "status $status" >>output ;; esac
}

ends_the_same() {
    rote-search -q -r runs "${settings[@]}" >>output 2>&1 && assert_same_trials untouched runs >>output && ! grep '^status' output
}

begin=$(milliseconds)
rote-search -q -r untouched "${settings[@]}" 2>output
duration=$(($(milliseconds) - begin))
for ((n = 1; n <= count; n++)); do
    status=0
    begin_and_disturb
done
echo 1..1
if ends_the_same; then
    echo "ok 1 - a search that is disturbed $count times comes to the same decisions and bytes"
else
    echo "not ok 1 - a search that is disturbed $count times comes to the same decisions and bytes"
    sed 's/^/# /' output
    exit 1
fi
