/* The layers between runs: a dense one's blocks, a batchnorm's sums. */
#include "base/size.h"
#include "engine/frame/inside.h"
#include "engine/frame/layers.h"
#include "engine/ref/layers.h"

#include <math.h>
#include <string.h>

const struct layer *run_meeting(const struct frame *frame, const struct run *run)
{
    return run->end < frame->engine.plan->layer_count ? &frame->engine.plan->layers[run->end] : NULL;
}

/* On some samples of the batch. */
static struct product dense_product(const struct frame *frame, const struct room *room, struct span samples)
{
    const struct layer *layer = run_meeting(frame, frame->run);
    const struct value *read = &frame->values[layer->input], *made = &frame->values[layer->number + 1];

    return (struct product){ .layer = layer,
                             .batch = samples.count,
                             .weight = parameter(frame, layer->weight),
                             .bias = parameter(frame, layer->bias),
                             .prepared = frame->notes[layer->number].prepared,
                             .x = value_at(frame, layer->input, samples.first),
                             .y = value_at(frame, layer->number + 1, samples.first),
                             .dy = made->slope + samples.first * made->size,
                             .dx = read->slope ? read->slope + samples.first * read->size : NULL,
                             .adds = layer->number < read->last,
                             .room = room->own };
}

void find_block(size_t n, size_t size, size_t number, size_t *first, size_t *end)
{
    *first = number * size;
    *end = n - *first < size ? n : *first + size;
}

static struct span all_samples(const struct frame *frame)
{
    return (struct span){ 0, frame->step->count };
}

static size_t output_blocks(const struct frame *frame, const struct layer *layer)
{
    return divide_up(layer->out.channels, frame->kernels.dense_outputs);
}

/* Few, because each block reads the weights of its outputs anew; but as many as share out evenly. */
static size_t block_samples(const struct frame *frame, const struct layer *layer)
{
    const size_t workers = threads_count(frame->threads), count = frame->own->samples.count;

    if (frame->kernels.dense_samples)
        return frame->kernels.dense_samples;
    return size_larger(1, output_blocks(frame, layer) % workers ? divide_up(count, workers) : count);
}

size_t dense_forward_blocks(const struct frame *frame)
{
    const struct layer *layer = run_meeting(frame, frame->run);

    return divide_up(frame->own->samples.count, block_samples(frame, layer)) * output_blocks(frame, layer);
}

void dense_block_forward(struct frame *frame, struct room *room, size_t number)
{
    const struct kernels *kernels = &frame->kernels;
    const struct product product = dense_product(frame, room, frame->own->samples);
    const size_t across = output_blocks(frame, product.layer);
    struct dense_block block;

    find_block(product.batch, block_samples(frame, product.layer), number / across, &block.first_sample,
               &block.end_sample);
    find_block(product.layer->out.channels, kernels->dense_outputs, number % across, &block.first_output,
               &block.end_output);
    kernels->dense_forward(&product, block);
}

size_t dense_backward_blocks(const struct frame *frame)
{
    return divide_up(shape_size(run_meeting(frame, frame->run)->in), frame->kernels.dense_inputs);
}

void dense_bias(struct frame *frame, struct room *room, size_t number)
{
    const struct product product = dense_product(frame, room, all_samples(frame));

    (void)number;
    bias_sum(product.batch, product.layer->out.channels, product.dy, gradient(frame, product.layer->bias));
}

/* On all samples, whoever has them. */
void dense_block_backward(struct frame *frame, struct room *room, size_t number)
{
    struct product product = dense_product(frame, room, all_samples(frame));
    const struct layer *layer = product.layer;
    const size_t O = layer->out.channels;
    const bool early = frame->early_count > 0;
    size_t first, end;

    if (frame->comm->ranks > 1) {
        product.dx = ranks_input_slope(frame, layer);
        product.adds = false;
    } else if (number == 0) {
        dense_bias(frame, room, number);
    }
    find_block(shape_size(layer->in), frame->kernels.dense_inputs, number, &first, &end);
    product.dweight = early ? room->rows : gradient(frame, layer->weight) + first * O;
    frame->kernels.dense_backward(&product, first, end);
    if (early)
        range_update(frame, frame->offsets[layer->weight] + first * O, (end - first) * O, room->rows);
}

/* Values of one channel in `samples` samples. */
static size_t places(const struct layer *layer, size_t samples)
{
    return samples * layer->in.rows * layer->in.columns;
}

static float *chunk_sums_at(const struct frame *frame, const struct layer *layer, size_t number)
{
    return frame->notes[layer->number].sums + number * 2 * layer->in.channels;
}

/* The sums of the batch, of `count` channels, in the place of the first chunk's. */
static float *batch_sums(const struct frame *frame, const struct layer *layer, size_t count)
{
    float *sums = chunk_sums_at(frame, layer, 0);

    if (frame->comm->ranks > 1)
        ranks_add_sums(frame, sums, 2 * layer->in.channels, count);
    else
        frame_add_tree(sums, 2 * layer->in.channels, frame_chunks(frame), count);
    return sums;
}

void norm_add_values(struct frame *frame, struct room *room, size_t number)
{
    const struct layer *layer = run_meeting(frame, frame->run);
    const struct span span = chunk_span(frame, number);

    (void)room;
    bias_sum(places(layer, span.count), layer->in.channels, value_at(frame, layer->input, span.first),
             chunk_sums_at(frame, layer, number));
}

void norm_end_values(struct frame *frame)
{
    const struct layer *layer = run_meeting(frame, frame->run);
    const float *sums = batch_sums(frame, layer, layer->in.channels), n = (float)places(layer, frame->step->count);

    for (size_t channel = 0; channel < layer->in.channels; channel++)
        frame->notes[layer->number].mean[channel] = sums[channel] / n;
}

void norm_add_squares(struct frame *frame, struct room *room, size_t number)
{
    const struct layer *layer = run_meeting(frame, frame->run);
    const struct span span = chunk_span(frame, number);

    (void)room;
    norm_squares(places(layer, span.count), layer->in.channels, value_at(frame, layer->input, span.first),
                 frame->notes[layer->number].mean, chunk_sums_at(frame, layer, number));
}

/* The rest of batchnorm_measure() of engine/ref/layers.h. */
void norm_end_squares(struct frame *frame)
{
    const struct layer *layer = run_meeting(frame, frame->run);
    const struct notes *notes = &frame->notes[layer->number];
    const size_t n = places(layer, frame->step->count);
    const float momentum = (float)layer->momentum, rest = (float)(1 - layer->momentum);
    const float *squares = batch_sums(frame, layer, layer->in.channels);
    float *mean = parameter(frame, layer->mean), *variance = parameter(frame, layer->variance);

    for (size_t channel = 0; channel < layer->in.channels; channel++) {
        mean[channel] = fmaf(momentum, notes->mean[channel], rest * mean[channel]);
        variance[channel] = fmaf(momentum, squares[channel] / (float)(n - 1), rest * variance[channel]);
        notes->inverse[channel] = squares[channel] / (float)n;
    }
    batchnorm_invert(layer, notes->inverse, notes->inverse);
}

void norm_recall(struct frame *frame)
{
    const struct layer *layer = run_meeting(frame, frame->run);
    const struct notes *notes = &frame->notes[layer->number];

    memcpy(notes->mean, parameter(frame, layer->mean), layer->in.channels * sizeof *notes->mean);
    batchnorm_invert(layer, parameter(frame, layer->variance), notes->inverse);
}

void norm_add_slopes(struct frame *frame, struct room *room, size_t number)
{
    const struct layer *layer = run_meeting(frame, frame->run);
    const struct span span = chunk_span(frame, number);
    const struct value *made = &frame->values[layer->number + 1];

    (void)room;
    norm_slopes(places(layer, span.count), layer->in.channels, value_at(frame, layer->input, span.first),
                frame->notes[layer->number].mean, made->slope + span.first * made->size,
                chunk_sums_at(frame, layer, number));
}

void norm_end_slopes(struct frame *frame)
{
    const struct layer *layer = run_meeting(frame, frame->run);
    const size_t C = layer->in.channels;
    const float *inverse = frame->notes[layer->number].inverse, n = (float)places(layer, frame->step->count);
    float *sums = batch_sums(frame, layer, 2 * C);
    float *dweight = gradient(frame, layer->weight), *dbias = gradient(frame, layer->bias);

    for (size_t channel = 0; channel < C; channel++) {
        dbias[channel] = sums[channel];
        dweight[channel] = sums[C + channel] * inverse[channel];
        sums[channel] = dbias[channel] / n;
        sums[C + channel] = dweight[channel] * inverse[channel] / n;
    }
}
