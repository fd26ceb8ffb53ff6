#include "base/vectors.h"
#include "engine/frame/layers.h"

#include <string.h>

VECTORS void frame_avgpool_forward(const struct layer *layer, size_t batch, const float *restrict x, float *restrict y)
{
    const size_t W = layer->in.columns, C = layer->in.channels, K = layer->kernel_rows, L = layer->kernel_columns;
    const float places = (float)(K * L);

    memset(y, 0, batch * shape_size(layer->out) * sizeof *y);
    for (size_t sample = 0; sample < batch; sample++, x += shape_size(layer->in))
        for (size_t row = 0; row < layer->out.rows; row++)
            for (size_t column = 0; column < layer->out.columns; column++, y += C) {
                const float *corner = x + (row * W + column) * layer->stride * C;
                for (size_t place = 0; place < K * L; place++)
                    for (size_t channel = 0; channel < C; channel++)
                        y[channel] += corner[(place / L * W + place % L) * C + channel];
                for (size_t channel = 0; channel < C; channel++)
                    y[channel] /= places;
            }
}

VECTORS void frame_avgpool_backward(const struct layer *layer, size_t batch, const float *restrict dy,
                                    float *restrict dx)
{
    const size_t W = layer->in.columns, C = layer->in.channels, K = layer->kernel_rows, L = layer->kernel_columns;
    const float places = (float)(K * L);

    memset(dx, 0, batch * shape_size(layer->in) * sizeof *dx);
    for (size_t sample = 0; sample < batch; sample++, dx += shape_size(layer->in))
        for (size_t row = 0; row < layer->out.rows; row++)
            for (size_t column = 0; column < layer->out.columns; column++, dy += C) {
                float *corner = dx + (row * W + column) * layer->stride * C;
                for (size_t place = 0; place < K * L; place++)
                    for (size_t channel = 0; channel < C; channel++)
                        corner[(place / L * W + place % L) * C + channel] += dy[channel] / places;
            }
}
