# ckpt-info: what headers say, of files, directories and standard input, and what is said of files that are no checkpoints.
bats_require_minimum_version 1.5.0
load helpers
load checkpoints

columns='#path	digest	parent	data	epoch	step	batch	class	seed	train.loss	train.accuracy	train.samples'

@test "a checkpoint's record has its columns and none for what is not there" {
    make_small a.safetensors
    run -0 ckpt-info a.safetensors
    [[ ${lines[0]} == "$columns" ]]
    [[ ${lines[1]} == "a.safetensors	$(digest_of a.safetensors)	none	none	0	0	0	none	1	none	none	none" ]]
}

@test "a trained checkpoint says how training went" {
    nn-train-epoch -q -o a.safetensors "$CKPT" "$DATA/train"
    run -0 ckpt-info -j a.safetensors
    assert_output_has "\"parent\":\"$(digest_of "$CKPT")\""
    assert_output_has '"epoch":1,"step":19,"batch":0'
    assert_output_has '"train.samples":600'
    [[ $output =~ \"train.loss\":[0-9.]+,\"train.accuracy\":0\.[0-9]+, ]]
}

@test "a partial checkpoint says where in the epoch it stands" {
    make_small a.safetensors
    make_partial a.safetensors b.safetensors.part 0
    run -0 ckpt-info -j b.safetensors.part
    assert_output_has '"epoch":0,"step":0,"batch":1'
    assert_output_has '"train.loss":null,"train.accuracy":null,"train.samples":null'
}

@test "a directory stands for its finished checkpoints by name" {
    make_run run
    make_partial run/epoch-0002.safetensors run/epoch-0003.safetensors.part 2
    touch run/log run/.epoch-0003.safetensors.tmp
    run -0 ckpt-info run
    [[ $(cut -f 1 <<<"$output") == $'#path\nrun/epoch-0000.safetensors\nrun/epoch-0001.safetensors\nrun/epoch-0002.safetensors' ]]
}

@test "a directory's slash is not doubled" {
    make_run run
    run -0 ckpt-info run/
    assert_output_has $'\nrun/epoch-0000.safetensors\t'
}

@test "a dash is standard input" {
    make_small a.safetensors
    run -0 ckpt-info - <a.safetensors
    [[ ${lines[1]} == "-	$(digest_of a.safetensors)	"* ]]
}

@test "a checkpoint may come through a pipe with a name" {
    make_small a.safetensors
    run -0 ckpt-info <(cat a.safetensors)
    assert_output_has "$(digest_of a.safetensors)"
}

@test "the layers of the network have shapes and parameters" {
    run -0 ckpt-info -m "$CKPT"
    [[ $(cut -f 2- <<<"$output") == 'layer	kind	shape	parameters	multiply-adds
0	input	28x28x1	0	0
1	conv	26x26x4	40	24336
2	relu	26x26x4	0	0
3	maxpool	13x13x4	0	0
4	dropout	13x13x4	0	0
5	dense	1x1x10	6770	6760' ]]
}

@test "the layers of a residual block are its own, the projection and the sum" {
    printf '%s\n' 'input 3 7 7' residual 'conv 8 3 stride=2 pad=1 bias=no' batchnorm end global-avgpool 'dense 10' \
        'loss cross-entropy' train 'optimizer adam' >residual.model
    nn-init -q -o a.safetensors residual.model
    run -0 ckpt-info -m a.safetensors
    [[ $(cut -f 2- <<<"$output") == 'layer	kind	shape	parameters	multiply-adds
0	input	7x7x3	0	0
1	conv	4x4x8	216	3456
2	batchnorm	4x4x8	16	0
3	projection	4x4x8	24	384
4	add	4x4x8	0	0
5	avgpool	1x1x8	0	0
6	dense	1x1x10	90	80' ]]
}

@test "a model text that makes no network is an error with its line" {
    make_small a.safetensors
    edit_checkpoint a.safetensors b.safetensors 's/dense 1/dense x/'
    run -0 ckpt-info b.safetensors
    run -65 ckpt-info -m b.safetensors
    assert_error 'b.safetensors: model:2: '
}

@test "only the header is read" {
    make_small a.safetensors
    truncate -s 10G big.safetensors
    dd if=a.safetensors of=big.safetensors conv=notrunc status=none
    run -65 timeout 5 ckpt-info big.safetensors
    assert_error 'bytes follow its last tensor'
}

@test "a checkpoint of another arithmetic can be looked at" {
    make_small a.safetensors
    edit_checkpoint a.safetensors b.safetensors 's/"arithmetic":"[^"]*"/"arithmetic":"99"/'
    run -0 ckpt-info b.safetensors
}

@test "a checkpoint of a newer format is named as such" {
    make_small a.safetensors
    edit_checkpoint a.safetensors b.safetensors 's/rote-checkpoint-1/rote-checkpoint-2/'
    run -65 ckpt-info b.safetensors
    assert_error "ckpt-info: b.safetensors: its format is 'rote-checkpoint-2', this rote reads 'rote-checkpoint-1'"
}

@test "a release is no checkpoint" {
    make_small a.safetensors
    ckpt-release -o release.safetensors a.safetensors
    run -65 ckpt-info release.safetensors
    assert_error 'release.safetensors: not a checkpoint'
}

@test "a truncated checkpoint is refused with 65 and its lengths" {
    make_small a.safetensors
    head -c 550 a.safetensors >cut.safetensors
    run -65 ckpt-info cut.safetensors
    assert_error "cut.safetensors: ends after 550 of $(stat -c %s a.safetensors) bytes"
}

@test "an empty file, text and a data set are no checkpoints" {
    : >empty
    yes | head -n 1000 >text
    for file in empty text "$DATA/train-labels-idx1-ubyte"; do
        run -65 ckpt-info "$file"
        assert_error "$file: not a safetensors file as rote reads it"
    done
}

@test "one bad file does not hide the others" {
    make_run run
    head -c 100 run/epoch-0001.safetensors >short
    mv short run/epoch-0001.safetensors
    run -65 --separate-stderr ckpt-info run
    [[ ${#lines[@]} == 3 ]]
    assert_error 'run/epoch-0001.safetensors: ends after 100 bytes'
}

@test "what is not there is an error of its own" {
    mkdir empty
    run -66 ckpt-info none.safetensors
    assert_error 'ckpt-info: none.safetensors: open: no such file or directory'
    run -66 ckpt-info empty
    assert_error 'ckpt-info: empty: look for checkpoints: there are none in this directory'
}

@test "what cannot be read is an error of its own, and stands over others" {
    run -74 ckpt-info /proc/self/mem none.safetensors
    assert_error 'ckpt-info: /proc/self/mem: read: input/output error'
}

@test "a full standard output is noticed" {
    run -74 bash -c 'ckpt-info "$CKPT" >/dev/full'
    assert_error 'stdout: write: no space left on device'
}

@test "a missing operand and an unknown option are usage errors" {
    run -64 ckpt-info
    assert_error 'ckpt-info: an operand is missing'
    run -64 ckpt-info -x "$CKPT"
    assert_error 'ckpt-info: -x: no such option'
}
