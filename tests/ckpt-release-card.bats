# ckpt-release --card, and the card in the files of each format: what they say, and that its command line makes the checkpoint again.
bats_require_minimum_version 1.5.0
load helpers
load checkpoints
load train

# The command of a card that is Markdown, with its DATA and CHECKPOINT, after its recipe was written to net.model.
command_of() { # CARD DATA [CHECKPOINT]
    awk '/^```/ { if (inside++) exit; next } inside' "$1" >net.model
    sed -n '/^```sh$/{n;p;}' "$1" | sed "s|DATA|$2|; s|CHECKPOINT|${3-}|"
}

@test "the card in Markdown has the data, the metrics with intervals, the recipe and the chain" {
    ckpt-release --records "$RUN" --card card.md -o release.safetensors "$RUN/epoch-0002.safetensors"
    grep -qxF "\`$(awk '$1 == "train" { print $NF }' "$RUN/data.tsv")\`, which \`idx-info\` prints." card.md
    grep -qE '^\| test \| 200 \| 0\.[0-9]+ \| 0\.[0-9]+ \| 0\.[0-9]+ to 0\.[0-9]+ \|$' card.md
    grep -qE '^\| valid \| 60 \|' card.md
    grep -qxF -- "- \`$(digest_of "$RUN/epoch-0001.safetensors")\`, epoch 1" card.md
    grep -qxF -- "- \`$(digest_of "$RUN/epoch-0000.safetensors")\`, epoch 0, which the recipe and its seed alone make" card.md
    grep -qxF 'optimizer adam lr=0.01' card.md
}

@test "the command of the card makes the checkpoint again, from data of which a part was held out" {
    ckpt-release --records "$RUN" --card card.md -o release.safetensors "$RUN/epoch-0002.safetensors"
    sh -c "$(command_of card.md "$DATA")"
    assert_same "$RUN/epoch-0002.safetensors" again/epoch-0002.safetensors
}

@test "from all of the data, in steps of several epochs, and with no records but its own" {
    train -r other epochs=4 save-every=2 val=0 seed=7
    ckpt-release --records other --card card.md -o release.safetensors other/epoch-0004.safetensors
    command=$(command_of card.md "$DATA")
    [[ $command == *' seed=7 epochs=4 save-every=2' ]]
    sh -c "$command"
    assert_same other/epoch-0004.safetensors again/epoch-0004.safetensors
    ckpt-release --card alone.md -o alone.safetensors other/epoch-0002.safetensors
    rm -r again
    sh -c "$(command_of alone.md "$DATA")"
    assert_same other/epoch-0002.safetensors again/epoch-0002.safetensors
}

@test "from the weights of another network" {
    train -r warm epochs=1 init="$RUN/epoch-0001.safetensors"
    ckpt-release --records warm --card card.md -o release.safetensors warm/epoch-0001.safetensors
    sh -c "$(command_of card.md "$DATA" "$RUN/epoch-0001.safetensors")"
    assert_same warm/epoch-0001.safetensors again/epoch-0001.safetensors
}

@test "of what was not trained, the command is nn-init's" {
    ckpt-release --card card.md -o release.safetensors "$CKPT"
    sh -c "$(command_of card.md "$DATA")"
    assert_same "$CKPT" again.safetensors
}

@test "all formats have the same card as JSON" {
    for format in safetensors onnx c; do
        ckpt-release -F $format --records "$RUN" -o release.$format "$RUN/epoch-0002.safetensors"
    done
    python3 - <<'END'
import json
header = open('release.h', encoding='utf-8').read()
card = header[header.index('{\n'):header.index('}\n') + 2]
safetensors = open('release.safetensors', 'rb').read()
metadata = json.loads(safetensors[8:8 + int.from_bytes(safetensors[:8], 'little')])['__metadata__']
assert metadata['card'] == card
assert card.encode() in open('release.onnx', 'rb').read()
entries = json.loads(card)
assert {'format', 'card', 'weights.digest', *entries} == set(metadata)
for key, value in entries.items():
    assert metadata[key] == (value if isinstance(value, str) else ' '.join(value) if isinstance(value, list) else repr(value)), key
assert entries['epoch'] == 2 and entries['test.n'] == 200 and len(entries['chain']) == 2
END
}

@test "the records of a run are those in its directory" {
    ckpt-release --records "$RUN" -o a.safetensors "$RUN/epoch-0002.safetensors"
    cat "$RUN"/*.eval | ckpt-release --records - -o b.safetensors "$RUN/epoch-0002.safetensors"
    assert_same a.safetensors b.safetensors
}

@test "the card does not say how the files are called" {
    ckpt-release --card a.md -o a.safetensors "$CKPT"
    ckpt-release --card b -F c -o c.c "$CKPT"
    assert_same a.md b
}

@test "a card that cannot be written keeps all else from being published" {
    echo precious >card.md
    run -73 ckpt-release --card card.md -o release.safetensors "$CKPT"
    assert_error 'card.md: create: '
    [[ $(<card.md) == precious ]]
    assert_missing release.safetensors
    run -73 ckpt-release --card none/card.md -o release.safetensors "$CKPT"
    assert_missing release.safetensors
    echo precious >release.h
    run -73 ckpt-release --card new.md -F c -o release.c "$CKPT"
    assert_missing new.md
    ckpt-release -f --card card.md -o release.safetensors "$CKPT"
    [[ $(head -n 1 card.md) == '# Model card' ]]
    assert_no_leftovers
}

@test "no two files of a release are one, however they are spelt, and the card may stand beside a release on standard output" {
    run -64 ckpt-release --card ./release -o release "$CKPT"
    assert_error 'release: release: two of its files would have this name'
    run -64 ckpt-release -f --card "$PWD/release.h" -F c -o release.c "$CKPT"
    assert_error 'release.h: release: two of its files would have this name'
    minisign -G -W -p plain.pub -s plain.key
    run -64 ckpt-release --card net.minisig --sign plain.key -o net "$CKPT"
    assert_error 'net.minisig: release: two of its files would have this name'
    assert_missing net
    run -64 ckpt-release --card - -o - "$CKPT"
    assert_error '-: release: two of its files would have this name'
    run -64 ckpt-release --card - --sign plain.key -o net "$CKPT"
    assert_missing ./-.minisig
    ckpt-release --card card.md -o - "$CKPT" >a.safetensors
    ckpt-release -o b.safetensors "$CKPT"
    assert_same a.safetensors b.safetensors
    assert_missing ./-
}

@test "what a checkpoint says is no Markdown in the card, and a split may have dots in its name" {
    edit_checkpoint "$RUN/epoch-0002.safetensors" hostile.safetensors 's/"class":"fp32"/"class":"<b>x|y"/'
    digest=$(digest_of hostile.safetensors)
    printf '#path\tdigest\tsplit\tn\tloss\taccuracy\n%s\t%s\t%s\t3\t0.25\t0.5\n' x "$digest" a.b x "$digest" a >odd.tsv
    ckpt-release --records odd.tsv --card card.md -o net "hostile.safetensors"
    grep -qxF '| arithmetic | 1, of class \<b>x\|y |' card.md
    grep -qxF '| a.b | 3 | 0.25 | 0.5 | |' card.md
    [ "$(grep -c '^| a ' card.md)" -eq 1 ]
}
