#include "base/finite.h"

#include "base/vectors.h"

#include <math.h>
#include <stdbool.h>

enum { STRIDE = 1024 };

VECTORS static bool are_finite(const float values[STRIDE])
{
    int odd = 0;

    for (size_t i = 0; i < STRIDE; i++)
        odd |= !isfinite(values[i]);
    return !odd;
}

size_t finite_count(const float *values, size_t n)
{
    size_t count = 0;

    while (n - count >= STRIDE && are_finite(values + count))
        count += STRIDE;
    while (count < n && isfinite(values[count]))
        count++;
    return count;
}
