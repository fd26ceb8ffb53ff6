/*
 * What the reference makes of a model in its first steps, for comparison with PyTorch: everything that both can be
 * asked for, as named tensors.
 *
 *     struct steps *steps = steps_train("net.model");
 *     const float *logits = steps_find(steps, 3, "logits", &count);
 *     steps_free(steps);
 *
 * No data set is needed: pictures and labels are drawn, enough for STEPS_BATCHES batches an epoch, of which the last is
 * smaller; every epoch has them in the same order. Nothing of a weight's or a statistic's initial value is left at 0 or
 * 1, which would hide what it is multiplied with.
 *
 * The tensors are called "step1.NAME" and so on for the STEPS_KEPT steps. NAME is, in that order,
 *     logits (batch, classes) and loss (1)     of the step's batch, before the update
 *     gradient.conv1.weight...                 of step 1 alone, before clipping
 *     model.* optim.* ema.*                    a checkpoint's tensors, after the update
 *     rates (STEPS)                            the learning rates of all steps, with the last one
 * Before them stand, for who wants to do the same steps, "step0.model.*" and for each batch "batch1.pictures" (batch,
 * rows, columns, channels) and "batch1.labels" (batch).
 */
#ifndef STEPS_H
#define STEPS_H

#include "base/text.h"
#include "format/model.h"
#include "format/safetensors.h"

#include <stdbool.h>

enum { STEPS = 10, STEPS_BATCHES = 3 };

struct steps {
    struct model *model;
    struct safetensors_tensor *tensors;
    size_t count;
    struct text values; /* floats, which the tensors' offsets count */
};

/* Ends the program where the model is none, or has batches of fewer than 4. */
struct steps *steps_train(const char *path);
void steps_free(struct steps *steps);

/* Is what happens in this step kept? In 1, 3 and 10. */
bool steps_keeps(int step);

/* The values of a step's tensor, or NULL. */
const float *steps_find(const struct steps *steps, int step, const char *name, size_t *count);

/* Put all of it into a safetensors file, with the metadata "model" (canonical). Ends the program on error. */
void steps_write(const struct steps *steps, const char *path);

#endif
