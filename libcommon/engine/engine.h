/*
 * Engines: who computes. Each is given a whole plan, so that it may fuse what it likes; in fp32 all but blas must give
 * the bits that rote-arithmetic(7) defines and engine/ref shows.
 *
 *     struct engine *engine;
 *     struct error error;
 *     if (engine_open("auto", class, plan, threads, seed, &engine, &error))
 *         die_error(&error);                                 // 69: there is no such device
 *     engine_data(engine, &set);
 *     engine_put(engine, &state);
 *     engine_train(engine, &step, &result);                  // for each batch
 *     engine_get(engine, &state);
 *     engine_close(engine);
 *
 * An engine allocates when it is opened and never in a step.
 */
#ifndef ENGINE_ENGINE_H
#define ENGINE_ENGINE_H

#include "base/error.h"
#include "comm/comm.h"
#include "format/idx.h"
#include "net/plan.h"

#include <stddef.h>
#include <stdint.h>

#define ENGINE_CLASS_EXACT "fp32" /* the class of exact arithmetic */

/* All that a step changes, in file order (plan->tensors). */
struct state {
    float *parameters;                 /* (weight_count): parameters, and behind them the running statistics */
    float *moments[OPTIMIZER_MOMENTS]; /* (parameter_count); NULL beyond optimizer_moments() */
    float *ema;                        /* (parameter_count): their moving average; NULL where the plan keeps none */
};

/* One batch. */
struct step {
    const uint32_t *samples; /* (count): positions in the data set */
    size_t count;            /* from 1 to plan->batch */
    uint32_t epoch;          /* epochs finished before it: part of the random counters of dropout and augmentation */
    struct optimizer_scalars scalars;
};

struct step_result {
    float loss;     /* mean over the batch, before the update */
    size_t correct; /* samples whose largest logit (the first of equals) is that of their label */
};

struct engine; /* every implementation's structure begins with this: */
struct engine {
    const struct engine_kind *kind;
    const struct plan *plan;
    uint64_t seed;
    const struct idx_set *set;
};

struct engine_kind {
    const char *name; /* as -d says it */
    enum status (*open)(const struct plan *plan, size_t threads, struct comm *comm, struct engine **engine,
                        struct error *error);
    const char *(*class)(const struct engine *engine);
    void (*put)(struct engine *engine, const struct state *state);
    void (*get)(struct engine *engine, struct state *state);
    void (*train)(struct engine *engine, const struct step *step, struct step_result *result);
    void (*evaluate)(struct engine *engine, const uint32_t *samples, size_t count, float *logits, float *losses);
    void (*close)(struct engine *engine);
};

/* 69: no engine has the plan's precision; `path` names its checkpoint in the message. */
enum status engine_check(const struct plan *plan, const char *path, struct error *error);

/* Open the engine that `device` names: "cpu", "blas", "ref", or "auto", which is cpu, but blas for a checkpoint whose
   `class` is one of its own; the plan is one that engine_check() passed. 64: no such name; 69: not on this machine. */
enum status engine_open(const char *device, const char *class, const struct plan *plan, size_t threads, uint64_t seed,
                        struct engine **engine, struct error *error);

/* The same for all ranks of `comm` together, which share out each batch: all of them go through the same calls with the
   same arguments. 69 also: that engine works alone. */
enum status engine_open_shared(const char *device, const char *class, const struct plan *plan, size_t threads,
                               struct comm *comm, uint64_t seed, struct engine **engine, struct error *error);
void engine_close(struct engine *engine);

/* What decides this engine's bits besides the checkpoint: "fp32" for exact arithmetic (DESIGN section 3, class). */
const char *engine_class(const struct engine *engine);

/* Lend it the data set whose samples the calls below name; it must outlive them. Pictures have the plan's input shape
   and labels are below its classes: the caller has checked that. */
void engine_data(struct engine *engine, const struct idx_set *set);

/* Where moments and ema are NULL, the engine's own stay as they are: evaluation asks for neither. */
void engine_put(struct engine *engine, const struct state *state);
void engine_get(struct engine *engine, struct state *state); /* of ranks, 0 alone gets moments and ema */

/* One step: forward (with augmentation, dropout and the batch's own statistics), backward, update. */
void engine_train(struct engine *engine, const struct step *step, struct step_result *result);

/* The logits (count, classes) and losses (count) of `count` samples by parameters and running statistics, as they are:
   without augmentation, dropout and label smoothing. */
void engine_evaluate(struct engine *engine, const uint32_t *samples, size_t count, float *logits, float *losses);

#endif
