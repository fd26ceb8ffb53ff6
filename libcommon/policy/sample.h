/*
 * Which trials a search tries: a pure function of its space, a method and a seed.
 *
 *     struct sample_rule rule = { SAMPLE_SOBOL, seed };
 *     if (sample_check(&space, rule.method, "net.space", &error))
 *         die_error(&error);
 *     for (uint32_t trial = 0; trial < 16; trial++)
 *         for (size_t i = 0; i < space.n; i++)
 *             ... sample_value(&space, &rule, trial, i) ...
 *
 * A trial does not depend on how many there are, so that more can be had later.
 *
 * random: a draw depends on the seed, the trial and the name of the setting alone, so that other lines of a space may
 * come and go. sobol: the points of policy/sobol.h, dimension after dimension in the order of the lines, scrambled by
 * the seed and the name: A. B. Owen, "Randomly permuted (t,m,s)-nets and (t,s)-sequences", 1995. Each is then uniform,
 * and together they stay as even as they were. grid: every combination, the last line's values changing fastest.
 *
 * Numbers have at most eight significant digits, but for the ends of a range.
 */
#ifndef POLICY_SAMPLE_H
#define POLICY_SAMPLE_H

#include "base/error.h"
#include "format/space.h"

#include <stdint.h>

enum sample_method { SAMPLE_RANDOM, SAMPLE_SOBOL, SAMPLE_GRID };

struct sample_rule {
    enum sample_method method;
    uint64_t seed;
};

/* How many trials the grid of a space has; 0 where a line does not tell its points; at most UINT32_MAX. */
uint32_t sample_grid_size(const struct space *space);

/* 65: the method cannot take values of this space, which messages call `source`. */
enum status sample_check(const struct space *space, enum sample_method method, const char *source, struct error *error);

struct sample {
    const char *choice; /* a word of the space; NULL: a number */
    double number;
};

/* The value of space->dimensions[place] in a trial, from 0; in a grid, below its size. After sample_check(). */
struct sample sample_value(const struct space *space, const struct sample_rule *rule, uint32_t trial, size_t place);

#endif
