/*
 * Loops for the vectors of whichever processor the program meets.
 *
 *     VECTORS void relu(size_t n, const float *x, float *y) { for (...) y[i] = 0 > x[i] ? 0 : x[i]; }
 *
 * The function is compiled once for each of a few levels of x86-64, and the best is taken when the program starts. The
 * bits do not depend on it: without contraction (-ffp-contract=off) a loop has one result, and fmaf is exact with an
 * instruction or without. Where a compiler knows no such functions VECTORS says nothing (clang links them only within a
 * file), nor under ThreadSanitizer, which is not ready yet when the best is taken. Loops whose length is not known
 * become vectors under -O3 alone: see the Makefile.
 */
#ifndef BASE_VECTORS_H
#define BASE_VECTORS_H

#if defined __x86_64__ && !defined __clang__ && __GNUC__ >= 12 && !defined __SANITIZE_THREAD__
#define VECTORS __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define VECTORS
#endif

#endif
