#include "unit.h"

#include "base/random.h"

#include <stdlib.h>
#include <string.h>

/* A draw whose counter and key are those of a vector: the fields are only names for the counter's words. */
static void check_words(const uint32_t counter[4], uint64_t seed, const char *expected)
{
    struct random_draw draw = {
        .seed = seed, .layer = counter[0] & 0xffffff, .epoch = counter[1], .index = counter[2]
    };
    uint32_t word[4];
    char text[40];

    draw.purpose = (enum random_purpose)(counter[0] >> 24);
    random_words(&draw, counter[3], word);
    for (size_t i = 0; i < 4; i++)
        for (size_t digit = 0; digit < 8; digit++)
            text[9 * i + digit] = "0123456789abcdef"[word[i] >> (28 - 4 * digit) & 15];
    text[8] = text[17] = text[26] = ' ';
    text[35] = '\0';
    CHECK_TEXT(text, expected);
}

/* "philox4x32 10" in the file kat_vectors of the authors' Random123 distribution. */
static void philox_gives_its_authors_numbers(void)
{
    check_words((uint32_t[]){ 0, 0, 0, 0 }, 0, "6627e8d5 e169c58d bc57ac4c 9b00dbd8");
    check_words((uint32_t[]){ UINT32_MAX, UINT32_MAX, UINT32_MAX, UINT32_MAX }, UINT64_MAX,
                "408f276d 41c83b0e a20bc7c6 6d5451fd");
    check_words((uint32_t[]){ 0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344 }, 0x299f31d0a4093822,
                "d16cfe09 94fdcceb 5001e420 24126ea1");
}

static void elements_are_the_words_of_their_block(void)
{
    struct random_draw draw = { .seed = 5, .purpose = RANDOM_DROPOUT, .layer = 3, .epoch = 2, .index = 9 };
    uint32_t word[4];

    for (uint32_t block = 0; block < 100; block++) {
        random_words(&draw, block, word);
        for (uint32_t i = 0; i < 4; i++)
            CHECK_EQUAL(random_word(&draw, 4 * (uint64_t)block + i), word[i]);
    }
}

static void many_blocks_are_those_drawn_one_by_one(void)
{
    const struct random_draw draw = {
        .seed = 1ull << 40, .purpose = RANDOM_DROPOUT, .layer = 1, .epoch = 4, .index = 6
    };
    uint32_t words[4 * 37], word[4];

    random_blocks(&draw, UINT32_MAX - 20, 37, words);
    for (uint32_t block = 0; block < 37; block++) {
        random_words(&draw, UINT32_MAX - 20 + block, word);
        CHECK(memcmp(words + 4 * (size_t)block, word, sizeof word) == 0);
    }
}

static void every_field_matters(void)
{
    const struct random_draw draw = { .seed = 1, .purpose = RANDOM_ORDER, .layer = 1, .epoch = 1, .index = 1 };
    struct random_draw other[6];
    uint32_t word = random_word(&draw, 0);

    for (size_t i = 0; i < 6; i++)
        other[i] = draw;
    other[0].seed = 2;
    other[1].seed = 1 + (1ull << 32);
    other[2].purpose = RANDOM_SPLIT;
    other[3].layer = 2;
    other[4].epoch = 2;
    other[5].index = 2;
    for (size_t i = 0; i < 6; i++)
        CHECK(random_word(&other[i], 0) != word);
}

static void an_order_sorts_words_then_indices(void)
{
    enum { COUNT = 1000 };
    struct random_draw draw = { .seed = 1, .purpose = RANDOM_ORDER, .epoch = 4, .index = 77 /* ignored */ };
    uint32_t order[COUNT], word[COUNT];
    bool seen[COUNT] = { false };

    random_order(&draw, order, COUNT);
    for (uint32_t i = 0; i < COUNT; i++) {
        draw.index = i;
        word[i] = random_word(&draw, 0);
    }
    for (size_t i = 0; i < COUNT; i++) {
        CHECK(order[i] < COUNT && !seen[order[i]]);
        seen[order[i]] = true;
    }
    for (size_t i = 1; i < COUNT; i++)
        CHECK(word[order[i - 1]] < word[order[i]] || (word[order[i - 1]] == word[order[i]] && order[i - 1] < order[i]));
}

static void an_order_of_nothing_is_nothing(void)
{
    struct random_draw draw = { .seed = 1, .purpose = RANDOM_ORDER };
    uint32_t order = 42;

    random_order(&draw, &order, 0);
    CHECK_EQUAL(order, 42);
    random_order(&draw, &order, 1);
    CHECK_EQUAL(order, 0);
}

int main(void)
{
    TEST(philox_gives_its_authors_numbers);
    TEST(elements_are_the_words_of_their_block);
    TEST(many_blocks_are_those_drawn_one_by_one);
    TEST(every_field_matters);
    TEST(an_order_sorts_words_then_indices);
    TEST(an_order_of_nothing_is_nothing);
    return unit_finish();
}
