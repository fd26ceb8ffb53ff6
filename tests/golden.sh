#!/bin/sh
# golden.sh [-p] [NETWORK...]: hold what training computes to tests/golden/digests.tsv.
#
# The networks of tests/golden/networks, which together use all of the language of rote-model(5), are trained for three epochs on
# pictures that are made up here, and every compiler and processor must come to these bytes. The option -p prints the table instead,
# for the day on which the arithmetic changes, and its number (CHECKPOINT_ARITHMETIC) with it:
#
#     tests/golden.sh -p >digests.tsv && mv digests.tsv tests/golden
#
# The programs are those of $BUILD (default: build/ of the repository), run by the program $ROTE_EMULATOR where there is one, on the
# device $ROTE_DEVICE (default: ref) with three threads. Where it is not there, it is a skipped test.
set -eu

golden=$(cd "$(dirname "$0")/golden" && pwd)
device=${ROTE_DEVICE:-ref}
bin=$(cd "${BUILD:-$golden/../../build}/bin" && pwd)
LC_ALL=C
export LC_ALL

# write_set PREFIX SEED SAMPLES CHANNELS ROWS COLUMNS: stripes under noise, those of six classes. printf makes bytes of them.
write_set() {
    for file in images-idx4 labels-idx1; do
        # shellcheck disable=SC2059 # the text is all escapes
        printf "$(awk -v file="$file" -v x="$2" -v samples="$3" -v channels="$4" -v rows="$5" -v columns="$6" '
            function byte(value) { printf "\\%03o", value }
            function word(value) { byte(0); byte(0); byte(0); byte(value) }
            function noise() { # Lehmer, as Park and Miller have it: exact in the doubles of awk
                x = x * 16807 % 2147483647
                return int(x / 16777216)
            }
            function pixel(class, channel, row, column) {
                return noise() + ((row * (class + 1) + column * (class % 3 + 1) + 3 * channel) % 12 < 5 ? 100 : 0)
            }
            BEGIN {
                byte(0); byte(0); byte(8); byte(file ~ /images/ ? 4 : 1)
                word(samples)
                if (file ~ /images/) {
                    word(channels); word(rows); word(columns)
                }
                for (sample = 0; sample < samples; sample++) {
                    class = sample * 5 % 6
                    if (file !~ /images/)
                        byte(class)
                    else
                        for (channel = 0; channel < channels; channel++)
                            for (row = 0; row < rows; row++)
                                for (column = 0; column < columns; column++)
                                    byte(pixel(class, channel, row, column))
                }
            }')" >"$1-$file-ubyte"
    done
}

# run PROGRAM ARGUMENT...
run() {
    program=$1
    shift
    ${ROTE_EMULATOR-} "$bin/$program" "$@"
}

# A column of records on stdin.
field() {
    awk -F '\t' -v name="$1" '
        NR == 1 { sub("^#[ ]*", ""); for (i = 1; i <= NF; i++) if ($i == name) place = i }
        NR > 1 { print $place }'
}

# row NETWORK: the digests of its checkpoints before and after training and of the records of all batches, whose learning rates are
# doubles as they are, and the test loss.
row() {
    channels=$(awk '$1 == "input" { print $2 }' "$golden/networks/$1.model")
    run nn-init -q -o "$1.0" "$golden/networks/$1.model" &&
        run nn-train-epoch -q -d "$device" -t 3 -e 3 --batches "$1.tsv" -o "$1.3" "$1.0" "train$channels" &&
        printf '%s\t%s\t%s\t%s\t%s\n' "$1" "$(run ckpt-info "$1.0" | field digest)" "$(run ckpt-info "$1.3" | field digest)" \
            "$(b2sum -l 128 "$1.tsv" | cut -d ' ' -f 1)" "$(run nn-eval -q -d "$device" -t 3 "test$channels" "$1.3" | field loss)"
}

print_table() {
    printf '# network\tinitial\ttrained\tbatches\tloss\n'
    for network; do
        row "$network"
    done
}

# A device that is not there: its programs say why, and end with 69.
skip_without_device() {
    status=0
    { run nn-init -q -o any "$golden/networks/sgd.model" && run nn-eval -q -d "$device" test1 any; } >/dev/null 2>reason || status=$?
    [ "$status" -eq 69 ] || return 0
    echo "ok - the digests of $device # skip $(cat reason)"
    exit
}

compare() {
    skip_without_device
    wrong=0
    for network; do
        here=$(row "$network") || here="$network: it was not trained"
        if there=$(grep "^$network	" "$golden/digests.tsv") && [ "$here" = "$there" ]; then
            echo "ok - $network comes to the bytes of the table"
        else
            wrong=1
            echo "not ok - $network comes to other bytes than tests/golden/digests.tsv:"
            printf '# there: %s\n# here:  %s\n' "$there" "$here"
        fi
    done
    return "$wrong"
}

act=compare
if [ "${1-}" = -p ]; then
    act=print_table
    shift
fi
if [ $# -eq 0 ]; then
    for file in "$golden"/networks/*.model; do
        set -- "$@" "$(basename "$file" .model)"
    done
fi
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
cd "$directory"
write_set train1 1 77 1 12 12
write_set test1 2 30 1 12 12
write_set train3 3 77 3 11 9
write_set test3 4 30 3 11 9
"$act" "$@"
