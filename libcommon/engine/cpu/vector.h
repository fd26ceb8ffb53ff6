/*
 * Vectors of floats for one kind of processor, chosen by what a file is compiled for: AVX-512, AVX2 with FMA, NEON, or
 * plain C. Every lane is computed as a scalar operation would.
 *
 * LANES floats are a vector; a tile of TILE_ROWS x TILE_VECTORS of them fits into the registers, beside one row of
 * operands and one more. Of LISTED_ROWS rows a tile has as many sums as are under way at once: fewer rows have fewer
 * places at which any of them is not 0. LISTED_DENSITY: where less of the rows is not 0, lists are quicker, as measured
 * on pictures after relu, whose zeros lie together.
 */
#ifndef ENGINE_CPU_VECTOR_H
#define ENGINE_CPU_VECTOR_H

#include <stddef.h>
#include <string.h>

#if defined __AVX512F__

#include <immintrin.h>

enum { LANES = 16, TILE_ROWS = 6, TILE_VECTORS = 4, LISTED_ROWS = 3 };
#define LISTED_DENSITY 0.65
typedef __m512 vector;
#define vector_load(from) _mm512_loadu_ps(from)
#define vector_store(to, v) _mm512_storeu_ps(to, v)
#define vector_set(x) _mm512_set1_ps(x)
#define vector_fma(a, b, c) _mm512_fmadd_ps(a, b, c)
#define vector_add(a, b) _mm512_add_ps(a, b)

#elif defined __AVX2__ && defined __FMA__

#include <immintrin.h>

enum { LANES = 8, TILE_ROWS = 6, TILE_VECTORS = 2, LISTED_ROWS = 4 };
#define LISTED_DENSITY 0.5
typedef __m256 vector;
#define vector_load(from) _mm256_loadu_ps(from)
#define vector_store(to, v) _mm256_storeu_ps(to, v)
#define vector_set(x) _mm256_set1_ps(x)
#define vector_fma(a, b, c) _mm256_fmadd_ps(a, b, c)
#define vector_add(a, b) _mm256_add_ps(a, b)

#elif defined __ARM_NEON && defined __aarch64__

#include <arm_neon.h>

enum { LANES = 4, TILE_ROWS = 6, TILE_VECTORS = 4, LISTED_ROWS = 3 };
#define LISTED_DENSITY 0.5
typedef float32x4_t vector;
#define vector_load(from) vld1q_f32(from)
#define vector_store(to, v) vst1q_f32(to, v)
#define vector_set(x) vdupq_n_f32(x)
#define vector_fma(a, b, c) vfmaq_f32(c, a, b)
#define vector_add(a, b) vaddq_f32(a, b)

#else

#include <math.h>

enum { LANES = 1, TILE_ROWS = 4, TILE_VECTORS = 4, LISTED_ROWS = 3 };
#define LISTED_DENSITY 0.8
typedef float vector;
#define vector_load(from) (*(from))
#define vector_store(to, v) ((void)(*(to) = (v)))
#define vector_set(x) (x)
#define vector_fma(a, b, c) fmaf(a, b, c)
#define vector_add(a, b) ((a) + (b))

#endif

/* The first n floats alone, 1 <= n <= LANES; what else a load gives is 0. */
#if defined __AVX512F__

static inline vector vector_load_some(const float *from, size_t n)
{
    return _mm512_maskz_loadu_ps((__mmask16)(0xffffu >> (LANES - n)), from);
}

static inline void vector_store_some(float *to, vector v, size_t n)
{
    _mm512_mask_storeu_ps(to, (__mmask16)(0xffffu >> (LANES - n)), v);
}

#elif defined __AVX2__ && defined __FMA__

static inline __m256i vector_mask(size_t n)
{
    return _mm256_cmpgt_epi32(_mm256_set1_epi32((int)n), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}

static inline vector vector_load_some(const float *from, size_t n)
{
    return _mm256_maskload_ps(from, vector_mask(n));
}

static inline void vector_store_some(float *to, vector v, size_t n)
{
    _mm256_maskstore_ps(to, vector_mask(n), v);
}

#else

static inline vector vector_load_some(const float *from, size_t n)
{
    float all[LANES] = { 0 };

    memcpy(all, from, n * sizeof *from);
    return vector_load(all);
}

static inline void vector_store_some(float *to, vector v, size_t n)
{
    float all[LANES];

    vector_store(all, v);
    memcpy(to, all, n * sizeof *to);
}

#endif

/* Turn LANES vectors: lane i of vector j becomes lane j of vector i. */
#if defined __AVX512F__

static inline void vector_turn(vector v[LANES])
{
    const __m512i lane = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);

#pragma GCC unroll 4
    for (int step = 1; step < LANES; step *= 2) { /* swap what is off the diagonal of squares twice as wide */
        const __mmask16 upper = _mm512_test_epi32_mask(lane, _mm512_set1_epi32(step));
        const __m512i shift = _mm512_set1_epi32(LANES - step);
        const __m512i first = _mm512_mask_add_epi32(lane, upper, lane, shift);
        const __m512i second = _mm512_mask_add_epi32(_mm512_add_epi32(lane, _mm512_set1_epi32(step)), upper, lane,
                                                     _mm512_set1_epi32(LANES));
#pragma GCC unroll 16
        for (int i = 0; i < LANES; i++)
            if (!(i & step)) {
                const vector a = v[i], b = v[i + step];
                v[i] = _mm512_permutex2var_ps(a, first, b);
                v[i + step] = _mm512_permutex2var_ps(a, second, b);
            }
    }
}

#elif defined __AVX2__ && defined __FMA__

static inline void vector_turn(vector v[LANES])
{
    vector pairs[LANES], fours[LANES];

    for (int i = 0; i < LANES; i += 2) {
        pairs[i] = _mm256_unpacklo_ps(v[i], v[i + 1]);
        pairs[i + 1] = _mm256_unpackhi_ps(v[i], v[i + 1]);
    }
    for (int i = 0; i < LANES; i++) {
        const int from = i / 4 * 4 + i % 4 / 2;
        fours[i] = i % 2 ? _mm256_shuffle_ps(pairs[from], pairs[from + 2], 0xee)
                         : _mm256_shuffle_ps(pairs[from], pairs[from + 2], 0x44);
    }
    for (int i = 0; i < LANES / 2; i++) {
        v[i] = _mm256_permute2f128_ps(fours[i], fours[i + 4], 0x20);
        v[i + 4] = _mm256_permute2f128_ps(fours[i], fours[i + 4], 0x31);
    }
}

#elif defined __ARM_NEON && defined __aarch64__

static inline void vector_turn(vector v[LANES])
{
    const float32x4x2_t upper = vtrnq_f32(v[0], v[1]), lower = vtrnq_f32(v[2], v[3]);

    v[0] = vcombine_f32(vget_low_f32(upper.val[0]), vget_low_f32(lower.val[0]));
    v[1] = vcombine_f32(vget_low_f32(upper.val[1]), vget_low_f32(lower.val[1]));
    v[2] = vcombine_f32(vget_high_f32(upper.val[0]), vget_high_f32(lower.val[0]));
    v[3] = vcombine_f32(vget_high_f32(upper.val[1]), vget_high_f32(lower.val[1]));
}

#else

static inline void vector_turn(vector v[LANES])
{
    (void)v;
}

#endif

#endif
