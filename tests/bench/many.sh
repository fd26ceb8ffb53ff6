#!/bin/sh
# What many runs, and many bytes, cost: tests/bench/many.sh [-r ROUNDS] [-n RUNS] [-c COPIES]
#
# Prints tables in Markdown. RUNS (default: 1000) runs of ten small checkpoints are gone through by their headers; a directory of
# COPIES (default: 32) checkpoints of 14 MiB is verified, beside programs that hash, or only read, the same files. All take turns, and
# all files are in the page cache. Medians of ROUNDS (default: 5). Seconds of processors depend less on what else the machine does.
set -eu

rounds=5 runs=1000 copies=32
while getopts c:n:r: option; do
    case $option in
    c) copies=$OPTARG ;;
    n) runs=$OPTARG ;;
    r) rounds=$OPTARG ;;
    *) exit 64 ;;
    esac
done
# shellcheck source=tests/bench/common.sh
. "$(dirname "$0")/common.sh"

# in_turns ROUNDS FUNCTION...: each once a round.
in_turns() {
    left=$1
    shift
    while [ "$left" -gt 0 ]; do
        for function; do "$function"; done
        left=$((left - 1))
    done
}

# row TEXT NAME: what NAME takes, and how many times what reading everything does.
row() {
    echo "| $1 | $(median "$2.seconds") | $(median "$2.processor") |" \
        "$(calculate "$(median "$2.processor") / $(median read.processor)") |"
}

# Headers.

read_all() { measure read sh -c 'cat many/*/*.safetensors many/*/*.eval >/dev/null'; }
info() { measure info sh -c 'ckpt-info many >/dev/null'; }
walk() { measure walk sh -c 'ls -lR many >/dev/null'; }
registry() { measure registry sh -c 'run-info many >/dev/null'; }
best() { measure best sh -c 'ckpt-best many >/dev/null'; }
plan() { measure plan sh -c 'ckpt-prune -n -l 1 many >/dev/null'; }
plan_of_all() { measure of-all sh -c 'ckpt-prune -n -l 1 --best-of-all 10 many >/dev/null'; }
prove() { measure prove sh -c 'ckpt-verify --chain many >/dev/null'; }

headers() {
    nn-init -q -o small "$models/mlp.model" width=2
    "$bench/many_runs.py" many "$runs" 10 small
    in_turns "$rounds" read_all walk registry info best plan plan_of_all prove
    echo "| $runs runs of 10 checkpoints | s | of processors | times reading all |"
    echo '|---|---|---|---|'
    row "cat, of $(du -sm --apparent-size many | cut -f 1) MB" read
    row 'ls -lR' walk
    row 'run-info, as of rote-runs' registry
    row 'ckpt-info' info
    row 'ckpt-best' best
    row 'ckpt-prune -n -l 1' plan
    row 'ckpt-prune -n -l 1 --best-of-all 10' of-all
    row 'ckpt-verify --chain, which proves each' prove
    rm -rf many
}

# Bytes.

cat_large() { measure cat sh -c 'cat large/*.safetensors >/dev/null'; }
b2sum_large() { measure b2sum sh -c 'b2sum -l 256 large/*.safetensors >/dev/null'; }
openssl_large() { measure openssl sh -c 'openssl dgst -blake2b512 large/*.safetensors >/dev/null'; }
verify_one() { measure one ckpt-verify -q -t 1 large; }
verify_all() { measure all ckpt-verify -q large; }

# speed TEXT NAME: also in GB a second of a processor.
speed() {
    echo "| $1 | $(median "$2.seconds") | $(median "$2.processor") | $(calculate "$size / 1e9 / $(median "$2.processor")") |" \
        "$(calculate "$(median b2sum.processor) / $(median "$2.processor")") |"
}

bytes() {
    nn-init -q -o whole "$models/mnist-cnn.model"
    "$bench/many_runs.py" made 1 "$copies" whole
    mkdir large
    mv made/0001/*.safetensors large
    size=$(cat large/*.safetensors | wc -c)
    in_turns "$rounds" cat_large b2sum_large openssl_large verify_one verify_all
    echo "| $copies checkpoints of $((size / copies)) bytes | s | of processors | GB/s a processor | times b2sum |"
    echo '|---|---|---|---|---|'
    speed 'cat' cat
    speed 'b2sum -l 256' b2sum
    speed 'openssl dgst -blake2b512' openssl
    speed 'ckpt-verify -t 1' one
    speed "ckpt-verify, $(nproc) processors" all
}

machine
for table in headers bytes; do
    echo
    "$table"
done
