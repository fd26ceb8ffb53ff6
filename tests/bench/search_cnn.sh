#!/bin/bash
# Does a search keep what it promises? ROTE_MNIST=directory tests/bench/search_cnn.sh [-k KILLS] [-s SAMPLES]
#
# Sixteen trials of PyTorch's example for MNIST (pipelines/models/mnist-cnn.model), whose published recipe is one of them, trained on SAMPLES
# samples (10,000 unless told) and judged by as many. rote-search must find a checkpoint that is as good as the best of the whole grid, by the 95 % interval of
# that on the validation set, with less than half of its epochs; and, killed KILLS times (10) at random moments, the same one by the same
# decisions. Prints a table in Markdown, and ends with 1 where it is otherwise.
set -eu

kills=10 samples=10000
while getopts k:s: option; do
    case $option in
    k) kills=$OPTARG ;;
    s) samples=$OPTARG ;;
    *) exit 64 ;;
    esac
done
tests=$(cd "$(dirname "$0")/.." && pwd)
# shellcheck source=tests/bench/mnist.sh
. "$tests/bench/mnist.sh"
# shellcheck source=tests/bench/common.sh
. "$tests/bench/common.sh"
# shellcheck source=tests/trials.bash
. "$tests/trials.bash"
# shellcheck disable=SC2154 # of common.sh
PATH=$directory/bin:$PATH
mkdir bin
for script in sweep search; do ln -s "$root/pipelines/$script.sh" "bin/rote-$script"; done

cat >space <<'END'
optimizer.lr choice 0.1 0.3 1.0 3.0
schedule.gamma choice 0.7 0.9
width choice 32 128
END
settings=(space=space sample='-m grid' data="$data" model=mnist-cnn samples="$samples" val="$samples" lock=wait:60)
searching=("${settings[@]}" promote='--divisor 3')

# The sum of the epochs that all trials were trained for.
epochs() { # RUNS
    for metrics in "$1"/*/metrics.tsv; do tail -n 1 "$metrics" | cut -f 1; done | awk '{ sum += $1 } END { print sum }'
}

# The best checkpoint's record of its validation: COLUMN of it.
of_best() { # RUNS COLUMN
    best=$(ckpt-best "$1"/*/)
    awk -F '\t' -v column="$2" '
        sub(/^#/, "") { split("", at); for (i = 1; i <= NF; i++) at[$i] = i; next }
        $at["split"] == "valid" && ("n" in at) { print $at[column]; exit }' "${best%.safetensors}.eval"
}

row() { # RUNS NAME
    best=$(ckpt-best "$1"/*/)
    echo "| $2 | $(epochs "$1") | $3 | ${best#*/} | $(of_best "$1" accuracy) | $(of_best "$1" accuracy.low) to $(of_best "$1" accuracy.high) |"
}

measure search rote-search -q -r search "${searching[@]}"
measure grid rote-sweep -q -r grid "${settings[@]}"
duration=$(awk '{ printf "%d", 1000 * $1 }' search.seconds)
while [ "$disturbed" -lt "$kills" ]; do # at moments that leave some of it for all of them
    before=$disturbed
    disturb "$((duration / kills))" rote-search -q -r killed "${searching[@]}"
    [ "$disturbed" -gt "$before" ] || break
done 2>killed.log
measure killed rote-search -q -r killed "${searching[@]}"

machine
echo
echo '| | epochs | seconds | best | validation accuracy | 95 % interval |'
echo '|---|---|---|---|---|---|'
row grid 'whole grid' "$(cat grid.seconds)"
row search search "$(cat search.seconds)"
row killed "search, killed $disturbed times" "$(cat killed.seconds) after that"

[ "$(calculate "($(of_best search accuracy) >= $(of_best grid accuracy.low))")" = 1.00 ]
[ "$(calculate "(2 * $(epochs search) < $(epochs grid))")" = 1.00 ]
assert_same_trials search killed
