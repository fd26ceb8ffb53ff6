/*
 * Which checkpoint is best: a pure function of what records say.
 *
 *     struct best_rule rule = { .key = "valid.loss" };
 *     if (!best_rule_complete(&rule))
 *         program_usage("-k %s: ...", rule.key);      // its name does not say which end is best
 *     n = best_order(candidates, count, &rule, order);
 *     ... order[0] is the best, if n > 0 ...
 */
#ifndef POLICY_BEST_H
#define POLICY_BEST_H

#include "policy/metrics.h"

#include <stdbool.h>
#include <stddef.h>

#define BEST_KEY "valid.accuracy" /* the key that programs choose by unless told */

enum best_direction { BEST_BY_NAME, BEST_SMALLEST, BEST_LARGEST };

struct best_rule {
    const char *key;
    enum best_direction direction;
};

/* The direction that a key's name tells: of one that ends in "loss" the smallest is best, in "accuracy" the largest;
   of others BEST_BY_NAME, which is none. */
enum best_direction best_direction_of(const char *key);

/* Set the direction; false if another was set before. */
bool best_rule_direct(struct best_rule *rule, enum best_direction direction);

/* Replace BEST_BY_NAME by the direction that the key's name tells; false if it tells none. */
bool best_rule_complete(struct best_rule *rule);

/* Put those of the `n` candidates whose value is finite into `order` (room for n), best first, and return how many they
   are. Of equal values the one that candidate_compare() puts first is better. */
size_t best_order(const struct candidate *candidates, size_t n, const struct best_rule *rule,
                  const struct candidate **order);

/* The same of the `n` that `order` points to already. */
size_t best_sort(const struct candidate **order, size_t n, const struct best_rule *rule);

#endif
