# For run.sh and growth.sh to read in: options, MNIST, a temporary directory to stand in, and measuring.
#
#     ROTE_MNIST   the directory of MNIST's files
#     BUILD        whose programs are measured (default: build/ of the repository)
# shellcheck shell=sh disable=SC2034 # what one part sets, another uses

LC_ALL=C
export LC_ALL
: "${ROTE_MNIST:?the directory of the files of MNIST}"
bench=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$bench/../.." && pwd)
models=$root/pipelines/models
ROTE_BIN=${BUILD:-$root/build}/bin
PATH=$ROTE_BIN:$PATH
export ROTE_BIN
data=$(cd "$ROTE_MNIST" && pwd)
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
cd "$directory" || exit

# What these figures are of.
machine() {
    processor=$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | uniq)
    echo "$processor, $(nproc) processors, $(date +%F), load $(cut -d ' ' -f 1 /proc/loadavg)"
}

# How many samples DATA has.
count() {
    idx-info "$1" | awk -F '\t' 'NR == 2 { print $2 }'
}

# measure NAME COMMAND...: its seconds and its MiB of resident memory go to NAME.seconds and NAME.memory, its output to NAME.log.
measure() {
    measured=$1
    shift
    begin=$(date +%s%N)
    /usr/bin/time -o usage -f %M "$@" >>"$measured.log" 2>&1 || {
        cat "$measured.log" >&2
        exit 1
    }
    calculate "($(date +%s%N) - $begin) / 1e9" 3 >>"$measured.seconds"
    calculate "$(tail -n 1 usage) / 1024" 0 >>"$measured.memory"
}

# The median of a file's numbers.
median() {
    sort -n "$1" | awk '{ value[NR] = $1 } END { print (value[int((NR + 1) / 2)] + value[int(NR / 2) + 1]) / 2 }'
}

# calculate EXPRESSION [DIGITS]: of awk's.
calculate() {
    awk "BEGIN { printf \"%.${2:-2}f\n\", $1 }"
}

# epoch NAME THREADS CHECKPOINT DATA: measures as NAME an epoch, and as NAME.start one of a single sample, which reads, checks and
# writes as much.
epoch() {
    echo 0 >one
    rm -f "$1.checkpoint" # one that is there would be looked at, and the data hashed, before anything is trained
    measure "$1" nn-train-epoch -d cpu -t "$2" -o "$1.checkpoint" "$3" "$4"
    rm -f "$1.checkpoint"
    measure "$1.start" nn-train-epoch -d cpu -t "$2" -o "$1.checkpoint" "$3" "${4%@*}@one"
}

# The seconds of epochs that `epoch NAME` measured, without start and end.
alone() {
    calculate "$(median "$1.seconds") - $(median "$1.start.seconds")" 3
}

# words NUMBER...: as 32 bits each, the most significant byte first.
words() {
    for number; do
        printf %b "$(printf '\\0%o' $((number >> 24)) $((number >> 16 & 255)) $((number >> 8 & 255)) $((number & 255)))"
    done
}

# The values of a file of MNIST, whose header has so many bytes.
values() { # NAME HEADER
    if [ -f "$data/$1" ]; then cat "$data/$1"; else gzip -dc "$data/$1.gz"; fi | tail -c "+$(($2 + 1))"
}

# Pictures of other sizes, in sum as many pixels: MNIST's, in rows of other lengths.
recut() { # ROWS COUNT
    { words 2051 "$2" "$1" "$1" && values train-images-idx3-ubyte 16 | head -c $(($2 * $1 * $1)); } >"cut$1-images-idx3-ubyte"
    { words 2049 "$2" && values train-labels-idx1-ubyte 8 | head -c "$2"; } >"cut$1-labels-idx1-ubyte"
}
