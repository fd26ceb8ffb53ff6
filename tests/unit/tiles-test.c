/*
 * The tiles of engine/cpu against scalar chains, for every kind of them that this processor runs: shapes about the
 * sizes of tiles, operands that lie anyhow, and outputs between bytes that must stay as they are.
 */
#include "base/memory.h"
#include "engine/cpu/inside.h"
#include "instructions.h"
#include "unit.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS = 13, COLUMNS = 140, GUARD = 16 };

/* Marsaglia, "Xorshift RNGs", 2003. */
static size_t below(size_t n)
{
    static uint64_t state = 88172645463325252u;

    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (size_t)(state >> 11) % n;
}

/* Of any sign, from 2^-8 to 2^8, or 0; now and then so small that products are subnormal. */
static float number(void)
{
    const float sign = below(2) ? 1 : -1;

    if (below(8) == 0)
        return sign * 0;
    return sign * ldexpf(1 + (float)below(1 << 23) * 0x1p-23f, (int)below(16) - (below(16) ? 8 : 78));
}

static float *numbers(size_t n)
{
    float *all = malloc(n * sizeof *all); /* no byte more: the sanitizer sees what is read behind them */

    if (!all)
        abort();
    for (size_t i = 0; i < n; i++)
        all[i] = number();
    return all;
}

/* A product: its operands, and its outputs with `place` floats before the first and GUARD behind the last. */
struct task {
    struct chains chains;
    size_t rows, columns, c_row, place, size;
    float *a, *b, *start, *c, *expected;
    uint32_t *at; /* NULL, or the list in `chains` */
};

/* A list of some of n places, in their order. */
static uint32_t *some_places(size_t n, size_t *count)
{
    uint32_t *at = memory_new(n, sizeof *at);

    *count = 0;
    for (size_t k = 0; k < n; k++)
        if (below(2))
            at[(*count)++] = (uint32_t)k;
    return at;
}

static struct task task_new(size_t rows, size_t columns, bool listed)
{
    struct task task = { .rows = rows, .columns = columns };
    struct chains *chains = &task.chains;
    size_t a_size, b_size;

    *chains = (struct chains){ .runs = 1 + below(6),
                               .length = 1 + below(9),
                               .a_run = below(40),
                               .a_row = below(30),
                               .a_step = 1 + below(4),
                               .b_run = below(400),
                               .b_step = columns + below(3) };
    a_size =
        (chains->runs - 1) * chains->a_run + (rows - 1) * chains->a_row + (chains->length - 1) * chains->a_step + 1;
    b_size = (chains->runs - 1) * chains->b_run + (chains->length - 1) * chains->b_step + columns;
    if (listed) {
        chains->runs = chains->a_step = 1;
        chains->at = task.at = some_places(chains->length, &chains->length);
    }
    task.a = numbers(a_size);
    task.b = numbers(b_size);
    task.start = numbers(columns);
    task.place = below(GUARD);
    task.c_row = columns + below(5);
    task.size = task.place + rows * task.c_row + GUARD;
    task.c = numbers(task.size);
    task.expected = malloc(task.size * sizeof *task.expected);
    if (!task.expected)
        abort();
    memcpy(task.expected, task.c, task.size * sizeof *task.expected);
    return task;
}

static void task_free(struct task *task)
{
    free(task->a);
    free(task->b);
    free(task->start);
    free(task->c);
    free(task->expected);
    free(task->at);
}

static float chain(const struct task *task, size_t row, size_t column, float sum)
{
    const struct chains *chains = &task->chains;

    for (size_t run = 0; run < chains->runs; run++)
        for (size_t k = 0; k < chains->length; k++) {
            const size_t at = chains->at ? chains->at[k] : k;
            sum = fmaf(task->a[run * chains->a_run + row * chains->a_row + at * chains->a_step],
                       task->b[run * chains->b_run + at * chains->b_step + column], sum);
        }
    return sum;
}

static bool is_right(struct task *task)
{
    const struct chains *chains = &task->chains;

    for (size_t row = 0; row < task->rows; row++)
        for (size_t column = 0; column < task->columns; column++) {
            const float sum =
                chain(task, row, column, chains->start ? chains->start[row * chains->start_row + column] : 0);
            task->expected[task->place + row * task->c_row + column] = chains->open ? sum : sum + 0;
        }
    tiles->product(chains, task->rows, task->columns, task->a, task->b, task->c + task->place, task->c_row);
    return memcmp(task->c, task->expected, task->size * sizeof *task->c) == 0;
}

static bool product_is_right(struct task *task)
{
    task->chains.start = below(2) ? task->start : NULL;
    return is_right(task);
}

static bool extension_is_right(struct task *task)
{
    task->chains.start = task->c + task->place;
    task->chains.start_row = task->c_row;
    task->chains.open = below(2);
    return is_right(task);
}

static void check_shapes(bool (*kind_is_right)(struct task *task), bool listed)
{
    for (size_t rows = 1; rows <= (listed ? tiles->listed_rows : ROWS); rows++)
        for (size_t columns = 1; columns <= COLUMNS; columns++) {
            struct task task = task_new(rows, columns, listed);
            if (!CHECK(kind_is_right(&task)))
                printf("#   %s: %zu rows, %zu columns, %zu runs, length %zu\n", tiles->name, rows, columns,
                       task.chains.runs, task.chains.length);
            task_free(&task);
        }
}

static void a_product_is_its_chains_and_writes_nothing_else(void)
{
    check_shapes(product_is_right, false);
}

static void a_chain_goes_on_where_it_was(void)
{
    check_shapes(extension_is_right, false);
}

static void a_list_says_which_factors_a_chain_has(void)
{
    check_shapes(product_is_right, true);
    check_shapes(extension_is_right, true);
}

/* More is written than the list holds, but no more than there are places. */
static bool list_is_right(size_t n, size_t rows)
{
    const size_t a_row = below(40), room = n + GUARD;
    float *a = numbers((rows - 1) * a_row + n);
    uint32_t *at = memory_new(room, sizeof *at);
    size_t expected = 0, count;
    bool right = true;

    for (size_t i = 0; i < room; i++)
        at[i] = 12345;
    count = tiles->list(n, rows, a, a_row, at);
    for (size_t k = 0; k < n; k++) {
        bool other = false;
        for (size_t row = 0; row < rows; row++)
            other |= a[row * a_row + k] != 0;
        right = right && (!other || at[expected] == k);
        expected += other;
    }
    for (size_t i = n; i < room; i++)
        right = right && at[i] == 12345;
    free(a);
    free(at);
    return right && count == expected;
}

static void a_list_has_the_places_at_which_any_row_is_not_0(void)
{
    for (size_t rows = 1; rows <= tiles->listed_rows; rows++)
        for (size_t n = 1; n <= COLUMNS; n++)
            if (!CHECK(list_is_right(n, rows)))
                printf("#   %s: %zu places of %zu rows\n", tiles->name, n, rows);
}

static bool collection_is_right(size_t rows, size_t columns)
{
    const size_t n = rows * columns;
    float *values = numbers(n), *others = numbers(n);
    uint32_t *places = memory_new(n, sizeof *places), *first = memory_new(rows + 1, sizeof *first);
    uint32_t count = 0;
    bool right = true;

    tiles->collect_rows(rows, columns, values, others, places, first);
    for (size_t i = 0; i < n; i++) {
        right = right && (i % columns != 0 || first[i / columns] == count);
        if (values[i] != 0) {
            right = right && others[count] == values[i] && places[count] == i % columns;
            count++;
        }
    }
    right = right && first[rows] == count;
    free(values);
    free(others);
    free(places);
    free(first);
    return right;
}

static void what_is_not_0_is_collected_row_by_row(void)
{
    for (size_t rows = 1; rows <= ROWS; rows++)
        for (size_t columns = 1; columns <= COLUMNS; columns++)
            if (!CHECK(collection_is_right(rows, columns)))
                printf("#   %s: %zu rows, %zu columns\n", tiles->name, rows, columns);
}

static bool turn_is_right(size_t rows, size_t columns)
{
    const size_t from_row = columns + below(3), to_row = rows + below(3), size = columns * to_row;
    float *from = numbers(rows * from_row), *to = numbers(size), *expected = memory_new(size, sizeof *expected);
    bool right;

    memcpy(expected, to, size * sizeof *to);
    for (size_t row = 0; row < rows; row++)
        for (size_t column = 0; column < columns; column++)
            expected[column * to_row + row] = from[row * from_row + column];
    tiles->turn(rows, columns, from, from_row, to, to_row);
    right = memcmp(to, expected, size * sizeof *to) == 0;
    free(from);
    free(to);
    free(expected);
    return right;
}

static void rows_turn_into_columns_and_nothing_else_is_written(void)
{
    for (size_t rows = 1; rows <= 4 * GUARD + 1; rows++)
        for (size_t columns = 1; columns <= 4 * GUARD + 1; columns++)
            if (!CHECK(turn_is_right(rows, columns)))
                printf("#   %s: %zu rows, %zu columns\n", tiles->name, rows, columns);
}

/* Of n rows of a, which lie anyhow. */
static bool combination_is_right(size_t columns, size_t n)
{
    enum { SPREAD = 300 };
    const size_t place = below(GUARD), size = place + columns + GUARD;
    const size_t step = 1 + below(3);
    float *factor = numbers(n), *rows = numbers(SPREAD * step + columns), *c = numbers(size), *expected = numbers(size);
    uint32_t *at = memory_new(n, sizeof *at);
    bool right;

    memcpy(expected, c, size * sizeof *c);
    for (size_t i = 0; i < n; i++) {
        at[i] = (uint32_t)below(SPREAD + 1);
        for (size_t column = 0; column < columns; column++)
            expected[place + column] = fmaf(factor[i], rows[at[i] * step + column], expected[place + column]);
    }
    tiles->combine(n, factor, at, rows, step, columns, c + place);
    right = memcmp(c, expected, size * sizeof *c) == 0;
    free(factor);
    free(rows);
    free(c);
    free(expected);
    free(at);
    return right;
}

static void a_combination_is_its_chains_and_writes_nothing_else(void)
{
    for (size_t columns = 1; columns <= 3 * COLUMNS; columns++)
        for (size_t n = 1; n <= 20; n++)
            if (!CHECK(combination_is_right(columns, n)))
                printf("#   %s: %zu columns, %zu entries\n", tiles->name, columns, n);
}

static bool choose(const char *kind, struct error *error)
{
    setenv("ROTE_ISA", kind, 1);
    return instructions_choose(error);
}

static void the_kind_is_the_one_asked_for(void)
{
    CHECK_TEXT(tiles->name, getenv("ROTE_ISA"));
}

static void an_unknown_kind_is_refused(void)
{
    struct error error;

    CHECK(!choose("abacus", &error));
    CHECK_EQUAL(error.status, STATUS_UNAVAILABLE);
}

int main(void)
{
    static const char *const kinds[] = { "generic", "avx2", "avx512" };
    struct error error;

    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (choose(kinds[i], &error)) {
            TEST(the_kind_is_the_one_asked_for);
            TEST(a_product_is_its_chains_and_writes_nothing_else);
            TEST(a_chain_goes_on_where_it_was);
            TEST(a_list_says_which_factors_a_chain_has);
            TEST(a_combination_is_its_chains_and_writes_nothing_else);
            TEST(a_list_has_the_places_at_which_any_row_is_not_0);
            TEST(what_is_not_0_is_collected_row_by_row);
            TEST(rows_turn_into_columns_and_nothing_else_is_written);
        }
    TEST(an_unknown_kind_is_refused);
    return unit_finish();
}
