#include "base/math.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

/* high + low, unevaluated; low is some 2^-53 of high. */
struct pair {
    double high, low;
};

/* ln 2; the first part has zeros at its end, so that its product with an exponent is exact. */
static const double ln2_high = 0x1.62e42fefa38p-1, ln2_low = 0x1.ef35793c7673p-45;

/* 1 / k! */
static const double over_factorial[] = {
    1.0,
    1.0,
    1.0 / 2,
    1.0 / 6,
    1.0 / 24,
    1.0 / 120,
    1.0 / 720,
    1.0 / 5040,
    1.0 / 40320,
    1.0 / 362880,
    1.0 / 3628800,
    1.0 / 39916800,
    1.0 / 479001600,
    1.0 / 6227020800,
    1.0 / 87178291200,
    1.0 / 1307674368000,
    1.0 / 20922789888000,
    1.0 / 355687428096000,
    1.0 / 6402373705728000,
};

static double double_of_bits(uint64_t bits)
{
    double value;

    memcpy(&value, &bits, sizeof value);
    return value;
}

static uint64_t bits_of_double(double value)
{
    uint64_t bits;

    memcpy(&bits, &value, sizeof bits);
    return bits;
}

/* 2^n for n from -1022 to 1023. */
static double power_of_two(int n)
{
    return double_of_bits((uint64_t)(n + 1023) << 52);
}

/* The whole number nearest to x * factor, which must be below 2^51. */
static double nearest_whole(double x, double factor)
{
    const double round = 0x1.8p52; /* adding it leaves no room for a fraction */

    return fma(x, factor, round) - round;
}

/* a + b, where a is 0 or |a| >= |b|. */
static struct pair pair_add(struct pair a, struct pair b)
{
    double high = a.high + b.high;

    return (struct pair){ high, (a.high - high + b.high) + (a.low + b.low) };
}

static struct pair pair_multiply(struct pair a, struct pair b)
{
    double high = a.high * b.high;

    return (struct pair){ high, fma(a.high, b.high, -high) + (a.high * b.low + a.low * b.high) };
}

/* e^x. */
static double exp_of_pair(struct pair x)
{
    double n, high, r, rest, lost, square, square_low, line, parabola, p;
    int exponent;

    if (x.high > 710)
        return INFINITY;
    if (x.high < -746)
        return 0;
    n = nearest_whole(x.high, 0x1.71547652b82fep0);
    high = fma(n, -ln2_high, x.high); /* exact */
    r = fma(n, -ln2_low, high);
    rest = fma(n, -ln2_low, high - r) + x.low;
    high = r;
    r = high + rest;
    rest = high - r + rest; /* now e^x is 2^n * e^(r + rest) */

    /* e^(r + rest) is 1 + r + r^2 / 2 + p r^3 + rest (1 + r), but for what does not matter */
    p = over_factorial[14];
    for (int k = 13; k >= 3; k--)
        p = fma(p, r, over_factorial[k]);
    square = r * r;
    square_low = fma(r, r, -square);
    line = 1 + r;
    parabola = line + 0.5 * square;
    lost = (1 - line + r) + (line - parabola + 0.5 * square);
    lost += fma(0.5, square_low, fma(rest, r, rest));
    p = parabola + fma(p, square * r, lost);
    exponent = (int)n;
    return p * power_of_two(exponent / 2) * power_of_two(exponent - exponent / 2);
}

/* The natural logarithm of a positive finite number: 2 artanh s = 2 s + 2 s^3 / 3 + ..., s = (m - 1) / (m + 1). */
static struct pair log_to_pair(double x)
{
    const struct pair third = { 0x1.5555555555555p-1, 0x1.5555555555555p-55 };  /* 2 / 3 */
    const struct pair fifth = { 0x1.999999999999ap-2, -0x1.999999999999ap-56 }; /* 2 / 5 */
    struct pair s, square, sum = { 0, 0 };
    double m, more, more_low, e;
    uint64_t bits;
    int exponent = 0;

    if (x < 0x1p-1022) {
        x *= 0x1p52;
        exponent = -52;
    }
    bits = bits_of_double(x) - 0x3fe6a09e667f3bcdu; /* sqrt(1/2): m comes to lie in [sqrt(1/2), sqrt(2)) */
    exponent += (int)((bits + 0x3ff0000000000000u) >> 52) - 1023;
    m = double_of_bits((bits & 0x000fffffffffffffu) + 0x3fe6a09e667f3bcdu);
    e = (double)exponent;

    more = m + 1;
    more_low = m - (more - 1);
    s.high = (m - 1) / more;
    s.low = (fma(-s.high, more, m - 1) - s.high * more_low) / more;
    square = pair_multiply(s, s);
    sum.high = 2.0 / 25;
    for (int k = 23; k >= 7; k -= 2)
        sum.high = fma(sum.high, square.high, 2.0 / k);
    sum = pair_add(fifth, pair_multiply(square, sum));
    sum = pair_add(third, pair_multiply(square, sum));
    sum = pair_multiply(s, pair_multiply(square, sum));
    sum = pair_add((struct pair){ 2 * s.high, 2 * s.low }, sum);
    return pair_add((struct pair){ e * ln2_high, e * ln2_low }, sum);
}

/* Both for |r| up to pi / 4. */
static double sin_of_pair(struct pair r)
{
    double square = r.high * r.high, p = over_factorial[17];

    for (int k = 15; k >= 3; k -= 2)
        p = fma(p, -square, over_factorial[k]);
    return r.high + fma(p, -square * r.high, fma(-0.5 * square, r.low, r.low));
}

static double cos_of_pair(struct pair r)
{
    double square = r.high * r.high, p = over_factorial[18];
    double square_low = fma(r.high, r.high, -square);
    double parabola = 1 - 0.5 * square;
    double lost = (1 - parabola - 0.5 * square) - fma(0.5, square_low, r.high * r.low);

    for (int k = 16; k >= 4; k -= 2)
        p = fma(p, -square, over_factorial[k]);
    return parabola + fma(p, square * square, lost);
}

/* sin(x + turns * pi / 2) for x >= 0. */
static double turned_sine(double x, unsigned turns)
{
    double n, high, result;
    struct pair r;

    if (!(x <= 0x1p20))
        return NAN;
    n = nearest_whole(x, 0x1.45f306dc9c883p-1); /* 2 / pi */
    high = fma(n, -0x1.921fb54442d18p0, x);     /* pi / 2 in three parts; exact */
    r.high = fma(n, -0x1.1a626331p-54, high);
    r.low = fma(n, -0x1.1701b839a252p-88, fma(n, -0x1.1a626331p-54, high - r.high));
    turns += (unsigned)n;
    result = turns & 1 ? cos_of_pair(r) : sin_of_pair(r);
    return turns & 2 ? -result : result;
}

double math_exp(double x)
{
    return x != x ? x : exp_of_pair((struct pair){ x, 0 });
}

double math_sin(double x)
{
    double sine = turned_sine(fabs(x), 0);

    return signbit(x) ? -sine : sine;
}

double math_cos(double x)
{
    return turned_sine(fabs(x), 1);
}

double math_pow(double x, double y)
{
    if (x == 1 || y == 0)
        return 1;
    if (x != x || y != y || x < 0)
        return NAN;
    if (x == 0 || x == INFINITY)
        return (x == 0) == (y > 0) ? 0 : INFINITY;
    return exp_of_pair(pair_multiply(log_to_pair(x), (struct pair){ y, 0 }));
}
