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

{
    cat <<'END'
every-float/expf "$BUILD"/tests/math-test 1 expf
every-float/logf "$BUILD"/tests/math-test 1 logf
every-float/tanhf "$BUILD"/tests/math-test 1 tanhf
every-float/exp "$BUILD"/tests/math-test 1 exp
every-float/sin "$BUILD"/tests/math-test 1 sin
every-float/cos "$BUILD"/tests/math-test 1 cos
billion-powers/common "$BUILD"/tests/math-test 1 pow
billion-powers/steps "$BUILD"/tests/math-test 1 pow-steps
billion-powers/wide "$BUILD"/tests/math-test 1 pow-wide
digests/aarch64 tests/aarch64.sh
digests/contraction CFLAGS='-O2 -march=native' tests/golden-build.sh -x "$BUILD"/contraction ARITHMETIC=-ffp-contract=fast
millions-of-numbers "$BUILD"/tests/number-test 5000000
END
    # It has neither fma nor vectors of more than four floats.
    if have qemu-x86_64-static 'an old processor'; then
        echo 'digests/old-processor QEMU_CPU=Nehalem ROTE_EMULATOR=qemu-x86_64-static tests/golden.sh'
    fi
} | run_suites
total
