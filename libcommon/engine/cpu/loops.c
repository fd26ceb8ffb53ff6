#include "base/vectors.h"
#include "engine/cpu/inside.h"

#include <string.h>

VECTORS void cpu_end(size_t n, float *sums)
{
    for (size_t i = 0; i < n; i++)
        sums[i] += 0;
}

VECTORS bool cpu_finite(size_t n, const float *values)
{
    const uint32_t infinity = 0x7f800000;
    uint32_t largest = 0;

    for (size_t i = 0; i < n; i++) {
        uint32_t bits;
        memcpy(&bits, &values[i], sizeof bits);
        bits &= 0x7fffffff;
        largest = bits > largest ? bits : largest;
    }
    return largest < infinity;
}

VECTORS static size_t count_others(size_t n, const float *values)
{
    size_t others = 0;

    for (size_t i = 0; i < n; i++)
        others += values[i] != 0;
    return others;
}

double cpu_density(size_t rows, size_t columns, const float *values, size_t row)
{
    enum { STRETCH = 64, APART = 8 * STRETCH };
    size_t others = 0, seen = 0;

    for (size_t i = 0; i < rows; i++)
        for (size_t first = i * STRETCH % APART, n; first < columns; first += APART) {
            n = columns - first < STRETCH ? columns - first : STRETCH;
            others += count_others(n, values + i * row + first);
            seen += n;
        }
    return seen ? (double)others / (double)seen : 1;
}
