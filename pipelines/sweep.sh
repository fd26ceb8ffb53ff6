#!/bin/sh
# rote-sweep - train every trial of a table to its end; the same line again goes on
#
# search/sweep.awk says what there is to train, and search/main.sh does it.
set -uC
trap '[ $? -ne 2 ] || { echo "${0##*/}: the system lacks memory, descriptors or processes" >&2; exit 71; }' EXIT
true >&2 || exec 2>/dev/null # it may be closed; the next file to be opened shall not be it

here=$(readlink -f -- "$0")
here=${here%/*}
# shellcheck source=pipelines/train/start.sh
. "$here/train/start.sh" || exit 70
# shellcheck source=pipelines/search/main.sh
. "$here/search/main.sh" || exit 70

help() {
    cat <<END
usage: $name [-nqv] [--worker] [-c file] -r runs [key=value ...]
       $name -r runs --hold | --unhold
train every trial of a table to its end; the same line again goes on
END
    print_options
    printf '\nman rote-sweep says more.\n'
}

heading='What the trials are; rote-sweep(1) says what of it may change.'
changeable="$changeable restarts trials space sample"
may_grow=yes needs_all=yes

# The epochs of the model are those of all trials, unless these have their own, or their own models, or branch off from runs that do.
find_goal() { # MODEL
    try on_trials columns "$table" || fail_because READ "$table: read"
    columns=$nl$why$nl
    value_of "$columns" epochs || value_of "$columns" model || value_of "$columns" fork || take_epochs "$1"
    value_of "$conf" epochs
    [ "$value" != 0 ] || usage 'epochs=0: there is nothing to train'
}

decide() {
    files_of_trials run.conf
    value_of "$conf" epochs
    epochs=$value
    value_of "$conf" patience
    # shellcheck disable=SC2086 # names without blanks
    try on_records patience -f "$here/search/sweep.awk" -v epochs="$epochs" -v patience="$value" "$table" "$stage/records" $files ||
        fail_because READ "$run: read"
    stage_text decisions "$why"
}

# As of a search that stops nobody, if they all go equally far.
preview() {
    value_of "$conf" epochs
    case $value in '' | 0) return ;; esac
    must "$programs/hp-promote" -q --preview --epochs "$value" --brackets 1 "$table"
}

search_main "$@"
