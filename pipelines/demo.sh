#!/bin/sh
# demo.sh - from a fresh clone to a trained network, and what to type next
#
# Installs what is missing, builds, takes Fashion-MNIST, trains a small network into runs/demo, and hands on the best
# checkpoint as runs/demo.safetensors. Kill it at any moment and type the same line again: it goes on from there.
set -eu

from=$PWD
here=$(readlink -f -- "$0")
cd "${here%/*}/.."
bin=${BUILD:-build}/bin
package=/usr/share/datasets/fashion-mnist # of Debian
data=data/fashion-mnist
run=runs/demo
release=runs/demo.safetensors

step() {
    printf '\n%s\n' "$*"
}

show_metrics() {
    awk -F '\t' '
        /^#/ { for (i = 1; i <= NF; i++) field[$i] = i; print "epoch  training loss  validation accuracy  test accuracy"; next }
        { printf "%5d  %13.4f  %17.2f %%  %11.2f %%\n", $1, $field["train.loss"], 100 * $field["valid.accuracy"], \
            100 * $field["test.accuracy"] }' "$run/metrics.tsv"
}

# The same weights of the same checkpoint are the same bytes.
release_best() {
    set -- --records "${best%.safetensors}.eval" "$best"
    if "$bin/ckpt-release" -o - "$@" 2>/dev/null | cmp -s - "$release"; then
        echo "$release: it is there, and what $best makes"
    else
        "$bin/ckpt-release" -f -o "$release" "$@"
        echo "$release: made from $best"
    fi
}

# A path as it is to be typed where this script was called.
typed() {
    path=$1
    case $from,$path in
    "$PWD",* | *,/*) ;;
    *) path=$PWD/$path ;;
    esac
    case $path in
    *[!A-Za-z0-9/._-]*) printf "'%s'" "$(printf %s "$path" | sed "s/'/'\\\\''/g")" ;;
    *) printf %s "$path" ;;
    esac
}

step 'What is needed'
contrib/install-dependencies.sh demo
echo 'it is all there'

step 'Build'
make -s -j"$(nproc)"
echo "the programs are in $bin"

step 'Data'
set -- -o "$data" fashion-mnist
[ ! -d "$package" ] || set -- -m "$package" "$@"
"$bin/idx-fetch" "$@"

step 'Train'
pipelines/train.sh -v -r "$run" data="$data" model=small-cnn

step 'How it went'
show_metrics

step 'The best, by validation accuracy'
best=$("$bin/ckpt-best" "$run")
release_best

step 'What to type next'
cat <<END
Each class by itself, and which are taken for which:
    $(typed "$bin/nn-eval") -c $(typed "$data/t10k") $(typed "$best")
Two epochs more; what is there is skipped:
    $(typed pipelines/train.sh) -v -r $(typed "$run") epochs=5
A run of your own, with a wider hidden layer:
    $(typed pipelines/train.sh) -v -r $(typed runs/wide) data=$(typed "$data") width=128
END
