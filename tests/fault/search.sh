#!/bin/bash
# search.sh [COUNT]: a search that is killed, or told to stop, COUNT times (10 unless told) at random moments. In the end its decisions and
# every file of its trials, but for logs and locks, must be those of a search that nobody touched.
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
table a=0.01 b=0.3 diverges=100000 c=0.003 d=0.1
settings=(trials=trials.tsv data="$DATA" model=sgd.model samples=200 val=100 epochs=2 promote='--divisor 2' keep='-l 1 -b 1' lock=wait:60)

ends_the_same() {
    rote-search -q -r runs "${settings[@]}" >>output 2>&1 && assert_same_trials untouched runs >>output && ! grep '^status' output
}

begin=$(milliseconds)
rote-search -q -r untouched "${settings[@]}" 2>output
duration=$(($(milliseconds) - begin))
for ((n = 1; n <= count; n++)); do
    disturb "$duration" rote-search -q -r runs "${settings[@]}"
done >>output 2>&1
echo 1..1
if ends_the_same; then
    echo "ok 1 - a search that is disturbed $count times comes to the same decisions and bytes"
else
    echo "not ok 1 - a search that is disturbed $count times comes to the same decisions and bytes"
    sed 's/^/# /' output
    exit 1
fi
