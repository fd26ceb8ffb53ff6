/*
 * The engine of a vendor's library: im2col and OpenBLAS, called single-threaded by each worker. Fast where rote has no
 * kernels of its own.
 *
 * OpenBLAS adds in an order of its own, which changes with its version and the processor: hence the engine's class,
 * "fp32-openblas-VERSION-PROCESSOR". Within a class the bits are the same for any number of threads, because every call
 * has operands and a shape that follow from plan and batch alone.
 */
#ifndef ENGINE_BLAS_BLAS_H
#define ENGINE_BLAS_BLAS_H

#include "engine/engine.h"

#define ENGINE_CLASS_BLAS "fp32-openblas-" /* how its classes begin */

extern const struct engine_kind engine_blas;

#endif
