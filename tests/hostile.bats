# Files, links and names that somebody made to do harm: nothing outside is written, no terminal obeys, no memory is taken, and the file
# that was judged is the one that is used.

bats_require_minimum_version 1.5.0
load helpers

# A run that has an epoch to train yet, and a file outside that nobody may change.
unfinished_run() {
    cp -a "$RUN" a
    rm a/epoch-0002.*
    echo mine >outside
}

@test "a link under the name of rote-train's temporary file is not followed" {
    unfinished_run
    ln -s ../outside a/.rote-train.tmp
    rote-train -r a
    [ "$(cat outside)" = mine ]
    assert_same a/epoch-0002.eval "$RUN/epoch-0002.eval"
    assert_missing a/.rote-train.tmp
}

@test "a link in the place of a run's log or lock is refused, and not written through" {
    for file in log lock; do
        rm -rf a
        unfinished_run
        ln -sf ../outside "a/$file"
        run -73 rote-train -r a
        assert_error "a/$file: create: it is a symbolic link, and nothing is written through one"
        [ "$(cat outside)" = mine ]
        assert_missing a/epoch-0002.safetensors
    done
}

@test "a link in the place of hold makes nothing elsewhere" {
    unfinished_run
    ln -s ../made a/hold
    run -73 rote-train -r a --hold
    assert_error 'a/hold: change: it could not be done'
    assert_missing made
}

@test "links in the place of what a run writes whole are replaced, not followed" {
    unfinished_run
    for file in metrics.tsv epoch-0002.eval; do ln -sf ../outside "a/$file"; done
    rote-train -r a
    [ "$(cat outside)" = mine ]
    for file in metrics.tsv epoch-0002.eval; do
        [ ! -L "a/$file" ]
        assert_same "a/$file" "$RUN/$file"
    done
}
