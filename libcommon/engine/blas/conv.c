/*
 * conv as matrix products over patches (im2col; Chellapilla, Puri, Simard, "High performance convolutional neural
 * networks for document processing", 2006). A strip is a run of output rows of a chunk, over sample boundaries; the
 * patches of a strip fit into a core's cache.
 */
#include "engine/blas/layers.h"

#include <cblas.h>
#include <string.h>

enum { PATCH_FLOATS = 1 << 16 }; /* of a strip */

struct strip {
    const struct layer *layer;
    size_t first, rows; /* output rows, counted through the chunk's samples */
};

/* Inputs of one output: a row of the patch matrix. */
static size_t patch_size(const struct layer *layer)
{
    return layer->kernel * layer->kernel * layer->in.channels;
}

static size_t strip_rows(const struct layer *layer)
{
    size_t rows = PATCH_FLOATS / (layer->out.columns * patch_size(layer));

    return rows ? rows : 1;
}

static struct strip strip_at(const struct layer *layer, size_t batch, size_t first)
{
    size_t rows = strip_rows(layer), left = batch * layer->out.rows - first;

    return (struct strip){ layer, first, rows < left ? rows : left };
}

/* Where kernel row `kernel_row` at output position (row, column) reads: columns [*first, *end) of the patch's K are
   inside the picture; *at is the place of the first in the chunk's x, in pixels. False: none are. */
static int inside(const struct layer *layer, size_t row, size_t column, size_t kernel_row, size_t *first, size_t *end,
                  size_t *at)
{
    const size_t H = layer->in.rows, W = layer->in.columns, K = layer->kernel, pad = layer->pad;
    const size_t sample = row / layer->out.rows, left = column * layer->stride;
    const size_t in_row = row % layer->out.rows * layer->stride + kernel_row - pad; /* wraps above the picture */

    *first = left < pad ? pad - left : 0;
    *end = left + K > W + pad ? W + pad - left : K;
    if (in_row >= H || *first >= *end)
        return 0;
    *at = (sample * H + in_row) * W + left + *first - pad;
    return 1;
}

/* patches: (strip positions, K, K, C) */
static void patches_gather(struct strip strip, const float *x, float *patches)
{
    const struct layer *layer = strip.layer;
    const size_t C = layer->in.channels, K = layer->kernel;
    size_t first, end, at;

    for (size_t row = strip.first; row < strip.first + strip.rows; row++)
        for (size_t column = 0; column < layer->out.columns; column++)
            for (size_t kernel_row = 0; kernel_row < K; kernel_row++, patches += K * C) {
                if (!inside(layer, row, column, kernel_row, &first, &end, &at)) {
                    memset(patches, 0, K * C * sizeof *patches);
                    continue;
                }
                memset(patches, 0, first * C * sizeof *patches);
                memcpy(patches + first * C, x + at * C, (end - first) * C * sizeof *patches);
                memset(patches + end * C, 0, (K - end) * C * sizeof *patches);
            }
}

/* The reverse: add what each patch says of a pixel to dx. */
static void patches_scatter(struct strip strip, const float *patches, float *dx)
{
    const struct layer *layer = strip.layer;
    const size_t C = layer->in.channels, K = layer->kernel;
    size_t first, end, at;

    for (size_t row = strip.first; row < strip.first + strip.rows; row++)
        for (size_t column = 0; column < layer->out.columns; column++)
            for (size_t kernel_row = 0; kernel_row < K; kernel_row++, patches += K * C)
                if (inside(layer, row, column, kernel_row, &first, &end, &at))
                    add((end - first) * C, patches + first * C, dx + at * C);
}

size_t blas_conv_room(const struct layer *layer)
{
    return strip_rows(layer) * layer->out.columns * patch_size(layer);
}

void blas_conv_forward(const struct layer *layer, size_t batch, const float *x, const float *weight, const float *bias,
                       float *y, float *room)
{
    const size_t size = patch_size(layer), columns = layer->out.columns, O = layer->out.channels;

    for (size_t row = 0; row < batch * layer->out.rows; row += strip_rows(layer)) {
        struct strip strip = strip_at(layer, batch, row);
        size_t positions = strip.rows * columns;
        patches_gather(strip, x, room);
        cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, (int)positions, (int)O, (int)size, 1, room, (int)size,
                    weight, (int)O, 0, y, (int)O);
        bias_add(positions, O, bias, y);
        y += positions * O;
    }
}

void blas_conv_backward(const struct layer *layer, size_t batch, const float *x, const float *weight, const float *dy,
                        float *dx, float *dweight, float *dbias, float *room)
{
    const size_t size = patch_size(layer), columns = layer->out.columns, O = layer->out.channels;

    bias_sum(batch * layer->out.rows * columns, O, dy, dbias);
    if (dx)
        memset(dx, 0, batch * shape_size(layer->in) * sizeof *dx);
    for (size_t row = 0; row < batch * layer->out.rows; row += strip_rows(layer)) {
        struct strip strip = strip_at(layer, batch, row);
        size_t positions = strip.rows * columns;
        patches_gather(strip, x, room);
        cblas_sgemm(CblasRowMajor, CblasTrans, CblasNoTrans, (int)size, (int)O, (int)positions, 1, room, (int)size, dy,
                    (int)O, row ? 1 : 0, dweight, (int)O);
        if (dx) {
            cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, (int)positions, (int)size, (int)O, 1, dy, (int)O,
                        weight, (int)O, 0, room, (int)size);
            patches_scatter(strip, room, dx);
        }
        dy += positions * O;
    }
}
