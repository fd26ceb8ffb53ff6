/*
 * Evaluation: how well a network does on a data set.
 */
#ifndef TRAIN_EVALUATE_H
#define TRAIN_EVALUATE_H

#include "engine/engine.h"

#include <stddef.h>
#include <stdint.h>

struct evaluation {
    size_t count, correct; /* correct: the largest logit (the first of equals) is that of the label */
    double loss;           /* mean over the samples, added in double in their order */
    double accuracy;       /* correct / count */
    double low, high;      /* 95 % interval of the accuracy (Wilson, "Probable inference", JASA 22, 1927) */
    uint64_t *confusion;   /* (classes, classes): label, predicted; free(3) it */
    size_t classes;
};

/* The probabilities (count, classes) of every sample, added to `sum`: for the mean of an ensemble. May be NULL. */
void evaluate(struct engine *engine, const struct idx_set *set, struct evaluation *evaluation, double *sum);

/* The evaluation of mean probabilities: `sum` over `members` networks. */
void evaluate_ensemble(const struct idx_set *set, size_t classes, const double *sum, size_t members,
                       struct evaluation *evaluation);

#endif
