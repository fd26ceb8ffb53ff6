/*
 * conv as matrix products over patches (im2col; Chellapilla, Puri, Simard, "High performance convolutional neural
 * networks for document processing", 2006). A strip is a run of output rows of a chunk, over the borders of samples;
 * its patches stay in a core's cache.
 */
#include "engine/blas/library.h"
#include "engine/blas/products.h"
#include "engine/frame/layers.h"

#include <stdbool.h>
#include <string.h>

enum {
    SMALL_PRODUCT = 1000000, /* multiplications up to which OpenBLAS takes its operands as they stand, without copies */
    STRIP_FLOATS = 1 << 16,  /* of patches, where not even one row is as small as that */
};

/* A row of the patches: the inputs of one output. */
static size_t patch_size(const struct layer *layer)
{
    return shape_size(layer_inputs(layer));
}

static size_t strip_rows(const struct layer *layer)
{
    const size_t row = layer->out.columns * patch_size(layer);

    if (row * layer->out.channels <= SMALL_PRODUCT)
        return SMALL_PRODUCT / (row * layer->out.channels);
    return row <= STRIP_FLOATS ? STRIP_FLOATS / row : 1;
}

/* Where row `kernel_row` of the patches of output row `row`, counted through the chunk's samples, begins in x. False:
   above or below the picture. */
static bool find_row(const struct layer *layer, size_t row, size_t kernel_row, size_t *at)
{
    const size_t H = layer->in.rows, sample = row / layer->out.rows;
    const size_t in_row = row % layer->out.rows * layer->stride + kernel_row - layer->pad; /* wraps above */

    *at = (sample * H + in_row) * layer->in.columns * layer->in.channels;
    return in_row < H;
}

/* The kernel columns [*first, *end) that read inside the picture at output column `column`, perhaps none. */
static void find_columns(const struct layer *layer, size_t column, size_t *first, size_t *end)
{
    const size_t K = layer->kernel_rows, left = column * layer->stride, right = layer->in.columns + layer->pad;

    *end = left + K <= right ? K : left < right ? right - left : 0;
    *first = left >= layer->pad ? 0 : layer->pad - left;
    if (*first > *end)
        *first = *end;
}

/* patches: (rows, W', K, K, C) of output rows [first_row, first_row + rows) */
static void gather(const struct layer *layer, size_t first_row, size_t rows, const float *x, float *patches)
{
    const size_t C = layer->in.channels, K = layer->kernel_rows, pixel = C * sizeof *x;
    size_t at, first, end;

    for (size_t row = 0; row < rows; row++)
        for (size_t kernel_row = 0; kernel_row < K; kernel_row++) {
            float *patch = patches + (row * layer->out.columns * K + kernel_row) * K * C;
            bool inside = find_row(layer, first_row + row, kernel_row, &at);
            for (size_t column = 0; column < layer->out.columns; column++, patch += K * K * C) {
                find_columns(layer, column, &first, &end);
                if (!inside || end - first < K)
                    memset(patch, 0, K * pixel);
                if (inside && first < end)
                    memcpy(patch + first * C, x + at + (column * layer->stride + first - layer->pad) * C,
                           (end - first) * pixel);
            }
        }
}

/* The reverse: add what the patches hold to dx. */
static void scatter(const struct layer *layer, size_t first_row, size_t rows, const float *patches, float *dx)
{
    const size_t C = layer->in.channels, K = layer->kernel_rows;
    size_t at, first, end;

    for (size_t row = 0; row < rows; row++)
        for (size_t kernel_row = 0; kernel_row < K; kernel_row++) {
            const float *patch = patches + (row * layer->out.columns * K + kernel_row) * K * C;
            if (!find_row(layer, first_row + row, kernel_row, &at))
                continue;
            for (size_t column = 0; column < layer->out.columns; column++, patch += K * K * C) {
                find_columns(layer, column, &first, &end);
                if (first < end)
                    frame_add((end - first) * C, patch + first * C,
                              dx + at + (column * layer->stride + first - layer->pad) * C);
            }
        }
}

/* turned: (O, K, K, C) */
static void turn(const struct layer *layer, const float *weight, float *turned)
{
    const size_t size = patch_size(layer), O = layer->out.channels;

    for (size_t out = 0; out < O; out++)
        for (size_t in = 0; in < size; in++)
            turned[out * size + in] = weight[in * O + out];
}

size_t blas_conv_room(const struct layer *layer)
{
    return (strip_rows(layer) * layer->out.columns + layer->out.channels) * patch_size(layer);
}

void blas_conv_forward(const struct product *product)
{
    const struct layer *layer = product->layer;
    const size_t size = patch_size(layer), O = layer->out.channels, all = product->batch * layer->out.rows;
    size_t rows = strip_rows(layer);
    float *y = product->y, *patches = product->room;

    for (size_t row = 0; row < all; row += rows) {
        if (rows > all - row)
            rows = all - row;
        const size_t positions = rows * layer->out.columns;
        gather(layer, row, rows, product->x, patches);
        blas.sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, (int)positions, (int)O, (int)size, 1, patches, (int)size,
                   product->weight, (int)O, 0, y, (int)O);
        if (product->bias)
            bias_add(positions, O, product->bias, y);
        y += positions * O;
    }
}

void blas_conv_backward(const struct product *product)
{
    const struct layer *layer = product->layer;
    const size_t size = patch_size(layer), O = layer->out.channels, all = product->batch * layer->out.rows;
    const float *dy = product->dy;
    size_t rows = strip_rows(layer);
    float *patches = product->room, *turned = patches + rows * layer->out.columns * size;

    if (product->dx) {
        memset(product->dx, 0, product->batch * shape_size(layer->in) * sizeof *product->dx);
        turn(layer, product->weight, turned);
    }
    for (size_t row = 0; row < all; row += rows) {
        if (rows > all - row)
            rows = all - row;
        const size_t positions = rows * layer->out.columns;
        gather(layer, row, rows, product->x, patches);
        blas.sgemm(CblasRowMajor, CblasTrans, CblasNoTrans, (int)size, (int)O, (int)positions, 1, patches, (int)size,
                   dy, (int)O, row ? 1 : 0, product->dweight, (int)O);
        if (product->dx) {
            blas.sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, (int)positions, (int)size, (int)O, 1, dy, (int)O,
                       turned, (int)size, 0, patches, (int)size);
            scatter(layer, row, rows, patches, product->dx);
        }
        dy += positions * O;
    }
}
