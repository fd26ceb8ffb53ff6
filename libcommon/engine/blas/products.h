/* conv and dense as matrix products, for the frame's table of kernels. */
#ifndef ENGINE_BLAS_PRODUCTS_H
#define ENGINE_BLAS_PRODUCTS_H

#include "engine/frame/frame.h"

size_t blas_conv_room(const struct layer *layer);
void blas_conv_forward(const struct product *product);
void blas_conv_backward(const struct product *product);

void blas_dense_forward(const struct product *product, struct dense_block block);
void blas_dense_backward(const struct product *product, size_t first, size_t end);

#endif
