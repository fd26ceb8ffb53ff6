/*
 * conv as chains: forward over the input under each output position, the gradient of a weight over output positions,
 * that of an input over the output positions that read it. All three are the same product over operands that are laid
 * out for it: the input with its padding around it, the output's gradient with zeros where a stride leaves gaps.
 */
#include "engine/cpu/inside.h"
#include "engine/frame/layers.h"

#include <string.h>

struct padded padded_input(const struct layer *layer)
{
    return (struct padded){ layer->in.rows + 2 * layer->pad, layer->in.columns + 2 * layer->pad, layer->in.channels };
}

/* What the gradient of every input position reads the same window of: see spread_gradient(). */
static struct padded spread_gradient_shape(const struct layer *layer)
{
    return (struct padded){ layer->in.rows + layer->kernel_rows - 1, layer->in.columns + layer->kernel_columns - 1,
                            layer->out.channels };
}

size_t padded_size(struct padded padded)
{
    return padded.rows * padded.columns * padded.channels;
}

const float *cpu_pad_input(const struct layer *layer, const float *x, float *to)
{
    const struct padded padded = padded_input(layer);
    const size_t row = padded.columns * padded.channels, inside = layer->in.columns * padded.channels;

    if (!layer->pad)
        return x;
    memset(to, 0, padded_size(padded) * sizeof *to);
    for (size_t i = 0; i < layer->in.rows; i++)
        memcpy(to + (i + layer->pad) * row + layer->pad * padded.channels, x + i * inside, inside * sizeof *to);
    return to;
}

/* Where output row (or column) `out` lies in the frame of gradients, so that the window of input i is [i, i + kernel).
 */
static bool spread_place(size_t out, size_t stride, size_t kernel, size_t pad, size_t size, size_t *at)
{
    *at = out * stride + kernel - 1 - pad; /* wraps where it lies before the frame */
    return *at < size;
}

static void spread_gradient(const struct layer *layer, const float *dy, float *to)
{
    const struct padded padded = spread_gradient_shape(layer);
    const size_t O = padded.channels;
    size_t row, column;

    memset(to, 0, padded_size(padded) * sizeof *to);
    for (size_t i = 0; i < layer->out.rows; i++)
        for (size_t j = 0; j < layer->out.columns; j++, dy += O)
            if (spread_place(i, layer->stride, layer->kernel_rows, layer->pad, padded.rows, &row) &&
                spread_place(j, layer->stride, layer->kernel_columns, layer->pad, padded.columns, &column))
                memcpy(to + (row * padded.columns + column) * O, dy, O * sizeof *to);
}

size_t cpu_conv_room(const struct layer *layer)
{
    const size_t dense = padded_size(padded_input(layer)) + padded_size(spread_gradient_shape(layer));

    return dense > sparse_room(layer) ? dense : sparse_room(layer);
}

static size_t weight_size(const struct layer *layer)
{
    return shape_size(layer_inputs(layer)) * layer->out.channels;
}

/* The weight for dense gradients of inputs, (K, L, O, C), rows and columns of the kernel from the last to the first;
   then for sparse ones, (O, K, L, C). */
size_t cpu_conv_prepared(const struct layer *layer)
{
    return 2 * weight_size(layer);
}

void cpu_conv_prepare(const struct layer *layer, const float *weight, float *prepared)
{
    const size_t C = layer->in.channels, O = layer->out.channels, taps = layer->kernel_rows * layer->kernel_columns;

    for (size_t tap = 0; tap < taps; tap++)
        tiles->turn(C, O, weight + tap * C * O, O, prepared + (taps - 1 - tap) * O * C, C);
    tiles->turn(taps * C, O, weight, O, prepared + weight_size(layer), taps * C);
}

static void full_forward(const struct product *product)
{
    const struct layer *layer = product->layer;
    const struct padded padded = padded_input(layer);
    const size_t C = padded.channels, O = layer->out.channels, row = padded.columns * C;
    const struct chains chains = { .runs = layer->kernel_rows,
                                   .length = layer->kernel_columns * C,
                                   .a_run = row,
                                   .a_row = layer->stride * C,
                                   .a_step = 1,
                                   .b_run = layer->kernel_columns * C * O,
                                   .b_step = O,
                                   .start = product->bias };
    float *y = product->y;

    for (size_t sample = 0; sample < product->batch; sample++) {
        const float *x = cpu_pad_input(layer, product->x + sample * shape_size(layer->in), product->room);
        for (size_t i = 0; i < layer->out.rows; i++, y += layer->out.columns * O)
            tiles->product(&chains, layer->out.columns, O, x + i * layer->stride * row, product->weight, y, O);
    }
}

/* Is less than the share `most` of these pictures not 0? */
static bool is_sparse(const struct product *product, struct shape shape, const float *values, double most)
{
    const size_t row = shape.columns * shape.channels;

    return cpu_density(product->batch * shape.rows, row, values, row) < most;
}

void cpu_conv_forward(const struct product *product)
{
    if (sparse_suits(product->layer) && is_sparse(product, product->layer->in, product->x, tiles->listed_density))
        sparse_forward(product);
    else
        full_forward(product);
}

/* One sample's part of the chains of dweight, which begin and end with the chunk. */
static void extend_weight(const struct product *product, size_t sample)
{
    const struct layer *layer = product->layer;
    const struct padded padded = padded_input(layer);
    const size_t C = padded.channels, O = layer->out.channels, row = padded.columns * C;
    const float *x = cpu_pad_input(layer, product->x + sample * shape_size(layer->in), product->room);
    const float *dy = product->dy + sample * shape_size(layer->out);
    struct chains chains = { .runs = layer->out.rows,
                             .length = layer->out.columns,
                             .a_run = layer->stride * row,
                             .a_row = 1,
                             .a_step = layer->stride * C,
                             .b_run = layer->out.columns * O,
                             .b_step = O,
                             .start_row = O,
                             .open = sample + 1 < product->batch };

    for (size_t i = 0; i < layer->kernel_rows; i++) { /* its columns and channels lie behind one another */
        float *dweight = product->dweight + i * layer->kernel_columns * C * O;
        chains.start = sample ? dweight : NULL;
        tiles->product(&chains, layer->kernel_columns * C, O, x + i * row, dy, dweight, O);
    }
}

static void backward_input(const struct product *product, size_t sample)
{
    const struct layer *layer = product->layer;
    const struct padded padded = spread_gradient_shape(layer);
    const size_t C = layer->in.channels, O = padded.channels, row = padded.columns * O;
    float *gradient = product->room + padded_size(padded_input(layer));
    float *dx = product->dx + sample * shape_size(layer->in);
    const struct chains chains = { .runs = layer->kernel_rows,
                                   .length = layer->kernel_columns * O,
                                   .a_run = row,
                                   .a_row = O,
                                   .a_step = 1,
                                   .b_run = layer->kernel_columns * O * C,
                                   .b_step = C };

    spread_gradient(layer, product->dy + sample * shape_size(layer->out), gradient);
    for (size_t i = 0; i < layer->in.rows; i++)
        tiles->product(&chains, layer->in.columns, C, gradient + i * row, product->prepared,
                       dx + i * layer->in.columns * C, C);
}

void cpu_conv_backward(const struct product *product)
{
    const struct layer *layer = product->layer;

    if (layer->kernel_columns * layer->in.channels >= tiles->lanes && /* its vectors run over these */
        is_sparse(product, layer->out, product->dy, CPU_SPARSE) &&
        (!product->dweight || cpu_finite(product->batch * shape_size(layer->in), product->x))) {
        sparse_backward(product, product->prepared + weight_size(layer));
        return;
    }
    for (size_t sample = 0; sample < product->batch; sample++) {
        if (product->dweight)
            extend_weight(product, sample);
        if (product->dx)
            backward_input(product, sample);
    }
}
