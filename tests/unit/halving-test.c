/* Which trials of a bracket go on. Figures of Determined are from its documentation ("Adaptive (Asynchronous) Method")
   and from the tests of its promoting ASHA, asha_test.go in master/pkg/searcher up to 0.37, whose trials have one
   value at all rungs. */
#include "unit.h"

#include "base/memory.h"
#include "policy/halving.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TRIALS = 64, RUNGS = 3 };

static const uint64_t thirds[] = { 1000, 3000, 9000 }, quarters[] = { 1, 4, 16 };

/* A bracket and what is known of its trials. */
struct scene {
    struct bracket bracket;
    struct outcome outcomes[TRIALS * RUNGS]; /* (trials, rungs) */
    struct decision decisions[TRIALS];
};

static struct scene scene_of(size_t trials, const uint64_t *epochs, size_t rungs, double divisor, size_t concurrent)
{
    return (struct scene){
        .bracket = { .epochs = epochs, .rungs = rungs, .trials = trials, .concurrent = concurrent, .divisor = divisor }
    };
}

static void know(struct scene *scene, size_t trial, size_t rung, double cost)
{
    scene->outcomes[trial * scene->bracket.rungs + rung] = (struct outcome){ true, cost };
}

/* The same at all rungs; for a trial that fails at one, from there on. */
static void know_all(struct scene *scene, const double *costs)
{
    for (size_t trial = 0; trial < scene->bracket.trials; trial++)
        for (size_t rung = 0; rung < scene->bracket.rungs; rung++)
            know(scene, trial, rung, costs[trial]);
}

/* At which rung each trial is, a digit a trial; '-' for one that has not begun. */
static const char *rungs_reached(struct scene *scene)
{
    static char text[TRIALS + 1];
    size_t n = scene->bracket.trials;

    halving_decide(&scene->bracket, scene->outcomes, scene->decisions);
    for (size_t i = 0; i < n; i++)
        text[i] = scene->decisions[i].state == TRIAL_AWAITS_BEGIN ? '-' : (char)('0' + scene->decisions[i].rung);
    text[n] = '\0';
    return text;
}

/* The first letter of each trial's state. */
static const char *states(struct scene *scene)
{
    static char text[TRIALS + 1];
    size_t n = scene->bracket.trials;

    halving_decide(&scene->bracket, scene->outcomes, scene->decisions);
    for (size_t i = 0; i < n; i++) {
        const char *word = trial_state_word(scene->decisions[i].state);
        text[i] = word ? *word : '-';
    }
    text[n] = '\0';
    return text;
}

static const char *reason(const struct scene *scene, size_t trial)
{
    static char text[200];
    struct text words = { 0 };

    halving_explain(&scene->bracket, &scene->decisions[trial], &words);
    snprintf(text, sizeof text, "%s", words.at);
    text_free(&words);
    return text;
}

static void determined_equal_trials_four_and_one_of_twelve_go_on(void) /* TestASHASearcherBatches */
{
    struct scene scene = scene_of(12, thirds, 3, 3, 9);

    know_all(&scene, (double[12]){ 0 });
    CHECK_TEXT(rungs_reached(&scene), "211100000000");
    CHECK_TEXT(states(&scene), "dsssssssssss");
}

static void determined_smaller_is_better(void)
{
    static const double costs[] = { 0.01, 0.02, 0.03, 0.04, 0.05, 0.06, 0.07, 0.08, 0.09, 0.10, 0.11, 0.12 };
    struct scene scene = scene_of(12, thirds, 3, 3, 9);

    know_all(&scene, costs);
    CHECK_TEXT(rungs_reached(&scene), "211100000000");
}

static void determined_early_exit(void)
{
    static const double costs[] = { 0.01, 0.02, 0.03, 0.04, 0.05, 0.06, 0.07, 0.08, 0.09, 0.10, 0.11, 0.12 };
    struct scene scene = scene_of(12, thirds, 3, 3, 9);

    know_all(&scene, costs);
    know(&scene, 2, 1, INFINITY);
    CHECK_TEXT(rungs_reached(&scene), "211100000000");
    CHECK_TEXT(states(&scene), "dsfsssssssss");
}

/* The first trial is promoted though it is not among the best third of all. */
static void determined_async_promotions(void)
{
    static const double costs[] = { 0.10, 0.11, NAN, 0.01, 0.02, 0.03, 0.04, 0.05, 0.06, 0.07, 0.08, 0.09 };
    struct scene scene = scene_of(12, thirds, 3, 3, 9);

    know_all(&scene, costs);
    CHECK_TEXT(rungs_reached(&scene), "100211100000");
}

static void determined_single_rung(void)
{
    struct scene scene = scene_of(4, &thirds[2], 1, 3, 3);

    know_all(&scene, (double[]){ 0.05, 0.06, 0.07, 0.08 });
    CHECK_TEXT(states(&scene), "dddd");
}

/* "ASHA": of N trials N/4 are trained for 4 epochs, and N/16 for 16. */
static void determined_documented_example_of_sha(void)
{
    struct scene scene = scene_of(64, quarters, 3, 4, 5);
    size_t count[3] = { 0 };

    scene.bracket.kind = HALVING_SYNCHRONOUS;
    for (size_t trial = 0; trial < 64; trial++)
        for (size_t rung = 0; rung < 3; rung++)
            know(&scene, trial, rung, (double)(trial * 37 % 64));
    halving_decide(&scene.bracket, scene.outcomes, scene.decisions);
    for (size_t trial = 0; trial < 64; trial++) {
        size_t rank = trial * 37 % 64;
        CHECK_EQUAL(scene.decisions[trial].rung, rank < 4 ? 2 : rank < 16 ? 1 : 0);
        count[scene.decisions[trial].rung]++;
    }
    CHECK(count[0] == 48 && count[1] == 12 && count[2] == 4);
}

static void the_first_trials_begin_as_many_as_there_are_workers(void)
{
    struct scene scene = scene_of(6, quarters, 3, 2, 4);

    CHECK_TEXT(states(&scene), "rrrr--");
    CHECK_TEXT(reason(&scene, 0), "begun");
}

static void what_ends_before_others_waits_for_them(void)
{
    struct scene scene = scene_of(4, quarters, 3, 2, 4);

    know(&scene, 1, 0, 1);
    CHECK_TEXT(states(&scene), "rwrr");
    CHECK_TEXT(reason(&scene, 1), "at epoch 1 before others that are awaited");
    know(&scene, 0, 0, 2);
    CHECK_TEXT(states(&scene), "wrrr");
    CHECK_TEXT(rungs_reached(&scene), "0100");
    CHECK_TEXT(reason(&scene, 0), "so far not among the best 1 of 2 at epoch 1");
    CHECK_TEXT(reason(&scene, 1), "among the best 1 of 2 at epoch 1");
}

/* 2 and 5 go on from the second rung before 4, which is as good, gets there. */
static void of_equal_ones_the_earlier_trial_is_better_though_it_comes_later(void)
{
    static const uint64_t epochs[] = { 1, 3, 9 };
    static const double first[] = { 6, 4, 1, 0, 3, 2, 7, 5 }, then[] = { 1, 1, 0, 2, 0, 0, 0, 0 };
    struct scene scene = scene_of(8, epochs, 3, 2, 5);

    know_all(&scene, then);
    for (size_t trial = 0; trial < 8; trial++)
        know(&scene, trial, 0, first[trial]);
    CHECK_TEXT(rungs_reached(&scene), "01212200");
}

static void jobs_take_as_long_as_they_have_epochs(void)
{
    struct scene scene = scene_of(8, quarters, 2, 2, 2);

    for (size_t trial = 0; trial < 8; trial++)
        know(&scene, trial, 0, (double)trial);
    /* 0 and 1 end at 1, whereupon 0 goes on, up to 4. Meanwhile the other worker trains 2 and 3; then there are four,
       and 1 goes on, up to 6. Of 0 at 4 nothing is known. */
    CHECK_TEXT(rungs_reached(&scene), "1100----");
    CHECK_TEXT(states(&scene), "rrww----");
}

static void nobody_goes_on_before_there_are_as_many_as_the_divisor(void)
{
    struct scene scene = scene_of(8, quarters, 3, 4, 3);

    for (size_t trial = 0; trial < 3; trial++)
        know(&scene, trial, 0, 1);
    CHECK_TEXT(states(&scene), "wwwrrr--");
    CHECK_TEXT(reason(&scene, 0), "so far one of 3 at epoch 1, too few to choose from");
}

static void synchronously_all_of_a_rung_are_waited_for(void)
{
    struct scene scene = scene_of(8, quarters, 3, 4, 8);

    scene.bracket.kind = HALVING_SYNCHRONOUS;
    for (size_t trial = 0; trial < 7; trial++)
        know(&scene, trial, 0, (double)trial);
    CHECK_TEXT(states(&scene), "wwwwwwwr");
    know(&scene, 7, 0, -1);
    CHECK_TEXT(states(&scene), "rwwwwwwr");
    CHECK_TEXT(reason(&scene, 7), "among the best 2 of 8 at epoch 1");
}

static void who_goes_on_waits_for_a_worker(void)
{
    struct scene scene = scene_of(8, quarters, 3, 4, 1);

    scene.bracket.kind = HALVING_SYNCHRONOUS;
    for (size_t trial = 0; trial < 8; trial++)
        know(&scene, trial, 0, (double)trial);
    CHECK_TEXT(states(&scene), "rwwwwwww");
    CHECK_TEXT(reason(&scene, 1), "next, among the best 2 of 8 at epoch 1");
    CHECK_TEXT(reason(&scene, 2), "so far not among the best 2 of 8 at epoch 1");
}

static void who_is_not_finite_fails_and_counts_as_worst(void)
{
    struct scene scene = scene_of(4, quarters, 2, 2, 4);

    know(&scene, 0, 0, NAN);
    know(&scene, 1, 0, -INFINITY);
    know(&scene, 2, 0, 5);
    know(&scene, 3, 0, 6);
    CHECK_TEXT(states(&scene), "ffrr");
}

static void somebody_is_trained_to_the_end_even_of_few(void)
{
    struct scene scene = scene_of(3, quarters, 3, 4, 3);

    know_all(&scene, (double[]){ 3, 1, 2 });
    CHECK_TEXT(rungs_reached(&scene), "020");
    CHECK_TEXT(states(&scene), "sds");
}

static void when_the_best_fail_others_take_their_place(void)
{
    struct scene scene = scene_of(4, quarters, 3, 4, 4);

    know_all(&scene, (double[]){ 4, 1, 2, 3 });
    know(&scene, 1, 2, NAN);
    know(&scene, 2, 1, NAN);
    CHECK_TEXT(rungs_reached(&scene), "0212");
    CHECK_TEXT(states(&scene), "sffd");
}

static void where_all_fail_nothing_is_left_to_do(void)
{
    struct scene scene = scene_of(3, quarters, 2, 4, 2);

    know_all(&scene, (double[]){ NAN, NAN, NAN });
    CHECK_TEXT(states(&scene), "fff");
}

static void who_waits_stops_when_nobody_can_come_any_more(void)
{
    struct scene scene = scene_of(4, quarters, 2, 2, 4);

    know_all(&scene, (double[]){ 1, 2, 3, 4 });
    CHECK_TEXT(states(&scene), "ddss");
    CHECK_TEXT(reason(&scene, 0), "trained to the end, epoch 4");
    CHECK_TEXT(reason(&scene, 3), "not among the best 2 of 4 at epoch 1");
    scene.outcomes[1].known = scene.outcomes[3].known = false; /* nobody has finished yet */
    CHECK_TEXT(states(&scene), "rrww");
}

/* 10^5 trials, all orders of which are possible: were a decision not nearly O(log n), this would take minutes. */
static void many_trials_are_decided_in_a_moment(void)
{
    enum { N = 100000 };
    static const uint64_t epochs[] = { 1, 4, 16, 64, 256 };
    const struct bracket bracket = { epochs, 5, 0, N, 16, 4, HALVING_ASYNCHRONOUS };
    struct outcome *outcomes = memory_new(N * 5, sizeof *outcomes);
    struct decision *decisions = memory_new(N, sizeof *decisions);
    size_t done = 0;

    for (size_t i = 0; i < (size_t)N * 5; i++)
        outcomes[i] = (struct outcome){ true, (double)(i / 5 * 7919 % N) };
    halving_decide(&bracket, outcomes, decisions);
    for (size_t i = 0; i < N; i++)
        done += decisions[i].state == TRIAL_DONE;
    CHECK(done >= N / 256 && done < N / 256 + 100);
    free(outcomes);
    free(decisions);
}

int main(void)
{
    TEST(determined_equal_trials_four_and_one_of_twelve_go_on);
    TEST(determined_smaller_is_better);
    TEST(determined_early_exit);
    TEST(determined_async_promotions);
    TEST(determined_single_rung);
    TEST(determined_documented_example_of_sha);
    TEST(the_first_trials_begin_as_many_as_there_are_workers);
    TEST(what_ends_before_others_waits_for_them);
    TEST(of_equal_ones_the_earlier_trial_is_better_though_it_comes_later);
    TEST(jobs_take_as_long_as_they_have_epochs);
    TEST(nobody_goes_on_before_there_are_as_many_as_the_divisor);
    TEST(synchronously_all_of_a_rung_are_waited_for);
    TEST(who_goes_on_waits_for_a_worker);
    TEST(who_is_not_finite_fails_and_counts_as_worst);
    TEST(somebody_is_trained_to_the_end_even_of_few);
    TEST(when_the_best_fail_others_take_their_place);
    TEST(where_all_fail_nothing_is_left_to_do);
    TEST(who_waits_stops_when_nobody_can_come_any_more);
    TEST(many_trials_are_decided_in_a_moment);
    return unit_finish();
}
