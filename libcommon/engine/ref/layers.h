/*
 * Every layer as plain loops: the definition of the arithmetic, to be read beside rote-arithmetic(7). Each file has its
 * functions in the order of that page: forward; then backward, for weight, bias and input.
 *
 * Shapes are in the comment of each function: B samples, rows H, columns W, channels C; activations are (B, H, W, C),
 * weights are in the order of the files. x and y are a layer's input and output, dx and dy the gradients of the loss
 * with respect to them. The order of a sum is the order of the loops around its fma; every chain ends with + 0, so that
 * no sum is -0.
 */
#ifndef ENGINE_REF_LAYERS_H
#define ENGINE_REF_LAYERS_H

#include "engine/ref/real.h"
#include "net/plan.h"

#include <stddef.h>
#include <stdint.h>

enum { CHUNK = 4 }; /* samples of a chunk: gradients of conv are chains within one, and a tree over them */

/* Where a sum over n splits: the largest power of two below n (n > 1). */
size_t tree_split(size_t n);

/* The sum of n values in the tree's order. */
real tree_sum(const real *values, size_t n);

/* How many levels that tree has: 1 for one value. */
size_t tree_levels(size_t n);

/* Sums over a batch that are formed chunk by chunk, and added in that tree: `size` at once. */
struct chunk_sums {
    /* Write the sums of `count` samples from `first`. */
    void (*chunk)(const struct chunk_sums *sums, size_t first, size_t count, real *sum);
    const struct layer *layer;
    size_t batch, size;
    const real *x, *dy, *mean; /* as `chunk` needs them, for the whole batch */
};

size_t chunks_of(size_t batch);

/* room: `size` values for each of tree_levels(chunks_of(batch)) levels. */
void chunk_sums(const struct chunk_sums *sums, real *sum, real *room);

/* conv. x: (B, H, W, C); weight: (O, C, K, L); bias: (O), or NULL for none; y: (B, H', W', O). */
void conv_forward(const struct layer *layer, size_t batch, const real *x, const real *weight, const real *bias,
                  real *y);

/* Gradients of one chunk of `batch` samples: dweight like weight, dbias like bias (NULL: not wanted), overwritten. */
void conv_backward_parameters(const struct layer *layer, size_t batch, const real *x, const real *dy, real *dweight,
                              real *dbias);

void conv_backward_input(const struct layer *layer, size_t batch, const real *weight, const real *dy, real *dx);

/* dense. x: (B, H, W, C); weight: (O, C * H * W), an input's place in PyTorch's channel-first order; bias: (O); y: (B,
 * O). */
void dense_forward(const struct layer *layer, size_t batch, const real *x, const real *weight, const real *bias,
                   real *y);
void dense_backward_parameters(const struct layer *layer, size_t batch, const real *x, const real *dy, real *dweight,
                               real *dbias);
void dense_backward_input(const struct layer *layer, size_t batch, const real *weight, const real *dy, real *dx);

/* relu. n values. */
void relu_forward(size_t n, const real *x, real *y);
void relu_backward(size_t n, const real *y, const real *dy, real *dx);

/* tanh. n values. */
void tanh_forward(size_t n, const real *x, real *y);
void tanh_backward(size_t n, const real *y, const real *dy, real *dx);

/* maxpool. x: (B, H, W, C); y: (B, H', W', C); winner: like y, the place in the sample's x of the largest value. */
void maxpool_forward(const struct layer *layer, size_t batch, const real *x, real *y, uint32_t *winner);
void maxpool_backward(const struct layer *layer, size_t batch, const uint32_t *winner, const real *dy, real *dx);

/* avgpool. x: (B, H, W, C); y: (B, H', W', C). */
void avgpool_forward(const struct layer *layer, size_t batch, const real *x, real *y);
void avgpool_backward(const struct layer *layer, size_t batch, const real *dy, real *dx);

/* batchnorm. x and y: (B, H, W, C); all others: (C). `inverse` is 1 / sqrt(variance + epsilon). */

/* mean and inverse of a batch, which the running statistics then follow. room: for chunk_sums() of C. */
void batchnorm_measure(const struct layer *layer, size_t batch, const real *x, real *mean, real *inverse,
                       real *running_mean, real *running_variance, real *room);

/* inverse of given variances, for evaluation. */
void batchnorm_invert(const struct layer *layer, const real *variance, real *inverse);
void batchnorm_forward(const struct layer *layer, size_t batch, const real *x, const real *mean, const real *inverse,
                       const real *weight, const real *bias, real *y);

/* sums: 2 * C of its own use; room: for chunk_sums() of 2 * C. dx may be NULL. */
void batchnorm_backward(const struct layer *layer, size_t batch, const real *x, const real *mean, const real *inverse,
                        const real *weight, const real *dy, real *dweight, real *dbias, real *dx, real *sums,
                        real *room);

/* dropout, or dropout2d, of one sample's values, drawn for (seed, layer, epoch, sample); backward is the same on
   gradients. With `rate` 0 or in evaluation it is not called, and y = x. */
void dropout(const struct layer *layer, uint64_t seed, uint32_t epoch, uint32_t sample, const real *x, real *y);

/* Softmax and cross-entropy of one sample, with labels smoothed by `smoothing`. logits: (C). Returns the loss; gradient
   (C), where not NULL, becomes that of the mean loss over a batch of `batch` samples. */
real cross_entropy(const real *logits, size_t classes, size_t label, double smoothing, size_t batch, real *gradient);

/* The first largest of n values. */
size_t largest(const real *values, size_t n);

/* Scale n gradients so that their norm is at most `most`. squares: parts_of(n) of its own use. */
void clip(size_t n, double most, real *gradient, double *squares);

/* The parts whose squares are added first, by so many chains each, and what then all are multiplied by. */
enum { PART = 4096, PART_CHAINS = 16 };
size_t parts_of(size_t n);
real clip_scale(size_t n, double most, const double *squares);

/* The moving average of n parameters. */
void average(size_t n, double decay, const real *parameter, real *ema);

/* One optimizer step over n parameters; moments as optimizer_moments() counts them. */
void update(const struct optimizer *optimizer, const struct optimizer_scalars *scalars, size_t n, const real *gradient,
            real *parameter, real *moment0, real *moment1);

#endif
