# What a run has to tell, for report.sh to read in: each of these leaves a file or two in $place, a directory of the stage. The run is the
# current directory, and nothing is written into it. Where there is nothing, $why says so in words.
# shellcheck shell=sh disable=SC2034,SC2154 # what one part sets, another uses

# On records, with what a page is written with.
on_page() { # SCRIPT [-v NAME=VALUE...] [FILE...]
    script=$1
    shift
    awk -f "$here/train/records.awk" -f "$here/report/html.awk" -f "$here/report/$script.awk" "$@" || fail_in "$script"
}

# What is in the stage is ours; awk has said what is wrong.
fail_in() { # SCRIPT
    fail 74 "$run: report: $1.awk could not do its work"
}

# What a program prints goes to FILE of $place. False: it refuses, and $why has its words. One that crashes, lacks what the system has
# not, or cannot read ends the report: it may be otherwise the next time, and a page is to be the same. But it is for ckpt-verify to say
# what cannot be read.
ask() { # FILE PROGRAM [ARGUMENT...]
    answer=$1 program=$2
    shift 2
    supervise "$programs/$program" "$@" >"$place/$answer" 2>"$place/said"
    [ -z "$stopping" ] || stop_here
    [ "$status" -ne 0 ] || return 0
    fail_as "$program"
    why=$(tail -n 1 "$place/said")
    printable "$why"
    why=$text
    case $status,$program in
    74,ckpt-verify) ;;
    7[14],*) fail "$status" "$run: report: $why" ;;
    esac
    return 1
}

enter() {
    cd "$directory" 2>/dev/null && return
    try ls -d -- "$directory/." && why=''
    fail_because READ "$run: enter"
}

# A file that may be missing, or something else, counts as empty then.
copy_of() { # FILE
    : >"$place/$1"
    is_there "$1" && ! is_other "$1" || return 0
    try cp -- "$1" "$place/$1" || fail_because READ "$run/$1: read"
}

gather_settings() {
    is_there run.conf || fail 65 "$run: report: it is no run: it has no run.conf"
    for file in run.conf net.model data.tsv pruned.tsv; do copy_of "$file"; done
    try sed -n '/^[A-Za-z]/p' "$place/run.conf" || fail_because READ "$run/run.conf: read"
    conf=$nl$why$nl
    value_of "$conf" epochs
    is_whole "$value" 0 && wanted=$value || wanted=0
    value_of "$conf" save-every
    is_whole "$value" 1 && every=$value || every=1
    value_of "$conf" val
    held_out=${value:-0}
}

# The log, after what contrib/logrotate has moved away of it, the oldest first. What is damaged of a compressed one counts as missing.
gather_log() {
    logs=log past=1
    while has "log.$past" || has "log.$past.gz"; do
        file=log.$past
        has "$file" || file=$file.gz
        logs="$file $logs" past=$((past + 1))
    done
    : >"$place/logs"
    for file in $logs; do
        copy_of "$file"
        gzip -cdf "$place/$file" 2>/dev/null | cat >>"$place/logs" || fail_to_write
    done
}

gather_epochs() {
    look_into . "$run"
    files_like 'epoch-*.eval'
    why=''
    # shellcheck disable=SC2086 # names without blanks
    [ -z "$files" ] || try on_records metrics $files || fail_because READ "$run: read"
    { printf %s "${why:+$why$nl}" >"$place/metrics"; } 2>/dev/null || fail_to_write
    gather_log
    awk -f "$here/report/times.awk" "$place/logs" >"$place/times" || fail_in times
    gather_rates
    # shellcheck disable=SC2086
    on_page epochs "$place/metrics" "$place/rates" "$place/times" $files >"$place/epochs"
}

# Sets $no_rates, if the model does not tell them.
gather_rates() {
    size=$(awk -F '\t' '$1 == "train" && $2 ~ /^[0-9]+$/ { print $2 }' "$place/data.tsv")
    model_settings "$conf"
    set -- rates nn-init --rates --samples "${size:-1}" net.model
    by_lines
    for line in $settings; do set -- "$@" "$line"; done
    by_words
    no_rates=''
    ask "$@" || no_rates=$why
    [ -z "$no_rates" ] || : >"$place/rates"
}

# Which epoch counts is judged as rote-train judges it; sets $chosen to it, or else to the last.
gather_summary() {
    { cat "$place/metrics" && echo "$end"; } >"$place/judged" || fail_to_write
    try on_records patience -f "$here/train/judge.awk" -v patience=0 -v tell=none "$place/judged" || fail_because READ "$run: judge"
    best=${why##*"${nl}best "}
    best=${best%%"$nl"*}
    value_of "$conf" model
    printable "${value##*/}"
    model=$text
    printable "$run"
    short=$(printf %.40s "$text" | harmless '')
    [ "$short" = "$text" ] || short="$short..."
    run_name=$text label=$short model=$model on_page summary -v number="$number" -v wanted="$wanted" -v best="$best" \
        "$place/data.tsv" "$place/epochs" >"$place/summary"
    why=$(on_page pick -v columns='last chosen' "$place/summary") || exit
    last=${why% *} chosen=${why#* }
}

# ckpt-verify says of the checkpoints also what is not in order; sets $no_checks where it could not look.
gather_checks() {
    no_checks=''
    ask checks ckpt-verify -q . || case $status in 1 | 65 | 74) ;; *) no_checks=$why ;; esac
}

# Sets $checkpoint to the best that is there, without a validation set to the last.
find_checkpoint() {
    checkpoint=''
    ask best ckpt-best . || { [ "$best" = none ] && ask best ckpt-best -k epoch --max .; } || return
    checkpoint=$(cat "$place/best")
}

# Prints the operand that stands for a set of $data.
find_operand() { # SPLIT
    known=''
    is_there "$data/." || fail 66 "$data: open: no such directory"
    find_test
    operand_of "$1"
    printf %s "$operand"
}

# What idx-pack has left beside the data; numbers will do where it has not.
gather_class_names() {
    class_names=''
    is_there "${operand%@*}-classes" && ! is_other "${operand%@*}-classes" || return 0
    try cp -- "${operand%@*}-classes" "$place/classes" || fail_because READ "${operand%@*}-classes: read"
    class_names=$place/class_names
    harmless '\000-\011\013-\037\177' <"$place/classes" >"$class_names" || fail_to_write
}

# Mistakes are looked for in the validation set; in the test set only where that is the only one: who looks there begins to learn it.
# Sets $no_mistakes.
gather_mistakes() {
    no_mistakes=''
    case $held_out in 0) split='test' ;; *) split=valid ;; esac
    value_of "$conf" data
    data=${moved:-$value}
    [ "$chosen" != none ] || { no_mistakes='no epoch has been finished and measured yet' && return; }
    [ -s "$place/data.tsv" ] || { no_mistakes='without data.tsv nothing proves that the data is that of the run' && return; }
    if ! find_checkpoint || ! try find_operand "$split"; then
        no_mistakes=${why#"$name: "}
        return
    fi
    operand=$why
    gather_class_names
    if ! ask confusion nn-eval -q -c --split "$split" -- "$operand" "$checkpoint"; then
        no_mistakes=$why
        return
    fi
    head -n 2 "$place/confusion" >"$place/measured" || fail_to_write
    why=$(cd "$place" && on_records other_data -v first=0 data.tsv measured) || fail_in other_data
    [ -z "$why" ] || no_mistakes="$data: it is not the data that the run began with"
    [ -n "$no_mistakes" ] || gather_pictures
}

# The worst mistakes, those of which the network was most sure: records of them, and a picture each. Sets $no_pictures.
gather_pictures() {
    no_pictures='' pictures=0
    if ! ask predictions nn-predict -q -- "$checkpoint" "$operand" ||
        ! ask mistakes idx-show -n --count 12 -p "$place/predictions" -o "$place/sheet" -- "$operand"; then
        no_pictures=$why
        return
    fi
    mistakes=$(wc -l <"$place/mistakes") || exit 71
    while [ "$pictures" -lt $((mistakes - 1)) ]; do
        pictures=$((pictures + 1))
        ask "picture-$pictures" idx-show -q -b --count 1 --skip $((pictures - 1)) -p "$place/predictions" -- "$operand" ||
            { no_pictures=$why && return; }
    done
}
