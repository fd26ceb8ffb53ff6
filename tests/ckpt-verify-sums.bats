# ckpt-verify --sums, which b2sum checks, and --chain, the hash chain of a run or of a few files.
# shellcheck disable=SC2154 # bats sets stderr
bats_require_minimum_version 1.5.0
load helpers
load checkpoints
load train

setup_file() {
    cd "$BATS_FILE_TMPDIR" || return
    train -r whole epochs=4
}

setup() {
    cd "$BATS_TEST_TMPDIR" || return
    cp -a "$BATS_FILE_TMPDIR/whole" a
}

# chain: the state of each row of the last run, in order, with the epoch before it.
chain() {
    awk -F '\t' '!/^#/ { printf "%s%s-%s", n++ ? " " : "", $2, $3 }' <<<"$output"
}

# state FILE: what the last run says of it.
state() {
    awk -F '\t' -v file="$1" '$1 == file { print $3 }' <<<"$output"
}

# --- Sums

@test "what is printed for files is what b2sum prints, byte for byte, and checks" {
    for file in $'line\n' $'\rreturn' 'back\slash' $'\\\n\r' ' two  blanks ' $'\t\x80' -c; do
        cp a/epoch-0003.safetensors "./$file"
        ckpt-verify --sums -- "$file" >ours
        b2sum -- "$file" >theirs
        assert_same ours theirs
        b2sum -c --strict --quiet ours
    done
    for file in a/epoch-0003.safetensors ./a//epoch-0001.safetensors; do
        ckpt-verify --sums "$file" >ours
        b2sum -- "$file" >theirs
        assert_same ours theirs
        b2sum -c --strict --quiet ours
    done
}

@test "of a run every proven file gets a line, and b2sum sees each change" {
    ckpt-verify --sums a >sums
    run -0 b2sum -c --strict sums
    for file in epoch-0000.safetensors epoch-0004.safetensors epoch-0004.eval metrics.tsv run.conf net.model train.list; do
        assert_output_has "a/$file: OK"
    done
    [ "$(wc -l <sums)" -eq "$(ckpt-verify a | grep -c $'\tproven\t')" ]
    change_byte a/epoch-0003.safetensors 2000
    run -1 b2sum -c --quiet sums
    assert_output_has 'a/epoch-0003.safetensors: FAILED'
}

@test "what is not proven gets no line, and is told" {
    change_byte a/epoch-0002.safetensors 2000
    run -1 --separate-stderr ckpt-verify --sums a/epoch-0001.safetensors a/epoch-0002.safetensors
    [ "$output" = "$(b2sum a/epoch-0001.safetensors)" ]
    assert_error 'ckpt-verify: a/epoch-0002.safetensors: digest differs'
    run -66 --separate-stderr ckpt-verify --sums nowhere
    [ "$output" = '' ]
}

@test "sums are no records, and are of files that have a name" {
    run -64 ckpt-verify --sums -j a
    assert_error 'the lines of b2sum, not records'
    run -64 ckpt-verify --sums - <a/epoch-0001.safetensors
    assert_error 'about files that have a name'
    run -64 ckpt-verify --sums --chain a
    assert_error 'ask one at a time'
}

# --- The chain

@test "the chain of a run is printed from its first checkpoint on, each with its parent" {
    run -0 ckpt-verify --chain a
    [ "${lines[0]}" = $'#path\tepoch\tstate\tdigest\tparent\treason' ]
    [ "$(chain)" = '0-first 1-linked 2-linked 3-linked 4-linked' ]
    awk -F '\t' '!/^#/ { if (before && $5 != before) exit 1; before = $4 }' <<<"$output"
    run -0 ckpt-verify -j --chain a
    assert_output_has '{"path":"a/epoch-0000.safetensors","epoch":0,"state":"first","digest":"'"$(digest_of a/epoch-0000.safetensors)"'","parent":null,"reason":null}'
}

@test "pruned checkpoints stand in the chain, and one after them is told from one whose parent is gone" {
    ckpt-prune -q -e 2 a >/dev/null
    run -0 ckpt-verify --chain a
    [ "$(chain)" = '0-first 1-pruned 2-after-pruned 3-linked 4-linked' ]
    [ "$(state a/epoch-0001.safetensors)" = pruned ]
    rm a/pruned.tsv
    run -1 --separate-stderr ckpt-verify --chain a
    [ "$(chain)" = '0-first 2-broken 3-linked 4-linked' ]
    assert_error 'ckpt-verify: a/epoch-0002.safetensors: its parent is neither among the intact checkpoints of the directory nor in its pruned.tsv'
}

@test "a checkpoint that was recorded as pruned but is still there stands there once" {
    cp a/epoch-0001.safetensors .
    ckpt-prune -q -l 3 a >/dev/null
    cp epoch-0001.safetensors a
    run -0 ckpt-verify --chain a
    [ "$(chain)" = '0-pruned 1-after-pruned 2-linked 3-linked 4-linked' ]
}

@test "a damaged checkpoint and the one after it are told apart" {
    change_byte a/epoch-0002.safetensors 2000
    run -1 --separate-stderr ckpt-verify --chain a
    [ "$(chain)" = '0-first 1-linked 2-differs 3-broken 4-linked' ]
    head -c 100 a/epoch-0003.safetensors >a/epoch-0002.safetensors
    run -65 --separate-stderr ckpt-verify --chain a
    [ "$(chain)" = '0-first 1-linked none-invalid 3-broken 4-linked' ]
    ln -sf /proc/self/mem a/epoch-0002.safetensors
    run -74 --separate-stderr ckpt-verify --chain a
    [ "$(chain)" = '0-first 1-linked none-unreadable 3-unreadable 4-linked' ]
}

@test "tombstones that cannot be read are told, and nothing is called broken for want of them" {
    ckpt-prune -q -e 2 a >/dev/null
    echo nonsense >a/pruned.tsv
    run -74 --separate-stderr ckpt-verify --chain a
    [ "$(chain)" = '0-first 2-unreadable 3-linked 4-linked' ]
    assert_error 'pruned.tsv'
}

@test "a partial checkpoint hangs on its parent, and is nobody's" {
    make_run run
    make_partial run/epoch-0002.safetensors run/epoch-0003.safetensors.part 2
    run -0 ckpt-verify --chain run
    [ "$(chain)" = '0-first 1-linked 2-linked 2-linked' ]
    rm run/epoch-0002.safetensors
    run -1 --separate-stderr ckpt-verify --chain run
    [ "$(chain)" = '0-first 1-linked 2-broken' ]
}

@test "files that are named make a chain together, in any order, beside those of directories" {
    run -0 ckpt-verify --chain a/epoch-0003.safetensors a/epoch-0001.safetensors a/epoch-0002.safetensors
    [ "$(chain)" = '3-linked 1-first 2-linked' ]
    run -1 --separate-stderr ckpt-verify --chain a/epoch-0001.safetensors a a/epoch-0003.safetensors
    [ "$(chain)" = '0-first 1-linked 2-linked 3-linked 4-linked 1-first 3-broken' ]
    run -0 ckpt-verify --chain - <a/epoch-0003.safetensors
    [ "$(chain)" = 3-first ]
}

@test "of a directory without checkpoints, and of one that is not there, there is no chain" {
    mkdir empty
    run -66 ckpt-verify --chain empty
    run -66 ckpt-verify --chain nowhere
    assert_error 'ckpt-verify: nowhere: '
}

@test "only the checkpoints of a run are in its chain, whatever else is off in it" {
    rm a/epoch-0002.eval
    echo nonsense >a/metrics.tsv
    run -0 ckpt-verify --chain a
    [ "$(chain)" = '0-first 1-linked 2-linked 3-linked 4-linked' ]
}
