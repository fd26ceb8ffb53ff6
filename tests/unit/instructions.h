/*
 * The instructions that ROTE_ISA names, for tests of engine/cpu.
 */
#ifndef INSTRUCTIONS_H
#define INSTRUCTIONS_H

#include "engine/engine.h"
#include "format/model.h"

#include <stdbool.h>

/* Does this processor have them? If so, engine/cpu has chosen its tiles for them; else the reason is in *error. */
static inline bool instructions_choose(struct error *error)
{
    const char *text = "input 1 1 1\ndense 1\nloss cross-entropy\ntrain\noptimizer adam\n";
    struct engine *engine;
    struct model *model;
    struct plan *plan;
    enum status status;

    if (plan_parse(text, "network", NULL, 0, &model, &plan, error))
        die_error(error);
    status = engine_open("cpu", "none", plan, 1, 0, &engine, error);
    if (!status)
        engine_close(engine);
    plan_free(plan);
    model_free(model);
    return !status;
}

#endif
