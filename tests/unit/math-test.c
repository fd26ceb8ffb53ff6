/*
 * The functions of base/math.h against libm's of the next wider type, whose own error is some 2^-29 (float) or 2^-11
 * (double) of what is measured here. `math-test STRIDE [FUNCTION]` looks at every STRIDE-th float, or for pow at 10^9 /
 * STRIDE pairs; 1 takes many minutes and is what the errors in the header come from.
 */
#include "unit.h"

#include "base/math.h"
#include "base/number.h"
#include "base/random.h"

#include <float.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

static uint64_t stride = 3001;

/* What libm's own error may add to that of a double function. */
static const double libm_error = LDBL_MANT_DIG > DBL_MANT_DIG ? 0 : 1;

static float float_of(uint32_t bits)
{
    float value;

    memcpy(&value, &bits, sizeof value);
    return value;
}

static double double_of(uint64_t bits)
{
    double value;

    memcpy(&value, &bits, sizeof value);
    return value;
}

/* How far `computed` is from `exact`, in units of the last place that a float near `exact` has. */
static double float_ulps(float computed, double exact)
{
    int exponent;

    frexp(exact, &exponent);
    return fabs(computed - exact) / ldexp(1, exponent < -125 ? -149 : exponent - 24);
}

static double double_ulps(double computed, long double exact)
{
    int exponent;

    frexpl(exact, &exponent);
    return (double)(fabsl((long double)computed - exact) / ldexpl(1, exponent < -1021 ? -1074 : exponent - 53));
}

/* The larger one; not a number stays. */
static double larger(double largest, double error)
{
    return error <= largest ? largest : error;
}

/* The largest error of `function` over the floats where `exact` is finite and, with `least`, not below it. */
static double float_error(float function(float), double exact(double), double least)
{
    double largest = 0;

    for (uint64_t bits = 0; bits <= UINT32_MAX; bits += stride) {
        float x = float_of((uint32_t)bits);
        double y = exact((double)x);

        if (isfinite(y) && fabs(y) <= FLT_MAX && fabs(y) >= least)
            largest = larger(largest, float_ulps(function(x), y));
    }
    printf("# at most %.3f ulp\n", largest);
    return largest;
}

/* The same over the floats from -most to most where the result is a normal number. */
static double double_error(double function(double), long double exact(long double), double most)
{
    double largest = 0;

    for (uint64_t bits = 0; bits <= UINT32_MAX; bits += stride) {
        double x = (double)float_of((uint32_t)bits);
        long double y;

        if (!(fabs(x) <= most))
            continue;
        y = exact((long double)x);
        if (y == 0 || (fabsl(y) >= DBL_MIN && fabsl(y) <= DBL_MAX))
            largest = larger(largest, double_ulps(function(x), y));
    }
    printf("# at most %.3f ulp\n", largest);
    return largest;
}

static void expf_is_as_exact_as_its_header_says(void)
{
    CHECK(float_error(math_expf, exp, FLT_MIN) <= 0.71);
}

static void expf_of_very_small_results_is_nearly_as_exact(void)
{
    CHECK(float_error(math_expf, exp, 0) <= 1);
}

static void logf_is_as_exact_as_its_header_says(void)
{
    CHECK(float_error(math_logf, log, 0) <= 0.89);
}

static void tanhf_is_as_exact_as_its_header_says(void)
{
    CHECK(float_error(math_tanhf, tanh, 0) <= 0.90);
}

static void exp_is_as_exact_as_its_header_says(void)
{
    CHECK(double_error(math_exp, expl, 710) <= 0.54 + libm_error);
}

static void sin_is_as_exact_as_its_header_says(void)
{
    CHECK(double_error(math_sin, sinl, 0x1p20) <= 0.76 + libm_error);
}

static void cos_is_as_exact_as_its_header_says(void)
{
    CHECK(double_error(math_cos, cosl, 0x1p20) <= 0.76 + libm_error);
}

/* Uniform in [0, 1). */
static double uniform(const uint32_t word[2])
{
    return ((double)word[0] * 0x1p32 + word[1]) * 0x1p-64;
}

/* What schedules and optimisers ask for, */
static void draw_common(const uint32_t word[4], double *x, double *y)
{
    *x = 1.2 * uniform(word);
    *y = 300 * uniform(word + 2);
}

/* a number just below 1 with a large whole exponent, */
static void draw_steps(const uint32_t word[4], double *x, double *y)
{
    *x = 1 - 0.01 * uniform(word);
    *y = floor(70000 * uniform(word + 2));
}

/* and any positive number with an exponent that takes it anywhere. */
static void draw_wide(const uint32_t word[4], double *x, double *y)
{
    *x = double_of(1 + ((uint64_t)word[0] << 32 | word[1]) % 0x7fefffffffffffffu);
    *y = 1490 * (uniform(word + 2) - 0.5) / fabs(log(*x));
}

/* The largest error of pow over the indices first, first + 3 and so on. */
static double pow_error(void draw(const uint32_t word[4], double *x, double *y), uint64_t first)
{
    double largest = 0;

    for (uint64_t index = first; index < 1000000000; index += 3 * stride) {
        struct random_draw random = { .seed = 1, .index = (uint32_t)index };
        uint32_t word[4];
        double x, y;
        long double power;

        random_words(&random, 0, word);
        draw(word, &x, &y);
        power = powl((long double)x, (long double)y);
        if (power >= DBL_MIN && power <= DBL_MAX)
            largest = larger(largest, double_ulps(math_pow(x, y), power));
    }
    printf("# at most %.3f ulp\n", largest);
    return largest;
}

static void pow_is_as_exact_as_its_header_says(void)
{
    CHECK(pow_error(draw_common, 0) <= 0.54 + libm_error);
}

static void pow_of_many_steps_is_as_exact(void)
{
    CHECK(pow_error(draw_steps, 1) <= 0.54 + libm_error);
}

static void pow_of_any_numbers_is_as_exact(void)
{
    CHECK(pow_error(draw_wide, 2) <= 0.54 + libm_error);
}

static void expf_has_the_right_ends(void)
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

static void logf_has_the_right_ends(void)
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

static void tanhf_has_the_right_ends(void)
{
    CHECK_EQUAL(math_tanhf(0.0f), 0);
    CHECK(!signbit(math_tanhf(0.0f)));
    CHECK(signbit(math_tanhf(-0.0f)));
    CHECK(isnan(math_tanhf(NAN)));
    CHECK_EQUAL(math_tanhf(INFINITY), 1);
    CHECK_EQUAL(math_tanhf(-INFINITY), -1);
    CHECK_EQUAL(math_tanhf(FLT_MAX), 1);
    CHECK_EQUAL(math_tanhf(9), nextafterf(1, 0));
    CHECK_EQUAL(math_tanhf(9.02f), 1);
    CHECK_EQUAL(math_tanhf(0x1p-149f), 0x1p-149f);
    CHECK_EQUAL(math_tanhf(-FLT_MIN), -FLT_MIN);
}

static void tanhf_is_odd(void)
{
    for (uint64_t bits = 0; bits < 0x7f800000; bits += 65521)
        if (!CHECK_EQUAL(math_tanhf(-float_of((uint32_t)bits)), -math_tanhf(float_of((uint32_t)bits))))
            return;
}

static bool each_is_tanhf(size_t n, const float *x)
{
    float y[67], one;

    math_tanhf_each(n, x, y);
    for (size_t i = 0; i < n; i++) {
        one = math_tanhf(x[i]);
        if (!isnan(one) ? memcmp(&y[i], &one, sizeof one) != 0 : !isnan(y[i]))
            return false;
    }
    return true;
}

/* Of all floats, many at a time and few. */
static void tanhf_of_many_has_the_bits_of_tanhf(void)
{
    float x[67];
    uint64_t bits = 0;

    for (size_t n = 1; bits <= UINT32_MAX; n = n % 67 + 1) {
        for (size_t i = 0; i < n; i++, bits += stride)
            x[i] = float_of((uint32_t)bits);
        if (!CHECK(each_is_tanhf(n, x)))
            return;
    }
}

static void exp_has_the_right_ends(void)
{
    CHECK_EQUAL(math_exp(0), 1);
    CHECK_EQUAL(math_exp(-0.0), 1);
    CHECK(isnan(math_exp((double)NAN)));
    CHECK_EQUAL(math_exp(INFINITY), INFINITY);
    CHECK_EQUAL(math_exp(-INFINITY), 0);
    CHECK_EQUAL(math_exp(DBL_MAX), INFINITY);
    CHECK_EQUAL(math_exp(-DBL_MAX), 0);
    CHECK(isfinite(math_exp(0x1.62e42fefa39efp9)));
    CHECK_EQUAL(math_exp(0x1.62e42fefa39f0p9), INFINITY);
    CHECK_EQUAL(math_exp(-0x1.74910d52d3051p9), 0x1p-1074);
    CHECK_EQUAL(math_exp(-0x1.74910d52d3052p9), 0);
    CHECK_EQUAL(math_exp(-740), exp(-740));
}

static void sin_and_cos_have_the_right_ends(void)
{
    CHECK_EQUAL(math_sin(0), 0);
    CHECK(!signbit(math_sin(0)));
    CHECK(signbit(math_sin(-0.0)));
    CHECK_EQUAL(math_cos(0), 1);
    CHECK_EQUAL(math_sin(DBL_MIN), DBL_MIN);
    CHECK_EQUAL(math_sin(0x1p-1074), 0x1p-1074);
    CHECK(fabs(math_sin(0x1p20)) <= 1);
    CHECK(isnan(math_sin(nextafter(0x1p20, 0x1p21))));
    CHECK(isnan(math_cos(nextafter(-0x1p20, -0x1p21))));
    CHECK(isnan(math_sin(INFINITY)));
    CHECK(isnan(math_cos(-INFINITY)));
    CHECK(isnan(math_sin((double)NAN)));
}

static void sin_is_odd_and_cos_even(void)
{
    for (double x = 0.001; x < 0x1p20; x *= 1.001)
        if (!CHECK_EQUAL(math_sin(-x), -math_sin(x)) || !CHECK_EQUAL(math_cos(-x), math_cos(x)))
            return;
}

/* There the quotient's nearest whole number matters, and the difference is a small part of what was subtracted. */
static void sin_and_cos_are_exact_near_multiples_of_half_pi(void)
{
    const double half_pi = 0x1.921fb54442d18p0;

    for (int n = 1; n <= 667544; n += 7) {
        double x = n * half_pi;

        if (!CHECK(double_ulps(math_sin(x), sinl((long double)x)) <= 0.76 + libm_error) ||
            !CHECK(double_ulps(math_cos(x), cosl((long double)x)) <= 0.76 + libm_error))
            return;
    }
}

static void pow_has_the_right_ends(void)
{
    CHECK_EQUAL(math_pow(0.7, 0), 1);
    CHECK_EQUAL(math_pow((double)NAN, 0), 1);
    CHECK_EQUAL(math_pow(1, INFINITY), 1);
    CHECK_EQUAL(math_pow(0, 0), 1);
    CHECK_EQUAL(math_pow(0, 0.5), 0);
    CHECK_EQUAL(math_pow(0, -1), INFINITY);
    CHECK_EQUAL(math_pow(INFINITY, 2), INFINITY);
    CHECK_EQUAL(math_pow(INFINITY, -2), 0);
    CHECK_EQUAL(math_pow(0.5, INFINITY), 0);
    CHECK_EQUAL(math_pow(0.5, -INFINITY), INFINITY);
    CHECK_EQUAL(math_pow(2, DBL_MAX), INFINITY);
    CHECK_EQUAL(math_pow(2, -DBL_MAX), 0);
    CHECK_EQUAL(math_pow(0.5, 2000), 0);
    CHECK_EQUAL(math_pow(0x1p-1074, 0x1p-1074), 1);
    CHECK(isnan(math_pow(-1, 2)));
    CHECK(isnan(math_pow((double)NAN, 1)));
    CHECK(isnan(math_pow(2, (double)NAN)));
}

static void pow_is_exact_where_the_power_is_a_double(void)
{
    double product = 1;

    for (int n = -1074; n < 1024; n++)
        CHECK_EQUAL(math_pow(2, n), ldexp(1, n));
    for (int n = 0; n <= 33; n++, product *= 3)
        CHECK_EQUAL(math_pow(3, n), product);
    CHECK_EQUAL(math_pow(0x1.0000001p0, 2), 0x1.0000001p0 * 0x1.0000001p0);
    CHECK_EQUAL(math_pow(2.25, 2.5), 7.59375);
    for (uint64_t bits = 1; bits < 0x7ff0000000000000; bits += 0x7ff0000000000 / 3)
        CHECK_EQUAL(math_pow(double_of(bits), 1), double_of(bits));
}

static uint64_t with_bits(uint64_t hash, double value)
{
    uint64_t bits;

    memcpy(&bits, &value, sizeof bits);
    hash = (hash ^ bits) * 0x100000001b3;
    return hash ^ hash >> 32;
}

/* What a compiler or processor does differently may be too small for a bound on the error. */
static void every_bit_is_what_it_was(void)
{
    uint64_t floats = 0, doubles = 0, powers = 0;

    for (uint32_t index = 0; index < 30000; index++) {
        struct random_draw random = { .seed = 2, .index = index };
        uint32_t word[4];
        double x, y;

        random_words(&random, 0, word);
        x = uniform(word);
        y = uniform(word + 2);
        floats = with_bits(floats, (double)math_expf((float)(200 * x - 105)));
        floats = with_bits(floats, (double)math_logf(float_of(word[0] % 0x7f800000)));
        floats = with_bits(floats, (double)math_tanhf((float)(20 * x - 10)));
        doubles = with_bits(doubles, math_exp(1460 * x - 750));
        doubles = with_bits(doubles, math_sin(1000 * x - 500));
        doubles = with_bits(doubles, math_cos(0x1p20 * y));
        draw_common(word, &x, &y);
        powers = with_bits(powers, math_pow(x, y));
        draw_steps(word, &x, &y);
        powers = with_bits(powers, math_pow(x, y));
        powers = with_bits(powers, math_pow(10 * y, x));
    }
    CHECK(floats == 0x9a73e88aa29f25ed);
    CHECK(doubles == 0xe10d61a8922e4c1d);
    CHECK(powers == 0x26a6aa5059b9e45e);
}

struct test {
    const char *function, *name;
    void (*run)(void);
};

#define OF(function, test)    \
    {                         \
        function, #test, test \
    }

static const struct test tests[] = {
    OF("expf", expf_is_as_exact_as_its_header_says),
    OF("expf", expf_of_very_small_results_is_nearly_as_exact),
    OF("expf", expf_has_the_right_ends),
    OF("logf", logf_is_as_exact_as_its_header_says),
    OF("logf", logf_has_the_right_ends),
    OF("tanhf", tanhf_is_as_exact_as_its_header_says),
    OF("tanhf", tanhf_has_the_right_ends),
    OF("tanhf", tanhf_is_odd),
    OF("tanhf", tanhf_of_many_has_the_bits_of_tanhf),
    OF("exp", exp_is_as_exact_as_its_header_says),
    OF("exp", exp_has_the_right_ends),
    OF("sin", sin_is_as_exact_as_its_header_says),
    OF("sin", sin_and_cos_have_the_right_ends),
    OF("sin", sin_is_odd_and_cos_even),
    OF("sin", sin_and_cos_are_exact_near_multiples_of_half_pi),
    OF("cos", cos_is_as_exact_as_its_header_says),
    OF("pow", pow_is_as_exact_as_its_header_says),
    OF("pow-steps", pow_of_many_steps_is_as_exact),
    OF("pow-wide", pow_of_any_numbers_is_as_exact),
    OF("pow", pow_has_the_right_ends),
    OF("pow", pow_is_exact_where_the_power_is_a_double),
    OF("bits", every_bit_is_what_it_was),
};

int main(int argc, char **argv)
{
    if (argc > 1 && (!number_u64(argv[1], &stride) || !stride))
        return 1;
    for (size_t i = 0; i < sizeof tests / sizeof *tests; i++)
        if (argc < 3 || strcmp(argv[2], tests[i].function) == 0)
            unit_test(tests[i].name, tests[i].run);
    return unit_finish();
}
