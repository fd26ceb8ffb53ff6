#!/bin/bash
# The man pages: clean in mandoc's eyes, one for each program and with the program's synopsis and options, no reference to a page that
# is not there, and every example does what it says. Programs are those in $BUILD.
#
# An example is a line of EXAMPLES that begins with "$ ", with the lines after it that begin with "> ". Those of a page run in order,
# in one sh, in a directory of their own with data/train and data/test, net.model, and runs/a, a run of two epochs. Each must end
# with status 0. `pages.sh ROOT` looks at another tree.
#
# shellcheck disable=SC2317 # functions are reached through check
set -eu

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
: "${ROTE_FIXTURES:=$scratch/fixtures}"
# shellcheck source=tests/helpers.bash
. "$(dirname "$0")/helpers.bash"
cd "${1:-$ROOT}"
failed=0

# check NAME COMMAND...: a check of its own, explained by what the command prints when it fails.
check() {
    local name=$1
    shift
    if "$@" >"$scratch/output" 2>&1; then
        echo "ok - $name"
    else
        echo "not ok - $name"
        sed 's/^/# /' "$scratch/output"
        failed=1
    fi
}

# Those that its page lists, as help_options does.
page_options() {
    awk '/^\.It .*Fl/ { gsub(/Fl Fl /, "Fl -"); for (i = 1; i < NF; i++) if ($i == "Fl") print "-" $(i + 1) }' "$1" | sort -u
}

# '<' marks an option that -h alone has, '>' one that the page alone has.
same_options() {
    diff <(help_options "$1") <(page_options "man/$1.1")
}

# The forms of a program's command line, as its -h and its page have them.
help_synopsis() {
    "$1" -h | awk '/^[^ ]/ && !/^usage:/ { exit } { sub(/^usage:/, ""); print }' | tr -s ' \n' ' '
}

page_synopsis() {
    mandoc -Tascii -O width=500 "$1" | sed 's/.\x08//g' | awk '/^[^ ]/ { here = $0 == "SYNOPSIS"; next } here' | tr -s ' \n' ' '
}

same_synopsis() {
    diff <(help_synopsis "$1") <(page_synopsis "man/$1.1")
}

# Each .Xr to a page of ours has that page.
references() {
    awk '/^\.(It )?Xr (rote|idx|nn|ckpt|hp|run)/ { sub(/^\.(It )?/, ""); print $2 "." $3 }' "$1" | sort -u | while read -r page; do
        [[ -e man/$page ]] || echo "there is no $page"
    done | (! grep .)
}

# The lines that a page shows as they are typed are shown so: mdoc takes words such as "[" and "No" for its own, and shall only the
# punctuation after a formula.
as_typed() {
    mandoc -Tascii -O width=500 "$1" | sed 's/.\x08//g; s/^ *//' >"$scratch/rendered"
    sed -n 's/^\.Dl //p' "$1" | sed 's/\\&//g; s/\\(dq/"/g; s/\\-/-/g; s/\\e/\\/g; s/ \([.,;]\)$/\1/' |
        (! grep -vxFf "$scratch/rendered")
}

# Write the examples of PAGE as DIRECTORY/1, DIRECTORY/2 and so on.
write_examples() {
    mandoc -Tascii -O width=500 "$1" | sed 's/.\x08//g' | awk -v directory="$2" '
        /^[^ ]/ { here = $0 == "EXAMPLES"; next }
        here && sub(/^ *\$ /, "") { print >(file = directory "/" ++n); next }
        here && file && sub(/^ *> ?/, "") { print >file; next }
        { file = "" }'
}

# What runs the examples, given their directory: says after each what became of it. A status file tells of one that ended the shell.
runner='
    n=1
    while [ -e "$1/$n" ]; do
        (exit 0)
        . "$1/$n" >"$1/$n.output" 2>&1 </dev/null
        echo $? >"$1/$n.status"
        n=$((n + 1))
    done'

run_examples() {
    local page=${1##*/} examples=$scratch/${1##*/}.examples here=$scratch/${1##*/}.directory n
    mkdir -p "$examples" "$here/runs"
    write_examples "$1" "$examples"
    [[ -e $examples/1 ]] || return 0
    cp -r "$DATA" "$here/data"
    cp "$MODEL" "$here/net.model"
    cp -a "$RUN" "$here/runs/a" 2>/dev/null || :
    (cd "$here" && timeout 120 sh -c "$runner" runner "$examples") || :
    for ((n = 1; 1; n++)); do
        [[ -e $examples/$n ]] || break
        check "$page: \$ $(head -n 1 "$examples/$n")" example_passed "$examples/$n"
    done
}

example_passed() {
    local status
    status=$(cat "$1.status" 2>/dev/null) || status='none: it ended the shell, took too long, or came after one that did'
    [[ $status == 0 ]] && return
    cat "$1" "$1.output"
    echo "status $status"
    return 1
}

# Nothing answers: what an example fetches must not depend on the network of the day.
export http_proxy=http://127.0.0.1:9 https_proxy=http://127.0.0.1:9 no_proxy=

for source in cmd/*.c; do
    program=$(basename "$source" .c)
    check "$program has a page" test -e "man/$program.1"
    check "$program has a suite" test -e "tests/$program.bats"
    check "$program: -h and the page have the same options" same_options "$program"
    check "$program: -h and the page have the same synopsis" same_synopsis "$program"
done
for script in pipelines/train.sh pipelines/drill.sh pipelines/report.sh pipelines/runs.sh pipelines/sweep.sh pipelines/search.sh pipelines/compare.sh; do
    [[ -e $script ]] || continue # in another tree
    program=rote-$(basename "$script" .sh)
    check "$program: -h and the page have the same options" same_options "$program"
    check "$program: -h and the page have the same synopsis" same_synopsis "$program"
done
for page in man/*.[157]; do
    check "${page##*/}: mandoc finds nothing wrong" mandoc -Tlint -W warning "$page"
    check "${page##*/} refers to pages that exist" references "$page"
    check "${page##*/} shows its lines as they are typed" as_typed "$page"
    run_examples "$page"
done
exit "$failed"
