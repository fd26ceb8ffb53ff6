#!/bin/bash
# A release as C computes the bits of nn-predict for all of 10,000 pictures, compiled by whatever cc is here.
set -eu

. "$ROOT/tests/helpers.bash"
. "$ROOT/tests/releases.bash"

make_every
ckpt-release -F c -o every.c every.safetensors
logits every.safetensors "$ROTE_MNIST/t10k" >wanted
compile_release every cc -std=c99 -Wall -Wextra -Werror -pedantic -O2
gzip -cdf "$ROTE_MNIST"/t10k-images-idx3-ubyte* | tail -c +17 | ./program >computed
[[ $(wc -l <wanted) == 10000 ]]
cmp wanted computed
