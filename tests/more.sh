#!/bin/sh
# What .ci/run does beside tests/run.sh, with what that has built: suites that take long, clang's analyzer, more of each matrix, and
# every fuzzer for a while. The last line is "N passed, N failed", those of run.sh included.
set -eu

cd "$(dirname "$0")/.."
RESULTS=$PWD/build/results
BUILD=$PWD/build/gcc
ROTE_FIXTURES=$RESULTS/fixtures
export BUILD ROTE_FIXTURES
. tests/suites.sh

builds() {
    echo 'build/fuzz make BUILD=build/gcc fuzz'
    echo "build/races CFLAGS='-O1 -g -Werror -fsanitize=thread' make BUILD=build/races CC=gcc build/races/tests/threads-test build/races/tests/cpu-test build/races/tests/proofs-test build/races/tests/reading-test"
}

# Under ThreadSanitizer.
race_suites() {
    echo "races/threads '$PWD/build/races/tests/threads-test' 500"
    echo "races/cpu '$PWD/build/races/tests/cpu-test' 10 3000"
    echo "races/proofs '$PWD/build/races/tests/proofs-test'"
    echo "races/reading '$PWD/build/races/tests/reading-test'"
}

# The digests of tests/golden as other builds make them.
golden_builds() {
    for compiler in gcc clang; do
        echo "digests/$compiler-O0 CFLAGS=-O0 tests/golden-build.sh build/golden/$compiler-O0 CC=$compiler"
        echo "digests/$compiler-O3 CFLAGS='-O3 -march=native' tests/golden-build.sh build/golden/$compiler-O3 CC=$compiler"
    done
}

builds | run_suites
{
    check_suites | choose_suites heavy
    sanitized_bats tests/idx-*.bats tests/ckpt-*.bats tests/nn-*.bats # what reads files that others wrote
    tidy_suites analyzer ''
    race_suites
    golden_builds
    echo 'interop tests/interop/run.sh'
    echo 'ranks/golden tests/ranks/golden.sh 2 3 4 7 8'
    echo 'ranks/network OMPI_MCA_btl=self,tcp tests/ranks/golden.sh 3'
    bats_suites ranks/ tests/ranks/*.bats
    echo 'slurm tests/slurm/run.sh'
    matrix_suites more | sed 's|^fault/|more/|'
    fuzz_suites 20
} | run_suites
total
