/* batchnorm as loops over the channels of each place; the formulas are those of engine/ref/normalize.c. */
#include "base/vectors.h"
#include "engine/frame/layers.h"

#include <math.h>
#include <string.h>

VECTORS void norm_squares(size_t n, size_t channels, const float *restrict x, const float *restrict mean,
                          float *restrict squares)
{
    memset(squares, 0, channels * sizeof *squares);
    for (size_t i = 0; i < n; i++, x += channels)
        for (size_t channel = 0; channel < channels; channel++) {
            float deviation = x[channel] - mean[channel];
            squares[channel] = fmaf(deviation, deviation, squares[channel]);
        }
}

VECTORS void norm_forward(size_t n, size_t channels, const float *restrict x, const float *restrict mean,
                          const float *restrict inverse, const float *restrict weight, const float *restrict bias,
                          float *restrict y)
{
    for (size_t i = 0; i < n; i++, x += channels, y += channels)
        for (size_t channel = 0; channel < channels; channel++)
            y[channel] = fmaf(x[channel] - mean[channel], weight[channel] * inverse[channel], bias[channel]) + 0;
}

VECTORS void norm_slopes(size_t n, size_t channels, const float *restrict x, const float *restrict mean,
                         const float *restrict dy, float *restrict sums)
{
    float *restrict weight = sums + channels;

    memset(sums, 0, 2 * channels * sizeof *sums);
    for (size_t i = 0; i < n; i++, x += channels, dy += channels)
        for (size_t channel = 0; channel < channels; channel++) {
            sums[channel] += dy[channel];
            weight[channel] = fmaf(dy[channel], x[channel] - mean[channel], weight[channel]);
        }
}

VECTORS void norm_backward(size_t n, size_t channels, const float *restrict x, const float *restrict mean,
                           const float *restrict inverse, const float *restrict weight, const float *restrict taken,
                           const float *restrict dy, float *restrict dx)
{
    const float *restrict slope = taken + channels;

    for (size_t i = 0; i < n; i++, x += channels, dy += channels, dx += channels)
        for (size_t channel = 0; channel < channels; channel++)
            dx[channel] = weight[channel] * inverse[channel] *
                              fmaf(mean[channel] - x[channel], slope[channel], dy[channel] - taken[channel]) +
                          0;
}
