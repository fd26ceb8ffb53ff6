# ckpt-release -F c: sources that every compiler takes, and programs of them that compute what ours do, bit for bit.
bats_require_minimum_version 1.5.0
load helpers
load checkpoints
load releases

setup_file() {
    cd "$BATS_FILE_TMPDIR" || return
    make_every
    ckpt-release -F c -o every.c every.safetensors
    logits every.safetensors "$DATA/test" >every.logits
}

setup() {
    cd "$BATS_TEST_TMPDIR" || return
    cp "$BATS_FILE_TMPDIR"/* .
    strict=(-std=c99 -Wall -Wextra -Werror -pedantic)
}

# computes NAME COMPILER...: NAME.logits, of the test set
computes() {
    compile_release "$@"
    tail -c +17 "$DATA/test-images-idx3-ubyte" | ./program >computed
    [[ $(wc -l <computed) == 200 ]]
    assert_same "$1.logits" computed
}

@test "gcc and clang, with and without optimization, make programs of the bits that ours have" {
    for compiler in gcc clang; do
        computes every $compiler "${strict[@]}" -O0
        computes every $compiler "${strict[@]}" -O3 -march=native -ffp-contract=fast
    done
}

@test "no sanitizer finds anything in them" {
    computes every gcc "${strict[@]}" -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all
}

@test "a folded network's are those of the same network as safetensors" {
    ckpt-release --fold -F c -o folded.c every.safetensors
    ckpt-release --fold -o folded.safetensors every.safetensors
    logits folded.safetensors "$DATA/test" >folded.logits
    run ! cmp -s every.logits folded.logits
    computes folded gcc "${strict[@]}" -O2
}

@test "pictures of two channels go in one channel after the other" {
    { words 0x801 100 && tail -c +9 "$DATA/test-labels-idx1-ubyte" | head -c 100; } >two-labels-idx1-ubyte
    { words 0x804 100 2 28 28 && tail -c +17 "$DATA/test-images-idx3-ubyte"; } >two-images-idx4-ubyte
    printf '%s\n' 'input 2 28 28' 'normalize 0.2 0.3 0.4 0.5' 'conv 3 5 stride=2' 'dense 10' 'loss cross-entropy' train \
        'optimizer adam' >two.model
    nn-init -q -o two.safetensors two.model
    ckpt-release -F c -o two.c two.safetensors
    compile_release two gcc "${strict[@]}" -O2
    logits two.safetensors two >two.logits
    tail -c +21 two-images-idx4-ubyte | ./program >computed
    [[ $(wc -l <computed) == 100 ]]
    assert_same two.logits computed
}

@test "no sum is -0, even where all weights are" {
    head -c 784 /dev/zero >black
    for layer in 'conv 10 28' 'dense 10' $'dense 10\nbatchnorm'; do
        printf '%s\n' 'input 1 28 28' "$layer" 'loss cross-entropy' train 'optimizer sgd lr=1' >zero.model
        nn-init -q -f -o zero.safetensors zero.model
        split_checkpoint zero.safetensors
        head -c "$(stat -c %s tensors)" /dev/zero | sed 's/\x00\{4\}/\x00\x00\x00\x80/g' >negative
        mv negative tensors
        join_checkpoint zero.safetensors
        seal zero.safetensors
        ckpt-release -f -F c -o zero.c zero.safetensors
        compile_release zero gcc "${strict[@]}" -O2
        [[ $(./program <black) == '0 0 0 0 0 0 0 0 0 0' ]]
    done
}

@test "a compiler that would change the logits refuses" {
    run ! gcc -std=c99 -ffast-math -c every.c
    assert_output_has '-ffast-math would change the logits'
}

@test "source and header are called as their file, and what they define after it" {
    ckpt-release -F c -o './8-bit net.c' every.safetensors
    gcc "${strict[@]}" -c './8-bit net.c'
    [[ $(nm -g --defined-only '8-bit net.o' | awk '{ print $3 }') == $'net_8_bit_net_class\nnet_8_bit_net_logits' ]]
}

@test "nothing is allocated, and fmaf is all that is needed" {
    gcc "${strict[@]}" -O0 -c every.c
    [[ $(nm -u every.o | awk '$2 !~ /^_/ { print $2 }') == fmaf ]]
}

@test "a name that does not end in .c, or that no include could have, is refused" {
    for name in every.cc - 'a"b.c' 'a?b.c'; do
        run -64 ckpt-release -F c -o "$name" every.safetensors
        assert_error "-o $name: of C there are two files"
    done
}

@test "where the header is in the way neither is written" {
    echo precious >new.h
    run -73 ckpt-release -F c -o new.c every.safetensors
    assert_error 'new.h: create: '
    [[ $(<new.h) == precious ]]
    assert_missing new.c
    ckpt-release -f -F c -o new.c every.safetensors
    gcc "${strict[@]}" -c new.c
}

@test "the same checkpoint gives the same texts" {
    mkdir elsewhere
    ckpt-release -F c -o elsewhere/every.c every.safetensors
    assert_same every.c elsewhere/every.c
    assert_same every.h elsewhere/every.h
}
