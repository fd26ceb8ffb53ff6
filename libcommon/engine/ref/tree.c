#include "base/divide.h"
#include "engine/ref/layers.h"

size_t tree_split(size_t n)
{
    size_t split = 1;

    while (2 * split < n)
        split *= 2;
    return split;
}

real tree_sum(const real *values, size_t n)
{
    size_t split;

    if (n == 1)
        return values[0];
    split = tree_split(n);
    return tree_sum(values, split) + tree_sum(values + split, n - split);
}

size_t tree_levels(size_t n)
{
    size_t levels = 1;

    for (; n > 1; n = tree_split(n))
        levels++;
    return levels;
}

size_t chunks_of(size_t batch)
{
    return divide_up(batch, CHUNK);
}

/* The same over chunks first .. first + n - 1. */
static void add_chunks(const struct chunk_sums *sums, size_t first, size_t n, real *sum, real *room)
{
    size_t split, left = sums->batch - first * CHUNK;

    if (n == 1) {
        sums->chunk(sums, first * CHUNK, left < CHUNK ? left : CHUNK, sum);
        return;
    }
    split = tree_split(n);
    add_chunks(sums, first, split, sum, room);
    add_chunks(sums, first + split, n - split, room, room + sums->size);
    for (size_t i = 0; i < sums->size; i++)
        sum[i] += room[i];
}

void chunk_sums(const struct chunk_sums *sums, real *sum, real *room)
{
    add_chunks(sums, 0, chunks_of(sums->batch), sum, room);
}
