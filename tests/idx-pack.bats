# idx-pack: folders of pictures and data sets, one out of the other, whole or not at all.

bats_require_minimum_version 1.5.0
load helpers

# pgm PATH ROWSxCOLUMNS SAMPLE...: a picture, and its folder.
pgm() {
    local path=$1 size=$2
    shift 2
    mkdir -p -- "$(dirname -- "$path")"
    printf 'P2 %d %d 255 %s\n' "${size#*x}" "${size%x*}" "$*" >"$path"
}

# ppm PATH SAMPLE...: one of a pixel, of colour.
ppm() {
    local path=$1
    shift
    mkdir -p "$(dirname "$path")"
    printf 'P3 1 1 255 %s\n' "$*" >"$path"
}

# Two classes of 2 x 1 pixels.
pets() {
    pgm pets/dog/a.pgm 2x1 1 2
    pgm pets/cat/b.pgm 2x1 5 6
    pgm pets/cat/a.pgm 2x1 3 4
}

# bytes FILE SKIP: all but the first, as numbers.
bytes() {
    tail -c +$(($2 + 1)) -- "$1" | od -A n -v -t u1 | xargs
}

assert_nothing_written() { # PREFIX
    [[ -z $(find . -name "*$1*") ]] && assert_no_leftovers
}

@test "a folder is a class, in the order of names, and so are the pictures in it" {
    pets
    run -0 --separate-stderr idx-pack -o set pets
    [[ $output == $'#label\tname\tcount\n0\tcat\t2\n1\tdog\t1' && -z $stderr ]]
    [[ $(bytes set-images-idx3-ubyte 0) == '0 0 8 3 0 0 0 3 0 0 0 2 0 0 0 1 3 4 5 6 1 2' ]]
    [[ $(bytes set-labels-idx1-ubyte 8) == '0 0 1' ]]
    cmp set-classes <(printf 'cat\ndog\n')
    idx-info set
}

@test "the same pictures give the same files, wherever they lie and in whichever order they came" {
    pets
    mkdir -p more/dog more/cat
    cp -r pets/cat/a.pgm pets/cat/b.pgm more/cat
    cp pets/dog/a.pgm more/dog
    idx-pack -o one pets
    LC_ALL=en_US.UTF-8 idx-pack -o two more/
    for file in images-idx3-ubyte labels-idx1-ubyte classes; do
        assert_same "one-$file" "two-$file"
    done
}

@test "names are in the order of their bytes, and case makes another class" {
    for name in b B a-b a 10 9 é; do
        pgm "set/$name/x" 1x1 1
    done
    run -0 idx-pack -o s set
    [[ $(xargs <s-classes) == '10 9 B a a-b b é' ]]
}

@test "the classes of several directories are one list" {
    pgm x/b/1 1x1 1
    pgm y/a/1 1x1 2
    pgm x/c/1 1x1 3
    idx-pack -o s x y
    [[ $(xargs <s-classes) == 'a b c' && $(bytes s-images-idx3-ubyte 16) == '2 1 3' ]]
}

@test "pictures of colour make channels, one after the other" {
    ppm rgb/a/1 1 2 3
    ppm rgb/a/2 4 5 6
    run -0 idx-pack -o s rgb
    [[ $(bytes s-images-idx4-ubyte 0) == '0 0 8 4 0 0 0 2 0 0 0 3 0 0 0 1 0 0 0 1 1 2 3 4 5 6' ]]
}

@test "every kind of PNG is read as its standard says" {
    "$ROOT/tests/pictures.py" odd
    run -0 --separate-stderr idx-pack --rgb -o png odd/png
    assert_error 'odd/png: made RGB: 24 of 52 pictures'
    idx-pack -q -o ppm odd/ppm
    assert_same png-images-idx4-ubyte ppm-images-idx4-ubyte
}

@test "every PNG that is damaged or too large is told, within little memory, and nothing is written" {
    skip_sanitized
    "$ROOT/tests/pictures.py" odd
    mkdir set
    mv odd/damaged set/a
    run -65 bash -c 'ulimit -v 200000 && exec idx-pack -o s set'
    for name in set/a/*; do
        assert_error "idx-pack: $name: read: "
    done
    assert_error 'set/a/bomb: read: a picture of 9000 x 9000 pixels, more than the 67108864 that are read'
    assert_error "set/a/huge: read: 2147483647 x 2147483647 pixels are more than its 108 bytes can hold"
    assert_error 'set/a/jpeg: read: it is no picture: neither PNG nor PGM nor PPM'
    assert_error 'set: pack: 17 of 17 pictures cannot be used; nothing is written'
    assert_nothing_written s-
}

@test "what is bad among good ones is told and counted, and nothing is written" {
    pets
    echo text >pets/cat/notes.txt
    : >pets/dog/z.pgm
    run -65 idx-pack -o set pets
    [[ ${#lines[@]} == 3 ]]
    assert_error 'pets/cat/notes.txt: read: it is no picture'
    assert_error 'pets/dog/z.pgm: read: it is no picture'
    assert_error 'pets: pack: 2 of 5 pictures cannot be used; nothing is written'
    assert_nothing_written set
}

@test "pictures of other sizes are refused, and --size scales them" {
    pets
    pgm pets/dog/large 4x2 10 20 30 40 50 60 70 80
    run -65 idx-pack -o set pets
    assert_error 'pets/dog/large: read: 4 x 2 pixels, but pets/cat/a.pgm has 2 x 1; --size makes them alike'
    assert_nothing_written set
    run -0 --separate-stderr idx-pack --size 2x1 -o set pets
    assert_error 'pets: scaled to 2 x 1: 1 of 4 pictures'
    [[ $(bytes set-images-idx3-ubyte 16) == '3 4 5 6 1 2 25 65' ]]
}

@test "grey and colour together are refused, and --grey and --rgb make them alike" {
    pgm s/a/1 1x1 9
    ppm s/a/2 255 0 0
    run -65 idx-pack -o set s
    assert_error 's/a/2: read: it is of colour, but s/a/1 is not; --grey and --rgb make them alike'
    idx-pack -q --grey -o grey s
    [[ $(bytes grey-images-idx3-ubyte 16) == '9 76' ]]
    idx-pack -q --rgb -o rgb s
    [[ $(bytes rgb-images-idx4-ubyte 20) == '9 9 9 255 0 0' ]]
}

@test "--invert swaps black and white, and says so" {
    pets
    run -0 --separate-stderr idx-pack --invert -o set pets
    assert_error 'pets: inverted: all pictures'
    [[ $(bytes set-images-idx3-ubyte 16) == '252 251 250 249 254 253' ]]
}

@test "a folder without pictures is refused, and one with hidden files alone has none" {
    pets
    mkdir pets/bird pets/eel
    : >pets/eel/.hidden
    run -65 idx-pack -o set pets
    assert_error 'pets/bird: read: no picture is in it'
    assert_error 'pets/eel: read: no picture is in it'
    assert_error 'pets: pack: 2 of 4 folders are no classes; nothing is written'
    assert_nothing_written set
}

@test "a directory without folders is refused" {
    mkdir empty
    run -65 idx-pack -o set empty
    assert_error 'empty: read: no folder is in it: each class is a folder of pictures'
}

@test "two classes of one name are refused, as of a directory that is named twice" {
    pets
    pgm more/cat/1 2x1 1 1
    run -65 idx-pack -o set pets more
    assert_error 'pets/cat: read: more/cat is a class of this name, too'
    run -65 idx-pack -o set pets pets
    assert_error 'pets/cat: read: pets/cat is a class of this name, too'
    assert_error 'pets: pack: 2 of 4 folders are no classes'
    assert_nothing_written set
}

@test "a folder inside a class is refused" {
    pets
    pgm pets/cat/kittens/1 2x1 1 1
    run -65 idx-pack -o set pets
    assert_error 'pets/cat/kittens: read: it is a folder inside of a class'
}

@test "files beside the folders are left out and counted" {
    pets
    : >pets/README
    : >pets/.hidden
    run -0 --separate-stderr idx-pack -o set pets
    assert_error 'pets: files in no folder of a class, left out: 1'
}

@test "links are followed, and one that leads nowhere is told" {
    pets
    ln -s ../dog/a.pgm pets/cat/c.pgm
    ln -s dog pets/wolf
    run -0 idx-pack -o set pets
    [[ $(bytes set-images-idx3-ubyte 16) == '3 4 5 6 1 2 1 2 1 2' ]]
    ln -s nowhere pets/cat/d.pgm
    run -66 idx-pack -f -o set pets
    assert_error 'pets/cat/d.pgm: '
    assert_error '1 of 6 pictures cannot be used'
}

@test "a FIFO holds nobody up" {
    pets
    mkfifo pets/cat/fifo
    run -0 timeout 10 idx-pack -o set pets
}

@test "names may begin with a dash, have blanks, or be no UTF-8" {
    pgm $'./-set/-a b/-x\n.pgm' 1x1 1
    pgm $'./-set/\xff/1' 1x1 2
    run -0 idx-pack -o ./-out -- -set
    [[ $output == *'-a b'*'\xff'* ]]
    cmp ./-out-classes <(printf -- '-a b\n\xff\n')
}

@test "the name of a class with a newline is refused" {
    pgm $'set/a\nb/1' 1x1 1
    run -65 idx-pack -o s set
    assert_error 'set/a\x0ab: read: the name of a class is one line'
}

@test "a picture that cannot be read is an I/O error, and stands over bad ones" {
    [[ $(id -u) != 0 ]] || skip 'root may read everything'
    pets
    chmod 0 pets/cat/a.pgm
    echo >pets/cat/bad
    run -74 idx-pack -o set pets
}

@test "a data set that is there is not replaced without -f, nor is any of its files" {
    pets
    idx-pack -o set pets
    for file in images-idx3-ubyte labels-idx1-ubyte classes; do
        mkdir -p other
        mv set-* other
        cp "other/set-$file" .
        run -73 idx-pack -o set pets
        assert_error "set-$file: create: it exists; -f replaces it"
        run -73 idx-pack -n -o set pets
        [[ $(echo set-*) == "set-$file" ]]
        rm "set-$file"
        mv other/* .
    done
    pgm pets/cat/a.pgm 2x1 9 9
    run -0 idx-pack -f -o set pets
    [[ $(bytes set-images-idx3-ubyte 16) == '9 9 5 6 1 2' ]]
    assert_no_leftovers
}

@test "a dry run reads all and writes nothing" {
    pets
    run -0 --separate-stderr idx-pack -n -o set pets
    [[ $output == $'#label\tname\tcount\n0\tcat\t2\n1\tdog\t1' ]]
    : >pets/cat/z
    run -65 idx-pack -n -o set pets
    assert_nothing_written set
}

@test "a full disk is an I/O error, and what is there then is no data set" {
    "$ROOT/tests/pictures.py" odd
    run -74 bash -c 'ulimit -f 1 && exec idx-pack -q --rgb --size 64x64 -o s odd/png'
    assert_error 's-images-idx4-ubyte: write: file too large'
    assert_nothing_written s-
}

@test "-x writes folders that pack into the same pictures" {
    run -0 idx-pack -x -o folders "$DATA/test"
    [[ $(find folders -name '*.png' | wc -l) == 200 && $(echo folders/*) == 'folders/0 '*' folders/9' ]]
    idx-pack -o again folders
    idx-split -q -l -o by-class -S -T "$DATA/test" all=200 >/dev/null
    paste <(bytes "$DATA/test-labels-idx1-ubyte" 8 | tr ' ' '\n') <(seq 0 199) | sort -s -n -k 1,1 | cut -f 2 >sorted
    [[ $(idx-info again | cut -f 7) == "$(idx-info "$DATA/test@sorted" | cut -f 7)" ]]
}

@test "-x gives classes the names that are beside the set" {
    pets
    idx-pack -o set pets
    run -0 idx-pack -x -o out set
    [[ $(find out -type f | sort | xargs) == 'out/cat/0.png out/cat/1.png out/dog/2.png' ]]
    idx-pack -o again out
    assert_same set-images-idx3-ubyte again-images-idx3-ubyte
    assert_same set-classes again-classes
}

@test "the PNG of -x are plain ones, of the samples alone" {
    ppm rgb/a/1 1 2 3
    idx-pack -o set rgb
    idx-pack -x -o out set
    [[ $("$ROOT/tests/pictures.py" -d out/a/0.png | xargs) == 'P3 1 1 255 1 2 3' ]]
}

@test "-x of a list writes its samples, numbered as in the list" {
    pets
    idx-pack -o set pets
    printf '2\n0\n' >list
    run -0 idx-pack -x -o out set@list
    [[ $(find out -type f | sort | xargs) == 'out/cat/1.png out/dog/0.png' ]]
}

@test "-x goes on with what is there, and replaces nothing that differs without -f" {
    pets
    idx-pack -o set pets
    idx-pack -x -o out set
    find out -type f -exec stat -c '%n %i' {} + | sort >before
    rm out/dog/2.png
    run -0 idx-pack -x -o out set
    [[ $(find out -type f -exec stat -c '%n %i' {} + | sort | join before - | awk '$2 == $3' | wc -l) -ge 2 && -e out/dog/2.png ]]
    echo >out/cat/1.png
    run -73 idx-pack -x -o out set
    assert_error 'out/cat/1.png: create: it exists; -f replaces it'
    run -0 idx-pack -f -x -o out set
    idx-pack -o again out
    assert_same set-images-idx3-ubyte again-images-idx3-ubyte
}

@test "-x refuses a directory that has something of another set, with -f too" {
    pets
    idx-pack -o set pets
    idx-pack -x -o out set
    for other in bird cat/2.png cat/00.png cat/0.PNG cat/mine; do
        : >"out/$other"
        run -73 idx-pack -f -x -o out set
        assert_error "out/$other: create: it is there, and does not come from this set"
        rm "out/$other"
    done
    : >file
    run -73 idx-pack -x -o file set
    assert_error 'file: create: it is there, and no directory'
}

@test "-x removes what a killed one left in the folders" {
    pets
    idx-pack -o set pets
    mkdir -p out/cat
    : >out/cat/.1.png.abcdef.tmp
    run -0 idx-pack -f -x -o out set
    assert_no_leftovers
}

@test "-x -n tells and writes nothing" {
    pets
    idx-pack -o set pets
    run -0 idx-pack -x -n -o out set
    [[ $output == $'#label\tname\tcount\n0\tcat\t2\n1\tdog\t1' ]]
    assert_missing out
}

@test "-x takes no name for a folder that leads elsewhere, and no list of too few" {
    pets
    idx-pack -o set pets
    printf 'cat\n../dog\n' >set-classes
    run -65 idx-pack -x -o out set
    assert_error "set-classes: read: '../dog' is no name for a folder of pictures"
    printf 'cat\n..\n' >set-classes
    run -65 idx-pack -x -o out set
    echo cat >set-classes
    run -65 idx-pack -x -o out set
    assert_error 'set-classes: read: it names 1 classes, but the set has the label 1'
    assert_missing out
}

@test "-x is not held up by a list of names that is no file" {
    pets
    idx-pack -o set pets
    rm set-classes
    mkfifo set-classes
    run -66 timeout 20 idx-pack -x -o out set
    assert_error 'set-classes: open: it is no file'
    assert_missing out
}

@test "-x takes no link that leads nowhere and no directory for a picture, and -f replaces the link" {
    pets
    idx-pack -o set pets
    mkdir -p out/cat
    ln -s nowhere out/cat/0.png
    run -73 idx-pack -x -o out set
    assert_error 'out/cat/0.png: '
    run -0 idx-pack -x -f -o out set
    [[ -f out/cat/0.png && ! -L out/cat/0.png ]]
    rm out/cat/0.png
    mkdir out/cat/0.png
    run -73 idx-pack -x -f -o out set
    assert_error 'out/cat/0.png: '
}

@test "-x of a set with two channels is refused" {
    {
        words 0x804 1 2 1 1
        printf 'ab'
    } >t-images-idx4-ubyte
    {
        words 0x801 1
        printf '\0'
    } >t-labels-idx1-ubyte
    run -65 idx-pack -x -o out t
    assert_error 't: write: PNG has no pictures of 2 channels'
    assert_missing out
}

@test "a command line that says too little or too much is refused" {
    run -64 idx-pack pets
    assert_error '-o is missing'
    run -64 idx-pack -o set
    assert_error 'an operand is missing'
    run -64 idx-pack -o set --size 28 pets
    assert_error '--size 28: not a size: rows x columns, such as 28x28'
    run -64 idx-pack -x --grey -o out set
    assert_error 'with -x pictures are written as they are'
    run -64 idx-pack -x -o out one two
    assert_error 'two: with -x there is one data set'
}

@test "a directory that is not there, or none, is told" {
    run -66 idx-pack -o set nowhere
    assert_error 'nowhere: open: '
    : >file
    run ! idx-pack -o set file
    assert_error 'file: open: '
    run -66 idx-pack -x -o out nowhere
}

@test "many pictures need the memory of one" {
    skip_sanitized
    mkdir -p set/a
    { printf 'P5 1000 1000 255\n' && head -c 1000000 /dev/zero; } >set/a/0
    for i in {1..40}; do
        ln set/a/0 "set/a/$i"
    done
    run -0 bash -c 'ulimit -v 24000 && exec idx-pack -o s set'
    [[ $(stat -c %s s-images-idx3-ubyte) == 41000016 ]]
}
