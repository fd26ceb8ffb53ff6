# For suites about checkpoints, as `load checkpoints` after `load helpers`: take checkpoints apart and put them together in wrong ways.

ZEROS=$(printf '%064d' 0)

# make_small FILE: a checkpoint of a network that is as small as can be.
make_small() {
    printf '%s\n' 'input 1 1 1' 'dense 1' 'loss cross-entropy' 'train batch=1 epochs=1' 'optimizer sgd lr=0.1' >small.model
    nn-init -q -f -o "$1" small.model
}

# The 8 bytes that say how long a header is.
header_length() {
    local length=$1 byte
    for byte in 1 2 3 4 5 6 7 8; do
        printf %b "$(printf '\\0%o' $((length & 255)))"
        length=$((length >> 8 & 0xffffffffffffff))
    done
}

# split_checkpoint FILE: its header without padding becomes the file `header`, its tensors the file `tensors`.
split_checkpoint() {
    local length
    length=$(od -An -tu8 -N8 "$1")
    tail -c +9 "$1" | head -c "$length" | sed 's/ *$//' >header
    tail -c +$((9 + length)) "$1" >tensors
}

# tensor FILE NAME: what stands for the bytes of a tensor, for comparisons.
tensor() {
    local begin end
    split_checkpoint "$1"
    IFS=, read -r begin end < <(grep -o "\"$2\":{[^}]*" header | sed 's/.*\[\(.*\)\]/\1/')
    [[ -n $end ]] || return
    tail -c +$((begin + 1)) tensors | head -c $((end - begin)) | b2sum
}

# make_rich FILE: a model whose checkpoints have all kinds of tensors: statistics, a moment, a moving average.
make_rich() {
    cat >"$1" <<END
input 1 28 28
normalize 0.2860 0.3530
conv 4 3 stride=2 bias=no
batchnorm
relu
maxpool 2
dense 10
loss cross-entropy smoothing=0.1
train batch=32 epochs=2
optimizer sgd lr=0.05 momentum=0.9
ema 0.9
END
}

# join_checkpoint FILE: the reverse.
join_checkpoint() {
    while (($(stat -c %s header) % 8)); do
        printf ' ' >>header
    done
    {
        header_length "$(stat -c %s header)"
        cat header tensors
    } >"$1"
}

digest_of() {
    grep -ao '"digest":"[0-9a-f]*' "$1" | cut -d '"' -f 4
}

# seal FILE: give it the digest that fits its bytes, as rote-checkpoint(5) says.
seal() {
    local digest right
    digest=$(digest_of "$1")
    right=$(sed "s/$digest/$ZEROS/" "$1" | b2sum -l 256 | cut -c -64)
    sed -i "s/$digest/$right/" "$1"
}

# edit_checkpoint FROM TO SCRIPT: change the header with sed and seal the result.
edit_checkpoint() {
    split_checkpoint "$1"
    sed -i "$3" header
    join_checkpoint "$2"
    seal "$2"
}

# make_child FROM TO EPOCH: as if TO had been trained from FROM.
make_child() {
    edit_checkpoint "$1" "$2" '
        s/"parent":"[^"]*"/"parent":"'"$(digest_of "$1")"'"/
        s/"data":"[^"]*"/"data":"'"$ZEROS"'"/
        s/"epoch":"[^"]*"/"epoch":"'"$3"'"/'
}

# make_partial FROM TO EPOCH: as if training from FROM had stopped a batch after EPOCH.
make_partial() {
    make_child "$1" "$2" "$3"
    edit_checkpoint "$2" "$2" '
        s/"batch":"0"/"batch":"1"/
        s/"train.loss":.*"train.samples":"[^"]*"/"train.loss":"none","train.accuracy":"none","train.samples":"none",'"\
"'"partial.loss":"2.5","partial.correct":"1","partial.samples":"3"/'
}

# make_run DIRECTORY: epochs 0, 1 and 2 of one run.
make_run() {
    mkdir "$1"
    make_small "$1/epoch-0000.safetensors"
    make_child "$1/epoch-0000.safetensors" "$1/epoch-0001.safetensors" 1
    make_child "$1/epoch-0001.safetensors" "$1/epoch-0002.safetensors" 2
}

# change_byte FILE OFFSET: invert its lowest bit.
change_byte() {
    local byte
    byte=$(od -An -tu1 -j "$2" -N 1 "$1")
    printf %b "$(printf '\\0%o' $((byte ^ 1)))" | dd of="$1" bs=1 seek="$2" conv=notrunc status=none
}
