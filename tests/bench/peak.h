/*
 * A processor's limit: fma on vectors in registers, as many chains as a tile of engine/cpu has.
 *
 * peak.c is compiled for each kind of vectors that engine/cpu/tiles_*.c are compiled for.
 */
#ifndef PEAK_H
#define PEAK_H

#include <stddef.h>

/* So many rounds of one fma a chain; returns how many additions and multiplications these were. */
enum { PEAK_ROUNDS = 10000 };

double peak_generic(size_t rounds);
double peak_avx2(size_t rounds);
double peak_avx512(size_t rounds);

#endif
