#include "policy/retention.h"

#include "base/file.h"
#include "base/memory.h"
#include "base/size.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

bool retention_is_empty(const struct retention_policy *policy)
{
    return !policy->last && !policy->best && !policy->best_of_all && !policy->every;
}

/* Are two of one run? As strcmp() says it: by the part of their paths that is the directory. */
static int compare_runs(const struct candidate *a, const struct candidate *b)
{
    size_t one = (size_t)(path_base(a->path) - a->path), other = (size_t)(path_base(b->path) - b->path);
    int same = memcmp(a->path, b->path, size_smaller(one, other));

    return same ? same : (one > other) - (one < other);
}

static int by_run_latest_first(const void *left, const void *right)
{
    const struct candidate *a = *(const struct candidate *const *)left, *b = *(const struct candidate *const *)right;
    int runs = compare_runs(a, b);

    if (runs)
        return runs;
    return a->epoch != b->epoch ? (a->epoch < b->epoch) - (a->epoch > b->epoch) : candidate_compare(a, b);
}

/* The candidates run by run, the latest of each first. */
static const struct candidate **sort_runs(const struct candidate *candidates, size_t n)
{
    const struct candidate **order = memory_new(n, sizeof *order);

    for (size_t i = 0; i < n; i++)
        order[i] = &candidates[i];
    if (n)
        qsort(order, n, sizeof *order, by_run_latest_first);
    return order;
}

/* How many of the n in order are of the first one's run. */
static size_t run_length(const struct candidate *const *order, size_t n)
{
    size_t length = 1;

    while (length < n && compare_runs(order[0], order[length]) == 0)
        length++;
    return length;
}

static void keep_first(const struct candidate *candidates, const struct candidate *const *order, size_t n,
                       unsigned reason, unsigned *keep)
{
    for (size_t i = 0; i < n; i++)
        keep[order[i] - candidates] |= reason;
}

/* What stays of one run, whose n candidates `order` has, the latest first. */
static void keep_of_run(const struct retention_policy *policy, const struct candidate *candidates,
                        const struct candidate **order, size_t n, unsigned *keep)
{
    size_t best = policy->best || policy->best_of_all ? policy->best : 1, finite;

    keep_first(candidates, order, 1, KEEP_NEWEST, keep);
    keep_first(candidates, order, size_smaller(n, policy->last), KEEP_LAST, keep);
    finite = best_sort(order, n, &policy->rule);
    keep_first(candidates, order, size_smaller(finite, best), KEEP_BEST, keep);
}

void retention_decide(const struct retention_policy *policy, const struct candidate *candidates, size_t n,
                      unsigned *keep)
{
    const struct candidate **order = sort_runs(candidates, n);
    size_t finite;

    for (size_t i = 0; i < n; i++)
        keep[i] = (policy->every && candidates[i].epoch % policy->every == 0 ? KEEP_EVERY : 0) |
                  (candidates[i].pinned ? KEEP_PINNED : 0) | (candidates[i].parent ? KEEP_PARENT : 0);
    for (size_t first = 0, length; first < n; first += length) {
        length = run_length(order + first, n - first);
        keep_of_run(policy, candidates, order + first, length, keep);
    }
    finite = best_order(candidates, n, &policy->rule, order);
    keep_first(candidates, order, size_smaller(finite, policy->best_of_all), KEEP_BEST_OF_ALL, keep);
    free(order);
}

/* One of the run's candidates that may go, if its values leave open which is best. */
static const struct candidate *doubt_of_run(bool recorded_is_enough, const struct candidate *candidates,
                                            const struct candidate *const *order, size_t n, const unsigned *keep)
{
    const struct candidate *going = NULL;

    for (size_t i = 0; i < n; i++) {
        if (isfinite(order[i]->value) || (recorded_is_enough && order[i]->recorded))
            return NULL;
        if (!keep[order[i] - candidates])
            going = order[i];
    }
    return going;
}

const struct candidate *retention_doubt(const struct retention_policy *policy, const struct candidate *candidates,
                                        size_t n, const unsigned *keep)
{
    const struct candidate **order = sort_runs(candidates, n), *doubt = NULL;
    bool known = false;

    for (size_t i = 0; i < n; i++)
        known |= isfinite(candidates[i].value);
    for (size_t first = 0, length; first < n && !doubt; first += length) {
        length = run_length(order + first, n - first);
        doubt = doubt_of_run(policy->best_of_all && known, candidates, order + first, length, keep);
    }
    free(order);
    return doubt;
}

static void explain_policy(const struct retention_policy *policy, struct text *text)
{
    const struct best_rule *rule = &policy->rule;

    if (policy->last)
        text_format(text, " -l %zu", policy->last);
    if (policy->best)
        text_format(text, " -b %zu", policy->best);
    if (policy->best_of_all)
        text_format(text, " --best-of-all %zu", policy->best_of_all);
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
        { KEEP_LAST, "last" },     { KEEP_BEST, "best" },     { KEEP_BEST_OF_ALL, "best-of-all" },
        { KEEP_EVERY, "every" },   { KEEP_PINNED, "pinned" }, { KEEP_PARENT, "parent" },
        { KEEP_NEWEST, "newest" },
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
