#include "engine/engine.h"

#include "engine/blas/blas.h"
#include "engine/cpu/cpu.h"
#include "engine/ref/ref.h"

#include <fenv.h>
#include <string.h>

static const struct engine_kind *const kinds[] = { &engine_cpu, &engine_blas, &engine_ref };

/* What "auto" means for a checkpoint of this class. */
static const struct engine_kind *choose(const char *class)
{
    return strncmp(class, ENGINE_CLASS_BLAS, strlen(ENGINE_CLASS_BLAS)) == 0 ? &engine_blas : &engine_cpu;
}

static const struct engine_kind *find(const char *device)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (strcmp(device, kinds[i]->name) == 0)
            return kinds[i];
    return NULL;
}

enum status engine_check(const struct plan *plan, const char *path, struct error *error)
{
    if (plan->precision == PRECISION_FP32)
        return STATUS_OK;
    return error_set(error, STATUS_UNAVAILABLE, "%s: compute: no engine has precision %s; fp32 is there", path,
                     plan->precision == PRECISION_BF16 ? "bf16" : "tf32");
}

enum status engine_open(const char *device, const char *class, const struct plan *plan, size_t threads, uint64_t seed,
                        struct engine **engine, struct error *error)
{
    return engine_open_shared(device, class, plan, threads, comm_self(), seed, engine, error);
}

enum status engine_open_shared(const char *device, const char *class, const struct plan *plan, size_t threads,
                               struct comm *comm, uint64_t seed, struct engine **engine, struct error *error)
{
    const struct engine_kind *kind = strcmp(device, "auto") == 0 ? choose(class) : find(device);
    enum status status;

    if (!kind)
        return error_set(error, STATUS_USAGE, "-d %s: no such device; there are auto, cpu, blas and ref", device);
    status = kind->open(plan, threads, comm, engine, error);
    if (status)
        return status;
    (*engine)->kind = kind;
    (*engine)->plan = plan;
    (*engine)->seed = seed;
    return STATUS_OK;
}

void engine_close(struct engine *engine)
{
    engine->kind->close(engine);
}

const char *engine_class(const struct engine *engine)
{
    return engine->kind->class(engine);
}

void engine_data(struct engine *engine, const struct idx_set *set)
{
    engine->set = set;
}

void engine_put(struct engine *engine, const struct state *state)
{
    engine->kind->put(engine, state);
}

void engine_get(struct engine *engine, struct state *state)
{
    engine->kind->get(engine, state);
}

/* An engine computes in the default floating-point state: a library built with fast-math may have set another. */
void engine_train(struct engine *engine, const struct step *step, struct step_result *result)
{
    fenv_t before;

    fegetenv(&before);
    fesetenv(FE_DFL_ENV);
    engine->kind->train(engine, step, result);
    fesetenv(&before);
}

void engine_evaluate(struct engine *engine, const uint32_t *samples, size_t count, float *logits, float *losses)
{
    fenv_t before;

    fegetenv(&before);
    fesetenv(FE_DFL_ENV);
    engine->kind->evaluate(engine, samples, count, logits, losses);
    fesetenv(&before);
}
