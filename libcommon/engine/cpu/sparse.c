/*
 * conv backward over the gradients that are not 0: after relu and maxpool hardly one output in six. A chain is the same
 * whether products with 0 are in it or not (rote-arithmetic(7), "Numbers"), and so are these.
 *
 * Vectors run over the input under an output position: for one gradient, that input is added to the gradient of a
 * weight, and the weight to the gradient of that input.
 */
#include "engine/cpu/inside.h"
#include "engine/frame/layers.h"

#include <string.h>

/* The gradients of one sample that are not 0, as lists: of each position, then of each channel. */
struct entries {
    float *factor; /* of position p: [first[p], first[p + 1]) */
    uint32_t *channel;
    uint32_t *at;    /* the channel's weight */
    uint32_t *first; /* (positions + 1) */

    float *channel_factor; /* of channel o: count[o] from o * positions */
    uint32_t *channel_at;  /* the input under the position */
    uint32_t *count;
};

/* What lies in a worker's room. */
struct room {
    float *input;   /* framed */
    float *dx;      /* framed */
    float *dweight; /* (O, K, L, C) */
    struct entries entries;
};

static size_t positions_of(const struct layer *layer)
{
    return layer->out.rows * layer->out.columns;
}

static size_t weight_row(const struct layer *layer)
{
    return shape_size(layer_inputs(layer));
}

size_t sparse_room(const struct layer *layer)
{
    const size_t O = layer->out.channels, outputs = shape_size(layer->out);

    return 2 * framed_size(framed_input(layer)) + O * weight_row(layer) + 5 * outputs + positions_of(layer) + 1 + O;
}

static struct room arrange(const struct layer *layer, float *floats)
{
    const size_t framed = framed_size(framed_input(layer)), outputs = shape_size(layer->out);
    struct room room = { .input = floats, .dx = floats + framed, .dweight = floats + 2 * framed };
    float *next = room.dweight + layer->out.channels * weight_row(layer);

    room.entries = (struct entries){ .factor = next,
                                     .at = (uint32_t *)(next + outputs),
                                     .channel_factor = next + 2 * outputs,
                                     .channel_at = (uint32_t *)(next + 3 * outputs),
                                     .channel = (uint32_t *)(next + 4 * outputs),
                                     .first = (uint32_t *)(next + 5 * outputs),
                                     .count = (uint32_t *)(next + 5 * outputs + positions_of(layer) + 1) };
    return room;
}

static void list_positions(const struct layer *layer, const float *dy, struct entries *entries)
{
    const size_t O = layer->out.channels, row = weight_row(layer);
    size_t n = 0;

    for (size_t position = 0; position < positions_of(layer); position++) {
        entries->first[position] = (uint32_t)n;
        n += tiles->collect(O, dy + position * O, entries->factor + n, entries->channel + n);
    }
    entries->first[positions_of(layer)] = (uint32_t)n;
    for (size_t i = 0; i < n; i++)
        entries->at[i] = entries->channel[i] * (uint32_t)row;
}

/* Where the input under output position `position` begins. */
static size_t under(const struct layer *layer, size_t position)
{
    const size_t row = position / layer->out.columns, column = position % layer->out.columns;

    return (row * framed_input(layer).columns + column) * layer->stride * layer->in.channels;
}

static void list_channels(const struct layer *layer, struct entries *entries)
{
    const size_t positions = positions_of(layer);

    memset(entries->count, 0, layer->out.channels * sizeof *entries->count);
    for (size_t position = 0; position < positions; position++) {
        const uint32_t at = (uint32_t)under(layer, position);
        for (uint32_t i = entries->first[position]; i < entries->first[position + 1]; i++) {
            const size_t out = entries->channel[i], place = out * positions + entries->count[out]++;
            entries->channel_factor[place] = entries->factor[i];
            entries->channel_at[place] = at;
        }
    }
}

static void add_weights(const struct layer *layer, const float *x, const struct room *room)
{
    const struct entries *entries = &room->entries;
    const size_t part = layer->kernel_columns * layer->in.channels,
                 row = framed_input(layer).columns * layer->in.channels;

    for (size_t out = 0; out < layer->out.channels; out++)
        for (size_t i = 0; i < layer->kernel_rows; i++)
            tiles->combine(entries->count[out], entries->channel_factor + out * positions_of(layer),
                           entries->channel_at + out * positions_of(layer), x + i * row, part,
                           room->dweight + (out * layer->kernel_rows + i) * part);
}

static void add_inputs(const struct layer *layer, const float *weight, const struct room *room)
{
    const struct entries *entries = &room->entries;
    const size_t part = layer->kernel_columns * layer->in.channels,
                 row = framed_input(layer).columns * layer->in.channels;

    memset(room->dx, 0, framed_size(framed_input(layer)) * sizeof *room->dx);
    for (size_t position = 0; position < positions_of(layer); position++) {
        const uint32_t first = entries->first[position], n = entries->first[position + 1] - first;
        float *dx = room->dx + under(layer, position);
        for (size_t i = 0; n && i < layer->kernel_rows; i++)
            tiles->combine(n, entries->factor + first, entries->at + first, weight + i * part, part, dx + i * row);
    }
}

/* What lies inside of the frame, ended with + 0. */
static void take_inputs(const struct layer *layer, const float *framed, float *dx)
{
    const struct framed frame = framed_input(layer);
    const size_t C = frame.channels, inside = layer->in.columns * C;

    for (size_t i = 0; i < layer->in.rows; i++) {
        const float *from = framed + ((i + layer->pad) * frame.columns + layer->pad) * C;
        for (size_t j = 0; j < inside; j++)
            dx[i * inside + j] = from[j] + 0;
    }
}

static void take_weights(const struct layer *layer, const float *from, float *dweight)
{
    const size_t O = layer->out.channels, row = weight_row(layer);

    for (size_t i = 0; i < row; i++)
        for (size_t out = 0; out < O; out++)
            dweight[i * O + out] = from[out * row + i] + 0;
}

void sparse_backward(const struct product *product, const float *weight)
{
    const struct layer *layer = product->layer;
    struct room room = arrange(layer, product->room);

    memset(room.dweight, 0, layer->out.channels * weight_row(layer) * sizeof *room.dweight);
    for (size_t sample = 0; sample < product->batch; sample++) {
        list_positions(layer, product->dy + sample * shape_size(layer->out), &room.entries);
        list_channels(layer, &room.entries);
        add_weights(layer, frame_input(layer, product->x + sample * shape_size(layer->in), room.input), &room);
        if (product->dx) {
            add_inputs(layer, weight, &room);
            take_inputs(layer, room.dx, product->dx + sample * shape_size(layer->in));
        }
    }
    take_weights(layer, room.dweight, product->dweight);
}
