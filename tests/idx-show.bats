# idx-show: which samples are shown, where, and what is said of them, as PNG and as text.

bats_require_minimum_version 1.5.0
load helpers

# Three samples of 2 x 2 pixels, of the classes 0, 1 and 0.
tiny() {
    {
        words 0x803 3 2 2
        printf '\0\377\377\0\200\200\200\200\377\377\377\377'
    } >tiny-images-idx3-ubyte
    {
        words 0x801 3
        printf '\0\1\0'
    } >tiny-labels-idx1-ubyte
}

# One of 1 x 2, of colour: a red pixel and a blue one.
colour() {
    {
        words 0x804 1 3 1 2
        printf '\377\0\0\0\0\377'
    } >colour-images-idx4-ubyte
    {
        words 0x801 1
        printf '\0'
    } >colour-labels-idx1-ubyte
}

# column NAME: that column of the records in $output, on a line.
column() {
    awk -F '\t' -v name="$1" '/^#/ { for (i = 1; i <= NF; i++) if ($i == name || $i == "#" name) at = i; next }
                              { print $at }' <<<"$output" | xargs
}

# predictions LINE...: nn-predict's records: path, index, label, predicted, probability.
predictions() {
    printf '#path\tindex\tlabel\tpredicted\tprobability\n'
    printf '%s\n' "$@" | tr ' ' '\t'
}

# size FILE: of a PNG, columns and rows.
size() {
    "$ROOT/tests/pictures.py" -d "$1" | head -n 1 | cut -d ' ' -f 2,3
}

@test "a sheet is a PNG file, and the records say what is where" {
    run -0 --separate-stderr idx-show -o sheet.png "$DATA/test"
    [[ -z $stderr && ${lines[0]} == $'#row\tcolumn\tindex\tlabel' && ${#lines[@]} == 101 ]]
    [[ $(column index) == "$(seq 0 99 | xargs)" ]]
    [[ ${lines[12]} == $'1\t1\t11\t'* ]]
    [[ $(size sheet.png) =~ ^8[0-9]+\ 1[0-9]+$ ]]
}

@test "its pixels are those of the samples, on white" {
    tiny
    idx-show -q -b --zoom 1 --columns 3 -o sheet.png tiny >records
    [[ $("$ROOT/tests/pictures.py" -d sheet.png | sed -n '1p; 6,7p') == \
        $'P2 22 10 255\n255 255 255 255 0 255 255 255 255 255 128 128 255 255 255 255 255 255 255 255 255 255
255 255 255 255 255 0 255 255 255 255 128 128 255 255 255 255 255 255 255 255 255 255' ]]
}

@test "pixels of colour are drawn as they are" {
    colour
    idx-show -q -b --zoom 1 -o sheet.png colour >records
    [[ $("$ROOT/tests/pictures.py" -d sheet.png | sed -n '6p') == *'255 255 255 255 0 0 0 0 255 255 255 255'* ]]
}

@test "text without colours shows the grey that idx-pack and nn-predict make of them" {
    colour
    run -0 idx-show --text -b colour
    [[ $output == '-.' ]]
}

@test "long captions widen the cells, and pictures stand over their middle" {
    tiny
    printf 'twelve lette\nothers\n' >names
    idx-show -q --zoom 1 --columns 3 --classes names -o sheet.png tiny >records
    [[ $("$ROOT/tests/pictures.py" -d sheet.png | sed -n '6p' | tr ' ' '\n' | grep -n -v 255 | xargs) == '42:0 123:128 124:128' ]]
}

@test "the same samples give the same bytes" {
    idx-show -q -o a.png "$DATA/test" >records
    idx-show "$DATA/test" >b.png
    idx-show -o - "$DATA/test" | cmp - a.png
    assert_same a.png b.png
}

@test "-c shows one class, or several" {
    run -0 idx-show -n -c 3 -c 5 --count 1000 "$DATA/test"
    [[ $(column label | tr ' ' '\n' | sort -u | xargs) == '3 5' ]]
    wanted=$(idx-info -c "$DATA/test" | awk -F '\t' '$2 == 3 || $2 == 5 { n += $3 } END { print n }')
    [[ $(column index | wc -w) == "$wanted" ]]
}

@test "--skip and --count go through a set" {
    run -0 idx-show -n --skip 10 --count 3 "$DATA/test"
    [[ $(column index) == '10 11 12' ]]
    run -0 idx-show -n --skip 199 "$DATA/test"
    [[ $(column index) == 199 ]]
}

@test "-r takes the order of the first epoch, by the seed" {
    run -0 idx-show -n -r --count 6 "$DATA/test"
    first=$(column index)
    [[ $(tr ' ' '\n' <<<"$first" | sort -n | xargs) != "$first" ]]
    run -0 idx-show -n -r -s 1 --count 6 "$DATA/test"
    [[ $(column index) == "$first" ]]
    run -0 idx-show -n -r -s 2 --count 6 "$DATA/test"
    [[ $(column index) != "$first" ]]
}

@test "a list decides which samples there are" {
    printf '7\n5\n' >list
    run -0 idx-show -n "$DATA/test@list"
    [[ $(column index) == '0 1' ]]
    label=$(column label)
    run -0 idx-show -n "$DATA/test"
    [[ $label == "$(cut -d ' ' -f 8,6 <<<"$(column label)" | awk '{ print $2, $1 }')" ]]
}

@test "no sample is a no" {
    run -1 idx-show -o sheet.png -c 77 "$DATA/test"
    assert_error 'test: show: no sample is of those asked for'
    assert_missing sheet.png
    run -1 idx-show -n --skip 200 "$DATA/test"
}

@test "text has a character for two pixels, and captions" {
    tiny
    run -0 idx-show --text tiny
    [[ $output == $'++            ++            @@\n0             1             0' ]]
    run -0 idx-show --text -b --columns 1 tiny
    [[ $output == $'++\n\n++\n\n@@' ]]
}

@test "text of large pictures is made smaller" {
    {
        words 0x803 1 100 400
        head -c 40000 /dev/zero | tr '\0' '\377'
    } >large-images-idx3-ubyte
    {
        words 0x801 1
        printf '\0'
    } >large-labels-idx1-ubyte
    run -0 idx-show --text -b large
    [[ ${#lines[@]} == 5 && ${lines[0]} == "$(printf '@%.0s' {1..40})" ]]
}

@test "on a terminal there are colours, and none with NO_COLOR, with TERM=dumb or without UTF-8" {
    skip_without_terminal
    tiny
    run -0 env -u NO_COLOR TERM=xterm LC_ALL=C.UTF-8 script -qec 'idx-show tiny' /dev/null
    [[ $output == *$'\e[38;5;16;48;5;231m\xe2\x96\x80\e[38;5;231;48;5;16m\xe2\x96\x80\e[0m'* ]]
    for settings in 'NO_COLOR=1 TERM=xterm LC_ALL=C.UTF-8' 'TERM=dumb LC_ALL=C.UTF-8' 'TERM=xterm LC_ALL=C'; do
        # shellcheck disable=SC2086 # settings
        run -0 env -u NO_COLOR $settings script -qec 'idx-show tiny' /dev/null
        [[ $output == *'++            ++'* && $output != *$'\e'* ]]
    done
}

@test "-p shows the worst mistakes, the most confident first" {
    tiny
    predictions 'tiny 0 0 1 0.75' 'tiny 1 1 1 1' 'tiny 2 0 3 0.9' >p.tsv
    run -0 idx-show -o sheet.png -p p.tsv tiny
    [[ $(column index) == '2 0' && $(column predicted) == '3 1' && $(column probability) == '0.9 0.75' ]]
    run -0 idx-show --text --columns 1 -p p.tsv tiny
    [[ $output == $'@@\n0\n> 3 90%\n\n++\n0\n> 1 75%' ]]
}

@test "of equally confident mistakes the earlier sample comes first" {
    tiny
    predictions 'tiny 2 0 3 0.5' 'tiny 1 1 3 0.5' 'tiny 0 0 2 0.5' >p.tsv
    run -0 idx-show -n -p p.tsv tiny
    [[ $(column index) == '0 1 2' ]]
}

@test "-p knows predictions by the names of classes" {
    tiny
    printf 'cat\ndog\n' >names
    predictions 'tiny 0 cat dog 0.75' 'tiny 1 dog dog 1' >p.tsv
    run -0 idx-show -n -p p.tsv tiny
    [[ $(column index) == 0 && $(column label) == cat && $(column predicted) == dog ]]
    predictions 'tiny 0 0 1 0.75' >p.tsv
    run -0 idx-show -n --classes names -p p.tsv tiny
    [[ $(column label) == cat && $(column predicted) == dog ]]
}

@test "-p takes what nn-predict prints" {
    nn-predict "$RUN/epoch-0001.safetensors" "$DATA/test" >p.tsv
    run -0 idx-show -o sheet.png --count 1000 -p p.tsv "$DATA/test"
    wrong=$(awk -F '\t' '!/^#/ && $3 != $4' p.tsv | wc -l)
    [[ $(column index | wc -w) == "$wrong" ]]
    [[ $(column probability) == "$(column probability | tr ' ' '\n' | sort -g -r | xargs)" ]]
    run -0 bash -c 'idx-show -n -p - "$DATA/test" <p.tsv'
}

@test "of predictions of several sets, those of this one count" {
    tiny
    predictions 'other 7 0 1 0.75' 'tiny 1 1 0 0.6' >p.tsv
    run -0 idx-show -n -p p.tsv tiny
    [[ $(column index) == 1 ]]
    predictions 'other 0 0 1 0.75' 'another 1 1 0 0.6' >p.tsv
    run -65 idx-show -n -p p.tsv tiny
    assert_error 'p.tsv: read: it has no prediction of tiny'
}

@test "no mistake is a no" {
    tiny
    predictions 'tiny 0 0 0 1' >p.tsv
    run -1 idx-show -o sheet.png -p p.tsv tiny
    assert_error 'tiny: show: no sample that is asked for was taken for another class'
    assert_missing sheet.png
}

@test "predictions of another set are refused" {
    tiny
    predictions 'tiny 3 0 1 0.5' >p.tsv
    run -65 idx-show -n -p p.tsv tiny
    assert_error 'p.tsv: read: there is no sample 3 in the set, which has 3'
    predictions 'tiny 1 7 1 0.5' >p.tsv
    run -65 idx-show -n -p p.tsv tiny
    assert_error 'p.tsv: read: sample 1 has the label 7 there, but 1 in the set'
    predictions 'photo.png none none 1 0.5' >p.tsv
    run -65 idx-show -n -p p.tsv tiny
    assert_error 'p.tsv: read: there is no sample none in the set'
    printf '#path\tindex\nx\t0\n' >p.tsv
    run -65 idx-show -n -p p.tsv tiny
    assert_error 'p.tsv: read: no columns index, label, predicted and probability'
    : >p.tsv
    run -65 idx-show -n -p p.tsv tiny
    run -66 idx-show -n -p nowhere tiny
}

@test "-a shows a row for each sample, and the epochs after the checkpoint" {
    run -0 --separate-stderr idx-show -o sheet.png -a "$RUN/epoch-0001.safetensors" --count 2 --columns 3 "$DATA/test"
    [[ $(column index) == '0 0 0 1 1 1' && $(column epoch) == 'none 2 3 none 2 3' ]]
    run -0 --separate-stderr idx-show -n -a "$MODEL" --count 1 --columns 3 --epoch 7 "$DATA/test"
    [[ $(column epoch) == 'none 7 8' ]]
}

@test "-a reads its network once, be it a pipe, and believes no checkpoint that is not proven" {
    for network in "$MODEL" "$RUN/epoch-0001.safetensors"; do
        idx-show -n -a "$network" --count 1 --columns 3 "$DATA/test" >wanted
        mkfifo pipe
        timeout 20 cat "$network" >pipe &
        run -0 --separate-stderr timeout 20 idx-show -n -a pipe --count 1 --columns 3 "$DATA/test"
        [[ $output == "$(<wanted)" ]]
        run -0 --separate-stderr bash -c 'idx-show -n -a - --count 1 --columns 3 "$DATA/test" <"$0"' "$network"
        [[ $output == "$(<wanted)" ]]
        rm pipe
    done
    head -c -1 "$CKPT" >damaged
    printf x >>damaged
    run -65 --separate-stderr idx-show -n -a damaged "$DATA/test"
    assert_error 'damaged: digest differs'
    { cat "$MODEL" && head -c 1100000 /dev/zero | tr '\0' '\n'; } >long.model
    run -65 --separate-stderr idx-show -n -a long.model "$DATA/test"
    assert_error 'long.model: read: more than 1048576 bytes, which is no model text'
}

@test "as many epochs are shown as training counts and a sheet has room for" {
    run -0 --separate-stderr idx-show -n -a "$MODEL" --count 1 --columns 2 --epoch 4294967295 "$DATA/test"
    [[ $(column epoch) == 'none 4294967295' ]]
    run -64 --separate-stderr idx-show -n -a "$MODEL" --count 1 --columns 3 --epoch 4294967295 "$DATA/test"
    assert_error '2 epochs after epoch 4294967294: epochs are counted up to 2^32 - 1'
    run -64 --separate-stderr idx-show -n -a "$MODEL" --count 1 --columns 2 --epoch 4294967297 "$DATA/test"
    run -64 --separate-stderr timeout 20 idx-show --text -a "$MODEL" --count 2 --columns 1000000000 "$DATA/test"
    assert_error 'a sheet of 2 x 1000000000 pictures is too large'
    run -0 idx-show --text --count 1 --columns 1000000000000 "$DATA/test"
}

@test "what does not augment shows the sample itself, and says so" {
    tiny
    sed 's/input.*/input 1 2 2/; /conv/d; /maxpool/d' "$MODEL" >tiny.model
    run -0 idx-show --text -a tiny.model --count 1 --columns 3 tiny
    assert_error 'tiny.model: show: it augments nothing'
    [[ $output == *$'++            ++            ++\n0             epoch 1       epoch 2' ]]
}

@test "what augments shows pictures that depend on seed, epoch and sample" {
    { cat "$MODEL" && echo 'augment shift=0.2 rotate=20'; } >augmented.model
    show() {
        idx-show -q -b -f --columns 2 -o - -a augmented.model "$@"
    }
    show --count 1 "$DATA/test" >a
    show --count 1 -s 1 --epoch 1 "$DATA/test" | cmp - a
    show --count 1 -s 2 "$DATA/test" >b
    show --count 1 --epoch 2 "$DATA/test" >c
    printf '1\n0\n' >list # the same sample at another place is another draw
    show --count 1 --skip 1 "$DATA/test@list" >d
    for other in b c d; do
        run ! cmp -s "$other" a
    done
}

@test "a checkpoint's own seed counts, and its pixels are those of the model text with that seed" {
    { cat "$MODEL" && echo 'augment shift=0.2 rotate=20 erase=1'; } >augmented.model
    nn-init -q -s 5 -o zero augmented.model
    idx-show -q -o a.png -a zero -s 9 "$DATA/test" >records
    idx-show -q -o b.png -a augmented.model -s 5 "$DATA/test" >records
    assert_same a.png b.png
}

@test "a network for other pictures is refused" {
    tiny
    run -65 idx-show -n -a "$MODEL" tiny
    assert_error "tiny: read: pictures of 1 x 2 x 2, but the model's input is 1 x 28 x 28"
    run -65 idx-show -n -a "$DATA/train-images-idx3-ubyte" "$DATA/test"
    run -66 idx-show -n -a nowhere "$DATA/test"
}

@test "--classes names what is shown, and must name all" {
    tiny
    printf 'cat\ndog\n' >names
    run -0 idx-show -n --classes names tiny
    [[ $(column label) == 'cat dog cat' ]]
    echo cat >names
    run -65 idx-show -n --classes names tiny
    assert_error 'names: read: it names 1 classes, but the set has the label 1'
}

@test "names play no tricks on a terminal" {
    tiny
    printf 'c\e[2Jt\ndog\n' >names
    run -0 idx-show --text --classes names tiny
    [[ $output != *$'\e'* && $output == *'c\x1b[2Jt'* ]]
    run -0 idx-show -o sheet.png --classes names tiny
}

@test "a file that is there is not replaced without -f" {
    tiny
    echo mine >sheet.png
    run -73 idx-show -o sheet.png tiny
    [[ $(<sheet.png) == mine ]]
    run -0 idx-show -f -o sheet.png tiny
    size sheet.png
    assert_no_leftovers
}

@test "a full disk and a full stdout are I/O errors" {
    run -74 bash -c 'ulimit -f 1 && exec idx-show -o sheet.png "$DATA/test"'
    assert_missing sheet.png
    assert_no_leftovers
    run -74 bash -c 'idx-show "$DATA/test" >/dev/full'
    run -74 bash -c 'idx-show --text "$DATA/test" >/dev/full'
    run -74 bash -c 'idx-show -o sheet.png "$DATA/test" >/dev/full'
}

@test "a command line that contradicts itself is refused" {
    run -64 idx-show --text -o x "$DATA/test"
    assert_error '-o x: with --text nothing is drawn'
    run -64 idx-show --epoch 1 "$DATA/test"
    assert_error '--epoch is for -a'
    run -64 idx-show -a "$MODEL" -p x "$DATA/test"
    run -64 idx-show -r -p x "$DATA/test"
    run -64 idx-show -a "$MODEL" --columns 1 "$DATA/test"
    for other in -a -p; do
        run -64 idx-show --classes - $other - "$DATA/test"
        assert_error '-: there is only one stdin'
    done
    run -64 idx-show --count 0 "$DATA/test"
    assert_error '--count 0: not a number from 1'
    run -64 idx-show --skip -1 "$DATA/test"
    assert_error '--skip -1: not a number from 0'
    run -64 idx-show -c x "$DATA/test"
    run -64 idx-show -n --zoom 99999999 "$DATA/test"
    assert_error 'a zoom of 99999999 makes the pictures too large'
    run -64 idx-show -n --zoom 1000 "$DATA/test"
    assert_error 'pixels is too large'
}

@test "a set that is none, or of two channels, is refused" {
    run -66 idx-show -n nowhere
    {
        words 0x804 1 2 1 1
        printf 'ab'
    } >t-images-idx4-ubyte
    {
        words 0x801 1
        printf '\0'
    } >t-labels-idx1-ubyte
    run -65 idx-show -n t
    assert_error 't: show: pictures of 2 channels are neither grey nor RGB'
}
