/* The inside of the engine: the kernels that cpu.c gives to the frame (engine/frame/frame.h says what each does). */
#ifndef ENGINE_CPU_INSIDE_H
#define ENGINE_CPU_INSIDE_H

#include "engine/cpu/tiles.h"
#include "engine/frame/frame.h"

extern const struct tiles *tiles; /* chosen whenever an engine is opened; a process has engines of one kind */
extern const struct kernels cpu_kernels;

/* A picture with a frame of zeros: (rows, columns, channels). */
struct padded {
    size_t rows, columns, channels;
};

struct padded padded_input(const struct layer *layer);
size_t padded_size(struct padded padded);

/* The input of one sample in its frame of padding, put together in `to`; without padding it is its own. */
const float *cpu_pad_input(const struct layer *layer, const float *x, float *to);

/* n chains end with + 0. */
void cpu_end(size_t n, float *sums);

/* Are all of n values finite? Only then may their products with zeros be left out; weights that are not never reach a
   checkpoint. */
bool cpu_finite(size_t n, const float *values);

/* Where less than this share of gradients, or of a dense layer's inputs, is not 0, chains run over these alone. */
#define CPU_SPARSE 0.5

/* About which share of the values of these rows, `row` apart, is not 0: an eighth of them is looked at. */
double cpu_density(size_t rows, size_t columns, const float *values, size_t row);

/* conv over what is not 0: inputs; gradients of outputs. weight: (O, K, L, C). */
size_t sparse_room(const struct layer *layer);
bool sparse_suits(const struct layer *layer); /* forward: its lists are not too long */
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
