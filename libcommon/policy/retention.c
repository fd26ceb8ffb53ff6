#include "policy/retention.h"

#include "base/memory.h"

#include <stdlib.h>

bool retention_is_empty(const struct retention_policy *policy)
{
    return !policy->last && !policy->best && !policy->every;
}

static int latest_first(const void *left, const void *right)
{
    const struct candidate *a = *(const struct candidate *const *)left, *b = *(const struct candidate *const *)right;

    return a->epoch != b->epoch ? (a->epoch < b->epoch) - (a->epoch > b->epoch) : candidate_compare(a, b);
}

static void keep_latest(const struct retention_policy *policy, const struct candidate *candidates, size_t n,
                        const struct candidate **order, unsigned *keep)
{
    for (size_t i = 0; i < n; i++)
        order[i] = &candidates[i];
    qsort(order, n, sizeof *order, latest_first);
    keep[order[0] - candidates] |= KEEP_NEWEST;
    for (size_t i = 0; i < n && i < policy->last; i++)
        keep[order[i] - candidates] |= KEEP_LAST;
}

static void keep_best(const struct retention_policy *policy, const struct candidate *candidates, size_t n,
                      const struct candidate **order, unsigned *keep)
{
    size_t finite = best_order(candidates, n, &policy->rule, order), most = policy->best ? policy->best : 1;

    for (size_t i = 0; i < finite && i < most; i++)
        keep[order[i] - candidates] |= KEEP_BEST;
}

void retention_decide(const struct retention_policy *policy, const struct candidate *candidates, size_t n,
                      unsigned *keep)
{
    const struct candidate **order = memory_new(n, sizeof *order);

    for (size_t i = 0; i < n; i++)
        keep[i] = (policy->every && candidates[i].epoch % policy->every == 0 ? KEEP_EVERY : 0) |
                  (candidates[i].pinned ? KEEP_PINNED : 0) | (candidates[i].parent ? KEEP_PARENT : 0);
    if (n) {
        keep_latest(policy, candidates, n, order, keep);
        keep_best(policy, candidates, n, order, keep);
    }
    free(order);
}

static void explain_policy(const struct retention_policy *policy, struct text *text)
{
    const struct best_rule *rule = &policy->rule;

    if (policy->last)
        text_format(text, " -l %zu", policy->last);
    if (policy->best)
        text_format(text, " -b %zu", policy->best);
    if (policy->every)
        text_format(text, " -e %llu", (unsigned long long)policy->every);
    text_format(text, " -k %s", rule->key);
    if (rule->direction != best_direction_of(rule->key))
        text_string(text, rule->direction == BEST_SMALLEST ? " --min" : " --max");
}

void retention_explain(const struct retention_policy *policy, unsigned keep, struct text *text)
{
    static const struct {
        unsigned reason;
        const char *name;
    } reasons[] = {
        { KEEP_LAST, "last" },     { KEEP_BEST, "best" },     { KEEP_EVERY, "every" },
        { KEEP_PINNED, "pinned" }, { KEEP_PARENT, "parent" }, { KEEP_NEWEST, "newest" },
    };
    const char *before = "";

    for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++)
        if (keep & reasons[i].reason) {
            text_format(text, "%s%s", before, reasons[i].name);
            before = ",";
        }
    if (!keep) {
        text_string(text, "not kept by");
        explain_policy(policy, text);
    }
}
