/*
 * The inside of the engine: a plan laid out for worker threads.
 *
 * A batch is cut into chunks of samples. A worker takes a chunk through a whole run of layers, while its values are in
 * the cache. Between two runs stands a layer at which all chunks meet: a wide one, a dense layer with so many weights
 * that it is shared out by blocks of its inputs instead, for the whole batch; or a batchnorm, whose statistics are the
 * batch's.
 *
 *     picture | conv relu conv relu maxpool dropout | dense | relu dropout dense | loss
 *               run 0                                 wide    run 1
 *
 * Forward, the run after such a layer finishes it chunk by chunk; backward, that before a batchnorm does.
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

/* A value of the plan: what layers read and make. */
struct value {
    size_t size;  /* floats of one sample */
    size_t last;  /* the last layer that reads it: on the way back the first to write its slope; others add to it */
    float *x;     /* (batch, size); that of the value before it, where its layer works in place */
    float *slope; /* the gradient of the loss with respect to it, likewise; NULL: in the workers' rooms */
};

/* What a layer keeps of a batch for its other half. */
struct notes {
    uint32_t *winners;     /* maxpool: like its output */
    unsigned char *kept;   /* dropout, dropout2d: like its output */
    float *mean, *inverse; /* batchnorm: (C), the batch's, or in evaluation from the running statistics */
    float *sums;           /* batchnorm: (chunks, 2, C), a chunk's share; in the first, what norm_backward() takes */
    size_t blocks;         /* wide: of its inputs; else 0 */
    float *products;       /* wide: (blocks, batch, outputs), what each block adds to its output */
};

struct run {
    size_t first, end; /* its layers; `end` is the layer at which its chunks meet, unless it is the last run */
};

/* What a worker needs for one chunk. */
struct room {
    float *patches;   /* conv's */
    float *slopes[2]; /* slopes[i % 2] is that of value i */
    float *addend;    /* what is added to a slope */
    float *augment;   /* augment()'s; NULL where nothing is augmented */
};

struct blas {
    struct engine engine;
    struct threads *threads;
    char class[64];

    size_t chunk, chunks; /* samples of a chunk; chunks of a full batch */
    struct run *runs;
    size_t run_count;
    struct value *values; /* (layer_count + 1) */
    struct notes *notes;  /* (layer_count) */
    struct room *rooms;   /* (workers) */
    float *losses;        /* (batch) */
    bool *correct;        /* (batch): the largest logit is the label's */

    /* Parameters, those of layers between runs first, weights in the order of layers.h; behind them the running
       statistics. Gradients are like parameters, but those of the layers in runs are there once for each chunk. */
    size_t *offsets;             /* (tensor_count): where each tensor begins */
    size_t between_count, count; /* floats of parameters of layers between runs, of all */
    float *parameters, *gradients;
    float *moments[OPTIMIZER_MOMENTS], *ema; /* (count); NULL where the plan has none */
    double *squares;                         /* clip()'s */

    /* What the workers are at. */
    const struct step *step; /* of evaluation: samples and count alone */
    bool training;
    const struct run *run;
};

/* Samples of the batch. */
struct span {
    size_t first, count;
};

/* Lay `plan` out for `workers`, from `chunk` down to `squares`; and free all that. */
void blas_arrange(struct blas *blas, const struct plan *plan, size_t workers);
void blas_release(struct blas *blas, size_t workers);

/* How many chunks the batch at work has, and which samples are those of one. */
size_t blas_chunks(const struct blas *blas);
struct span chunk_span(const struct blas *blas, size_t number);

/* Value i of a sample and those after it. */
float *value_at(const struct blas *blas, size_t i, size_t sample);

/* A tensor; and where chunk `number` leaves its gradient of it: layers between runs have one gradient, that of chunk 0.
   NULL for PLAN_NONE. */
float *parameter(const struct blas *blas, size_t tensor);
float *gradient(const struct blas *blas, size_t tensor, size_t number);

/* The layer at which the chunks of `run` meet; NULL for the last run. */
const struct layer *run_meeting(const struct blas *blas, const struct run *run);

/* Tasks; `number` counts those of a kind. blas.c shows which wait for which. */
void chunk_forward(struct blas *blas, struct room *room, size_t number);
void chunk_backward(struct blas *blas, struct room *room, size_t number);
void chunk_turn(struct blas *blas, struct room *room, size_t number); /* there, the loss, and back: the last run */

/* The wide layer after the run at work: one block. wide_collect() ends it for a chunk. */
void wide_forward(struct blas *blas, struct room *room, size_t number);
void wide_backward(struct blas *blas, struct room *room, size_t number);
void wide_collect(struct blas *blas, size_t i, struct span span);

/* The batchnorm after the run at work: what a chunk adds to sums of values, of squares and of slopes, and what follows
   from these for the batch. */
void norm_add_values(struct blas *blas, size_t number);
void norm_end_values(struct blas *blas);
void norm_add_squares(struct blas *blas, struct room *room, size_t number);
void norm_end_squares(struct blas *blas);
void norm_add_slopes(struct blas *blas, const struct run *run, size_t number);
void norm_end_slopes(struct blas *blas);

/* In evaluation: from the running statistics. */
void norm_recall(struct blas *blas);

/* Gradients of all chunks become one; then parameters change. */
size_t gather_pieces(const struct blas *blas);
size_t update_pieces(const struct blas *blas);
void piece_gather(struct blas *blas, struct room *room, size_t number);
void piece_update(struct blas *blas, struct room *room, size_t number);

#endif
