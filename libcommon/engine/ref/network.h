/*
 * A whole network of the reference: forward, backward and update over a plan.
 *
 *     struct network *network = network_new(plan);
 *     ... network->parameters, network->values[0] (B, H, W, C) ...
 *     network_forward(network, &batch);
 *     network_loss(network, &batch, labels);
 *     network_backward(network, &batch);
 *     network_update(network, &scalars);
 *     network_free(network);
 */
#ifndef ENGINE_REF_NETWORK_H
#define ENGINE_REF_NETWORK_H

#include "engine/ref/layers.h"

#include <stdbool.h>

struct network {
    const struct plan *plan;
    real *parameters; /* (weight_count), in file order: behind the parameters stand the running statistics */
    real *gradients, *moments[OPTIMIZER_MOMENTS], *ema; /* (parameter_count), likewise; NULL where the plan has none */
    real **values;      /* layer_count + 1: the input, and each layer's output; (batch, shape_size) */
    real **slopes;      /* the gradients of the loss with respect to them, likewise */
    bool *reached;      /* layer_count + 1: does that gradient hold something yet? */
    uint32_t **winners; /* maxpool: like its output; else NULL */
    real **measures;    /* batchnorm: (2, channels): mean and inverse deviation of the last batch; else NULL */
    real *sums;         /* a conv's or batchnorm's gradient, and as much for each level of its tree of chunks */
    real *scratch;      /* one value: the gradient that is added to another */
    double *squares;    /* for clip() */
    real *losses;       /* (batch) */
};

struct network_batch {
    size_t count; /* at most plan->batch */
    bool training;
    const uint32_t *samples; /* (count): positions in the set */
    uint64_t seed;           /* training only, as the epoch */
    uint32_t epoch;
};

struct network *network_new(const struct plan *plan);
void network_free(struct network *network);

/* values[1 ..] from values[0] and the parameters. */
void network_forward(struct network *network, const struct network_batch *batch);

/* losses, and with batch->training the last slope. labels: (count). Returns the batch's mean loss. */
real network_loss(struct network *network, const struct network_batch *batch, const uint16_t *labels);

/* gradients from the last slope. */
void network_backward(struct network *network, const struct network_batch *batch);

void network_update(struct network *network, const struct optimizer_scalars *scalars);

/* The logits (count, classes) of the last forward pass. */
const real *network_logits(const struct network *network);

#endif
