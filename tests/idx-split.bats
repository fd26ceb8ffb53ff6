# idx-split: every sample in one part, in the proportions asked for, and nothing overwritten or half done.

bats_require_minimum_version 1.5.0
load helpers

# column NAME: that column of the records in $output.
column() {
    awk -F '\t' -v name="$1" '/^#/ { for (i = 1; i <= NF; i++) if ($i == name || $i == "#" name) at = i; next }
                              { print $at }' <<<"$output"
}

# classes OPERAND: how many samples of each class, a line each.
classes() {
    idx-info -c "$1" | awk -F '\t' '/^#/ { here = $2 == "class"; next } here { print $3 }'
}

@test "parts are data sets with a record each" {
    run -0 idx-split -o parts "$DATA/train" train=rest valid=0.1
    [[ $(column name | xargs) == 'train valid' ]]
    [[ $(column path | xargs) == 'parts/train parts/valid' ]]
    [[ $(column count | xargs) == '540 60' ]]
    [[ $(echo parts/*) == 'parts/train-images-idx3-ubyte parts/train-labels-idx1-ubyte parts/valid-images-idx3-ubyte parts/valid-labels-idx1-ubyte' ]]
    digests=$(column digest)
    run -0 idx-info parts/train parts/valid
    [[ $(column digest) == "$digests" ]]
}

@test "with -l they are lists, and the records' paths are operands" {
    run -0 idx-split -l -o parts "$DATA/train" train=rest valid=0.1
    [[ $(echo parts/*) == 'parts/train.list parts/valid.list' ]]
    [[ $(column path | head -n 1) == "$DATA/train@parts/train.list" ]]
    sort -n parts/*.list | cmp - <(seq 0 599)
    sort -nc parts/valid.list
    digests=$(column digest) operands=$(column path)
    # shellcheck disable=SC2086 # one word an operand
    run -0 idx-info $operands
    [[ $(column digest) == "$digests" ]]
}

@test "a list selects the same samples as the data set of the part" {
    idx-split -o sets "$DATA/train" train=rest valid=77 >sets.tsv
    idx-split -l -o lists "$DATA/train" train=rest valid=77 >lists.tsv
    cmp <(cut -f 1,3,4 sets.tsv) <(cut -f 1,3,4 lists.tsv)
}

@test "the same seed makes the same split, another one another" {
    idx-split -l -o a "$DATA/train" x=300
    idx-split -l -o b -s 1 "$DATA/train" x=300
    idx-split -l -o c -s 2 "$DATA/train" x=300
    assert_same a/x.list b/x.list
    run ! cmp -s a/x.list c/x.list
}

@test "the split of seed 1 is the one of every machine" {
    idx-split -l -o a "$DATA/train" x=8
    [[ $(xargs <a/x.list) == '89 97 317 389 396 458 549 553' ]]
}

@test "-S gives each part the same share of every class" {
    run -0 idx-split -S -o parts "$DATA/train" train=rest valid=0.25
    paste <(classes "$DATA/train") <(classes parts/valid) | awk '{ off = $2 - $1 / 4; exit !(off > -1 && off < 1) }'
    [[ $(column count | xargs) == '450 150' ]]
}

@test "-T keeps the order and ends with the last part" {
    idx-split -T -l -o parts "$DATA/train" train=100 valid=50
    cmp parts/train.list <(seq 450 549)
    cmp parts/valid.list <(seq 550 599)
}

@test "-k makes folds that cover the set once" {
    run -0 idx-split -k 3 -l -o folds "$DATA/train"
    [[ $(column name | xargs) == 'fold1-train fold1-valid fold2-train fold2-valid fold3-train fold3-valid' ]]
    sort -n folds/fold?-valid.list | cmp - <(seq 0 599)
    sort -n folds/fold2-*.list | cmp - <(seq 0 599)
    [[ $(wc -l <folds/fold2-valid.list) == 200 ]]
}

@test "-n prints the same records and writes nothing" {
    idx-split -n -o parts "$DATA/train" train=rest valid=0.1 >dry
    assert_missing parts
    idx-split -o parts "$DATA/train" train=rest valid=0.1 | cmp - dry
}

@test "-j prints JSON Lines" {
    run -0 idx-split -n -j -o parts "$DATA/train" valid=60
    assert_output_has '{"name":"valid","path":"parts/valid","count":60,"digest":"'
}

@test "a list can be split again, into lists for the same files" {
    printf '5\n3\n9\n7\n' >few
    run -0 idx-split -T -l -o parts "$DATA/train@few" a=rest b=2
    [[ $(column path | tail -n 1) == "$DATA/train@parts/b.list" ]]
    [[ $(xargs <parts/b.list) == '9 7' ]]
    idx-split -T -o parts "$DATA/train@few" b=2 | cut -f 4 >of-set
    cut -f 4 <<<"$output" | sed -n '1p;3p' | cmp - of-set
}

@test "a part has the pictures and labels of its samples" {
    idx-split -T -o parts "$DATA/train" end=2
    cmp <(tail -c +17 parts/end-images-idx3-ubyte) <(tail -c 1568 "$DATA/train-images-idx3-ubyte")
    cmp <(tail -c +9 parts/end-labels-idx1-ubyte) <(tail -c 2 "$DATA/train-labels-idx1-ubyte")
}

@test "channels and labels above 255 are kept, whatever the part" {
    { words 0x804 2 3 1 1 && printf abcdef; } >t-images-idx4-ubyte
    { words 0xb01 2 && printf '\1\0\0\7'; } >t-labels-idx1-short
    idx-split -T -o parts t a=1 b=1
    cmp parts/b-images-idx4-ubyte <(words 0x804 1 3 1 1 && printf def)
    cmp parts/b-labels-idx1-short <(words 0xb01 1 && printf '\0\7')
}

@test "a path with an '@' is printed so that it can be used" {
    run -0 idx-split -o me@home "$DATA/train" x=10
    [[ $(column path) == 'me@home/x@' ]]
    idx-info 'me@home/x@'
}

@test "a part that exists is refused before any is written, and -f replaces it" {
    mkdir parts
    echo mine >parts/valid.list
    run -73 idx-split -l -o parts "$DATA/train" train=rest valid=0.1
    assert_error 'idx-split: parts/valid.list: create: it exists; -f replaces it'
    [[ $(ls parts) == valid.list ]]
    idx-split -f -l -o parts "$DATA/train" train=rest valid=0.1
    [[ $(wc -l <parts/valid.list) == 60 ]]
}

@test "a data set of which one file exists is refused before any is written, and -f replaces it" {
    mkdir parts
    echo mine >parts/valid-labels-idx1-ubyte
    run -73 idx-split -o parts "$DATA/train" train=rest valid=0.1
    assert_error 'parts/valid-labels-idx1-ubyte: create: it exists; -f replaces it'
    [[ $(ls parts) == valid-labels-idx1-ubyte ]]
    idx-split -f -o parts "$DATA/train" train=rest valid=0.1
    idx-info parts/train parts/valid
}

@test "new pictures never stand by old labels, whatever fails in replacing them" {
    idx-split -o old "$DATA/train" valid=0.1
    for call in unlink fsync-directory; do
        rm -rf parts
        cp -r old parts
        run -74 "$BUILD/tests/fault/inject" -p "$PWD/parts" -c $call -n 1 -a EIO idx-split -f -s 2 -o parts "$DATA/train" valid=0.1
        assert_error 'parts/valid-labels-idx1-ubyte: '
        assert_same old/valid-images-idx3-ubyte parts/valid-images-idx3-ubyte
        assert_no_leftovers parts
        idx-split -f -o parts "$DATA/train" valid=0.1
        diff -r old parts
    done
}

@test "a dry run says that a part exists" {
    mkdir parts
    : >parts/valid.list
    run -73 idx-split -n -l -o parts "$DATA/train" valid=0.1
    assert_error 'parts/valid.list: create: it exists'
}

@test "a directory that cannot be made is refused" {
    : >file
    run -73 idx-split -o file/parts "$DATA/train" valid=0.1
    assert_error 'file/parts: create: not a directory'
    run -73 idx-split -o no/parts "$DATA/train" valid=0.1
    assert_error 'no/parts: create: no such file or directory'
}

@test "parts larger than the set are refused" {
    run -65 idx-split -o parts "$DATA/train" train=600 valid=0.1
    assert_error 'train: the parts have 660 samples together, and the set only 600'
    assert_missing parts
}

@test "an empty part is refused" {
    run -65 idx-split -o parts "$DATA/train" train=600 valid=rest
    assert_error "valid: the part would have no samples of the set's 600"
    assert_missing parts
}

@test "a name given twice is refused" {
    run -64 idx-split -o parts "$DATA/train" a=1 a=2
    assert_error 'a: two parts have this name'
}

@test "two rests are refused" {
    run -64 idx-split -o parts "$DATA/train" a=rest b=rest
    assert_error 'b: a takes the rest already'
}

@test "a name with a slash is refused" {
    run -64 idx-split -o parts "$DATA/train" ../a=1
    assert_error "../a=1: the name of a part is not empty and has no '/' or '@' in it"
}

@test "a share that is none is refused" {
    for share in 0 -1 1.5 x '' 10%; do
        run -64 idx-split -o parts "$DATA/train" "a=$share"
        assert_error "a=$share: a share is a number of samples, a fraction such as 0.1, or rest"
    done
}

@test "a command line without parts, or without a directory, is refused" {
    run -64 idx-split -o parts "$DATA/train"
    assert_error 'no part is named'
    run -64 idx-split "$DATA/train" a=1
    assert_error '-o is missing'
    run -64 idx-split -o parts
    assert_error 'an operand is missing'
}

@test "folds and parts exclude each other" {
    run -64 idx-split -k 3 -o parts "$DATA/train" a=1
    assert_error 'a=1: with -k the parts are the folds'
}

@test "a number of folds that is none, or above that of samples, is refused" {
    for folds in 0 1 x -2; do
        run -64 idx-split -k "$folds" -o parts "$DATA/train"
        assert_error "-k $folds: not a number of folds from 2 up"
    done
    run -65 idx-split -k 601 -o parts "$DATA/train"
    assert_error '601 folds need more samples than the 600 of the set'
}

@test "a list below a directory with an '@' could not be named, and is refused" {
    run -64 idx-split -l -o me@home "$DATA/train" a=1
    assert_error "-o me@home: the path of a list cannot have an '@' in it"
}

@test "a set that is not there, or none, is told apart" {
    run -66 idx-split -o parts nowhere a=1
    assert_error 'nowhere-images-idx3-ubyte: open: no such file'
    : >t-images-idx3-ubyte
    run -65 idx-split -o parts t a=1
    assert_error 't-images-idx3-ubyte: ends after 0 bytes'
    assert_missing parts
}

# shellcheck disable=SC2016 # $DATA is for the inner shell
@test "a full disk is an I/O error and leaves nothing that could be read" {
    run -74 bash -c 'ulimit -f 100 && exec idx-split -o parts "$DATA/train" a=500'
    assert_error 'parts/a-images-idx3-ubyte: write: file too large'
    [[ -z $(ls -A parts) ]]
}
