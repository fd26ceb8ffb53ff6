#!/bin/sh
# What `make check` runs: every suite on the programs and unit tests in $BUILD. The last line is "N passed, N failed".
set -eu

cd "$(dirname "$0")/.."
BUILD=${BUILD:-$PWD/build}
RESULTS=$BUILD/check
ROTE_FIXTURES=$RESULTS/fixtures
export BUILD ROTE_FIXTURES
rm -rf "$RESULTS"
mkdir -p "$RESULTS"
. tests/suites.sh

check_suites | run_suites
total
