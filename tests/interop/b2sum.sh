#!/bin/bash
# b2sum checks what ckpt-verify --sums prints of a run, sees what was changed, and prints the same itself.
set -eu

cp -r "$RUN" run
ckpt-verify --sums run >sums
b2sum -c --strict sums
sed 's/^[0-9a-f]*  //' sums | xargs -d '\n' b2sum | cmp - sums
ckpt-verify --sums run | b2sum -c --quiet -

echo >>run/epoch-0001.safetensors
if b2sum -c sums >said; then
    echo 'the change was not seen'
    exit 1
fi
grep -vc ': OK$' said | grep -x 1
