/*
 * A run in a few words, as its files say it: what a list of a thousand runs has of each. Nothing is proven here, and of
 * checkpoints no more than one header is read; ckpt-verify(1) is who proves.
 *
 *     struct summary summary;
 *     status = summary_read(&summary, "runs/a", &rule);
 *     ... summary.state, summary.epoch, summary.best ...
 *     summary_free(&summary);
 *
 * Whether a run goes on at this moment is told by its lock, which is tried for a moment (base/file.h): that holds for
 * any machine, on a file system that knows locks.
 */
#ifndef REGISTRY_SUMMARY_H
#define REGISTRY_SUMMARY_H

#include "base/digest.h"
#include "base/error.h"
#include "base/text.h"
#include "format/run_conf.h"
#include "policy/best.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum summary_state {
    SUMMARY_RUNNING,
    SUMMARY_PAUSED, /* it is held */
    SUMMARY_FINISHED,
    SUMMARY_STOPPED, /* the same line goes on */
    SUMMARY_FAILED,
    SUMMARY_DAMAGED,    /* a file that is read here is wrong, or missing */
    SUMMARY_UNREADABLE, /* it cannot be told */
    SUMMARY_STATES
};

struct summary {
    const char *path; /* the caller's */
    enum summary_state state;
    struct text reason; /* for people; of the worst of what is wrong */
    enum status status; /* 0, 65, 66, 71, 74 */

    struct run_conf conf;   /* zeros where it cannot be read */
    struct metrics metrics; /* its checkpoints, those that were pruned included: metrics.tsv and the first one */
    uint64_t epoch;         /* measured last */
    bool has_best;
    double best; /* of the rule's key */
    uint64_t best_epoch;

    char parent[DIGEST_SIZE];   /* what its first checkpoint was made from, or "none" */
    const struct summary *from; /* whose checkpoint that is (family.h), or NULL... */
    uint64_t from_epoch;        /* ...and of which epoch */

    uint64_t size;   /* bytes in the directory */
    int64_t changed; /* when one of its files was, in seconds since 1970 */
    struct text tags;
};

/* Returns summary->status. The caller frees it also then. */
enum status summary_read(struct summary *summary, const char *path, const struct best_rule *rule);
void summary_free(struct summary *summary);

/* "running", "paused"... */
const char *summary_word(enum summary_state state);

#endif
