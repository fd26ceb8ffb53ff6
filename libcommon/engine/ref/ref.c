/* The reference as an engine: one thread, plain loops. Where there are ranks, all compute everything alike. */
#include "engine/ref/ref.h"

#include "base/memory.h"
#include "data/augment.h"
#include "data/batch.h"
#include "engine/ref/network.h"

#include <stdlib.h>
#include <string.h>

struct ref {
    struct engine engine;
    struct network *network;
    uint16_t *labels; /* (batch) */
    float *room;      /* that augment() works in */
};

static enum status ref_open(const struct plan *plan, size_t threads, struct comm *comm, struct engine **engine,
                            struct error *error)
{
    struct ref *ref = memory_new(1, sizeof *ref);

    (void)threads;
    (void)comm;
    (void)error;
    ref->network = network_new(plan);
    ref->labels = memory_new(plan->batch, sizeof *ref->labels);
    ref->room = memory_floats(augment_room(plan));
    *engine = &ref->engine;
    return STATUS_OK;
}

static const char *ref_class(const struct engine *engine)
{
    (void)engine;
    return ENGINE_CLASS_EXACT;
}

/* Between a state and the network's own memory, either way. */
static void copy(const struct plan *plan, const struct state *from, struct state *to)
{
    size_t size = plan->parameter_count * sizeof(float);

    memcpy(to->parameters, from->parameters, plan->weight_count * sizeof(float));
    for (size_t i = 0; i < optimizer_moments(&plan->optimizer); i++)
        if (from->moments[i])
            memcpy(to->moments[i], from->moments[i], size);
    if (from->ema)
        memcpy(to->ema, from->ema, size);
}

static struct state own_state(const struct engine *engine)
{
    const struct network *network = ((const struct ref *)engine)->network;

    return (struct state){ network->parameters, { network->moments[0], network->moments[1] }, network->ema };
}

static void ref_put(struct engine *engine, const struct state *state)
{
    struct state own = own_state(engine);

    copy(engine->plan, state, &own);
}

static void ref_get(struct engine *engine, struct state *state)
{
    struct state own = own_state(engine);

    copy(engine->plan, &own, state);
}

static void load(struct ref *ref, const struct network_batch *batch)
{
    const struct engine *engine = &ref->engine;
    const struct plan *plan = engine->plan;

    for (size_t i = 0; i < batch->count; i++) {
        float *picture = ref->network->values[0] + i * shape_size(plan->input);
        uint32_t sample = batch->samples[i];
        batch_picture(plan, engine->set, sample, picture);
        if (batch->training && plan->augments)
            augment(plan, batch->seed, batch->epoch, sample, picture, picture, ref->room);
        ref->labels[i] = engine->set->labels[sample];
    }
}

static size_t count_correct(const struct ref *ref, size_t count)
{
    const size_t classes = ref->engine.plan->classes;
    size_t correct = 0;

    for (size_t i = 0; i < count; i++)
        correct += largest(network_logits(ref->network) + i * classes, classes) == ref->labels[i];
    return correct;
}

static void ref_train(struct engine *engine, const struct step *step, struct step_result *result)
{
    struct ref *ref = (struct ref *)engine;
    struct network_batch batch = { step->count, true, step->samples, engine->seed, step->epoch };

    load(ref, &batch);
    network_forward(ref->network, &batch);
    result->loss = network_loss(ref->network, &batch, ref->labels);
    result->correct = count_correct(ref, step->count);
    network_backward(ref->network, &batch);
    network_update(ref->network, &step->scalars);
}

static void ref_evaluate(struct engine *engine, const uint32_t *samples, size_t count, float *logits, float *losses)
{
    struct ref *ref = (struct ref *)engine;
    const struct plan *plan = engine->plan;

    for (size_t done = 0; done < count; done += plan->batch) {
        struct network_batch batch = { .count = count - done < plan->batch ? count - done : plan->batch,
                                       .samples = samples + done };
        load(ref, &batch);
        network_forward(ref->network, &batch);
        network_loss(ref->network, &batch, ref->labels);
        memcpy(logits + done * plan->classes, network_logits(ref->network),
               batch.count * plan->classes * sizeof(float));
        memcpy(losses + done, ref->network->losses, batch.count * sizeof(float));
    }
}

static void ref_close(struct engine *engine)
{
    struct ref *ref = (struct ref *)engine;

    network_free(ref->network);
    free(ref->labels);
    free(ref->room);
    free(ref);
}

const struct engine_kind engine_ref = {
    "ref", ref_open, ref_class, ref_put, ref_get, ref_train, ref_evaluate, ref_close
};
