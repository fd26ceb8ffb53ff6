/* policy/sample.h: values are as likely as they should be, or as even, and depend on nothing that they should not. */
#include "policy/sample.h"

#include "base/number.h"
#include "base/text.h"
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct error error;

static struct space parse(const char *text)
{
    struct space space;

    if (space_parse(text, "space", &space, &error)) {
        printf("# %s\n", error.text);
        abort();
    }
    return space;
}

static double number_of(const struct space *space, enum sample_method method, uint32_t trial, size_t place)
{
    const struct sample_rule rule = { method, 1 };

    return sample_value(space, &rule, trial, place).number;
}

/* Pearson's statistic of n counts whose expectation is the same. */
static double chi_square(const size_t *counts, size_t n, double expected)
{
    double sum = 0;

    for (size_t i = 0; i < n; i++)
        sum += ((double)counts[i] - expected) * ((double)counts[i] - expected) / expected;
    return sum;
}

/* Of 63 degrees of freedom the statistic is between 34 and 101 but for 1 in 500 times, of 255 between 188 and 330. */
static void random_values_are_uniform_and_independent(void)
{
    struct space space = parse("a int 0 63\nb int 0 3\nc uniform 0 64\nd log 1 18446744073709551616\n");
    size_t ints[64] = { 0 }, reals[64] = { 0 }, logs[64] = { 0 }, both[256] = { 0 };
    double bound = 1, bounds[64];

    for (size_t i = 0; i < 64; i++)
        bounds[i] = bound *= 2;
    for (uint32_t trial = 0; trial < 6400; trial++) {
        double a = number_of(&space, SAMPLE_RANDOM, trial, 0), b = number_of(&space, SAMPLE_RANDOM, trial, 1);
        double d = number_of(&space, SAMPLE_RANDOM, trial, 3);
        size_t octave = 0;
        while (d > bounds[octave])
            octave++;
        logs[octave]++;
        ints[(size_t)a]++;
        reals[(size_t)number_of(&space, SAMPLE_RANDOM, trial, 2)]++;
        both[(size_t)(a + 64 * b)]++;
    }
    CHECK_NEAR(chi_square(ints, 64, 100), 67.5, 33.5);
    CHECK_NEAR(chi_square(reals, 64, 100), 67.5, 33.5);
    CHECK_NEAR(chi_square(logs, 64, 100), 67.5, 33.5);
    CHECK_NEAR(chi_square(both, 256, 25), 259, 71);
    space_free(&space);
}

static void a_random_value_depends_on_no_other_line(void)
{
    struct space one = parse("lr log 1e-4 1e-1\n"), many = parse("a int 1 2\nlr log 1e-4 1e-1\nb int 1 9\n");

    for (uint32_t trial = 0; trial < 100; trial++)
        CHECK_EQUAL(number_of(&one, SAMPLE_RANDOM, trial, 0), number_of(&many, SAMPLE_RANDOM, trial, 1));
    space_free(&one);
    space_free(&many);
}

static void names_and_seeds_draw_differently(void)
{
    struct space space = parse("a uniform 0 1\nb uniform 0 1\n");
    static const enum sample_method methods[] = { SAMPLE_RANDOM, SAMPLE_SOBOL };

    for (size_t i = 0; i < 2; i++) {
        const struct sample_rule other = { methods[i], 2 }, huge = { methods[i], 1ull << 32 | 1 };
        double a = number_of(&space, methods[i], 7, 0);
        CHECK(a != number_of(&space, methods[i], 7, 1));
        CHECK(a != sample_value(&space, &other, 7, 0).number);
        CHECK(a != sample_value(&space, &huge, 7, 0).number);
    }
    space_free(&space);
}

/* Of 2^(a+b) trials each combination of 2^a and 2^b values has one, as unscrambled. */
static void scrambled_sobol_points_stay_a_net(void)
{
    char text[64];

    for (size_t a = 2; a <= 256; a *= 2) {
        size_t b = 512 / a, seen[512] = { 0 };
        struct space space;
        sprintf(text, "x int 0 %zu\ny int 0 %zu\n", a - 1, b - 1);
        space = parse(text);
        for (uint32_t trial = 0; trial < 512; trial++)
            seen[(size_t)number_of(&space, SAMPLE_SOBOL, trial, 0) * b +
                 (size_t)number_of(&space, SAMPLE_SOBOL, trial, 1)]++;
        for (size_t i = 0; i < 512; i++)
            CHECK_EQUAL(seen[i], 1);
        space_free(&space);
    }
}

static void every_sobol_setting_has_each_part_of_its_range_once(void)
{
    struct text text = { 0 };
    struct space space;

    for (size_t i = 0; i < 53; i++)
        text_format(&text, "a%zu int 0 255\n", i);
    space = parse(text.at);
    CHECK_EQUAL(sample_check(&space, SAMPLE_SOBOL, "space", &error), STATUS_OK);
    for (size_t i = 0; i < space.n; i++) {
        bool seen[256] = { false };
        for (uint32_t trial = 256; trial < 512; trial++) {
            size_t part = (size_t)number_of(&space, SAMPLE_SOBOL, trial, i);
            CHECK(!seen[part]);
            seen[part] = true;
        }
    }
    space_free(&space);
    text_format(&text, "b uniform 0 1\n");
    space = parse(text.at);
    CHECK_EQUAL(sample_check(&space, SAMPLE_SOBOL, "space", &error), STATUS_DATA);
    CHECK_TEXT(error.text, "space:54: b: Sobol's sequence has no more than 53 dimensions");
    space_free(&space);
    text_free(&text);
}

/* Scrambling is uniform: over seeds the first point may be anywhere. */
static void a_scrambled_point_is_uniform_over_seeds(void)
{
    struct space space = parse("a int 0 63\n");
    size_t counts[64] = { 0 };

    for (uint64_t seed = 0; seed < 6400; seed++) {
        const struct sample_rule rule = { SAMPLE_SOBOL, seed };
        counts[(size_t)sample_value(&space, &rule, 0, 0).number]++;
    }
    CHECK_NEAR(chi_square(counts, 64, 100), 67.5, 33.5);
    space_free(&space);
}

/* The numbers of a line's grid, with blanks between. */
static const char *grid_of(const char *line)
{
    static struct text text;
    struct space space = parse(line);
    char number[NUMBER_SIZE];

    text_clear(&text);
    for (uint32_t i = 0; i < sample_grid_size(&space); i++)
        text_format(&text, "%s%s", i ? " " : "", number_print(number_of(&space, SAMPLE_GRID, i, 0), number));
    space_free(&space);
    return text.at;
}

static void a_grid_has_its_points_in_equal_steps(void)
{
    CHECK_TEXT(grid_of("a uniform 0.1 0.5 5\n"), "0.1 0.2 0.3 0.4 0.5");
    CHECK_TEXT(grid_of("a uniform -1 1 3\n"), "-1 0 1");
    CHECK_TEXT(grid_of("a log 1e-4 1e-1 4\n"), "0.0001 0.001 0.01 0.1");
    CHECK_TEXT(grid_of("a log 1 2 3\n"), "1 1.4142136 2");
    CHECK_TEXT(grid_of("a uniform -0 1 2\n"), "0 1");
    CHECK_TEXT(grid_of("a uniform 0.123456789012 0.987654321012 2\n"), "0.123456789012 0.987654321012");
    CHECK_TEXT(grid_of("a uniform 0.1 0.5 1\n"), "0.3");
    CHECK_TEXT(grid_of("a log 0.01 1 1\n"), "0.1");
    CHECK_TEXT(grid_of("a int 1 4\n"), "1 2 3 4");
    CHECK_TEXT(grid_of("a int 1 4 2\n"), "1 4");
    CHECK_TEXT(grid_of("a int 1 4 3\n"), "1 3 4");
    CHECK_TEXT(grid_of("a int 10 20 1\n"), "15");
    CHECK_TEXT(grid_of("a int 0 1000000000 3\n"), "0 500000000 1000000000");
}

static void a_grid_has_every_combination_once_the_last_line_fastest(void)
{
    struct space space = parse("a int 1 2\nb choice x y z\nc int 5 6\n");
    const struct sample_rule rule = { SAMPLE_GRID, 1 };
    struct text text = { 0 };

    CHECK_EQUAL(sample_grid_size(&space), 12);
    for (uint32_t i = 0; i < 12; i++)
        text_format(&text, "%g%s%g ", sample_value(&space, &rule, i, 0).number,
                    sample_value(&space, &rule, i, 1).choice, sample_value(&space, &rule, i, 2).number);
    CHECK_TEXT(text.at, "1x5 1x6 1y5 1y6 1z5 1z6 2x5 2x6 2y5 2y6 2z5 2z6 ");
    text_free(&text);
    space_free(&space);
}

static void a_grid_must_be_told_its_points(void)
{
    struct space space = parse("a int 1 2\nb log 1 2\n");

    CHECK_EQUAL(sample_grid_size(&space), 0);
    CHECK_EQUAL(sample_check(&space, SAMPLE_GRID, "space", &error), STATUS_DATA);
    CHECK_TEXT(error.text, "space:2: b: a grid must be told of how many points; they follow the range's end");
    CHECK_EQUAL(sample_check(&space, SAMPLE_RANDOM, "space", &error), STATUS_OK);
    space_free(&space);
}

static void a_huge_grid_is_counted_without_overflow(void)
{
    struct space space = parse("a int 0 1000000000\nb int 0 1000000000\nc int 0 1000000000\nd int 0 1000000000\n");

    CHECK_EQUAL(sample_grid_size(&space), UINT32_MAX);
    space_free(&space);
    space = parse("a int 0 65535\nb int 0 65535\nc int 0 65535\nd int 0 65535\n"); /* 2^64 */
    CHECK_EQUAL(sample_grid_size(&space), UINT32_MAX);
    space_free(&space);
}

/* In ranges of every size, those too that eight digits do not resolve. */
static void values_lie_in_their_range(void)
{
    struct space space =
        parse("a uniform 0.123456789012 0.123456789013\nb log 1e-300 1e300\nc log 5e-324 1e-323\n"
              "d uniform -1.7976931348623157e308 1.7976931348623157e308\ne log 0.3 0.30000000000000004\n"
              "f uniform 0.123456784 0.123456784001\n");

    for (size_t i = 0; i < space.n; i++)
        for (uint32_t trial = 0; trial < 1000; trial++) {
            double value = number_of(&space, trial % 2 ? SAMPLE_SOBOL : SAMPLE_RANDOM, trial, i);
            CHECK(value >= space.dimensions[i].low && value <= space.dimensions[i].high);
        }
    space_free(&space);
}

int main(void)
{
    TEST(random_values_are_uniform_and_independent);
    TEST(a_random_value_depends_on_no_other_line);
    TEST(names_and_seeds_draw_differently);
    TEST(scrambled_sobol_points_stay_a_net);
    TEST(every_sobol_setting_has_each_part_of_its_range_once);
    TEST(a_scrambled_point_is_uniform_over_seeds);
    TEST(a_grid_has_its_points_in_equal_steps);
    TEST(a_grid_has_every_combination_once_the_last_line_fastest);
    TEST(a_grid_must_be_told_its_points);
    TEST(a_huge_grid_is_counted_without_overflow);
    TEST(values_lie_in_their_range);
    return unit_finish();
}
