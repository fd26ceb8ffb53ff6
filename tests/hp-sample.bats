# hp-sample: a table of trials that is the same everywhere, grows without changing, and comes of a space that is looked at.

bats_require_minimum_version 1.5.0
load helpers

# A space with each kind of values.
make_space() {
    cat >net.space <<'SPACE'
optimizer.lr log 1e-4 1e-1 4
rate uniform 0.1 0.5 3
width choice 32 64 128
depth int 1 4
SPACE
}

@test "a row a trial, a column a setting" {
    make_space
    run -0 hp-sample -N 3 net.space
    [[ ${lines[0]} == $'#trial\toptimizer.lr\trate\twidth\tdepth' ]]
    [[ ${#lines[@]} == 4 ]]
    [[ $(cut -f 1 <<<"$output" | xargs) == '#trial 0001 0002 0003' ]]
}

@test "without -N there are sixteen, and of a grid all" {
    make_space
    [[ $(hp-sample net.space | grep -vc '^#') == 16 ]]
    [[ $(hp-sample -m sobol net.space | grep -vc '^#') == 16 ]]
    [[ $(hp-sample -m grid net.space | grep -vc '^#') == 144 ]]
}

@test "the first sixteen of a hundred are the sixteen of sixteen, by every method" {
    make_space
    for method in random sobol grid; do
        hp-sample -m "$method" -N 100 net.space >hundred
        hp-sample -m "$method" -N 16 net.space >sixteen
        head -n 17 hundred | cmp - sixteen
        [[ $(wc -l <hundred) == 101 ]]
    done
}

@test "the trials of a seed are those of every machine" {
    make_space
    [[ $(for method in random sobol grid; do hp-sample -s 7 -m $method -N 1000 net.space; done | sha256sum) == '2ab7bee5afaca6deb44d4a2cc0028dff48e7171d87c5c7a6fcf22e5ea4e8e240  -' ]]
    [[ $(hp-sample -N 2 net.space | tail -n 1) == $'0002\t0.029916055\t0.23424432\t128\t4' ]]
    [[ $(hp-sample -m sobol -N 2 net.space | tail -n 1) == $'0002\t0.00638368\t0.49469902\t64\t4' ]]
}

@test "the same seed draws the same trials, another one others" {
    make_space
    for method in random sobol; do
        hp-sample -m $method net.space >a
        hp-sample -m $method -s 1 net.space >b
        hp-sample -m $method -s 2 net.space >c
        assert_same a b
        run ! cmp -s a c
    done
}

@test "a line more leaves random values of the others as they are" {
    make_space
    hp-sample net.space >before
    sed -i '1i momentum uniform 0.5 0.99' net.space
    hp-sample net.space | cut -f 1,3- | cmp - before
}

@test "the first half of Sobol's trials has as many in one half of a range as in the other" {
    make_space
    hp-sample -m sobol -N 64 net.space | awk '
        $1 !~ /#/ { low += $2 < 10 ^ -2.5; small += $3 < 0.3; if (NR <= 33) depth[$5]++ }
        END { exit !(low == 32 && small == 32 && depth[1] == 8 && depth[2] == 8 && depth[3] == 8 && depth[4] == 8) }'
}

@test "a grid is every combination, the last line's values fastest" {
    printf 'lr log 1e-4 1e-1 4\nwidth choice 32 none\n' >net.space
    run -0 hp-sample -m grid net.space
    [[ $(cut -f 2 <<<"$output" | xargs) == 'lr 0.0001 0.0001 0.001 0.001 0.01 0.01 0.1 0.1' ]]
    [[ $(cut -f 3 <<<"$output" | xargs) == 'width 32 none 32 none 32 none 32 none' ]]
}

@test "of a grid -N takes the first, and says where there are no more" {
    printf 'width choice 32 64 128\n' >net.space
    run -0 --separate-stderr hp-sample -m grid -N 2 net.space
    [[ ${lines[*]} == $'#trial\twidth 0001\t32 0002\t64' && -z $stderr ]]
    run -0 --separate-stderr hp-sample -m grid -N 9 net.space
    [[ ${#lines[@]} == 4 ]]
    assert_error 'net.space: the grid has no more than 3 trials'
    run -0 --separate-stderr hp-sample -q -m grid -N 9 net.space
    [[ -z $stderr ]]
}

@test "a grid that is too large for anybody must be asked for" {
    printf 'a int 0 999999\nb int 1 2\n' >net.space
    run -65 hp-sample -m grid net.space
    assert_error 'net.space: lay out: the grid has more than 1000000 trials; -N takes the first of them'
    [[ $(hp-sample -m grid -N 12345 net.space | tail -n 1) == $'12345\t6172\t1' ]]
}

@test "-j prints JSON Lines, numbers as numbers" {
    printf 'lr log 0.1 0.2 2\nwidth choice 32 none\n' >net.space
    run -0 hp-sample -j -m grid net.space
    [[ ${lines[0]} == '{"trial":"0001","lr":0.1,"width":"32"}' ]]
    [[ ${lines[1]} == '{"trial":"0002","lr":0.1,"width":null}' ]]
}

@test "-o publishes the table, and replaces none without -f" {
    make_space
    run -0 --separate-stderr hp-sample -o trials.tsv net.space
    [[ -z $output && -z $stderr ]]
    hp-sample net.space | cmp - trials.tsv
    cp trials.tsv before
    run -73 --separate-stderr hp-sample -s 2 -o trials.tsv net.space
    assert_error 'hp-sample: trials.tsv: create: it exists; -f replaces it'
    assert_same before trials.tsv
    hp-sample -f -s 2 -o trials.tsv net.space
    run ! cmp -s before trials.tsv
    assert_no_leftovers
}

@test "- is stdin, and stdout" {
    make_space
    hp-sample net.space >trials.tsv
    hp-sample - <net.space | cmp - trials.tsv
    hp-sample -o - net.space | cmp - trials.tsv
}

@test "what an unknown word should be is said, with its file and line" {
    printf '# mine\nlr logarithm 1e-4 1e-1\n' >net.space
    run -65 hp-sample net.space
    assert_error "hp-sample: net.space:2: lr: 'logarithm': no such kind of values; there are log, uniform, int, choice"
}

@test "a reversed range, a name given twice and a range of a logarithm with 0 are refused" {
    printf 'lr log 1e-1 1e-4\n' >net.space
    run -65 hp-sample net.space
    assert_error "net.space:1: lr: '1e-4': the end of a range must be above its beginning, 1e-1"
    printf 'lr log 1e-4 1e-1\nwidth int 1 2\nlr log 1 2\n' >net.space
    run -65 hp-sample net.space
    assert_error 'net.space:3: lr: line 1 has it already'
    printf 'lr log 0 1e-1\n' >net.space
    run -65 hp-sample net.space
    assert_error "net.space:1: lr: '0': a range whose logarithm is uniform must be above 0"
}

@test "a wrong space writes nothing" {
    printf 'lr log 1\n' >net.space
    run -65 hp-sample -o trials.tsv net.space
    assert_missing trials.tsv
    run -66 hp-sample -o trials.tsv nowhere
    assert_error 'hp-sample: nowhere: open: no such file or directory'
    printf 'lr log 1 2\n\0' >net.space
    run -65 hp-sample net.space
    assert_error 'net.space: read: it contains a NUL byte'
}

@test "a grid of a range without points is refused" {
    printf 'width choice 1 2\nlr log 1e-4 1e-1\n' >net.space
    run -65 hp-sample -m grid net.space
    assert_error "net.space:2: lr: a grid must be told of how many points; they follow the range's end"
}

@test "a wrong method or number of trials is refused with 64" {
    make_space
    run -64 hp-sample -m sobl net.space
    assert_error '-m sobl: no such method; there are random, sobol, grid'
    for wrong in 0 -1 1.5 x 4294967296; do
        run -64 hp-sample "-N$wrong" net.space
        assert_error "-N $wrong: not a number of trials from 1 to 2^32 - 1"
    done
}

@test "every trial is one that nn-init takes" {
    sed 's/^dense 10/dense $width\nrelu\ndense 10/; 1i let width=8' "$MODEL" >net.model
    printf 'optimizer.lr log 1e-4 1e-1\nwidth int 1 20\ntrain.batch choice 16 32\ndropout.rate uniform 0 0.9\n' >net.space
    hp-sample -m sobol net.space |
        awk -F '\t' 'sub(/^#/, "") { split($0, key); next } { for (i = 2; i <= NF; i++) printf "%s=%s ", key[i], $i; print "" }' >settings
    [[ $(wc -l <settings) == 16 ]]
    while read -ra trial; do
        nn-init -n -o out net.model "${trial[@]}"
    done <settings
}
