/*
 * The source of every table of tiles: included once each by tiles_*.c, which are compiled for different processors and
 * say what is different, TILES, the table's name, and TILES_ISA, what ROTE_ISA calls it.
 */
#include "engine/cpu/tiles.h"

#include "engine/cpu/vector.h"

enum { COMBINED = 8 }; /* vectors of sums that combine() holds at once */

#define INLINE static inline __attribute__((always_inline))

/* One product as it is cut into tiles: where the one at work begins. */
struct cut {
    const struct chains *chains;
    const float *a, *b, *start;
    float *c;
    size_t c_row;
    size_t tail; /* columns of a tile's last vector */
};

INLINE vector load(const float *from, bool whole, size_t tail)
{
    return whole ? vector_load(from) : vector_load_some(from, tail);
}

INLINE void store(float *to, vector v, bool whole, size_t tail)
{
    if (whole)
        vector_store(to, v);
    else
        vector_store_some(to, v, tail);
}

/* The other arguments are constants wherever this is inlined, so that the sums stay in registers. */
INLINE void tile(const struct cut *cut, size_t rows, size_t vectors, bool whole, bool listed)
{
    const struct chains *chains = cut->chains;
    const size_t last = vectors - 1, a_row = chains->a_row, tail = cut->tail;
    vector sum[TILE_ROWS][TILE_VECTORS], factor[TILE_VECTORS];

#pragma GCC unroll 6
    for (size_t row = 0; row < rows; row++)
#pragma GCC unroll 4
        for (size_t v = 0; v < vectors; v++)
            sum[row][v] = cut->start ? load(cut->start + row * chains->start_row + v * LANES, whole || v < last, tail)
                                     : vector_set(0);
    for (size_t run = 0; run < chains->runs; run++) {
        const float *a = cut->a + run * chains->a_run, *b = cut->b + run * chains->b_run;
        for (size_t k = 0; k < chains->length; k++) {
            const float *a_k = listed ? a + chains->at[k] : a + k * chains->a_step;
            const float *b_k = b + (listed ? chains->at[k] : k) * chains->b_step;
#pragma GCC unroll 4
            for (size_t v = 0; v < vectors; v++)
                factor[v] = load(b_k + v * LANES, whole || v < last, tail);
#pragma GCC unroll 6
            for (size_t row = 0; row < rows; row++) {
                const vector x = vector_set(a_k[row * a_row]);
#pragma GCC unroll 4
                for (size_t v = 0; v < vectors; v++)
                    sum[row][v] = vector_fma(x, factor[v], sum[row][v]);
            }
        }
    }
#pragma GCC unroll 6
    for (size_t row = 0; row < rows; row++)
#pragma GCC unroll 4
        for (size_t v = 0; v < vectors; v++) {
            const vector end = chains->open ? sum[row][v] : vector_add(sum[row][v], vector_set(0));
            store(cut->c + row * cut->c_row + v * LANES, end, whole || v < last, tail);
        }
}

/* A case that cannot be becomes one that can, so that every tile that is compiled fits into the registers. */
#define ROWS(n)                                                               \
    case n:                                                                   \
        if (!listed || n <= LISTED_ROWS)                                      \
            tile(cut, n < TILE_ROWS ? n : TILE_ROWS, vectors, whole, listed); \
        break;

/* At most TILE_ROWS rows of a block of columns, or LISTED_ROWS. */
INLINE void some_rows(const struct cut *cut, size_t rows, size_t vectors, bool whole, bool listed)
{
    switch (rows) {
        ROWS(1)
        ROWS(2)
        ROWS(3)
        ROWS(4)
        ROWS(5)
        ROWS(6)
    }
}

INLINE void all_rows(struct cut cut, size_t rows, size_t vectors, bool whole)
{
    if (cut.chains->at) {
        some_rows(&cut, rows, vectors, whole, true);
        return;
    }
    for (size_t row = 0, n; row < rows; row += n) {
        n = rows - row < TILE_ROWS ? rows - row : TILE_ROWS;
        some_rows(&cut, n, vectors, whole, false);
        cut.a += n * cut.chains->a_row;
        cut.c += n * cut.c_row;
        cut.start = cut.start ? cut.start + n * cut.chains->start_row : NULL;
    }
}

#define COLUMNS(n)                                                            \
    case n:                                                                   \
        if (cut->tail == LANES)                                               \
            all_rows(*cut, rows, n < TILE_VECTORS ? n : TILE_VECTORS, true);  \
        else                                                                  \
            all_rows(*cut, rows, n < TILE_VECTORS ? n : TILE_VECTORS, false); \
        break;

static void some_columns(const struct cut *cut, size_t rows, size_t columns)
{
    switch ((columns + LANES - 1) / LANES) {
        COLUMNS(1)
        COLUMNS(2)
        COLUMNS(3)
        COLUMNS(4)
    }
}

static void product(const struct chains *chains, size_t rows, size_t columns, const float *a, const float *b, float *c,
                    size_t c_row)
{
    enum { MOST = LANES * TILE_VECTORS };
    struct cut cut = { chains, a, b, chains->start, c, c_row, 0 };

    for (size_t column = 0, n; column < columns; column += n) {
        n = columns - column < MOST ? columns - column : MOST;
        cut.tail = (n - 1) % LANES + 1;
        some_columns(&cut, rows, n);
        cut.b += n;
        cut.c += n;
        cut.start = cut.start ? cut.start + n : NULL;
    }
}

/* `vectors` and `whole` are constants wherever this is inlined. */
INLINE void combine_some(size_t n, const float *factor, const uint32_t *at, const float *rows, size_t row_step,
                         size_t vectors, bool whole, size_t tail, float *c)
{
    const size_t last = vectors - 1;
    vector sum[COMBINED];

#pragma GCC unroll 8
    for (size_t v = 0; v < vectors; v++)
        sum[v] = load(c + v * LANES, whole || v < last, tail);
    for (size_t i = 0; i < n; i++) {
        const vector x = vector_set(factor[i]);
        const float *row = rows + at[i] * row_step;
#pragma GCC unroll 8
        for (size_t v = 0; v < vectors; v++)
            sum[v] = vector_fma(x, load(row + v * LANES, whole || v < last, tail), sum[v]);
    }
#pragma GCC unroll 8
    for (size_t v = 0; v < vectors; v++)
        store(c + v * LANES, sum[v], whole || v < last, tail);
}

#define COMBINE(vectors)                                                                      \
    case vectors:                                                                             \
        tail == LANES ? combine_some(n, factor, at, rows, row_step, vectors, true, tail, c)   \
                      : combine_some(n, factor, at, rows, row_step, vectors, false, tail, c); \
        break;

static void combine(size_t n, const float *factor, const uint32_t *at, const float *rows, size_t row_step,
                    size_t columns, float *c)
{
    for (size_t left; columns; columns -= left, rows += left, c += left) {
        left = columns < COMBINED * LANES ? columns : COMBINED * LANES;
        const size_t tail = (left - 1) % LANES + 1;
        switch ((left + LANES - 1) / LANES) {
            COMBINE(1)
            COMBINE(2)
            COMBINE(3)
            COMBINE(4)
            COMBINE(5)
            COMBINE(6)
            COMBINE(7)
            COMBINE(8)
        }
    }
}

static size_t list(size_t n, size_t rows, const float *a, size_t a_row, uint32_t *at)
{
    size_t count = 0, k = 0;

#ifdef __AVX512F__
    const __m512i lane = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    for (; k + LANES <= n; k += LANES) {
        __mmask16 other = 0;
        for (size_t row = 0; row < rows; row++)
            other |= _mm512_cmp_ps_mask(vector_load(a + row * a_row + k), vector_set(0), _CMP_NEQ_UQ);
        _mm512_storeu_si512(at + count,
                            _mm512_maskz_compress_epi32(other, _mm512_add_epi32(lane, _mm512_set1_epi32((int)k))));
        count += (size_t)__builtin_popcount(other);
    }
#endif
    for (; k < n; k++) {
        bool other = false;
        for (size_t row = 0; row < rows; row++)
            other |= a[row * a_row + k] != 0;
        at[count] = (uint32_t)k;
        count += other;
    }
    return count;
}

static size_t collect(size_t n, const float *values, float *others, uint32_t *places)
{
    size_t count = 0, i = 0;

#ifdef __AVX512F__
    const __m512i lane = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    for (; i + LANES <= n; i += LANES) {
        const vector value = vector_load(values + i);
        const __mmask16 other = _mm512_cmp_ps_mask(value, vector_set(0), _CMP_NEQ_UQ);
        vector_store(others + count, _mm512_maskz_compress_ps(other, value));
        _mm512_storeu_si512(places + count,
                            _mm512_maskz_compress_epi32(other, _mm512_add_epi32(lane, _mm512_set1_epi32((int)i))));
        count += (size_t)__builtin_popcount(other);
    }
#endif
    for (; i < n; i++) { /* written without a branch, and moved on where it is not 0 */
        others[count] = values[i];
        places[count] = (uint32_t)i;
        count += values[i] != 0;
    }
    return count;
}

static void collect_rows(size_t rows, size_t columns, const float *values, float *others, uint32_t *places,
                         uint32_t *first)
{
    size_t n = 0;

    for (size_t row = 0; row < rows; row++) {
        first[row] = (uint32_t)n;
        n += collect(columns, values + row * columns, others + n, places + n);
    }
    first[rows] = (uint32_t)n;
}

static void turn(size_t rows, size_t columns, const float *from, size_t from_row, float *to, size_t to_row)
{
    vector square[LANES];

    for (size_t row = 0; row < rows; row += LANES)
        for (size_t column = 0; column < columns; column += LANES) {
            const size_t tall = rows - row < LANES ? rows - row : LANES;
            const size_t wide = columns - column < LANES ? columns - column : LANES;
            for (size_t i = 0; i < LANES; i++)
                square[i] = i < tall ? load(from + (row + i) * from_row + column, wide == LANES, wide) : vector_set(0);
            vector_turn(square);
            for (size_t i = 0; i < wide; i++)
                store(to + (column + i) * to_row + row, square[i], tall == LANES, tall);
        }
}

const struct tiles TILES = { TILES_ISA, LANES, LISTED_ROWS, LISTED_DENSITY, product,
                             combine,   list,  collect,     collect_rows,   turn };
