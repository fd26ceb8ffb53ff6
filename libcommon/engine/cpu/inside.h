/* The inside of the engine: the kernels that cpu.c gives to the frame (engine/frame/frame.h says what each does). */
#ifndef ENGINE_CPU_INSIDE_H
#define ENGINE_CPU_INSIDE_H

#include "engine/cpu/tiles.h"
#include "engine/frame/frame.h"

extern const struct tiles *tiles; /* chosen once, when the first engine is opened */

size_t conv_room(const struct layer *layer);
size_t conv_prepared(const struct layer *layer);
void conv_prepare(const struct layer *layer, const float *weight, float *prepared);
void conv_forward(const struct product *product);
void conv_backward(const struct product *product);

size_t dense_room(const struct layer *layer);
void dense_forward(const struct product *product, struct dense_block block);
void dense_backward(const struct product *product, size_t first, size_t end);

#endif
