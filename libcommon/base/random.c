#include "base/random.h"

#include "base/memory.h"

#include <stdlib.h>

enum { LANES = 16 }; /* blocks that are drawn side by side: as many as a vector holds */

static void philox_round(uint32_t counter[4], const uint32_t key[2])
{
    uint64_t a = 0xD2511F53ull * counter[0], b = 0xCD9E8D57ull * counter[2];
    uint32_t c1 = counter[1], c3 = counter[3];

    counter[0] = (uint32_t)(b >> 32) ^ c1 ^ key[0];
    counter[1] = (uint32_t)b;
    counter[2] = (uint32_t)(a >> 32) ^ c3 ^ key[1];
    counter[3] = (uint32_t)a;
}

void random_words(const struct random_draw *draw, uint32_t block, uint32_t word[4])
{
    uint32_t key[2] = { (uint32_t)draw->seed, (uint32_t)(draw->seed >> 32) };

    word[0] = (uint32_t)draw->purpose << 24 | draw->layer;
    word[1] = draw->epoch;
    word[2] = draw->index;
    word[3] = block;
    for (int round = 0; round < 10; round++) {
        philox_round(word, key);
        key[0] += 0x9E3779B9u;
        key[1] += 0xBB67AE85u;
    }
}

/* random_words() of LANES blocks from `first`: word[i][lane] is word i of block first + lane. */
__attribute__((target_clones("avx512f", "avx2", "default"))) static void lanes_draw(const struct random_draw *draw,
                                                                                    uint32_t first,
                                                                                    uint32_t word[restrict 4][LANES])
{
    uint32_t key[2] = { (uint32_t)draw->seed, (uint32_t)(draw->seed >> 32) };

    for (uint32_t lane = 0; lane < LANES; lane++) {
        word[0][lane] = (uint32_t)draw->purpose << 24 | draw->layer;
        word[1][lane] = draw->epoch;
        word[2][lane] = draw->index;
        word[3][lane] = first + lane;
    }
    for (int round = 0; round < 10; round++) {
        for (int lane = 0; lane < LANES; lane++) {
            uint64_t a = 0xD2511F53ull * word[0][lane], b = 0xCD9E8D57ull * word[2][lane];
            word[0][lane] = (uint32_t)(b >> 32) ^ word[1][lane] ^ key[0];
            word[1][lane] = (uint32_t)b;
            word[2][lane] = (uint32_t)(a >> 32) ^ word[3][lane] ^ key[1];
            word[3][lane] = (uint32_t)a;
        }
        key[0] += 0x9E3779B9u;
        key[1] += 0xBB67AE85u;
    }
}

void random_blocks(const struct random_draw *draw, uint32_t first, size_t count, uint32_t *words)
{
    uint32_t word[4][LANES];

    for (size_t block = 0; block < count; block++) {
        if (block % LANES == 0)
            lanes_draw(draw, first + (uint32_t)block, word);
        for (size_t i = 0; i < 4; i++)
            words[4 * block + i] = word[i][block % LANES];
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
