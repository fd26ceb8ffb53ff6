/*
 * Which checkpoints stay: a pure function of a policy and what is known of them, with its reasons.
 *
 *     unsigned *keep = memory_new(n, sizeof *keep);
 *     retention_decide(&policy, candidates, n, keep);
 *     for (size_t i = 0; i < n; i++)
 *         if (!keep[i])
 *             ... candidates[i] may go ...
 *
 * A policy's parts are a union: what one of them keeps stays. The newest and the best stay under every policy, and so
 * do those that are pinned and those from which an unfinished epoch goes on. Idea: restic's `forget`.
 */
#ifndef POLICY_RETENTION_H
#define POLICY_RETENTION_H

#include "base/text.h"
#include "policy/best.h"
#include "policy/metrics.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Why a checkpoint stays; 0 is: it may go. */
enum {
    KEEP_LAST = 1,    /* one of the last `last` */
    KEEP_BEST = 2,    /* one of the best `best`, or the best */
    KEEP_EVERY = 4,   /* its epoch is a multiple of `every` */
    KEEP_PINNED = 8,  /* its owner wants it */
    KEEP_PARENT = 16, /* an unfinished epoch goes on from it */
    KEEP_NEWEST = 32, /* of the latest epoch */
};

/* 0 where a part is not asked for. */
struct retention_policy {
    size_t last, best;
    uint64_t every;
    struct best_rule rule; /* its direction is known */
};

/* Does the policy ask for nothing? Then it would remove all but what always stays, which is nobody's intention. */
bool retention_is_empty(const struct retention_policy *policy);

/* Decide what stays: keep[i] is the set of reasons for candidates[i]. The candidates have different digests; of those
   of one epoch the one that candidate_compare() puts first counts as the later. Their order does not matter. */
void retention_decide(const struct retention_policy *policy, const struct candidate *candidates, size_t n,
                      unsigned *keep);

/* Add the reasons in words to `text`: "last,best"; of one that may go, "not kept by" and the policy as options. */
void retention_explain(const struct retention_policy *policy, unsigned keep, struct text *text);

#endif
