# For all that measures here to read in: a temporary directory to stand in, the programs, and measuring.
#
#     BUILD        whose programs are measured (default: build/ of the repository)
# shellcheck shell=sh disable=SC2034 # what one part sets, another uses

LC_ALL=C
export LC_ALL
bench=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$bench/../.." && pwd)
models=$root/pipelines/models
ROTE_BIN=${BUILD:-$root/build}/bin
PATH=$ROTE_BIN:$PATH
export ROTE_BIN
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
cd "$directory" || exit

# What these figures are of.
machine() {
    processor=$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | uniq)
    echo "$processor, $(nproc) processors, $(date +%F), load $(cut -d ' ' -f 1 /proc/loadavg)"
}

# measure NAME COMMAND...: its seconds, those of processors, and its MiB of resident memory go to NAME.seconds, NAME.processor and
# NAME.memory, its output to NAME.log.
measure() {
    measured=$1
    shift
    begin=$(date +%s%N)
    /usr/bin/time -o usage -f '%M %U %S' "$@" >>"$measured.log" 2>&1 || {
        cat "$measured.log" >&2
        exit 1
    }
    calculate "($(date +%s%N) - $begin) / 1e9" 3 >>"$measured.seconds"
    tail -n 1 usage | awk '{ printf "%.0f\n", $1 / 1024 }' >>"$measured.memory"
    tail -n 1 usage | awk '{ print $2 + $3 }' >>"$measured.processor"
}

# The median of a file's numbers.
median() {
    sort -n "$1" | awk '{ value[NR] = $1 } END { print (value[int((NR + 1) / 2)] + value[int(NR / 2) + 1]) / 2 }'
}

# calculate EXPRESSION [DIGITS]: of awk's.
calculate() {
    awk "BEGIN { printf \"%.${2:-2}f\n\", $1 }"
}
