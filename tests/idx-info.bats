# idx-info: what a data set is, and what it says of files that are none.

bats_require_minimum_version 1.5.0
load helpers

# A set of two pictures of 1 x 2 pixels, t.
setup() {
    cd "$BATS_TEST_TMPDIR" || return
    { words 0x803 2 1 2 && printf '\0\377\0\377'; } >t-images-idx3-ubyte
    { words 0x801 2 && printf '\3\1'; } >t-labels-idx1-ubyte
}

@test "a record says sizes, classes, digest, mean and deviation" {
    run -0 idx-info t
    assert_output_has $'#path\tcount\tchannels\trows\tcolumns\tclasses\tdigest\tmean\tdeviation'
    assert_output_has $'t\t2\t1\t1\t2\t4\t'
    assert_output_has $'\t0.5\t0.5'
}

@test "the digest is that of rote-idx(5), whatever the files are like" {
    digest=$({
        printf '\2\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0\2\0\0\0\0\0\0\0'
        printf '\0\377\0\377'
        printf '\3\0\1\0'
    } | b2sum -l 256 | cut -d ' ' -f 1)
    run -0 idx-info t
    assert_output_has "$digest"
    gzip t-images-idx3-ubyte t-labels-idx1-ubyte
    run -0 idx-info t
    assert_output_has "$digest"
}

@test "Fashion-MNIST is normalised as everyone does it" {
    run -0 idx-info "$DATA/train"
    [[ $(tail -n 1 <<<"$output" | cut -f 2-6) == $'600\t1\t28\t28\t10' ]]
    awk -F '\t' '{ mean = $8; deviation = $9 }
                 END { exit !(mean > 0.28 && mean < 0.30 && deviation > 0.34 && deviation < 0.37) }' <<<"$output"
}

@test "-c counts the samples of each class, empty ones too" {
    run -0 idx-info -c t
    [[ $output == *$'#path\tlabel\tcount\nt\t0\t0\nt\t1\t1\nt\t2\t0\nt\t3\t1' ]]
}

@test "-j prints JSON Lines" {
    run -0 idx-info -j t
    assert_output_has '{"path":"t","count":2,"channels":1,"rows":1,"columns":2,"classes":4,"digest":"'
    assert_output_has '","mean":0.5,"deviation":0.5}'
}

@test "each channel has its own mean and deviation" {
    rm t-images-idx3-ubyte
    { words 0x804 2 2 1 1 && printf '\0\377\377\377'; } >t-images-idx4-ubyte
    run -0 idx-info t
    assert_output_has $'t\t2\t2\t1\t1\t4\t'
    assert_output_has $'\t0.5 1\t0.5 0'
}

@test "a list of samples is a set of its own" {
    printf '1\n1\n1\n' >list
    run -0 idx-info t@list
    assert_output_has $'t@list\t3\t1\t1\t2\t2\t'
    run -0 idx-info t@- <list
    assert_output_has $'t@-\t3\t1\t1\t2\t2\t'
}

@test "one set that is wrong does not hide the others" {
    run -66 --separate-stderr idx-info nowhere t
    assert_error 'idx-info: nowhere-images-idx3-ubyte: open: no such file'
    assert_output_has $'t\t2\t1\t1\t2\t4\t'
}

@test "of several errors bad data is the status, not a missing file" {
    : >bad-images-idx3-ubyte
    run -65 idx-info bad nowhere
    assert_error 'bad-images-idx3-ubyte: ends after 0 bytes, inside its header'
}

@test "pictures cut short are refused with where they end" {
    truncate -s 1000 "$(cp "$DATA"/train-* . && echo train-images-idx3-ubyte)"
    run -65 idx-info train
    assert_error 'train-images-idx3-ubyte: ends after 1000 of 470416 bytes'
}

@test "pictures with bytes too many are refused" {
    echo >>t-images-idx3-ubyte
    run -65 idx-info t
    assert_error 't-images-idx3-ubyte: has more than the 20 bytes that its header says'
}

@test "another type of values is refused by its magic number" {
    { words 0xd03 2 1 2 && printf '\0\377\0\377'; } >t-images-idx3-ubyte
    run -65 idx-info t
    assert_error 'magic 0x00000d03 is not that of pictures (0x00000803 or 0x00000804)'
}

@test "a wrong rank is refused" {
    { words 0x802 2 2 && printf '\0\377\0\377'; } >t-images-idx3-ubyte
    run -65 idx-info t
    assert_error 'magic 0x00000802 is not that of pictures'
    { words 0x803 2 1 2 && printf '\0\377\0\377'; } | tee t-images-idx3-ubyte >t-labels-idx1-ubyte
    run -65 idx-info t
    assert_error 'magic 0x00000803 is not that of labels (0x00000801 or 0x00000b01)'
}

@test "a set without samples, or with pictures without pixels, is refused" {
    words 0x803 0 1 2 >t-images-idx3-ubyte
    run -65 idx-info t
    assert_error 't-images-idx3-ubyte: dimension 1 of 3 is zero'
    words 0x803 2 1 0 >t-images-idx3-ubyte
    run -65 idx-info t
    assert_error 't-images-idx3-ubyte: dimension 3 of 3 is zero'
}

@test "different numbers of pictures and labels are refused" {
    { words 0x801 1 && printf '\3'; } >t-labels-idx1-ubyte
    run -65 idx-info t
    assert_error 't-images-idx3-ubyte: 2 pictures but 1 labels in t-labels-idx1-ubyte'
}

@test "a negative label is refused" {
    rm t-labels-idx1-ubyte
    { words 0xb01 2 && printf '\0\1\200\0'; } >t-labels-idx1-short
    run -65 idx-info t
    assert_error 't-labels-idx1-short: label -32768 of sample 1 is negative'
}

@test "gzip cut short at any length is refused" {
    gzip t-labels-idx1-ubyte
    mv t-labels-idx1-ubyte.gz whole.gz
    size=$(stat -c %s whole.gz)
    for ((n = 0; n < size; n++)); do
        head -c "$n" whole.gz >t-labels-idx1-ubyte.gz
        run -65 idx-info t
        assert_error 't-labels-idx1-ubyte.gz: '
    done
}

@test "unpacking that gets no memory ends with 71, or does without it" {
    skip_sanitized
    allocate=$BUILD/tests/fault/allocate.so
    for file in t-images-idx3-ubyte t-labels-idx1-ubyte; do
        { head -c 9 $file | gzip && tail -c +10 $file | gzip; } >$file.gz
        rm $file
    done
    wanted=$(idx-info t)
    LD_PRELOAD=$allocate ALLOCATE_COUNT=count idx-info t
    for n in $(seq "$(cat count)"); do
        run env LD_PRELOAD="$allocate" ALLOCATE_FAIL="$n" idx-info t
        [[ $status == 0 && $output == "$wanted" ]] || [[ $status == 71 && $output == *'memory'* ]] || break
        [[ $output != *'unpack: out of memory' ]] || told=yes
    done
    echo "$n: $status: $output"
    ((n == $(cat count))) && [[ $told ]]
}

@test "gzip with a byte after it is refused" {
    gzip t-labels-idx1-ubyte
    printf x >>t-labels-idx1-ubyte.gz
    run -65 idx-info t
    assert_error 't-labels-idx1-ubyte.gz: unpack: something else follows the compressed data'
}

@test "a small gzip file that promises terabytes takes no memory" {
    skip_sanitized
    words 0x803 0xffffffff 4096 4096 | gzip >t-images-idx3-ubyte
    (
        ulimit -v 200000
        run -65 idx-info t
        assert_error 'its header says 72057594021150736 bytes, more than'
    )
}

@test "two files for one purpose are refused" {
    cp t-images-idx3-ubyte t-images-idx4-ubyte.gz
    run -65 idx-info t
    assert_error 't-images-idx3-ubyte: t-images-idx4-ubyte.gz is there too: move one of them away'
}

@test "a list that names no sample, or one that is not there, is refused" {
    : >list
    run -65 idx-info t@list
    assert_error 'list: names no sample'
    printf '0\n2\n' >list
    run -65 idx-info t@list
    assert_error 'list: line 2: there is no sample 2: the set has 2, from 0'
    printf '0\n-1\n' >list
    run -65 idx-info t@list
    assert_error 'list: line 2: not a sample number'
    run -66 idx-info t@nowhere
    assert_error 'nowhere: open: no such file'
}

@test "a directory in the place of a file is no input" {
    rm t-labels-idx1-ubyte
    mkdir t-labels-idx1-ubyte
    run -66 idx-info t
    assert_error 't-labels-idx1-ubyte: read: is a directory'
}

@test "a missing operand is a usage error" {
    run -64 idx-info
    assert_error 'an operand is missing'
}

@test "what does not arrive on stdout is an I/O error" {
    run -74 sh -c 'idx-info t >/dev/full'
    assert_error 'stdout: write: no space left on device'
}
