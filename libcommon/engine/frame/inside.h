/*
 * The inside of the frame: a plan laid out for worker threads.
 *
 * A batch is cut into chunks of samples. A worker takes a chunk through a whole run of layers, while its values are in
 * the cache. Between two runs stands a layer at which all chunks meet: a dense one, whose weights are too many to be
 * read for each chunk, and whose gradients are sums over the whole batch; or a batchnorm, whose statistics are the
 * batch's.
 *
 *     picture | conv relu conv relu maxpool dropout | dense | relu dropout | dense | loss
 *               run 0                                         run 1                  run 2
 *
 * A dense layer is shared out by blocks. A batchnorm is finished chunk by chunk: forward by the run after it, backward
 * by that before it.
 *
 * Where whole chunks would leave workers idle, samples go through a run alone. On the way back, gradients of weights,
 * which are sums over a chunk, then follow when all samples have been there.
 *
 * Chunks follow from the plan alone, and their sums are added in a tree; blocks, groups and samples that go alone
 * follow from the workers, and cut no sum: bits do not depend on who computes.
 *
 * Ranks share out the chunks of a batch (nodes.h), and each takes its own through all layers. They meet where chunks
 * do:
 *
 * - Of a batchnorm they exchange the sums of their nodes, and each adds up all of them.
 * - Of a run likewise, but that each adds up a share of the parameters only, changes these, and sends them to all.
 * - Of a dense layer each forms the gradients of a share of the rows, and those of these inputs, over all samples, for
 *   which it gets the inputs and all the gradients of outputs; it sends the inputs' back to who has the samples,
 *   changes the rows, and sends them to all.
 * - The biases of dense layers, and what a batchnorm learns, all ranks change alike.
 *
 * Where gradients are clipped, they are sent instead of what they change, and then all ranks change everything alike.
 * Otherwise moments and moving average are right where they are changed, until frame_get() brings them to rank 0.
 */
#ifndef ENGINE_FRAME_INSIDE_H
#define ENGINE_FRAME_INSIDE_H

#include "base/divide.h"
#include "base/threads.h"
#include "engine/frame/frame.h"
#include "engine/frame/nodes.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PIECE = 1 << 12 }; /* parameters of a piece of the update */

/* A value of the plan: what layers read and make. */
struct value {
    size_t size;  /* floats of one sample */
    size_t last;  /* the last layer that reads it: on the way back the first to write its slope; others add to it */
    float *x;     /* (batch, size); that of the value before it, where its layer works in place */
    float *slope; /* the gradient of the loss with respect to it; that of the value after it, where the layer between
                     works in place on the way back; NULL: in the workers' rooms... */
    size_t room;  /* ...this one of their slopes[] */
};

/* What a layer keeps of a batch for its other half. */
struct notes {
    uint32_t *winners;     /* maxpool: like its output */
    unsigned char *kept;   /* dropout, dropout2d: like its output */
    float *mean, *inverse; /* batchnorm: (C), the batch's, or in evaluation from the running statistics */
    float *sums;           /* batchnorm: (chunks, 2, C), a chunk's share; in the first, what norm_backward() takes */
    float *prepared;       /* conv, dense: what the engine made of the weight, or NULL */
};

/* On the way back its chunks are worked in groups, a power of two of chunks: each chunk of a group has a gradient of
   the run's parameters of its own; then these become one. So they need not be there for all chunks at a time. */
struct run {
    size_t first, end; /* its layers; `end` is the layer at which its chunks meet, unless it is the last run */
    size_t parameters, parameter_count; /* in the frame's order: where those of its layers begin */
    size_t group;                       /* chunks of a group */
    size_t convs;

    /* With other ranks: the sums of nodes on their way to who adds them, first those of rank 0's parameters; those of
       all nodes, of the parameters of this rank; and what is sent about: these sums, and what follows from them. */
    float *outgoing, *incoming;
    struct exchange *sums, *changed;

    /* Likewise of the dense layer after it: inputs and gradients of both sides, and rows. */
    struct exchange *operands, *rows;
};

/* What a worker needs for what it is at. */
struct room {
    float *own;       /* the kernels' */
    float *rows;      /* the gradient of a block of a dense weight that is updated at once */
    float *slopes[2]; /* of two values, of which one follows from the other */
    float *addend;    /* what is added to a slope */
    float *augment;   /* augment()'s; NULL where nothing is augmented */
};

struct frame {
    struct engine engine;
    struct kernels kernels;
    struct threads *threads;
    struct comm *comm;
    char class[64];

    size_t chunk, chunks; /* samples of a chunk; chunks of a full batch */
    bool splits;          /* few for the workers: on the way back samples go alone, then the weights of each layer */
    struct run *runs;
    size_t run_count;
    struct value *values; /* (layer_count + 1) */
    struct notes *notes;  /* (layer_count) */
    struct room *rooms;   /* (workers) */
    float *losses;        /* (batch) */
    bool *correct;        /* (batch): the largest logit is the label's */

    /* Parameters, weights in the order of frame.h: those of dense layers, then those in runs, run by run, then the rest
       of layers between runs; behind them the running statistics. Where nothing is clipped, a block of a dense weight
       and a piece of those in runs are updated as soon as their gradient is there, while both are in the cache: early.
       All other gradients are like parameters. */
    size_t *offsets;           /* (tensor_count): where each tensor begins */
    size_t early_count, count; /* floats of parameters updated early, of all */
    float *parameters, *gradients;
    float *shares; /* (slots, parameters of the run at work): what chunks, and groups before, add to its gradients */
    float *moments[OPTIMIZER_MOMENTS], *ema; /* (count); NULL where the plan has none */
    float *ordered;                          /* gradients in file order; NULL where nothing is clipped */
    double *squares;                         /* of each part of them, likewise */
    float factor;                            /* what all gradients are multiplied by, where they are clipped */
    float *norm_sums;                        /* (nodes, 2, C): a batchnorm's, of all ranks */
    float *addends;           /* like a dense layer's input: its gradient, where it is added to another */
    struct exchange *meeting; /* of these, and of moments */
    struct exchange *results; /* of losses and what is classified right */
    bool changed;             /* since the weights were last prepared, they have */

    /* What the workers are at. */
    const struct step *step; /* of evaluation: samples and count alone */
    bool training;
    size_t grain; /* samples of a task on the way forward: those of a chunk, or one */
    const struct run *run;
    struct part *parts; /* (ranks) */
    struct part *own;   /* this rank's of them; in evaluation, which is not shared out, the whole batch */
    struct span node;   /* of its chunks, on the way back; one alone has one node */
    size_t node_number;
    size_t group; /* of the node's chunks */
};

/* Lay `plan` out for `workers`, from `chunk` down to `squares`; and free all that. */
void frame_arrange(struct frame *frame, const struct plan *plan, size_t workers);
void frame_release(struct frame *frame, size_t workers);

/* Is it a maxpool that does the work of the relu before it, whose output nobody else reads? */
bool pools_relu(const struct frame *frame, const struct layer *layer);

/* Is it conv or dense, whose weights have the frame's order, and whose sums are an engine's? */
bool is_product(const struct layer *layer);

/* [*first, *end): the block `number` of so many of n things. */
void find_block(size_t n, size_t size, size_t number, size_t *first, size_t *end);

/* How many chunks the batch at work has, how many of them the group at work, and which samples are those of one. */
size_t frame_chunks(const struct frame *frame);
size_t group_chunks(const struct frame *frame);
struct span chunk_span(const struct frame *frame, size_t number);

/* Value i of a sample and those after it. */
float *value_at(const struct frame *frame, size_t i, size_t sample);

/* A tensor; its gradient, unless it is updated early; and where chunk `number` leaves its own of one of the run at
   work. NULL for PLAN_NONE. */
float *parameter(const struct frame *frame, size_t tensor);
float *gradient(const struct frame *frame, size_t tensor);
float *chunk_gradient(const struct frame *frame, size_t tensor, size_t number);

/* The layer at which the chunks of `run` meet; NULL for the last run. */
const struct layer *run_meeting(const struct frame *frame, const struct run *run);

/* Tasks; `number` counts those of a kind. frame.c shows which wait for which. */
void layer_prepare(struct frame *frame, struct room *room, size_t number);
void span_forward(struct frame *frame, struct room *room, size_t number);
void span_end(struct frame *frame, struct room *room, size_t number); /* forward, then the loss: the last run */
void chunk_backward(struct frame *frame, struct room *room, size_t number);
void sample_backward(struct frame *frame, struct room *room, size_t number); /* but for gradients of weights... */
void weight_backward(struct frame *frame, struct room *room, size_t number); /* ...of a layer, by a chunk */
void chunk_turn(struct frame *frame, struct room *room, size_t number);      /* where grains are chunks: both */

/* The dense layer after the run at work: how many blocks it has, and one of them. */
size_t dense_forward_blocks(const struct frame *frame);
size_t dense_backward_blocks(const struct frame *frame);
void dense_block_forward(struct frame *frame, struct room *room, size_t number);
void dense_block_backward(struct frame *frame, struct room *room, size_t number);
void dense_bias(struct frame *frame, struct room *room, size_t number); /* one task */

/* The batchnorm after the run at work: what a chunk adds to sums of values, of squares and of slopes, and what follows
   from these for the batch. */
void norm_add_values(struct frame *frame, struct room *room, size_t number);
void norm_end_values(struct frame *frame);
void norm_add_squares(struct frame *frame, struct room *room, size_t number);
void norm_end_squares(struct frame *frame);
void norm_add_slopes(struct frame *frame, struct room *room, size_t number);
void norm_end_slopes(struct frame *frame);

/* In evaluation: from the running statistics. */
void norm_recall(struct frame *frame);

/* The gradients of the group at work become one, with those before it, and after the last group they are the node's.
   From those of all nodes follow the batch's: then, or when all gradients are there, parameters change. */
size_t gather_pieces(const struct frame *frame);
void piece_gather(struct frame *frame, struct room *room, size_t number);
void piece_add(struct frame *frame, struct room *room, size_t number);
size_t update_pieces(const struct frame *frame);
void piece_update(struct frame *frame, struct room *room, size_t number);

/* Where gradients are clipped: put those of some places into file order; add the squares of a part. */
size_t order_blocks(const struct frame *frame);
void block_order(struct frame *frame, struct room *room, size_t number);
void part_square(struct frame *frame, struct room *room, size_t number);

/* So many parameters from `first` change by these gradients. */
void range_update(struct frame *frame, size_t first, size_t n, const float *gradients);

/* What ranks exchange: ranks.c. Alone, nothing of this does anything, but that there is one part. */

/* Allocate for the ranks of frame->comm; and free that. */
void ranks_arrange(struct frame *frame);
void ranks_release(struct frame *frame);

/* Give out the batch at work. */
void ranks_share(struct frame *frame);

/* What is this rank's: pieces of the parameters of the run at work; blocks of inputs of the dense layer after it. */
struct span rank_pieces(const struct frame *frame);
struct span rank_input_blocks(const struct frame *frame);

/* Sums over own chunks, `stride` floats apart in the place of each chunk, become those of the batch in the first place.
 */
void ranks_add_sums(const struct frame *frame, float *sums, size_t stride, size_t count);

/* Of the run at work: a piece of the sum of the node at work, from its parameter `first`, is there; send the sums; wait
   for those of others, if there are any others; send what has become of them. */
void ranks_keep(const struct frame *frame, size_t first, size_t n, const float *sum);
void ranks_begin_sums(const struct frame *frame);
bool ranks_end_sums(const struct frame *frame);
void ranks_begin_changed(const struct frame *frame);

/* The sums of all nodes of piece `number` of it, which are `stride` floats apart. */
float *ranks_piece(const struct frame *frame, size_t number, size_t *stride);

/* Of the dense layer after it: send inputs, and gradients of outputs; wait for both; send gradients of inputs, and wait
   for them; send rows, and wait for them. */
void ranks_begin_inputs(const struct frame *frame);
void ranks_begin_slopes(const struct frame *frame);
void ranks_end_operands(const struct frame *frame);
void ranks_begin_input_slopes(const struct frame *frame);
void ranks_end_input_slopes(const struct frame *frame);
void ranks_begin_rows(const struct frame *frame);
void ranks_end_rows(const struct frame *frame);

/* Where gradients of its inputs are put, (batch, H, W, C), before they are sent; NULL: nobody asks for them. */
float *ranks_input_slope(const struct frame *frame, const struct layer *layer);

/* Wait for what has become of the parameters of all runs; of all parameters. */
void ranks_end_changed(const struct frame *frame);
void ranks_end_all(const struct frame *frame);

/* Losses, and which samples are classified right: to all. */
void ranks_begin_losses(const struct frame *frame);
void ranks_end_losses(const struct frame *frame);

/* An array like parameters comes to rank 0, in what other ranks change. */
void ranks_collect(const struct frame *frame, float *array);

#endif
