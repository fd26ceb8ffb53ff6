/*
 * Elementary functions whose bits are the same everywhere: IEEE operations and fma in a fixed order, nothing of libm.
 * rote-arithmetic(7), "Functions", states the same in words. Compile with -ffp-contract=off.
 *
 * Reduction after Cody and Waite (Software Manual for the Elementary Functions, 1980); the polynomials are our own
 * minimax fits (Lawson's iteration on Chebyshev nodes), their coefficients rounded to float.
 */
#ifndef BASE_MATH_H
#define BASE_MATH_H

#include <stdint.h>

/* e^x; at most 0.71 ulp from it where the result is normal. NaN gives NaN; above 88.72284 infinity, below -103.97208
 * zero. */
float math_expf(float x);

/* Natural logarithm; at most 0.89 ulp from it. log(0) is -infinity, of a negative number NaN. */
float math_logf(float x);

/* x^y for whole y from 0 to 2^53, by squaring. */
double math_pow(double x, double y);

#endif
