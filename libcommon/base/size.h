/*
 * Of two sizes, the smaller and the larger one.
 */
#ifndef BASE_SIZE_H
#define BASE_SIZE_H

#include <stddef.h>

static inline size_t size_smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

static inline size_t size_larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

#endif
