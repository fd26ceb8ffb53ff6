#include "peak.h"

#include "engine/cpu/vector.h"

enum { CHAINS = TILE_ROWS * TILE_VECTORS };

static volatile float ends[LANES]; /* what nobody reads would not be computed */

double PEAK(size_t rounds)
{
    const vector shrink = vector_set(0.999f), step = vector_set(0.001f);
    vector sum[CHAINS];
    float total[LANES];

#pragma GCC unroll 24
    for (size_t chain = 0; chain < CHAINS; chain++)
        sum[chain] = vector_set((float)chain);
    for (size_t round = 0; round < rounds; round++)
#pragma GCC unroll 24
        for (size_t chain = 0; chain < CHAINS; chain++)
            sum[chain] = vector_fma(sum[chain], shrink, step);
#pragma GCC unroll 24
    for (size_t chain = 1; chain < CHAINS; chain++)
        sum[0] = vector_add(sum[0], sum[chain]);
    vector_store(total, sum[0]);
    for (size_t lane = 0; lane < LANES; lane++)
        ends[lane] = total[lane];
    return 2.0 * (double)rounds * CHAINS * LANES;
}
