# How a new run is made, or one that is there compared with what is asked for; for train.sh to read in. The run is the current directory.
# shellcheck shell=sh disable=SC2034,SC2154 # what one part sets, another uses

# Sets $model to the file, and $value to what run.conf calls it.
locate_model() { # VALUE
    model=$here/models/$1.model
    value=$1
    case $1 in */* | *.model) absolute "$1" && model=$value ;; esac
    is_there "$model" || fail 66 "$1: open: no such model$(other_models "$1")"
    ! is_other "$model" || fail 66 "$1: open: it is no file"
    try dd if="$model" of=/dev/null count=0 status=none || fail_because READ "$1: open"
}

# For the message about a name that none has: the nearest, or all. A path gets nothing.
other_models() { # NAME
    case $1 in */* | *.model) return ;; esac
    models=$(for file in "$here/models"/*.model; do
        file=${file##*/}
        printf '%s\n' "${file%.model}"
    done)
    near=$(nearest "$1" "$models")
    printf %s "${near:-; there are $(printf %s "$models" | sed '$!s/$/,/' | tr '\n' ' ')}"
}

# nn-init on MODEL with what the run's settings say of it.
nn_init() { # MODEL OPTION...
    set -- "$@" "$1"
    shift
    model_settings "$conf"
    by_lines
    for line in $settings; do set -- "$@" "$line"; done
    by_words
    must "$programs/nn-init" -q "$@"
}

file_of() { # EPOCH
    printf 'epoch-%04d.safetensors' "$1"
}

# Sets $value to a fork's RUN@EPOCH, which was typed elsewhere than in the run.
absolute_fork() { # VALUE
    absolute "${1%@*}"
    value=${value%/}@${1##*@}
}

# Sets $origin to the checkpoint that the run of a text of settings begins with, '' for none, $earliest to the epoch of its first one, and
# $forked, if it is a fork, to the name of that.
find_beginning() { # TEXT
    earliest=0 forked=''
    value_of "$1" init
    origin=$value
    value_of "$1" fork
    [ -n "$value" ] || return 0
    earliest=${value##*@}
    forked=$(file_of "$earliest")
    origin=${value%@*}/$forked
}

# nn-init would say no more of a checkpoint that was pruned than of one that never was.
refuse_pruned() {
    [ -n "$forked" ] && ! is_there "$origin" && is_there "${origin%/*}/pruned.tsv" || return 0
    try on_records pruned -v epoch="$earliest" "${origin%/*}/pruned.tsv" || fail_because READ "${origin%/*}/pruned.tsv: read"
    [ -z "$why" ] || fail 66 "$origin: fork: it was pruned: ${why%%"$nl"*}; 'ckpt-info ${origin%/*}' shows which epochs are there"
}

# A fork has the settings of the run that it branches off from, but for those that are given; and its model text, if none is.
inherit() {
    value_of "$given" fork
    [ -n "$value" ] || return 0
    parent=${value%@*}
    absolute_fork "$value"
    fork=$value
    ! value_of "$given" init || [ -z "$value" ] || usage "init=$value: a fork begins with the checkpoint of the other run"
    is_there "${fork%@*}/run.conf" || fail 66 "$parent: fork: it is no run: it has no run.conf"
    take_file "${fork%@*}/run.conf" "$parent/run.conf"
    take_last "${taken}init=${nl}model=${fork%@*}/net.model$given${nl}fork=$fork$nl"
    given=$taken
}

# The first checkpoint of the run; OPTION says where it goes.
init() { # MODEL OPTION...
    value_of "$conf" seed
    set -- "$@" -s "$value"
    [ -z "$origin" ] || set -- "$@" -i "$origin"
    [ -z "$forked" ] || set -- "$@" --fork
    nn_init "$@"
}

# The epochs of the model are those of the run, unless it is told. nn-init ends its rates with the last one.
take_epochs() { # MODEL
    value_of "$conf" epochs
    [ -z "$value" ] || return 0
    rates=$(nn_init "$1" --rates --samples 1) || exit
    rates=${rates##*"$nl"}
    is_whole "${rates%%"$tab"*}" 0 || fail 70 "nn-init: its rates end with '$rates'"
    conf=${conf}epochs=${rates%%"$tab"*}$nl
}

# Is the checkpoint that a fork began with still there? The other run may have gone, and another one come in its place.
has_origin() {
    try "$programs/ckpt-info" -q "$beginning" "$origin" || return
    printf '%s\n' "$why" | on_records parent
}

# The first checkpoint is what the run's files make, if they still can make it.
prove_beginning() {
    beginning=$(file_of "$earliest")
    is_there "$beginning" || return 0
    [ -z "$origin" ] || [ -r "$origin" ] || return 0
    [ -z "$forked" ] || has_origin || return 0
    clear_temporary
    { init net.model -o -; } >"$temporary" || cannot_write "$temporary"
    are_same "$beginning" "$temporary" ||
        fail 65 "$run/$beginning: prove: not what run.conf and net.model make; one of the three was changed"
}

# Sets $policy to the options of ckpt-prune, with a blank between them. Without a validation set the last counts as the best.
find_policy() {
    value_of "$conf" keep
    # shellcheck disable=SC2086 # is_policy knows its words
    set -- $value
    policy=$*
    case $held_out," $policy " in
    *,'  ' | 0,*' -k '*) ;;
    0,*) policy="$policy -k epoch --max" ;;
    esac
}

# A policy that ckpt-prune would refuse after the first epoch is refused now: it has no records to judge.
check_policy() {
    find_policy
    # shellcheck disable=SC2086
    [ -z "$policy" ] || must "$programs/ckpt-prune" -q $policy --records /dev/null >/dev/null || exit 71
}

# What several steps go by, of the settings in $conf.
apply_settings() {
    value_of "$conf" val && held_out=$value
    check_policy
    value_of "$conf" save-every && every=$value
    value_of "$conf" epochs && epochs=$value
    value_of "$conf" device && device=$value
    value_of "$conf" threads && threads=$value
    value_of "$conf" ranks && ranks=$value
    find_launcher
    [ $((epochs % every)) -eq 0 ] || usage "epochs=$epochs: not a multiple of save-every=$every"
    [ $((earliest % every)) -eq 0 ] || usage "save-every=$every: the fork begins with epoch $earliest, which is no multiple of it"
    [ "$earliest" -le "$epochs" ] || usage "epochs=$epochs: the fork begins with epoch $earliest"
    value_of "$conf" patience
    if [ "$held_out" = 0 ] && [ "$value" -gt 0 ]; then
        usage "patience=$value: with val=0 there is nothing to judge by"
    fi
}

# What a new run will be, before anything is written.
prepare_run() {
    find_beginning "$given"
    [ ! -d "$directory" ] || (enter_run && refuse_other_directory) || exit
    inherit
    take_defaults
    conf=$taken$given
    value_of "$conf" model
    locate_model "$value"
    conf=${conf}model=$value$nl
    check_names "$given" "$model" 64 ''
    value_of "$conf" init
    if [ -n "$value" ]; then
        absolute "$value"
        conf=${conf}init=$value$nl
    fi
    find_beginning "$conf"
    refuse_pruned
    init "$model" -n -o -
    take_epochs "$model"
    apply_settings
    find_data
    find_test
    splits=${test:+test}
    [ "$held_out" = 0 ] || splits="valid${splits:+ $splits}"
    ! can_rehearse || rehearse
}

# What can never be trained shall not become a run, which could not be changed any more. So what a run begins with is first made
# elsewhere, for nn-train-epoch to judge.
rehearse() {
    make_stage
    waste=$stage
    trap on_exit EXIT # anew, for a subshell
    cd "$stage" || exit 73
    make_lists
    describe_data
    beginning=$(file_of "$earliest")
    init "$model" -o "$beginning"
    operand_of train
    must "$programs/nn-train-epoch" -n -q -d "$device" ${threads:+-t "$threads"} -e "$every" -o next.safetensors \
        "$beginning" "$operand"
    cd "$start" || exit 73
    remove_stage
    waste=''
}

store_settings() {
    conf_of "$conf"
    publish_text "$conf_name" "$stored"
}

# Make the run's own files; run.conf comes last, and with it the run exists. The data was looked at just now, to rehearse it. The lock
# comes first: by it refuse_other_directory knows what is left of one whose making was interrupted. A fork has its first checkpoint before
# it exists: whatever the other run keeps or prunes from then on is nothing to it.
make_run() {
    try sync_directory . || fail_because WRITE "$run/lock: create"
    begin 'begins'
    say "$run: a new run on $data"
    copy_to_temporary "$model" net.model
    publish net.model
    make_lists
    publish_text data.tsv "$described"
    [ -z "$forked" ] || init net.model -f -o "$forked"
    store_settings
    ready=yes
}

# Is it the same, or the same place under another name?
# shellcheck disable=SC3013 # -ef: dash and busybox have it, and POSIX since 2024
is_same() { # KEY VALUE VALUE
    [ "$2" != "$3" ] || return 0
    case $1 in
    init | trials | space) [ "$2" -ef "$3" ] ;;
    fork) [ "${2##*@}" = "${3##*@}" ] && [ "${2%@*}" -ef "${3%@*}" ] ;;
    *) return 1 ;;
    esac
}

# Sets $wanted to what is stored of a setting that is asked for. Of a model that is the text.
read_wanted() { # KEY VALUE
    wanted=$2
    case $1 in
    model)
        locate_model "$2"
        if are_same "$model" net.model; then value_of "$conf" model; else value="$value with another text"; fi
        wanted=$value
        ;;
    init | trials | space)
        [ -z "$2" ] || absolute "$2"
        [ -z "$2" ] || wanted=$value
        ;;
    fork)
        [ -z "$2" ] || absolute_fork "$2"
        [ -z "$2" ] || wanted=$value
        ;;
    data)
        locate_data "$2"
        wanted=$data
        ;;
    esac
}

# A setting that is asked for beside the one that the run has: $changed and $differs say what becomes of it.
compare() { # KEY VALUE
    read_wanted "$1" "$2"
    was=''
    if ! value_of "$conf" "$1"; then
        was="the model's own"
    elif is_same "$1" "$value" "$wanted"; then
        return 0
    fi
    if is_one_of "$changeable" "$1"; then
        changed=${changed:-yes}
    elif [ "$1" = data ]; then
        changed=data
    elif ! is_one_of "$unstored" "$1"; then
        is_key "$1" || must "$programs/nn-init" -n -q -o - net.model "$1=$2"
        warn "$run/$conf_name: $1: it is ${was:-'$value'}, and '$wanted' is asked for"
        differs="$differs $1"
    fi
    conf=$conf$1=$wanted$nl
}

# Sets $conf to what is stored, and what is asked for beside it; $changed and $differs as above.
read_settings() {
    take_file "$conf_name" "$run/$conf_name"
    conf=$taken changed='' differs='' known=''
    check_names "$conf" net.model 65 "$run/$conf_name: "
    check_names "$given" net.model 64 ''
    take_defaults
    conf=$taken$conf
    value_of "$conf" data && data=$value
    by_lines
    for line in $given; do
        by_words
        compare "${line%%=*}" "${line#*=}"
    done
    by_words
}

# What decides a run's bits stays; the rest may change, and is stored.
check_run() {
    for file in net.model data.tsv; do
        is_there "$file" || fail 66 "$run/$file: open: no such file, and the run is not whole without it"
    done
    read_settings
    [ -z "$differs" ] || fail 65 "$run: change$differs: it decides the run's bits; another directory can have another run"
    find_beginning "$conf"
    take_epochs net.model
    apply_settings
    read_splits
    [ -z "$dry" ] || return 0
    [ "$changed" != data ] || prove_data
    if [ -n "$changed" ]; then
        store_settings
    fi
}
