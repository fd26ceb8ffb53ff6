/*
 * Division that rounds up.
 */
#ifndef BASE_DIVIDE_H
#define BASE_DIVIDE_H

#include <stddef.h>

/* How many parts n things make, of `size` each but the last, which may be smaller; never overflows. */
static inline size_t divide_up(size_t n, size_t size)
{
    return n / size + (n % size != 0);
}

#endif
