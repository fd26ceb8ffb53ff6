# The data that a run is trained and measured on: where it is, which samples of it count, and whether it is what the run began with; for
# train.sh to read in.
# shellcheck shell=sh disable=SC2034,SC2154 # what one part sets, another uses

# Sets $value to where a data set that idx-fetch knows is kept.
kept_data() { # NAME
    absolute "${ROTE_DATA:-${XDG_DATA_HOME:-${HOME-}/.local/share}/rote}/$1"
}

# Sets $data to the directory, and $known to the name of the data set that belongs there, where one was named.
locate_data() { # VALUE
    known=''
    absolute "$1"
    if is_there "$value/."; then
        data=$(cd "$value" 2>/dev/null && pwd) || fail 66 "$1: open: it cannot be entered"
        return
    fi
    case $1 in */*) fail 66 "$1: open: no such directory" ;; esac
    known=$1
    [ -n "${ROTE_DATA-}${XDG_DATA_HOME-}${HOME-}" ] ||
        fail 64 "data=$1: neither ROTE_DATA, XDG_DATA_HOME nor HOME says where it is kept; a directory needs none of them"
    kept_data "$known"
    data=$value
}

fetch_data() {
    [ -n "$known" ] || return 0
    set -- -o "$data" "$known"
    [ "$verbosity" -gt 0 ] || set -- -q "$@"
    [ -z "$dry" ] || set -- -n -q "$@"
    must "$programs/idx-fetch" "$@"
}

# The data of a new directory.
find_data() {
    value_of "$conf" data
    locate_data "$value"
    conf=${conf}data=$data$nl
    fetch_data
}

# With -n, a data set that is known may not be there.
can_rehearse() {
    [ -z "$dry" ] || [ -z "$known" ] || "$programs/idx-info" -q "$data/train@" >/dev/null 2>&1
}

# Sets $test to what the names of the test set's files begin with, if there is one; a known data set has one.
find_test() {
    test=${known:+t10k}
    is_there "$data" || return 0
    look_into "$data" "$data"
    for prefix in t10k test; do
        case $names in *"$nl$prefix-images-idx"*) test=$prefix ;; esac
    done
}

# The operand that stands for a split.
operand_of() { # SPLIT: sets $operand
    value_of "$conf" samples
    case $1,$held_out,$value in
    test,*) operand=$data/$test@ ;;
    train,0,) operand=$data/train@ ;;
    *) operand=$data/train@$1.list ;;
    esac
}

# The lists of samples: first validation apart from the rest, so that it does not depend on how much of that is used.
make_lists() {
    rm -f train.list valid.list
    value_of "$conf" seed
    set -- "$programs/idx-split" -q -f -l -S -s "$value" -o .
    operand=$data/train@
    if [ "$held_out" != 0 ]; then
        must "$@" "$operand" train=rest "valid=$held_out" >/dev/null || exit 71
        operand=$data/train@train.list
    fi
    value_of "$conf" samples
    [ -z "$value" ] || must "$@" "$operand" "train=$value" >/dev/null || exit 71
}

# Sets $described to records of what the data is, with digests.
describe_data() {
    set --
    for split in train $splits; do
        operand_of "$split"
        set -- "$@" "$operand"
    done
    clear_temporary
    must "$programs/idx-info" "$@" >"$temporary" || cannot_write "$temporary"
    try on_records describe -v splits="train $splits" "$temporary" || fail_because READ "$run: read"
    described=$why
}

# The data is what the run began with.
prove_data() {
    fetch_data
    find_test
    describe_data
    read_text data.tsv "$run/data.tsv"
    [ "$described" = "$contents" ] ||
        fail 65 "$data: train: not the data that $run began with; its data.tsv says what that was"
}

# So is what the RECORDS of an epoch speak of; else $why names the set that is not. The data may have been overwritten since it was
# proven.
is_of_our_data() { # RECORDS EPOCH
    try on_records other_data -v first="$(($2 == earliest + every))" data.tsv "$1" || fail_because READ "$run: read"
    [ -z "$why" ]
}

# Sets $splits to what the run evaluates: rows of data.tsv.
read_splits() {
    splits=''
    read_text data.tsv "$run/data.tsv"
    by_lines
    for line in $contents; do
        split=${line%%"$tab"*}
        case $split in valid | test) splits="${splits:+$splits }$split" ;; esac
    done
    by_words
}
