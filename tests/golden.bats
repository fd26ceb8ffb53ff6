# What the test of golden digests finds: it is tried on a copy whose table is changed.

bats_require_minimum_version 1.5.0
load helpers

setup() {
    cd "$BATS_TEST_TMPDIR" || return
    cp -R "$ROOT/tests/golden.sh" "$ROOT/tests/golden" .
}

@test "other bytes than the table's are found, and both are said" {
    sed -i 's/^\(sgd.*\)[0-9]$/\1x/' golden/digests.tsv
    run -1 ./golden.sh adam sgd
    assert_output_has 'ok - adam '
    assert_output_has 'not ok - sgd '
    assert_output_has "# there: $(grep ^sgd golden/digests.tsv)"
    assert_output_has "# here:  sgd"
}

@test "another network is found" {
    sed -i 's/lr=0.1/lr=0.1000001/' golden/networks/sgd.model
    run -1 ./golden.sh sgd
    assert_output_has 'not ok - sgd '
}

@test "a network that the table does not have is found" {
    cp golden/networks/sgd.model golden/networks/new.model
    run -1 ./golden.sh new
    assert_output_has 'not ok - new '
}

@test "a network that is not trained is found" {
    sed -i 's/lr=0.1/lr=-1/' golden/networks/sgd.model
    run -1 ./golden.sh sgd
    assert_output_has 'not ok - sgd '
    assert_output_has '# here:  sgd: it was not trained'
}

@test "the table that it prints is one that it holds to" {
    ./golden.sh -p sgd >table
    mv table golden/digests.tsv
    run -0 ./golden.sh sgd
}
