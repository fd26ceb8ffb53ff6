# nn-train-epoch under mpirun: the bytes of one process, stops that all ranks agree on, and errors that one of them tells.

bats_require_minimum_version 1.5.0
load ../helpers
load ranks

# same_bytes RANKS THREADS: the model on stdin, by ranks and threads in these numbers.
same_bytes() {
    cat >net.model
    first 70
    nn-init -q -o zero net.model
    nn-train-epoch -q -t 1 -e 2 --batches alone.tsv -o alone zero "$DATA/train@first70"
    for count in $1; do
        for threads in $2; do
            ranks "$count" nn-train-epoch -q -t "$threads" -e 2 --batches these.tsv -o these zero "$DATA/train@first70"
            assert_same alone these
            assert_same alone.tsv these.tsv
            rm these these.tsv
        done
    done
}

@test "what messages carry between ranks arrives" {
    for count in 2 3 8; do
        run -0 ranks "$count" "$BUILD/tests/comm-test"
        [ "$(times_in '^ok')" -eq $((7 * count)) ]
    done
}

@test "conv, dense, dropout, moving averages: an odd last batch" {
    same_bytes '2 3 4 7 8' '1 3' <<'END'
input 1 28 28
augment shift=0.1
conv 6 3
relu
maxpool 2
conv 9 3 pad=1
relu
dropout 0.3
dense 40
relu
dropout 0.5
dense 10
loss cross-entropy
train batch=32 epochs=2
optimizer adadelta lr=1
ema 0.9
END
}

@test "batchnorm and residual blocks, clipped" {
    same_bytes '2 3 4 7 8' '1 3' <<'END'
input 1 28 28
conv 5 3 stride=3
repeat 2
  residual
    conv 7 3 pad=1 bias=no
    batchnorm
    relu
    conv 5 3 pad=1
    batchnorm
  end
  relu
end
dense 10
loss cross-entropy
train batch=24 epochs=2
optimizer sgd lr=0.1 momentum=0.9
clip 0.5
END
}

@test "a batch of fewer chunks than ranks; dense layers, from the picture on, and in a residual block" {
    same_bytes '2 3 4 7 8' '1 3' <<'END'
input 1 28 28
dense 300
tanh
residual
  dense 300
  relu
  dense 300
end
relu
dense 10
loss cross-entropy
train batch=6 epochs=2
optimizer adam lr=0.001
END
}

@test "a run of so many parameters that chunks are added in groups, and all ranks have some, and several nodes" {
    same_bytes '2 3' 1 <<'END'
input 1 28 28
avgpool 4
conv 3000 3
relu
conv 60 5
relu
dense 10
loss cross-entropy
train batch=56 epochs=2
optimizer rmsprop lr=0.0001
END
}

@test "ref computes the same on all ranks; blas works alone" {
    first 70
    nn-train-epoch -q -o alone "$CKPT" "$DATA/train@first70"
    ranks 2 nn-train-epoch -q -d ref -o these "$CKPT" "$DATA/train@first70"
    assert_same alone these
    run -69 ranks 2 nn-train-epoch -d blas -o other "$CKPT" "$DATA/train"
    assert_error '-d blas: share batches out'
    [ "$(times_in 'nn-train-epoch: ')" -eq 1 ]
}

@test "rank 0 alone speaks, and says what it has sent" {
    run -0 ranks 3 nn-train-epoch -v -o one "$CKPT" "$DATA/train"
    assert_output_has 'ranks 3, threads '
    assert_output_has 'rank 0 of 3 sent '
    [ "$(times_in 'nn-train-epoch: ')" -eq 3 ]
    run -0 ranks 3 nn-train-epoch -o one "$CKPT" "$DATA/train"
    [ "$output" = 'nn-train-epoch: one: it is there and proven; nothing to train' ]
    run -0 ranks 2 nn-train-epoch -n -o two "$CKPT" "$DATA/train"
    [ "$output" = "nn-train-epoch: two: it would be trained from $CKPT on $DATA/train" ]
    assert_missing two
}

# --- Stops

@test "USR1 to mpirun, TERM to one rank: all stop at one batch with 75, and others go on to the same bytes" {
    first 100
    nn-init -q -o zero "$MODEL" train.batch=4
    nn-train-epoch -q -e 30 -o alone zero "$DATA/train@first100"
    for how in mpirun rank; do
        begin_ranks 3 nn-train-epoch --partial-every 0.000001 -e 30 -o these zero "$DATA/train@first100" 2>said
        until [ -e these.part ]; do sleep 0.01; done
        if [ "$how" = mpirun ]; then kill -USR1 $!; else pkill -TERM -n -P $!; fi
        end_ranks
        [ "$status" = 75 ]
        grep 'these.part: stopped after batch' said
        [ "$(wc -l <said)" -eq 1 ]
        assert_missing these
        ranks 2 nn-train-epoch -q -e 30 -o these zero "$DATA/train@first100"
        assert_same alone these
        assert_missing these.part
        rm these
    done
}

@test "USR2 keeps a partial, --hold stops: what one process goes on from" {
    first 100
    nn-init -q -o zero "$MODEL" train.batch=4
    nn-train-epoch -q -e 300 -o alone zero "$DATA/train@first100"
    begin_ranks 3 nn-train-epoch -q -e 300 --hold hold --partial-every 0.000001 -o these zero "$DATA/train@first100"
    until [ -e these.part ]; do sleep 0.01; done
    kill -USR2 $!
    : >hold
    end_ranks
    [ "$status" = 1 ]
    nn-train-epoch -q -e 300 -o these zero "$DATA/train@first100"
    assert_same alone these
}

@test "USR2 to one rank: all keep a partial" {
    nn-init -q -o zero "$MODEL" train.batch=4
    begin_ranks 3 nn-train-epoch -q -e 10000 -o these zero "$DATA/train"
    until [ "$(pgrep -c -P $!)" -eq 3 ]; do sleep 0.01; done
    last=$(pgrep -n -P $!)
    until grep -q 'SigCgt:.*[89a-f]..$' "/proc/$last/status"; do sleep 0.01; done # its own handler of 12 is there
    kill -USR2 "$last"
    timeout 20 sh -c 'until [ -e these.part ]; do sleep 0.01; done' || lost=yes
    kill -USR1 $!
    end_ranks
    [ "$status,${lost-}" = 75, ]
}

@test "a rank that is killed ends all; what was kept is gone on from" {
    nn-init -q -o zero "$MODEL" train.batch=4
    begin_ranks 3 nn-train-epoch -q --partial-every 0.000001 -e 10000 -o these zero "$DATA/train"
    until [ -e these.part ]; do sleep 0.01; done
    pkill -KILL -n -P $!
    end_ranks
    [ "$status" = 137 ]
    assert_missing these
    ckpt-info -q these.part
}

# --- Errors

@test "an error that all ranks have is told once, with its own status" {
    run -66 ranks 3 nn-train-epoch -o one "$CKPT" nowhere
    [ "$(times_in 'nn-train-epoch: ')" -eq 1 ]
    run -66 ranks 3 nn-train-epoch -o one nothing "$DATA/train"
    [ "$(times_in 'nn-train-epoch: ')" -eq 1 ]
    run -73 ranks 3 nn-train-epoch -o nowhere/one "$CKPT" "$DATA/train"
    [ "$(times_in 'nn-train-epoch: ')" -eq 1 ]
    sed 's/^optimizer.*/optimizer sgd lr=100000/' "$MODEL" >wild.model
    nn-init -q -o wild wild.model
    run -65 ranks 3 nn-train-epoch -o one wild "$DATA/train"
    assert_error 'the training diverges'
    [ "$(times_in 'nn-train-epoch: ')" -eq 1 ]
    assert_missing one
}

# one: nn-train-epoch -o out, to which rank 1 is given the arguments $OTHER.
make_one() {
    cat >one <<'END'
#!/bin/sh
[ "$OMPI_COMM_WORLD_RANK" -ne 1 ] || set -- $OTHER
exec nn-train-epoch -o out "$@"
END
    chmod +x one
}

@test "an error that one rank has alone ends all, told by it or by rank 0" {
    make_one
    OTHER="$CKPT nowhere" run -66 ranks 3 ./one "$CKPT" "$DATA/train"
    assert_error 'nowhere'
    nn-init -q -o other -s 2 "$MODEL"
    OTHER="other $DATA/train" run -74 ranks 3 ./one "$CKPT" "$DATA/train"
    assert_error 'not all ranks see the same files'
    : >hold
    run -1 nn-train-epoch --hold hold -o out "$CKPT" "$DATA/train"
    OTHER="-o elsewhere $CKPT $DATA/train" run -74 ranks 3 ./one "$CKPT" "$DATA/train"
    assert_error 'not all ranks see the same files'
    rm out.part
    nn-train-epoch -q -o next "$CKPT" "$DATA/train"
    for file in images-idx3 labels-idx1; do cp "$DATA/train-$file-ubyte" "changed-$file-ubyte"; done
    printf '\001' | dd of=changed-images-idx3-ubyte bs=1 seek=100000 conv=notrunc status=none
    OTHER="next changed" run -65 ranks 3 ./one next "$DATA/train"
    assert_error 'changed: train: not the data that next was trained on'
    assert_missing out
}

@test "rank 0 alone looks for the checkpoint to be: others may come to see it later" {
    make_one
    nn-train-epoch -q -o out "$CKPT" "$DATA/train"
    OTHER="-o elsewhere $CKPT $DATA/train" run -0 ranks 3 ./one "$CKPT" "$DATA/train"
    [ "$output" = 'nn-train-epoch: out: it is there and proven; nothing to train' ]
}

@test "ROTE_COMM: alone whoever has started it, or joined although nobody did" {
    first 70
    nn-train-epoch -q -o alone "$CKPT" "$DATA/train@first70"
    cat >each <<'END'
#!/bin/sh
ROTE_COMM=self exec nn-train-epoch -q -o "these$OMPI_COMM_WORLD_RANK" "$@"
END
    chmod +x each
    ranks 2 ./each "$CKPT" "$DATA/train@first70"
    assert_same alone these0
    assert_same alone these1
    run -69 env ROTE_COMM=pigeon nn-train-epoch -q -o other "$CKPT" "$DATA/train"
    assert_error 'ROTE_COMM=pigeon: neither self nor mpi'
    run -69 env SLURM_STEP_NUM_TASKS=2 nn-train-epoch -q -o other "$CKPT" "$DATA/train"
    assert_error '2 processes were started together, and it finds 1'
}

@test "without our shared object ranks are refused, and one process is not" {
    mkdir -p elsewhere/bin
    cp "$BUILD/bin/nn-train-epoch" elsewhere/bin
    first 70
    elsewhere/bin/nn-train-epoch -q -o one "$CKPT" "$DATA/train@first70"
    run -69 ranks 2 elsewhere/bin/nn-train-epoch -q -o two "$CKPT" "$DATA/train@first70"
    assert_error 'MPI: load: '
}
