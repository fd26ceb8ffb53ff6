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
SUITE_SECONDS=7200

# With fma as one instruction it is quicker to go through every number; the first suite says that the bits are the usual ones.
(unset MAKEFLAGS && CFLAGS='-O3 -march=native' make -s BUILD="$BUILD/native" "$BUILD/native/tests/math-test")

# Workers under ThreadSanitizer.
(unset MAKEFLAGS && CFLAGS='-O1 -g -fsanitize=thread' make -s BUILD="$BUILD/races" "$BUILD/races/tests/threads-test" "$BUILD/races/tests/cpu-test")

(unset MAKEFLAGS && make -s BUILD="$BUILD" fuzz)

{
    cat <<'END'
bits/native "$BUILD"/native/tests/math-test 1 bits
every-float/expf "$BUILD"/native/tests/math-test 1 expf
every-float/logf "$BUILD"/native/tests/math-test 1 logf
every-float/tanhf "$BUILD"/native/tests/math-test 1 tanhf
every-float/exp "$BUILD"/native/tests/math-test 1 exp
every-float/sin "$BUILD"/native/tests/math-test 1 sin
every-float/cos "$BUILD"/native/tests/math-test 1 cos
billion-powers/common "$BUILD"/native/tests/math-test 1 pow
billion-powers/steps "$BUILD"/native/tests/math-test 1 pow-steps
billion-powers/wide "$BUILD"/native/tests/math-test 1 pow-wide
digests/aarch64 tests/aarch64.sh
digests/flush-to-zero LDFLAGS=-ffast-math tests/golden-build.sh "$BUILD"/flush-to-zero
digests/contraction CFLAGS='-O2 -march=native' tests/golden-build.sh -x "$BUILD"/contraction ARITHMETIC=-ffp-contract=fast
networks/generic ROTE_ISA=generic "$BUILD"/tests/cpu-test 20000 10000
networks/avx2 ROTE_ISA=avx2 "$BUILD"/tests/cpu-test 20000 30000
networks/avx512 ROTE_ISA=avx512 "$BUILD"/tests/cpu-test 20000 50000
races/threads "$BUILD"/races/tests/threads-test 100000
races/networks "$BUILD"/races/tests/cpu-test 500 60000
millions-of-numbers "$BUILD"/tests/number-test 5000000
END
    # It has neither fma nor vectors of more than four floats.
    if have qemu-x86_64-static 'an old processor'; then
        for device in ref cpu; do
            echo "digests/old-processor-$device QEMU_CPU=Nehalem ROTE_EMULATOR=qemu-x86_64-static ROTE_DEVICE=$device tests/golden.sh"
        done
    fi
    fuzz_suites -n 10000000
    matrix_suites all
    echo 'coverage tests/coverage.sh'
    echo 'drill ROTE_BIN="$BUILD"/bin pipelines/drill.sh -q --kills 1000 "$BUILD"'
} | run_suites
total
