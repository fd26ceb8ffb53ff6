#!/bin/bash
# What others make of our files: tests/interop/run.sh [NAME...] runs the proofs of this folder, or those that are named, on the
# programs of $BUILD. README.md says what a proof is. The output is TAP.
set -eu
shopt -s nullglob

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
: "${ROTE_FIXTURES:=$scratch/fixtures}" "${ROTE_MNIST:=/usr/share/datasets/fashion-mnist}"
export ROTE_MNIST PYTHONDONTWRITEBYTECODE=1 PYTHON=''
# shellcheck source=tests/helpers.bash
. "$(dirname "$0")/../helpers.bash"
here=$ROOT/tests/interop
environment=$(cd "$BUILD" && pwd)/interop

# Made once for a list of packages; it stays with the build.
make_environment() {
    cmp -s "$here/requirements.txt" "$environment/requirements.txt" && return
    rm -rf "$environment"
    python3 -m venv "$environment" &&
        "$environment/bin/pip" --quiet --disable-pip-version-check install -r "$here/requirements.txt" &&
        cp "$here/requirements.txt" "$environment"
}

run_proof() { # FILE
    if [[ $1 == *.sh ]]; then
        "$1"
    elif [[ -n $PYTHON ]]; then
        "$PYTHON" "$1"
    else
        echo "$why_not"
        return 77
    fi
}

# What a proof has printed as TAP is passed on. For one that has not, or did not come to its end, the status counts.
report() { # NAME STATUS LOG
    if grep -qE '^(not )?ok' "$3"; then
        cat "$3"
        if [[ $2 == 0 ]] || grep -q '^not ok' "$3"; then return "$2"; fi
    fi
    case $2 in
    0) echo "ok - $1" ;;
    77) echo "ok - $1 # skip $(tail -n 1 "$3")" ;;
    *)
        sed 's/^/# /' "$3"
        echo "not ok - $1: status $2"
        return 1
        ;;
    esac
}

if make_environment >"$scratch/log" 2>&1; then
    PYTHON=$environment/bin/python
else
    why_not="no virtual environment: $(tail -n 1 "$scratch/log")"
fi
proofs=("$@")
[[ $# != 0 ]] || mapfile -t proofs < <(cd "$here" && printf '%s\n' *.sh *.py | grep -vx run.sh | sed 's/\.[a-z]*$//')
failed=0
for name in "${proofs[@]}"; do
    mkdir "$scratch/$name"
    status=0
    (cd "$scratch/$name" && run_proof "$here/$name".[ps]*) >"$scratch/log" 2>&1 </dev/null || status=$?
    report "$name" "$status" "$scratch/log" || failed=1
done
exit "$failed"
