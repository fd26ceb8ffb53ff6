#include "engine/blas/blas.h"

#include "base/memory.h"
#include "engine/blas/inside.h"
#include "engine/blas/layers.h"
#include "engine/ref/layers.h"

#include <cblas.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Tasks of a kind, handed to whichever worker is free. */
struct job {
    struct blas *blas;
    void (*task)(struct blas *blas, struct room *room, size_t number);
    size_t count;
    atomic_size_t next;
};

static void work(void *context, size_t worker)
{
    struct job *job = context;
    size_t number;

    while ((number = atomic_fetch_add(&job->next, 1)) < job->count)
        job->task(job->blas, &job->blas->rooms[worker], number);
}

static void share(struct blas *blas, void (*task)(struct blas *blas, struct room *room, size_t number), size_t count)
{
    struct job job = { blas, task, count, 0 };

    threads_run(blas->threads, work, &job);
}

/* What all chunks meet for after the run at work, there and back. */
static void meet_forward(struct blas *blas)
{
    if (run_meeting(blas, blas->run)->kind == LAYER_DENSE) {
        share(blas, wide_forward, blas->notes[blas->run->end].blocks);
    } else if (blas->training) {
        norm_end_values(blas);
        share(blas, norm_add_squares, blas_chunks(blas));
        norm_end_squares(blas);
    } else {
        norm_recall(blas);
    }
}

static void meet_backward(struct blas *blas)
{
    if (run_meeting(blas, blas->run)->kind == LAYER_DENSE)
        share(blas, wide_backward, blas->notes[blas->run->end].blocks);
    else
        norm_end_slopes(blas);
}

/* The batch through all runs; in the last one, in training, also back to its beginning. */
static void forward(struct blas *blas)
{
    for (blas->run = blas->runs; blas->run < blas->runs + blas->run_count - 1; blas->run++) {
        share(blas, chunk_forward, blas_chunks(blas));
        meet_forward(blas);
    }
    share(blas, chunk_turn, blas_chunks(blas));
}

static void backward(struct blas *blas)
{
    while (blas->run > blas->runs) {
        blas->run--;
        meet_backward(blas);
        share(blas, chunk_backward, blas_chunks(blas));
    }
}

static void update_parameters(struct blas *blas)
{
    const struct plan *plan = blas->engine.plan;

    share(blas, piece_gather, gather_pieces(blas));
    if (plan->clip > 0)
        clip(blas->count, plan->clip, blas->gradients, blas->squares);
    share(blas, piece_update, update_pieces(blas));
}

/* Of two versions of OpenBLAS or two kinds of processor neither has the other's bits. */
static void set_class(struct blas *blas)
{
    char version[24] = "unknown";

    sscanf(openblas_get_config(), "OpenBLAS %23s", version);
    snprintf(blas->class, sizeof blas->class, "fp32-openblas-%s-%.20s", version, openblas_get_corename());
}

static enum status blas_open(const struct plan *plan, size_t threads, struct engine **engine, struct error *error)
{
    struct blas *blas = memory_new(1, sizeof *blas);

    (void)error;
    openblas_set_num_threads(1);
    if (openblas_get_parallel() == OPENBLAS_SEQUENTIAL)
        threads = 1; /* that build of the library does not lock its buffers */
    set_class(blas);
    blas_arrange(blas, plan, threads);
    blas->threads = threads_open(threads);
    *engine = &blas->engine;
    return STATUS_OK;
}

static const char *blas_class(const struct engine *engine)
{
    return ((const struct blas *)engine)->class;
}

/* Copy the first n tensors from file order to this engine's, and back. */
static void from_file(const struct blas *blas, size_t n, const float *file, float *inside)
{
    const struct plan *plan = blas->engine.plan;

    for (size_t i = 0; i < n; i++)
        memcpy(inside + blas->offsets[i], file + plan->tensors[i].offset, plan->tensors[i].count * sizeof *inside);
    for (size_t i = 0; i < plan->layer_count; i++) {
        const struct layer *layer = &plan->layers[i];
        if (layer->kind == LAYER_CONV || layer->kind == LAYER_DENSE)
            weight_from_file(layer_inputs(layer), layer->out.channels, file + plan->tensors[layer->weight].offset,
                             inside + blas->offsets[layer->weight]);
    }
}

static void to_file(const struct blas *blas, size_t n, const float *inside, float *file)
{
    const struct plan *plan = blas->engine.plan;

    for (size_t i = 0; i < n; i++)
        memcpy(file + plan->tensors[i].offset, inside + blas->offsets[i], plan->tensors[i].count * sizeof *file);
    for (size_t i = 0; i < plan->layer_count; i++) {
        const struct layer *layer = &plan->layers[i];
        if (layer->kind == LAYER_CONV || layer->kind == LAYER_DENSE)
            weight_to_file(layer_inputs(layer), layer->out.channels, inside + blas->offsets[layer->weight],
                           file + plan->tensors[layer->weight].offset);
    }
}

static void blas_put(struct engine *engine, const struct state *state)
{
    struct blas *blas = (struct blas *)engine;
    const struct plan *plan = blas->engine.plan;

    from_file(blas, plan->tensor_count, state->parameters, blas->parameters);
    for (size_t i = 0; i < optimizer_moments(&plan->optimizer); i++)
        from_file(blas, plan->parameter_tensors, state->moments[i], blas->moments[i]);
    if (plan->ema > 0)
        from_file(blas, plan->parameter_tensors, state->ema, blas->ema);
}

static void blas_get(struct engine *engine, struct state *state)
{
    const struct blas *blas = (struct blas *)engine;
    const struct plan *plan = blas->engine.plan;

    to_file(blas, plan->tensor_count, blas->parameters, state->parameters);
    for (size_t i = 0; i < optimizer_moments(&plan->optimizer); i++)
        to_file(blas, plan->parameter_tensors, blas->moments[i], state->moments[i]);
    if (plan->ema > 0)
        to_file(blas, plan->parameter_tensors, blas->ema, state->ema);
}

static void blas_train(struct engine *engine, const struct step *step, struct step_result *result)
{
    struct blas *blas = (struct blas *)engine;

    blas->step = step;
    blas->training = true;
    forward(blas);
    backward(blas);
    update_parameters(blas);
    result->loss = tree_sum(blas->losses, step->count) / (float)step->count;
    result->correct = 0;
    for (size_t i = 0; i < step->count; i++)
        result->correct += blas->correct[i];
}

static void blas_evaluate(struct engine *engine, const uint32_t *samples, size_t count, float *logits, float *losses)
{
    struct blas *blas = (struct blas *)engine;
    const size_t classes = blas->engine.plan->classes, batch = blas->engine.plan->batch;

    blas->training = false;
    for (size_t done = 0; done < count; done += batch) {
        struct step step = { .samples = samples + done, .count = count - done < batch ? count - done : batch };
        blas->step = &step;
        forward(blas);
        memcpy(logits + done * classes, value_at(blas, blas->engine.plan->layer_count, 0),
               step.count * classes * sizeof *logits);
        memcpy(losses + done, blas->losses, step.count * sizeof *losses);
    }
}

static void blas_close(struct engine *engine)
{
    struct blas *blas = (struct blas *)engine;

    blas_release(blas, threads_count(blas->threads));
    threads_close(blas->threads);
    free(blas);
}

const struct engine_kind engine_blas = { "blas",   blas_open,  blas_class,    blas_put,
                                         blas_get, blas_train, blas_evaluate, blas_close };
