# What the test of symbols finds: it is tried on small object files made up here.

bats_require_minimum_version 1.5.0
load helpers

setup() {
    cd "$BATS_TEST_TMPDIR" || return
}

# uses NAME EXPRESSION: make NAME.o, a function of x that is EXPRESSION.
uses() {
    echo "#define _GNU_SOURCE
#include <math.h>
double function(double x, double *to) { *to = x; return $2; }" >"$1.c"
    cc -c "$1.c"
}

@test "fma and sqrt may be used" {
    uses fine 'fma(x, x, (double)sqrtf((float)sqrt(x)))'
    run -0 "$ROOT/tests/symbols.sh" fine.o
    assert_output_has 'ok - 1 object files'
}

@test "a function of libm is found, in an object file and in an archive" {
    uses wave 'sin(x)'
    run -1 "$ROOT/tests/symbols.sh" wave.o
    assert_output_has 'not ok - wave.o uses sin, '
    uses fine 'fma(x, x, x)'
    ar rc all.a fine.o wave.o
    run -1 "$ROOT/tests/symbols.sh" all.a
    assert_output_has 'not ok - all.a[wave.o] uses sin, '
}

@test "so are float and long double forms" {
    uses float '(double)expf((float)x)'
    run -1 "$ROOT/tests/symbols.sh" float.o
    assert_output_has 'uses expf, '
    uses long '(double)tanhl((long double)x)'
    run -1 "$ROOT/tests/symbols.sh" long.o
    assert_output_has 'uses tanhl, '
}

@test "what one file may use, another may not" {
    uses number 'rint(x)'
    run -0 "$ROOT/tests/symbols.sh" number.o
    uses update 'rint(x)'
    run -1 "$ROOT/tests/symbols.sh" update.o
    assert_output_has 'update.o uses rint, '
}

@test "our own functions, and others that only begin like libm's, are fine" {
    echo 'double math_exp(double); double explain(double); double f(double x) { return math_exp(explain(x)); }' >own.c
    cc -c own.c
    run -0 "$ROOT/tests/symbols.sh" own.o
}

@test "a file that is not there is no success" {
    run ! "$ROOT/tests/symbols.sh" none.o
}
