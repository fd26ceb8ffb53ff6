/* What one worker does at a time: a chunk through a run, a piece of the update. */
#include "data/augment.h"
#include "data/batch.h"
#include "engine/blas/inside.h"
#include "engine/blas/layers.h"
#include "engine/ref/layers.h"

#include <string.h>

size_t blas_chunks(const struct blas *blas)
{
    return (blas->step->count + blas->chunk - 1) / blas->chunk;
}

struct span chunk_span(const struct blas *blas, size_t number)
{
    size_t first = number * blas->chunk, left = blas->step->count - first;

    return (struct span){ first, left < blas->chunk ? left : blas->chunk };
}

float *value_at(const struct blas *blas, size_t i, size_t sample)
{
    return blas->values[i].x + sample * blas->values[i].size;
}

float *parameter(const struct blas *blas, size_t tensor)
{
    return tensor == PLAN_NONE ? NULL : blas->parameters + blas->offsets[tensor];
}

float *gradient(const struct blas *blas, size_t tensor, size_t number)
{
    if (tensor == PLAN_NONE)
        return NULL;
    return blas->gradients + blas->offsets[tensor] + number * (blas->count - blas->between_count);
}

/* The gradient with respect to value i, of the samples from `sample` on; NULL: nobody asks for the picture's. */
static float *slope_at(const struct blas *blas, const struct room *room, size_t i, size_t sample)
{
    const struct value *value = &blas->values[i];

    if (i == 0)
        return NULL;
    return value->slope ? value->slope + sample * value->size : room->slopes[i % 2];
}

static struct dense_block whole(const struct layer *layer)
{
    size_t inputs = shape_size(layer->in);

    return (struct dense_block){ .inputs = inputs, .outputs = layer->out.channels, .end = inputs };
}

/* Dropout of a span, forward or, on gradients, backward; none in evaluation, or where the rate is 0. y may be x. */
static void drop(const struct blas *blas, const struct layer *layer, struct span span, const float *x, float *y)
{
    const size_t size = shape_size(layer->out);

    if (blas->training && layer->rate > 0)
        dropout_apply(layer, span.count * size, blas->notes[layer->number].kept + span.first * size, x, y);
    else if (x != y)
        memcpy(y, x, span.count * size * sizeof *y);
}

static void draw(const struct blas *blas, const struct layer *layer, struct span span)
{
    const size_t size = shape_size(layer->out);
    unsigned char *kept = blas->notes[layer->number].kept;

    if (blas->training && layer->rate > 0)
        for (size_t i = span.first; i < span.first + span.count; i++)
            dropout_draw(layer, blas->engine.seed, blas->step->epoch, blas->step->samples[i], kept + i * size);
}

static void forward_dense(const struct blas *blas, const struct layer *layer, size_t samples, const float *x, float *y)
{
    blas_dense_forward(whole(layer), samples, x, parameter(blas, layer->weight), y);
    bias_add(samples, layer->out.channels, parameter(blas, layer->bias), y);
}

static void forward_batchnorm(const struct blas *blas, const struct layer *layer, size_t n, const float *x, float *y)
{
    const struct notes *notes = &blas->notes[layer->number];

    norm_forward(n / layer->in.channels, layer->in.channels, x, notes->mean, notes->inverse,
                 parameter(blas, layer->weight), parameter(blas, layer->bias), y);
}

/* Of a layer between runs, the second half. */
static void forward_layer(struct blas *blas, struct room *room, size_t i, struct span span)
{
    const struct layer *layer = &blas->engine.plan->layers[i];
    const size_t n = span.count * shape_size(layer->out);
    const float *x = value_at(blas, layer->input, span.first);
    float *y = value_at(blas, i + 1, span.first);

    switch (layer->kind) {
    case LAYER_CONV:
        blas_conv_forward(layer, span.count, x, parameter(blas, layer->weight), parameter(blas, layer->bias), y,
                          room->patches);
        break;
    case LAYER_DENSE:
        if (blas->notes[i].blocks)
            wide_collect(blas, i, span);
        else
            forward_dense(blas, layer, span.count, x, y);
        break;
    case LAYER_RELU:
        blas_relu_forward(n, x, y);
        break;
    case LAYER_TANH:
        tanh_forward(n, x, y);
        break;
    case LAYER_MAXPOOL:
        blas_maxpool_forward(layer, span.count, x, y, blas->notes[i].winners + span.first * shape_size(layer->out));
        break;
    case LAYER_AVGPOOL:
        blas_avgpool_forward(layer, span.count, x, y);
        break;
    case LAYER_DROPOUT:
    case LAYER_DROPOUT2D:
        draw(blas, layer, span);
        drop(blas, layer, span, x, y);
        break;
    case LAYER_BATCHNORM:
        forward_batchnorm(blas, layer, n, x, y);
        break;
    case LAYER_ADD:
        memcpy(y, x, n * sizeof *y);
        blas_add(n, value_at(blas, layer->other, span.first), y);
        break;
    }
}

static void backward_dense(const struct blas *blas, const struct layer *layer, size_t number, const float *x,
                           const float *dy, float *dx)
{
    const size_t samples = chunk_span(blas, number).count;

    bias_sum(samples, layer->out.channels, dy, gradient(blas, layer->bias, number));
    blas_dense_backward(whole(layer), samples, x, parameter(blas, layer->weight), dy, dx,
                        gradient(blas, layer->weight, number));
}

static void backward_batchnorm(const struct blas *blas, const struct layer *layer, size_t n, const float *x,
                               const float *dy, float *dx)
{
    const struct notes *notes = &blas->notes[layer->number];

    norm_backward(n / layer->in.channels, layer->in.channels, x, notes->mean, notes->inverse,
                  parameter(blas, layer->weight), notes->sums, dy, dx);
}

/* Of a layer without parameters of a chunk's own: its dx alone. */
static void backward_values(struct blas *blas, const struct layer *layer, struct span span, const float *dy, float *dx)
{
    const size_t size = shape_size(layer->out), n = span.count * size;
    const float *x = value_at(blas, layer->input, span.first), *y = value_at(blas, layer->number + 1, span.first);

    switch (layer->kind) {
    case LAYER_RELU:
        blas_relu_backward(n, y, dy, dx);
        break;
    case LAYER_TANH:
        tanh_backward(n, y, dy, dx);
        break;
    case LAYER_MAXPOOL:
        blas_maxpool_backward(layer, span.count, blas->notes[layer->number].winners + span.first * size, dy, dx);
        break;
    case LAYER_AVGPOOL:
        blas_avgpool_backward(layer, span.count, dy, dx);
        break;
    case LAYER_DROPOUT:
    case LAYER_DROPOUT2D:
        drop(blas, layer, span, dy, dx);
        break;
    case LAYER_BATCHNORM:
        backward_batchnorm(blas, layer, n, x, dy, dx);
        break;
    default: /* add */
        memcpy(dx, dy, n * sizeof *dx);
        break;
    }
}

/* dx may be NULL. */
static void backward_kind(struct blas *blas, struct room *room, size_t i, size_t number, float *dx)
{
    const struct layer *layer = &blas->engine.plan->layers[i];
    const struct span span = chunk_span(blas, number);
    const float *x = value_at(blas, layer->input, span.first), *dy = slope_at(blas, room, i + 1, span.first);

    if (layer->kind == LAYER_CONV)
        blas_conv_backward(layer, span.count, x, parameter(blas, layer->weight), dy, dx,
                           gradient(blas, layer->weight, number), gradient(blas, layer->bias, number), room->patches);
    else if (layer->kind == LAYER_DENSE)
        backward_dense(blas, layer, number, x, dy, dx);
    else if (dx)
        backward_values(blas, layer, span, dy, dx);
}

/* Layer i back to value `to`: its slope, or what is added to that, where a later layer has begun it. */
static void backward_to(struct blas *blas, struct room *room, size_t i, size_t number, size_t to)
{
    const struct span span = chunk_span(blas, number);
    float *slope = slope_at(blas, room, to, span.first), *dx = slope;

    if (slope && i < blas->values[to].last)
        dx = room->addend;
    backward_kind(blas, room, i, number, dx);
    if (dx != slope)
        blas_add(span.count * blas->values[to].size, dx, slope);
}

static void backward_layer(struct blas *blas, struct room *room, size_t i, size_t number)
{
    const struct layer *layer = &blas->engine.plan->layers[i];

    backward_to(blas, room, i, number, layer->input);
    if (layer->kind == LAYER_ADD)
        backward_to(blas, room, i, number, layer->other);
}

static void load(struct blas *blas, struct room *room, struct span span)
{
    const struct plan *plan = blas->engine.plan;

    for (size_t i = span.first; i < span.first + span.count; i++) {
        const uint32_t sample = blas->step->samples[i];
        float *picture = value_at(blas, 0, i);
        batch_picture(plan, blas->engine.set, sample, picture);
        if (blas->training && plan->augments)
            augment(plan, blas->engine.seed, blas->step->epoch, sample, picture, picture, room->augment);
    }
}

void chunk_forward(struct blas *blas, struct room *room, size_t number)
{
    const struct run *run = blas->run;
    const struct layer *meeting = run_meeting(blas, run);
    struct span span = chunk_span(blas, number);

    if (run == blas->runs)
        load(blas, room, span);
    else
        forward_layer(blas, room, run[-1].end, span);
    for (size_t i = run->first; i < run->end; i++)
        forward_layer(blas, room, i, span);
    if (blas->training && meeting && meeting->kind == LAYER_BATCHNORM)
        norm_add_values(blas, number);
}

static void chunk_loss(struct blas *blas, struct room *room, size_t number)
{
    const size_t classes = blas->engine.plan->classes, logits = blas->engine.plan->layer_count;
    struct span span = chunk_span(blas, number);

    for (size_t i = span.first; i < span.first + span.count; i++) {
        size_t label = blas->engine.set->labels[blas->step->samples[i]];
        const float *x = value_at(blas, logits, i);
        float *slope = slope_at(blas, room, logits, span.first) + (i - span.first) * classes;
        blas->correct[i] = largest(x, classes) == label;
        blas->losses[i] = cross_entropy(x, classes, label, blas->training ? blas->engine.plan->smoothing : 0,
                                        blas->step->count, blas->training ? slope : NULL);
    }
}

void chunk_backward(struct blas *blas, struct room *room, size_t number)
{
    const struct run *run = blas->run;
    const struct layer *meeting = run_meeting(blas, run),
                       *before = run > blas->runs ? run_meeting(blas, run - 1) : NULL;

    if (meeting && meeting->kind == LAYER_BATCHNORM)
        backward_layer(blas, room, run->end, number);
    for (size_t i = run->end; i-- > run->first;)
        backward_layer(blas, room, i, number);
    if (before && before->kind == LAYER_BATCHNORM)
        norm_add_slopes(blas, run - 1, number);
}

void chunk_turn(struct blas *blas, struct room *room, size_t number)
{
    chunk_forward(blas, room, number);
    chunk_loss(blas, room, number);
    if (blas->training)
        chunk_backward(blas, room, number);
}

static size_t pieces(size_t n)
{
    return (n + PIECE - 1) / PIECE;
}

/* How many of n parameters piece `number` has. */
static size_t piece_size(size_t n, size_t number)
{
    size_t left = n - number * PIECE;

    return left < PIECE ? left : PIECE;
}

size_t gather_pieces(const struct blas *blas)
{
    return pieces(blas->count - blas->between_count);
}

size_t update_pieces(const struct blas *blas)
{
    return pieces(blas->count);
}

void piece_gather(struct blas *blas, struct room *room, size_t number)
{
    const size_t n = blas->count - blas->between_count;

    (void)room;
    blas_add_tree(blas->gradients + blas->between_count + number * PIECE, n, blas_chunks(blas), piece_size(n, number));
}

void piece_update(struct blas *blas, struct room *room, size_t number)
{
    const struct plan *plan = blas->engine.plan;
    const size_t first = number * PIECE, n = piece_size(blas->count, number);
    float *moments[OPTIMIZER_MOMENTS] = { NULL };

    (void)room;
    for (size_t i = 0; i < optimizer_moments(&plan->optimizer); i++)
        moments[i] = blas->moments[i] + first;
    blas_update(&plan->optimizer, &blas->step->scalars, n, blas->gradients + first, blas->parameters + first,
                moments[0], moments[1]);
    if (plan->ema > 0)
        blas_average(n, plan->ema, blas->parameters + first, blas->ema + first);
}
