/* Which checkpoint is best. */
#include "unit.h"

#include "candidates.h"
#include "policy/best.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static void a_name_says_its_direction(void)
{
    CHECK_EQUAL(best_direction_of("valid.loss"), BEST_SMALLEST);
    CHECK_EQUAL(best_direction_of("loss"), BEST_SMALLEST);
    CHECK_EQUAL(best_direction_of("valid.accuracy"), BEST_LARGEST);
    CHECK_EQUAL(best_direction_of("valid.accuracy.low"), BEST_BY_NAME);
    CHECK_EQUAL(best_direction_of("epoch"), BEST_BY_NAME);
    CHECK_EQUAL(best_direction_of(""), BEST_BY_NAME);
}

static void a_direction_that_is_given_stands_over_the_name(void)
{
    struct best_rule rule = { "valid.loss", BEST_LARGEST }, unknown = { "epoch", BEST_BY_NAME };

    CHECK(best_rule_complete(&rule) && rule.direction == BEST_LARGEST);
    CHECK(!best_rule_complete(&unknown));
    unknown.direction = BEST_SMALLEST;
    CHECK(best_rule_complete(&unknown) && unknown.direction == BEST_SMALLEST);
}

static const char *order_of(const struct candidate *candidates, size_t n, enum best_direction direction)
{
    static char text[MOST_CANDIDATES + 1];
    const struct candidate *order[MOST_CANDIDATES];
    struct best_rule rule = { "key", direction };
    size_t finite = best_order(candidates, n, &rule, order);

    for (size_t i = 0; i < finite; i++)
        text[i] = order[i]->path[0];
    text[finite] = '\0';
    return text;
}

static void one_direction_is_given_at_most(void)
{
    struct best_rule rule = { "test.f1", BEST_BY_NAME };

    CHECK(best_rule_direct(&rule, BEST_SMALLEST));
    CHECK(best_rule_direct(&rule, BEST_SMALLEST));
    CHECK(!best_rule_direct(&rule, BEST_LARGEST));
}

static void what_is_not_finite_is_never_best(void)
{
    struct candidate candidates[] = {
        { .path = "a", .value = NAN },
        { .path = "b", .value = INFINITY },
        { .path = "c", .value = 3 },
        { .path = "d", .value = -INFINITY },
    };

    CHECK_TEXT(order_of(candidates, 4, BEST_SMALLEST), "c");
    CHECK_TEXT(order_of(candidates, 4, BEST_LARGEST), "c");
    CHECK_TEXT(order_of(candidates, 2, BEST_LARGEST), "");
    CHECK_TEXT(order_of(candidates, 0, BEST_LARGEST), "");
}

static void ties_go_to_the_earlier_epoch_then_to_the_path(void)
{
    struct candidate candidates[] = {
        { .path = "c", .epoch = 10, .value = 1 },
        { .path = "b", .epoch = 9, .value = 1 },
        { .path = "a", .epoch = 10, .value = 1 },
        { .path = "d", .epoch = 11, .value = 2 },
    };

    CHECK_TEXT(order_of(candidates, 4, BEST_LARGEST), "dbac");
    CHECK_TEXT(order_of(candidates, 4, BEST_SMALLEST), "bacd");
}

/* The words of ckpt-best(1), pair by pair. */
static bool is_better(const struct candidate *a, const struct candidate *b, enum best_direction direction)
{
    if (direction == BEST_SMALLEST && a->value != b->value)
        return a->value < b->value;
    if (direction == BEST_LARGEST && a->value != b->value)
        return a->value > b->value;
    if (a->epoch != b->epoch)
        return a->epoch < b->epoch;
    return strcmp(a->path, b->path) < 0;
}

static void random_sets_are_ordered_as_pairwise_comparison_says(void)
{
    struct candidate candidates[MOST_CANDIDATES];
    uint64_t generator = 1;

    for (size_t round = 0; round < 20000; round++) {
        size_t n = random_candidates(&generator, candidates), finite = 0;
        enum best_direction direction = below(&generator, 2) ? BEST_SMALLEST : BEST_LARGEST;
        char expected[MOST_CANDIDATES + 1] = "";
        for (size_t i = 0; i < n; i++) {
            size_t better = 0;
            if (!isfinite(candidates[i].value))
                continue;
            for (size_t j = 0; j < n; j++)
                better += isfinite(candidates[j].value) && is_better(&candidates[j], &candidates[i], direction);
            expected[better] = candidates[i].path[0];
            finite++;
        }
        expected[finite] = '\0';
        if (!CHECK_TEXT(order_of(candidates, n, direction), expected))
            break;
    }
}

int main(void)
{
    TEST(a_name_says_its_direction);
    TEST(a_direction_that_is_given_stands_over_the_name);
    TEST(one_direction_is_given_at_most);
    TEST(what_is_not_finite_is_never_best);
    TEST(ties_go_to_the_earlier_epoch_then_to_the_path);
    TEST(random_sets_are_ordered_as_pairwise_comparison_says);
    return unit_finish();
}
