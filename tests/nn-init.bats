# nn-init: what a checkpoint begins with, and which model texts and settings are refused.
bats_require_minimum_version 1.5.0
load helpers
load checkpoints

@test "epoch 0 is a proven checkpoint without parent, data or class" {
    nn-init -q -o a.safetensors "$MODEL"
    ckpt-verify a.safetensors
    run -0 ckpt-info -j a.safetensors
    assert_output_has '"parent":null,"data":null,"epoch":0,"step":0,"batch":0,"class":null'
}

@test "the same seed gives the same bytes, another gives others" {
    nn-init -q -o a.safetensors "$MODEL"
    nn-init -q -s 1 -o b.safetensors "$MODEL"
    nn-init -q -s 2 -o c.safetensors "$MODEL"
    assert_same a.safetensors b.safetensors
    run ! cmp a.safetensors c.safetensors
}

@test "the order of settings does not change the bytes" {
    nn-init -q -o a.safetensors "$MODEL" optimizer.lr=0.5 train.batch=16
    nn-init -q -o b.safetensors "$MODEL" train.batch=16 optimizer.lr=0.5
    assert_same a.safetensors b.safetensors
}

@test "a model text may come from stdin" {
    nn-init -q -o a.safetensors "$MODEL"
    nn-init -q -o b.safetensors - <"$MODEL"
    assert_same a.safetensors b.safetensors
}

@test "a checkpoint may go to stdout" {
    nn-init -q -o a.safetensors "$MODEL"
    nn-init -q -o - "$MODEL" >b.safetensors
    assert_same a.safetensors b.safetensors
}

@test "an output that exists is refused with 73 and stays as it was" {
    echo precious >a.safetensors
    run -73 nn-init -o a.safetensors "$MODEL"
    assert_error "nn-init: a.safetensors: create: it exists; -f replaces it"
    [ "$(cat a.safetensors)" = precious ]
    nn-init -qf -o a.safetensors "$MODEL"
    ckpt-verify a.safetensors
    assert_no_leftovers
}

@test "-n checks and writes nothing" {
    nn-init -n -o a.safetensors "$MODEL"
    assert_missing a.safetensors
    run -64 nn-init -n -o a.safetensors "$MODEL" optimizer.lrr=1
}

@test "-n is refused, too, where a file is in the way" {
    echo precious >a.safetensors
    run -73 nn-init -n -o a.safetensors "$MODEL"
    assert_error "nn-init: a.safetensors: create: it exists; -f replaces it"
    nn-init -n -f -o a.safetensors "$MODEL"
    [ "$(cat a.safetensors)" = precious ]
}

@test "a directory that is not there, or cannot be written, is 73" {
    run -73 nn-init -o nowhere/a.safetensors "$MODEL"
    assert_error "nn-init: nowhere/a.safetensors: create: no such file or directory"
    [ "$(id -u)" = 0 ] || {
        mkdir -m 555 closed
        run -73 nn-init -o closed/a.safetensors "$MODEL"
    }
}

@test "an unknown word is refused with file, line and the nearest word" {
    sed 's/^relu/rely/' "$MODEL" >bad.model
    run -65 nn-init -o a.safetensors bad.model
    assert_error "bad.model:4: rely"
    assert_error "relu"
    assert_missing a.safetensors
}

@test "shapes that do not fit are refused with the line" {
    sed 's/^maxpool 2/maxpool 27/' "$MODEL" >bad.model
    run -65 nn-init -o a.safetensors bad.model
    assert_error "bad.model:5: maxpool: a window of 27 does not fit into 26 x 26"
}

@test "an output count that is no number is refused with the line" {
    sed 's/^dense 10/dense ten/' "$MODEL" >bad.model
    run -65 nn-init -o a.safetensors bad.model
    assert_error "bad.model:7: dense"
    assert_error "ten"
}

@test "a network without a dense layer at its end is refused" {
    sed '/^dense/d' "$MODEL" >bad.model
    run -65 nn-init -o a.safetensors bad.model
    assert_error "bad.model:6: dropout: the last layer must make a vector of any numbers, one a class; 'dense CLASSES' does"
    sed '/^conv/d; /^dense/d' "$MODEL" >bad.model
    run -65 nn-init -o a.safetensors bad.model
    assert_error "bad.model: no layer has parameters"
}

@test "a network that no memory holds is refused before anything is allocated" {
    sed 's/^dense 10/dense 65536\ndense 65536\ndense 10/' "$MODEL" >bad.model
    run -65 nn-init -o a.safetensors bad.model
    assert_error "more than 2^28 parameters"
    sed 's/^conv 4 3/conv 65536 1/' "$MODEL" >bad.model
    run -65 nn-init -o a.safetensors bad.model
    assert_error "more than 2^28 floats"
    skip_sanitized
    sed 's/^conv 4 3/batchnorm\nconv 300 1\nbatchnorm\nrepeat 100\nresidual\nconv 300 1\nbatchnorm\nrelu\nend\nend/' "$MODEL" >bad.model
    run -65 bash -c 'ulimit -v 200000 && exec nn-init -o a.safetensors bad.model'
    assert_error "bad.model:9: batchnorm: the values of one batch in all layers are more than 2^28 floats"
    assert_missing a.safetensors
}

# refused STATUS MESSAGE LINE [SETTING...]: what becomes of the model where LINE stands for the one that begins like it.
refused() {
    local status=$1 message=$2 line=$3
    shift 3
    sed "s/^${line%% *} .*/$line/" "$MODEL" >bad.model
    grep -qx "$line" bad.model || echo "$line" >>bad.model
    run "-$status" nn-init -o a.safetensors bad.model "$@"
    assert_error "$message" && assert_missing a.safetensors
}

@test "a parameter out of its range is refused with file, line, range and the reason" {
    refused 65 'bad.model:10: optimizer: lr=-1: must be above 0 and at most 1000000' 'optimizer sgd lr=-1'
    refused 65 "bad.model:6: dropout: '1.0': rate must be at least 0 and below 1" 'dropout 1.0'
    refused 65 'bad.model:9: train: batch=0: must be from 1 to 65536' 'train batch=0'
    refused 65 'bad.model:10: optimizer: eps=0: must be from 1e-12 to 1' 'optimizer adam eps=0'
    refused 65 "bad.model:11: ema: '1': decay must be above 0 and below 1" 'ema 1'
    refused 65 "bad.model:11: clip: '0': norm must be above 0 and at most 1000000" 'clip 0'
    refused 65 'bad.model:11: augment: rotate=181: must be from 0 to 180' 'augment rotate=181'
    refused 64 'bad.model: optimizer.lr=0: must be above 0 and at most 1000000' 'train batch=1' optimizer.lr=0
}

@test "a parameter that a word does not have is refused with those that are near" {
    refused 65 'bad.model:10: optimizer: momentum=0.9: no such parameter; there are lr, rho, eps, weight-decay' 'optimizer adadelta momentum=0.9'
    refused 65 "bad.model:9: train: epoch=3: no such parameter; there are batch, epochs" 'train epoch=3'
    refused 65 "bad.model:11: schedule: 'cosin': no such schedule; did you mean 'cosine'" 'schedule cosin'
    refused 64 "bad.model: loss.smoothin=0.1: no such parameter; there is only smoothing" 'train batch=1' loss.smoothin=0.1
}

@test "a batch norm that could see one sample is refused" {
    sed 's/^relu/batchnorm/' "$MODEL" >norm.model
    sed 's/^train .*/train batch=1/' norm.model >one.model
    run -65 nn-init -o a.safetensors one.model
    assert_error 'one.model:4: batchnorm: a batch of one sample has no variance: train batch must be above 1'
    nn-init -q -o a.safetensors norm.model train.batch=2
}

@test "settings that do not fit a text that is right are wrong usage, from stdin as well" {
    run -64 nn-init -o a.safetensors "$MODEL" maxpool.size=27
    assert_error 'maxpool: a window of 27 does not fit into 26 x 26 (with the settings given)'
    run -64 nn-init -o a.safetensors - input.rows=1 <"$MODEL"
    assert_error '(with the settings given)'
    sed 's/^maxpool 2/maxpool 27/' "$MODEL" >bad.model
    run -65 nn-init -o a.safetensors bad.model train.batch=8
    assert_missing a.safetensors
}

@test "-v counts parameters apart from running statistics" {
    make_rich rich.model
    run -0 nn-init -v -o a.safetensors rich.model
    assert_error ' parameters in 5 tensors'
    assert_error ' running statistics in 2 more'
}

@test "a precision that no engine has is a recipe all the same" {
    for precision in bf16 tf32; do
        { cat "$MODEL" && echo "precision $precision"; } >low.model
        nn-init -q -o $precision.safetensors low.model
        ckpt-verify $precision.safetensors
    done
    run ! cmp bf16.safetensors tf32.safetensors
}

@test "statements and named values in another order make the same bytes" {
    make_rich rich.model
    nn-init -q -o a.safetensors rich.model
    { sed -n '8,$p' rich.model | tac && sed -n 1,7p rich.model; } | sed 's/lr=0.05 momentum=0.9/momentum=.90 lr=5e-2/' >other.model
    run ! cmp -s rich.model other.model
    nn-init -q -o b.safetensors other.model
    assert_same a.safetensors b.safetensors
}

@test "what a checkpoint holds of each model that comes with rote makes the same checkpoint" {
    for recipe in "$ROOT"/pipelines/models/*.model; do
        nn-init -qf -o a.safetensors "$recipe"
        split_checkpoint a.safetensors
        printf '%b' "$(grep -o '"model":"[^"]*"' header | cut -d '"' -f 4)" >stored.model
        nn-init -qf -o b.safetensors stored.model
        assert_same a.safetensors b.safetensors
    done
}

# usage WORD: how it is written, as the message for a wrong number of values says.
usage() {
    local values
    for values in '' ' 1' ' 1 2'; do
        echo "$1$values" >word.model
        nn-init -o a.safetensors word.model 2>&1 | sed -n "s/.* by position; it is '\(.*\)'$/\1/p"
    done | head -n 1 | tr '[:upper:]' '[:lower:]'
}

@test "rote-model(5) has every word with its parameters and defaults" {
    page=$(mandoc -Tascii -O width=500 "$ROOT/man/rote-model.5" | sed 's/.\x08//g; s/^ *//; s/  .*//')
    sed -n 's/.*SECTION_[A-Z]*, "\([a-z0-9-]*\)"\(, "\([a-z0-9-]*\)"\)\{0,1\}.*/\1 \3/p' "$ROOT/libcommon/format/model_words.c" >words
    [ "$(wc -l <words)" -gt 30 ]
    while read -r word; do
        written=$(usage "$word")
        grep -Fqx -e "$written" <<<"$page" || {
            echo "the page does not have '$written' ($word)"
            return 1
        }
    done <words
}

@test "a repeat is what it stands for" {
    sed 's/^relu/repeat 2\nrelu\nconv 4 3\nend/' "$MODEL" >repeat.model
    sed 's/^relu/relu\nconv 4 3\nrelu\nconv 4 3/' "$MODEL" >long.model
    nn-init -q -o a.safetensors repeat.model
    nn-init -q -o b.safetensors long.model
    assert_same a.safetensors b.safetensors
}

@test "a wrong setting is 64 and names the nearest one" {
    run -64 nn-init -o a.safetensors "$MODEL" optimiser.lr=1
    assert_error "optimiser.lr=1: no such statement; did you mean 'optimizer'"
    run -64 nn-init -o a.safetensors "$MODEL" optimizer.lr=1 optimizer.lr=2
}

@test "a missing operand, a missing -o and a bad seed are 64" {
    run -64 nn-init -o a.safetensors
    run -64 nn-init "$MODEL"
    run -64 nn-init -s -1 -o a.safetensors "$MODEL"
    run -64 nn-init -s 18446744073709551616 -o a.safetensors "$MODEL"
    run -64 nn-init --rates "$MODEL"
    run -64 nn-init --samples 5 -o a.safetensors "$MODEL"
    run -64 nn-init --rates --samples 5 -i "$CKPT" "$MODEL"
}

@test "a model file that is not there is 66" {
    run -66 nn-init -o a.safetensors nowhere.model
    assert_error "nn-init: nowhere.model: open: no such file or directory"
}

@test "--rates prints the rate of each epoch's first and last step" {
    printf 'schedule step every=1 gamma=0.5\n' | cat "$MODEL" - >step.model
    run -0 nn-init --rates --samples 65 step.model
    [ "${lines[0]}" = "#epoch	step	rate" ]
    [ "${lines[1]}" = "1	1	0.01" ]
    [ "${lines[2]}" = "1	3	0.01" ]
    [ "${lines[3]}" = "2	4	0.005" ]
    [ "${lines[4]}" = "2	6	0.005" ]
    [ "${#lines[@]}" = 5 ]
}

@test "-i takes the layers that fit, says which are fresh, and records the parent" {
    nn-init -q -o a.safetensors "$MODEL"
    nn-train-epoch -q -o b.safetensors a.safetensors "$DATA/train"
    sed 's/^dense 10/dense 12/' "$MODEL" >twelve.model
    run -0 nn-init -i b.safetensors -o fork.safetensors twelve.model
    assert_error "2 of 4 tensors taken from b.safetensors"
    assert_error "dense1.weight: fresh"
    parent=$(ckpt-info b.safetensors | awk -F'\t' '!/^#/ { print $2 }')
    run -0 ckpt-info fork.safetensors
    assert_output_has "$parent	none	0	0"
}

@test "-i with the same network and data goes on from the trained weights" {
    nn-init -q -o a.safetensors "$MODEL"
    nn-train-epoch -q -o b.safetensors a.safetensors "$DATA/train"
    nn-init -q -i b.safetensors -o c.safetensors "$MODEL"
    run -0 nn-eval "$DATA/test" b.safetensors c.safetensors
    [ "$(awk -F'\t' '!/^#/ { print $7, $8 }' <<<"$output" | sort -u | wc -l)" = 1 ]
}

@test "-i refuses a checkpoint of which nothing fits" {
    nn-init -q -o a.safetensors "$MODEL"
    printf 'input 1 28 28\ndense 5\nloss cross-entropy\ntrain\noptimizer adam\n' >other.model
    run -65 nn-init -i a.safetensors -o b.safetensors other.model
    assert_error "none of its tensors fits the model"
    assert_missing b.safetensors
}

@test "--samples is bounded by what a data set can have" {
    run -64 nn-init --rates --samples 18446744073709551615 "$MODEL"
    assert_error "--samples 18446744073709551615: not a whole number from 1 to 2^32 - 1"
    run -0 nn-init --rates --samples 4294967295 "$MODEL"
    assert_output_has "134217728"
}

# A rich model, and its epoch 1.
train_rich() {
    make_rich rich.model
    nn-init -q -o a.safetensors rich.model
    nn-train-epoch -q -d ref -o b.safetensors a.safetensors "$DATA/train"
}

@test "a first checkpoint's moving average is its parameters" {
    make_rich rich.model
    nn-init -q -o a.safetensors rich.model
    for name in conv1.weight batchnorm1.weight batchnorm1.bias dense1.weight dense1.bias; do
        [[ $(tensor a.safetensors "model.$name") == "$(tensor a.safetensors "ema.$name")" ]]
    done
    [[ $(tensor a.safetensors model.batchnorm1.running_mean) == "$(head -c 16 /dev/zero | b2sum)" ]]
}

@test "-i takes running statistics, and of weights the moving average that nn-eval measures" {
    train_rich
    run -0 nn-init -i b.safetensors -o c.safetensors rich.model
    assert_error '7 of 7 tensors taken from b.safetensors, running statistics included'
    for name in conv1.weight batchnorm1.weight batchnorm1.bias dense1.weight dense1.bias; do
        [[ $(tensor c.safetensors "model.$name") == "$(tensor b.safetensors "ema.$name")" ]]
        [[ $(tensor c.safetensors "ema.$name") == "$(tensor b.safetensors "ema.$name")" ]]
        [[ $(tensor c.safetensors "optim.momentum_buffer.$name") == "$(tensor a.safetensors "optim.momentum_buffer.$name")" ]]
    done
    for name in running_mean running_var; do
        [[ $(tensor c.safetensors "model.batchnorm1.$name") == "$(tensor b.safetensors "model.batchnorm1.$name")" ]]
    done
    run -0 nn-eval -d ref "$DATA/test" b.safetensors c.safetensors
    [ "$(awk -F'\t' '!/^#/ { print $7, $8 }' <<<"$output" | sort -u | wc -l)" = 1 ]
}

@test "-i into a recipe without a moving average starts from that" {
    train_rich
    sed '/^ema/d' rich.model >plain.model
    nn-init -q -i b.safetensors -o c.safetensors plain.model
    [[ $(tensor c.safetensors model.dense1.weight) == "$(tensor b.safetensors ema.dense1.weight)" ]]
    ckpt-verify c.safetensors
}

@test "--with-optimizer takes weights, moments, average and step as they are" {
    train_rich
    nn-init -q -i b.safetensors --with-optimizer -o c.safetensors rich.model
    split_checkpoint b.safetensors
    mv tensors trained
    split_checkpoint c.safetensors
    assert_same trained tensors
    run -0 ckpt-info -j c.safetensors
    assert_output_has "\"parent\":\"$(digest_of b.safetensors)\",\"data\":null,\"epoch\":0,\"step\":19,"
    ckpt-verify c.safetensors
    nn-train-epoch -q -d ref -o d.safetensors c.safetensors "$DATA/train"
    run -0 ckpt-info -j d.safetensors
    assert_output_has '"epoch":1,"step":38,'
}

@test "--with-optimizer starts a moving average from the weights where there was none" {
    make_rich rich.model
    sed '/^ema/d' rich.model >plain.model
    nn-init -q -o a.safetensors plain.model
    nn-train-epoch -q -d ref -o b.safetensors a.safetensors "$DATA/train"
    nn-init -q -i b.safetensors --with-optimizer -o c.safetensors rich.model
    [[ $(tensor c.safetensors ema.conv1.weight) == "$(tensor b.safetensors model.conv1.weight)" ]]
    [[ $(tensor c.safetensors optim.momentum_buffer.conv1.weight) == "$(tensor b.safetensors optim.momentum_buffer.conv1.weight)" ]]
}

@test "--with-optimizer may change the recipe, and other layers begin with no moments" {
    train_rich
    sed 's/^dense 10/dense 12/; s/lr=0.05/lr=0.01/' rich.model >twelve.model
    run -0 nn-init -i b.safetensors --with-optimizer -o c.safetensors twelve.model
    assert_error 'dense1.weight: fresh: b.safetensors has none of that name and shape'
    assert_error 'dense1.bias: fresh'
    assert_error '5 of 7 tensors taken'
    [[ $(tensor c.safetensors optim.momentum_buffer.conv1.weight) == "$(tensor b.safetensors optim.momentum_buffer.conv1.weight)" ]]
    [[ $(tensor c.safetensors optim.momentum_buffer.dense1.bias) == "$(head -c 48 /dev/zero | b2sum)" ]]
}

@test "--with-optimizer is refused where the optimizer, or what it remembers, is another" {
    train_rich
    sed 's/^optimizer.*/optimizer adam/' rich.model >adam.model
    run -65 nn-init -i b.safetensors --with-optimizer -o c.safetensors adam.model
    assert_error "nn-init: b.safetensors: take the optimizer's state: it is that of sgd with momentum, the model's is adam; -i alone takes weights only"
    run -65 nn-init -i b.safetensors --with-optimizer -o c.safetensors rich.model optimizer.momentum=0
    assert_error "it is that of sgd with momentum, the model's is sgd; -i alone"
    assert_missing c.safetensors
    nn-init -q -i b.safetensors -o c.safetensors adam.model
}

@test "adam's state goes on in adamw" {
    nn-init -q -o a.safetensors "$MODEL"
    nn-train-epoch -q -d ref -o b.safetensors a.safetensors "$DATA/train"
    sed 's/^optimizer adam/optimizer adamw/' "$MODEL" >adamw.model
    nn-init -q -i b.safetensors --with-optimizer -o c.safetensors adamw.model
    [[ $(tensor c.safetensors optim.exp_avg_sq.conv1.weight) == "$(tensor b.safetensors optim.exp_avg_sq.conv1.weight)" ]]
}

@test "--with-optimizer without -i is wrong usage" {
    run -64 nn-init --with-optimizer -o a.safetensors "$MODEL"
    assert_error 'nn-init: --with-optimizer: of which checkpoint? -i names it'
}

@test "--fork goes on at the epoch, and without another recipe it trains the same" {
    train_rich
    nn-init -q -i b.safetensors --fork -o fork.safetensors rich.model
    run -0 ckpt-info -j fork.safetensors
    assert_output_has "\"parent\":\"$(digest_of b.safetensors)\",\"data\":\"$(ckpt-info -j b.safetensors | sed 's/.*"data":"\([^"]*\).*/\1/')\",\"epoch\":1,\"step\":19,"
    [ "$(ckpt-info fork.safetensors | cut -f 4-)" = "$(ckpt-info b.safetensors | cut -f 4-)" ] # class and training loss, too
    nn-train-epoch -q -d ref -o c.safetensors b.safetensors "$DATA/train"
    nn-train-epoch -q -d ref -o d.safetensors fork.safetensors "$DATA/train"
    split_checkpoint c.safetensors
    mv tensors wanted
    split_checkpoint d.safetensors
    assert_same wanted tensors
    ckpt-verify fork.safetensors d.safetensors
}

@test "--fork takes another recipe, but no other layers, optimizer or data, and no part of an epoch" {
    train_rich
    nn-init -q -i b.safetensors --fork -o c.safetensors rich.model optimizer.lr=0.01
    run -65 nn-train-epoch -o d.safetensors c.safetensors "$DATA/test"
    assert_error 'not the data that c.safetensors was trained on'
    sed 's/^dense 10/dense 12/' rich.model >twelve.model
    run -65 nn-init -i b.safetensors --fork -o d.safetensors twelve.model
    assert_error 'nn-init: b.safetensors: fork: it has no dense1.weight of that shape; -i alone takes what fits'
    run -65 nn-init -i b.safetensors --fork -o d.safetensors rich.model optimizer.momentum=0
    assert_error 'it is that of sgd with momentum'
    touch hold
    run -1 nn-train-epoch -q -d ref --hold hold -o d.safetensors b.safetensors "$DATA/train"
    run -65 nn-init -i d.safetensors.part --fork -o e.safetensors rich.model
    assert_error 'd.safetensors.part: fork: its epoch is unfinished'
    run -64 nn-init --fork -o e.safetensors rich.model
    run -64 nn-init -i b.safetensors --fork --with-optimizer -o e.safetensors rich.model
    assert_missing e.safetensors
}

@test "-i with -n says what would be taken and writes nothing" {
    nn-init -q -o a.safetensors "$MODEL"
    run -0 nn-init -n -i a.safetensors -o b.safetensors "$MODEL"
    assert_error '4 of 4 tensors taken from a.safetensors'
    assert_missing b.safetensors
}

@test "-i: the order of settings does not change the bytes" {
    nn-init -q -o a.safetensors "$MODEL"
    nn-init -q -i a.safetensors -o b.safetensors "$MODEL" optimizer.lr=0.5 train.batch=16 dropout.rate=0.5
    nn-init -q -i a.safetensors -o c.safetensors "$MODEL" dropout.rate=0.5 train.batch=16 optimizer.lr=0.5
    assert_same b.safetensors c.safetensors
}

@test "-i refuses a partial checkpoint, one that is damaged and one that is not there" {
    make_small a.safetensors
    make_partial a.safetensors b.safetensors.part 0
    run -65 nn-init -i b.safetensors.part -o c.safetensors small.model
    assert_error 'nn-init: b.safetensors.part: take weights: its epoch is unfinished; train it to the end first'
    change_byte a.safetensors $(($(stat -c %s a.safetensors) - 1))
    run -65 nn-init -i a.safetensors -o c.safetensors small.model
    assert_error 'a.safetensors: digest differs'
    run -66 nn-init -i none.safetensors -o c.safetensors small.model
    assert_missing c.safetensors
}

@test "a file system without a rename that replaces nothing has links for it; one without both is told so, 73" {
    inject=$BUILD/tests/fault/inject
    [ -x "$inject" ] || skip 'there is no tests/fault/inject in this build'
    run -0 "$inject" -c renameat2 -n 1 -r -a EINVAL nn-init -o a.safetensors "$MODEL"
    assert_same a.safetensors "$CKPT"
    run -73 "$inject" -c renameat2,link -n 1 -r -a ENOSYS nn-init -o b.safetensors "$MODEL"
    assert_error 'nn-init: b.safetensors: publish: its file system has neither links nor a rename that replaces nothing'
    assert_missing b.safetensors
    assert_no_leftovers
}
