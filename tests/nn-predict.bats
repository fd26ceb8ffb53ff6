# nn-predict: what it says of samples and pictures, that nothing beside them changes it, and what it refuses.
bats_require_minimum_version 1.5.0
load helpers
load checkpoints

export BATS_TEST_TIMEOUT=60 # for what waits for something that does not come

setup() {
    cd "$BATS_TEST_TMPDIR" || return
    NET=$RUN/epoch-0002.safetensors
    export NET
}

# pgm INDEX FILE: a sample of the test set as a picture.
pgm() {
    {
        printf 'P5 28 28 255\n'
        tail -c +$((17 + $1 * 784)) "$DATA/test-images-idx3-ubyte" | head -c 784
    } >"$2"
}

# What a picture is taken for, and how surely: the columns of records that have no label.
judgement() {
    awk -F '\t' '/^#/ { for (i = 1; i <= NF; i++) skip[i] = $i ~ /^(#path|index|label|loss)$/; next }
        { for (i = 1; i <= NF; i++) if (!skip[i]) printf "%s\t", $i; print "" }
        END { exit NR < 2 }'
}

# --- Records

@test "a record a sample, in the order of the set" {
    run -0 --separate-stderr nn-predict "$NET" "$DATA/test"
    [ "${lines[0]}" = "#path	index	label	predicted	probability	loss" ]
    [ "${#lines[@]}" = 201 ]
    [ -z "$stderr" ]
    awk -F '\t' -v path="$DATA/test" '!/^#/ { if ($1 != path || $2 != n++ || $4 > 9 || !($5 > 0.1 && $5 <= 1)) exit 1 }' <<<"$output"
}

@test "records have the accuracy and, bit for bit, the loss of nn-eval" {
    nn-predict -j "$NET" "$DATA/test" >records
    nn-eval -j "$DATA/test" "$NET" >evaluation
    python3 - <<'END'
import json
records = [json.loads(line) for line in open('records')]
evaluation = json.load(open('evaluation'))
total = 0.0
for record in records:
    total += record['loss']
assert total / len(records) == evaluation['loss'], (total / len(records), evaluation['loss'])
assert sum(record['label'] == record['predicted'] for record in records) == evaluation['correct']
END
}

@test "--logits adds those of every class, whose softmax are the probabilities" {
    nn-predict -j --logits --top 10 "$NET" "$DATA/test" >records
    python3 - <<'END'
import json, math
for line in open('records'):
    record = json.loads(line)
    logits = [record['logit.%d' % i] for i in range(10)]
    total = sum(math.exp(logit) for logit in logits)
    ranked = [record['predicted']] + [record['predicted.%d' % i] for i in range(2, 11)]
    probabilities = [record['probability']] + [record['probability.%d' % i] for i in range(2, 11)]
    assert ranked == sorted(range(10), key=lambda i: (-logits[i], i))
    assert abs(sum(probabilities) - 1) < 1e-12
    assert all(abs(p - math.exp(logits[i]) / total) < 1e-6 for i, p in zip(ranked, probabilities))
    assert abs(record['loss'] + math.log(math.exp(logits[record['label']]) / total)) < 1e-5
END
}

@test "--top prints so many, and no more than there are" {
    run -0 nn-predict --top 2 "$NET" "$DATA/test"
    [ "${lines[0]}" = "#path	index	label	predicted	probability	predicted.2	probability.2	loss" ]
    nn-predict --top 10 "$NET" "$DATA/test" >ten
    nn-predict --top 18446744073709551615 "$NET" "$DATA/test" >all
    assert_same ten all
    run -64 nn-predict --top 0 "$NET" "$DATA/test"
    run -64 nn-predict --top 1.5 "$NET" "$DATA/test"
}

@test "JSON has the values of the tables, and null where there is none" {
    pgm 3 3.pgm
    nn-predict --logits --top 3 "$NET" "$DATA/test" 3.pgm >table
    nn-predict -j --logits --top 3 "$NET" "$DATA/test" 3.pgm >lines
    python3 - <<'END'
import json
columns, *rows = [line.rstrip('\n').split('\t') for line in open('table')]
columns[0] = columns[0][1:]
for row, line in zip(rows, open('lines'), strict=True):
    record = json.loads(line)
    assert list(record) == columns
    for text, value in zip(row, record.values()):
        assert text == value or (text == 'none' and value is None) or float(text) == value, (text, value)
assert record['label'] is None and record['loss'] is None and record['index'] is None
END
}

@test "--classes calls the classes by their names" {
    printf '%s\n' shirt trousers pullover dress coat sandal 'a	tab' sneaker bag boot >names
    nn-predict "$NET" "$DATA/test" >numbers
    nn-predict --classes names "$NET" "$DATA/test" >named
    awk -F '\t' -v OFS='\t' 'NR == FNR { gsub("\t", "\\t"); name[FNR - 1] = $0; next } !/^#/ { $3 = name[$3]; $4 = name[$4] } 1' names numbers >wanted
    grep -q 'a\\t' wanted
    assert_same wanted named
    nn-predict --classes - "$NET" "$DATA/test" <names >from-stdin
    assert_same wanted from-stdin
    printf %s "$(cat names)" >unended
    nn-predict --classes unended "$NET" "$DATA/test" >named
    assert_same wanted named
}

@test "names that are too few, too many, empty or of two classes are 65" {
    seq 9 >few && seq 11 >many && { seq 9 && echo 3; } >twice && { seq 5 && echo && seq 6 9; } >gap && : >empty && printf '1\0' >nul
    run -65 nn-predict --classes few "$NET" "$DATA/test"
    assert_error 'nn-predict: few: read: it names 9 classes, but the network has 10'
    run -65 nn-predict --classes many "$NET" "$DATA/test"
    run -65 nn-predict --classes twice "$NET" "$DATA/test"
    assert_error "nn-predict: twice: read: two classes are called '3'"
    run -65 nn-predict --classes gap "$NET" "$DATA/test"
    assert_error 'nn-predict: gap: line 6: no name of a class'
    run -65 nn-predict --classes empty "$NET" "$DATA/test"
    run -65 nn-predict --classes nul "$NET" "$DATA/test"
    run -66 nn-predict --classes nowhere "$NET" "$DATA/test"
}

# --- What does not change a record

@test "devices and threads do not" {
    nn-predict --logits --top 10 "$NET" "$DATA/test" >wanted
    for options in '-d ref' '-d cpu -t 1' '-d cpu -t 3' '-t 16'; do
        # shellcheck disable=SC2086 # several words
        nn-predict $options --logits --top 10 "$NET" "$DATA/test" >found
        assert_same wanted found
    done
    ROTE_ISA=generic nn-predict --logits --top 10 "$NET" "$DATA/test" >found
    assert_same wanted found
}

@test "what is predicted beside a sample does not" {
    nn-predict --logits "$NET" "$DATA/test" | judgement >wanted
    seq 199 -1 0 >backwards
    nn-predict --logits "$NET" "$DATA/test@backwards" | judgement | tac >found
    assert_same wanted found
    for sample in 0 77 199; do
        echo "$sample" >one
        nn-predict --logits "$NET" "$DATA/test@one" | judgement
    done >found
    sed -n '1p;78p;200p' wanted | assert_same - found
}

@test "a picture is taken for what the same sample of a set is, in every kind of file" {
    pgm 5 5.pgm
    python3 - <<'END'
import struct, zlib
samples = open('5.pgm', 'rb').read()[-784:]
def chunk(kind, data):
    return struct.pack('>I', len(data)) + kind + data + struct.pack('>I', zlib.crc32(kind + data))
rows = b''.join(b'\0' + samples[i:i + 28] for i in range(0, 784, 28))
header = struct.pack('>IIBBBBB', 28, 28, 8, 0, 0, 0, 0)
open('5.png', 'wb').write(b'\x89PNG\r\n\x1a\n' + chunk(b'IHDR', header) + chunk(b'IDAT', zlib.compress(rows)) + chunk(b'IEND', b''))
open('5.ppm', 'wb').write(b'P6 28 28 255\n' + bytes(v for v in samples for _ in range(3)))
open('plain.pgm', 'w').write('P2\n28 28\n255\n' + '\n'.join(map(str, samples)) + '\n')
END
    echo 5 >five
    nn-predict --logits "$NET" "$DATA/test@five" | judgement >wanted
    for picture in 5.pgm 5.png 5.ppm plain.pgm; do
        nn-predict -q --logits "$NET" "$picture" | judgement >found
        assert_same wanted found
    done
}

# --- Pictures

@test "operands of all kinds keep their order, and a picture has neither index nor label" {
    pgm 1 1.pgm
    pgm 2 2.pgm
    mkdir more
    pgm 4 more/4.pgm
    pgm 3 more/3.pgm
    seq 2 >two
    run -0 --separate-stderr nn-predict "$NET" 2.pgm "$DATA/test@two" more 1.pgm
    [[ $(awk -F '\t' '!/^#/ { print $1, $2, $3 }' <<<"$output") == "2.pgm none none
$DATA/test@two 0 2
$DATA/test@two 1 1
more/3.pgm none none
more/4.pgm none none
1.pgm none none" ]]
    [ -z "$stderr" ]
}

@test "--invert swaps black and white, and says so" {
    pgm 1 1.pgm
    { head -c 13 1.pgm && tail -c 784 1.pgm | LC_ALL=C tr "$(printf '\\%03o' {0..255})" "$(printf '\\%03o' {255..0})"; } >ink.pgm
    nn-predict --logits "$NET" 1.pgm | judgement >wanted
    run -0 --separate-stderr nn-predict --logits --invert "$NET" ink.pgm
    [ "$stderr" = 'nn-predict: 1 of 1 pictures were inverted' ]
    judgement <<<"$output" >found
    assert_same wanted found
    nn-predict "$NET" "$DATA/test" >plain # a set is as it is
    nn-predict --invert "$NET" "$DATA/test" >inverted
    assert_same plain inverted
}

@test "--scale makes a picture fit, and says so; without it, another size is 65" {
    pgm 1 1.pgm
    python3 - <<'END'
samples = open('1.pgm', 'rb').read()[-784:]
rows = [bytes(v for v in samples[i:i + 28] for _ in range(3)) for i in range(0, 784, 28)]
open('large.pgm', 'wb').write(b'P5 84 84 255\n' + b''.join(row for row in rows for _ in range(3)))
END
    nn-predict --logits "$NET" 1.pgm | judgement >wanted
    run -0 --separate-stderr nn-predict --logits --scale "$NET" large.pgm 1.pgm
    [ "$stderr" = 'nn-predict: 1 of 2 pictures were scaled to 28 x 28' ]
    judgement <<<"$output" | head -n 1 | assert_same wanted -
    run -0 --separate-stderr nn-predict -q --scale --invert "$NET" large.pgm
    [ -z "$stderr" ]
    run -65 --separate-stderr nn-predict "$NET" large.pgm
    assert_error "nn-predict: large.pgm: read: a picture of 84 x 84, but the model's input is 28 x 28; --scale makes it fit"
    [ -z "$output" ]
}

@test "channels become those of the network, which is said" {
    printf '%s\n' 'input 3 2 2' 'dense 2' 'loss cross-entropy' 'train batch=1 epochs=1' 'optimizer sgd lr=0.1' >colour.model
    nn-init -q -o colour.safetensors colour.model
    printf 'P5 2 2 255\n\1\2\3\4' >grey.pgm
    printf 'P6 2 2 255\n\1\1\1\2\2\2\3\3\3\4\4\4' >colour.ppm
    run -0 --separate-stderr nn-predict --logits colour.safetensors grey.pgm colour.ppm
    [ "$stderr" = 'nn-predict: 1 of 2 pictures were made of three channels' ]
    judgement <<<"$output" >both
    [ "$(sort -u both | wc -l)" = 1 ]
    sed 's/input 3/input 4/' colour.model >four.model
    nn-init -q -o four.safetensors four.model
    run -65 --separate-stderr nn-predict four.safetensors grey.pgm
    assert_error "nn-predict: grey.pgm: read: a picture has 1 or 3 channels, but the model's input has 4"
}

@test "a picture that is none is told and counted, and the others are predicted" {
    pgm 1 1.pgm
    pgm 2 2.pgm
    head -c 500 2.pgm >cut.pgm
    echo 'no picture' >letter.png
    : >empty.png
    run -65 --separate-stderr nn-predict "$NET" 1.pgm cut.pgm letter.png nowhere.png empty.png 2.pgm
    [[ $(awk -F '\t' '!/^#/ { print $1 }' <<<"$output") == $'1.pgm\n2.pgm' ]]
    assert_error 'nn-predict: letter.png: read: it is no picture'
    assert_error 'nn-predict: cut.pgm: '
    assert_error 'nn-predict: nowhere.png: no such picture or directory; as a data set: nowhere.png-images-idx3-ubyte: open: '
    assert_error 'nn-predict: 3 of 5 pictures were not predicted'
}

@test "a picture that is not there is 66 alone, and 65 beside one that is none" {
    printf '%s\n' nowhere >names
    run -66 nn-predict "$NET" - <names
    assert_error 'nn-predict: nowhere: open: no such file or directory'
    assert_error 'nn-predict: 1 of 1 pictures were not predicted'
    echo names >>names
    run -65 nn-predict "$NET" - <names
}

@test "of a directory the files are taken in their order, not those that are hidden, nor directories" {
    mkdir -p pictures/below
    for sample in 2 1 0; do
        pgm "$sample" "pictures/$sample.pgm"
    done
    pgm 4 pictures/.hidden.pgm
    pgm 5 pictures/below/5.pgm
    mkfifo pictures/pipe # which would hold up who opens it
    run -0 nn-predict "$NET" pictures/
    [[ $(awk -F '\t' '!/^#/ { print $1 }' <<<"$output") == $'pictures/0.pgm\npictures/1.pgm\npictures/2.pgm' ]]
}

@test "a directory without files is 66" {
    mkdir -p pictures/below
    run -66 nn-predict "$NET" pictures
    assert_error 'nn-predict: pictures: look for pictures: there are none in this directory'
}

@test "where a directory has the name of a data set, an @ after it makes it the set" {
    cp "$DATA"/test-* .
    mkdir test
    pgm 0 test/0.pgm
    run -0 nn-predict "$NET" test
    [ "${#lines[@]}" = 2 ]
    run -0 nn-predict "$NET" test@
    [ "${#lines[@]}" = 201 ]
}

# --- Names from stdin

@test "names come from stdin, a line each; empty ones mean nothing, and the last may lack its newline" {
    pgm 1 'a name'
    pgm 2 -
    printf '\na name\n\n\n-\n./a name' >names
    run -0 nn-predict "$NET" - <names
    [[ $(awk -F '\t' '!/^#/ { print $1 }' <<<"$output") == $'a name\n./-\n./a name' ]]
    run -0 nn-predict "$NET" - < <(printf '\n\n./a name\n\n')
    [ "${#lines[@]}" = 2 ]
    run -0 nn-predict "$NET" - </dev/null
    [ -z "$output" ]
}

@test "-0 is for names that end in NUL, as newlines may be in them" {
    pgm 1 $'two\nlines'
    run -0 nn-predict -0 "$NET" - < <(find . -name 'two*' -print0)
    assert_output_has './two\nlines	none	none	'
    run -65 nn-predict "$NET" - < <(printf 'a\0b\n')
    assert_error 'nn-predict: stdin: read names: there is a NUL in one; -0 is for names that end in NUL'
}

@test "what is no list of names ends with an error, whatever its size" {
    pgm 1 1.pgm
    run -65 --separate-stderr nn-predict "$NET" - < <(echo 1.pgm && head -c 10000000 /dev/zero | tr '\0' a)
    assert_error 'nn-predict: stdin: read names: one has more than 4095 bytes'
    [ "${#lines[@]}" = 2 ] # what was named before it
    run -66 --separate-stderr nn-predict "$NET" - <.
    assert_error 'nn-predict: stdin: read: '
}

@test "a picture that is named is predicted before the next one is" {
    pgm 1 1.pgm
    mkfifo names records
    nn-predict -q "$NET" - <names >records 3>&- &
    exec 5>names 6<records
    echo 1.pgm >&5
    read -r header <&6
    read -r first <&6
    [[ $header == '#path'* && $first == '1.pgm'* ]]
    printf '1.' >&5 # half a name
    printf 'pgm\nnowhere\n' >&5
    read -r second <&6
    [[ $second == "$first" ]]
    exec 5>&-
    [ -z "$(cat <&6)" ]
    wait "$!" || [ $? = 66 ]
}

@test "ten thousand pictures take the memory of a block, from a directory and by name" {
    skip_sanitized
    python3 - <<'END'
import fcntl, os, re, subprocess
pixels = open(os.environ['DATA'] + '/test-images-idx3-ubyte', 'rb').read()[16:]
def make(directory, count):
    os.mkdir(directory)
    for i in range(count):
        with open('%s/%05d.pgm' % (directory, i), 'wb') as file:
            file.write(b'P5 28 28 255\n' + pixels[i % 200 * 784:][:784])
def predict(operand, count, stdin=None):
    """The most memory that it had, in KiB, when nearly all records were read, and what they say."""
    process = subprocess.Popen(['nn-predict', '-t', '2', os.environ['NET'], operand], stdin=stdin, stdout=subprocess.PIPE)
    fcntl.fcntl(process.stdout, fcntl.F_SETPIPE_SZ, 4096)
    records = b''
    while records.count(b'\n') < count - 150: # those left do not fit the pipe
        records += os.read(process.stdout.fileno(), 4096)
    memory = int(re.search('VmHWM:\\s*([0-9]+) kB', open('/proc/%d/status' % process.pid).read()).group(1))
    records += process.stdout.read()
    assert process.wait() == 0
    records = records.decode().splitlines()[1:]
    assert len(records) == count
    return memory, [record.split('\t')[3:5] for record in records]
make('few', 1500)
make('many', 10000)
memory_of_few, few = predict('few', 1500)
memory_of_many, many = predict('many', 10000)
assert many == few[:200] * 50, 'a picture depends on its place'
assert memory_of_many - memory_of_few < 2048, (memory_of_few, memory_of_many) # names; the pixels of so many more are 6,507
with open('names', 'w') as names:
    names.writelines('%smany/%05d.pgm\n' % ('./' * 100, i) for i in range(10000))
memory, named = predict('-', 10000, open('names'))
assert named == many and memory - memory_of_few < 512, (memory_of_few, memory)
END
    run -0 bash -c 'ulimit -v 300000 && exec nn-predict -t 2 "$NET" many'
    [ "${#lines[@]}" = 10001 ]
}

# --- The network

@test "a release says what its checkpoint does, also where that keeps an average" {
    make_rich rich.model
    nn-init -q -o zero.safetensors rich.model
    nn-train-epoch -q -o rich.safetensors zero.safetensors "$DATA/train"
    for checkpoint in "$NET" rich.safetensors; do
        ckpt-release -q -f -o net.safetensors "$checkpoint"
        nn-predict --logits --top 3 "$checkpoint" "$DATA/test" >wanted
        nn-predict --logits --top 3 net.safetensors "$DATA/test" >found
        assert_same wanted found
    done
    run -0 --separate-stderr nn-predict -v -t 1 net.safetensors "$DATA/test"
    [ "$stderr" = 'nn-predict: net.safetensors: class fp32, weights ema, threads 1' ]
    nn-eval -d ref "$DATA/test" rich.safetensors | awk -F '\t' '!/^#/ { print $11 }' >right
    awk -F '\t' '!/^#/ { n += $3 == $4 } END { print n }' found | assert_same right -
}

# resave FROM TO SCRIPT: a release with its tensors changed by Python, which has them in `tensors` by name: (type, shape, bytes).
resave() {
    python3 - "$@" <<'END'
import json, struct, sys
source, to, script = sys.argv[1:]
whole = open(source, 'rb').read()
size = struct.unpack('<Q', whole[:8])[0]
header, data = json.loads(whole[8:8 + size]), whole[8 + size:]
metadata = header.pop('__metadata__')
tensors = {name: (t['dtype'], t['shape'], data[slice(*t['data_offsets'])]) for name, t in header.items()}
padding = 8
exec(script)
header, at = {'__metadata__': metadata}, 0
for name, (kind, shape, values) in tensors.items():
    header[name] = {'dtype': kind, 'shape': shape, 'data_offsets': [at, at + len(values)]}
    at += len(values)
text = json.dumps(header).encode()
text += b' ' * (-len(text) % padding if padding == 8 else padding - len(text) % 4)
open(to, 'wb').write(struct.pack('<Q', len(text)) + text + b''.join(values for _, _, values in tensors.values()))
END
}

@test "a release that another program saved, in an order of its own, is the same" {
    ckpt-release -q -o net.safetensors "$NET"
    resave net.safetensors other.safetensors 'tensors = dict(sorted(tensors.items(), reverse=True))'
    run -1 cmp -s net.safetensors other.safetensors
    nn-predict --logits "$NET" "$DATA/test" >wanted
    nn-predict --logits other.safetensors "$DATA/test" >found
    assert_same wanted found
}

@test "a release that is not whole, or not that of its model, is 65" {
    ckpt-release -q -o net.safetensors "$NET"
    head -c -1 net.safetensors >cut.safetensors
    run -65 nn-predict cut.safetensors "$DATA/test"
    assert_error 'nn-predict: cut.safetensors: ends after '
    resave net.safetensors bad.safetensors 'del tensors["dense1.bias"]'
    run -65 nn-predict bad.safetensors "$DATA/test"
    assert_error 'nn-predict: bad.safetensors: read: 3 tensors, but its model has 4'
    resave net.safetensors bad.safetensors 'tensors["dense9.bias"] = tensors.pop("dense1.bias")'
    run -65 nn-predict bad.safetensors "$DATA/test"
    assert_error "nn-predict: bad.safetensors: read: the 'dense1.bias' of its model is not there, or has another shape"
    resave net.safetensors bad.safetensors 'k, s, v = tensors["conv1.weight"]; tensors["conv1.weight"] = k, [4, 3, 1, 3], v'
    run -65 nn-predict bad.safetensors "$DATA/test"
    assert_error "the 'conv1.weight' of its model"
    resave net.safetensors bad.safetensors 'k, s, v = tensors["conv1.bias"]; tensors["conv1.bias"] = k, [2, 2], v'
    run -65 nn-predict bad.safetensors "$DATA/test"
    assert_error "the 'conv1.bias' of its model"
    resave net.safetensors bad.safetensors 'k, s, v = tensors["conv1.bias"]; tensors["conv1.bias"] = k, s, b"\0\0\xc0\x7f" + v[4:]'
    run -65 nn-predict bad.safetensors "$DATA/test"
    assert_error "nn-predict: bad.safetensors: read: tensor 'conv1.bias' has a value that is not finite"
    resave net.safetensors bad.safetensors 'padding = 3'
    run -65 nn-predict bad.safetensors "$DATA/test"
    assert_error 'nn-predict: bad.safetensors: read: its tensors begin at byte '
}

@test "a release whose weights were changed is 65, unless nobody says what they should be" {
    ckpt-release -q -o net.safetensors "$NET"
    cp net.safetensors bad.safetensors
    change_byte bad.safetensors 20000
    run -65 --separate-stderr nn-predict bad.safetensors "$DATA/test"
    assert_error 'nn-predict: bad.safetensors: digest of its weights differs: they were changed after it was written'
    [ -z "$output" ]
    resave bad.safetensors tuned.safetensors 'del metadata["weights.digest"]'
    run -0 nn-predict tuned.safetensors "$DATA/test"
}

@test "a release without a model text, or with one that is none, is 65" {
    ckpt-release -q -o net.safetensors "$NET"
    resave net.safetensors bad.safetensors 'del metadata["model"]'
    run -65 nn-predict bad.safetensors "$DATA/test"
    assert_error 'nn-predict: bad.safetensors: read: neither a checkpoint nor a release: its metadata has no model text'
    resave net.safetensors bad.safetensors 'metadata["model"] = "input 1 28 28\nconf 4 3\n"'
    run -65 nn-predict bad.safetensors "$DATA/test"
    assert_error "nn-predict: bad.safetensors: model:2: "
    run -65 nn-predict "$MODEL" "$DATA/test"
    run -66 nn-predict nowhere "$DATA/test"
}

@test "a damaged checkpoint is 65, and nothing is printed" {
    cp "$NET" bad.safetensors
    change_byte bad.safetensors 20000
    run -65 --separate-stderr nn-predict bad.safetensors "$DATA/test"
    assert_error 'nn-predict: bad.safetensors: digest differs: '
    [ -z "$output" ]
}

@test "checkpoints and releases come from stdin, which is there once" {
    ckpt-release -q -o net.safetensors "$NET"
    nn-predict "$NET" "$DATA/test" >wanted
    nn-predict - "$DATA/test" <"$NET" >found
    assert_same wanted found
    nn-predict - "$DATA/test" < <(cat net.safetensors) >found
    assert_same wanted found
    run -64 nn-predict - - <"$NET"
    assert_error 'nn-predict: -: there is only one stdin'
    run -64 nn-predict --classes - "$NET" - </dev/null
}

@test "a set that the network was not made for is 65, and operands after it are predicted" {
    pgm 1 1.pgm
    printf '%s\n' 'input 1 28 28' 'dense 2' 'loss cross-entropy' 'train batch=1 epochs=1' 'optimizer sgd lr=0.1' >two.model
    nn-init -q -o two.safetensors two.model
    run -65 --separate-stderr nn-predict two.safetensors "$DATA/test" 1.pgm
    assert_error "test: read: it has the label 9, but the network has 2 outputs"
    [[ ${lines[1]} == 1.pgm* ]]
}

@test "a precision that no engine has is 69, and so is a device that is not there; an unknown one is 64" {
    { cat "$MODEL" && echo 'precision bf16'; } >low.model
    nn-init -q -o low.safetensors low.model
    run -69 nn-predict low.safetensors "$DATA/test"
    assert_error 'nn-predict: low.safetensors: compute: no engine has precision bf16; fp32 is there'
    run -64 nn-predict -d tpu "$NET" "$DATA/test"
}

# --- The end

@test "who reads only the beginning ends it quietly" {
    run -0 bash -c 'set -o pipefail; yes "$1" | head -n 100000 | nn-predict "$NET" - 2>errors | head -n 1; echo "${PIPESTATUS[2]}"' bash "$(pgm 1 1.pgm && echo 1.pgm)"
    [[ ${lines[1]} == 141 ]] # SIGPIPE
    [ ! -s errors ]
}

@test "records that do not arrive are 74, and are not computed to the end" {
    pgm 1 1.pgm
    run -74 timeout 20 bash -c 'yes 1.pgm | nn-predict "$NET" - >/dev/full'
    assert_error 'nn-predict: stdout: write: no space left on device'
}

@test "a missing operand is 64" {
    run -64 nn-predict "$NET"
    run -64 nn-predict
}
