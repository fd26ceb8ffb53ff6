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
   b[run * b_run + k * b_step + column]. Or over a list: of one run, `length` factors a[row * a_row + at[k]] and
   b[at[k] * b_step + column], of `listed_rows` rows at most. */
struct chains {
    size_t runs, length;
    size_t a_run, a_row, a_step;
    size_t b_run, b_step;
    const uint32_t *at; /* (length), or NULL */

    const float *start; /* what they begin with: (rows, columns), rows start_row apart; NULL: 0 */
    size_t start_row;
    bool open; /* they go on in another product: without the + 0 that ends a chain of rote-arithmetic(7) */
};

struct tiles {
    const char *name;   /* as ROTE_ISA says it */
    size_t lanes;       /* floats of a vector */
    size_t listed_rows; /* of a product over a list: enough chains to keep the processor busy, of rows that are few */
    double listed_density; /* where less than this share of the rows is not 0, such products are quicker */

    /* c: (rows, columns), rows c_row apart: the chains of every row. They may begin with what is in c. */
    void (*product)(const struct chains *chains, size_t rows, size_t columns, const float *a, const float *b, float *c,
                    size_t c_row);

    /* c: (columns): chains that begin with what is in c and run over n entries, of factor[i] and
       rows[at[i] * row_step + column]; without + 0. */
    void (*combine)(size_t n, const float *factor, const uint32_t *at, const float *rows, size_t row_step,
                    size_t columns, float *c);

    /* Put those of n places into `at`, (n), at which a row of a, rows a_row apart, has something that is not 0; returns
       how many. */
    size_t (*list)(size_t n, size_t rows, const float *a, size_t a_row, uint32_t *at);

    /* Put those of n values that are not 0 into `others`, and where each stands among the n into `places`, (n) both, of
       which the rest is overwritten; returns how many. */
    size_t (*collect)(size_t n, const float *values, float *others, uint32_t *places);

    /* The same for each row of (rows, columns) values, one behind the other: those of row i are in [first[i],
       first[i + 1]), their places counted from the row. first: (rows + 1). */
    void (*collect_rows)(size_t rows, size_t columns, const float *values, float *others, uint32_t *places,
                         uint32_t *first);

    /* to: (columns, rows), rows to_row apart: `from`, (rows, columns), the other way round. */
    void (*turn)(size_t rows, size_t columns, const float *from, size_t from_row, float *to, size_t to_row);
};

extern const struct tiles tiles_generic, tiles_avx2, tiles_avx512;

#endif
