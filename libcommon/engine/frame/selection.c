#include "base/random.h"
#include "base/vectors.h"
#include "engine/frame/layers.h"

#include <string.h>

VECTORS void frame_relu_forward(size_t n, const float *x, float *y)
{
    for (size_t i = 0; i < n; i++)
        y[i] = 0 > x[i] ? 0 : x[i];
}

VECTORS void frame_relu_backward(size_t n, const float *y, const float *restrict dy, float *restrict dx)
{
    for (size_t i = 0; i < n; i++)
        dx[i] = 0 >= y[i] ? 0 : dy[i];
}

/* One window of all channels: the winners so far, and the value at one more place. */
VECTORS static void compete(size_t channels, const float *restrict x, uint32_t at, float *restrict y,
                            uint32_t *restrict winner)
{
    for (size_t channel = 0; channel < channels; channel++) {
        int wins = x[channel] > y[channel] || x[channel] != x[channel];
        y[channel] = wins ? x[channel] : y[channel];
        winner[channel] = wins ? at + (uint32_t)channel : winner[channel];
    }
}

void frame_maxpool_forward(const struct layer *layer, size_t batch, const float *x, float *y, uint32_t *winner)
{
    const size_t W = layer->in.columns, C = layer->in.channels, K = layer->kernel_rows, S = layer->stride;

    for (size_t sample = 0; sample < batch; sample++, x += shape_size(layer->in))
        for (size_t row = 0; row < layer->out.rows; row++)
            for (size_t column = 0; column < layer->out.columns; column++, y += C, winner += C) {
                size_t corner = (row * S * W + column * S) * C;
                for (size_t channel = 0; channel < C; channel++) {
                    y[channel] = x[corner + channel];
                    winner[channel] = (uint32_t)(corner + channel);
                }
                for (size_t place = 1; place < K * K; place++) {
                    size_t at = corner + (place / K * W + place % K) * C;
                    compete(C, x + at, (uint32_t)at, y, winner);
                }
            }
}

VECTORS static void reward(size_t channels, const uint32_t *restrict winner, uint32_t at, const float *restrict dy,
                           float *restrict dx)
{
    for (size_t channel = 0; channel < channels; channel++)
        dx[channel] += winner[channel] == at + (uint32_t)channel ? dy[channel] : 0;
}

void frame_maxpool_backward(const struct layer *layer, size_t batch, const uint32_t *winner, const float *dy, float *dx)
{
    const size_t W = layer->in.columns, C = layer->in.channels, K = layer->kernel_rows, S = layer->stride;

    memset(dx, 0, batch * shape_size(layer->in) * sizeof *dx);
    for (size_t sample = 0; sample < batch; sample++, dx += shape_size(layer->in))
        for (size_t row = 0; row < layer->out.rows; row++)
            for (size_t column = 0; column < layer->out.columns; column++, dy += C, winner += C)
                for (size_t place = 0; place < K * K; place++) {
                    size_t at = ((row * S + place / K) * W + column * S + place % K) * C;
                    reward(C, winner, (uint32_t)at, dy, dx + at);
                }
}

VECTORS static void compare(size_t n, const uint32_t *restrict word, uint32_t dropped, unsigned char *restrict kept)
{
    for (size_t i = 0; i < n; i++)
        kept[i] = word[i] >= dropped;
}

void dropout_draw(const struct layer *layer, uint64_t seed, uint32_t epoch, uint32_t sample, unsigned char *kept)
{
    enum { BLOCKS = 64, WORDS = 4 * BLOCKS };
    const struct random_draw draw = { seed, RANDOM_DROPOUT, (uint32_t)layer->number, epoch, sample };
    const size_t size = shape_size(layer->out), n = layer->kind == LAYER_DROPOUT2D ? layer->out.channels : size;
    uint32_t words[WORDS];

    for (size_t i = 0; i < n; i += WORDS) {
        size_t count = n - i < WORDS ? n - i : WORDS;
        random_blocks(&draw, (uint32_t)(i / 4), (count + 3) / 4, words);
        compare(count, words, (uint32_t)(layer->rate * 0x1p32), kept + i);
    }
    for (size_t i = n; i < size; i += n)
        memcpy(kept + i, kept, n);
}

VECTORS void dropout_apply(const struct layer *layer, size_t n, const unsigned char *restrict kept, const float *x,
                           float *y)
{
    const float scale = (float)(1 / (1 - layer->rate));

    for (size_t i = 0; i < n; i++)
        y[i] = kept[i] ? x[i] * scale : 0;
}
