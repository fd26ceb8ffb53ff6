#include "unit.h"

#include "base/text.h"

#include <string.h>

static void a_new_text_is_empty(void)
{
    struct text text = { 0 };

    CHECK(!text.at);
    text_add(&text, NULL, 0);
    CHECK_TEXT(text.at, "");
    text_free(&text);
    CHECK(!text.at && !text.length && !text.room);
}

static void texts_grow_by_any_amount(void)
{
    struct text text = { 0 };
    char block[1000];
    size_t length = 0;

    memset(block, 'x', sizeof block);
    for (size_t size = 0; size < sizeof block; size += 7) {
        text_add(&text, block, size);
        length += size;
        CHECK_EQUAL(text.length, length);
        CHECK_EQUAL(strlen(text.at), length);
        CHECK(text.room > length);
    }
    text_free(&text);
}

static void bytes_may_be_nul(void)
{
    struct text text = { 0 };

    text_add(&text, "a\0b", 3);
    text_string(&text, "c");
    CHECK_EQUAL(text.length, 4);
    CHECK(memcmp(text.at, "a\0bc", 5) == 0);
    text_free(&text);
}

static void formats_are_added_whole(void)
{
    struct text text = { 0 };

    text_format(&text, "%d-", 5);
    text_format(&text, "%500s", "end");
    CHECK_EQUAL(text.length, 502);
    CHECK(strncmp(text.at, "5-   ", 5) == 0);
    CHECK_TEXT(text.at + 499, "end");
    text_clear(&text);
    CHECK_TEXT(text.at, "");
    text_format(&text, "%s", "again");
    CHECK_TEXT(text.at, "again");
    text_free(&text);
}

static void the_nearest_word_is_found(void)
{
    static const char *const words[] = { "dense", "dropout", "conv", "maxpool", "relu" };
    const size_t n = sizeof words / sizeof *words;

    CHECK_TEXT(text_nearest("dens", words, n), "dense");
    CHECK_TEXT(text_nearest("drpout", words, n), "dropout");
    CHECK_TEXT(text_nearest("maxpol", words, n), "maxpool");
    CHECK_TEXT(text_nearest("cnov", words, n), "conv");
    CHECK_TEXT(text_nearest("relu", words, n), "relu");
    CHECK_TEXT(text_nearest("ReLU", words, n), "relu");
    CHECK_TEXT(text_nearest("MaxPool2d", words, n), "maxpool");
}

static void far_words_have_no_nearest(void)
{
    static const char *const words[] = { "dense", "conv" };
    char longest[200];

    memset(longest, 'd', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    CHECK(!text_nearest("transformer", words, 2));
    CHECK(!text_nearest("", words, 2));
    CHECK(!text_nearest(longest, words, 2));
    CHECK(!text_nearest("dense", words, 0));
}

int main(void)
{
    TEST(a_new_text_is_empty);
    TEST(texts_grow_by_any_amount);
    TEST(bytes_may_be_nul);
    TEST(formats_are_added_whole);
    TEST(the_nearest_word_is_found);
    TEST(far_words_have_no_nearest);
    return unit_finish();
}
