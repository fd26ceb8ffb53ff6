/*
 * Elementary functions whose bits are the same everywhere: IEEE operations, fma and sqrt in a fixed order, nothing else
 * of libm. They are named as C's are, the ones of float with an f. rote-arithmetic(7), "Functions", states the same in
 * words. Compile with -ffp-contract=off.
 *
 * An error is the largest that `math-test 1` saw, in units of the last place, where the result is a normal number: of
 * every float, for functions of one, and of 10^9 random pairs for pow. NaN gives NaN.
 *
 * Reduction after Cody and Waite (Software Manual for the Elementary Functions, 1980). The polynomials of float are our
 * own minimax fits (Lawson's iteration on Chebyshev nodes), rounded to float; those of double are Taylor's. What pow
 * needs beyond double are Dekker's pairs (A floating-point technique for extending the available precision, 1971).
 */
#ifndef BASE_MATH_H
#define BASE_MATH_H

#include <stddef.h>

/* e^x: 0.71 ulp. Above 88.72284 infinity, below -103.97208 zero. */
float math_expf(float x);

/* Natural logarithm: 0.89 ulp, subnormal arguments too. log(0) is -infinity, of a negative number NaN. */
float math_logf(float x);

/* Hyperbolic tangent: 0.90 ulp, subnormal results too. */
float math_tanhf(float x);

/* That of each of n values, into y, which is not x, several times as fast. */
void math_tanhf_each(size_t n, const float *restrict x, float *restrict y);

/* e^x: 0.54 ulp. */
double math_exp(double x);

/* Of radians: 0.76 ulp for |x| <= 2^20, NaN beyond. */
double math_sin(double x);
double math_cos(double x);

/*
 * x^y: 0.54 ulp. Where the power is a double, it is the result. Of a negative x it is NaN, even where y is whole, but
 * pow(x, 0) and pow(1, y) are 1 whatever the other is. pow(0, y) is 0, or infinity where y is negative.
 */
double math_pow(double x, double y);

#endif
