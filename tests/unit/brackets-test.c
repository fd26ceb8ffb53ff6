/* How a search is cut into brackets and rungs, by the figures of Determined's own tests, of 0.38:
   adaptive_asha_test.go, asha_stopping_test.go and simulate_test.go in its master/pkg/searcher. */
#include "unit.h"

#include "policy/brackets.h"
#include "policy/forecast.h"

#include <stdio.h>
#include <string.h>

/* The numbers as text: "1 3 9". */
static const char *list(size_t n, size_t (*number)(const void *of, size_t i), const void *of)
{
    static char texts[2][400];
    static size_t turn;
    char *text = texts[turn++ % 2], *at = text;

    *text = '\0';
    for (size_t i = 0; i < n; i++)
        at += sprintf(at, i ? " %zu" : "%zu", number(of, i));
    return text;
}

static size_t rung_epochs(const void *of, size_t i)
{
    return (size_t)((const struct rungs *)of)->epochs[i];
}

static size_t bracket_rungs(const void *of, size_t i)
{
    return ((const struct bracket *)of)[i].rungs;
}

static size_t bracket_trials(const void *of, size_t i)
{
    return ((const struct bracket *)of)[i].trials;
}

static size_t bracket_first(const void *of, size_t i)
{
    return ((const struct bracket *)of)[i].first;
}

static size_t bracket_workers(const void *of, size_t i)
{
    return ((const struct bracket *)of)[i].concurrent;
}

static const char *derived(uint64_t last, double divisor, size_t most)
{
    struct rungs rungs;

    rungs_derive(&rungs, last, divisor, most);
    return list(rungs.n, rung_epochs, &rungs);
}

static void rungs_are_divisors_apart(void)
{
    CHECK_TEXT(derived(9, 3, 3), "1 3 9"); /* TestMakeRungs */
    CHECK_TEXT(derived(10, 2, 4), "1 2 5 10");
    CHECK_TEXT(derived(9, 3, 1), "9");
    CHECK_TEXT(derived(900, 3, 3), "100 300 900");
    CHECK_TEXT(derived(16, 4, 5), "1 4 16"); /* hp-adaptive-asha.rst, "ASHA": rungs of 1, 4 and 16 epochs */
    CHECK_TEXT(derived(2560, 4, 5), "10 40 160 640 2560"); /* its FAQ: nobody is stopped before max_time / 256 */
    CHECK_TEXT(derived(243, 3, 64), "1 3 9 27 81 243");    /* a logarithm, rounded, might lose the first */
}

static void rungs_below_one_are_left_out_and_equal_ones_are_one(void)
{
    CHECK_TEXT(derived(1, 4, 5), "1");
    CHECK_TEXT(derived(3, 4, 5), "3");
    CHECK_TEXT(derived(3, 1.2, 64), "1 2 3");
    CHECK_TEXT(derived(1000000000000000, 1.5, 2), "666666666666666 1000000000000000");
}

static void samples_become_epochs_rounded_up(void)
{
    struct rungs rungs = { { 1, 600, 601, 1200, 6000 }, 5 };

    rungs_from_samples(&rungs, 600);
    CHECK_TEXT(list(rungs.n, rung_epochs, &rungs), "1 2 10");
}

/* Rungs enough for every bracket. */
static struct search search_of(size_t trials, double divisor, size_t concurrent)
{
    struct search search = { .divisor = divisor, .trials = trials, .concurrent = concurrent };

    rungs_derive(&search.rungs, UINT64_C(1) << 40, divisor, 12);
    return search;
}

static void trials_are_shared_out_so_that_brackets_train_for_as_long(void) /* TestBracketMaxTrials */
{
    static const struct {
        size_t trials, divisor, n, rungs[3];
        const char *shares;
    } cases[] = {
        { 20, 3, 3, { 3, 2, 1 }, "12 5 3" },
        { 50, 3, 2, { 4, 3 }, "35 15" },
        { 50, 4, 2, { 3, 2 }, "37 13" },
        { 100, 4, 3, { 4, 3, 2 }, "70 22 8" },
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct search search = search_of(cases[i].trials, (double)cases[i].divisor, 1);
        struct bracket brackets[RUNGS_MOST];
        search.bracket_count = cases[i].n;
        memcpy(search.bracket_rungs, cases[i].rungs, sizeof cases[i].rungs);
        CHECK_EQUAL(search_brackets(&search, brackets), cases[i].n);
        CHECK_TEXT(list(cases[i].n, bracket_trials, brackets), cases[i].shares);
    }
}

static void brackets_take_the_trials_in_order_the_one_of_most_rungs_first(void)
{
    struct search search = search_of(20, 3, 1);
    struct bracket brackets[RUNGS_MOST];

    search.bracket_count = 3;
    memcpy(search.bracket_rungs, (size_t[]){ 2, 1, 3 }, 3 * sizeof(size_t));
    CHECK_EQUAL(search_brackets(&search, brackets), 3);
    CHECK_TEXT(list(3, bracket_rungs, brackets), "3 2 1");
    CHECK_TEXT(list(3, bracket_first, brackets), "0 12 17");
    CHECK_EQUAL(brackets[2].epochs[0], UINT64_C(1) << 40);
    CHECK_EQUAL(brackets[0].epochs[2], UINT64_C(1) << 40);
}

static void workers_are_shared_out_evenly_and_no_bracket_is_without(void) /* TestBracketMaxConcurrentTrials */
{
    struct search search = search_of(20, 3, 11);
    struct bracket brackets[RUNGS_MOST];

    search.bracket_count = 3;
    memcpy(search.bracket_rungs, (size_t[]){ 3, 2, 1 }, 3 * sizeof(size_t));
    search_brackets(&search, brackets);
    CHECK_TEXT(list(3, bracket_workers, brackets), "4 4 3");
    search.concurrent = 2; /* hp-adaptive-asha.rst: less than the number of brackets is rounded up */
    search_brackets(&search, brackets);
    CHECK_TEXT(list(3, bracket_workers, brackets), "1 1 1");
}

static void check_modes(struct search *search, const char *aggressive, const char *standard, const char *conservative)
{
    static const enum search_mode modes[] = { SEARCH_AGGRESSIVE, SEARCH_STANDARD, SEARCH_CONSERVATIVE };
    const char *expected[] = { aggressive, standard, conservative };
    struct bracket brackets[RUNGS_MOST];

    for (size_t i = 0; i < 3; i++) {
        search->mode = modes[i];
        CHECK_TEXT(list(search_brackets(search, brackets), bracket_rungs, brackets), expected[i]);
    }
}

static void modes_say_how_many_rungs_the_brackets_have(void)
{
    struct search search = search_of(1000000, 4, 16);

    rungs_derive(&search.rungs, 256, 4, 5);
    check_modes(&search, "5", "5 4 3", "5 4 3 2 1");
    rungs_derive(&search.rungs, 64, 4, 4);
    check_modes(&search, "4", "4 3 2", "4 3 2 1");
    rungs_derive(&search.rungs, 1, 4, 4);
    check_modes(&search, "1", "1", "1");
}

static void whole_searches_are_cut_as_determined_cuts_them(void) /* TestMakeBrackets */
{
    struct search standard = { .divisor = 4, .trials = 10, .concurrent = 2 };
    struct search conservative = { .mode = SEARCH_CONSERVATIVE, .divisor = 3, .trials = 10, .concurrent = 5 };
    struct bracket brackets[RUNGS_MOST];

    rungs_derive(&standard.rungs, 100, 4, 5);
    CHECK_EQUAL(search_brackets(&standard, brackets), 2);
    CHECK_TEXT(list(2, bracket_rungs, brackets), "2 1");
    CHECK_TEXT(list(2, bracket_trials, brackets), "7 3");
    CHECK_TEXT(list(2, bracket_workers, brackets), "1 1");
    rungs_derive(&conservative.rungs, 1000, 3, 5);
    CHECK_EQUAL(search_brackets(&conservative, brackets), 3);
    CHECK_TEXT(list(3, bracket_rungs, brackets), "3 2 1");
    CHECK_TEXT(list(3, bracket_trials, brackets), "7 2 1");
    CHECK_TEXT(list(3, bracket_workers, brackets), "2 2 1");
}

static void no_more_brackets_than_trials(void)
{
    struct search search = search_of(2, 1.1, 16);
    struct bracket brackets[RUNGS_MOST];

    search.mode = SEARCH_CONSERVATIVE;
    CHECK_EQUAL(search_brackets(&search, brackets), 2);
    CHECK_TEXT(list(2, bracket_trials, brackets), "1 1");
    search.trials = 1;
    CHECK_EQUAL(search_brackets(&search, brackets), 1);
    CHECK_EQUAL(brackets[0].rungs, 1);
}

static void a_forecast_has_at_least_what_the_divisor_leaves(void) /* TestSimulateASHA */
{
    struct search search = { .divisor = 3, .trials = 10, .concurrent = 5 };
    struct bracket brackets[RUNGS_MOST];
    struct forecast forecasts[RUNGS_MOST];

    rungs_derive(&search.rungs, 900, 3, 10);
    CHECK_EQUAL(search_brackets(&search, brackets), 2);
    halving_forecast(&brackets[0], forecasts);
    CHECK_EQUAL(brackets[0].epochs[0], 100);
    CHECK(forecasts[0].trials == 7 && forecasts[1].trials == 2 && forecasts[2].trials == 1);
    CHECK(forecasts[0].expected == 7 && forecasts[1].expected > 2 && forecasts[2].expected >= 1);
    halving_forecast(&brackets[1], forecasts);
    CHECK_EQUAL(brackets[1].epochs[0], 300);
    CHECK(forecasts[0].trials == 3 && forecasts[1].trials == 1);
    CHECK_NEAR(forecast_epochs(&brackets[1], forecasts), 3 * 300 + forecasts[1].expected * 600, 1e-9);
}

static void what_a_synchronous_search_costs_is_known(void)
{
    static const uint64_t epochs[] = { 1, 4, 16 };
    struct bracket bracket = { epochs, 3, 0, 64, 7, 4, HALVING_SYNCHRONOUS };
    struct forecast forecasts[3];

    halving_forecast(&bracket, forecasts);
    CHECK(forecasts[0].expected == 64 && forecasts[1].expected == 16 && forecasts[2].expected == 4);
    CHECK_EQUAL(forecast_epochs(&bracket, forecasts), 64 + 16 * 3 + 4 * 12);
}

int main(void)
{
    TEST(rungs_are_divisors_apart);
    TEST(rungs_below_one_are_left_out_and_equal_ones_are_one);
    TEST(samples_become_epochs_rounded_up);
    TEST(trials_are_shared_out_so_that_brackets_train_for_as_long);
    TEST(brackets_take_the_trials_in_order_the_one_of_most_rungs_first);
    TEST(workers_are_shared_out_evenly_and_no_bracket_is_without);
    TEST(modes_say_how_many_rungs_the_brackets_have);
    TEST(whole_searches_are_cut_as_determined_cuts_them);
    TEST(no_more_brackets_than_trials);
    TEST(a_forecast_has_at_least_what_the_divisor_leaves);
    TEST(what_a_synchronous_search_costs_is_known);
    return unit_finish();
}
