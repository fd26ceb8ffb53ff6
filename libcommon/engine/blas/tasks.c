/* What one worker does at a time: a chunk through a run, a block of a wide layer, a piece of the update. */
#include "data/batch.h"
#include "engine/blas/inside.h"
#include "engine/blas/layers.h"
#include "engine/ref/layers.h"

#include <string.h>

/* Samples of the batch. */
struct span {
    size_t first, count;
};

static struct span chunk_span(const struct blas *blas, size_t number)
{
    size_t first = number * blas->chunk, left = blas->step->count - first;

    return (struct span){ first, left < blas->chunk ? left : blas->chunk };
}

static float *value(const struct blas *blas, size_t i, size_t sample)
{
    return blas->values[i] + sample * value_size(blas->engine.plan, i);
}

static float *parameter(const struct blas *blas, size_t tensor)
{
    return blas->parameters + blas->offsets[tensor];
}

/* Where chunk `number` leaves its gradient of a tensor; those of wide layers have only that of chunk 0. */
static float *gradient(const struct blas *blas, size_t tensor, size_t number)
{
    return blas->gradients + blas->offsets[tensor] + number * (blas->count - blas->wide_count);
}

static struct dense_block whole(const struct layer *layer)
{
    size_t inputs = shape_size(layer->in);

    return (struct dense_block){ inputs, layer->out.channels, 0, inputs };
}

/* In evaluation, and where the rate is 0, nothing is dropped. */
static bool drops(const struct blas *blas, const struct layer *layer)
{
    return blas->training && layer->rate > 0;
}

static void drop(const struct blas *blas, size_t i, struct span span, float *x)
{
    const struct layer *layer = &blas->engine.plan->layers[i];
    const size_t size = shape_size(layer->out);
    unsigned char *kept = blas->kept[i] + span.first * size;

    for (size_t k = 0; k < span.count; k++)
        dropout_draw(layer, blas->engine.seed, blas->step->epoch, blas->step->samples[span.first + k], kept + k * size);
    dropout_apply(layer, span.count * size, kept, x, x);
}

static void layer_forward(struct blas *blas, struct room *room, size_t i, struct span span)
{
    const struct layer *layer = &blas->engine.plan->layers[i];
    const float *x = value(blas, i, span.first);
    float *y = value(blas, i + 1, span.first);

    switch (layer->kind) {
    case LAYER_CONV:
        blas_conv_forward(layer, span.count, x, parameter(blas, layer->weight), parameter(blas, layer->bias), y,
                          room->patches);
        break;
    case LAYER_DENSE:
        blas_dense_forward(whole(layer), span.count, x, parameter(blas, layer->weight), y);
        bias_add(span.count, layer->out.channels, parameter(blas, layer->bias), y);
        break;
    case LAYER_RELU:
        blas_relu_forward(span.count * shape_size(layer->out), x, y);
        break;
    case LAYER_MAXPOOL:
        blas_maxpool_forward(layer, span.count, x, y, blas->winners[i] + span.first * shape_size(layer->out));
        break;
    case LAYER_DROPOUT:
        if (drops(blas, layer))
            drop(blas, i, span, y);
        break;
    default: /* refused by blas_open() */
        break;
    }
}

/* dx may be NULL. */
static void layer_backward(struct blas *blas, struct room *room, size_t i, size_t number, const float *dy, float *dx)
{
    const struct layer *layer = &blas->engine.plan->layers[i];
    const struct span span = chunk_span(blas, number);
    const size_t size = shape_size(layer->out);
    const float *x = value(blas, i, span.first);

    switch (layer->kind) {
    case LAYER_CONV:
        blas_conv_backward(layer, span.count, x, parameter(blas, layer->weight), dy, dx,
                           gradient(blas, layer->weight, number), gradient(blas, layer->bias, number), room->patches);
        break;
    case LAYER_DENSE:
        bias_sum(span.count, size, dy, gradient(blas, layer->bias, number));
        blas_dense_backward(whole(layer), span.count, x, parameter(blas, layer->weight), dy, dx,
                            gradient(blas, layer->weight, number));
        break;
    case LAYER_RELU:
        if (dx)
            blas_relu_backward(span.count * size, value(blas, i + 1, span.first), dy, dx);
        break;
    case LAYER_MAXPOOL:
        if (dx)
            blas_maxpool_backward(layer, span.count, blas->winners[i] + span.first * size, dy, dx);
        break;
    case LAYER_DROPOUT:
        if (dx && drops(blas, layer))
            dropout_apply(layer, span.count * size, blas->kept[i] + span.first * size, dy, dx);
        else if (dx)
            memcpy(dx, dy, span.count * size * sizeof *dx);
        break;
    default: /* refused by blas_open() */
        break;
    }
}

static void load(struct blas *blas, struct span span)
{
    for (size_t i = span.first; i < span.first + span.count; i++)
        batch_picture(blas->engine.plan, blas->engine.set, blas->step->samples[i], value(blas, 0, i));
}

/* The output of the wide layer before this run, from what its blocks left. */
static void collect(struct blas *blas, struct span span)
{
    const struct run *before = blas->run - 1;
    const struct layer *layer = &blas->engine.plan->layers[before->end];
    const size_t outputs = layer->out.channels;
    float *products = before->products + span.first * outputs, *y = value(blas, before->end + 1, span.first);

    blas_add_tree(products, blas->engine.plan->batch * outputs, before->blocks, span.count * outputs);
    memcpy(y, products, span.count * outputs * sizeof *y);
    bias_add(span.count, outputs, parameter(blas, layer->bias), y);
}

void chunk_forward(struct blas *blas, struct room *room, size_t number)
{
    struct span span = chunk_span(blas, number);

    if (blas->run == blas->runs)
        load(blas, span);
    else
        collect(blas, span);
    for (size_t i = blas->run->first; i < blas->run->end; i++)
        layer_forward(blas, room, i, span);
}

/* Where the chunk's gradient with respect to the run's output stands. */
static float *end_slope(const struct blas *blas, const struct room *room, size_t number)
{
    const struct run *run = blas->run;
    size_t first = chunk_span(blas, number).first * value_size(blas->engine.plan, run->end);

    if (run->end_slope)
        return run->end_slope + first;
    return run->first == run->end ? run->first_slope + first : room->slopes[run->end % 2];
}

static void chunk_loss(struct blas *blas, struct room *room, size_t number)
{
    const size_t classes = blas->engine.plan->classes;
    struct span span = chunk_span(blas, number);
    float *slope = end_slope(blas, room, number);

    for (size_t i = 0; i < span.count; i++) {
        size_t sample = span.first + i, label = blas->engine.set->labels[blas->step->samples[sample]];
        const float *logits = value(blas, blas->engine.plan->layer_count, sample);
        blas->correct[sample] = largest(logits, classes) == label;
        blas->losses[sample] = cross_entropy(logits, classes, label, blas->training ? blas->engine.plan->smoothing : 0,
                                             blas->step->count, blas->training ? slope + i * classes : NULL);
    }
}

void chunk_backward(struct blas *blas, struct room *room, size_t number)
{
    const struct run *run = blas->run;
    const float *dy = end_slope(blas, room, number);

    for (size_t i = run->end; i-- > run->first;) {
        float *dx = i > run->first ? room->slopes[i % 2] : run->first_slope;
        if (dx && i == run->first)
            dx += chunk_span(blas, number).first * value_size(blas->engine.plan, i);
        layer_backward(blas, room, i, number, dy, dx);
        dy = dx;
    }
}

void chunk_turn(struct blas *blas, struct room *room, size_t number)
{
    chunk_forward(blas, room, number);
    chunk_loss(blas, room, number);
    if (blas->training)
        chunk_backward(blas, room, number);
}

void wide_forward(struct blas *blas, struct room *room, size_t number)
{
    const struct run *run = blas->run;
    const struct layer *layer = &blas->engine.plan->layers[run->end];
    float *products = run->products + number * blas->engine.plan->batch * layer->out.channels;

    (void)room;
    blas_dense_forward(wide_block(blas, run, number), blas->step->count, blas->values[run->end],
                       parameter(blas, layer->weight), products);
}

void wide_backward(struct blas *blas, struct room *room, size_t number)
{
    const struct run *run = blas->run;
    const struct layer *layer = &blas->engine.plan->layers[run->end];
    const float *dy = run[1].first_slope;

    (void)room;
    if (number == 0)
        bias_sum(blas->step->count, layer->out.channels, dy, gradient(blas, layer->bias, 0));
    blas_dense_backward(wide_block(blas, run, number), blas->step->count, blas->values[run->end],
                        parameter(blas, layer->weight), dy, run->end_slope, gradient(blas, layer->weight, 0));
}

void piece_update(struct blas *blas, struct room *room, size_t number)
{
    size_t first = number * PIECE, end = first + PIECE < blas->count ? first + PIECE : blas->count;
    size_t chunked = first > blas->wide_count ? first : blas->wide_count;
    float *moments[OPTIMIZER_MOMENTS] = { NULL };

    (void)room;
    for (size_t i = 0; i < optimizer_moments(&blas->engine.plan->optimizer); i++)
        moments[i] = blas->moments[i] + first;
    if (chunked < end)
        blas_add_tree(blas->gradients + chunked, blas->count - blas->wide_count, blas_chunks(blas), end - chunked);
    blas_update(&blas->engine.plan->optimizer, &blas->step->scalars, end - first, blas->gradients + first,
                blas->parameters + first, moments[0], moments[1]);
}
