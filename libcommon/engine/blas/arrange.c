#include "base/memory.h"
#include "data/augment.h"
#include "engine/blas/inside.h"
#include "engine/blas/layers.h"
#include "engine/ref/layers.h"

#include <stdlib.h>

enum {
    CHUNK_LEAST = 4,      /* samples of a chunk */
    CHUNKS_MOST = 32,     /* of a batch: each keeps a gradient of its own */
    WIDE_LEAST = 1 << 14, /* weights of a wide layer: a worker would read them all for each chunk */
    BLOCK_INPUTS = 512,   /* the most inputs of a block */
    LINE_FLOATS = 16,     /* tensors begin at cache lines */
};

static size_t parts(size_t n, size_t size)
{
    return (n + size - 1) / size;
}

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

static bool is_wide(const struct plan *plan, const struct layer *layer)
{
    return layer->kind == LAYER_DENSE && plan->tensors[layer->weight].count >= WIDE_LEAST;
}

/* Do the chunks meet at layer i? */
static bool is_meeting(const struct plan *plan, size_t i)
{
    return plan->layers[i].kind == LAYER_BATCHNORM || is_wide(plan, &plan->layers[i]);
}

/* relu and dropout do, where nobody asks for their input again: neither a second reader, nor its own layer on the way
 * back, as tanh does. */
static bool works_in_place(const struct blas *blas, const struct layer *layer)
{
    const struct layer *before = layer->input ? &blas->engine.plan->layers[layer->input - 1] : NULL;

    if (layer->kind != LAYER_RELU && layer->kind != LAYER_DROPOUT && layer->kind != LAYER_DROPOUT2D)
        return false;
    return blas->values[layer->input].last == layer->number && !(before && before->kind == LAYER_TANH);
}

/* A slope is in a worker's room where a chunk goes from the value's only reader, the layer after it, straight on. */
static bool has_slope(const struct blas *blas, size_t i)
{
    const struct plan *plan = blas->engine.plan;

    if (i == 0)
        return false;
    return is_meeting(plan, i - 1) || (i < plan->layer_count && (blas->values[i].last != i || is_meeting(plan, i)));
}

static void arrange_values(struct blas *blas)
{
    const struct plan *plan = blas->engine.plan;

    blas->values = memory_new(plan->layer_count + 1, sizeof *blas->values);
    for (size_t i = 0; i < plan->layer_count; i++) {
        const struct layer *layer = &plan->layers[i];
        blas->values[layer->input].last = i;
        if (layer->kind == LAYER_ADD)
            blas->values[layer->other].last = i;
    }
    for (size_t i = 0; i <= plan->layer_count; i++) {
        const struct layer *layer = i ? &plan->layers[i - 1] : NULL;
        struct value *value = &blas->values[i];
        value->size = shape_size(layer ? layer->out : plan->input);
        if (layer && works_in_place(blas, layer))
            value->x = blas->values[layer->input].x;
        else
            value->x = memory_floats(plan->batch * value->size);
        if (has_slope(blas, i))
            value->slope = memory_floats(plan->batch * value->size);
    }
}

static void arrange_notes(struct blas *blas)
{
    const struct plan *plan = blas->engine.plan;

    blas->notes = memory_new(plan->layer_count, sizeof *blas->notes);
    for (size_t i = 0; i < plan->layer_count; i++) {
        const struct layer *layer = &plan->layers[i];
        struct notes *notes = &blas->notes[i];
        const size_t size = plan->batch * shape_size(layer->out), channels = layer->in.channels;
        if (layer->kind == LAYER_MAXPOOL)
            notes->winners = memory_new(size, sizeof *notes->winners);
        if (layer->kind == LAYER_DROPOUT || layer->kind == LAYER_DROPOUT2D)
            notes->kept = memory_new(size, sizeof *notes->kept);
        if (layer->kind == LAYER_BATCHNORM) {
            notes->mean = memory_floats(channels);
            notes->inverse = memory_floats(channels);
            notes->sums = memory_floats(blas->chunks * 2 * channels);
        }
        if (is_wide(plan, layer)) {
            notes->blocks = parts(shape_size(layer->in), BLOCK_INPUTS);
            notes->products = memory_floats(notes->blocks * size);
        }
    }
}

static void arrange_runs(struct blas *blas)
{
    const struct plan *plan = blas->engine.plan;
    size_t first = 0;

    for (size_t i = 0; i <= plan->layer_count; i++) {
        if (i < plan->layer_count && !is_meeting(plan, i))
            continue;
        blas->runs = memory_grow(blas->runs, blas->run_count, sizeof *blas->runs);
        blas->runs[blas->run_count++] = (struct run){ first, i };
        first = i + 1;
    }
}

/* Give a tensor, which may be none, its place behind those that have one. */
static void place(struct blas *blas, size_t tensor, size_t *count)
{
    if (tensor == PLAN_NONE)
        return;
    blas->offsets[tensor] = *count;
    *count += parts(blas->engine.plan->tensors[tensor].count, LINE_FLOATS) * LINE_FLOATS;
}

/* The parameters of the layers that are between runs, or are not. */
static void place_parameters(struct blas *blas, bool between)
{
    const struct plan *plan = blas->engine.plan;

    for (size_t i = 0; i < plan->layer_count; i++) {
        const struct layer *layer = &plan->layers[i];
        if (is_meeting(plan, i) != between ||
            (layer->kind != LAYER_CONV && layer->kind != LAYER_DENSE && layer->kind != LAYER_BATCHNORM))
            continue;
        place(blas, layer->weight, &blas->count);
        place(blas, layer->bias, &blas->count);
    }
}

static void arrange_parameters(struct blas *blas)
{
    const struct plan *plan = blas->engine.plan;
    size_t all;

    blas->offsets = memory_new(plan->tensor_count, sizeof *blas->offsets);
    place_parameters(blas, true);
    blas->between_count = blas->count;
    place_parameters(blas, false);
    all = blas->count;
    for (size_t i = plan->parameter_tensors; i < plan->tensor_count; i++)
        place(blas, i, &all);
    blas->parameters = memory_floats(all);
    for (size_t i = 0; i < optimizer_moments(&plan->optimizer); i++)
        blas->moments[i] = memory_floats(blas->count);
    if (plan->ema > 0)
        blas->ema = memory_floats(blas->count);
    blas->gradients = memory_floats(blas->between_count + blas->chunks * (blas->count - blas->between_count));
    blas->squares = memory_new(parts_of(blas->count), sizeof *blas->squares);
}

static void arrange_rooms(struct blas *blas, size_t workers)
{
    const struct plan *plan = blas->engine.plan;
    size_t patches = 0, slope = 0;

    for (size_t i = 0; i < plan->layer_count; i++) {
        if (plan->layers[i].kind == LAYER_CONV)
            patches = larger(patches, blas_conv_patches(&plan->layers[i]));
        slope = larger(slope, blas->chunk * blas->values[i + 1].size);
    }
    blas->rooms = memory_new(workers, sizeof *blas->rooms);
    for (size_t i = 0; i < workers; i++) {
        struct room *room = &blas->rooms[i];
        room->patches = memory_floats(patches);
        room->slopes[0] = memory_floats(slope);
        room->slopes[1] = memory_floats(slope);
        room->addend = memory_floats(slope);
        if (plan->augments)
            room->augment = memory_floats(augment_room(plan));
    }
}

/* All chunks' gradients together are no more than the plan's limit. */
static size_t most_chunks(const struct plan *plan)
{
    size_t most = PLAN_MOST_FLOATS / plan->parameter_count;

    return most < CHUNKS_MOST ? most : CHUNKS_MOST;
}

void blas_arrange(struct blas *blas, const struct plan *plan, size_t workers)
{
    blas->engine.plan = plan;
    blas->chunk = larger(CHUNK_LEAST, parts(plan->batch, most_chunks(plan)));
    blas->chunks = parts(plan->batch, blas->chunk);
    blas->losses = memory_floats(plan->batch);
    blas->correct = memory_new(plan->batch, sizeof *blas->correct);
    arrange_values(blas);
    arrange_notes(blas);
    arrange_runs(blas);
    arrange_parameters(blas);
    arrange_rooms(blas, workers);
}

static void release_layers(struct blas *blas)
{
    const struct plan *plan = blas->engine.plan;

    for (size_t i = 0; i < plan->layer_count; i++) {
        struct notes *notes = &blas->notes[i];
        free(notes->winners);
        free(notes->kept);
        free(notes->mean);
        free(notes->inverse);
        free(notes->sums);
        free(notes->products);
    }
    for (size_t i = 0; i <= plan->layer_count; i++) {
        if (i == 0 || !works_in_place(blas, &plan->layers[i - 1]))
            free(blas->values[i].x);
        free(blas->values[i].slope);
    }
    free(blas->notes);
    free(blas->values);
}

static void release_rooms(struct blas *blas, size_t workers)
{
    for (size_t i = 0; i < workers; i++) {
        struct room *room = &blas->rooms[i];
        free(room->patches);
        free(room->slopes[0]);
        free(room->slopes[1]);
        free(room->addend);
        free(room->augment);
    }
    free(blas->rooms);
}

void blas_release(struct blas *blas, size_t workers)
{
    release_rooms(blas, workers);
    release_layers(blas);
    free(blas->runs);
    for (size_t i = 0; i < OPTIMIZER_MOMENTS; i++)
        free(blas->moments[i]);
    free(blas->ema);
    free(blas->offsets);
    free(blas->parameters);
    free(blas->gradients);
    free(blas->squares);
    free(blas->losses);
    free(blas->correct);
}
