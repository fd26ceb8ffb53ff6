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

/* The batch through all runs; in the last one, in training, also back to its beginning. */
static void forward(struct blas *blas)
{
    for (blas->run = blas->runs; blas->run < blas->runs + blas->run_count - 1; blas->run++) {
        share(blas, chunk_forward, blas_chunks(blas));
        share(blas, wide_forward, blas->run->blocks);
    }
    share(blas, chunk_turn, blas_chunks(blas));
}

static void backward(struct blas *blas)
{
    for (size_t i = blas->run_count - 1; i-- > 0;) {
        blas->run = &blas->runs[i];
        share(blas, wide_backward, blas->run->blocks);
        if (blas->run->first < blas->run->end)
            share(blas, chunk_backward, blas_chunks(blas));
    }
}

/* Of two versions of OpenBLAS or two kinds of processor neither has the other's bits. */
static void set_class(struct blas *blas)
{
    char version[24] = "unknown";

    sscanf(openblas_get_config(), "OpenBLAS %23s", version);
    snprintf(blas->class, sizeof blas->class, "fp32-openblas-%s-%.20s", version, openblas_get_corename());
}

/* Is there something in the plan that this engine does not compute yet? */
static bool exceeds(const struct plan *plan)
{
    const struct optimizer *optimizer = &plan->optimizer;

    for (size_t i = 0; i < plan->layer_count; i++) {
        enum layer_kind kind = plan->layers[i].kind;
        bool known = kind == LAYER_CONV || kind == LAYER_DENSE || kind == LAYER_RELU || kind == LAYER_MAXPOOL ||
                     kind == LAYER_DROPOUT;
        if (!known || (kind == LAYER_CONV && plan->layers[i].bias == PLAN_NONE))
            return true;
    }
    return optimizer->nesterov || optimizer->dampening != 0 || optimizer->weight_decay != 0 || plan->clip > 0 ||
           plan->ema > 0 || plan->augments;
}

static enum status blas_open(const struct plan *plan, size_t threads, struct engine **engine, struct error *error)
{
    struct blas *blas;

    if (exceeds(plan))
        return error_set(error, STATUS_UNAVAILABLE, "-d blas: not for all that this model says; '-d ref' is");
    blas = memory_new(1, sizeof *blas);
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

/* Copy all tensors between file order and this engine's. */
static void from_file(const struct blas *blas, const float *file, float *inside)
{
    const struct plan *plan = blas->engine.plan;

    for (size_t i = 0; i < plan->layer_count; i++) {
        const struct layer *layer = &plan->layers[i];
        if (layer->kind != LAYER_CONV && layer->kind != LAYER_DENSE)
            continue;
        weight_from_file(layer_inputs(layer), layer->out.channels, file + plan->tensors[layer->weight].offset,
                         inside + blas->offsets[layer->weight]);
        memcpy(inside + blas->offsets[layer->bias], file + plan->tensors[layer->bias].offset,
               layer->out.channels * sizeof *inside);
    }
}

static void to_file(const struct blas *blas, const float *inside, float *file)
{
    const struct plan *plan = blas->engine.plan;

    for (size_t i = 0; i < plan->layer_count; i++) {
        const struct layer *layer = &plan->layers[i];
        if (layer->kind != LAYER_CONV && layer->kind != LAYER_DENSE)
            continue;
        weight_to_file(layer_inputs(layer), layer->out.channels, inside + blas->offsets[layer->weight],
                       file + plan->tensors[layer->weight].offset);
        memcpy(file + plan->tensors[layer->bias].offset, inside + blas->offsets[layer->bias],
               layer->out.channels * sizeof *file);
    }
}

static void blas_put(struct engine *engine, const struct state *state)
{
    struct blas *blas = (struct blas *)engine;

    from_file(blas, state->parameters, blas->parameters);
    for (size_t i = 0; i < optimizer_moments(&blas->engine.plan->optimizer); i++)
        from_file(blas, state->moments[i], blas->moments[i]);
}

static void blas_get(struct engine *engine, struct state *state)
{
    const struct blas *blas = (struct blas *)engine;

    to_file(blas, blas->parameters, state->parameters);
    for (size_t i = 0; i < optimizer_moments(&blas->engine.plan->optimizer); i++)
        to_file(blas, blas->moments[i], state->moments[i]);
}

static void blas_train(struct engine *engine, const struct step *step, struct step_result *result)
{
    struct blas *blas = (struct blas *)engine;

    blas->step = step;
    blas->training = true;
    forward(blas);
    backward(blas);
    share(blas, piece_update, blas_pieces(blas));
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
        memcpy(logits + done * classes, blas->values[blas->engine.plan->layer_count],
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
