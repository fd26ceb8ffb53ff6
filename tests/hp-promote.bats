# hp-promote: what it prints of a search, what it takes for records, and what it refuses. Its choices against a model: fault/promote.py.
bats_require_minimum_version 1.5.0
load helpers

setup() {
    cd "$BATS_TEST_TMPDIR" || return
    printf '#trial\toptimizer.lr\n' >trials.tsv
    printf '%s\t0.%s\n' 0001 1 0002 2 0003 3 0004 4 >>trials.tsv
    printf '#trial\tepoch\tvalid.accuracy\n' >records.tsv
}

# after EPOCH VALUE...: records of the trials 0001, 0002 and so on; '-' for one that has none.
after() {
    local epoch=$1 number=0 value
    shift
    for value; do
        number=$((number + 1))
        [[ $value == - ]] || printf '%04d\t%s\t%s\n' "$number" "$epoch" "$value"
    done >>records.tsv
}

promote() {
    hp-promote --epochs 4 --divisor 2 --mode aggressive "$@"
}

# decisions EXPECTED [ARGUMENT...]: state and epochs of each trial that has begun, as in "run 1, wait 1".
decisions() {
    local expected=$1
    shift
    run --separate-stderr -0 promote "$@" trials.tsv records.tsv
    printf '%s\n' "$output"
    [ "$(awk -F '\t' '!/^#/ { printf "%s%s %s", n++ ? ", " : "", $2, $5 }' <<<"$output")" = "$expected" ]
}

@test "a search begins with all trials for which there are workers" {
    run -0 promote trials.tsv
    [ "${lines[0]}" = $'#trial\tstate\tbracket\trung\tepochs\treason' ]
    [ "${lines[1]}" = $'0001\trun\t1\t1\t1\tbegun' ]
    [ "${#lines[@]}" -eq 5 ]
    decisions 'run 1, run 1' --max-concurrent 2
}

@test "the best go on, the others wait, and stop when a trial was trained to the end" {
    after 1 0.7 0.8 0.75 0.6
    decisions 'wait 1, run 2, run 2, wait 1'
    after 2 - 0.82 0.85
    decisions 'wait 1, wait 2, run 4, wait 1'
    after 4 - - 0.9
    decisions 'stop 1, stop 2, done 4, stop 1'
    assert_output_has $'0001\tstop\t1\t1\t1\tnot among the best 2 of 4 at epoch 1'
    assert_output_has $'0003\tdone\t1\t3\t4\ttrained to the end, epoch 4'
}

@test "of a key that ends in loss the smallest is best, and --max stands over the name" {
    sed -i s/accuracy/loss/ records.tsv
    after 1 0.7 0.8 0.75 0.6
    decisions 'run 2, wait 1, wait 1, run 2' -k valid.loss
    decisions 'wait 1, run 2, run 2, wait 1' -k valid.loss --max
}

@test "a value that is not finite is a failure, and told" {
    after 1 nan 0.1 inf 0.2
    decisions 'failed 1, run 2, failed 1, run 2'
    assert_output_has $'0001\tfailed\t1\t1\t1\tits valid.accuracy is nan at epoch 1'
}

@test "a record of a failure is one, with its reason" {
    printf '#trial\tepoch\tfailed\n0002\t1\tkilled by signal 9\n' >>records.tsv
    printf '#trial\tepoch\tvalid.accuracy\n' >>records.tsv
    after 1 0.7 - 0.75 0.6
    decisions 'run 2, failed 1, run 2, wait 1'
    assert_output_has $'0002\tfailed\t1\t1\t1\tkilled by signal 9'
}

@test "brackets have rungs and trials of their own" {
    run -0 hp-promote --epochs 1,3,9 --divisor 3 --brackets 1,2 trials.tsv
    [ "$(awk -F '\t' '!/^#/ { print $1, $3, $4, $5 }' <<<"$output")" = $'0001 1 1 3\n0002 1 1 3\n0003 1 1 3\n0004 2 1 9' ]
}

@test "rungs may be given in samples" {
    run -0 hp-promote --samples 60,240 --epoch-samples 50 --divisor 2 --mode aggressive trials.tsv
    [ "${lines[1]}" = $'0001\trun\t1\t1\t2\tbegun' ]
}

@test "synchronously nobody goes on before all are there" {
    after 1 0.7 0.8 0.75 -
    decisions 'wait 1, wait 1, wait 1, run 1' --synchronous
}

@test "--max-trials takes the first of the table, and records of the others do no harm" {
    after 1 0.7 0.8 0.75 0.6
    decisions 'wait 1, run 2, run 2, wait 1' --max-trials 9
    after 2 0.7 0.8 0.75 0.6
    decisions 'wait 2, run 4' --max-trials 2 # two rungs leave one of two trials
}

@test "the table, or the records, may come from stdin" {
    after 1 0.7 0.8 0.75 0.6
    promote trials.tsv records.tsv >expected
    promote - records.tsv <trials.tsv | cmp - expected
    promote trials.tsv - <records.tsv | cmp - expected
}

@test "-j prints JSON Lines" {
    run -0 promote -j --max-concurrent 1 trials.tsv
    [ "$output" = '{"trial":"0001","state":"run","bracket":1,"rung":1,"epochs":1,"reason":"begun"}' ]
}

@test "a preview says how many trials get to each rung, and what that costs" {
    run -0 hp-promote --preview --epochs 4 --divisor 2 --mode aggressive --synchronous trials.tsv
    [ "$output" = $'#bracket\trung\tepochs\ttrials\texpected
1\t1\t1\t4\t4
1\t2\t2\t2\t2
1\t3\t4\t1\t1
#trials\texpected.epochs\tall.epochs\tshare
4\t8\t16\t0.5' ]
    run -0 hp-promote --preview -j --epochs 9 --max-trials 1
    [ "${lines[1]}" = '{"trials":1,"expected.epochs":9,"all.epochs":9,"share":1}' ]
}

@test "a record of a trial that the table has not is refused" {
    printf '0005\t1\t0.5\n' >>records.tsv
    run -65 promote trials.tsv records.tsv
    assert_error "hp-promote: records.tsv: judge: trial '0005' is not in the table of trials"
}

@test "records that are torn, no numbers, or disagree are refused" {
    after 1 high
    run -65 promote trials.tsv records.tsv
    assert_error "the valid.accuracy of trial '0001' is 'high', which is no number"
    printf '#trial\tepoch\tvalid.accuracy\n0001\t1\t0.5\n0001\t1\t0.6\n' >records.tsv
    run -65 promote trials.tsv records.tsv
    assert_error "trial '0001': judge: records disagree on its valid.accuracy at epoch 1: 0.5 and 0.6"
    printf 0001 >>records.tsv
    run -65 promote trials.tsv records.tsv
    assert_error 'records.tsv:4: read: the line does not end'
}

@test "what is not there is 66" {
    run -66 promote nowhere
    run -66 promote trials.tsv nowhere
    assert_error 'nowhere: open: no such file or directory'
}

# refused MESSAGE ARGUMENT...
refused() {
    local message=$1
    shift
    run -64 --separate-stderr hp-promote "$@"
    assert_error "hp-promote: $message"
    [ -z "$output" ]
}

@test "a search of which is not said how long it trains is refused" {
    refused '--epochs or --samples is missing' trials.tsv
    refused '--samples: --epoch-samples must say how many an epoch has' --samples 60 trials.tsv
    refused '--epochs and --samples: only one of them can hold' --epochs 4 --samples 60 trials.tsv
}

@test "a search without trials is refused" {
    refused 'a table of trials is missing' --epochs 4
    refused '--preview: a table of trials is missing, or --max-trials' --preview --epochs 4
    refused '--preview takes no records' --preview --epochs 4 trials.tsv records.tsv
}

@test "numbers that are none, too small or too large are refused" {
    local wrong
    for wrong in 0 x -1 1.5 '' 1000000000000001; do
        refused "--epochs $wrong: not a number from 1 to 1000000000000000" --epochs "$wrong" trials.tsv
        refused "--epochs $wrong: not a number from 1 to 1000000000000000" --epochs "1,$wrong" trials.tsv
    done
    refused '--epochs 4,2: each number must be larger than the one before' --epochs 4,2 trials.tsv
    refused '--epochs: more than 64 numbers' --epochs "$(seq -s , 65)" trials.tsv
    for wrong in 1 0 -2 1001 nan x; do
        refused "--divisor $wrong: not a number above 1 and up to 1000" --epochs 4 --divisor "$wrong" trials.tsv
    done
    refused '--max-trials 0: not a number from 1 to 1000000' --epochs 4 --max-trials 0 trials.tsv
    refused '--max-concurrent 0: not a number from 1 to 1000000' --epochs 4 --max-concurrent 0 trials.tsv
    refused '--max-rungs 65: not a number from 1 to 64' --epochs 4 --max-rungs 65 trials.tsv
    refused '--epoch-samples 0' --samples 4 --epoch-samples 0 trials.tsv
    refused '--mode fast: not aggressive, standard or conservative' --epochs 4 --mode fast trials.tsv
    refused '--brackets: there are 2 rungs, and not 3' --epochs 1,4 --brackets 2,3 trials.tsv
}

@test "a key whose name tells no direction needs --min or --max" {
    refused '-k score: its name does not say what is best; add --min or --max' --epochs 4 -k score trials.tsv
    refused '--min and --max: only one of them can hold' --epochs 4 --min --max trials.tsv
}

@test "a full stdout is an error" {
    run -74 sh -c 'hp-promote --epochs 4 trials.tsv >/dev/full'
}
