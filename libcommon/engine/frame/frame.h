/*
 * The frame of the engines that compute on worker threads: all of a step but the products of conv and dense, which an
 * engine brings as a table of kernels.
 *
 *     static const struct kernels kernels = { .room = ..., .conv_forward = ..., ... };
 *
 *     *engine = frame_open(&kernels, ENGINE_CLASS_EXACT, plan, threads, comm);      // the engine's open()
 *
 *     const struct engine_kind engine_cpu = { "cpu", cpu_open, frame_class, frame_put,
 *                                             frame_get, frame_train, frame_evaluate, frame_close };
 *
 * What the frame computes has the bits of engine/ref: the loops of its own, all sums over chunks, and the order in
 * which gradients meet. An engine with no limit on its chunks has those of its kernels in everything.
 *
 * B samples, rows H, columns W, channels C, outputs O; activations are (B, H, W, C). Weights stand inputs first and
 * outputs last: (K, K, C, O) and (H, W, C, O).
 */
#ifndef ENGINE_FRAME_FRAME_H
#define ENGINE_FRAME_FRAME_H

#include "engine/engine.h"

#include <stdbool.h>
#include <stddef.h>

/* What a conv or dense layer works on: in conv samples of a chunk, in dense all those of the batch. x and y are its
   input and output, dx and dy the gradients of the loss with respect to them. */
struct product {
    const struct layer *layer;
    size_t batch;               /* B */
    const float *weight, *bias; /* bias: (O), or NULL where the layer has none */
    const float *prepared;      /* what prepare() made of the weight */
    const float *x;             /* (B, H, W, C) */
    float *y;                   /* forward: (B, H', W', O) */
    const float *dy;            /* backward: like y */
    float *dx;                  /* like x; NULL where nobody asks for it */
    bool adds;                  /* dense: dx holds a gradient already, to which the layer's is added */
    float *dweight;             /* conv: like weight, or NULL; dense: the rows of these inputs; overwritten */
    float *room;                /* floats of the worker's own */
};

/* A part of a dense layer's output. */
struct dense_block {
    size_t first_sample, end_sample, first_output, end_output;
};

/* The gradient of a bias is the frame's work. */
struct kernels {
    size_t chunks_most; /* of a batch: chunks have 4 samples, or more where there would be more chunks, and conv's
                           products are those of whole chunks, both gradients at once; 0: any number */

    size_t (*room)(const struct layer *layer); /* of a conv or dense layer: the floats that its kernels work in */

    /* NULL, or something made of a layer's weight each time that it has changed, before any other kernel: so many
       floats, or 0 for nothing. */
    size_t (*prepared)(const struct layer *layer);
    void (*prepare)(const struct layer *layer, const float *weight, float *prepared);

    void (*conv_forward)(const struct product *product);
    void (*conv_backward)(const struct product *product); /* dweight, dx */

    /* The blocks that workers, and ranks, share a dense layer out by: forward of samples and outputs, backward of
       inputs. They begin at multiples of these numbers; dense_samples 0: where it suits. */
    size_t dense_samples, dense_outputs, dense_inputs;
    void (*dense_forward)(const struct product *product, struct dense_block block);

    /* Of the inputs [first, end): these rows of dweight, (end - first, O), and these columns of dx. */
    void (*dense_backward)(const struct product *product, size_t first, size_t end);
};

/* `class`: as engine_class() gives it; it and the table are copied. `comm`: the ranks that share the batches out, for
   kernels that limit neither chunks nor blocks of samples; others work alone. */
struct engine *frame_open(const struct kernels *kernels, const char *class, const struct plan *plan, size_t threads,
                          struct comm *comm);

/* The rest of a struct engine_kind. */
const char *frame_class(const struct engine *engine);
void frame_put(struct engine *engine, const struct state *state);
void frame_get(struct engine *engine, struct state *state);
void frame_train(struct engine *engine, const struct step *step, struct step_result *result);
void frame_evaluate(struct engine *engine, const uint32_t *samples, size_t count, float *logits, float *losses);
void frame_close(struct engine *engine);

#endif
