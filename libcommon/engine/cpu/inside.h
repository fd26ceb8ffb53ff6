/* The inside of the engine: the kernels that cpu.c gives to the frame (engine/frame/frame.h says what each does). */
#ifndef ENGINE_CPU_INSIDE_H
#define ENGINE_CPU_INSIDE_H

#include "engine/cpu/tiles.h"
#include "engine/frame/frame.h"

extern const struct tiles *tiles; /* chosen whenever an engine is opened */
extern const struct kernels cpu_kernels;

/* A picture with a frame of zeros: (rows, columns, channels). */
struct framed {
    size_t rows, columns, channels;
};

struct framed framed_input(const struct layer *layer);
size_t framed_size(struct framed framed);

/* The input of one sample in its frame of padding, put together in `to`; without padding it is its own. */
const float *frame_input(const struct layer *layer, const float *x, float *to);

/* n chains end with + 0. */
void cpu_end(size_t n, float *sums);

/* About which share of the values of these rows, `row` apart, is not 0: an eighth of them is looked at. */
double cpu_density(size_t rows, size_t columns, const float *values, size_t row);

/* conv over what is not 0: inputs; gradients of outputs. weight: (O, K, L, C). */
size_t sparse_room(const struct layer *layer);
void sparse_forward(const struct product *product);
void sparse_backward(const struct product *product, const float *weight);

enum { CPU_DENSE_INPUTS = 192 }; /* of a block of dense backward */

size_t cpu_conv_room(const struct layer *layer);
size_t cpu_conv_prepared(const struct layer *layer);
void cpu_conv_prepare(const struct layer *layer, const float *weight, float *prepared);
void cpu_conv_forward(const struct product *product);
void cpu_conv_backward(const struct product *product);

size_t cpu_dense_room(const struct layer *layer);
void cpu_dense_forward(const struct product *product, struct dense_block block);
void cpu_dense_backward(const struct product *product, size_t first, size_t end);

#endif
