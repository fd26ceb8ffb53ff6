/* avgpool: the mean of each window. */
#include "engine/ref/layers.h"

void avgpool_forward(const struct layer *layer, size_t batch, const real *x, real *y)
{
    const size_t W = layer->in.columns, C = layer->in.channels, S = layer->stride, size = shape_size(layer->in);
    const real places = (real)(layer->kernel_rows * layer->kernel_columns);
    size_t cell = 0;

    for (size_t sample = 0; sample < batch; sample++)
        for (size_t row = 0; row < layer->out.rows; row++)
            for (size_t column = 0; column < layer->out.columns; column++)
                for (size_t channel = 0; channel < C; channel++, cell++) {
                    real sum = 0;
                    for (size_t window_row = 0; window_row < layer->kernel_rows; window_row++)
                        for (size_t window_column = 0; window_column < layer->kernel_columns; window_column++)
                            sum += x[sample * size + ((row * S + window_row) * W + column * S + window_column) * C +
                                     channel];
                    y[cell] = (sum + 0) / places;
                }
}

/* The chain of an input's gradient runs over the windows that it is in, in row-major order. */
void avgpool_backward(const struct layer *layer, size_t batch, const real *dy, real *dx)
{
    const size_t W = layer->in.columns, C = layer->in.channels, S = layer->stride, size = shape_size(layer->in);
    const real places = (real)(layer->kernel_rows * layer->kernel_columns);
    size_t cell = 0;

    for (size_t i = 0; i < batch * size; i++)
        dx[i] = 0;
    for (size_t sample = 0; sample < batch; sample++)
        for (size_t row = 0; row < layer->out.rows; row++)
            for (size_t column = 0; column < layer->out.columns; column++)
                for (size_t channel = 0; channel < C; channel++, cell++)
                    for (size_t window_row = 0; window_row < layer->kernel_rows; window_row++)
                        for (size_t window_column = 0; window_column < layer->kernel_columns; window_column++)
                            dx[sample * size + ((row * S + window_row) * W + column * S + window_column) * C +
                               channel] += dy[cell] / places;
}
