/*
 * What one worker does at a time: a piece of the parameters of a run, or of all.
 *
 * A tree over chunks splits n at the largest power of two below n, and so does each node of it, the tree over its own.
 * Its groups, each a power of two of chunks, are therefore added like the digits of a binary number that counts them:
 * two sums of as many groups become one, and after the last group all that are left do, from the last to the first. A
 * sum stands in the slot of its first summand.
 */
#include "engine/frame/inside.h"
#include "engine/frame/layers.h"

#include <string.h>

float *gradient(const struct frame *frame, size_t tensor)
{
    return tensor == PLAN_NONE ? NULL : frame->gradients + frame->offsets[tensor] - frame->early_count;
}

/* Sums of groups there are before group `number`: as many as the number has ones. */
static size_t sums_before(size_t number)
{
    size_t ones = 0;

    for (; number; number &= number - 1)
        ones++;
    return ones;
}

float *chunk_gradient(const struct frame *frame, size_t tensor, size_t number)
{
    const struct run *run = frame->run;
    const size_t of_node = number - frame->node.first;
    const size_t slot = sums_before(of_node / run->group) + of_node % run->group;

    if (tensor == PLAN_NONE)
        return NULL;
    return frame->shares + slot * run->parameter_count + frame->offsets[tensor] - run->parameters;
}

/* How many of n parameters piece `number` has. */
static size_t piece_size(size_t n, size_t number)
{
    size_t left = n - number * PIECE;

    return left < PIECE ? left : PIECE;
}

size_t gather_pieces(const struct frame *frame)
{
    return divide_up(frame->run->parameter_count, PIECE);
}

size_t update_pieces(const struct frame *frame)
{
    return divide_up(frame->count - frame->early_count, PIECE);
}

/* The gradients of a run's parameters are complete: n of them, from `first` of all. */
static void finish(struct frame *frame, size_t first, size_t n, const float *gradients)
{
    if (frame->early_count)
        range_update(frame, first, n, gradients);
    else
        memcpy(frame->gradients + first, gradients, n * sizeof *gradients);
}

void piece_gather(struct frame *frame, struct room *room, size_t number)
{
    const struct run *run = frame->run;
    const size_t stride = run->parameter_count, n = piece_size(stride, number), first = number * PIECE;
    const bool last = (frame->group + 1) * run->group >= frame->node.count;
    const size_t sums = sums_before(frame->group), sums_left = last ? 1 : sums_before(frame->group + 1);
    float *sum = frame->shares + sums * stride + first;

    (void)room;
    frame_add_tree(sum, stride, group_chunks(frame), n);
    for (size_t i = sums + 1; i > sums_left; i--, sum -= stride)
        frame_add(n, sum, sum - stride);
    if (last && frame->comm->ranks > 1)
        ranks_keep(frame, first, n, sum);
    else if (last)
        finish(frame, run->parameters + first, n, sum);
}

void piece_add(struct frame *frame, struct room *room, size_t number)
{
    const struct run *run = frame->run;
    const size_t n = piece_size(run->parameter_count, number);
    size_t stride;
    float *sums = ranks_piece(frame, number, &stride);

    (void)room;
    add_nodes(frame_chunks(frame), frame->parts, stride, n, sums);
    finish(frame, run->parameters + number * PIECE, n, sums);
}

void range_update(struct frame *frame, size_t first, size_t n, const float *gradients)
{
    const struct plan *plan = frame->engine.plan;
    float *moments[OPTIMIZER_MOMENTS] = { NULL };

    for (size_t i = 0; i < optimizer_moments(&plan->optimizer); i++)
        moments[i] = frame->moments[i] + first;
    frame_update(&plan->optimizer, &frame->step->scalars, n, gradients, frame->parameters + first, moments[0],
                 moments[1]);
    if (plan->ema > 0)
        frame_average(n, plan->ema, frame->parameters + first, frame->ema + first);
}

void piece_update(struct frame *frame, struct room *room, size_t number)
{
    const size_t first = number * PIECE, n = piece_size(frame->count - frame->early_count, number);

    (void)room;
    if (frame->engine.plan->clip > 0)
        frame_scale(n, frame->factor, frame->gradients + first);
    range_update(frame, frame->early_count + first, n, frame->gradients + first);
}
