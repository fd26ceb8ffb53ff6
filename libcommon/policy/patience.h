/*
 * Early stopping: a run ends with the first epoch that comes so many after the best of those up to it.
 *
 *     struct patience patience = { .limit = 5 };
 *     for each epoch with a validation accuracy, in their order:
 *         if (patience_ends(&patience, epoch, accuracy))
 *             ... it was the last ...
 */
#ifndef POLICY_PATIENCE_H
#define POLICY_PATIENCE_H

#include <stdbool.h>
#include <stdint.h>

struct patience {
    uint64_t limit;      /* so many epochs; 0: no end */
    bool begun;          /* the rest is for patience.c: is there a best? */
    uint64_t best_epoch; /* the first that has... */
    double best;         /* ...this accuracy */
};

bool patience_ends(struct patience *patience, uint64_t epoch, double accuracy);

#endif
