#include "engine/ref/network.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

static size_t chunks_of(size_t count)
{
    return (count + CHUNK - 1) / CHUNK;
}

static size_t tree_levels(size_t n)
{
    size_t levels = 1;

    for (; n > 1; n = tree_split(n))
        levels++;
    return levels;
}

/* A conv's weight and bias, which stand behind one another. */
static size_t conv_size(const struct plan *plan, const struct layer *layer)
{
    return plan->tensors[layer->weight].count + plan->tensors[layer->bias].count;
}

struct network *network_new(const struct plan *plan)
{
    struct network *network = memory_new(1, sizeof *network);
    size_t moments = optimizer_moments(&plan->optimizer), most = 0;

    network->plan = plan;
    network->parameters = memory_new(plan->parameter_count, sizeof(real));
    network->gradients = memory_new(plan->parameter_count, sizeof(real));
    for (size_t i = 0; i < moments; i++)
        network->moments[i] = memory_new(plan->parameter_count, sizeof(real));
    network->values = memory_new(plan->layer_count + 1, sizeof *network->values);
    network->slopes = memory_new(plan->layer_count + 1, sizeof *network->slopes);
    network->winners = memory_new(plan->layer_count, sizeof *network->winners);
    for (size_t i = 0; i <= plan->layer_count; i++) {
        size_t size = shape_size(i ? plan->layers[i - 1].out : plan->input);
        network->values[i] = memory_new(plan->batch * size, sizeof(real));
        network->slopes[i] = memory_new(plan->batch * size, sizeof(real));
        if (i && plan->layers[i - 1].kind == LAYER_MAXPOOL)
            network->winners[i - 1] = memory_new(plan->batch * size, sizeof(uint32_t));
        if (i && plan->layers[i - 1].kind == LAYER_CONV && conv_size(plan, &plan->layers[i - 1]) > most)
            most = conv_size(plan, &plan->layers[i - 1]);
    }
    network->sums = memory_new(tree_levels(chunks_of(plan->batch)) * most, sizeof(real));
    network->losses = memory_new(plan->batch, sizeof(real));
    return network;
}

void network_free(struct network *network)
{
    for (size_t i = 0; i <= network->plan->layer_count; i++) {
        free(network->values[i]);
        free(network->slopes[i]);
        if (i)
            free(network->winners[i - 1]);
    }
    for (size_t i = 0; i < OPTIMIZER_MOMENTS; i++)
        free(network->moments[i]);
    free(network->values);
    free(network->slopes);
    free(network->winners);
    free(network->parameters);
    free(network->gradients);
    free(network->sums);
    free(network->losses);
    free(network);
}

/* Dropout of all samples, forward or backward; none in evaluation. */
static void drop(const struct layer *layer, const struct network_batch *batch, const real *x, real *y)
{
    size_t size = shape_size(layer->out);

    if (!batch->training || layer->rate == 0) {
        memcpy(y, x, batch->count * size * sizeof *y);
        return;
    }
    for (size_t i = 0; i < batch->count; i++)
        dropout(layer, batch->seed, batch->epoch, batch->samples[i], x + i * size, y + i * size);
}

void network_forward(struct network *network, const struct network_batch *batch)
{
    const struct plan *plan = network->plan;

    for (size_t i = 0; i < plan->layer_count; i++) {
        const struct layer *layer = &plan->layers[i];
        const real *x = network->values[i];
        real *y = network->values[i + 1];
        switch (layer->kind) {
        case LAYER_CONV:
            conv_forward(layer, batch->count, x, network->parameters + plan->tensors[layer->weight].offset,
                         network->parameters + plan->tensors[layer->bias].offset, y);
            break;
        case LAYER_DENSE:
            dense_forward(layer, batch->count, x, network->parameters + plan->tensors[layer->weight].offset,
                          network->parameters + plan->tensors[layer->bias].offset, y);
            break;
        case LAYER_RELU:
            relu_forward(batch->count * shape_size(layer->out), x, y);
            break;
        case LAYER_MAXPOOL:
            maxpool_forward(layer, batch->count, x, y, network->winners[i]);
            break;
        case LAYER_DROPOUT:
            drop(layer, batch, x, y);
            break;
        }
    }
}

real network_loss(struct network *network, const struct network_batch *batch, const uint16_t *labels)
{
    const size_t classes = network->plan->classes;
    const real *logits = network_logits(network);
    real *gradient = network->slopes[network->plan->layer_count];

    for (size_t i = 0; i < batch->count; i++)
        network->losses[i] = cross_entropy(logits + i * classes, classes, labels[i], batch->count,
                                           batch->training ? gradient + i * classes : NULL);
    return tree_sum(network->losses, batch->count) / (real)batch->count;
}

/* A conv's gradient over `n` chunks from chunk `first`, added in the tree. sum: its weight and bias, which stand behind
   one another (`size` floats in all); `room` holds as much for each level below. */
static void conv_backward_chunks(const struct layer *layer, size_t count, size_t first, size_t n, const real *x,
                                 const real *dy, real *sum, size_t size, real *room)
{
    if (n == 1) {
        size_t sample = first * CHUNK, left = count - sample;
        real *dbias = sum + size - layer->out.channels;
        conv_backward_parameters(layer, left < CHUNK ? left : CHUNK, x + sample * shape_size(layer->in),
                                 dy + sample * shape_size(layer->out), sum, dbias);
    } else {
        size_t split = tree_split(n);
        conv_backward_chunks(layer, count, first, split, x, dy, sum, size, room);
        conv_backward_chunks(layer, count, first + split, n - split, x, dy, room, size, room + size);
        for (size_t i = 0; i < size; i++)
            sum[i] += room[i];
    }
}

static void backward_layer(struct network *network, const struct network_batch *batch, size_t i)
{
    const struct plan *plan = network->plan;
    const struct layer *layer = &plan->layers[i];
    const struct plan_tensor *weight = &plan->tensors[layer->weight], *bias = &plan->tensors[layer->bias];
    const real *x = network->values[i], *dy = network->slopes[i + 1];
    real *dx = network->slopes[i];
    bool wanted = i > 0; /* nobody asks for the gradient of the picture */

    switch (layer->kind) {
    case LAYER_CONV:
        conv_backward_chunks(layer, batch->count, 0, chunks_of(batch->count), x, dy,
                             network->gradients + weight->offset, conv_size(plan, layer), network->sums);
        if (wanted)
            conv_backward_input(layer, batch->count, network->parameters + weight->offset, dy, dx);
        break;
    case LAYER_DENSE:
        dense_backward_parameters(layer, batch->count, x, dy, network->gradients + weight->offset,
                                  network->gradients + bias->offset);
        if (wanted)
            dense_backward_input(layer, batch->count, network->parameters + weight->offset, dy, dx);
        break;
    case LAYER_RELU:
        relu_backward(batch->count * shape_size(layer->out), network->values[i + 1], dy, dx);
        break;
    case LAYER_MAXPOOL:
        maxpool_backward(layer, batch->count, network->winners[i], dy, dx);
        break;
    case LAYER_DROPOUT:
        drop(layer, batch, dy, dx);
        break;
    }
}

void network_backward(struct network *network, const struct network_batch *batch)
{
    for (size_t i = network->plan->layer_count; i-- > 0;)
        backward_layer(network, batch, i);
}

void network_update(struct network *network, const struct optimizer_scalars *scalars)
{
    update(&network->plan->optimizer, scalars, network->plan->parameter_count, network->gradients, network->parameters,
           network->moments[0], network->moments[1]);
}

const real *network_logits(const struct network *network)
{
    return network->values[network->plan->layer_count];
}
