/*
 * The functions of base/math.h against libm's in double, whose own error is some 2^-29 of what is measured here.
 * `math-test STRIDE` looks at every STRIDE-th float; 1 takes minutes and is what the bounds in the header come from.
 */
#include "unit.h"

#include "base/math.h"
#include "base/number.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static uint64_t stride = 997;

static float float_of(uint32_t bits)
{
    float value;

    memcpy(&value, &bits, sizeof value);
    return value;
}

/* How far `computed` is from `exact`, in units of the last place that a float near `exact` has. */
static double ulps(float computed, double exact)
{
    int exponent;

    frexp(exact, &exponent);
    return fabs(computed - exact) / ldexp(1, exponent < -125 ? -149 : exponent - 24);
}

/* The largest error of `function` over the floats where `exact` is finite and, with `least`, not below it. */
static double largest_error(float function(float), double exact(double), double least)
{
    double largest = 0;

    for (uint64_t bits = 0; bits <= UINT32_MAX; bits += stride) {
        float x = float_of((uint32_t)bits);
        double y = exact(x);

        if (!isfinite(y) || fabs(y) > FLT_MAX || fabs(y) < least)
            continue;
        y = ulps(function(x), y);
        if (!(y <= largest))
            largest = y;
    }
    printf("# at most %.3f ulp\n", largest);
    return largest;
}

static void exp_is_as_exact_as_its_header_says(void)
{
    CHECK(largest_error(math_expf, exp, FLT_MIN) <= 0.71);
}

static void exp_of_very_small_results_is_nearly_as_exact(void)
{
    CHECK(largest_error(math_expf, exp, 0) <= 1);
}

static void log_is_as_exact_as_its_header_says(void)
{
    CHECK(largest_error(math_logf, log, 0) <= 0.89);
}

static void exp_has_the_right_ends(void)
{
    CHECK_EQUAL(math_expf(0.0f), 1);
    CHECK_EQUAL(math_expf(-0.0f), 1);
    CHECK(isnan(math_expf(NAN)));
    CHECK_EQUAL(math_expf(INFINITY), INFINITY);
    CHECK_EQUAL(math_expf(-INFINITY), 0);
    CHECK(isfinite(math_expf(0x1.62e42ep6f)));
    CHECK_EQUAL(math_expf(nextafterf(0x1.62e42ep6f, 100)), INFINITY);
    CHECK(math_expf(-0x1.9fe368p6f) > 0);
    CHECK_EQUAL(math_expf(nextafterf(-0x1.9fe368p6f, -200)), 0);
    CHECK_EQUAL(math_expf(-FLT_MAX), 0);
    CHECK_EQUAL(math_expf(FLT_MAX), INFINITY);
}

static void log_has_the_right_ends(void)
{
    CHECK_EQUAL(math_logf(1.0f), 0);
    CHECK(!signbit(math_logf(1.0f)));
    CHECK_EQUAL(math_logf(0.0f), -INFINITY);
    CHECK_EQUAL(math_logf(-0.0f), -INFINITY);
    CHECK_EQUAL(math_logf(INFINITY), INFINITY);
    CHECK(isnan(math_logf(NAN)));
    CHECK(isnan(math_logf(-1.0f)));
    CHECK(isnan(math_logf(-INFINITY)));
    CHECK(isnan(math_logf(-0x1p-149f)));
}

static void powers_are_products(void)
{
    CHECK_EQUAL(math_pow(0.7, 0), 1);
    CHECK_EQUAL(math_pow(0.7, 1), 0.7);
    CHECK_EQUAL(math_pow(2, 1000), 0x1p1000);
    CHECK_EQUAL(math_pow(0.7, 2), 0.7 * 0.7);
    CHECK_NEAR(math_pow(0.999, 5000), pow(0.999, 5000), 1e-14);
    CHECK_EQUAL(math_pow(0, 0), 1);
    CHECK_EQUAL(math_pow(0.5, 2000), 0);
}

int main(int argc, char **argv)
{
    if (argc > 1 && (!number_u64(argv[1], &stride) || !stride))
        return 1;
    TEST(exp_is_as_exact_as_its_header_says);
    TEST(exp_of_very_small_results_is_nearly_as_exact);
    TEST(log_is_as_exact_as_its_header_says);
    TEST(exp_has_the_right_ends);
    TEST(log_has_the_right_ends);
    TEST(powers_are_products);
    return unit_finish();
}
