#!/bin/sh
# How much of the library the tests run, as tests/coverage.py counts it: a table, and two checks as TAP.
#
#     tests/coverage.sh [POINTS]            # of the error matrix (default 600), which leads to what is done when a call fails
#
# The programs are built once more, with gcov's counters, in $BUILD/coverage; what was not run: `tests/coverage.py -u BUILD/coverage`.
#
# A program that is killed, and one that leaves by _exit(2), writes no counts: nothing that it did is seen, and of base/signals what a
# second request does and what a signal that ends a program does never is, nor are error branches that were taken only by programs that
# had no memory left to write counts with. So the figures are too low, never too high. Whether the suites pass is not asked here: the
# counters' own files meet the limits and faults that tests set.
set -eu

cd "$(dirname "$0")/.."
BUILD=${BUILD:-$PWD/build}/coverage
RESULTS=$BUILD/results
ROTE_FIXTURES=$RESULTS/fixtures
GCOV_ERROR_FILE=/dev/null # tests look at stderr
export BUILD ROTE_FIXTURES GCOV_ERROR_FILE
. tests/suites.sh

rm -rf "$RESULTS"
mkdir -p "$RESULTS"
(unset MAKEFLAGS && CFLAGS='--coverage -O1 -fprofile-update=atomic' make -s BUILD="$BUILD" CC=gcc all unit-tests) >"$RESULTS/build"
find "$BUILD" -name '*.gcda' -delete

{
    echo "errors tests/fault/errors.py ${1-600}"
    bats_suites '' tests/train*.bats tests/idx-*.bats tests/nn-*.bats tests/ckpt-*.bats tests/borrowed-*.bats
    bats_suites '' tests/hostile.bats tests/limits.bats tests/programs.bats tests/signals.bats tests/writers.bats
    unit_suites "$BUILD" unit/
} | run_suites >"$RESULTS/report"

tests/coverage.py "$BUILD"
