# For run.sh and growth.sh to read in before common.sh: MNIST, cut as they want it, and epochs of it.
#
#     ROTE_MNIST   the directory of MNIST's files
# shellcheck shell=sh

: "${ROTE_MNIST:?the directory of the files of MNIST}"
data=$(cd "$ROTE_MNIST" && pwd) || exit

# How many samples DATA has.
count() {
    idx-info "$1" | awk -F '\t' 'NR == 2 { print $2 }'
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
