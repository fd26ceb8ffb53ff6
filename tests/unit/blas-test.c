/* engine/blas is held to engine/ref on small networks, and to itself for any number of threads. */
#include "base/memory.h"
#include "base/random.h"
#include "engine/blas/layers.h"
#include "engine/engine.h"
#include "engine/ref/layers.h"
#include "unit.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SAMPLES = 150, STEPS = 2 };

/* Layers of every kind; wide and narrow dense layers in every order; batches that are no multiple of a chunk. With its
   usual epsilon, adam takes steps of full length along gradients that are rounding errors. */
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

/* Memory for a state; parameters uniform in [-1, 1) / sqrt(fan in). */
static struct state state_random(const struct plan *plan)
{
    const struct random_draw draw = { .seed = 6, .purpose = RANDOM_INITIAL };
    struct state state = { .parameters = memory_floats(plan->parameter_count) };

    for (size_t i = 0; i < optimizer_moments(&plan->optimizer); i++)
        state.moments[i] = memory_floats(plan->parameter_count);
    for (size_t i = 0; i < plan->tensor_count; i++)
        for (size_t j = 0; j < plan->tensors[i].count; j++) {
            size_t at = plan->tensors[i].offset + j;
            state.parameters[at] =
                (float)((random_word(&draw, at) * 0x1p-31 - 1) / sqrt((double)plan->tensors[i].fan_in));
        }
    return state;
}

static void state_drop(struct state *state)
{
    free(state->parameters);
    for (size_t i = 0; i < OPTIMIZER_MOMENTS; i++)
        free(state->moments[i]);
}

/* All that an engine gives back. */
struct outcome {
    struct state state;
    struct step_result results[STEPS];
    float *logits, *losses; /* (SAMPLES, classes), (SAMPLES) */
};

/* Train STEPS batches, the last one short, and evaluate all samples. */
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
        struct step step = { order + i * plan->batch, plan->batch, 3,
                             optimizer_scalars(&plan->optimizer, plan->optimizer.learning_rate, i) };
        if (i == STEPS - 1 && plan->batch > 1)
            step.count--;
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
    state_drop(&outcome->state);
    free(outcome->logits);
    free(outcome->losses);
}

/* The length of a - b as a share of b's. */
static double distance(size_t n, const float *a, const float *b)
{
    double difference = 0, length = 0;

    for (size_t i = 0; i < n; i++) {
        difference += ((double)a[i] - b[i]) * ((double)a[i] - b[i]);
        length += (double)b[i] * b[i];
    }
    return length > 0 ? sqrt(difference / length) : difference;
}

static void check_near(const struct plan *plan, const struct outcome *blas, const struct outcome *ref)
{
    for (size_t i = 0; i < plan->tensor_count; i++) {
        size_t count = plan->tensors[i].count, at = plan->tensors[i].offset;
        CHECK_NEAR(distance(count, blas->state.parameters + at, ref->state.parameters + at), 0, 1e-5);
        for (size_t j = 0; j < optimizer_moments(&plan->optimizer); j++)
            CHECK_NEAR(distance(count, blas->state.moments[j] + at, ref->state.moments[j] + at), 0, 1e-5);
    }
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
    CHECK(same(plan->parameter_count, a->state.parameters, b->state.parameters));
    for (size_t i = 0; i < optimizer_moments(&plan->optimizer); i++)
        CHECK(same(plan->parameter_count, a->state.moments[i], b->state.moments[i]));
    for (size_t i = 0; i < STEPS; i++) {
        CHECK_EQUAL(a->results[i].loss, b->results[i].loss);
        CHECK_EQUAL(a->results[i].correct, b->results[i].correct);
    }
    CHECK(same(SAMPLES * plan->classes, a->logits, b->logits));
    CHECK(same(SAMPLES, a->losses, b->losses));
}

static void bits_do_not_depend_on_the_number_of_threads(void)
{
    static const size_t threads[] = { 2, 3, 5, 8 };

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

enum { MOST = 5000 }; /* values of the tests below */

/* Values of both signs and many equal ones, with zeros of both signs and a NaN. */
static void fill(float *values, size_t n, uint32_t seed)
{
    const struct random_draw draw = { .seed = seed, .purpose = RANDOM_ORDER };

    for (size_t i = 0; i < n; i++)
        values[i] = (float)(random_word(&draw, i) % 17) - 8;
    values[n / 2] = NAN;
    values[n / 3] = -0.0f;
}

static void relu_is_that_of_ref(void)
{
    static float x[MOST], dy[MOST], y[2][MOST], dx[2][MOST];

    fill(x, MOST, 1);
    fill(dy, MOST, 2);
    relu_forward(MOST, x, y[0]);
    blas_relu_forward(MOST, x, y[1]);
    relu_backward(MOST, y[0], dy, dx[0]);
    blas_relu_backward(MOST, y[1], dy, dx[1]);
    CHECK(same(MOST, y[0], y[1]));
    CHECK(same(MOST, dx[0], dx[1]));
}

/* Windows of 2 to 4 that touch, overlap or leave gaps. */
static void maxpool_is_that_of_ref(void)
{
    static float x[MOST], dy[MOST], y[2][MOST], dx[2][MOST];
    static uint32_t winner[2][MOST];

    fill(x, MOST, 3);
    fill(dy, MOST, 4);
    dy[MOST / 2] = 1;
    for (size_t kernel = 2; kernel <= 4; kernel++)
        for (size_t stride = 1; stride <= 4; stride++) {
            struct layer layer = { .kind = LAYER_MAXPOOL,
                                   .in = { 9, 11, 20 },
                                   .kernel_rows = kernel,
                                   .kernel_columns = kernel,
                                   .stride = stride };
            layer.out = (struct shape){ (9 - kernel) / stride + 1, (11 - kernel) / stride + 1, 20 };
            maxpool_forward(&layer, 2, x, y[0], winner[0]);
            blas_maxpool_forward(&layer, 2, x, y[1], winner[1]);
            maxpool_backward(&layer, 2, winner[0], dy, dx[0]);
            blas_maxpool_backward(&layer, 2, winner[1], dy, dx[1]);
            CHECK(same(2 * shape_size(layer.out), y[0], y[1]));
            CHECK(memcmp(winner[0], winner[1], 2 * shape_size(layer.out) * sizeof **winner) == 0);
            CHECK(same(2 * shape_size(layer.in), dx[0], dx[1]));
        }
}

static void dropout_is_that_of_ref(void)
{
    struct layer layer = { .kind = LAYER_DROPOUT, .number = 4, .rate = 0.3 };
    static float x[MOST], y[2][MOST];
    static unsigned char kept[MOST];

    fill(x, MOST, 5);
    for (size_t n = MOST - 4; n <= MOST; n++) {
        layer.in = layer.out = (struct shape){ 1, 1, n };
        dropout(&layer, 9, 2, 77, x, y[0]);
        dropout_draw(&layer, 9, 2, 77, kept);
        dropout_apply(&layer, n, kept, x, y[1]);
        CHECK(same(n, y[0], y[1]));
    }
}

/* Two steps of each optimizer, from moments that are 0. */
static void updates_are_those_of_ref(void)
{
    const struct optimizer optimizers[] = {
        { OPTIMIZER_SGD, .learning_rate = 0.1 },
        { OPTIMIZER_SGD, .learning_rate = 0.1, .momentum = 0.9 },
        { OPTIMIZER_ADAM, .learning_rate = 0.01, .beta1 = 0.9, .beta2 = 0.999, .epsilon = 1e-8 },
        { OPTIMIZER_ADADELTA, .learning_rate = 1, .rho = 0.9, .epsilon = 1e-6 },
    };
    static float gradient[MOST], values[2][3][MOST];

    for (size_t i = 0; i < sizeof optimizers / sizeof *optimizers; i++) {
        const struct optimizer *optimizer = &optimizers[i];
        bool moments = optimizer_moments(optimizer) > 0;
        memset(values, 0, sizeof values);
        for (uint64_t step = 0; step < 2; step++) {
            struct optimizer_scalars scalars = optimizer_scalars(optimizer, optimizer->learning_rate, step);
            fill(gradient, MOST, 6 + (uint32_t)step);
            gradient[0] = 1e-25f; /* too small for a moment to keep its square */
            update(optimizer, &scalars, MOST, gradient, values[0][0], moments ? values[0][1] : NULL, values[0][2]);
            blas_update(optimizer, &scalars, MOST, gradient, values[1][0], moments ? values[1][1] : NULL, values[1][2]);
        }
        CHECK(same(sizeof *values / sizeof(float), **values, *values[1]));
    }
}

int main(void)
{
    TEST(blas_agrees_with_ref);
    TEST(bits_do_not_depend_on_the_number_of_threads);
    TEST(relu_is_that_of_ref);
    TEST(maxpool_is_that_of_ref);
    TEST(dropout_is_that_of_ref);
    TEST(updates_are_those_of_ref);
    return unit_finish();
}
