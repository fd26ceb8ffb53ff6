#!/bin/sh
# All tests, on a bare Debian 12: installs what they need, builds with gcc, with clang and with gcc's sanitizers, and runs every suite
# but those of tests/more.sh. The last line is "N passed, N failed"; the logs stay in build/results.
set -eu

cd "$(dirname "$0")/.."
contrib/install-dependencies.sh test

RESULTS=$PWD/build/results
rm -rf "$RESULTS"
mkdir -p "$RESULTS"
. tests/suites.sh

# builds: one for each compiler, warnings being errors. CFLAGS stand in the environment, where the Makefile may add to them. With
# sanitizers the kernels are not unrolled: a minute less to compile.
sanitize='-fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer'
builds() {
    echo "build/gcc CFLAGS='-O2 -g -Werror' make BUILD=build/gcc CC=gcc all unit-tests"
    echo "build/sanitized CFLAGS='-O1 -g -Werror $sanitize' make BUILD=build/sanitized CC=gcc VECTORIZE=-Og all unit-tests"
    echo "build/clang CFLAGS='-O2 -g -Werror' make BUILD=build/clang CC=clang all unit-tests"
}

looks() {
    tidy_suites looks '-clang-analyzer-*' # that one takes ten times as long as all others, and is more.sh's
    echo "clang-format clang-format --dry-run -Werror $(find cmd libcommon tests -name '*.[ch]' | tr '\n' ' ')"
}

# The instructions that engine/cpu has kernels for; those that this machine has not are skipped.
instructions='generic avx2 avx512'

cpu_suites() {
    for isa in $instructions; do
        echo "digests/cpu-$isa ROTE_DEVICE=cpu ROTE_ISA=$isa tests/golden.sh"
        echo "digests/cpu-$isa-sanitized ASAN_OPTIONS=detect_leaks=0 BUILD='$PWD/build/sanitized' ROTE_DEVICE=cpu ROTE_ISA=$isa tests/golden.sh"
        echo "cpu/$isa ROTE_ISA=$isa '$BUILD/tests/cpu-test' 300 1000"
        echo "cpu/$isa-sanitized ROTE_ISA=$isa '$PWD/build/sanitized/tests/cpu-test' 100 2000"
    done
}

# The digests of tests/golden in other builds, and without the instruction for fma: then glibc computes it.
golden_suites() {
    echo "digests/clang BUILD='$PWD/build/clang' tests/golden.sh"
    echo "digests/sanitized ASAN_OPTIONS=detect_leaks=0 BUILD='$PWD/build/sanitized' tests/golden.sh"
    echo 'digests/without-fma GLIBC_TUNABLES=glibc.cpu.hwcaps=-FMA,-FMA4 tests/golden.sh'
}

make -s BUILD=build/gcc generated
{
    builds
    looks
} | run_suites
if cat "$RESULTS"/build-*.count | grep -qv '0$'; then
    total
    exit 1
fi

BUILD=$PWD/build/gcc
ROTE_FIXTURES=$RESULTS/fixtures
export BUILD ROTE_FIXTURES
{
    check_suites | choose_suites light
    unit_suites "$PWD/build/sanitized" sanitized/
    unit_suites "$PWD/build/clang" clang/
    golden_suites
    cpu_suites
    matrix_suites sample
} | run_suites

total
