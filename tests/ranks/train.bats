# rote-train with ranks=: the run that one process would make, and what becomes of ranks that are lost.

bats_require_minimum_version 1.5.0
load ../helpers
load ../train
load ranks # its setup is the one that counts

setup_file() {
    cd "$BATS_FILE_TMPDIR" || return
    train -r two epochs=2
}

@test "ranks make the run that one process makes, and it does not say how many" {
    train epochs=2 ranks=3 threads=1
    assert_same_run "$BATS_FILE_TMPDIR/two" a
    run ! grep ranks a/run.conf
    train epochs=3
    rote-train -q -r a ranks=2 epochs=4 3>&-
    rote-train -q -r b -c a/run.conf 3>&-
    assert_same_run a b
}

@test "the line of rote(7) for a run that is too long for one machine" {
    line=$(sed -n 's/^\.Dl \(rote-train .*ranks=.*\)/\1/p' "$ROOT/man/rote.7")
    [ "$(wc -l <<<"$line")" = 1 ]
    line=${line/data=mnist/data=$DATA} line=${line/model=mnist-cnn/model=$MODEL}
    eval "$line epochs=2 samples=200 val=100 3>&-"
    train epochs=2
    assert_same_run a runs/long
}

@test "TERM ends ranks with 75 and a partial, and the same line goes on" {
    train -r b train.batch=2 epochs=300 save-every=300
    rote-train -r a data="$DATA" model="$MODEL" samples=200 val=100 train.batch=2 epochs=300 save-every=300 \
        ranks=3 threads=1 partial-every=1 3>&- &
    until [ -e a/epoch-0300.safetensors.part ]; do sleep 0.05; done
    kill -TERM $!
    end_ranks
    [ "$status" = 75 ]
    [ -e a/epoch-0300.safetensors.part ]
    grep 'stopped after batch' a/log
    sed -i 's/^partial-every=.*/partial-every=0/' a/run.conf
    run -0 train ranks=2
    assert_output_has 'on from where it was stopped'
    assert_same_run b a
}

@test "a lost rank is another try where something was kept, and else no more than three" {
    own_programs
    put_program nn-train-epoch <<'END'
[ "$OMPI_COMM_WORLD_RANK" -ne 1 ] || kill -KILL $$
exec "$real" "$@"
END
    run -71 train epochs=1 ranks=2
    assert_error 'a rank was ended by signal 9; this is try 3 of 3'
    assert_error 'a rank was ended by signal 9, 3 times before anything was kept'
    put_program nn-train-epoch <<'END'
case $OMPI_COMM_WORLD_RANK in 1) (until [ -e *.part ]; do sleep 0.01; done; kill -KILL $$) & ;; esac
exec "$real" --partial-every 0.000001 "$@"
END
    run -75 train -r b train.batch=2 epochs=30 save-every=30 ranks=2
    assert_error 'a rank was ended by signal 9; the same line again goes on'
    real_programs
    train epochs=2
    assert_same_run "$BATS_FILE_TMPDIR/two" a
}

@test "a machine that goes away is a lost rank" {
    own_programs
    machines
    put_program nn-train-epoch <<'END'
case $OMPI_COMM_WORLD_RANK in 1) (until [ -e *.part ]; do sleep 0.01; done; kill -KILL $PPID $$) & ;; esac
exec "$real" --partial-every 0.000001 "$@"
END
    run -75 train train.batch=2 epochs=30 save-every=30 ranks=2
    assert_error 'mpirun: a machine was lost (status 205); the same line again goes on'
    export OMPI_MCA_plm_rsh_agent=false
    run -69 train -r b epochs=1 ranks=2
    assert_error 'mpirun: it could not start 2 ranks'
}

@test "what cannot be ranks is refused before a run is made" {
    run -64 train ranks=0
    assert_error 'ranks=0: not a number of ranks from 1 to 4096'
    run -64 train ranks=2 device=blas
    assert_error 'ranks=2: blas works alone'
    mkdir bin
    ln -s /bin/* /usr/bin/* bin 2>/dev/null || :
    rm bin/mpirun
    PATH=$BUILD/bin:$FIXTURES/bin:$PWD/bin run -69 train ranks=2
    assert_error 'ranks=2: find mpirun: it is not there'
    assert_missing a
}
