#!/bin/sh
# rote-compare - train several networks, each on several numbers of samples, and make one page of them; the same line again goes on
#
# It is a table of trials, rote-sweep(1) on that, and rote-report(1) on what has come of it.
set -uC
trap '[ $? -ne 2 ] || { echo "${0##*/}: the system lacks memory, descriptors or processes" >&2; exit 71; }' EXIT
true >&2 || exec 2>/dev/null # it may be closed; the next file to be opened shall not be it

here=$(readlink -f -- "$0")
here=${here%/*}
# shellcheck source=pipelines/train/start.sh
. "$here/train/start.sh" || exit 70

temporary=.rote-compare.tmp
keys='models|compare-mlp compare-cnn compare-batchnorm|networks: models that come with rote, or absolute paths of model files
sizes|5000 10000 20000 40000 all|how many samples each is trained on, in turn'

help() {
    cat <<END
usage: $name [-nqv] [-c file] -r runs [key=value ...]
train several networks, each on several numbers of samples, and make one page of them; the same line again goes on

  -c, --config FILE            settings, key=value lines; those of the command line come after them
  -h, --help                   print this and exit
  -n, --dry-run                print what there is to do, and do nothing
  -q, --quiet                  only errors on stderr
  -r, --run RUNS               the directory of the runs, in which the page is compare.html
  -V, --version                print the version and exit
  -v, --verbose                say each step, as on a terminal

END
    print_own_keys
    printf '\nOther keys are those of rote-sweep, but for trials, space and samples.\n\nman rote-compare says more.\n'
}

# Sets $trials to the names, and $table to the table: of each network, from few samples to many.
list_trials() {
    trials='' table="#trial${tab}model${tab}samples"
    value_of "$asked" models
    models=$value
    value_of "$asked" sizes
    for model in $models; do
        label=${model##*/}
        label=${label%.model}
        label=${label#compare-}
        for size in $value; do
            samples=$size
            [ "$size" != all ] || samples=none
            [ "$size" = all ] || is_whole "$size" 1 || usage "sizes=$value: $size: neither a number nor all"
            trials="$trials $label-$size"
            table=$table$nl$label-$size$tab$model$tab$samples
        done
    done
    [ -n "$trials" ] || usage 'models and sizes: one of them is empty'
}

# rote-sweep with what is not for us.
sweep() { # OPTION|KEY=VALUE...
    case $verbosity in -1) set -- -q "$@" ;; 1) set -- -v "$@" ;; esac
    by_lines
    for line in $given; do
        is_key "${line%%=*}" || set -- "$@" "$line"
    done
    by_words
    supervise "$here/sweep.sh" -r "$run" "$@"
}

# What a sweep would refuse is refused before there is anything.
rehearse_sweep() {
    make_stage
    waste=$stage
    stage_text trials.tsv "$table"
    sweep -n "trials=$stage/trials.tsv"
}

# A table that is there is not replaced: other runs are another comparison.
keep_table() {
    if ! is_there "$directory/search.conf"; then
        rehearse_sweep >/dev/null
        [ "$status" -eq 0 ] || leave
    fi
    try make_directory "$directory" || fail_because WRITE "$run: create"
    enter_run
    if is_there trials.tsv; then
        read_text trials.tsv "$run/trials.tsv"
        [ "$contents" = "$table" ] || fail 65 "$run/trials.tsv: change: other networks or sizes are asked for; another directory can have those"
    else
        publish_text trials.tsv "$table"
    fi
    cd "$start" || fail 66 "$start: enter: it cannot be entered any more"
}

# Those that have begun: one that has failed may not have.
report() {
    set --
    for trial in $trials; do
        ! is_there "$directory/$trial/run.conf" || set -- "$@" "$run/$trial"
    done
    [ $# -gt 0 ] || fail 1 "$run: there is no run to report on"
    say "$run: making compare.html of $# runs"
    must "$here/report.sh" -q -f -o "$directory/compare.html" -- "$@"
}

# As the sweep, which has said why.
leave() {
    [ -z "$stopping" ] || stop_here
    fail_as sweep.sh
    exit "$status"
}

compare_networks() {
    find_gnuplot
    keep_table
    sweep
    case $status in 0 | 1) ;; *) leave ;; esac
    result=$status
    report
    exit "$result"
}

act=compare
parse_command_line '' "$@"
for key in trials space samples; do
    ! value_of "$given" "$key" || usage "$key=$value: models and sizes say which trials there are"
done
take_defaults
asked=$taken$given
list_trials
find_programs
listen
trap '' PIPE
if [ -n "$dry" ]; then
    rehearse_sweep
    exit "$status"
fi
compare_networks
