#include "engine/ref/layers.h"

/* Input (row, column, channel) in the files' channel-first order. */
static size_t place(struct shape in, size_t row, size_t column, size_t channel)
{
    return (channel * in.rows + row) * in.columns + column;
}

void dense_forward(const struct layer *layer, size_t batch, const real *x, const real *weight, const real *bias,
                   real *y)
{
    const size_t H = layer->in.rows, W = layer->in.columns, C = layer->in.channels, O = layer->out.channels;
    const size_t inputs = H * W * C;

    for (size_t sample = 0; sample < batch; sample++)
        for (size_t out = 0; out < O; out++) {
            real sum = bias[out];
            for (size_t row = 0; row < H; row++)
                for (size_t column = 0; column < W; column++)
                    for (size_t channel = 0; channel < C; channel++)
                        sum = real_fma(x[sample * inputs + (row * W + column) * C + channel],
                                       weight[out * inputs + place(layer->in, row, column, channel)], sum);
            y[sample * O + out] = sum + 0;
        }
}

static void backward_weight(const struct layer *layer, size_t batch, const real *x, const real *dy, real *dweight)
{
    const size_t H = layer->in.rows, W = layer->in.columns, C = layer->in.channels, O = layer->out.channels;
    const size_t inputs = H * W * C;

    for (size_t out = 0; out < O; out++)
        for (size_t row = 0; row < H; row++)
            for (size_t column = 0; column < W; column++)
                for (size_t channel = 0; channel < C; channel++) {
                    real sum = 0;
                    for (size_t sample = 0; sample < batch; sample++)
                        sum =
                            real_fma(dy[sample * O + out], x[sample * inputs + (row * W + column) * C + channel], sum);
                    dweight[out * inputs + place(layer->in, row, column, channel)] = sum + 0;
                }
}

static void backward_bias(const struct layer *layer, size_t batch, const real *dy, real *dbias)
{
    const size_t O = layer->out.channels;

    for (size_t out = 0; out < O; out++) {
        real sum = 0;
        for (size_t sample = 0; sample < batch; sample++)
            sum += dy[sample * O + out];
        dbias[out] = sum + 0;
    }
}

void dense_backward_parameters(const struct layer *layer, size_t batch, const real *x, const real *dy, real *dweight,
                               real *dbias)
{
    backward_weight(layer, batch, x, dy, dweight);
    backward_bias(layer, batch, dy, dbias);
}

void dense_backward_input(const struct layer *layer, size_t batch, const real *weight, const real *dy, real *dx)
{
    const size_t H = layer->in.rows, W = layer->in.columns, C = layer->in.channels, O = layer->out.channels;
    const size_t inputs = H * W * C;

    for (size_t sample = 0; sample < batch; sample++)
        for (size_t row = 0; row < H; row++)
            for (size_t column = 0; column < W; column++)
                for (size_t channel = 0; channel < C; channel++) {
                    real sum = 0;
                    for (size_t out = 0; out < O; out++)
                        sum = real_fma(dy[sample * O + out],
                                       weight[out * inputs + place(layer->in, row, column, channel)], sum);
                    dx[sample * inputs + (row * W + column) * C + channel] = sum + 0;
                }
}
