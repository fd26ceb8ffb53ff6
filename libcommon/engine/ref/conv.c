#include "engine/ref/layers.h"

/* Does kernel row (or column) `tap` of output row `out` read a row that is there, and which? Padding is skipped. */
static int reads(const struct layer *layer, size_t out, size_t tap, size_t size, size_t *in)
{
    *in = out * layer->stride + tap - layer->pad; /* wraps where it lies before the first */
    return *in < size;
}

void conv_forward(const struct layer *layer, size_t batch, const real *x, const real *weight, const real *bias, real *y)
{
    const size_t H = layer->in.rows, W = layer->in.columns, C = layer->in.channels, K = layer->kernel_rows,
                 L = layer->kernel_columns;
    const size_t rows = layer->out.rows, columns = layer->out.columns, O = layer->out.channels;
    size_t in_row, in_column;

    for (size_t sample = 0; sample < batch; sample++)
        for (size_t row = 0; row < rows; row++)
            for (size_t column = 0; column < columns; column++)
                for (size_t out = 0; out < O; out++) {
                    real sum = bias ? bias[out] : 0;
                    for (size_t kernel_row = 0; kernel_row < K; kernel_row++)
                        for (size_t kernel_column = 0; kernel_column < L; kernel_column++)
                            if (reads(layer, row, kernel_row, H, &in_row) &&
                                reads(layer, column, kernel_column, W, &in_column))
                                for (size_t in = 0; in < C; in++)
                                    sum = real_fma(x[((sample * H + in_row) * W + in_column) * C + in],
                                                   weight[((out * C + in) * K + kernel_row) * L + kernel_column], sum);
                    y[((sample * rows + row) * columns + column) * O + out] = sum + 0;
                }
}

static void backward_weight(const struct layer *layer, size_t batch, const real *x, const real *dy, real *dweight)
{
    const size_t H = layer->in.rows, W = layer->in.columns, C = layer->in.channels, K = layer->kernel_rows,
                 L = layer->kernel_columns;
    const size_t rows = layer->out.rows, columns = layer->out.columns, O = layer->out.channels;
    size_t in_row, in_column;

    for (size_t out = 0; out < O; out++)
        for (size_t in = 0; in < C; in++)
            for (size_t kernel_row = 0; kernel_row < K; kernel_row++)
                for (size_t kernel_column = 0; kernel_column < L; kernel_column++) {
                    real sum = 0;
                    for (size_t sample = 0; sample < batch; sample++)
                        for (size_t row = 0; row < rows; row++)
                            for (size_t column = 0; column < columns; column++)
                                if (reads(layer, row, kernel_row, H, &in_row) &&
                                    reads(layer, column, kernel_column, W, &in_column))
                                    sum = real_fma(dy[((sample * rows + row) * columns + column) * O + out],
                                                   x[((sample * H + in_row) * W + in_column) * C + in], sum);
                    dweight[((out * C + in) * K + kernel_row) * L + kernel_column] = sum + 0;
                }
}

static void backward_bias(const struct layer *layer, size_t batch, const real *dy, real *dbias)
{
    const size_t positions = layer->out.rows * layer->out.columns, O = layer->out.channels;

    for (size_t out = 0; out < O; out++) {
        real sum = 0;
        for (size_t position = 0; position < batch * positions; position++)
            sum += dy[position * O + out];
        dbias[out] = sum + 0;
    }
}

void conv_backward_parameters(const struct layer *layer, size_t batch, const real *x, const real *dy, real *dweight,
                              real *dbias)
{
    backward_weight(layer, batch, x, dy, dweight);
    if (dbias)
        backward_bias(layer, batch, dy, dbias);
}

/* The chain of an input's gradient runs over the output positions that read it, in row-major order, then over output
   channels: the outer loops scatter each position's part, so that dx itself is the accumulator. */
void conv_backward_input(const struct layer *layer, size_t batch, const real *weight, const real *dy, real *dx)
{
    const size_t H = layer->in.rows, W = layer->in.columns, C = layer->in.channels, K = layer->kernel_rows,
                 L = layer->kernel_columns;
    const size_t rows = layer->out.rows, columns = layer->out.columns, O = layer->out.channels;
    size_t in_row, in_column;

    for (size_t i = 0; i < batch * H * W * C; i++)
        dx[i] = 0;
    for (size_t sample = 0; sample < batch; sample++)
        for (size_t row = 0; row < rows; row++)
            for (size_t column = 0; column < columns; column++)
                for (size_t out = 0; out < O; out++)
                    for (size_t kernel_row = 0; kernel_row < K; kernel_row++)
                        for (size_t kernel_column = 0; kernel_column < L; kernel_column++)
                            if (reads(layer, row, kernel_row, H, &in_row) &&
                                reads(layer, column, kernel_column, W, &in_column))
                                for (size_t in = 0; in < C; in++) {
                                    real *sum = &dx[((sample * H + in_row) * W + in_column) * C + in];
                                    *sum =
                                        real_fma(dy[((sample * rows + row) * columns + column) * O + out],
                                                 weight[((out * C + in) * K + kernel_row) * L + kernel_column], *sum);
                                }
    for (size_t i = 0; i < batch * H * W * C; i++)
        dx[i] += 0;
}
