/*
 * Sobol's sequence: points that fill a cube more evenly than random ones do, and more so in each two of its dimensions.
 * Of the points from 0 to 2^k - 1, for any k, one lies in each of 2^k equal parts of every dimension.
 *
 * I. M. Sobol: "On the distribution of points in a cube and the approximate evaluation of integrals", USSR
 * Computational Mathematics and Mathematical Physics 7 (4), 1967. The direction numbers, and that the points come in
 * the order of a Gray code, are as in S. Joe and F. Y. Kuo: "Constructing Sobol sequences with better two-dimensional
 * projections", SIAM Journal on Scientific Computing 30, 2008, doi:10.1137/070709359 (new-joe-kuo-6, 2010), whose
 * numbers are free under the BSD licence.
 */
#ifndef POLICY_SOBOL_H
#define POLICY_SOBOL_H

#include <stddef.h>
#include <stdint.h>

enum { SOBOL_DIMENSIONS = 53 }; /* one, and one for each primitive polynomial modulo 2 of degree 1 to 8 */

/* Coordinate `dimension` of point `index`, both from 0, as a share of 2^32. */
uint32_t sobol_word(size_t dimension, uint32_t index);

#endif
