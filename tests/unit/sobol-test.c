/* policy/sobol.h: the published points, and that they are as even as the theory says. */
#include "policy/sobol.h"

#include "base/digest.h"
#include "base/memory.h"
#include "unit.h"

#include <stdlib.h>
#include <string.h>

/* The degree of the polynomial of a dimension: 0 of the first, then one for each primitive polynomial. */
static size_t degree_of(size_t dimension)
{
    static const size_t up_to[] = { 1, 2, 3, 5, 7, 13, 19, 37, 53 }; /* dimensions of a degree up to the index */
    size_t degree = 0;

    while (dimension >= up_to[degree])
        degree++;
    return degree;
}

/* What a dimension costs of evenness: the t of all dimensions is the sum of theirs (Sobol, 1967). */
static size_t t_of(size_t dimension)
{
    return dimension ? degree_of(dimension) - 1 : 0;
}

/* The example of ten points that Joe and Kuo give with their program. */
static void the_first_points_are_the_published_ones(void)
{
    static const double published[10][3] = {
        { 0, 0, 0 },
        { 0.5, 0.5, 0.5 },
        { 0.75, 0.25, 0.25 },
        { 0.25, 0.75, 0.75 },
        { 0.375, 0.375, 0.625 },
        { 0.875, 0.875, 0.125 },
        { 0.625, 0.125, 0.875 },
        { 0.125, 0.625, 0.375 },
        { 0.1875, 0.3125, 0.9375 },
        { 0.6875, 0.8125, 0.4375 },
    };

    for (uint32_t point = 0; point < 10; point++)
        for (size_t dimension = 0; dimension < 3; dimension++)
            CHECK_EQUAL(sobol_word(dimension, point) * 0x1p-32, published[point][dimension]);
}

/* The digest is of what PyTorch's SobolEngine draws, too. */
static void all_dimensions_are_those_of_joe_and_kuo(void)
{
    struct digest *digest = digest_new(DIGEST_BLAKE2B);
    char hex[DIGEST_SIZE];

    for (uint32_t point = 0; point < 1024; point++)
        for (size_t dimension = 0; dimension < SOBOL_DIMENSIONS; dimension++)
            digest_add_u64(digest, sobol_word(dimension, point));
    digest_end(digest, hex);
    CHECK_TEXT(hex, "94d6dff94ac2a8c544316ff73f8704ebd450de59db6b7daf1cfcb7114137b72b");
}

/* Have the boxes of 2^-rows by 2^-columns each 2^t of the points from `first` on, as many as there are boxes times 2^t?
 */
static bool boxes_are_even(size_t x, size_t rows, size_t y, size_t columns, size_t t, uint32_t first)
{
    size_t boxes = (size_t)1 << (rows + columns), *points = memory_new(boxes, sizeof *points);
    bool even = true;

    for (uint32_t i = 0; i < boxes << t; i++) {
        size_t row = (size_t)((uint64_t)sobol_word(x, first + i) << rows >> 32);
        points[row << columns | (size_t)((uint64_t)sobol_word(y, first + i) << columns >> 32)]++;
    }
    for (size_t box = 0; box < boxes; box++)
        even &= points[box] == (size_t)1 << t;
    free(points);
    return even;
}

static void every_part_of_a_dimension_has_its_point(void)
{
    for (size_t dimension = 0; dimension < SOBOL_DIMENSIONS; dimension++)
        for (size_t bits = 0; bits <= 9; bits++)
            for (uint32_t block = 0; block < 3; block++)
                CHECK(boxes_are_even(dimension, bits, 0, 0, 0, block << bits));
}

static void the_first_two_dimensions_are_a_0_2_sequence(void)
{
    for (size_t rows = 0; rows <= 6; rows++)
        for (size_t columns = 0; columns <= 6; columns++)
            for (uint32_t block = 0; block < 3; block++)
                CHECK(boxes_are_even(0, rows, 1, columns, 0, block << (rows + columns)));
}

static void every_box_of_two_dimensions_has_as_many_points_as_another(void)
{
    for (size_t y = 1; y < 12; y++)
        for (size_t x = 0; x < y; x++)
            for (size_t rows = 0; rows <= 4; rows++) {
                size_t t = t_of(x) + t_of(y);
                CHECK(boxes_are_even(x, rows, y, 4 - rows, t, 0));
                CHECK(boxes_are_even(x, rows, y, 4 - rows, t, 16u << t));
            }
}

static void the_last_point_that_has_a_number_is_a_point(void)
{
    CHECK_EQUAL(sobol_word(0, UINT32_MAX), 1); /* Gray's 2^31, the last bit's share */
}

int main(void)
{
    TEST(the_first_points_are_the_published_ones);
    TEST(all_dimensions_are_those_of_joe_and_kuo);
    TEST(every_part_of_a_dimension_has_its_point);
    TEST(the_first_two_dimensions_are_a_0_2_sequence);
    TEST(every_box_of_two_dimensions_has_as_many_points_as_another);
    TEST(the_last_point_that_has_a_number_is_a_point);
    return unit_finish();
}
