#include "base/memory.h"
#include "engine/blas/inside.h"
#include "engine/blas/layers.h"

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

static bool is_wide(const struct plan *plan, size_t i)
{
    const struct layer *layer = &plan->layers[i];

    return layer->kind == LAYER_DENSE && plan->tensors[layer->weight].count >= WIDE_LEAST;
}

struct shape layer_inputs(const struct layer *layer)
{
    if (layer->kind == LAYER_CONV)
        return (struct shape){ layer->kernel_rows, layer->kernel_columns, layer->in.channels };
    return layer->in;
}

struct dense_block wide_block(const struct blas *blas, const struct run *run, size_t number)
{
    const struct layer *layer = &blas->engine.plan->layers[run->end];
    struct dense_block block = { .inputs = shape_size(layer->in), .outputs = layer->out.channels };

    threads_share(block.inputs, number, run->blocks, &block.first, &block.end);
    return block;
}

size_t blas_chunks(const struct blas *blas)
{
    return parts(blas->step->count, blas->chunk);
}

size_t blas_pieces(const struct blas *blas)
{
    return parts(blas->count, PIECE);
}

size_t value_size(const struct plan *plan, size_t i)
{
    return shape_size(i ? plan->layers[i - 1].out : plan->input);
}

/* relu and dropout work in place: nobody asks for their input again. */
static void arrange_values(struct blas *blas)
{
    const struct plan *plan = blas->engine.plan;

    blas->values = memory_new(plan->layer_count + 1, sizeof *blas->values);
    blas->winners = memory_new(plan->layer_count, sizeof *blas->winners);
    blas->kept = memory_new(plan->layer_count, sizeof *blas->kept);
    blas->values[0] = memory_floats(plan->batch * value_size(plan, 0));
    for (size_t i = 0; i < plan->layer_count; i++) {
        enum layer_kind kind = plan->layers[i].kind;
        size_t size = plan->batch * value_size(plan, i + 1);
        if (kind == LAYER_RELU || kind == LAYER_DROPOUT)
            blas->values[i + 1] = blas->values[i];
        else
            blas->values[i + 1] = memory_floats(size);
        if (kind == LAYER_MAXPOOL)
            blas->winners[i] = memory_new(size, sizeof *blas->winners[i]);
        if (kind == LAYER_DROPOUT)
            blas->kept[i] = memory_new(size, sizeof *blas->kept[i]);
    }
}

static void arrange_wide(struct blas *blas, struct run *run)
{
    const struct plan *plan = blas->engine.plan;
    size_t inputs = value_size(plan, run->end);

    if (run->first == run->end)
        run->end_slope = run->first_slope;
    else
        run->end_slope = memory_floats(plan->batch * inputs);
    run->blocks = parts(inputs, BLOCK_INPUTS);
    run->products = memory_floats(run->blocks * plan->batch * value_size(plan, run->end + 1));
}

static void arrange_runs(struct blas *blas)
{
    const struct plan *plan = blas->engine.plan;
    struct run run = { 0 };

    for (size_t i = 0; i <= plan->layer_count; i++) {
        if (i < plan->layer_count && !is_wide(plan, i))
            continue;
        run.end = i;
        if (i < plan->layer_count)
            arrange_wide(blas, &run);
        blas->runs = memory_grow(blas->runs, blas->run_count, sizeof *blas->runs);
        blas->runs[blas->run_count++] = run;
        if (i < plan->layer_count)
            run = (struct run){ .first = i + 1, .first_slope = memory_floats(plan->batch * value_size(plan, i + 1)) };
    }
}

/* Give the tensors of layers that are `wide`, or are not, their places. */
static void place_tensors(struct blas *blas, bool wide)
{
    const struct plan *plan = blas->engine.plan;

    for (size_t i = 0; i < plan->layer_count; i++) {
        const struct layer *layer = &plan->layers[i];
        if ((layer->kind != LAYER_CONV && layer->kind != LAYER_DENSE) || is_wide(plan, i) != wide)
            continue;
        for (size_t j = 0; j < 2; j++) {
            size_t tensor = j ? layer->bias : layer->weight;
            blas->offsets[tensor] = blas->count;
            blas->count += parts(plan->tensors[tensor].count, LINE_FLOATS) * LINE_FLOATS;
        }
    }
}

static void arrange_parameters(struct blas *blas)
{
    const struct plan *plan = blas->engine.plan;

    blas->offsets = memory_new(plan->tensor_count, sizeof *blas->offsets);
    place_tensors(blas, true);
    blas->wide_count = blas->count;
    place_tensors(blas, false);
    blas->parameters = memory_floats(blas->count);
    for (size_t i = 0; i < optimizer_moments(&plan->optimizer); i++)
        blas->moments[i] = memory_floats(blas->count);
    blas->gradients = memory_floats(blas->wide_count + blas->chunks * (blas->count - blas->wide_count));
}

static void arrange_rooms(struct blas *blas, size_t workers)
{
    const struct plan *plan = blas->engine.plan;
    size_t patches = 0, slope = 0;

    for (size_t i = 0; i < plan->layer_count; i++) {
        if (plan->layers[i].kind == LAYER_CONV)
            patches = larger(patches, blas_conv_patches(&plan->layers[i]));
        slope = larger(slope, blas->chunk * value_size(plan, i + 1));
    }
    blas->rooms = memory_new(workers, sizeof *blas->rooms);
    for (size_t i = 0; i < workers; i++)
        blas->rooms[i] = (struct room){ memory_floats(patches), { memory_floats(slope), memory_floats(slope) } };
}

void blas_arrange(struct blas *blas, const struct plan *plan, size_t workers)
{
    blas->engine.plan = plan;
    blas->chunk = larger(CHUNK_LEAST, parts(plan->batch, CHUNKS_MOST));
    blas->chunks = parts(plan->batch, blas->chunk);
    blas->losses = memory_floats(plan->batch);
    blas->correct = memory_new(plan->batch, sizeof *blas->correct);
    arrange_values(blas);
    arrange_runs(blas);
    arrange_parameters(blas);
    arrange_rooms(blas, workers);
}

static void release_runs(struct blas *blas)
{
    for (size_t i = 0; i < blas->run_count; i++) {
        struct run *run = &blas->runs[i];
        if (run->end_slope != run->first_slope)
            free(run->end_slope);
        free(run->first_slope);
        free(run->products);
    }
    free(blas->runs);
}

void blas_release(struct blas *blas, size_t workers)
{
    for (size_t i = 0; i < workers; i++) {
        free(blas->rooms[i].patches);
        free(blas->rooms[i].slopes[0]);
        free(blas->rooms[i].slopes[1]);
    }
    free(blas->rooms);
    for (size_t i = blas->engine.plan->layer_count; i > 0; i--) {
        if (blas->values[i] != blas->values[i - 1])
            free(blas->values[i]);
        free(blas->winners[i - 1]);
        free(blas->kept[i - 1]);
    }
    free(blas->values[0]);
    free(blas->values);
    free(blas->winners);
    free(blas->kept);
    release_runs(blas);
    for (size_t i = 0; i < OPTIMIZER_MOMENTS; i++)
        free(blas->moments[i]);
    free(blas->offsets);
    free(blas->parameters);
    free(blas->gradients);
    free(blas->losses);
    free(blas->correct);
}
