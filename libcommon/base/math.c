#include "base/math.h"

#include "base/vectors.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

enum { LANES = 16 }; /* values that are worked side by side: as many as a vector holds */

static inline float float_of_bits(uint32_t bits)
{
    float value;

    memcpy(&value, &bits, sizeof value);
    return value;
}

static inline uint32_t bits_of_float(float value)
{
    uint32_t bits;

    memcpy(&bits, &value, sizeof bits);
    return bits;
}

/* 2^n for n from -126 to 127. */
static float power_of_two(int n)
{
    return float_of_bits((uint32_t)(n + 127) << 23);
}

/* ln 2 in two floats; the first has zeros at its end, so that its product with a small integer is exact. */
static const float ln2_high = 0x1.62e4p-1f, ln2_low = 0x1.7f7d1cp-20f;

/* (e^r - 1 - r) / r^2 for |r| up to half of ln 2. */
static inline __attribute__((always_inline)) float exp_tail(float r)
{
    float p = 0x1.6a241ep-10f;

    p = fmaf(p, r, 0x1.1239e6p-7f);
    p = fmaf(p, r, 0x1.5558f2p-5f);
    p = fmaf(p, r, 0x1.555492p-3f);
    return fmaf(p, r, 0x1.fffffcp-2f);
}

float math_expf(float x)
{
    const float round = 0x1.8p23f; /* adding it leaves the nearest integer in the low bits */
    float shifted, n, high, r, lost, sum, p;
    int exponent;

    if (x != x)
        return x;
    if (x > 0x1.62e42ep6f)
        return float_of_bits(0x7f800000u);
    if (x < -0x1.9fe368p6f)
        return 0.0f;
    shifted = fmaf(x, 0x1.715476p0f, round);
    n = shifted - round;
    high = fmaf(n, -ln2_high, x); /* exact */
    r = fmaf(n, -ln2_low, high);
    lost = fmaf(n, -ln2_low, high - r);
    p = exp_tail(r);
    sum = 1.0f + r;
    lost += (1.0f - sum) + r;
    p = sum + fmaf(p * r, r, lost);
    exponent = (int)n;
    return p * power_of_two(exponent / 2) * power_of_two(exponent - exponent / 2);
}

float math_logf(float x)
{
    float f, square, p, e, tail;
    uint32_t bits;
    int exponent = 0;

    if (x != x || x == float_of_bits(0x7f800000u))
        return x;
    if (x <= 0.0f)
        return float_of_bits(x < 0.0f ? 0x7fc00000u : 0xff800000u);
    if (x < 0x1p-126f) {
        x *= 0x1p23f;
        exponent = -23;
    }
    bits = bits_of_float(x) - 0x3f3504f3u; /* sqrt(1/2): the mantissa comes to lie in [sqrt(1/2), sqrt(2)) */
    exponent += (int)((bits + 0x3f800000u) >> 23) - 127;
    f = float_of_bits((bits & 0x007fffffu) + 0x3f3504f3u) - 1.0f;
    square = f * f;
    p = -0x1.38bd9p-4f;
    p = fmaf(p, f, 0x1.0563c6p-3f);
    p = fmaf(p, f, -0x1.0d87bep-3f);
    p = fmaf(p, f, 0x1.22d92ep-3f);
    p = fmaf(p, f, -0x1.5471eep-3f);
    p = fmaf(p, f, 0x1.99a01p-3f);
    p = fmaf(p, f, -0x1.000228p-2f);
    p = fmaf(p, f, 0x1.555554p-2f);
    e = (float)exponent;
    tail = fmaf(-0.5f, square, p * (square * f));
    tail = fmaf(e, ln2_low, tail);
    return fmaf(e, ln2_high, f + tail);
}

/* -u / (2 + u) where u = e^(-2 |x|) - 1; without a branch, as it is for vectors. */
static inline __attribute__((always_inline)) float tanh_of(float x)
{
    const float round = 0x1.8p23f;
    float twice, shifted, n, scale, less, high, r, lost, p, u, divisor, inverse, quotient;

    twice = -2 * fabsf(x);
    twice = twice < -20.0f ? -20.0f : twice; /* from -18.03 on the result is 1 */
    shifted = fmaf(twice, 0x1.715476p0f, round);
    n = shifted - round;
    scale = float_of_bits((bits_of_float(shifted) + 127) << 23); /* 2^n */
    high = fmaf(n, -ln2_high, twice);
    r = fmaf(n, -ln2_low, high);
    lost = fmaf(n, -ln2_low, high - r);
    p = exp_tail(r);
    lost = fmaf(p * r, r, lost); /* now e^twice is scale * (1 + r + lost) */
    less = scale - 1;
    high = fmaf(scale, r, less);
    lost = fmaf(scale, lost, fmaf(scale, r, less - high) + (scale - (less + 1)));
    u = high + lost;
    lost = high - u + lost;
    divisor = 2 + u;
    inverse = 1 / divisor;
    quotient = u * inverse;
    lost = fmaf(-quotient, divisor, u) + fmaf(-quotient, 2 - divisor + u + lost, lost);
    u = fabsf(fmaf(lost, inverse, quotient));
    return signbit(x) ? -u : u;
}

float math_tanhf(float x)
{
    return tanh_of(x);
}

VECTORS static void tanh_vector(const float *restrict x, float *restrict y)
{
    for (size_t lane = 0; lane < LANES; lane++)
        y[lane] = tanh_of(x[lane]);
}

void math_tanhf_each(size_t n, const float *restrict x, float *restrict y)
{
    float from[LANES] = { 0 }, to[LANES];

    for (; n >= LANES; n -= LANES, x += LANES, y += LANES)
        tanh_vector(x, y);
    memcpy(from, x, n * sizeof *x);
    tanh_vector(from, to);
    memcpy(y, to, n * sizeof *y);
}
