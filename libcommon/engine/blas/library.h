/*
 * OpenBLAS, loaded when it is first asked for: as a library of the program it would start threads, which spin for a
 * while, in every process that computes without it.
 */
#ifndef ENGINE_BLAS_LIBRARY_H
#define ENGINE_BLAS_LIBRARY_H

#include "base/error.h"

#include <cblas.h>
#include <stdbool.h>

/* Its functions, as cblas.h declares them. */
extern struct blas_library {
    __typeof__(cblas_sgemm) *sgemm;
    __typeof__(openblas_set_num_threads) *set_threads;
    __typeof__(openblas_get_parallel) *get_parallel;
    __typeof__(openblas_get_config) *get_config;
    __typeof__(openblas_get_corename) *get_processor;
} blas;

/* 69: it is not there. Loaded once, it stays. */
enum status blas_load(struct error *error);

#endif
