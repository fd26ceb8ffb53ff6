#include "base/random.h"

#include "base/memory.h"

#include <stdlib.h>

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
