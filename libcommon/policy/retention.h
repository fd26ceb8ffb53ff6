/*
 * Which checkpoints stay: a pure function of a policy and what is known of them, with its reasons.
 *
 *     unsigned *keep = memory_new(n, sizeof *keep);
 *     retention_decide(&policy, candidates, n, keep);
 *     if (retention_doubt(&policy, candidates, n, keep))
 *         ... which is best is unknown: nothing may go ...
 *     for (size_t i = 0; i < n; i++)
 *         if (!keep[i])
 *             ... candidates[i] may go ...
 *
 * A policy's parts are a union: what one of them keeps stays. Candidates whose paths are in one directory are of one
 * run, and the parts are about each run, but for `best_of_all`, which is about all of them together. The newest of each
 * run and its best, or with `best_of_all` the best of all, stay under every policy, and so do those that are pinned and
 * those from which an unfinished epoch goes on. Ideas: restic's `forget`; across runs Determined's
 * save_experiment_best, save_trial_best and save_trial_latest ("Checkpoint Garbage Collection" in its reference of
 * experiment configurations), which are best_of_all, best and last here.
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
    KEEP_LAST = 1,         /* one of the last `last` of its run */
    KEEP_BEST = 2,         /* one of the best `best` of its run, or the best of it */
    KEEP_EVERY = 4,        /* its epoch is a multiple of `every` */
    KEEP_PINNED = 8,       /* its owner wants it */
    KEEP_PARENT = 16,      /* an unfinished epoch goes on from it */
    KEEP_NEWEST = 32,      /* of the latest epoch of its run */
    KEEP_BEST_OF_ALL = 64, /* one of the best `best_of_all` of all runs */
};

/* 0 where a part is not asked for. */
struct retention_policy {
    size_t last, best, best_of_all;
    uint64_t every;
    struct best_rule rule; /* its direction is known */
};

/* Does the policy ask for nothing? Then it would remove all but what always stays, which is nobody's intention. */
bool retention_is_empty(const struct retention_policy *policy);

/* Decide what stays: keep[i] is the set of reasons for candidates[i]. Those of a run have different digests; of those
   of one epoch the one that candidate_compare() puts first counts as the later. Their order does not matter. */
void retention_decide(const struct retention_policy *policy, const struct candidate *candidates, size_t n,
                      unsigned *keep);

/* One that may go by what retention_decide() says, though it might be the best for all that is known, or NULL: no value
   of its run is finite. With `best_of_all` a run whose values are on record and not finite has no best, and that is no
   doubt as long as another run has one. */
const struct candidate *retention_doubt(const struct retention_policy *policy, const struct candidate *candidates,
                                        size_t n, const unsigned *keep);

/* Add the reasons in words to `text`: "last,best"; of one that may go, "not kept by" and the policy as options. */
void retention_explain(const struct retention_policy *policy, unsigned keep, struct text *text);

#endif
