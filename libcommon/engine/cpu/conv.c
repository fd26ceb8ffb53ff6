/*
 * conv as chains: forward over the input under each output position, the gradient of a weight over output positions,
 * that of an input over the output positions that read it. All three are the same product over operands that are laid
 * out for it: the input with its padding around it, the output's gradient with zeros where a stride leaves gaps.
 */
#include "engine/cpu/inside.h"
#include "engine/frame/layers.h"

#include <string.h>

struct framed framed_input(const struct layer *layer)
{
    return (struct framed){ layer->in.rows + 2 * layer->pad, layer->in.columns + 2 * layer->pad, layer->in.channels };
}

/* What the gradient of every input position reads the same window of: see frame_gradient(). */
static struct framed framed_gradient(const struct layer *layer)
{
    return (struct framed){ layer->in.rows + layer->kernel_rows - 1, layer->in.columns + layer->kernel_columns - 1,
                            layer->out.channels };
}

size_t framed_size(struct framed framed)
{
    return framed.rows * framed.columns * framed.channels;
}

const float *frame_input(const struct layer *layer, const float *x, float *to)
{
    const struct framed framed = framed_input(layer);
    const size_t row = framed.columns * framed.channels, inside = layer->in.columns * framed.channels;

    if (!layer->pad)
        return x;
    memset(to, 0, framed_size(framed) * sizeof *to);
    for (size_t i = 0; i < layer->in.rows; i++)
        memcpy(to + (i + layer->pad) * row + layer->pad * framed.channels, x + i * inside, inside * sizeof *to);
    return to;
}

/* Where output row (or column) `out` lies in the frame of gradients, so that the window of input i is [i, i + kernel).
 */
static bool frame_place(size_t out, size_t stride, size_t kernel, size_t pad, size_t size, size_t *at)
{
    *at = out * stride + kernel - 1 - pad; /* wraps where it lies before the frame */
    return *at < size;
}

static void frame_gradient(const struct layer *layer, const float *dy, float *to)
{
    const struct framed framed = framed_gradient(layer);
    const size_t O = framed.channels;
    size_t row, column;

    memset(to, 0, framed_size(framed) * sizeof *to);
    for (size_t i = 0; i < layer->out.rows; i++)
        for (size_t j = 0; j < layer->out.columns; j++, dy += O)
            if (frame_place(i, layer->stride, layer->kernel_rows, layer->pad, framed.rows, &row) &&
                frame_place(j, layer->stride, layer->kernel_columns, layer->pad, framed.columns, &column))
                memcpy(to + (row * framed.columns + column) * O, dy, O * sizeof *to);
}

size_t cpu_conv_room(const struct layer *layer)
{
    const size_t dense = framed_size(framed_input(layer)) + framed_size(framed_gradient(layer));

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

static void dense_forward(const struct product *product)
{
    const struct layer *layer = product->layer;
    const struct framed framed = framed_input(layer);
    const size_t C = framed.channels, O = layer->out.channels, row = framed.columns * C;
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
        const float *x = frame_input(layer, product->x + sample * shape_size(layer->in), product->room);
        for (size_t i = 0; i < layer->out.rows; i++, y += layer->out.columns * O)
            tiles->product(&chains, layer->out.columns, O, x + i * layer->stride * row, product->weight, y, O);
    }
}

/* Of a batch of pictures; see sparse.c. `most`: the share of values that are not 0 below which it is the quicker way.
 */
static bool is_sparse(const struct product *product, struct shape shape, const float *values, double most)
{
    return cpu_density(1, product->batch * shape_size(shape), values, 0) < most;
}

void cpu_conv_forward(const struct product *product)
{
    if (is_sparse(product, product->layer->in, product->x, tiles->listed_density))
        sparse_forward(product);
    else
        dense_forward(product);
}

/* One sample's part of the chains of dweight, which begin and end with the chunk. */
static void extend_weight(const struct product *product, size_t sample)
{
    const struct layer *layer = product->layer;
    const struct framed framed = framed_input(layer);
    const size_t C = framed.channels, O = layer->out.channels, row = framed.columns * C;
    const float *x = frame_input(layer, product->x + sample * shape_size(layer->in), product->room);
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
    const struct framed framed = framed_gradient(layer);
    const size_t C = layer->in.channels, O = framed.channels, row = framed.columns * O;
    float *gradient = product->room + framed_size(framed_input(layer));
    float *dx = product->dx + sample * shape_size(layer->in);
    const struct chains chains = { .runs = layer->kernel_rows,
                                   .length = layer->kernel_columns * O,
                                   .a_run = row,
                                   .a_row = O,
                                   .a_step = 1,
                                   .b_run = layer->kernel_columns * O * C,
                                   .b_step = C };

    frame_gradient(layer, product->dy + sample * shape_size(layer->out), gradient);
    for (size_t i = 0; i < layer->in.rows; i++)
        tiles->product(&chains, layer->in.columns, C, gradient + i * row, product->prepared,
                       dx + i * layer->in.columns * C, C);
}

void cpu_conv_backward(const struct product *product)
{
    const struct layer *layer = product->layer;

    if (layer->kernel_columns * layer->in.channels >= tiles->lanes && /* its vectors run over these */
        is_sparse(product, layer->out, product->dy, 0.5)) {
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
