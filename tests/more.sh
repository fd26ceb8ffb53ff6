#!/bin/sh
# What .ci/run does beside tests/run.sh, with what that has built: more of each matrix, and every fuzzer for a while. The last line is
# "N passed, N failed", those of run.sh included.
set -eu

cd "$(dirname "$0")/.."
RESULTS=$PWD/build/results
BUILD=$PWD/build/gcc
ROTE_FIXTURES=$RESULTS/fixtures
export BUILD ROTE_FIXTURES
. tests/suites.sh

echo 'build/fuzz make BUILD=build/gcc fuzz' | run_suites
{
    matrix_suites more | sed 's|^fault/|more/|'
    fuzz_suites 20
} | run_suites
total
