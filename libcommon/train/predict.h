/*
 * Predictions: the logits of samples, and what follows from those of one.
 *
 *     struct predictions predictions = predictions_new(plan);
 *     for (size_t first = 0; first < set->count; first += predictions.count) {
 *         predict(engine, first, set->count, &predictions);
 *         for (size_t i = 0; i < predictions.count; i++) {
 *             const float *logits = predictions.logits + i * plan->classes;
 *             ... predict_class(logits, plan->classes) ...
 *         }
 *     }
 *     predictions_free(&predictions);
 *
 * Those of a sample depend on no other sample: not on what is computed beside it.
 */
#ifndef TRAIN_PREDICT_H
#define TRAIN_PREDICT_H

#include "engine/engine.h"

#include <stddef.h>
#include <stdint.h>

/* What is known of `count` samples that follow each other in their set. */
struct predictions {
    size_t count, room;
    float *logits;     /* (room, classes) */
    float *losses;     /* (room) */
    uint32_t *samples; /* (room): their positions */
};

/* Room for so many samples that engines have enough to do, and memory for that is there. */
struct predictions predictions_new(const struct plan *plan);
void predictions_free(struct predictions *predictions);

/* Predict the samples of the engine's data from `first`, up to `end` (without it) or as many as there is room for. */
void predict(struct engine *engine, size_t first, size_t end, struct predictions *predictions);

/* The class of the largest logit, of equals the first. */
size_t predict_class(const float *logits, size_t classes);

/* Put the classes into `ranked`, (classes), largest logit first, of equals the first one first. */
void predict_rank(const float *logits, size_t classes, size_t *ranked);

/* The softmax of the logits, into `probabilities`, (classes): base/math.h's e^x of the distance to the largest, each in
   float, then summed and divided in double. */
void predict_probabilities(const float *logits, size_t classes, double *probabilities);

#endif
