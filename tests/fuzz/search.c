/* A search: a space, whose values lie in it by every method, and a table of trials, each of which is found. */
#include "fuzz.h"

#include "format/trials.h"
#include "policy/sample.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static void check_value(const struct space_dimension *dimension, struct sample sample)
{
    bool known = false;

    for (size_t i = 0; dimension->kind == SPACE_CHOICE && i < dimension->points; i++)
        known |= sample.choice == dimension->choices[i];
    if (dimension->kind != SPACE_CHOICE)
        known = !sample.choice && sample.number >= dimension->low && sample.number <= dimension->high;
    FUZZ_CHECK(known);
    FUZZ_CHECK(dimension->kind != SPACE_INT || sample.number == rint(sample.number));
}

static void check_trials(const struct space *space, enum sample_method method, uint32_t count)
{
    const struct sample_rule rule = { method, 1 };
    struct error error;

    if (sample_check(space, method, "space", &error))
        return;
    for (size_t i = 0; i < space->n; i++)
        for (uint32_t trial = 0; trial < count; trial = 2 * trial + 1)
            check_value(&space->dimensions[i], sample_value(space, &rule, trial, i));
}

static void check_space(struct fuzz_part part)
{
    char *text = fuzz_string(part);
    struct space space;
    struct error error;

    if (!space_parse(text, "space", &space, &error)) {
        FUZZ_CHECK(space.n);
        for (size_t i = 0; i < space.n; i++)
            FUZZ_CHECK(space.dimensions[i].kind == SPACE_CHOICE || space.dimensions[i].low < space.dimensions[i].high);
        check_trials(&space, SAMPLE_RANDOM, 1000);
        check_trials(&space, SAMPLE_SOBOL, 1000);
        check_trials(&space, SAMPLE_GRID, sample_grid_size(&space) / 2 + 1);
    }
    space_free(&space);
    free(text);
}

static void check_table(struct fuzz_part part)
{
    struct trials trials;
    struct error error;

    fuzz_file("trials.tsv", part);
    if (!trials_read("trials.tsv", &trials, &error)) {
        FUZZ_CHECK(trials.n);
        for (size_t i = 0; i < trials.n; i++) {
            FUZZ_CHECK(!strpbrk(trials.name[i], "/ ") && *trials.name[i] != '.');
            FUZZ_CHECK(trials_find(&trials, trials.name[i]) == i);
        }
    }
    trials_free(&trials);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_part part[2];

    fuzz_split(data, size, part, 2);
    check_space(part[0]);
    check_table(part[1]);
    return 0;
}
