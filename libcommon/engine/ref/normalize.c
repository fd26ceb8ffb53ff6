/*
 * batchnorm. Ioffe, Szegedy, "Batch normalization: accelerating deep network training by reducing internal covariate
 * shift", ICML 2015, with PyTorch's running statistics.
 */
#include "engine/ref/layers.h"

/* Values of one channel in `batch` samples. */
static size_t places(const struct layer *layer, size_t batch)
{
    return batch * layer->in.rows * layer->in.columns;
}

static void add_values(const struct chunk_sums *sums, size_t first, size_t count, real *sum)
{
    const size_t C = sums->layer->in.channels, begin = places(sums->layer, first);

    for (size_t channel = 0; channel < C; channel++) {
        real chain = 0;
        for (size_t place = begin; place < begin + places(sums->layer, count); place++)
            chain += sums->x[place * C + channel];
        sum[channel] = chain + 0;
    }
}

static void add_squares(const struct chunk_sums *sums, size_t first, size_t count, real *sum)
{
    const size_t C = sums->layer->in.channels, begin = places(sums->layer, first);

    for (size_t channel = 0; channel < C; channel++) {
        real chain = 0;
        for (size_t place = begin; place < begin + places(sums->layer, count); place++) {
            real deviation = sums->x[place * C + channel] - sums->mean[channel];
            chain = real_fma(deviation, deviation, chain);
        }
        sum[channel] = chain + 0;
    }
}

void batchnorm_invert(const struct layer *layer, const real *variance, real *inverse)
{
    for (size_t channel = 0; channel < layer->in.channels; channel++)
        inverse[channel] = 1 / real_sqrt(variance[channel] + (real)layer->epsilon);
}

void batchnorm_measure(const struct layer *layer, size_t batch, const real *x, real *mean, real *inverse,
                       real *running_mean, real *running_variance, real *room)
{
    const size_t C = layer->in.channels;
    const real n = (real)places(layer, batch), less = (real)(places(layer, batch) - 1);
    const real momentum = (real)layer->momentum, rest = (real)(1 - layer->momentum);
    struct chunk_sums sums = { add_values, layer, batch, C, x, NULL, mean };

    chunk_sums(&sums, mean, room);
    for (size_t channel = 0; channel < C; channel++)
        mean[channel] /= n;
    sums.chunk = add_squares;
    chunk_sums(&sums, inverse, room);
    for (size_t channel = 0; channel < C; channel++) {
        real squares = inverse[channel];
        running_mean[channel] = real_fma(momentum, mean[channel], rest * running_mean[channel]);
        running_variance[channel] = real_fma(momentum, squares / less, rest * running_variance[channel]);
        inverse[channel] = squares / n;
    }
    batchnorm_invert(layer, inverse, inverse);
}

void batchnorm_forward(const struct layer *layer, size_t batch, const real *x, const real *mean, const real *inverse,
                       const real *weight, const real *bias, real *y)
{
    const size_t C = layer->in.channels;

    for (size_t i = 0; i < places(layer, batch) * C; i++)
        y[i] = real_fma(x[i] - mean[i % C], weight[i % C] * inverse[i % C], bias[i % C]) + 0;
}

/* sum: (2, C): the chains of the bias's gradient, then those of the weight's. */
static void add_gradients(const struct chunk_sums *sums, size_t first, size_t count, real *sum)
{
    const size_t C = sums->layer->in.channels, begin = places(sums->layer, first);

    for (size_t channel = 0; channel < C; channel++) {
        real bias = 0, weight = 0;
        for (size_t place = begin; place < begin + places(sums->layer, count); place++) {
            real dy = sums->dy[place * C + channel];
            bias += dy;
            weight = real_fma(dy, sums->x[place * C + channel] - sums->mean[channel], weight);
        }
        sum[channel] = bias + 0;
        sum[C + channel] = weight + 0;
    }
}

/* The page's k is `slope`. */
void batchnorm_backward(const struct layer *layer, size_t batch, const real *x, const real *mean, const real *inverse,
                        const real *weight, const real *dy, real *dweight, real *dbias, real *dx, real *sums,
                        real *room)
{
    const size_t C = layer->in.channels;
    const real n = (real)places(layer, batch);
    const struct chunk_sums gradients = { add_gradients, layer, batch, 2 * C, x, dy, mean };

    chunk_sums(&gradients, sums, room);
    for (size_t channel = 0; channel < C; channel++) {
        dbias[channel] = sums[channel];
        dweight[channel] = sums[C + channel] * inverse[channel];
    }
    for (size_t i = 0; dx && i < places(layer, batch) * C; i++) {
        size_t c = i % C;
        real slope = dweight[c] * inverse[c] / n;
        dx[i] = weight[c] * inverse[c] * real_fma(mean[c] - x[i], slope, dy[i] - dbias[c] / n) + 0;
    }
}
