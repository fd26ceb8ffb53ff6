#include "policy/best.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static bool ends_in(const char *key, const char *word)
{
    size_t n = strlen(key), length = strlen(word);

    return n >= length && strcmp(key + n - length, word) == 0;
}

enum best_direction best_direction_of(const char *key)
{
    return ends_in(key, "loss") ? BEST_SMALLEST : ends_in(key, "accuracy") ? BEST_LARGEST : BEST_BY_NAME;
}

bool best_rule_direct(struct best_rule *rule, enum best_direction direction)
{
    bool same = rule->direction == BEST_BY_NAME || rule->direction == direction;

    rule->direction = direction;
    return same;
}

bool best_rule_complete(struct best_rule *rule)
{
    if (rule->direction == BEST_BY_NAME)
        rule->direction = best_direction_of(rule->key);
    return rule->direction != BEST_BY_NAME;
}

static int smallest_first(const void *left, const void *right)
{
    const struct candidate *a = *(const struct candidate *const *)left, *b = *(const struct candidate *const *)right;

    return a->value != b->value ? (a->value > b->value) - (a->value < b->value) : candidate_compare(a, b);
}

static int largest_first(const void *left, const void *right)
{
    const struct candidate *a = *(const struct candidate *const *)left, *b = *(const struct candidate *const *)right;

    return a->value != b->value ? (a->value < b->value) - (a->value > b->value) : candidate_compare(a, b);
}

size_t best_sort(const struct candidate **order, size_t n, const struct best_rule *rule)
{
    size_t finite = 0;

    for (size_t i = 0; i < n; i++)
        if (isfinite(order[i]->value))
            order[finite++] = order[i];
    if (finite)
        qsort(order, finite, sizeof *order, rule->direction == BEST_SMALLEST ? smallest_first : largest_first);
    return finite;
}

size_t best_order(const struct candidate *candidates, size_t n, const struct best_rule *rule,
                  const struct candidate **order)
{
    for (size_t i = 0; i < n; i++)
        order[i] = &candidates[i];
    return best_sort(order, n, rule);
}
