/* The layers between runs: a wide one's blocks, a batchnorm's sums. */
#include "engine/blas/inside.h"
#include "engine/blas/layers.h"
#include "engine/ref/layers.h"

#include <math.h>
#include <string.h>

const struct layer *run_meeting(const struct blas *blas, const struct run *run)
{
    return run->end < blas->engine.plan->layer_count ? &blas->engine.plan->layers[run->end] : NULL;
}

static struct dense_block wide_block(const struct layer *layer, const struct notes *notes, size_t number)
{
    struct dense_block block = { .inputs = shape_size(layer->in), .outputs = layer->out.channels };

    threads_share(block.inputs, number, notes->blocks, &block.first, &block.end);
    return block;
}

void wide_forward(struct blas *blas, struct room *room, size_t number)
{
    const struct layer *layer = run_meeting(blas, blas->run);
    const struct notes *notes = &blas->notes[layer->number];

    (void)room;
    blas_dense_forward(wide_block(layer, notes, number), blas->step->count, value_at(blas, layer->input, 0),
                       parameter(blas, layer->weight),
                       notes->products + number * blas->engine.plan->batch * layer->out.channels);
}

void wide_collect(struct blas *blas, size_t i, struct span span)
{
    const struct layer *layer = &blas->engine.plan->layers[i];
    const size_t outputs = layer->out.channels;
    float *products = blas->notes[i].products + span.first * outputs, *y = value_at(blas, i + 1, span.first);

    blas_add_tree(products, blas->engine.plan->batch * outputs, blas->notes[i].blocks, span.count * outputs);
    memcpy(y, products, span.count * outputs * sizeof *y);
    bias_add(span.count, outputs, parameter(blas, layer->bias), y);
}

void wide_backward(struct blas *blas, struct room *room, size_t number)
{
    const struct layer *layer = run_meeting(blas, blas->run);
    const struct value *input = &blas->values[layer->input];
    const float *dy = blas->values[layer->number + 1].slope;
    struct dense_block block = wide_block(layer, &blas->notes[layer->number], number);

    (void)room;
    block.adds = layer->number < input->last;
    if (number == 0)
        bias_sum(blas->step->count, layer->out.channels, dy, gradient(blas, layer->bias, 0));
    blas_dense_backward(block, blas->step->count, input->x, parameter(blas, layer->weight), dy, input->slope,
                        gradient(blas, layer->weight, 0));
}

/* Values of one channel in `samples` samples. */
static size_t places(const struct layer *layer, size_t samples)
{
    return samples * layer->in.rows * layer->in.columns;
}

static float *chunk_sums_at(const struct blas *blas, const struct layer *layer, size_t number)
{
    return blas->notes[layer->number].sums + number * 2 * layer->in.channels;
}

/* The sums of all chunks, of `count` channels, in the place of the first's. */
static float *batch_sums(const struct blas *blas, const struct layer *layer, size_t count)
{
    float *sums = chunk_sums_at(blas, layer, 0);

    blas_add_tree(sums, 2 * layer->in.channels, blas_chunks(blas), count);
    return sums;
}

void norm_add_values(struct blas *blas, size_t number)
{
    const struct layer *layer = run_meeting(blas, blas->run);
    const struct span span = chunk_span(blas, number);

    bias_sum(places(layer, span.count), layer->in.channels, value_at(blas, layer->input, span.first),
             chunk_sums_at(blas, layer, number));
}

void norm_end_values(struct blas *blas)
{
    const struct layer *layer = run_meeting(blas, blas->run);
    const float *sums = batch_sums(blas, layer, layer->in.channels), n = (float)places(layer, blas->step->count);

    for (size_t channel = 0; channel < layer->in.channels; channel++)
        blas->notes[layer->number].mean[channel] = sums[channel] / n;
}

void norm_add_squares(struct blas *blas, struct room *room, size_t number)
{
    const struct layer *layer = run_meeting(blas, blas->run);
    const struct span span = chunk_span(blas, number);

    (void)room;
    norm_squares(places(layer, span.count), layer->in.channels, value_at(blas, layer->input, span.first),
                 blas->notes[layer->number].mean, chunk_sums_at(blas, layer, number));
}

/* The rest of batchnorm_measure() of engine/ref/layers.h. */
void norm_end_squares(struct blas *blas)
{
    const struct layer *layer = run_meeting(blas, blas->run);
    const struct notes *notes = &blas->notes[layer->number];
    const size_t n = places(layer, blas->step->count);
    const float momentum = (float)layer->momentum, rest = (float)(1 - layer->momentum);
    const float *squares = batch_sums(blas, layer, layer->in.channels);
    float *mean = parameter(blas, layer->mean), *variance = parameter(blas, layer->variance);

    for (size_t channel = 0; channel < layer->in.channels; channel++) {
        mean[channel] = fmaf(momentum, notes->mean[channel], rest * mean[channel]);
        variance[channel] = fmaf(momentum, squares[channel] / (float)(n - 1), rest * variance[channel]);
        notes->inverse[channel] = squares[channel] / (float)n;
    }
    batchnorm_invert(layer, notes->inverse, notes->inverse);
}

void norm_recall(struct blas *blas)
{
    const struct layer *layer = run_meeting(blas, blas->run);
    const struct notes *notes = &blas->notes[layer->number];

    memcpy(notes->mean, parameter(blas, layer->mean), layer->in.channels * sizeof *notes->mean);
    batchnorm_invert(layer, parameter(blas, layer->variance), notes->inverse);
}

void norm_add_slopes(struct blas *blas, const struct run *run, size_t number)
{
    const struct layer *layer = run_meeting(blas, run);
    const struct span span = chunk_span(blas, number);
    const struct value *made = &blas->values[layer->number + 1];

    norm_slopes(places(layer, span.count), layer->in.channels, value_at(blas, layer->input, span.first),
                blas->notes[layer->number].mean, made->slope + span.first * made->size,
                chunk_sums_at(blas, layer, number));
}

void norm_end_slopes(struct blas *blas)
{
    const struct layer *layer = run_meeting(blas, blas->run);
    const size_t C = layer->in.channels;
    const float *inverse = blas->notes[layer->number].inverse, n = (float)places(layer, blas->step->count);
    float *sums = batch_sums(blas, layer, 2 * C);
    float *dweight = gradient(blas, layer->weight, 0), *dbias = gradient(blas, layer->bias, 0);

    for (size_t channel = 0; channel < C; channel++) {
        dbias[channel] = sums[channel];
        dweight[channel] = sums[C + channel] * inverse[channel];
        sums[channel] = dbias[channel] / n;
        sums[C + channel] = dweight[channel] * inverse[channel] / n;
    }
}
