#!/bin/sh
# What `make check-long` runs: checks that take minutes, on the programs and unit tests in $BUILD. The last line is
# "N passed, N failed".
set -eu

cd "$(dirname "$0")/.."
BUILD=${BUILD:-$PWD/build}
RESULTS=$BUILD/check-long
export BUILD
rm -rf "$RESULTS"
mkdir -p "$RESULTS"
. tests/suites.sh

run_suites <<'END'
every-float "$BUILD"/tests/math-test 1
millions-of-numbers "$BUILD"/tests/number-test 5000000
END
total
