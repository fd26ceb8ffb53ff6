#include "unit.h"

#include "base/error.h"
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

static void add_without_end(void)
{
    struct text text = { 0 };

    text_string(&text, "a");
    text_add(&text, "b", SIZE_MAX);
}

static void a_length_that_no_memory_has_is_a_lack_of_it(void)
{
    char message[4096];

    CHECK_EQUAL(unit_run(add_without_end, message), STATUS_RESOURCE);
    CHECK_TEXT(message, "text-test: out of memory\n");
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

static void check_decoded(const char *at, size_t length, uint32_t expected)
{
    uint32_t character;

    CHECK_EQUAL(text_decode(at, &character), length);
    if (length)
        CHECK_EQUAL(character, expected);
}

static void characters_are_decoded_as_rfc_3629_says(void)
{
    check_decoded("", 1, 0);
    check_decoded("a", 1, 'a');
    check_decoded("\x7f", 1, 0x7f);
    check_decoded("\xc2\x80", 2, 0x80);
    check_decoded("\xdf\xbf", 2, 0x7ff);
    check_decoded("\xe0\xa0\x80", 3, 0x800);
    check_decoded("\xed\x9f\xbf", 3, 0xd7ff);
    check_decoded("\xee\x80\x80", 3, 0xe000);
    check_decoded("\xef\xbf\xbf", 3, 0xffff);
    check_decoded("\xf0\x90\x80\x80", 4, 0x10000);
    check_decoded("\xf4\x8f\xbf\xbf", 4, 0x10ffff);
}

static void what_is_no_character_has_no_length(void)
{
    static const char *const wrong[] = { "\x80",
                                         "\xbf",
                                         "\xc1\xbf",
                                         "\xc2",
                                         "\xe0\x9f\xbf",
                                         "\xed\xa0\x80",
                                         "\xed\xbf\xbf",
                                         "\xe2\x82",
                                         "\xf0\x9f\x98",
                                         "\xf4\x90\x80\x80",
                                         "\xf0\x8f\xbf\xbf",
                                         "\xf8\x88\x80\x80\x80",
                                         "\xff" };

    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        check_decoded(wrong[i], 0, 0);
}

static void controls_are_what_does_more_than_to_be_seen(void)
{
    static const uint32_t controls[] = { 0,      7,      0x1b,   0x1f,   0x7f,   0x80,   0x9b,   0x9f,  0x61c,
                                         0x200e, 0x200f, 0x2028, 0x2029, 0x202a, 0x202e, 0x2066, 0x2069 };
    static const uint32_t others[] = { ' ',    '~',    0xa0,   0xe9,   0x61b,  0x61d,  0x200d,
                                       0x2010, 0x2027, 0x202f, 0x2065, 0x206a, 0x1f600 };

    for (size_t i = 0; i < sizeof controls / sizeof *controls; i++)
        CHECK(text_is_control(controls[i]));
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        CHECK(!text_is_control(others[i]));
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
    TEST(a_length_that_no_memory_has_is_a_lack_of_it);
    TEST(bytes_may_be_nul);
    TEST(characters_are_decoded_as_rfc_3629_says);
    TEST(what_is_no_character_has_no_length);
    TEST(controls_are_what_does_more_than_to_be_seen);
    TEST(formats_are_added_whole);
    TEST(the_nearest_word_is_found);
    TEST(far_words_have_no_nearest);
    return unit_finish();
}
