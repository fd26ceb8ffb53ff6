#!/bin/sh
# run.sh [SECONDS | -n EXECUTIONS] [NAME...] - run the fuzzers that `make fuzz` has built (20 seconds each, all of them); prints TAP
#
# What they have learnt stays in $BUILD/fuzz/corpus for the next time, and an input that crashes one in $BUILD/fuzz/found: it is tried
# first from then on. No fuzzer may ask for more memory at once than is said here, however much its input claims to hold.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
BUILD=${BUILD:-$here/../../build}
mkdir -p "$BUILD/fuzz/corpus" "$BUILD/fuzz/found"
BUILD=$(cd "$BUILD" && pwd)
export BUILD

much=-max_total_time=20
case ${1-} in
-n) much=-runs=$2 && shift 2 ;;
[0-9]*) much=-max_total_time=$1 && shift ;;
esac
[ $# -gt 0 ] || set -- checkpoint gzip idx minisign model picture predictor promote records registry run safetensors search words

# Sets $size to the most bytes of an input, and $memory to the most megabytes that it may make a program ask for at once.
bound() { # NAME
    size=1024 memory=1
    case $1 in
    predictor) size=4096 memory=5 ;;
    checkpoint) size=3072 memory=5 ;; # a picture may have 4096 channels of 256 values
    gzip | minisign | safetensors) size=2048 ;;
    idx) memory=2 ;; # 1032 times the input
    model) memory=5 ;;
    picture) memory=32 ;; # 1032 times the input, of bits that become bytes of three colours
    words) size=128 ;;
    esac
}

fuzz() { # NAME
    bound "$1"
    mkdir -p "$work/$1" "$BUILD/fuzz/corpus/$1" "$BUILD/fuzz/found/$1"
    dictionary=''
    [ ! -f "$work/seeds/$1.dict" ] || dictionary=-dict=$work/seeds/$1.dict
    (
        cd "$work/$1" || exit
        exec "$BUILD/fuzz/tests/fuzz/$1" "$much" -max_len="$size" -timeout=10 -malloc_limit_mb="$memory" -rss_limit_mb=1024 \
            ${dictionary:+"$dictionary"} -artifact_prefix="$BUILD/fuzz/found/$1/" -print_final_stats=1 \
            "$BUILD/fuzz/corpus/$1" "$BUILD/fuzz/found/$1" "$work/seeds/$1"
    ) >"$work/$1.log" 2>&1
}

# The number that the log of a fuzzer gives for `stat::WHAT:`.
stat_of() { # NAME WHAT
    sed -n "s/^stat::$2: *//p" "$work/$1.log"
}

# Where memory came from, and where it went, is told in full by the line that repeats a crash.
export ASAN_OPTIONS=malloc_context_size=1:quarantine_size_mb=8

work=$(mktemp -d /dev/shm/rote-fuzz.XXXXXX 2>/dev/null) || work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
"$here/seeds.py" "$work/seeds"

number=0 failed=0
for name; do
    number=$((number + 1))
    if fuzz "$name"; then
        echo "ok $number - $name: nothing that a file holds does harm"
    else
        failed=1
        echo "not ok $number - $name: nothing that a file holds does harm"
        sed -n '/ERROR\|does not hold\|runtime error\|^SUMMARY\|^    #[0-9] /p' "$work/$name.log" | head -n 20 | sed 's/^/# /'
        sed -n "s|.*Test unit written to \(.*\)|# again: $BUILD/fuzz/tests/fuzz/$name -malloc_limit_mb=$memory \1|p" "$work/$name.log"
    fi
    echo "# $(stat_of "$name" number_of_executed_units) executions, $(stat_of "$name" average_exec_per_sec) a second"
done
echo "1..$number"
exit "$failed"
