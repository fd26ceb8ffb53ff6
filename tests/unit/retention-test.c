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
                            epochs = { .last = 1, .rule = { "epoch", BEST_LARGEST } };

    CHECK_TEXT(explained(&policy, KEEP_NEWEST | KEEP_LAST | KEEP_PINNED), "last,pinned,newest");
    CHECK_TEXT(explained(&policy, KEEP_EVERY | KEEP_BEST | KEEP_PARENT), "best,every,parent");
    CHECK_TEXT(explained(&policy, 0), "not kept by -l 1 -b 2 -e 3 -k valid.accuracy");
    CHECK_TEXT(explained(&epochs, 0), "not kept by -l 1 -k epoch --max");
}

/* The reasons for candidates[i], from the words of ckpt-prune(1): by counting who comes before it. */
static unsigned model(const struct retention_policy *policy, const struct candidate *candidates, size_t n, size_t i)
{
    const struct candidate *one = &candidates[i];
    size_t later = 0, better = 0;
    unsigned keep = 0;

    for (size_t j = 0; j < n; j++) {
        const struct candidate *other = &candidates[j];
        double ahead = policy->rule.direction == BEST_LARGEST ? other->value - one->value : one->value - other->value;
        bool before = strcmp(other->path, one->path) < 0;
        later += other->epoch > one->epoch || (other->epoch == one->epoch && before);
        better += isfinite(other->value) &&
                  (ahead > 0 || (ahead == 0 && (other->epoch < one->epoch || (other->epoch == one->epoch && before))));
    }
    if (later < policy->last)
        keep |= KEEP_LAST;
    if (later == 0)
        keep |= KEEP_NEWEST;
    if (isfinite(one->value) && (better == 0 || better < policy->best))
        keep |= KEEP_BEST;
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
        struct retention_policy policy = {
            .last = below(&generator, 4),
            .best = below(&generator, 4),
            .every = below(&generator, 4),
            .rule = { "key", below(&generator, 2) ? BEST_SMALLEST : BEST_LARGEST },
        };
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
    TEST(random_sets_are_judged_as_the_page_says);
    return unit_finish();
}
