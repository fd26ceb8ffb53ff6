/* Which checkpoints stay. */
#include "unit.h"

#include "candidates.h"
#include "policy/retention.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const struct best_rule accuracy = { "valid.accuracy", BEST_LARGEST };

/* Six epochs, a to f; c is the best. */
static const struct candidate six[] = {
    { .path = "a", .epoch = 0, .value = NAN }, { .path = "b", .epoch = 1, .value = 0.7 },
    { .path = "c", .epoch = 2, .value = 0.9 }, { .path = "d", .epoch = 3, .value = 0.8 },
    { .path = "e", .epoch = 4, .value = NAN }, { .path = "f", .epoch = 5, .value = 0.6 },
};

/* The names of those that stay. */
static const char *kept(const struct retention_policy *policy)
{
    static char text[7];
    unsigned keep[6];
    size_t n = 0;

    retention_decide(policy, six, 6, keep);
    for (size_t i = 0; i < 6; i++)
        if (keep[i])
            text[n++] = six[i].path[0];
    text[n] = '\0';
    return text;
}

static void a_policy_that_asks_for_nothing_is_empty(void)
{
    struct retention_policy policy = { .rule = accuracy };

    CHECK(retention_is_empty(&policy));
    policy.every = 1;
    CHECK(!retention_is_empty(&policy));
    CHECK(!retention_is_empty(&(struct retention_policy){ .best_of_all = 1, .rule = accuracy }));
}

static void the_newest_and_the_best_always_stay(void)
{
    CHECK_TEXT(kept(&(struct retention_policy){ .last = 1, .rule = accuracy }), "cf");
    CHECK_TEXT(kept(&(struct retention_policy){ .every = 100, .rule = accuracy }), "acf");
    CHECK_TEXT(kept(&(struct retention_policy){ .last = 1, .rule = { "valid.loss", BEST_SMALLEST } }), "f");
}

static void parts_of_a_policy_are_a_union(void)
{
    CHECK_TEXT(kept(&(struct retention_policy){ .last = 2, .rule = accuracy }), "cef");
    CHECK_TEXT(kept(&(struct retention_policy){ .best = 2, .rule = accuracy }), "cdf");
    CHECK_TEXT(kept(&(struct retention_policy){ .every = 3, .rule = accuracy }), "acdf");
    CHECK_TEXT(kept(&(struct retention_policy){ .last = 2, .best = 2, .every = 3, .rule = accuracy }), "acdef");
    CHECK_TEXT(kept(&(struct retention_policy){ .last = 100, .rule = accuracy }), "abcdef");
}

static void pinned_ones_and_parents_of_partials_stay(void)
{
    struct candidate candidates[] = {
        { .path = "a", .epoch = 0, .value = NAN, .pinned = true },
        { .path = "b", .epoch = 1, .value = NAN, .parent = true },
        { .path = "c", .epoch = 2, .value = NAN },
        { .path = "d", .epoch = 3, .value = NAN },
    };
    struct retention_policy policy = { .last = 1, .rule = accuracy };
    unsigned keep[4];

    retention_decide(&policy, candidates, 4, keep);
    CHECK_EQUAL(keep[0], KEEP_PINNED);
    CHECK_EQUAL(keep[1], KEEP_PARENT);
    CHECK_EQUAL(keep[2], 0);
    CHECK_EQUAL(keep[3], KEEP_LAST | KEEP_NEWEST);
}

static const char *explained(const struct retention_policy *policy, unsigned keep)
{
    static struct text text;

    text_clear(&text);
    retention_explain(policy, keep, &text);
    return text.at;
}

static void reasons_are_told_in_words(void)
{
    struct retention_policy policy = { .last = 1, .best = 2, .every = 3, .rule = accuracy },
                            epochs = { .last = 1, .best_of_all = 2, .rule = { "epoch", BEST_LARGEST } };

    CHECK_TEXT(explained(&policy, KEEP_NEWEST | KEEP_LAST | KEEP_PINNED), "last,pinned,newest");
    CHECK_TEXT(explained(&policy, KEEP_EVERY | KEEP_BEST | KEEP_PARENT), "best,every,parent");
    CHECK_TEXT(explained(&epochs, KEEP_BEST_OF_ALL | KEEP_LAST), "last,best-of-all");
    CHECK_TEXT(explained(&policy, 0), "not kept by -l 1 -b 2 -e 3 -k valid.accuracy");
    CHECK_TEXT(explained(&epochs, 0), "not kept by -l 1 --best-of-all 2 -k epoch --max");
}

/*
 * The example of Determined's documentation, "Checkpoint Saving Policy" in
 * docs/reference/experiment-config-reference.rst (github.com/determined-ai/determined): checkpoints 1 to 10 of two
 * trials, the validation metric where there is one, smaller being better, and what eleven policies save of them. Here
 * the number is the epoch.
 */
enum { OF_TRIAL_1 = 5, OF_BOTH = 10 };

static const struct candidate documented[OF_BOTH] = {
    { .path = "1/a", .epoch = 1, .value = NAN }, { .path = "1/b", .epoch = 2, .value = NAN },
    { .path = "1/c", .epoch = 3, .value = 0.6 }, { .path = "1/d", .epoch = 4, .value = 0.5 },
    { .path = "1/e", .epoch = 5, .value = 0.4 }, { .path = "2/f", .epoch = 6, .value = NAN },
    { .path = "2/g", .epoch = 7, .value = 0.2 }, { .path = "2/h", .epoch = 8, .value = 0.3 },
    { .path = "2/i", .epoch = 9, .value = NAN }, { .path = "2/j", .epoch = 10, .value = NAN },
};

static const struct {
    size_t experiment_best, trial_best, trial_latest;
    unsigned saved[OF_BOTH];
} documented_policies[] = {
    { 0, 0, 0, { 0 } },
    { 2, 0, 0, { 8, 7 } },
    { 5, 0, 0, { 8, 7, 5, 4, 3 } },
    { 0, 1, 0, { 7, 5 } },
    { 0, 3, 0, { 8, 7, 5, 4, 3 } },
    { 0, 0, 1, { 10, 5 } },
    { 0, 0, 3, { 10, 9, 8, 5, 4, 3 } },
    { 2, 1, 0, { 8, 7, 5 } },
    { 2, 0, 1, { 10, 8, 7, 5 } },
    { 0, 1, 1, { 10, 7, 5 } },
    { 2, 1, 1, { 10, 8, 7, 5 } },
};

/* What is asked for is that table; what stays unasked are the newest of both and the best: of each, or of all. */
static void across_runs_the_documented_policies_of_determined_hold(void)
{
    for (size_t row = 0; row < sizeof documented_policies / sizeof *documented_policies; row++) {
        const size_t of_all = documented_policies[row].experiment_best, best = documented_policies[row].trial_best,
                     last = documented_policies[row].trial_latest;
        const struct retention_policy policy = { last, best, of_all, 0, { "loss", BEST_SMALLEST } };
        const unsigned asked = (last ? KEEP_LAST : 0) | (best ? KEEP_BEST : 0) | (of_all ? KEEP_BEST_OF_ALL : 0);
        unsigned keep[OF_BOTH];
        retention_decide(&policy, documented, OF_BOTH, keep);
        for (size_t i = 0; i < OF_BOTH; i++) {
            bool saved = false, newest = i + 1 == OF_TRIAL_1 || i + 1 == OF_BOTH;
            bool best_of_run = i + 1 == 5 || i + 1 == 7;
            for (size_t j = 0; j < OF_BOTH; j++)
                saved |= documented_policies[row].saved[j] == i + 1;
            CHECK_EQUAL((keep[i] & asked) != 0, saved);
            CHECK_EQUAL(keep[i] != 0, saved || newest || (best_of_run && !of_all));
        }
    }
}

static void a_run_whose_best_is_unknown_is_a_doubt(void)
{
    const struct candidate candidates[] = {
        { .path = "1/a", .epoch = 1, .value = 0.5, .recorded = true },
        { .path = "1/b", .epoch = 2, .value = 0.6, .recorded = true },
        { .path = "2/c", .epoch = 1, .value = NAN, .recorded = true },
        { .path = "2/d", .epoch = 2, .value = NAN },
        { .path = "3/e", .epoch = 1, .value = NAN },
        { .path = "3/f", .epoch = 2, .value = NAN },
    };
    const struct retention_policy each = { .last = 1, .rule = accuracy }, all = { .best_of_all = 1, .rule = accuracy },
                                  both = { .last = 2, .best_of_all = 1, .rule = accuracy };
    unsigned keep[6];

    retention_decide(&each, candidates, 6, keep);
    CHECK(!retention_doubt(&each, candidates, 2, keep));
    CHECK(retention_doubt(&each, candidates, 6, keep) == &candidates[2]); /* a run has no best but a finite one */
    retention_decide(&all, candidates, 6, keep);
    CHECK(!retention_doubt(&all, candidates, 4, keep));                  /* of all there is one; not a number is none */
    CHECK(retention_doubt(&all, candidates, 6, keep) == &candidates[4]); /* of the third nothing was measured */
    retention_decide(&all, candidates + 2, 2, keep);
    CHECK(retention_doubt(&all, candidates + 2, 2, keep) == &candidates[2]);
    retention_decide(&both, candidates, 6, keep);
    CHECK(!retention_doubt(&both, candidates, 6, keep)); /* nothing is to go */
}

static bool same_run(const struct candidate *a, const struct candidate *b)
{
    return a->path[0] == b->path[0];
}

/* The reasons for candidates[i], from the words of ckpt-prune(1): by counting who comes before it. */
static unsigned model(const struct retention_policy *policy, const struct candidate *candidates, size_t n, size_t i)
{
    const struct candidate *one = &candidates[i];
    size_t later = 0, better = 0, better_of_all = 0;
    unsigned keep = 0;

    for (size_t j = 0; j < n; j++) {
        const struct candidate *other = &candidates[j];
        double ahead = policy->rule.direction == BEST_LARGEST ? other->value - one->value : one->value - other->value;
        bool before = strcmp(other->path, one->path) < 0, same = same_run(other, one);
        bool is_better =
            isfinite(other->value) &&
            (ahead > 0 || (ahead == 0 && (other->epoch < one->epoch || (other->epoch == one->epoch && before))));
        later += same && (other->epoch > one->epoch || (other->epoch == one->epoch && before));
        better += same && is_better;
        better_of_all += is_better;
    }
    if (later < policy->last)
        keep |= KEEP_LAST;
    if (later == 0)
        keep |= KEEP_NEWEST;
    if (isfinite(one->value) && ((better == 0 && !policy->best_of_all) || better < policy->best))
        keep |= KEEP_BEST;
    if (isfinite(one->value) && better_of_all < policy->best_of_all)
        keep |= KEEP_BEST_OF_ALL;
    if (policy->every && one->epoch % policy->every == 0)
        keep |= KEEP_EVERY;
    if (one->pinned)
        keep |= KEEP_PINNED;
    if (one->parent)
        keep |= KEEP_PARENT;
    return keep;
}

static void random_sets_are_judged_as_the_page_says(void)
{
    struct candidate candidates[MOST_CANDIDATES];
    unsigned keep[MOST_CANDIDATES];
    uint64_t generator = 2;
    bool same = true;

    for (size_t round = 0; round < 50000 && same; round++) {
        size_t n = random_candidates(&generator, candidates);
        char paths[MOST_CANDIDATES][4];
        struct retention_policy policy = {
            .last = below(&generator, 4),
            .best = below(&generator, 4),
            .best_of_all = below(&generator, 4),
            .every = below(&generator, 4),
            .rule = { "key", below(&generator, 2) ? BEST_SMALLEST : BEST_LARGEST },
        };
        for (size_t i = 0; i < n; i++) { /* of up to three runs */
            memcpy(paths[i], (char[]){ (char)('0' + below(&generator, 3)), '/', candidates[i].path[0], '\0' }, 4);
            candidates[i].path = paths[i];
        }
        retention_decide(&policy, candidates, n, keep);
        for (size_t i = 0; i < n; i++)
            same = same && CHECK_EQUAL(keep[i], model(&policy, candidates, n, i));
    }
}

int main(void)
{
    TEST(a_policy_that_asks_for_nothing_is_empty);
    TEST(the_newest_and_the_best_always_stay);
    TEST(parts_of_a_policy_are_a_union);
    TEST(pinned_ones_and_parents_of_partials_stay);
    TEST(reasons_are_told_in_words);
    TEST(across_runs_the_documented_policies_of_determined_hold);
    TEST(a_run_whose_best_is_unknown_is_a_doubt);
    TEST(random_sets_are_judged_as_the_page_says);
    return unit_finish();
}
