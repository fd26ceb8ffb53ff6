/*
 * Are numbers finite?
 */
#ifndef BASE_FINITE_H
#define BASE_FINITE_H

#include <stddef.h>

/* How many of `n` values come before the first that is not finite; n if all are. */
size_t finite_count(const float *values, size_t n);

#endif
