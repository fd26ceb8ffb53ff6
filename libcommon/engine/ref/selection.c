/* Layers that select: relu, maxpool, dropout and dropout2d. None multiplies by zero, so that what is not finite is
 * seen, not hidden.
 */
#include "base/random.h"
#include "engine/ref/layers.h"

void relu_forward(size_t n, const real *x, real *y)
{
    for (size_t i = 0; i < n; i++)
        y[i] = 0 > x[i] ? 0 : x[i];
}

void relu_backward(size_t n, const real *y, const real *dy, real *dx)
{
    for (size_t i = 0; i < n; i++)
        dx[i] = 0 >= y[i] ? 0 : dy[i];
}

void maxpool_forward(const struct layer *layer, size_t batch, const real *x, real *y, uint32_t *winner)
{
    const size_t W = layer->in.columns, C = layer->in.channels, S = layer->stride;
    const size_t size = shape_size(layer->in);
    size_t cell = 0;

    for (size_t sample = 0; sample < batch; sample++)
        for (size_t row = 0; row < layer->out.rows; row++)
            for (size_t column = 0; column < layer->out.columns; column++)
                for (size_t channel = 0; channel < C; channel++, cell++) {
                    size_t best = (row * S * W + column * S) * C + channel;
                    for (size_t window_row = 0; window_row < layer->kernel_rows; window_row++)
                        for (size_t window_column = 0; window_column < layer->kernel_columns; window_column++) {
                            size_t at = ((row * S + window_row) * W + column * S + window_column) * C + channel;
                            real value = x[sample * size + at];
                            if (value > x[sample * size + best] || value != value)
                                best = at;
                        }
                    y[cell] = x[sample * size + best];
                    winner[cell] = (uint32_t)best;
                }
}

void maxpool_backward(const struct layer *layer, size_t batch, const uint32_t *winner, const real *dy, real *dx)
{
    const size_t in = shape_size(layer->in), out = shape_size(layer->out);

    for (size_t i = 0; i < batch * in; i++)
        dx[i] = 0;
    for (size_t sample = 0; sample < batch; sample++)
        for (size_t cell = 0; cell < out; cell++)
            dx[sample * in + winner[sample * out + cell]] += dy[sample * out + cell];
}

void dropout(const struct layer *layer, uint64_t seed, uint32_t epoch, uint32_t sample, const real *x, real *y)
{
    const struct random_draw draw = { seed, RANDOM_DROPOUT, (uint32_t)layer->number, epoch, sample };
    const uint32_t dropped = (uint32_t)(layer->rate * 0x1p32); /* words below it */
    const real scale = (real)(1 / (1 - layer->rate));
    const size_t n = shape_size(layer->out), C = layer->out.channels;

    for (size_t i = 0; i < n; i++) {
        size_t element = layer->kind == LAYER_DROPOUT2D ? i % C : i;
        y[i] = random_word(&draw, element) < dropped ? 0 : x[i] * scale;
    }
}
