/*
 * The inside of the engine: a plan laid out for worker threads.
 *
 * A batch is cut into chunks of samples. A worker takes a chunk through a whole run of layers, while its values are in
 * the cache. Between two runs stands a wide layer: a dense one with so many weights that it is shared out by blocks of
 * its inputs instead, for the whole batch.
 *
 *     picture | conv relu conv relu maxpool dropout | dense | relu dropout dense | loss
 *               run 0                                 wide    run 1
 *
 * Chunks and blocks follow from the plan alone, and their sums are added in a tree: bits do not depend on who computes.
 */
#ifndef ENGINE_BLAS_INSIDE_H
#define ENGINE_BLAS_INSIDE_H

#include "base/threads.h"
#include "engine/engine.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PIECE = 1 << 14 }; /* parameters of a piece of the update */

struct run {
    size_t first, end;  /* its layers; `end` is the wide layer after it, unless it is the last run */
    float *first_slope; /* (batch, size): the gradient of the loss with respect to its input; NULL for run 0 */
    float *end_slope;   /* and to its output; NULL for the last run, whose output's is in the worker's room */
    size_t blocks;      /* of the wide layer's inputs */
    float *products;    /* (blocks, batch, outputs): what each block adds to the wide layer's output */
};

/* What a worker needs for one chunk. */
struct room {
    float *patches;   /* conv's */
    float *slopes[2]; /* slopes[i % 2] is the gradient with respect to values[i] */
};

struct blas {
    struct engine engine;
    struct threads *threads;
    char class[64];

    size_t chunk, chunks; /* samples of a chunk; chunks of a full batch */
    struct run *runs;
    size_t run_count;
    float **values;       /* (layer_count + 1): the input, and each layer's output (batch, size) */
    uint32_t **winners;   /* maxpool: like its output; else NULL */
    unsigned char **kept; /* dropout: likewise; else NULL */
    struct room *rooms;   /* (workers) */
    float *losses;        /* (batch) */
    bool *correct;        /* (batch): the largest logit is the label's */

    /* Parameters, those of wide layers first, weights in the order of layers.h. Gradients are like them, but after
       those of wide layers come the others' once for each chunk. */
    size_t *offsets;          /* (tensor_count): where each tensor begins */
    size_t wide_count, count; /* floats of wide layers, of all */
    float *parameters, *moments[OPTIMIZER_MOMENTS], *gradients;

    /* What the workers are at. */
    const struct step *step; /* of evaluation: samples and count alone */
    bool training;
    const struct run *run;
};

/* Lay `plan` out for `workers`, from `chunk` down to `gradients`; and free all that. */
void blas_arrange(struct blas *blas, const struct plan *plan, size_t workers);
void blas_release(struct blas *blas, size_t workers);

/* The inputs of one output of a conv or dense layer. */
struct shape layer_inputs(const struct layer *layer);

/* Floats of one sample in values[i]. */
size_t value_size(const struct plan *plan, size_t i);

/* How many chunks the batch at work has, and how many pieces the update. */
size_t blas_chunks(const struct blas *blas);
size_t blas_pieces(const struct blas *blas);

/* The block `number` of the wide layer after `run`. */
struct dense_block wide_block(const struct blas *blas, const struct run *run, size_t number);

/* Tasks; `number` counts those of a kind. blas.c shows which wait for which. */
void chunk_forward(struct blas *blas, struct room *room, size_t number);
void chunk_backward(struct blas *blas, struct room *room, size_t number);
void chunk_turn(struct blas *blas, struct room *room, size_t number); /* there, the loss, and back: the last run */
void wide_forward(struct blas *blas, struct room *room, size_t number);
void wide_backward(struct blas *blas, struct room *room, size_t number);
void piece_update(struct blas *blas, struct room *room, size_t number);

#endif
