#!/bin/bash
# Signatures: minisign checks those of ckpt-release, made with keys of minisign, encrypted ones too; ckpt-verify checks those of
# minisign; and both refuse the same.
set -eu

command -v minisign >/dev/null || {
    echo 'there is no minisign'
    exit 77
}

# By minisign and by ckpt-verify.
accepted() { # KEY FILE
    minisign -V -p "$1.pub" -m "$2"
    ckpt-verify -p "$1.pub" "$2"
}

refused() { # KEY FILE
    status=0
    ckpt-verify -p "$1.pub" "$2" || status=$?
    if [[ $status != 1 ]] || minisign -V -p "$1.pub" -m "$2"; then
        echo "$2 was not refused"
        exit 1
    fi
}

# A pair that is not encrypted, one under the password "open sesame", and a stranger's.
minisign -G -W -p plain.pub -s plain.key
"$ROOT/tests/terminal.py" '=open sesame' '=open sesame' -- minisign -G -p locked.pub -s locked.key
minisign -G -W -p other.pub -s other.key

for format in safetensors onnx c; do
    ckpt-release -F "$format" --sign plain.key -o "plain.$format" "$CKPT"
    accepted plain "plain.$format"
    ckpt-release -F "$format" --sign locked.key --password-fd 7 -o "locked.$format" "$CKPT" 7<<<'open sesame'
    accepted locked "locked.$format"
done
accepted plain plain.h
minisign -V -Q -p locked.pub -m locked.onnx | grep '^file=locked.onnx checkpoint='

ckpt-release -o theirs "$CKPT"
for legacy in '' -l; do
    minisign -S ${legacy:+"$legacy"} -s plain.key -m theirs -t 'by minisign'
    accepted plain theirs
done
"$ROOT/tests/terminal.py" '=open sesame' -- minisign -S -s locked.key -m theirs -t 'by minisign'
accepted locked theirs

cp theirs.minisig whole
refused other theirs
for change in '3s/minisign/others/' '$d' '2s/./#/'; do
    sed "$change" whole >theirs.minisig
    refused locked theirs
done
cp whole theirs.minisig
echo >>theirs
refused locked theirs
