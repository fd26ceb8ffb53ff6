/* The norm of the gradients is that of their parts in file order. */
#include "base/vectors.h"
#include "engine/frame/inside.h"
#include "engine/frame/layers.h"
#include "engine/ref/layers.h"

#include <math.h>
#include <string.h>

enum { PLACES = 16 }; /* of a block: a cache line's */

static size_t layer_blocks(const struct layer *layer)
{
    return is_product(layer) ? divide_up(weight_places(layer_inputs(layer)), PLACES) : layer->kind == LAYER_BATCHNORM;
}

size_t order_blocks(const struct frame *frame)
{
    size_t n = 0;

    for (size_t i = 0; i < frame->engine.plan->layer_count; i++)
        n += layer_blocks(&frame->engine.plan->layers[i]);
    return n;
}

static void order_vector(const struct frame *frame, size_t tensor)
{
    const struct plan_tensor *tensors = frame->engine.plan->tensors;

    if (tensor != PLAN_NONE)
        memcpy(frame->ordered + tensors[tensor].offset, gradient(frame, tensor),
               tensors[tensor].count * sizeof *frame->ordered);
}

void block_order(struct frame *frame, struct room *room, size_t number)
{
    const struct layer *layer = frame->engine.plan->layers;
    size_t first, end;

    (void)room;
    for (; number >= layer_blocks(layer); layer++)
        number -= layer_blocks(layer);
    if (number == 0)
        order_vector(frame, layer->bias);
    if (!is_product(layer)) {
        order_vector(frame, layer->weight);
        return;
    }
    find_block(weight_places(layer_inputs(layer)), PLACES, number, &first, &end);
    weight_to_file(layer_inputs(layer), layer->out.channels, first, end, gradient(frame, layer->weight),
                   frame->ordered + frame->engine.plan->tensors[layer->weight].offset);
}

void part_square(struct frame *frame, struct room *room, size_t number)
{
    const size_t left = frame->engine.plan->parameter_count - number * PART;

    (void)room;
    frame->squares[number] = frame_squares(left < PART ? left : PART, frame->ordered + number * PART);
}

VECTORS double frame_squares(size_t n, const float *gradient)
{
    double chain[PART_CHAINS] = { 0 }, sum = 0;
    size_t i = 0;

    for (; i + PART_CHAINS <= n; i += PART_CHAINS)
        for (size_t lane = 0; lane < PART_CHAINS; lane++)
            chain[lane] = fma((double)gradient[i + lane], (double)gradient[i + lane], chain[lane]);
    for (; i < n; i++)
        chain[i % PART_CHAINS] = fma((double)gradient[i], (double)gradient[i], chain[i % PART_CHAINS]);
    for (size_t lane = 0; lane < PART_CHAINS; lane++)
        sum += chain[lane];
    return sum;
}

VECTORS void frame_scale(size_t n, float factor, float *values)
{
    for (size_t i = 0; i < n; i++)
        values[i] *= factor;
}
