/*
 * Batch normalization folded into the layers before it.
 *
 *     struct folded folded;
 *     if (fold(model, plan, weights, path, &folded, &error))
 *         die_error(&error);
 *     ... folded.plan, folded.weights ...                          // a network of its own
 *     folded_free(&folded);
 *
 * What evaluation makes of y = weight x + bias, scale (y - mean) + shift, is again a product and a sum:
 * (scale weight) x + scale (bias - mean) + shift, where scale is the batchnorm's weight by its deviation (Jacob et al.,
 * "Quantization and training of neural networks for efficient integer-arithmetic-only inference", CVPR 2018, section
 * 3.2). The sums are rounded elsewhere, so that results are near those of the network, not equal.
 *
 * A batchnorm is folded that directly follows a conv or dense layer whose values no other layer reads; others stay.
 */
#ifndef RELEASE_FOLD_H
#define RELEASE_FOLD_H

#include "base/error.h"
#include "format/model.h"
#include "net/plan.h"

#include <stddef.h>

struct folded {
    struct model *model; /* without the batchnorms, with biases where they were */
    struct plan *plan;
    float *weights; /* as in a checkpoint of this plan */
    size_t count;   /* of batchnorms that were folded; 0: a network like the first */
};

/* 65: a weight or bias would not be finite. `path` is for the message. */
enum status fold(const struct model *model, const struct plan *plan, const float *weights, const char *path,
                 struct folded *folded, struct error *error);
void folded_free(struct folded *folded);

#endif
