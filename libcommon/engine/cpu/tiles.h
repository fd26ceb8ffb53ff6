/*
 * The products of this engine: chains of fma over many outputs at once, in the order of the reference.
 *
 * tiles_*.c are one source, compiled for each kind of processor; cpu.c takes the best that this one has.
 */
#ifndef ENGINE_CPU_TILES_H
#define ENGINE_CPU_TILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a chain runs over: runs, in each of them `length` factors a[run * a_run + row * a_row + k * a_step] and
   b[run * b_run + k * b_step + column]. */
struct chains {
    size_t runs, length;
    size_t a_run, a_row, a_step;
    size_t b_run, b_step;
};

struct tiles {
    const char *name; /* as ROTE_ISA says it */

    /* c: (rows, columns), rows c_row apart: the chains of every row begin with the values of `start`, (columns), or
       with 0 where it is NULL, and end with + 0, as every chain of rote-arithmetic(7) does. */
    void (*product)(const struct chains *chains, size_t rows, size_t columns, const float *a, const float *b,
                    const float *start, float *c, size_t c_row);

    /* The same, but the chains begin with what is in c; `ends`: with + 0. So a long chain is made of several. */
    void (*extend)(const struct chains *chains, size_t rows, size_t columns, const float *a, const float *b, float *c,
                   size_t c_row, bool ends);

    /* c: (columns): chains that begin with what is in c and run over n entries, of factor[i] * rows[at[i] + column];
       without + 0. */
    void (*combine)(size_t n, const float *factor, const uint32_t *at, const float *rows, size_t columns, float *c);

    /* Put those of n values that are not 0 into `others`, and where each stands among the n into `places`, (n) both, of
       which the rest is overwritten; returns how many. */
    size_t (*collect)(size_t n, const float *values, float *others, uint32_t *places);
};

extern const struct tiles tiles_generic, tiles_avx2, tiles_avx512;

#endif
