#include "base/random.h"

#include "base/memory.h"
#include "base/vectors.h"

#include <stdlib.h>
#include <string.h>

enum {
    LANES = 32, /* blocks that are drawn side by side: two vectors, one of which is always ready */
    WORDS = 4 * LANES,
};

/* `lanes` blocks from `first`: word[i * lanes + lane] is word i of block first + lane. */
static inline __attribute__((always_inline)) void draw_lanes(const struct random_draw *draw, uint32_t first,
                                                             uint32_t lanes, uint32_t *restrict word)
{
    uint32_t key0 = (uint32_t)draw->seed, key1 = (uint32_t)(draw->seed >> 32);
    uint32_t *word0 = word, *word1 = word + lanes, *word2 = word1 + lanes, *word3 = word2 + lanes;

    for (uint32_t lane = 0; lane < lanes; lane++) {
        word0[lane] = (uint32_t)draw->purpose << 24 | draw->layer;
        word1[lane] = draw->epoch;
        word2[lane] = draw->index;
        word3[lane] = first + lane;
    }
    for (int round = 0; round < 10; round++) {
        for (uint32_t lane = 0; lane < lanes; lane++) {
            uint64_t a = 0xD2511F53ull * word0[lane], b = 0xCD9E8D57ull * word2[lane];
            word0[lane] = (uint32_t)(b >> 32) ^ word1[lane] ^ key0;
            word1[lane] = (uint32_t)b;
            word2[lane] = (uint32_t)(a >> 32) ^ word3[lane] ^ key1;
            word3[lane] = (uint32_t)a;
        }
        key0 += 0x9E3779B9u;
        key1 += 0xBB67AE85u;
    }
}

void random_words(const struct random_draw *draw, uint32_t block, uint32_t word[4])
{
    draw_lanes(draw, block, 1, word);
}

/* In the order of elements. */
VECTORS static void draw_vector(const struct random_draw *draw, uint32_t first, uint32_t *restrict words)
{
    uint32_t word[WORDS];

    draw_lanes(draw, first, LANES, word);
    for (size_t lane = 0; lane < LANES; lane++)
        for (size_t i = 0; i < 4; i++)
            words[4 * lane + i] = word[i * LANES + lane];
}

void random_blocks(const struct random_draw *draw, uint32_t first, size_t count, uint32_t *words)
{
    uint32_t last[WORDS];

    for (; count >= LANES; count -= LANES, first += LANES, words += WORDS)
        draw_vector(draw, first, words);
    if (count) {
        draw_vector(draw, first, last);
        memcpy(words, last, 4 * count * sizeof *words);
    }
}

uint32_t random_word(const struct random_draw *draw, uint64_t element)
{
    uint32_t word[4];

    random_words(draw, (uint32_t)(element / 4), word);
    return word[element % 4];
}

static int compare_keys(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

    return (x > y) - (x < y);
}

void random_order(const struct random_draw *draw, uint32_t *order, uint32_t n)
{
    uint64_t *key = memory_new(n, sizeof *key);
    struct random_draw each = *draw;

    for (uint32_t i = 0; i < n; i++) {
        each.index = i;
        key[i] = (uint64_t)random_word(&each, 0) << 32 | i;
    }
    qsort(key, n, sizeof *key, compare_keys);
    for (uint32_t i = 0; i < n; i++)
        order[i] = (uint32_t)key[i];
    free(key);
}
