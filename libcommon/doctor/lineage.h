/*
 * The chain of a directory as people read it: the checkpoints that are there and those that were, in one order.
 *
 *     struct lineage lineage = lineage_make(&findings, &tombstones);
 *     for (size_t i = 0; i < lineage.n; i++)
 *         ... lineage.at[i].finding, or lineage.at[i].tombstone ...
 *     lineage_free(&lineage);
 *
 * That is the order of the findings; a tombstone comes before the first checkpoint of a later epoch. Of a checkpoint
 * that is still there, ckpt-prune having been interrupted, the finding is enough.
 */
#ifndef DOCTOR_LINEAGE_H
#define DOCTOR_LINEAGE_H

#include "doctor/finding.h"
#include "format/tombstones.h"

#include <stddef.h>

/* One of the two is NULL. */
struct ancestor {
    const struct finding *finding;
    const struct tombstone *tombstone;
};

struct lineage {
    struct ancestor *at; /* (n) */
    size_t n;
};

/* It lives no longer than what it is made of. */
struct lineage lineage_make(const struct findings *findings, const struct tombstones *tombstones);
void lineage_free(struct lineage *lineage);

#endif
