/* engine/blas is held to engine/ref on small networks, and to itself for any number of threads. */
#include "base/memory.h"
#include "base/random.h"
#include "engine/engine.h"
#include "train/state.h"
#include "unit.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SAMPLES = 150, STEPS = 3 };

/*
 * Layers of every kind, each before and after many others; wide and narrow dense layers in every order; batches that
 * are no multiple of a chunk. sgd's momentum is what tells most of gradients: with its usual epsilon, adam takes steps
 * of full length along gradients that are rounding errors.
 */
static const char *const networks[] = {
    "input 1 9 8\nconv 5 3\nrelu\nmaxpool 2\ndropout 0.25\ndense 10\n"
    "loss cross-entropy\ntrain batch=10 epochs=1\noptimizer adadelta lr=1\n",

    "input 3 7 9\nnormalize 0.5 0.3\nconv 4 3 stride=2 pad=2\nrelu\nconv 6 2 pad=1\nmaxpool 3 stride=2\nrelu\ndense 7\n"
    "loss cross-entropy\ntrain batch=7 epochs=1\noptimizer sgd lr=0.1 momentum=0.9\n",

    "input 1 12 12\ndense 200\nrelu\ndropout 0.5\ndense 10\n"
    "loss cross-entropy\ntrain batch=13 epochs=1\noptimizer adam lr=0.01 eps=0.001\n",

    "input 2 20 20\nconv 3 1\ndense 100\ndense 300\nrelu\ndense 60\n"
    "loss cross-entropy\ntrain batch=5 epochs=1\noptimizer sgd lr=0.01\n",

    "input 1 5 5\nconv 2 3\ndropout 0\ndense 10\n"
    "loss cross-entropy\ntrain batch=150 epochs=1\noptimizer sgd lr=0.1 momentum=0.9\n",

    "input 1 6 6\ndropout 0.2\nmaxpool 2 stride=1\nconv 4 5 pad=2\ndense 10\n"
    "loss cross-entropy\ntrain batch=1 epochs=1\noptimizer adam lr=0.01\n",

    /* tanh, which must keep its output, and layers after it that work in place elsewhere */
    "input 1 9 9\nconv 4 2\ntanh\ndropout 0.2\navgpool 2\ntanh\nrelu\nconv 6 3\ntanh\ndropout2d 0.3\nrelu\ntanh\n"
    "dense 10\nloss cross-entropy smoothing=0.2\ntrain batch=11 epochs=1\noptimizer sgd lr=0.1 momentum=0.9\n",

    /* batchnorm first, after conv, after a wide and a narrow dense; windows that overlap */
    "input 2 10 10\nbatchnorm\nconv 6 3 pad=1 bias=no\nbatchnorm momentum=0.3\nrelu\navgpool 3 stride=2\ndense 200\n"
    "batchnorm eps=0.01\ntanh\ndropout 0.3\ndense 20\nbatchnorm\nrelu\ndense 10\n"
    "loss cross-entropy smoothing=0.1\ntrain batch=10 epochs=1\noptimizer sgd lr=0.05 momentum=0.9 nesterov=yes\n",

    /* a residual block of the picture; batchnorm before conv, and between two layers that read its input */
    "input 3 8 8\nresidual\nconv 3 3 pad=1\nrelu\nend\nbatchnorm\nconv 8 3 bias=no\nresidual\nbatchnorm\nrelu\n"
    "conv 8 3 pad=1 bias=no\nbatchnorm\ndropout2d 0.2\nrelu\nconv 8 3 pad=1\nend\nrelu\nconv 7 1\nglobal-avgpool\n"
    "loss cross-entropy\ntrain batch=9 epochs=1\noptimizer sgd lr=0.05 momentum=0.9 dampening=0.1\n",

    /* a projection of the picture; blocks within a block, which begin and end with it; one with a projection */
    "input 1 9 9\nresidual\nconv 5 3 stride=2 pad=1\nend\nresidual\nresidual\nrelu\nconv 5 3 pad=1\nend\n"
    "residual\ndropout 0.2\nconv 8 3 pad=1 stride=2 bias=no\nbatchnorm\nrelu\nend\nmaxpool 2 stride=1\n"
    "conv 5 4 pad=3 bias=no\nend\nrelu\ndense 10\n"
    "loss cross-entropy\ntrain batch=14 epochs=1\noptimizer sgd lr=0.05 momentum=0.9 weight-decay=0.01\n",

    /* wide layers in residual blocks */
    "input 1 12 12\ndense 144\nrelu\nresidual\ndense 144\nbatchnorm\nrelu\nresidual\ndense 144\nend\ndense 144\nend\n"
    "relu\ndense 10\n"
    "loss cross-entropy\ntrain batch=10 epochs=1\noptimizer sgd lr=0.02 momentum=0.9\nclip 0.5\nema 0.9\n",

    "input 1 8 8\nconv 6 3 bias=no\nbatchnorm\nrelu\nresidual\nconv 6 3 pad=1\nend\nglobal-avgpool\ndense 10\n"
    "loss cross-entropy\ntrain batch=150 epochs=1\noptimizer adamw lr=0.01 eps=0.01\nclip 1\nema 0.5\n",

    "input 1 8 8\nconv 6 3 bias=no\nbatchnorm\nrelu\ndense 10\n"
    "loss cross-entropy\ntrain batch=16 epochs=1\noptimizer rmsprop lr=0.01 momentum=0.5 eps=0.1\nema 0.5\n",

    /* logits from a batchnorm, and from a residual block */
    "input 1 6 6\nconv 10 6 bias=no\nbatchnorm\n"
    "loss cross-entropy\ntrain batch=16 epochs=1\noptimizer sgd lr=0.1 momentum=0.9\n",

    "input 1 6 6\ndense 10\nresidual\nrelu\nend\n"
    "loss cross-entropy\ntrain batch=16 epochs=1\noptimizer sgd lr=0.1 momentum=0.9\n",

    /* windows that lie in the padding altogether */
    "input 1 8 8\nconv 2 1 pad=3\nconv 3 3 pad=5 stride=4\ndense 10\n"
    "loss cross-entropy\ntrain batch=10 epochs=1\noptimizer sgd lr=0.1 momentum=0.9\n",

    "input 1 10 9\naugment shift=0.1 rotate=10 zoom=0.1 erase=0.5\nconv 6 3\nrelu\ndense 10\n"
    "loss cross-entropy\ntrain batch=16 epochs=1\noptimizer sgd lr=0.1 momentum=0.9\n",
};

enum { NETWORKS = sizeof networks / sizeof *networks };

static struct plan *plan_of(size_t network)
{
    struct error error;
    struct model *model;
    struct plan *plan;

    if (model_parse(networks[network], "network", NULL, 0, &model, &error) ||
        plan_make(model, "network", &plan, &error))
        die_error(&error);
    model_free(model);
    return plan;
}

/* Random pictures and labels of the plan's shape. */
static struct idx_set *set_of(const struct plan *plan)
{
    const struct random_draw draw = { .seed = 5, .purpose = RANDOM_ORDER };
    const size_t size = shape_size(plan->input);
    struct idx_set *set = memory_new(1, sizeof *set);

    set->count = SAMPLES;
    set->rows = plan->input.rows;
    set->columns = plan->input.columns;
    set->channels = plan->input.channels;
    set->pixels = memory_new(SAMPLES, size);
    set->labels = memory_new(SAMPLES, sizeof *set->labels);
    for (size_t i = 0; i < SAMPLES * size; i++)
        set->pixels[i] = (unsigned char)random_word(&draw, i);
    for (size_t i = 0; i < SAMPLES; i++)
        set->labels[i] = (uint16_t)(random_word(&draw, SAMPLES * size + i) % plan->classes);
    return set;
}

static void set_free(struct idx_set *set)
{
    idx_free(set);
    free(set);
}

/* Parameters uniform in [-1, 1) / sqrt(fan in), those of batchnorm and its statistics about their initial values. */
static struct state state_random(const struct plan *plan)
{
    const struct random_draw draw = { .seed = 6, .purpose = RANDOM_INITIAL };
    struct state state = state_new(plan);

    for (size_t i = 0; i < plan->tensor_count; i++) {
        const struct plan_tensor *tensor = &plan->tensors[i];
        const double reach = tensor->fan_in ? 1 / sqrt((double)tensor->fan_in) : 0.5;
        for (size_t at = tensor->offset; at < tensor->offset + tensor->count; at++)
            state.parameters[at] = (float)(tensor->initial + reach * (random_word(&draw, at) * 0x1p-31 - 1));
    }
    if (plan->ema > 0)
        memcpy(state.ema, state.parameters, plan->parameter_count * sizeof *state.ema);
    return state;
}

/* All that an engine gives back. */
struct outcome {
    struct state state;
    struct step_result results[STEPS];
    float *logits, *losses; /* (SAMPLES, classes), (SAMPLES) */
};

/* Samples of the batches: all, one fewer, fewer than a chunk's. */
static size_t batch_count(const struct plan *plan, size_t step)
{
    const size_t counts[STEPS] = { plan->batch, plan->batch - 1, 3 };

    return plan->batch > counts[step] && counts[step] ? counts[step] : plan->batch;
}

/* Train STEPS batches and evaluate all samples. */
static struct outcome outcome_of(const char *device, size_t threads, const struct plan *plan)
{
    struct outcome outcome = { state_random(plan), .logits = memory_floats(SAMPLES * plan->classes),
                               .losses = memory_floats(SAMPLES) };
    struct idx_set *set = set_of(plan);
    struct engine *engine;
    struct error error;
    uint32_t order[STEPS * SAMPLES];

    if (engine_open(device, "none", plan, threads, 11, &engine, &error))
        die_error(&error);
    for (uint32_t i = 0; i < STEPS * SAMPLES; i++)
        order[i] = i * 7 % SAMPLES;
    engine_data(engine, set);
    engine_put(engine, &outcome.state);
    for (size_t i = 0; i < STEPS; i++) {
        struct step step = { order + i * plan->batch, batch_count(plan, i), 3,
                             optimizer_scalars(&plan->optimizer, plan->optimizer.learning_rate, i) };
        engine_train(engine, &step, &outcome.results[i]);
    }
    engine_get(engine, &outcome.state);
    engine_evaluate(engine, order, SAMPLES, outcome.logits, outcome.losses);
    engine_close(engine);
    set_free(set);
    return outcome;
}

static void outcome_free(struct outcome *outcome)
{
    state_free(&outcome->state);
    free(outcome->logits);
    free(outcome->losses);
}

/* The length of a - b as a share of b's; elements of b about 0.03 or below, which may be rounding errors alone (the
 * gradient of a bias before a batchnorm is), count as that. */
static double distance(size_t n, const float *a, const float *b)
{
    double difference = 0, length = 1e-3 * (double)n;

    for (size_t i = 0; i < n; i++) {
        difference += ((double)a[i] - b[i]) * ((double)a[i] - b[i]);
        length += (double)b[i] * b[i];
    }
    return sqrt(difference / length);
}

static void check_tensors(const struct plan *plan, size_t n, const float *a, const float *b)
{
    for (size_t i = 0; i < n; i++) {
        size_t at = plan->tensors[i].offset;
        CHECK_NEAR(distance(plan->tensors[i].count, a + at, b + at), 0, 1e-5);
    }
}

static void check_near(const struct plan *plan, const struct outcome *blas, const struct outcome *ref)
{
    check_tensors(plan, plan->tensor_count, blas->state.parameters, ref->state.parameters);
    for (size_t i = 0; i < optimizer_moments(&plan->optimizer); i++)
        check_tensors(plan, plan->parameter_tensors, blas->state.moments[i], ref->state.moments[i]);
    if (plan->ema > 0)
        check_tensors(plan, plan->parameter_tensors, blas->state.ema, ref->state.ema);
    for (size_t i = 0; i < STEPS; i++) {
        CHECK_NEAR(blas->results[i].loss, ref->results[i].loss, 1e-5);
        CHECK_EQUAL(blas->results[i].correct, ref->results[i].correct);
    }
    CHECK_NEAR(distance(SAMPLES * plan->classes, blas->logits, ref->logits), 0, 1e-5);
    CHECK_NEAR(distance(SAMPLES, blas->losses, ref->losses), 0, 1e-5);
}

static void blas_agrees_with_ref(void)
{
    for (size_t i = 0; i < NETWORKS; i++) {
        struct plan *plan = plan_of(i);
        struct outcome blas = outcome_of("blas", 2, plan), ref = outcome_of("ref", 1, plan);
        check_near(plan, &blas, &ref);
        outcome_free(&blas);
        outcome_free(&ref);
        plan_free(plan);
    }
}

static bool same(size_t n, const float *a, const float *b)
{
    return memcmp(a, b, n * sizeof *a) == 0;
}

static void check_same(const struct plan *plan, const struct outcome *a, const struct outcome *b)
{
    CHECK(same(state_floats(plan), a->state.parameters, b->state.parameters));
    for (size_t i = 0; i < STEPS; i++) {
        CHECK_EQUAL(a->results[i].loss, b->results[i].loss);
        CHECK_EQUAL(a->results[i].correct, b->results[i].correct);
    }
    CHECK(same(SAMPLES * plan->classes, a->logits, b->logits));
    CHECK(same(SAMPLES, a->losses, b->losses));
}

static void bits_do_not_depend_on_the_number_of_threads(void)
{
    static const size_t threads[] = { 2, 3, 5 };

    for (size_t i = 0; i < NETWORKS; i++) {
        struct plan *plan = plan_of(i);
        struct outcome one = outcome_of("blas", 1, plan);
        for (size_t j = 0; j < sizeof threads / sizeof *threads; j++) {
            struct outcome many = outcome_of("blas", threads[j], plan);
            check_same(plan, &many, &one);
            outcome_free(&many);
        }
        outcome_free(&one);
        plan_free(plan);
    }
}

int main(void)
{
    TEST(blas_agrees_with_ref);
    TEST(bits_do_not_depend_on_the_number_of_threads);
    return unit_finish();
}
