# What a directory of trials was asked for, for sweep.sh and search.sh to read in: their keys beside those of train.sh, the table of trials,
# and how a new directory is made or one that is there compared with what is asked. It is the current directory, and stands in $run for
# messages, as a run's does.
# shellcheck shell=sh disable=SC2034,SC2154 # what one part sets, another uses

conf_name=search.conf
own_files='lock decisions.lock log net.model trials.tsv search.conf failures.tsv decisions.tsv'
first_files='lock decisions.lock claims log net.model trials.tsv'
welcome=trials.tsv

# Key, default, meaning: those that no trial gets. $own_keys are those that only one of the two scripts has.
many_keys='trials||a table of trials: a row each, and a column a setting
space||from which more trials are drawn (hp-sample)
sample||how, in options of hp-sample: -m sobol -N 16
metric|valid.accuracy|which is the best: by valid.accuracy or valid.loss
restarts|5|try a trial that has failed again so often
workers||so many trials at a time (default: the processors that may be used)'
never_passed='trials space sample metric restarts workers promote lock until'

has_value() { # KEY
    value_of "$conf" "$1"
    [ -n "$value" ]
}

refuse_no_trials() {
    has_value trials || has_value space || is_there "$directory/trials.tsv" ||
        usage 'neither trials nor space is given, and the directory has no trials.tsv'
}

# By the program that reads it, which calls it by its name.
must_be_table() { # FILE
    must "$programs/hp-promote" -q --preview --epochs 1 -- "$1" >/dev/null || exit 71
}

# The table, into FILE: the trials that are given, then those that are drawn.
draw_trials() { # FILE
    true >|"$1"
    if has_value trials; then
        must_be_table "$value"
        cat -- "$value" >>"$1" || fail 74 "$1: write: it could not be written"
    fi
    has_value space || return 0
    space=$value
    value_of "$conf" sample
    # shellcheck disable=SC2086 # its words are options
    must "$programs/hp-sample" -q $value -- "$space" >>"$1" || exit 71
}

check_trials() { # TABLE MODEL
    must_be_table "$1"
    try on_trials columns "$1" || fail_because READ "$1: read"
    columns=$nl$why$nl
    check_names "$columns" "$2" 65 "$run/trials.tsv: "
    for key in $never_passed $refused; do
        ! value_of "$columns" "$key" || fail 65 "$run/trials.tsv: $key: no trial can have its own"
    done
    try on_trials unfit "$1" || fail_because READ "$1: read"
    [ -z "$why" ] || fail 65 "$run/trials.tsv: ${why%%"$nl"*}"
}

# Sets $row to what a table says of a trial, a text of settings. The first one needs no name.
read_row() { # TABLE [TRIAL]
    try on_trials row -v trial="${2-}" "$1" || fail_because READ "$1: read"
    row=$nl$why$nl
}

# Sets $first to what the first trial of a table is trained with; of one that branches off, with what it has from the other run.
read_first() { # TABLE
    read_row "$1"
    first=$row
    value_of "$row" fork && is_there "${value%@*}/run.conf" || return 0
    parent=${value%@*}
    read_text "$parent/run.conf" "$parent/run.conf"
    value_of "$nl$contents" data
    first=${nl}data=$value${nl}model=$parent/net.model$row
}

# Is what is stored of a key nothing that anybody has asked for, but its default, or what the first trial has? $default is the former.
is_unasked() { # KEY VALUE
    case $1 in
    data) ! value_of "$first" data || [ "$value" != "$2" ] || return 0 ;;
    model) ! value_of "$first" model || [ "$value" != "${asked_model:-$2}" ] || return 0 ;;
    esac
    [ "$2" != "$default" ] || return 0
    [ "$1" = data ] || return
    kept_data "$default"
    [ "$2" = "$value" ] || [ "$2" = "$start/$default" ]
}

# What a trial of a table is trained with, a word of train.sh a line: sets $settings. One that branches off has from the other run what
# nobody has asked for.
settings_of() { # TABLE [TRIAL]
    passed=''
    read_first "$1"
    read_row "$1" "${2-}"
    value_of "$row" fork
    branch=$value
    by_lines
    for line in $keys; do
        key=${line%%"|"*}
        ! is_one_of "$never_passed threads epochs" "$key" || continue
        value_of "$conf" "$key" || continue
        wanted=$value default=${line#*"|"}
        default=${default%%"|"*}
        [ -n "$branch" ] && is_unasked "$key" "$wanted" || passed=$passed$key=$wanted$nl
    done
    by_words
    model_settings "$conf"
    settings=$passed$settings${row#"$nl"}
}

# What the first trial's model and data are stand for those of all, where nothing is said of these: for the names of settings, and to look
# at before there is a trial.
take_first() { # TABLE
    read_first "$1"
    for key in model data; do
        value_of "$given" "$key" || ! value_of "$first" "$key" || conf=$conf$key=$value$nl
    done
}

make_absolute() { # KEY
    has_value "$1" || return 0
    absolute "$value"
    conf=$conf$1=$value$nl
}

# What a new directory will be, before anything is written. Its first trial shows whether there is anything to train.
prepare_search() {
    [ ! -d "$directory" ] || (enter_run && refuse_other_directory) || exit
    inherit
    take_defaults
    conf=$taken$given
    for key in trials space init fork; do make_absolute "$key"; done
    refuse_no_trials
    draw_trials "$stage/trials.tsv"
    table=$stage/trials.tsv
    [ -s "$table" ] || { absolute "$directory/trials.tsv" && table=$value; }
    take_first "$table"
    value_of "$conf" model
    locate_model "$value"
    conf=${conf}model=$value$nl
    check_names "$given" "$model" 64 ''
    check_trials "$table" "$model"
    find_goal "$model"
    preview >/dev/null || exit 71
    find_data
    ! can_rehearse || rehearse_trial
}

rehearse_trial() {
    settings_of "$table"
    set --
    by_lines
    for line in $settings; do set -- "$@" "$line"; done
    by_words
    must "$here/train.sh" -n -q -r "$stage/trial" "$@" >/dev/null || exit 71
}

make_search() {
    try sync_directory . || fail_because WRITE "$run/lock: create"
    logging=yes
    log "$name: begins"
    say "$run: trials on $data"
    copy_to_temporary "$model" net.model
    publish net.model
    if [ "$table" = "$stage/trials.tsv" ]; then
        copy_to_temporary "$table" trials.tsv
        publish trials.tsv
    fi
    table=trials.tsv
    store_settings
}

# A table that begins with the one that is there may take its place, unless decisions depend on how many trials there are.
redraw_trials() {
    draw_trials "$stage/trials.tsv"
    check_trials "$stage/trials.tsv" net.model
    ! are_same trials.tsv "$stage/trials.tsv" || return 0
    size=$(wc -c <trials.tsv)
    if [ -z "$may_grow" ] || ! try cmp -n "$size" -- trials.tsv "$stage/trials.tsv"; then
        fail 65 "$run/trials.tsv: change: other trials are asked for; another directory can have those"
    fi
    if [ -n "$dry" ]; then
        table=$stage/trials.tsv
        return
    fi
    copy_to_temporary "$stage/trials.tsv" trials.tsv
    publish trials.tsv
}

# A model that was named is taken by its name each time; of a file there is a copy.
refuse_other_model() {
    value_of "$conf" model
    case $value in */* | *.model) return ;; esac
    locate_model "$value"
    are_same "$model" net.model || fail 65 "$run/net.model: compare: the model $value has another text by now"
}

# What is asked beside what the directory is.
check_search() {
    for file in net.model trials.tsv; do
        is_there "$file" || fail 66 "$run/$file: open: no such file, and without it nobody knows what is to be done"
    done
    read_text search.conf "$run/search.conf"
    if value_of "$nl$contents" promote; then is='it is there'; else is='it is not there'; fi
    case $own_keys,$is in
    ,'it is there' | ?*,'it is not there') fail 65 "$run/search.conf: promote: $is: another script than $name made the directory" ;;
    esac
    read_settings
    [ -z "$differs" ] || fail 65 "$run: change$differs: it decides what is trained; another directory can have another"
    refuse_other_model
    check_trials "$PWD/trials.tsv" net.model # somebody may have added rows
    table=trials.tsv
    value_of "$given" trials || value_of "$given" space || value_of "$given" sample && redraw_trials
    find_goal net.model
    [ -z "$dry" ] && [ -n "$changed" ] || return 0
    store_settings
}
