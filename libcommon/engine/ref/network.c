#include "engine/ref/network.h"

#include "base/memory.h"
#include "base/size.h"

#include <stdlib.h>
#include <string.h>

/* What a layer adds up by chunks, or 0: a conv's weight and its bias, which stand behind one another; a batchnorm's
 * two.
 */
static size_t sums_size(const struct plan *plan, const struct layer *layer)
{
    if (layer->kind == LAYER_CONV)
        return layer_parameters(plan, layer);
    return layer->kind == LAYER_BATCHNORM ? 2 * layer->in.channels : 0;
}

static real *reals(size_t n)
{
    return memory_new(n, sizeof(real));
}

static void new_layers(struct network *network)
{
    const struct plan *plan = network->plan;
    size_t sums = 0, largest_value = 0;

    network->values = memory_new(plan->layer_count + 1, sizeof *network->values);
    network->slopes = memory_new(plan->layer_count + 1, sizeof *network->slopes);
    network->reached = memory_new(plan->layer_count + 1, sizeof *network->reached);
    network->winners = memory_new(plan->layer_count, sizeof *network->winners);
    network->measures = memory_new(plan->layer_count, sizeof *network->measures);
    for (size_t i = 0; i <= plan->layer_count; i++) {
        const struct layer *layer = i ? &plan->layers[i - 1] : NULL;
        size_t size = plan->batch * shape_size(layer ? layer->out : plan->input);
        network->values[i] = reals(size);
        if (layer)
            network->slopes[i] = reals(size); /* nobody asks for the picture's */
        largest_value = size_larger(largest_value, size);
        if (layer)
            sums = size_larger(sums, sums_size(plan, layer));
        if (layer && layer->kind == LAYER_MAXPOOL)
            network->winners[i - 1] = memory_new(size, sizeof(uint32_t));
        if (layer && layer->kind == LAYER_BATCHNORM)
            network->measures[i - 1] = reals(2 * layer->in.channels);
    }
    network->sums = reals((1 + tree_levels(chunks_of(plan->batch))) * sums);
    network->scratch = reals(largest_value);
}

struct network *network_new(const struct plan *plan)
{
    struct network *network = memory_new(1, sizeof *network);

    network->plan = plan;
    network->parameters = reals(plan->weight_count);
    network->gradients = reals(plan->parameter_count);
    for (size_t i = 0; i < optimizer_moments(&plan->optimizer); i++)
        network->moments[i] = reals(plan->parameter_count);
    if (plan->ema > 0)
        network->ema = reals(plan->parameter_count);
    network->squares = memory_new(parts_of(plan->parameter_count), sizeof *network->squares);
    network->losses = reals(plan->batch);
    new_layers(network);
    return network;
}

void network_free(struct network *network)
{
    for (size_t i = 0; i <= network->plan->layer_count; i++) {
        free(network->values[i]);
        free(network->slopes[i]);
        if (i) {
            free(network->winners[i - 1]);
            free(network->measures[i - 1]);
        }
    }
    for (size_t i = 0; i < OPTIMIZER_MOMENTS; i++)
        free(network->moments[i]);
    free(network->ema);
    free(network->values);
    free(network->slopes);
    free(network->reached);
    free(network->winners);
    free(network->measures);
    free(network->parameters);
    free(network->gradients);
    free(network->sums);
    free(network->scratch);
    free(network->squares);
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

static real *tensor(const struct network *network, size_t index)
{
    return index == PLAN_NONE ? NULL : network->parameters + network->plan->tensors[index].offset;
}

static real *gradient(const struct network *network, size_t index)
{
    return index == PLAN_NONE ? NULL : network->gradients + network->plan->tensors[index].offset;
}

/* In training by the batch's own mean and variance, in evaluation by the running ones. */
static void normalize(struct network *network, const struct network_batch *batch, size_t i, const real *x, real *y)
{
    const struct layer *layer = &network->plan->layers[i];
    real *mean = network->measures[i], *inverse = mean + layer->in.channels;
    real *running_mean = tensor(network, layer->mean), *running_variance = tensor(network, layer->variance);

    if (batch->training) {
        batchnorm_measure(layer, batch->count, x, mean, inverse, running_mean, running_variance, network->sums);
    } else {
        memcpy(mean, running_mean, layer->in.channels * sizeof *mean);
        batchnorm_invert(layer, running_variance, inverse);
    }
    batchnorm_forward(layer, batch->count, x, mean, inverse, tensor(network, layer->weight),
                      tensor(network, layer->bias), y);
}

static void add(size_t n, const real *a, const real *b, real *sum)
{
    for (size_t i = 0; i < n; i++)
        sum[i] = a[i] + b[i];
}

static void forward_layer(struct network *network, const struct network_batch *batch, size_t i)
{
    const struct layer *layer = &network->plan->layers[i];
    const size_t values = batch->count * shape_size(layer->out);
    const real *x = network->values[layer->input];
    real *y = network->values[i + 1];

    switch (layer->kind) {
    case LAYER_CONV:
        conv_forward(layer, batch->count, x, tensor(network, layer->weight), tensor(network, layer->bias), y);
        break;
    case LAYER_DENSE:
        dense_forward(layer, batch->count, x, tensor(network, layer->weight), tensor(network, layer->bias), y);
        break;
    case LAYER_RELU:
        relu_forward(values, x, y);
        break;
    case LAYER_TANH:
        tanh_forward(values, x, y);
        break;
    case LAYER_MAXPOOL:
        maxpool_forward(layer, batch->count, x, y, network->winners[i]);
        break;
    case LAYER_AVGPOOL:
        avgpool_forward(layer, batch->count, x, y);
        break;
    case LAYER_DROPOUT:
    case LAYER_DROPOUT2D:
        drop(layer, batch, x, y);
        break;
    case LAYER_BATCHNORM:
        normalize(network, batch, i, x, y);
        break;
    case LAYER_ADD:
        add(values, x, network->values[layer->other], y);
        break;
    }
}

void network_forward(struct network *network, const struct network_batch *batch)
{
    for (size_t i = 0; i < network->plan->layer_count; i++)
        forward_layer(network, batch, i);
}

real network_loss(struct network *network, const struct network_batch *batch, const uint16_t *labels)
{
    const size_t classes = network->plan->classes;
    const real *logits = network_logits(network);
    real *gradient = network->slopes[network->plan->layer_count];

    for (size_t i = 0; i < batch->count; i++)
        network->losses[i] =
            cross_entropy(logits + i * classes, classes, labels[i], batch->training ? network->plan->smoothing : 0,
                          batch->count, batch->training ? gradient + i * classes : NULL);
    return tree_sum(network->losses, batch->count) / (real)batch->count;
}

/* sum: weight, then bias. */
static void conv_chunk(const struct chunk_sums *sums, size_t first, size_t count, real *sum)
{
    const struct layer *layer = sums->layer;
    real *dbias = layer->bias == PLAN_NONE ? NULL : sum + sums->size - layer->out.channels;

    conv_backward_parameters(layer, count, sums->x + first * shape_size(layer->in),
                             sums->dy + first * shape_size(layer->out), sum, dbias);
}

static void backward_conv(struct network *network, size_t batch, const struct layer *layer, const real *x,
                          const real *dy, real *dx)
{
    const struct chunk_sums sums = { conv_chunk, layer, batch, sums_size(network->plan, layer), x, dy, NULL };

    chunk_sums(&sums, gradient(network, layer->weight), network->sums);
    if (dx)
        conv_backward_input(layer, batch, tensor(network, layer->weight), dy, dx);
}

static void backward_batchnorm(struct network *network, size_t batch, size_t i, const real *x, const real *dy, real *dx)
{
    const struct layer *layer = &network->plan->layers[i];
    const size_t C = layer->in.channels;

    batchnorm_backward(layer, batch, x, network->measures[i], network->measures[i] + C, tensor(network, layer->weight),
                       dy, gradient(network, layer->weight), gradient(network, layer->bias), dx, network->sums,
                       network->sums + 2 * C);
}

/* dx: NULL where nobody asks for it. */
static void backward_layer(struct network *network, const struct network_batch *batch, size_t i, real *dx)
{
    const struct layer *layer = &network->plan->layers[i];
    const real *x = network->values[layer->input], *y = network->values[i + 1], *dy = network->slopes[i + 1];
    const size_t values = batch->count * shape_size(layer->out);

    switch (layer->kind) {
    case LAYER_CONV:
        backward_conv(network, batch->count, layer, x, dy, dx);
        return;
    case LAYER_DENSE:
        dense_backward_parameters(layer, batch->count, x, dy, gradient(network, layer->weight),
                                  gradient(network, layer->bias));
        if (dx)
            dense_backward_input(layer, batch->count, tensor(network, layer->weight), dy, dx);
        return;
    case LAYER_BATCHNORM:
        backward_batchnorm(network, batch->count, i, x, dy, dx);
        return;
    default:
        break;
    }
    if (!dx)
        return;
    switch (layer->kind) {
    case LAYER_RELU:
        relu_backward(values, y, dy, dx);
        break;
    case LAYER_TANH:
        tanh_backward(values, y, dy, dx);
        break;
    case LAYER_MAXPOOL:
        maxpool_backward(layer, batch->count, network->winners[i], dy, dx);
        break;
    case LAYER_AVGPOOL:
        avgpool_backward(layer, batch->count, dy, dx);
        break;
    case LAYER_DROPOUT:
    case LAYER_DROPOUT2D:
        drop(layer, batch, dy, dx);
        break;
    default: /* add */
        memcpy(dx, dy, values * sizeof *dx);
        break;
    }
}

/* Where the gradient of value `i` goes: to its slope, or to be added to what later layers left there. NULL: it is the
 * picture's, and nobody asks for it. */
static real *slope_of(struct network *network, size_t i)
{
    if (i == 0)
        return NULL;
    return network->reached[i] ? network->scratch : network->slopes[i];
}

static void reach(struct network *network, const struct network_batch *batch, size_t i)
{
    if (i && network->reached[i])
        add(batch->count * shape_size(network->plan->layers[i - 1].out), network->slopes[i], network->scratch,
            network->slopes[i]);
    network->reached[i] = true;
}

void network_backward(struct network *network, const struct network_batch *batch)
{
    const struct plan *plan = network->plan;

    memset(network->reached, 0, (plan->layer_count + 1) * sizeof *network->reached);
    for (size_t i = plan->layer_count; i-- > 0;) {
        const struct layer *layer = &plan->layers[i];
        backward_layer(network, batch, i, slope_of(network, layer->input));
        reach(network, batch, layer->input);
        if (layer->kind == LAYER_ADD) {
            backward_layer(network, batch, i, slope_of(network, layer->other));
            reach(network, batch, layer->other);
        }
    }
}

void network_update(struct network *network, const struct optimizer_scalars *scalars)
{
    const struct plan *plan = network->plan;
    size_t n = plan->parameter_count;

    if (plan->clip > 0)
        clip(n, plan->clip, network->gradients, network->squares);
    update(&plan->optimizer, scalars, n, network->gradients, network->parameters, network->moments[0],
           network->moments[1]);
    if (plan->ema > 0)
        average(n, plan->ema, network->parameters, network->ema);
}

const real *network_logits(const struct network *network)
{
    return network->values[network->plan->layer_count];
}
