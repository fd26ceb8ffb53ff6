/* The inside of the engine: the kernels that cpu.c gives to the frame (engine/frame/frame.h says what each does). */
#ifndef ENGINE_CPU_INSIDE_H
#define ENGINE_CPU_INSIDE_H

#include "engine/cpu/tiles.h"
#include "engine/frame/frame.h"

extern const struct tiles *tiles; /* chosen once, when the first engine is opened */

size_t cpu_conv_room(const struct layer *layer);
size_t cpu_conv_prepared(const struct layer *layer);
void cpu_conv_prepare(const struct layer *layer, const float *weight, float *prepared);
void cpu_conv_forward(const struct product *product);
void cpu_conv_backward(const struct product *product);

size_t cpu_dense_room(const struct layer *layer);
void cpu_dense_forward(const struct product *product, struct dense_block block);
void cpu_dense_backward(const struct product *product, size_t first, size_t end);

#endif
