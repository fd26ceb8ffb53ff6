/*
 * conv over what is not 0. A chain is the same whether products with 0 are in it or not (rote-arithmetic(7),
 * "Numbers"). After relu about half of the inputs are not, and those of neighbours are often the same: forward runs
 * over the places at which any of a tile's rows has something. Before maxpool and relu hardly one gradient in twenty is
 * not: backward takes them one by one, with vectors over the input under an output position: for one gradient, that
 * input is added to the gradient of a weight, and the weight to the gradient of that input.
 */
#include "base/divide.h"
#include "engine/cpu/inside.h"
#include "engine/frame/layers.h"

#include <string.h>

enum { LONGEST = 8 }; /* of a kernel, in tiles: lists then take so many times what the input does */

/* The input of one sample as the tiles of a row of outputs read a row of it: places in the window of a tile's first
 * output. */
struct windows {
    float *input;    /* padded */
    size_t tiles;    /* of a row */
    uint32_t *count; /* (padded rows, tiles) */
    uint32_t *at;    /* (padded rows, tiles, L * C) */
};

/* The gradients of one sample that are not 0, as lists: of each position, then of each channel. */
struct entries {
    float *factor; /* of position p: [first[p], first[p + 1]) */
    uint32_t *channel;
    uint32_t *first; /* (positions + 1) */

    float *channel_factor; /* of channel o: count[o] from o * positions */
    uint32_t *channel_at;  /* the input under the position */
    uint32_t *count;
};

/* What lies in a worker's room on the way back. */
struct room {
    float *input;   /* padded */
    float *dx;      /* padded */
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

static size_t tiles_of(const struct layer *layer)
{
    return divide_up(layer->out.columns, tiles->listed_rows);
}

bool sparse_suits(const struct layer *layer)
{
    return layer->kernel_columns <= LONGEST * tiles->listed_rows;
}

static size_t forward_room(const struct layer *layer)
{
    if (!sparse_suits(layer))
        return 0;
    return padded_size(padded_input(layer)) +
           padded_input(layer).rows * tiles_of(layer) * (1 + layer->kernel_columns * layer->in.channels);
}

static size_t backward_room(const struct layer *layer)
{
    const size_t O = layer->out.channels, outputs = shape_size(layer->out);

    return 2 * padded_size(padded_input(layer)) + O * weight_row(layer) + 4 * outputs + positions_of(layer) + 1 + O;
}

size_t sparse_room(const struct layer *layer)
{
    return forward_room(layer) > backward_room(layer) ? forward_room(layer) : backward_room(layer);
}

/* The outputs of a row that tile number `tile` has. */
static size_t tile_rows(const struct layer *layer, size_t tile)
{
    const size_t left = layer->out.columns - tile * tiles->listed_rows;

    return left < tiles->listed_rows ? left : tiles->listed_rows;
}

static void list_windows(const struct layer *layer, const float *x, const struct windows *windows)
{
    const struct padded padded = padded_input(layer);
    const size_t C = padded.channels, step = layer->stride * C, length = layer->kernel_columns * C;
    size_t number = 0;

    for (size_t row = 0; row < padded.rows; row++, x += padded.columns * C)
        for (size_t tile = 0; tile < windows->tiles; tile++, number++)
            windows->count[number] =
                (uint32_t)tiles->list(length, tile_rows(layer, tile), x + tile * tiles->listed_rows * step, step,
                                      windows->at + number * length);
}

/* What row `k` of the kernel adds to one row of outputs; x: the row of input that it reads, number `in`. */
static void add_row(const struct product *product, const struct windows *windows, size_t k, size_t in, const float *x,
                    float *y)
{
    const struct layer *layer = product->layer;
    const size_t C = layer->in.channels, O = layer->out.channels, length = layer->kernel_columns * C;
    struct chains chains = {
        .runs = 1, .a_row = layer->stride * C, .b_step = O, .start_row = k ? O : 0, .open = k + 1 < layer->kernel_rows
    };

    for (size_t tile = 0; tile < windows->tiles; tile++) {
        const size_t number = in * windows->tiles + tile, column = tile * tiles->listed_rows;
        chains.length = windows->count[number];
        chains.at = windows->at + number * length;
        chains.start = k ? y + column * O : product->bias;
        tiles->product(&chains, tile_rows(layer, tile), O, x + column * chains.a_row, product->weight + k * length * O,
                       y + column * O, O);
    }
}

void sparse_forward(const struct product *product)
{
    const struct layer *layer = product->layer;
    const struct padded padded = padded_input(layer);
    const size_t row = layer->out.columns * layer->out.channels;
    struct windows windows = { .input = product->room, .tiles = tiles_of(layer) };

    windows.count = (uint32_t *)(product->room + padded_size(padded));
    windows.at = windows.count + padded.rows * windows.tiles;
    for (size_t sample = 0; sample < product->batch; sample++) {
        const float *x = cpu_pad_input(layer, product->x + sample * shape_size(layer->in), windows.input);
        float *y = product->y + sample * shape_size(layer->out);
        list_windows(layer, x, &windows);
        for (size_t k = 0; k < layer->kernel_rows; k++) /* a row of the kernel stays in the cache for all outputs */
            for (size_t i = 0; i < layer->out.rows; i++) {
                const size_t in = i * layer->stride + k;
                add_row(product, &windows, k, in, x + in * padded.columns * padded.channels, y + i * row);
            }
    }
}

static struct room arrange(const struct layer *layer, float *floats)
{
    const size_t padded = padded_size(padded_input(layer)), outputs = shape_size(layer->out);
    struct room room = { .input = floats, .dx = floats + padded, .dweight = floats + 2 * padded };
    float *next = room.dweight + layer->out.channels * weight_row(layer);

    room.entries = (struct entries){ .factor = next,
                                     .channel = (uint32_t *)(next + outputs),
                                     .channel_factor = next + 2 * outputs,
                                     .channel_at = (uint32_t *)(next + 3 * outputs),
                                     .first = (uint32_t *)(next + 4 * outputs),
                                     .count = (uint32_t *)(next + 4 * outputs + positions_of(layer) + 1) };
    return room;
}

static void list_channels(const struct layer *layer, struct entries *entries)
{
    const size_t positions = positions_of(layer), step = layer->stride * layer->in.channels;
    const size_t row_step = padded_input(layer).columns * step; /* of the input under an output */
    size_t position = 0;

    memset(entries->count, 0, layer->out.channels * sizeof *entries->count);
    for (size_t row = 0; row < layer->out.rows; row++)
        for (size_t column = 0; column < layer->out.columns; column++, position++) {
            const uint32_t at = (uint32_t)(row * row_step + column * step);
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
    const size_t part = layer->kernel_columns * layer->in.channels, positions = positions_of(layer),
                 row = padded_input(layer).columns * layer->in.channels;

    for (size_t out = 0; out < layer->out.channels; out++)
        for (size_t i = 0; i < layer->kernel_rows; i++)
            tiles->combine(entries->count[out], entries->channel_factor + out * positions,
                           entries->channel_at + out * positions, x + i * row, 1, part,
                           room->dweight + (out * layer->kernel_rows + i) * part);
}

/* dx: padded. */
static void add_inputs(const struct layer *layer, const float *weight, const struct entries *entries, float *dx)
{
    const size_t part = layer->kernel_columns * layer->in.channels, all = weight_row(layer),
                 row = padded_input(layer).columns * layer->in.channels, step = layer->stride * layer->in.channels;
    size_t position = 0;

    memset(dx, 0, padded_size(padded_input(layer)) * sizeof *dx);
    for (size_t i = 0; i < layer->out.rows; i++)
        for (size_t j = 0; j < layer->out.columns; j++, position++) {
            const uint32_t first = entries->first[position], n = entries->first[position + 1] - first;
            for (size_t k = 0; n && k < layer->kernel_rows; k++)
                tiles->combine(n, entries->factor + first, entries->channel + first, weight + k * part, all, part,
                               dx + (i * layer->stride + k) * row + j * step);
        }
}

/* What lies inside of the frame. */
static void take_inputs(const struct layer *layer, const float *padded, float *dx)
{
    const struct padded frame = padded_input(layer);
    const size_t C = frame.channels, inside = layer->in.columns * C;

    for (size_t i = 0; i < layer->in.rows; i++)
        memcpy(dx + i * inside, padded + ((i + layer->pad) * frame.columns + layer->pad) * C, inside * sizeof *dx);
}

static void backward_input(const struct product *product, size_t sample, const float *weight, const struct room *room)
{
    const struct layer *layer = product->layer;
    float *dx = product->dx + sample * shape_size(layer->in);

    add_inputs(layer, weight, &room->entries, layer->pad ? room->dx : dx);
    if (layer->pad)
        take_inputs(layer, room->dx, dx);
    cpu_end(shape_size(layer->in), dx);
}

void sparse_backward(const struct product *product, const float *weight)
{
    const struct layer *layer = product->layer;
    const size_t O = layer->out.channels;
    struct room room = arrange(layer, product->room);
    struct entries *entries = &room.entries;

    if (product->dweight)
        memset(room.dweight, 0, O * weight_row(layer) * sizeof *room.dweight);
    for (size_t sample = 0; sample < product->batch; sample++) {
        tiles->collect_rows(positions_of(layer), O, product->dy + sample * shape_size(layer->out), entries->factor,
                            entries->channel, entries->first);
        if (product->dweight) {
            list_channels(layer, entries);
            add_weights(layer, cpu_pad_input(layer, product->x + sample * shape_size(layer->in), room.input), &room);
        }
        if (product->dx)
            backward_input(product, sample, weight, &room);
    }
    if (!product->dweight)
        return;
    tiles->turn(O, weight_row(layer), room.dweight, weight_row(layer), product->dweight, O);
    cpu_end(O * weight_row(layer), product->dweight);
}
