# For the suites of ckpt-verify as the doctor of a run, as `load doctor` after `load checkpoints` and `load train`: runs to spoil, what is said
# of them, and whether the remedies mend them.
# shellcheck disable=SC2034,SC2154 # what one part sets, another uses; bats sets output and stderr

# A run of four epochs of which all is kept, and one of which a policy keeps the last and the best.
setup_file() {
    cd "$BATS_FILE_TMPDIR" || return
    train -r whole epochs=4 && train -r pruned epochs=4 keep='-l 1 -b 1'
    assert_missing pruned/epoch-0000.safetensors && [ -e pruned/pruned.tsv ]
}

setup() {
    cd "$BATS_TEST_TMPDIR" || return
    WHOLE=$BATS_FILE_TMPDIR/whole PRUNED=$BATS_FILE_TMPDIR/pruned
}

# take RUN: the run `a` that the test is to spoil.
take() {
    untouched=$1
    rm -rf a
    cp -a "$1" a
}

# of FILE COLUMN: what the last examination said of a/FILE.
of() {
    awk -F '\t' -v file="a/$1" -v column="$2" '
        /^#/ { for (i = 1; i <= NF; i++) field[i == 1 ? substr($i, 2) : $i] = i; next }
        $1 == file { print $field[column] }' <<<"$output"
}

# finds STATUS FILE STATE REASON: an examination of `a` ends with this status, and says this of the file.
finds() {
    run "-$1" --separate-stderr ckpt-verify a
    [[ "$(of "$2" state): $(of "$2" reason)" == "$3: "*"$4"* ]] && return
    printf '%s: %s is not what is said:\n%s\n%s\n' "$3" "$4" "$output" "$stderr"
    return 1
}

# heals [FILE...]: the remedy for each file does it, or without any all those of stderr, one after the other; all is proven then, and the same
# as in the untouched run. What was moved aside may stay.
heals() {
    local remedy file
    if (($#)); then
        for file; do of "$file" remedy; done >remedies
    else
        sed -n 's/^ckpt-verify: a: to mend it: //p' <<<"$stderr" >remedies
    fi
    [ -s remedies ]
    while IFS= read -r remedy; do
        echo "$remedy"
        sh -c "$remedy" 3>&- || echo "ended with status $?"
    done <remedies
    run -0 --separate-stderr ckpt-verify a
    [ "$stderr" = '' ]
    diff -r -x log -x lock -x '*.damaged*' "$untouched" a
}

# spoils FILE: invert a bit far behind its header.
spoils() {
    change_byte "a/$1" 70000
}
