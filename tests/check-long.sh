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
every-float/expf "$BUILD"/tests/math-test 1 expf
every-float/logf "$BUILD"/tests/math-test 1 logf
every-float/tanhf "$BUILD"/tests/math-test 1 tanhf
every-float/exp "$BUILD"/tests/math-test 1 exp
every-float/sin "$BUILD"/tests/math-test 1 sin
every-float/cos "$BUILD"/tests/math-test 1 cos
billion-powers/common "$BUILD"/tests/math-test 1 pow
billion-powers/steps "$BUILD"/tests/math-test 1 pow-steps
billion-powers/wide "$BUILD"/tests/math-test 1 pow-wide
millions-of-numbers "$BUILD"/tests/number-test 5000000
END
total
