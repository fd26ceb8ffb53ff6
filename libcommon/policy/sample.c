#include "policy/sample.h"

#include "base/digest.h"
#include "base/math.h"
#include "base/number.h"
#include "base/random.h"
#include "policy/sobol.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Eight digits tell values apart, and can be read and typed. */
static double round_to_digits(double value)
{
    char digits[NUMBER_SIZE];

    snprintf(digits, sizeof digits, "%.8g", value);
    number_double(digits, &value);
    return value;
}

/* The number of a range that lies at `share` of the way, from 0 to 1. */
static double number_at(const struct space_dimension *dimension, double share)
{
    double low = dimension->low, high = dimension->high, value;

    if (dimension->kind == SPACE_LOG)
        value = round_to_digits(math_pow(low, 1 - share) * math_pow(high, share));
    else
        value = round_to_digits((1 - share) * low + share * high);
    return share == 0 || value < low ? low : share == 1 || value > high ? high : value;
}

/* From the beginning of an int to its end; 0 of other kinds. */
static uint64_t int_range(const struct space_dimension *dimension)
{
    return dimension->kind == SPACE_INT ? (uint64_t)(dimension->high - dimension->low) : 0;
}

/* One of `n` things. */
static uint64_t one_of(uint32_t word, uint64_t n)
{
    return word * n >> 32;
}

/* What a word stands for that is uniform in 32 bits. */
static struct sample value_of_word(const struct space_dimension *dimension, uint32_t word)
{
    switch (dimension->kind) {
    case SPACE_CHOICE:
        return (struct sample){ .choice = dimension->choices[one_of(word, dimension->points)] };
    case SPACE_INT:
        return (struct sample){ .number = dimension->low + (double)one_of(word, int_range(dimension) + 1) };
    default:
        return (struct sample){ .number = number_at(dimension, (word + 0.5) * 0x1p-32) };
    }
}

/* Point `point` of the grid; a single one stands in the middle. */
static struct sample value_of_point(const struct space_dimension *dimension, size_t point)
{
    uint64_t steps = dimension->points - 1, range = int_range(dimension), offset;

    switch (dimension->kind) {
    case SPACE_CHOICE:
        return (struct sample){ .choice = dimension->choices[point] };
    case SPACE_INT:
        offset = steps ? (2 * point * range + steps) / (2 * steps) : range / 2; /* point * range / steps, rounded */
        return (struct sample){ .number = dimension->low + (double)offset };
    default:
        return (struct sample){ .number = number_at(dimension, steps ? (double)point / (double)steps : 0.5) };
    }
}

/* Draws for a setting: its name is in the counter, by its digest. */
static struct random_draw draw_for(enum random_purpose purpose, uint64_t seed, const char *name)
{
    struct digest *digest = digest_new(DIGEST_BLAKE2B);
    char hex[DIGEST_SIZE];

    digest_add(digest, name, strlen(name));
    digest_end(digest, hex);
    hex[8] = '\0';
    return (struct random_draw){ .seed = seed, .purpose = purpose, .epoch = (uint32_t)strtoul(hex, NULL, 16) };
}

static uint32_t random_word_of(const struct space *space, uint64_t seed, uint32_t trial, size_t place)
{
    struct random_draw draw = draw_for(RANDOM_TRIAL, seed, space->dimensions[place].name);

    draw.index = trial;
    return random_word(&draw, 0);
}

/* Each bit is flipped or not as a word says that belongs to the bits before it: a node of a binary tree, whose root is
   number 1 and whose node n has the children 2n and 2n + 1. */
static uint32_t sobol_word_of(const struct space *space, uint64_t seed, uint32_t trial, size_t place)
{
    struct random_draw draw = draw_for(RANDOM_SCRAMBLE, seed, space->dimensions[place].name);
    uint32_t word = sobol_word(place, trial), flips = 0;
    uint64_t node = 1;

    for (int bit = 31; bit >= 0; bit--) {
        flips |= random_word(&draw, node) >> 31 << bit;
        node = node << 1 | (word >> bit & 1);
    }
    return word ^ flips;
}

static size_t grid_point(const struct space *space, uint32_t trial, size_t place)
{
    for (size_t i = space->n - 1; i > place; i--)
        trial /= (uint32_t)space->dimensions[i].points;
    return trial % space->dimensions[place].points;
}

uint32_t sample_grid_size(const struct space *space)
{
    uint64_t size = 1;

    for (size_t i = 0; i < space->n; i++)
        if (space->dimensions[i].points == 0)
            return 0;
    for (size_t i = 0; i < space->n && size < UINT32_MAX; i++)
        size *= space->dimensions[i].points;
    return size < UINT32_MAX ? (uint32_t)size : UINT32_MAX;
}

enum status sample_check(const struct space *space, enum sample_method method, const char *source, struct error *error)
{
    if (method == SAMPLE_SOBOL && space->n > SOBOL_DIMENSIONS)
        return error_set(error, STATUS_DATA, "%s:%zu: %s: Sobol's sequence has no more than %d dimensions", source,
                         space->dimensions[SOBOL_DIMENSIONS].line, space->dimensions[SOBOL_DIMENSIONS].name,
                         SOBOL_DIMENSIONS);
    for (size_t i = 0; method == SAMPLE_GRID && i < space->n; i++)
        if (space->dimensions[i].points == 0)
            return error_set(error, STATUS_DATA,
                             "%s:%zu: %s: a grid must be told of how many points; they follow the range's end", source,
                             space->dimensions[i].line, space->dimensions[i].name);
    return STATUS_OK;
}

struct sample sample_value(const struct space *space, const struct sample_rule *rule, uint32_t trial, size_t place)
{
    const struct space_dimension *dimension = &space->dimensions[place];

    switch (rule->method) {
    case SAMPLE_GRID:
        return value_of_point(dimension, grid_point(space, trial, place));
    case SAMPLE_SOBOL:
        return value_of_word(dimension, sobol_word_of(space, rule->seed, trial, place));
    default:
        return value_of_word(dimension, random_word_of(space, rule->seed, trial, place));
    }
}
