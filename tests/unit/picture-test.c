/* Pictures: what is read of PNG, PGM and PPM, and what fitting makes of it. */
#include "unit.h"

#include "base/memory.h"
#include "data/picture.h"

#include <stdlib.h>
#include <string.h>

static struct picture picture_new(size_t rows, size_t columns, size_t channels, const unsigned char *samples)
{
    struct picture picture = { { rows, columns, channels }, memory_new(rows * columns, channels) };

    memcpy(picture.samples, samples, rows * columns * channels);
    return picture;
}

/* What there is after fitting, as text: "1x2x1: 10 20". */
static const char *fitted(struct picture picture, size_t rows, size_t columns, size_t channels, unsigned flags)
{
    static struct text text;

    text_clear(&text);
    picture_fit(&picture, (struct shape){ rows, columns, channels }, flags);
    text_format(&text, "%zux%zux%zu:", picture.shape.rows, picture.shape.columns, picture.shape.channels);
    for (size_t i = 0; i < rows * columns * channels; i++)
        text_format(&text, " %u", picture.samples[i]);
    picture_free(&picture);
    return text.at;
}

/* The same of a file, or what is wrong with it. */
static const char *decoded(const char *file, size_t size)
{
    static struct error error;
    struct bytes bytes = { memory_new(size + 1, 1), size };
    struct picture picture;
    enum status status;

    memcpy(bytes.at, file, size);
    status = picture_decode(&bytes, "p", &picture, &error);
    free(bytes.at);
    CHECK_EQUAL(status, status ? STATUS_DATA : STATUS_OK);
    CHECK(!status || !picture.samples);
    return status ? error.text : fitted(picture, picture.shape.rows, picture.shape.columns, picture.shape.channels, 0);
}

#define DECODED(literal) decoded(literal, sizeof(literal) - 1)

static void pgm_is_read_in_both_forms(void)
{
    CHECK_TEXT(DECODED("P5 2 1 255\n\x01\xff"), "1x2x1: 1 255");
    CHECK_TEXT(DECODED("P2 # said\n2\n# more\n1 255 1 255\n"), "1x2x1: 1 255");
    CHECK_TEXT(DECODED("P2\t1 2 255 7\r\n8"), "2x1x1: 7 8");
}

static void ppm_has_three_channels(void)
{
    CHECK_TEXT(DECODED("P6 1 2 255\n\x01\x02\x03\x04\x05\x06"), "2x1x3: 1 2 3 4 5 6");
    CHECK_TEXT(DECODED("P3 1 1 255 1 2 3"), "1x1x3: 1 2 3");
}

static void other_depths_spread_over_the_range(void)
{
    CHECK_TEXT(DECODED("P5 3 1 65535\n\x00\x00\x80\x00\xff\xff"), "1x3x1: 0 128 255");
    CHECK_TEXT(DECODED("P2 4 1 3 0 1 2 3"), "1x4x1: 0 85 170 255");
    CHECK_TEXT(DECODED("P2 2 1 1000 500 2"), "1x2x1: 128 1"); /* 127.5 and 0.51 */
}

static void what_is_wrong_with_pgm_is_told(void)
{
    CHECK_TEXT(DECODED("P5 2 1 255\n\x01"), "p: read: cut short: 1 x 2 pixels are more than its 12 bytes hold");
    CHECK_TEXT(DECODED("P5 2 1 255\n\x01\x02\x03"), "p: read: 1 bytes follow its last sample");
    CHECK_TEXT(DECODED("P2 2 1 255 1 256"), "p: read: its next sample is above 255");
    CHECK_TEXT(DECODED("P5 1 1 7\n\x08"), "p: read: its next sample is above 7");
    CHECK_TEXT(DECODED("P5 1 1 0\n\x08"), "p: read: its largest value is 0");
    CHECK_TEXT(DECODED("P5 1 1 65536\n\x08\x08"), "p: read: its largest value is above 65535");
    CHECK_TEXT(DECODED("P5 -1 1 255\n\x08"), "p: read: its width is no number");
    CHECK_TEXT(DECODED("P5 1 99999999 255\n\x08"), "p: read: its height is above 67108864");
    CHECK_TEXT(DECODED("P5 0 1 255\n"), "p: read: a picture of 1 x 0 pixels");
    CHECK_TEXT(DECODED("P5 1 1"), "p: read: cut short: it ends before its largest value");
    CHECK_TEXT(DECODED("P5 1 1 255x\x08"), "p: read: no blank between its header and its samples");
    CHECK_TEXT(DECODED("P2 2 2 255 1 2 3 #"), "p: read: cut short: it ends before its next sample");
}

static void what_is_no_picture_is_told(void)
{
    CHECK_TEXT(DECODED(""), "p: read: it is no picture: neither PNG nor PGM nor PPM");
    CHECK_TEXT(DECODED("P4 1 1\n\x01"), "p: read: it is no picture: neither PNG nor PGM nor PPM");
    CHECK_TEXT(DECODED("\x89PNG\r\n\x1a"), "p: read: it is no picture: neither PNG nor PGM nor PPM");
    CHECK_TEXT(DECODED("\x89PNG\r\n\x1a\n"), "p: read: the PNG is damaged: it is cut short");
}

static void what_is_written_reads_back(void)
{
    const unsigned char samples[] = { 0, 1, 2, 253, 254, 255, 7, 77, 177, 9, 99, 199 };
    struct picture grey = picture_new(3, 4, 1, samples), colour = picture_new(1, 4, 3, samples);
    struct text a = { 0 }, b = { 0 };

    picture_write(&grey, &a);
    CHECK_TEXT(decoded(a.at, a.length), "3x4x1: 0 1 2 253 254 255 7 77 177 9 99 199");
    picture_write(&grey, &b);
    CHECK(a.length == b.length && memcmp(a.at, b.at, a.length) == 0);
    text_clear(&b);
    picture_write(&colour, &b);
    CHECK_TEXT(decoded(b.at, b.length), "1x4x3: 0 1 2 253 254 255 7 77 177 9 99 199");
    CHECK_TEXT(decoded(a.at, a.length - 1), "p: read: the PNG is damaged: it is cut short");
    a.at[a.length - 20] ^= 1;
    CHECK(strncmp(decoded(a.at, a.length), "p: read: the PNG is damaged: ", 29) == 0);
    text_free(&a);
    text_free(&b);
    picture_free(&grey);
    picture_free(&colour);
}

static void the_same_shape_is_left_as_it_is(void)
{
    CHECK_TEXT(fitted(picture_new(2, 2, 1, (unsigned char[]){ 1, 2, 3, 4 }), 2, 2, 1, 0), "2x2x1: 1 2 3 4");
}

static void inversion_is_what_is_missing_to_white(void)
{
    CHECK_TEXT(fitted(picture_new(1, 3, 1, (unsigned char[]){ 0, 1, 255 }), 1, 3, 1, PICTURE_INVERT),
               "1x3x1: 255 254 0");
}

static void grey_becomes_three_times_the_same(void)
{
    CHECK_TEXT(fitted(picture_new(1, 2, 1, (unsigned char[]){ 7, 9 }), 1, 2, 3, 0), "1x2x3: 7 7 7 9 9 9");
}

static void colours_become_grey_by_their_weights(void)
{
    CHECK_TEXT(fitted(picture_new(1, 3, 3, (unsigned char[]){ 255, 0, 0, 0, 255, 0, 0, 0, 255 }), 1, 3, 1, 0),
               "1x3x1: 76 150 29");
    for (unsigned v = 0; v < 256; v += 5) {
        const unsigned char same[3] = { (unsigned char)v, (unsigned char)v, (unsigned char)v };
        char *wanted = memory_format("1x1x1: %u", v);
        CHECK_TEXT(fitted(picture_new(1, 1, 3, same), 1, 1, 1, 0), wanted);
        free(wanted);
    }
}

static void smaller_is_the_mean_of_an_area(void)
{
    const unsigned char samples[] = { 0, 10, 20, 30, 40, 50, 60, 70, 80 };

    CHECK_TEXT(fitted(picture_new(1, 4, 1, samples), 1, 2, 1, 0), "1x2x1: 5 25");
    CHECK_TEXT(fitted(picture_new(1, 3, 1, samples), 1, 2, 1, 0), "1x2x1: 3 17"); /* 10/3 and 50/3 */
    CHECK_TEXT(fitted(picture_new(3, 3, 1, samples), 1, 1, 1, 0), "1x1x1: 40");
    CHECK_TEXT(fitted(picture_new(3, 1, 1, samples), 2, 1, 1, 0), "2x1x1: 3 17");
    CHECK_TEXT(fitted(picture_new(2, 2, 1, (unsigned char[]){ 0, 1, 1, 0 }), 1, 1, 1, 0), "1x1x1: 1"); /* 0.5 */
    CHECK_TEXT(fitted(picture_new(1, 3, 3, samples), 1, 1, 3, 0), "1x1x3: 30 40 50");
}

static void larger_is_bilinear_between_middles(void)
{
    CHECK_TEXT(fitted(picture_new(1, 2, 1, (unsigned char[]){ 0, 100 }), 1, 4, 1, 0), "1x4x1: 0 25 75 100");
    CHECK_TEXT(fitted(picture_new(2, 1, 1, (unsigned char[]){ 0, 100 }), 4, 1, 1, 0), "4x1x1: 0 25 75 100");
    CHECK_TEXT(fitted(picture_new(1, 2, 1, (unsigned char[]){ 0, 90 }), 1, 3, 1, 0), "1x3x1: 0 45 90");
    CHECK_TEXT(fitted(picture_new(1, 1, 1, (unsigned char[]){ 9 }), 2, 3, 1, 0), "2x3x1: 9 9 9 9 9 9");
}

static void one_side_may_grow_while_the_other_shrinks(void)
{
    CHECK_TEXT(fitted(picture_new(2, 2, 1, (unsigned char[]){ 0, 100, 20, 120 }), 1, 4, 1, 0), "1x4x1: 10 35 85 110");
}

static void what_is_all_one_value_stays_so_at_any_size(void)
{
    unsigned char samples[7 * 5];

    memset(samples, 255, sizeof samples);
    for (size_t rows = 1; rows < 20; rows++)
        for (size_t columns = 1; columns < 20; columns++) {
            struct picture picture = picture_new(7, 5, 1, samples);
            bool same = true;

            picture_fit(&picture, (struct shape){ rows, columns, 1 }, 0);
            for (size_t i = 0; i < rows * columns; i++)
                same &= picture.samples[i] == 255;
            CHECK(same);
            picture_free(&picture);
        }
}

static void planes_have_a_channel_after_the_other(void)
{
    struct picture picture = picture_new(1, 2, 3, (unsigned char[]){ 1, 2, 3, 4, 5, 6 }), back;
    unsigned char planes[6];

    picture_planes(&picture, planes);
    CHECK(memcmp(planes, (unsigned char[]){ 1, 4, 2, 5, 3, 6 }, 6) == 0);
    back = picture_of_planes(planes, picture.shape);
    CHECK(memcmp(back.samples, picture.samples, 6) == 0);
    picture_free(&picture);
    picture_free(&back);
}

static void sizes_are_rows_by_columns(void)
{
    const char *const wrong[] = { "", "x", "28", "28x", "x28", "0x1", "1x0", "1x-1", "28X28", "1x1x1", "9999x9999" };
    struct error error;
    size_t rows, columns;

    CHECK_EQUAL(picture_parse_size("28x30", &rows, &columns, &error), STATUS_OK);
    CHECK(rows == 28 && columns == 30);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        CHECK_EQUAL(picture_parse_size(wrong[i], &rows, &columns, &error), STATUS_USAGE);
}

int main(void)
{
    TEST(pgm_is_read_in_both_forms);
    TEST(ppm_has_three_channels);
    TEST(other_depths_spread_over_the_range);
    TEST(what_is_wrong_with_pgm_is_told);
    TEST(what_is_no_picture_is_told);
    TEST(what_is_written_reads_back);
    TEST(the_same_shape_is_left_as_it_is);
    TEST(inversion_is_what_is_missing_to_white);
    TEST(grey_becomes_three_times_the_same);
    TEST(colours_become_grey_by_their_weights);
    TEST(smaller_is_the_mean_of_an_area);
    TEST(larger_is_bilinear_between_middles);
    TEST(one_side_may_grow_while_the_other_shrinks);
    TEST(what_is_all_one_value_stays_so_at_any_size);
    TEST(planes_have_a_channel_after_the_other);
    TEST(sizes_are_rows_by_columns);
    return unit_finish();
}
