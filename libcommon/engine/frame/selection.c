#include "base/random.h"
#include "base/vectors.h"
#include "engine/frame/layers.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#define INLINE static inline __attribute__((always_inline)) /* into each of the VECTORS of a function */
#define NOBODY UINT32_MAX                                   /* has won a window in which nothing is above 0 */

VECTORS void frame_relu_forward(size_t n, const float *x, float *y)
{
    for (size_t i = 0; i < n; i++)
        y[i] = 0 > x[i] ? 0 : x[i];
}

VECTORS void frame_relu_backward(size_t n, const float *restrict y, const float *dy, float *dx)
{
    for (size_t i = 0; i < n; i++)
        dx[i] = 0 >= y[i] ? 0 : dy[i];
}

/* What a window has at one more place, if it is more; values below `least` count as that. */
INLINE void compete(float least, float x, uint32_t at, float *y, uint32_t *winner)
{
    const float value = least > x ? least : x;
    const bool wins = value > *y || value != value;

    *y = wins ? value : *y;
    *winner = wins ? at : *winner;
}

/* One window of all channels: the winners so far, and the values at one more place. */
VECTORS static void go_on(int channels, float least, const float *restrict x, uint32_t at, float *restrict y,
                          uint32_t *restrict winner)
{
    for (int channel = 0; channel < channels; channel++)
        compete(least, x[channel], at + (uint32_t)channel, &y[channel], &winner[channel]);
}

/* y: what stands in the window's first place. */
VECTORS static void begin(int channels, float least, const float *restrict x, uint32_t at, float *restrict y,
                          uint32_t *restrict winner)
{
    for (int channel = 0; channel < channels; channel++) {
        y[channel] = least > x[channel] ? least : x[channel];
        winner[channel] = at + (uint32_t)channel;
    }
}

/* A row of windows of 2 x 2, most networks' own, each at once; upper: x at the first, lower: a row further. */
VECTORS static void pool_twos(const struct layer *layer, float least, const float *restrict upper,
                              const float *restrict lower, uint32_t at, float *restrict y, uint32_t *restrict winner)
{
    const int C = (int)layer->in.channels, columns = (int)layer->out.columns, step = (int)layer->stride * C;
    const uint32_t row = (uint32_t)(layer->in.columns * layer->in.channels);

    for (int column = 0; column < columns;
         column++, upper += step, lower += step, at += (uint32_t)step, y += C, winner += C)
        for (int channel = 0; channel < C; channel++) {
            const uint32_t first = at + (uint32_t)channel;
            float best = least > upper[channel] ? least : upper[channel];
            uint32_t who = first;
            compete(least, upper[C + channel], first + (uint32_t)C, &best, &who);
            compete(least, lower[channel], first + row, &best, &who);
            compete(least, lower[C + channel], first + row + (uint32_t)C, &best, &who);
            y[channel] = best;
            winner[channel] = who;
        }
}

/* A row of windows of any size; x: at the first. */
static void pool_row(const struct layer *layer, float least, const float *x, uint32_t at, float *y, uint32_t *winner)
{
    const size_t W = layer->in.columns, C = layer->in.channels, K = layer->kernel_rows;

    for (size_t column = 0; column < layer->out.columns; column++, y += C, winner += C)
        for (size_t place = 0; place < K * K; place++) {
            const size_t to = (column * layer->stride + place / K * W + place % K) * C;
            (place ? go_on : begin)((int)C, least, x + to, at + (uint32_t)to, y, winner);
        }
}

static void pool(const struct layer *layer, float least, size_t batch, const float *x, float *y, uint32_t *winner)
{
    const size_t line = layer->in.columns * layer->in.channels, made = layer->out.columns * layer->out.channels;

    for (size_t sample = 0; sample < batch; sample++, x += shape_size(layer->in))
        for (size_t row = 0; row < layer->out.rows; row++, y += made, winner += made) {
            const size_t first = row * layer->stride * line;
            if (layer->kernel_rows == 2)
                pool_twos(layer, least, x + first, x + first + line, (uint32_t)first, y, winner);
            else
                pool_row(layer, least, x + first, (uint32_t)first, y, winner);
        }
}

void frame_maxpool_forward(const struct layer *layer, size_t batch, const float *x, float *y, uint32_t *winner)
{
    pool(layer, -INFINITY, batch, x, y, winner);
}

VECTORS static void dismiss(size_t n, const float *restrict y, uint32_t *restrict winner)
{
    for (size_t i = 0; i < n; i++)
        winner[i] = 0 >= y[i] ? NOBODY : winner[i];
}

void frame_relu_maxpool_forward(const struct layer *layer, size_t batch, const float *x, float *y, uint32_t *winner)
{
    pool(layer, 0, batch, x, y, winner);
    dismiss(batch * shape_size(layer->out), y, winner);
}

/* Windows that touch: each dx is written once. */
VECTORS static void reward_one(const struct layer *layer, const uint32_t *restrict winner, const float *restrict dy,
                               float *restrict dx)
{
    const size_t W = layer->in.columns, C = layer->in.channels, K = layer->kernel_rows;
    const size_t rows = layer->out.rows, columns = layer->out.columns, rest = (W - columns * K) * C;
    uint32_t at = 0;

    for (size_t row = 0; row < rows * K; row++) {
        const uint32_t *won = winner + row / K * columns * C;
        const float *slope = dy + row / K * columns * C;
        for (size_t column = 0; column < columns; column++, won += C, slope += C)
            for (size_t place = 0; place < K; place++, at += (uint32_t)C, dx += C)
                for (int channel = 0; channel < (int)C; channel++)
                    dx[channel] = won[channel] == at + (uint32_t)channel ? slope[channel] + 0 : 0;
        memset(dx, 0, rest * sizeof *dx);
        dx += rest;
        at += (uint32_t)rest;
    }
    memset(dx, 0, (layer->in.rows - rows * K) * W * C * sizeof *dx);
}

/* Windows that overlap or leave gaps. */
VECTORS static void reward_all(const struct layer *layer, const uint32_t *restrict winner, const float *restrict dy,
                               float *restrict dx)
{
    const size_t W = layer->in.columns, C = layer->in.channels, K = layer->kernel_rows, S = layer->stride;

    memset(dx, 0, shape_size(layer->in) * sizeof *dx);
    for (size_t row = 0; row < layer->out.rows; row++)
        for (size_t column = 0; column < layer->out.columns; column++, dy += C, winner += C)
            for (size_t place = 0; place < K * K; place++) {
                const size_t at = ((row * S + place / K) * W + column * S + place % K) * C;
                for (size_t channel = 0; channel < C; channel++)
                    dx[at + channel] += winner[channel] == (uint32_t)at + (uint32_t)channel ? dy[channel] : 0;
            }
}

void frame_maxpool_backward(const struct layer *layer, size_t batch, const uint32_t *winner, const float *dy, float *dx)
{
    const size_t in = shape_size(layer->in), out = shape_size(layer->out);

    for (size_t sample = 0; sample < batch; sample++, winner += out, dy += out, dx += in)
        if (layer->stride == layer->kernel_rows)
            reward_one(layer, winner, dy, dx);
        else
            reward_all(layer, winner, dy, dx);
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
