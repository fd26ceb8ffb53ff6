#include "engine/frame/frame.h"

#include "base/memory.h"
#include "engine/frame/inside.h"
#include "engine/frame/layers.h"
#include "engine/ref/layers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Tasks of a kind. */
struct job {
    struct frame *frame;
    void (*task)(struct frame *frame, struct room *room, size_t number);
    size_t first;
};

static void work(void *context, size_t worker, size_t number)
{
    const struct job *job = context;

    job->task(job->frame, &job->frame->rooms[worker], job->first + number);
    if (worker == 0)
        comm_progress(job->frame->comm);
}

static void share_from(struct frame *frame, void (*task)(struct frame *frame, struct room *room, size_t number),
                       size_t first, size_t count)
{
    struct job job = { frame, task, first };

    threads_run(frame->threads, work, &job, count);
}

static void share(struct frame *frame, void (*task)(struct frame *frame, struct room *room, size_t number),
                  size_t count)
{
    share_from(frame, task, 0, count);
}

static void share_span(struct frame *frame, void (*task)(struct frame *frame, struct room *room, size_t number),
                       struct span span)
{
    share_from(frame, task, span.first, span.count);
}

/* Forward no sum is over samples but those of batchnorm: where whole chunks would leave workers idle, samples go alone.
 */
static size_t choose_grain(const struct frame *frame)
{
    const bool even = frame->own->chunks.count % threads_count(frame->threads) == 0;

    return !frame->splits && (even || frame->kernels.chunks_most) ? frame->chunk : 1;
}

static void share_forward(struct frame *frame, void (*task)(struct frame *frame, struct room *room, size_t number))
{
    const struct span samples = frame->own->samples;

    share_from(frame, task, samples.first / frame->grain, divide_up(samples.count, frame->grain));
}

/* What all chunks meet for after the run at work, there and back. */
static void meet_forward(struct frame *frame)
{
    if (run_meeting(frame, frame->run)->kind == LAYER_DENSE) {
        ranks_begin_inputs(frame);
        ranks_end_rows(frame);
        share(frame, dense_block_forward, dense_forward_blocks(frame));
    } else if (frame->training) {
        share_span(frame, norm_add_values, frame->own->chunks);
        norm_end_values(frame);
        share_span(frame, norm_add_squares, frame->own->chunks);
        norm_end_squares(frame);
    } else {
        norm_recall(frame);
    }
}

/* With other ranks: a share of the rows. What the run before it goes on with is exchanged first, and rows thereafter:
 * whoever was busy copying these would keep the others waiting. They come when nobody reads them. */
static void meet_backward_shared(struct frame *frame)
{
    ranks_begin_slopes(frame);
    ranks_end_operands(frame);
    share_span(frame, dense_block_backward, rank_input_blocks(frame));
    ranks_begin_input_slopes(frame);
    share(frame, dense_bias, 1);
    ranks_end_input_slopes(frame);
    ranks_begin_rows(frame);
}

static void meet_backward(struct frame *frame)
{
    if (run_meeting(frame, frame->run)->kind == LAYER_BATCHNORM) {
        share_span(frame, norm_add_slopes, frame->own->chunks);
        norm_end_slopes(frame);
    } else if (frame->comm->ranks > 1) {
        meet_backward_shared(frame);
    } else {
        share(frame, dense_block_backward, dense_backward_blocks(frame));
    }
}

/* The weights may have changed since an engine last prepared them. */
static void prepare(struct frame *frame)
{
    ranks_end_changed(frame);
    if (frame->kernels.prepared && frame->changed)
        share(frame, layer_prepare, frame->engine.plan->layer_count);
    frame->changed = false;
}

/* A node of a run back, or there and back: group by group. */
static void share_node(struct frame *frame, void (*task)(struct frame *frame, struct room *room, size_t number))
{
    const struct run *run = frame->run;

    for (frame->group = 0; frame->group * run->group < frame->node.count; frame->group++) {
        if (frame->splits)
            share(frame, weight_backward, run->convs * group_chunks(frame));
        else
            share_from(frame, task, frame->node.first + frame->group * run->group, group_chunks(frame));
        share(frame, piece_gather, gather_pieces(frame));
    }
}

/* A run back, or there and back. */
static void share_back(struct frame *frame, void (*task)(struct frame *frame, struct room *room, size_t number))
{
    if (frame->splits)
        share_span(frame, sample_backward, frame->own->samples);
    for (frame->node_number = 0; frame->node_number < frame->own->nodes; frame->node_number++) {
        frame->node = find_node(frame_chunks(frame), frame->own, frame->node_number);
        share_node(frame, task);
    }
    ranks_begin_sums(frame);
}

/* The sums of a run have come: add them up. */
static void end_sums(struct frame *frame, const struct run *run)
{
    const struct run *at_work = frame->run;

    frame->run = run;
    if (ranks_end_sums(frame)) {
        share_span(frame, piece_add, rank_pieces(frame));
        ranks_begin_changed(frame);
    }
    frame->run = at_work;
}

/* The batch through all runs; in the last one, in training, also back to its beginning. */
static void forward(struct frame *frame)
{
    prepare(frame);
    frame->grain = choose_grain(frame);
    for (frame->run = frame->runs; frame->run < frame->runs + frame->run_count - 1; frame->run++) {
        share_forward(frame, span_forward);
        meet_forward(frame);
    }
    if (frame->training && frame->grain == frame->chunk) {
        share_back(frame, chunk_turn);
        return;
    }
    share_forward(frame, span_end);
    if (frame->training)
        share_back(frame, chunk_backward);
}

/* The sums of a run are on their way while that before it is worked. */
static void backward(struct frame *frame)
{
    while (frame->run > frame->runs) {
        frame->run--;
        meet_backward(frame);
        share_back(frame, chunk_backward);
        end_sums(frame, frame->run + 1);
    }
    end_sums(frame, frame->runs);
}

/* Copy the first n tensors from file order to the frame's, and back. */
static void from_file(const struct frame *frame, size_t n, const float *file, float *inside)
{
    const struct plan *plan = frame->engine.plan;

    for (size_t i = 0; i < n; i++)
        memcpy(inside + frame->offsets[i], file + plan->tensors[i].offset, plan->tensors[i].count * sizeof *inside);
    for (size_t i = 0; i < plan->layer_count; i++) {
        const struct layer *layer = &plan->layers[i];
        if (is_product(layer))
            weight_from_file(layer_inputs(layer), layer->out.channels, file + plan->tensors[layer->weight].offset,
                             inside + frame->offsets[layer->weight]);
    }
}

static void to_file(const struct frame *frame, size_t n, const float *inside, float *file)
{
    const struct plan *plan = frame->engine.plan;

    for (size_t i = 0; i < n; i++)
        memcpy(file + plan->tensors[i].offset, inside + frame->offsets[i], plan->tensors[i].count * sizeof *file);
    for (size_t i = 0; i < plan->layer_count; i++) {
        const struct layer *layer = &plan->layers[i];
        const struct shape inputs = layer_inputs(layer);
        if (is_product(layer))
            weight_to_file(inputs, layer->out.channels, 0, weight_places(inputs),
                           inside + frame->offsets[layer->weight], file + plan->tensors[layer->weight].offset);
    }
}

static void update_parameters(struct frame *frame)
{
    const struct plan *plan = frame->engine.plan;

    if (plan->clip > 0) {
        ranks_end_all(frame);
        share(frame, block_order, order_blocks(frame));
        share(frame, part_square, parts_of(plan->parameter_count));
        frame->factor = clip_scale(plan->parameter_count, plan->clip, frame->squares);
    }
    share(frame, piece_update, update_pieces(frame));
    frame->changed = true;
}

struct engine *frame_open(const struct kernels *kernels, const char *class, const struct plan *plan, size_t threads,
                          struct comm *comm)
{
    struct frame *frame = memory_new(1, sizeof *frame);

    frame->comm = comm;
    frame->kernels = *kernels;
    snprintf(frame->class, sizeof frame->class, "%s", class);
    frame_arrange(frame, plan, threads);
    frame->threads = threads_open(threads);
    return &frame->engine;
}

const char *frame_class(const struct engine *engine)
{
    return ((const struct frame *)engine)->class;
}

void frame_put(struct engine *engine, const struct state *state)
{
    struct frame *frame = (struct frame *)engine;
    const struct plan *plan = frame->engine.plan;

    ranks_end_all(frame);
    frame->changed = true;
    from_file(frame, plan->tensor_count, state->parameters, frame->parameters);
    for (size_t i = 0; i < optimizer_moments(&plan->optimizer); i++)
        if (state->moments[i])
            from_file(frame, plan->parameter_tensors, state->moments[i], frame->moments[i]);
    if (state->ema)
        from_file(frame, plan->parameter_tensors, state->ema, frame->ema);
}

void frame_get(struct engine *engine, struct state *state)
{
    struct frame *frame = (struct frame *)engine;
    const struct plan *plan = frame->engine.plan;

    ranks_end_all(frame);
    to_file(frame, plan->tensor_count, frame->parameters, state->parameters);
    for (size_t i = 0; i < optimizer_moments(&plan->optimizer); i++) {
        ranks_collect(frame, frame->moments[i]);
        to_file(frame, plan->parameter_tensors, frame->moments[i], state->moments[i]);
    }
    if (plan->ema > 0) {
        ranks_collect(frame, frame->ema);
        to_file(frame, plan->parameter_tensors, frame->ema, state->ema);
    }
}

void frame_train(struct engine *engine, const struct step *step, struct step_result *result)
{
    struct frame *frame = (struct frame *)engine;

    frame->step = step;
    frame->training = true;
    ranks_share(frame);
    forward(frame);
    ranks_begin_losses(frame);
    backward(frame);
    update_parameters(frame);
    ranks_end_losses(frame);
    result->loss = tree_sum(frame->losses, step->count) / (float)step->count;
    result->correct = 0;
    for (size_t i = 0; i < step->count; i++)
        result->correct += frame->correct[i];
}

void frame_evaluate(struct engine *engine, const uint32_t *samples, size_t count, float *logits, float *losses)
{
    struct frame *frame = (struct frame *)engine;
    const size_t classes = frame->engine.plan->classes, batch = frame->engine.plan->batch;

    frame->training = false;
    for (size_t done = 0; done < count; done += batch) {
        struct step step = { .samples = samples + done, .count = count - done < batch ? count - done : batch };
        frame->step = &step;
        ranks_share(frame);
        forward(frame);
        memcpy(logits + done * classes, value_at(frame, frame->engine.plan->layer_count, 0),
               step.count * classes * sizeof *logits);
        memcpy(losses + done, frame->losses, step.count * sizeof *losses);
    }
}

void frame_close(struct engine *engine)
{
    struct frame *frame = (struct frame *)engine;

    ranks_end_all(frame);
    frame_release(frame, threads_count(frame->threads));
    threads_close(frame->threads);
    free(frame);
}
