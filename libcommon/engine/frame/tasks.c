/* What one worker does at a time: some samples through a run. */
#include "base/math.h"
#include "data/augment.h"
#include "data/batch.h"
#include "engine/frame/inside.h"
#include "engine/frame/layers.h"
#include "engine/ref/layers.h"

#include <string.h>

size_t frame_chunks(const struct frame *frame)
{
    return divide_up(frame->step->count, frame->chunk);
}

static struct span span_of(const struct frame *frame, size_t number, size_t size)
{
    size_t first = number * size, left = frame->step->count - first;

    return (struct span){ first, left < size ? left : size };
}

size_t group_chunks(const struct frame *frame)
{
    const size_t size = frame->run->group, left = frame->node.count - frame->group * size;

    return left < size ? left : size;
}

struct span chunk_span(const struct frame *frame, size_t number)
{
    return span_of(frame, number, frame->chunk);
}

float *value_at(const struct frame *frame, size_t i, size_t sample)
{
    return frame->values[i].x + sample * frame->values[i].size;
}

float *parameter(const struct frame *frame, size_t tensor)
{
    return tensor == PLAN_NONE ? NULL : frame->parameters + frame->offsets[tensor];
}

/* The gradient with respect to value i, of the samples from `sample` on; NULL: nobody asks for the picture's. */
static float *slope_at(const struct frame *frame, const struct room *room, size_t i, size_t sample)
{
    const struct value *value = &frame->values[i];

    if (i == 0)
        return NULL;
    return value->slope ? value->slope + sample * value->size : room->slopes[value->room];
}

/* y may be x. */
static void copy(size_t n, const float *x, float *y)
{
    if (x != y)
        memcpy(y, x, n * sizeof *y);
}

/* Dropout of a span, forward or, on gradients, backward; none in evaluation, or where the rate is 0. y may be x. */
static void drop(const struct frame *frame, const struct layer *layer, struct span span, const float *x, float *y)
{
    const size_t size = shape_size(layer->out);

    if (frame->training && layer->rate > 0)
        dropout_apply(layer, span.count * size, frame->notes[layer->number].kept + span.first * size, x, y);
    else
        copy(span.count * size, x, y);
}

static void draw(const struct frame *frame, const struct layer *layer, struct span span)
{
    const size_t size = shape_size(layer->out);
    unsigned char *kept = frame->notes[layer->number].kept;

    if (frame->training && layer->rate > 0)
        for (size_t i = span.first; i < span.first + span.count; i++)
            dropout_draw(layer, frame->engine.seed, frame->step->epoch, frame->step->samples[i], kept + i * size);
}

/* Of a conv layer, forward. */
static struct product conv_product(const struct frame *frame, const struct room *room, const struct layer *layer,
                                   struct span span)
{
    return (struct product){ .layer = layer,
                             .batch = span.count,
                             .weight = parameter(frame, layer->weight),
                             .bias = parameter(frame, layer->bias),
                             .prepared = frame->notes[layer->number].prepared,
                             .x = value_at(frame, layer->input, span.first),
                             .y = value_at(frame, layer->number + 1, span.first),
                             .room = room->own };
}

static void forward_conv(const struct frame *frame, const struct room *room, const struct layer *layer,
                         struct span span)
{
    const struct product product = conv_product(frame, room, layer, span);

    frame->kernels.conv_forward(&product);
}

static void forward_maxpool(const struct frame *frame, const struct layer *layer, struct span span)
{
    float *y = value_at(frame, layer->number + 1, span.first);
    uint32_t *winners = frame->notes[layer->number].winners + span.first * shape_size(layer->out);

    if (pools_relu(frame, layer))
        frame_relu_maxpool_forward(layer, span.count, value_at(frame, layer[-1].input, span.first), y, winners);
    else
        frame_maxpool_forward(layer, span.count, value_at(frame, layer->input, span.first), y, winners);
}

static void forward_batchnorm(const struct frame *frame, const struct layer *layer, size_t n, const float *x, float *y)
{
    const struct notes *notes = &frame->notes[layer->number];

    norm_forward(n / layer->in.channels, layer->in.channels, x, notes->mean, notes->inverse,
                 parameter(frame, layer->weight), parameter(frame, layer->bias), y);
}

/* Of a layer between runs, the second half. */
static void forward_layer(struct frame *frame, struct room *room, size_t i, struct span span)
{
    const struct layer *layer = &frame->engine.plan->layers[i];
    const size_t n = span.count * shape_size(layer->out);
    const float *x = value_at(frame, layer->input, span.first);
    float *y = value_at(frame, i + 1, span.first);

    switch (layer->kind) {
    case LAYER_CONV:
        forward_conv(frame, room, layer, span);
        break;
    case LAYER_DENSE:
        break; /* its blocks have made y */
    case LAYER_RELU:
        if (!pools_relu(frame, layer + 1))
            frame_relu_forward(n, x, y);
        break;
    case LAYER_TANH:
        math_tanhf_each(n, x, y);
        break;
    case LAYER_MAXPOOL:
        forward_maxpool(frame, layer, span);
        break;
    case LAYER_AVGPOOL:
        frame_avgpool_forward(layer, span.count, x, y);
        break;
    case LAYER_DROPOUT:
    case LAYER_DROPOUT2D:
        draw(frame, layer, span);
        drop(frame, layer, span, x, y);
        break;
    case LAYER_BATCHNORM:
        forward_batchnorm(frame, layer, n, x, y);
        break;
    case LAYER_ADD:
        memcpy(y, x, n * sizeof *y);
        frame_add(n, value_at(frame, layer->other, span.first), y);
        break;
    }
}

/* What chunk `number` adds to the gradients of a layer's parameters: the bias's, and where the weight's is to be. */
static void begin_weight(const struct frame *frame, struct product *product, size_t number)
{
    const struct layer *layer = product->layer;

    if (layer->bias != PLAN_NONE)
        bias_sum(product->batch * layer->out.rows * layer->out.columns, layer->out.channels, product->dy,
                 chunk_gradient(frame, layer->bias, number));
    product->dweight = chunk_gradient(frame, layer->weight, number);
}

/* dx may be NULL. */
static void backward_conv(const struct frame *frame, const struct room *room, const struct layer *layer,
                          struct span span, const float *dy, float *dx)
{
    struct product product = conv_product(frame, room, layer, span);

    product.dy = dy;
    product.dx = dx;
    if (!frame->splits)
        begin_weight(frame, &product, span.first / frame->chunk);
    if (product.dweight || product.dx)
        frame->kernels.conv_backward(&product);
}

static void backward_batchnorm(const struct frame *frame, const struct layer *layer, size_t n, const float *x,
                               const float *dy, float *dx)
{
    const struct notes *notes = &frame->notes[layer->number];

    norm_backward(n / layer->in.channels, layer->in.channels, x, notes->mean, notes->inverse,
                  parameter(frame, layer->weight), notes->sums, dy, dx);
}

/* Of a layer without parameters of a chunk's own: its dx alone. */
static void backward_values(struct frame *frame, const struct layer *layer, struct span span, const float *dy,
                            float *dx)
{
    const size_t size = shape_size(layer->out), n = span.count * size;
    const float *x = value_at(frame, layer->input, span.first), *y = value_at(frame, layer->number + 1, span.first);

    switch (layer->kind) {
    case LAYER_RELU:
        if (pools_relu(frame, layer + 1))
            copy(n, dy, dx);
        else
            frame_relu_backward(n, y, dy, dx);
        break;
    case LAYER_TANH:
        frame_tanh_backward(n, y, dy, dx);
        break;
    case LAYER_MAXPOOL:
        frame_maxpool_backward(layer, span.count, frame->notes[layer->number].winners + span.first * size, dy, dx);
        break;
    case LAYER_AVGPOOL:
        frame_avgpool_backward(layer, span.count, dy, dx);
        break;
    case LAYER_DROPOUT:
    case LAYER_DROPOUT2D:
        drop(frame, layer, span, dy, dx);
        break;
    case LAYER_BATCHNORM:
        backward_batchnorm(frame, layer, n, x, dy, dx);
        break;
    default: /* add */
        copy(n, dy, dx);
        break;
    }
}

/* dx may be NULL. */
static void backward_kind(struct frame *frame, struct room *room, size_t i, struct span span, float *dx)
{
    const struct layer *layer = &frame->engine.plan->layers[i];
    const float *dy = slope_at(frame, room, i + 1, span.first);

    if (layer->kind == LAYER_CONV)
        backward_conv(frame, room, layer, span, dy, dx);
    else if (dx)
        backward_values(frame, layer, span, dy, dx);
}

/* Layer i back to value `to`: its slope, or what is added to that, where a later layer has begun it. */
static void backward_to(struct frame *frame, struct room *room, size_t i, struct span span, size_t to)
{
    float *slope = slope_at(frame, room, to, span.first), *dx = slope;

    if (slope && i < frame->values[to].last)
        dx = room->addend;
    backward_kind(frame, room, i, span, dx);
    if (dx != slope)
        frame_add(span.count * frame->values[to].size, dx, slope);
}

static void backward_layer(struct frame *frame, struct room *room, size_t i, struct span span)
{
    const struct layer *layer = &frame->engine.plan->layers[i];

    backward_to(frame, room, i, span, layer->input);
    if (layer->kind == LAYER_ADD)
        backward_to(frame, room, i, span, layer->other);
}

static void load(struct frame *frame, struct room *room, struct span span)
{
    const struct plan *plan = frame->engine.plan;

    for (size_t i = span.first; i < span.first + span.count; i++) {
        const uint32_t sample = frame->step->samples[i];
        float *picture = value_at(frame, 0, i);
        batch_picture(plan, frame->engine.set, sample, picture);
        if (frame->training && plan->augments)
            augment(plan, frame->engine.seed, frame->step->epoch, sample, picture, picture, room->augment);
    }
}

void layer_prepare(struct frame *frame, struct room *room, size_t number)
{
    const struct layer *layer = &frame->engine.plan->layers[number];
    float *prepared = frame->notes[number].prepared;

    (void)room;
    if (prepared)
        frame->kernels.prepare(layer, parameter(frame, layer->weight), prepared);
}

static void span_through(struct frame *frame, struct room *room, struct span span)
{
    const struct run *run = frame->run;

    if (run == frame->runs)
        load(frame, room, span);
    else
        forward_layer(frame, room, run[-1].end, span);
    for (size_t i = run->first; i < run->end; i++)
        forward_layer(frame, room, i, span);
}

void span_forward(struct frame *frame, struct room *room, size_t number)
{
    span_through(frame, room, span_of(frame, number, frame->grain));
}

static void span_loss(struct frame *frame, struct room *room, struct span span)
{
    const size_t classes = frame->engine.plan->classes, logits = frame->engine.plan->layer_count;

    for (size_t i = span.first; i < span.first + span.count; i++) {
        size_t label = frame->engine.set->labels[frame->step->samples[i]];
        const float *x = value_at(frame, logits, i);
        float *slope = slope_at(frame, room, logits, span.first) + (i - span.first) * classes;
        frame->correct[i] = largest(x, classes) == label;
        frame->losses[i] = cross_entropy(x, classes, label, frame->training ? frame->engine.plan->smoothing : 0,
                                         frame->step->count, frame->training ? slope : NULL);
    }
}

static void span_back(struct frame *frame, struct room *room, struct span span)
{
    const struct run *run = frame->run;
    const struct layer *meeting = run_meeting(frame, run);

    if (meeting && meeting->kind == LAYER_BATCHNORM)
        backward_layer(frame, room, run->end, span);
    for (size_t i = run->end; i-- > run->first;)
        backward_layer(frame, room, i, span);
}

void chunk_backward(struct frame *frame, struct room *room, size_t number)
{
    span_back(frame, room, chunk_span(frame, number));
}

void sample_backward(struct frame *frame, struct room *room, size_t number)
{
    span_back(frame, room, (struct span){ number, 1 });
}

/* Conv `number` of the run at work, counted from its end. */
static const struct layer *find_conv(const struct frame *frame, size_t number)
{
    const struct layer *layer = &frame->engine.plan->layers[frame->run->end - 1];

    for (; layer->kind != LAYER_CONV || number > 0; layer--)
        number -= layer->kind == LAYER_CONV;
    return layer;
}

void weight_backward(struct frame *frame, struct room *room, size_t number)
{
    const size_t chunk = frame->node.first + frame->group * frame->run->group + number % group_chunks(frame);
    const struct layer *layer = find_conv(frame, number / group_chunks(frame));
    const struct span span = chunk_span(frame, chunk);
    struct product product = conv_product(frame, room, layer, span);

    product.dy = slope_at(frame, room, layer->number + 1, span.first);
    begin_weight(frame, &product, chunk);
    frame->kernels.conv_backward(&product);
}

void span_end(struct frame *frame, struct room *room, size_t number)
{
    const struct span span = span_of(frame, number, frame->grain);

    span_through(frame, room, span);
    span_loss(frame, room, span);
}

void chunk_turn(struct frame *frame, struct room *room, size_t number)
{
    span_end(frame, room, number);
    chunk_backward(frame, room, number);
}
