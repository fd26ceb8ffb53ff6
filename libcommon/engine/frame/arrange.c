#include "base/memory.h"
#include "base/size.h"
#include "data/augment.h"
#include "engine/frame/inside.h"
#include "engine/frame/layers.h"
#include "engine/ref/layers.h"

#include <stdlib.h>

enum {
    LINE_FLOATS = 16,       /* tensors begin at cache lines */
    GROUP_FLOATS = 1 << 22, /* gradients of a group, where workers need no more: 16 MiB */
};

bool is_product(const struct layer *layer)
{
    return layer->kind == LAYER_CONV || layer->kind == LAYER_DENSE;
}

/* Do the chunks meet at it? */
static bool is_meeting(const struct layer *layer)
{
    return layer->kind == LAYER_BATCHNORM || layer->kind == LAYER_DENSE;
}

/* relu and dropout do, where nobody asks for their input again: neither a second reader, nor its own layer on the way
 * back, as tanh does. */
static bool works_in_place(const struct frame *frame, const struct layer *layer)
{
    const struct layer *before = layer->input ? &frame->engine.plan->layers[layer->input - 1] : NULL;

    if (layer->kind != LAYER_RELU && layer->kind != LAYER_DROPOUT && layer->kind != LAYER_DROPOUT2D)
        return false;
    return frame->values[layer->input].last == layer->number && !(before && before->kind == LAYER_TANH);
}

bool pools_relu(const struct frame *frame, const struct layer *layer)
{
    const struct plan *plan = frame->engine.plan;
    const size_t number = (size_t)(layer - plan->layers);

    return number > 0 && number < plan->layer_count && layer->kind == LAYER_MAXPOOL && layer[-1].kind == LAYER_RELU &&
           layer->input == number && frame->values[number].last == number;
}

/* On the way back, layers that change each value alone do it in place, where it has no other reader. */
static bool has_slope_of_next(const struct frame *frame, size_t i)
{
    const struct plan *plan = frame->engine.plan;
    const enum layer_kind kind = i < plan->layer_count ? plan->layers[i].kind : LAYER_CONV;

    if (kind != LAYER_RELU && kind != LAYER_TANH && kind != LAYER_DROPOUT && kind != LAYER_DROPOUT2D &&
        kind != LAYER_ADD)
        return false;
    return i > 0 && plan->layers[i].input == i && frame->values[i].last == i;
}

/* A slope is in a worker's room where a chunk goes from the value's only reader, the layer after it, straight on; not
 * that of the logits, nor that of a conv whose weight waits for it. */
static bool has_slope(const struct frame *frame, size_t i)
{
    const struct plan *plan = frame->engine.plan;

    if (i == 0 || i == plan->layer_count)
        return i > 0;
    if (frame->splits && plan->layers[i - 1].kind == LAYER_CONV)
        return true;
    return is_meeting(&plan->layers[i - 1]) || is_meeting(&plan->layers[i]) || frame->values[i].last != i;
}

static void arrange_values(struct frame *frame)
{
    const struct plan *plan = frame->engine.plan;

    frame->values = memory_new(plan->layer_count + 1, sizeof *frame->values);
    for (size_t i = 0; i < plan->layer_count; i++) {
        const struct layer *layer = &plan->layers[i];
        frame->values[layer->input].last = i;
        if (layer->kind == LAYER_ADD)
            frame->values[layer->other].last = i;
    }
    for (size_t i = 0; i <= plan->layer_count; i++) {
        const struct layer *layer = i ? &plan->layers[i - 1] : NULL;
        struct value *value = &frame->values[i];
        value->size = shape_size(layer ? layer->out : plan->input);
        if (layer && works_in_place(frame, layer))
            value->x = frame->values[layer->input].x;
        else
            value->x = memory_floats(plan->batch * value->size);
    }
}

static void arrange_slopes(struct frame *frame)
{
    const size_t batch = frame->engine.plan->batch;

    for (size_t i = frame->engine.plan->layer_count + 1; i-- > 0;) {
        struct value *value = &frame->values[i], *next = value + 1;
        const bool in_place = has_slope_of_next(frame, i);
        if (in_place && next->slope)
            value->slope = next->slope;
        else if (has_slope(frame, i))
            value->slope = memory_floats(batch * value->size);
        else if (i < frame->engine.plan->layer_count)
            value->room = in_place ? next->room : !next->room;
    }
}

static void arrange_notes(struct frame *frame)
{
    const struct plan *plan = frame->engine.plan;

    frame->notes = memory_new(plan->layer_count, sizeof *frame->notes);
    for (size_t i = 0; i < plan->layer_count; i++) {
        const struct layer *layer = &plan->layers[i];
        struct notes *notes = &frame->notes[i];
        const size_t size = plan->batch * shape_size(layer->out), channels = layer->in.channels;
        if (layer->kind == LAYER_MAXPOOL)
            notes->winners = memory_new(size, sizeof *notes->winners);
        if (layer->kind == LAYER_DROPOUT || layer->kind == LAYER_DROPOUT2D)
            notes->kept = memory_new(size, sizeof *notes->kept);
        if (layer->kind == LAYER_BATCHNORM) {
            notes->mean = memory_floats(channels);
            notes->inverse = memory_floats(channels);
            notes->sums = memory_floats(frame->chunks * 2 * channels);
        }
        if (frame->kernels.prepared && is_product(layer) && frame->kernels.prepared(layer))
            notes->prepared = memory_floats(frame->kernels.prepared(layer));
    }
}

static void arrange_runs(struct frame *frame)
{
    const struct plan *plan = frame->engine.plan;
    size_t first = 0;

    for (size_t i = 0; i <= plan->layer_count; i++) {
        if (i < plan->layer_count && !is_meeting(&plan->layers[i]))
            continue;
        frame->runs = memory_grow(frame->runs, frame->run_count, sizeof *frame->runs);
        frame->runs[frame->run_count++] = (struct run){ .first = first, .end = i };
        first = i + 1;
    }
}

/* Give a tensor, which may be none, its place behind those that have one. */
static void place(struct frame *frame, size_t tensor, size_t *count)
{
    if (tensor == PLAN_NONE)
        return;
    frame->offsets[tensor] = *count;
    *count += divide_up(frame->engine.plan->tensors[tensor].count, LINE_FLOATS) * LINE_FLOATS;
}

static void place_run(struct frame *frame, struct run *run)
{
    run->parameters = frame->count;
    for (size_t i = run->first; i < run->end; i++) {
        const struct layer *layer = &frame->engine.plan->layers[i];
        if (layer->kind == LAYER_CONV) {
            place(frame, layer->weight, &frame->count);
            place(frame, layer->bias, &frame->count);
            run->convs++;
        }
    }
    run->parameter_count = frame->count - run->parameters;
}

static void place_parameters(struct frame *frame)
{
    const struct plan *plan = frame->engine.plan;
    const struct layer *end = plan->layers + plan->layer_count;

    for (const struct layer *layer = plan->layers; layer < end; layer++)
        if (layer->kind == LAYER_DENSE)
            place(frame, layer->weight, &frame->count);
    for (size_t i = 0; i < frame->run_count; i++)
        place_run(frame, &frame->runs[i]);
    frame->early_count = plan->clip > 0 ? 0 : frame->count;
    for (const struct layer *layer = plan->layers; layer < end; layer++) {
        if (layer->kind == LAYER_BATCHNORM)
            place(frame, layer->weight, &frame->count);
        if (is_meeting(layer))
            place(frame, layer->bias, &frame->count);
    }
}

static void arrange_parameters(struct frame *frame)
{
    const struct plan *plan = frame->engine.plan;
    size_t all;

    frame->offsets = memory_new(plan->tensor_count, sizeof *frame->offsets);
    place_parameters(frame);
    all = frame->count;
    for (size_t i = plan->parameter_tensors; i < plan->tensor_count; i++)
        place(frame, i, &all);
    frame->parameters = memory_floats(all);
    for (size_t i = 0; i < optimizer_moments(&plan->optimizer); i++)
        frame->moments[i] = memory_floats(frame->count);
    if (plan->ema > 0)
        frame->ema = memory_floats(frame->count);
    frame->gradients = memory_floats(frame->count - frame->early_count);
    if (plan->clip > 0) {
        frame->ordered = memory_floats(plan->parameter_count);
        frame->squares = memory_new(parts_of(plan->parameter_count), sizeof *frame->squares);
    }
}

/* The most chunks that a rank has. */
static size_t own_chunks(const struct frame *frame)
{
    return divide_up(frame->chunks, frame->comm->ranks);
}

/* A group keeps all workers busy, and is larger where its gradients stay few. */
static void arrange_groups(struct frame *frame, size_t workers)
{
    const size_t chunks = own_chunks(frame);
    size_t shares = 0, slots;

    for (size_t i = 0; i < frame->run_count; i++) {
        struct run *run = &frame->runs[i];
        run->group = 1;
        while (run->group < chunks && (run->group <= workers || 2 * run->group * run->parameter_count <= GROUP_FLOATS))
            run->group *= 2;
        slots = size_smaller(run->group, chunks) + tree_levels(divide_up(chunks, run->group)) - 1;
        shares = size_larger(shares, slots * run->parameter_count);
    }
    frame->shares = memory_floats(shares);
}

static void arrange_rooms(struct frame *frame, size_t workers)
{
    const struct plan *plan = frame->engine.plan;
    size_t own = 0, slope = 0, rows = 0;

    for (size_t i = 0; i < plan->layer_count; i++) {
        const struct layer *layer = &plan->layers[i];
        if (is_product(layer))
            own = size_larger(own, frame->kernels.room(layer));
        if (layer->kind == LAYER_DENSE && frame->early_count)
            rows = size_larger(rows, frame->kernels.dense_inputs * layer->out.channels);
        slope = size_larger(slope, frame->chunk * frame->values[i + 1].size);
    }
    frame->rooms = memory_new(workers, sizeof *frame->rooms);
    for (size_t i = 0; i < workers; i++) {
        struct room *room = &frame->rooms[i];
        room->own = memory_floats(own);
        room->rows = memory_floats(rows);
        room->slopes[0] = memory_floats(slope);
        room->slopes[1] = memory_floats(slope);
        room->addend = memory_floats(slope);
        if (plan->augments)
            room->augment = memory_floats(augment_room(plan));
    }
}

/* With a limit, all chunks' gradients together would be no more than the plan's. */
static size_t most_chunks(const struct frame *frame)
{
    size_t most = PLAN_MOST_FLOATS / frame->engine.plan->parameter_count;

    return size_smaller(most, frame->kernels.chunks_most);
}

/* Would whole chunks leave a quarter of the workers idle or more, and may there be less than these? */
static bool leaves_idle(const struct frame *frame, size_t workers)
{
    const size_t chunks = own_chunks(frame), places = divide_up(chunks, workers) * workers;

    return !frame->kernels.chunks_most && 4 * chunks <= 3 * places;
}

void frame_arrange(struct frame *frame, const struct plan *plan, size_t workers)
{
    frame->engine.plan = plan;
    frame->chunk = CHUNK;
    if (frame->kernels.chunks_most)
        frame->chunk = size_larger(CHUNK, divide_up(plan->batch, most_chunks(frame)));
    frame->chunks = divide_up(plan->batch, frame->chunk);
    frame->splits = leaves_idle(frame, workers);
    frame->losses = memory_floats(plan->batch);
    frame->correct = memory_new(plan->batch, sizeof *frame->correct);
    arrange_values(frame);
    arrange_slopes(frame);
    arrange_notes(frame);
    arrange_runs(frame);
    arrange_parameters(frame);
    arrange_groups(frame, workers);
    arrange_rooms(frame, workers);
    ranks_arrange(frame);
}

static void release_layers(struct frame *frame)
{
    const struct plan *plan = frame->engine.plan;

    for (size_t i = 0; i < plan->layer_count; i++) {
        struct notes *notes = &frame->notes[i];
        free(notes->winners);
        free(notes->kept);
        free(notes->mean);
        free(notes->inverse);
        free(notes->sums);
        free(notes->prepared);
    }
    for (size_t i = 0; i <= plan->layer_count; i++) {
        if (i == 0 || !works_in_place(frame, &plan->layers[i - 1]))
            free(frame->values[i].x);
        if (!has_slope_of_next(frame, i) || frame->values[i].slope != frame->values[i + 1].slope)
            free(frame->values[i].slope);
    }
    free(frame->notes);
    free(frame->values);
}

static void release_rooms(struct frame *frame, size_t workers)
{
    for (size_t i = 0; i < workers; i++) {
        struct room *room = &frame->rooms[i];
        free(room->own);
        free(room->rows);
        free(room->slopes[0]);
        free(room->slopes[1]);
        free(room->addend);
        free(room->augment);
    }
    free(frame->rooms);
}

void frame_release(struct frame *frame, size_t workers)
{
    release_rooms(frame, workers);
    release_layers(frame);
    ranks_release(frame);
    free(frame->runs);
    for (size_t i = 0; i < OPTIMIZER_MOMENTS; i++)
        free(frame->moments[i]);
    free(frame->ema);
    free(frame->offsets);
    free(frame->parameters);
    free(frame->gradients);
    free(frame->shares);
    free(frame->ordered);
    free(frame->squares);
    free(frame->losses);
    free(frame->correct);
}
