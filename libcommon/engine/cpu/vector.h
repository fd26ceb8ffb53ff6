/*
 * Vectors of floats for one kind of processor, chosen by what a file is compiled for: AVX-512, AVX2 with FMA, NEON, or
 * plain C. Every lane is computed as a scalar operation would.
 *
 * LANES floats are a vector; a tile of TILE_ROWS x TILE_VECTORS of them fits into the registers, beside one row of
 * operands and one more.
 */
#ifndef ENGINE_CPU_VECTOR_H
#define ENGINE_CPU_VECTOR_H

#include <stddef.h>
#include <string.h>

#if defined __AVX512F__

#include <immintrin.h>

enum { LANES = 16, TILE_ROWS = 6, TILE_VECTORS = 4 };
typedef __m512 vector;
#define vector_load(from) _mm512_loadu_ps(from)
#define vector_store(to, v) _mm512_storeu_ps(to, v)
#define vector_set(x) _mm512_set1_ps(x)
#define vector_fma(a, b, c) _mm512_fmadd_ps(a, b, c)
#define vector_add(a, b) _mm512_add_ps(a, b)

#elif defined __AVX2__ && defined __FMA__

#include <immintrin.h>

enum { LANES = 8, TILE_ROWS = 6, TILE_VECTORS = 2 };
typedef __m256 vector;
#define vector_load(from) _mm256_loadu_ps(from)
#define vector_store(to, v) _mm256_storeu_ps(to, v)
#define vector_set(x) _mm256_set1_ps(x)
#define vector_fma(a, b, c) _mm256_fmadd_ps(a, b, c)
#define vector_add(a, b) _mm256_add_ps(a, b)

#elif defined __ARM_NEON && defined __aarch64__

#include <arm_neon.h>

enum { LANES = 4, TILE_ROWS = 6, TILE_VECTORS = 4 };
typedef float32x4_t vector;
#define vector_load(from) vld1q_f32(from)
#define vector_store(to, v) vst1q_f32(to, v)
#define vector_set(x) vdupq_n_f32(x)
#define vector_fma(a, b, c) vfmaq_f32(c, a, b)
#define vector_add(a, b) vaddq_f32(a, b)

#else

#include <math.h>

enum { LANES = 1, TILE_ROWS = 4, TILE_VECTORS = 4 };
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

#endif
