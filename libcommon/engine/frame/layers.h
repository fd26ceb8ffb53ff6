/*
 * The layers but conv and dense, and the update, as loops that a compiler can vectorise, with the results of
 * engine/ref/layers.h. Shapes are those of frame.h; x and y are a layer's input and output, dx and dy the gradients of
 * the loss with respect to them.
 */
#ifndef ENGINE_FRAME_LAYERS_H
#define ENGINE_FRAME_LAYERS_H

#include "net/plan.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The shape of what one output of a conv or dense layer reads: (K, K, C), or the layer's input. */
struct shape layer_inputs(const struct layer *layer);

/* Copy a weight tensor between the files' order (O, C, H, W) and the frame's (H, W, C, O). `inputs`: layer_inputs().
   Its places are H * W, or, where that is 1, C; to a file, those of [first, end) are copied. */
size_t weight_places(struct shape inputs);
void weight_from_file(struct shape inputs, size_t outputs, const float *file, float *weight);
void weight_to_file(struct shape inputs, size_t outputs, size_t first, size_t end, const float *weight, float *file);

/* Add n values of x to those of y. */
void frame_add(size_t n, const float *x, float *y);

/* Add n arrays of `count` floats, which stand `stride` apart, in the order of tree_sum() of engine/ref/layers.h. The
   first becomes the sum; all are overwritten. */
void frame_add_tree(float *arrays, size_t stride, size_t n, size_t count);

/* bias: (O). It is added to each of n rows of y; dbias is the sum of n rows of dy. */
void bias_add(size_t n, size_t outputs, const float *bias, float *y);
void bias_sum(size_t n, size_t outputs, const float *dy, float *dbias);

/* relu. n values; y may be x, dx may be dy. */
void frame_relu_forward(size_t n, const float *x, float *y);
void frame_relu_backward(size_t n, const float *y, const float *dy, float *dx);

/* tanh, backward; forward is math_tanhf_each(). n values; dx may be dy. */
void frame_tanh_backward(size_t n, const float *y, const float *dy, float *dx);

/* maxpool. x: (B, H, W, C); y: (B, H', W', C); winner: like y, the place in the sample's x of the largest value. Where
   the layer before is a relu, x may be what that reads: both are done at once, there and back. */
void frame_maxpool_forward(const struct layer *layer, size_t batch, const float *x, float *y, uint32_t *winner);
void frame_relu_maxpool_forward(const struct layer *layer, size_t batch, const float *x, float *y, uint32_t *winner);
void frame_maxpool_backward(const struct layer *layer, size_t batch, const uint32_t *winner, const float *dy,
                            float *dx);

/* avgpool. x: (B, H, W, C); y: (B, H', W', C). */
void frame_avgpool_forward(const struct layer *layer, size_t batch, const float *x, float *y);
void frame_avgpool_backward(const struct layer *layer, size_t batch, const float *dy, float *dx);

/* batchnorm of n places. x, dx, y, dy: (n, C); mean, inverse, weight and bias: (C), as in engine/ref/layers.h. */

/* squares: (C), the sums of squared deviations. */
void norm_squares(size_t n, size_t channels, const float *x, const float *mean, float *squares);
void norm_forward(size_t n, size_t channels, const float *x, const float *mean, const float *inverse,
                  const float *weight, const float *bias, float *y);

/* sums: (2, C), of dy, and of dy times the deviation. */
void norm_slopes(size_t n, size_t channels, const float *x, const float *mean, const float *dy, float *sums);

/* taken: (2, C), what the whole batch takes from dy: the mean of dy, and a share of the deviation. */
void norm_backward(size_t n, size_t channels, const float *x, const float *mean, const float *inverse,
                   const float *weight, const float *taken, const float *dy, float *dx);

/* dropout, dropout2d. Which values of one sample are kept, then for n values forward or, on gradients, backward; y may
 * be x. */
void dropout_draw(const struct layer *layer, uint64_t seed, uint32_t epoch, uint32_t sample, unsigned char *kept);
void dropout_apply(const struct layer *layer, size_t n, const unsigned char *kept, const float *x, float *y);

/* One optimizer step over n parameters; moments as optimizer_moments() counts them. */
void frame_update(const struct optimizer *optimizer, const struct optimizer_scalars *scalars, size_t n,
                  const float *gradient, float *parameter, float *moment0, float *moment1);

/* The sum of the squares of a part: of n gradients, at most PART. */
double frame_squares(size_t n, const float *gradient);

void frame_scale(size_t n, float factor, float *values);

/* The moving average of n parameters. */
void frame_average(size_t n, double decay, const float *parameter, float *ema);

#endif
