/*
 * engine/cpu has the bits of engine/ref, on random networks and some that no chance would draw. `cpu-test COUNT SEED`
 * looks at COUNT networks, those of the seeds from SEED on; `cpu-test 1 SEED` at one again. ROTE_ISA chooses the
 * instructions.
 *
 * Where bits differ, the network's text is printed, and as its comments what differs first: the output is a model text.
 */
#include "base/memory.h"
#include "base/number.h"
#include "engine/engine.h"
#include "format/idx.h"
#include "format/model.h"
#include "instructions.h"
#include "networks.h"
#include "train/state.h"
#include "unit.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SAMPLES = 90, STEPS = 3, WORK = 200000 };

static uint64_t count = 150, first_seed = 1;

/*
 * So many parameters of convs that gradients of chunks are added in groups: some chunks beyond the last whole group, in
 * one run, and in several; and where chunks are few for the workers. Then a kernel too long for lists of what is not 0.
 */
static const struct {
    size_t threads;
    const char *text;
} large[] = {
    { 2, "input 20 4 4\nconv 1660 4\nrelu\nconv 11 1\nrelu\ndense 10\n"
         "loss cross-entropy\ntrain batch=70 epochs=1\noptimizer sgd lr=0.01 momentum=0.9\n" },

    { 3, "input 30 3 3\nconv 1950 3\nbatchnorm\nrelu\nconv 20 1 bias=no\nbatchnorm\nrelu\nconv 10 1\n"
         "loss cross-entropy\ntrain batch=59 epochs=1\noptimizer adam lr=0.001\nclip 0.1\n" },

    { 5, "input 20 4 4\nconv 1660 4\nrelu\ndense 10\n"
         "loss cross-entropy\ntrain batch=42 epochs=1\noptimizer sgd lr=0.01 momentum=0.9\n" },

    { 2, "input 1 80 80\ndropout 0.6\nconv 1 34\nrelu\ndense 4\n"
         "loss cross-entropy\ntrain batch=5 epochs=1\noptimizer sgd lr=0.001\n" },
};

/* One network, and two engines that are to do the same. */
struct trial {
    struct networks networks; /* what is drawn */
    char *text;
    struct model *model;
    struct plan *plan;
    struct idx_set set;
    size_t steps, threads;
    struct engine *ref, *cpu;
    struct state at_ref, at_cpu;
    char difference[200]; /* the first; empty: none */
};

static size_t below(struct trial *trial, size_t n)
{
    return networks_below(&trial->networks, n);
}

static bool once_in(struct trial *trial, size_t n)
{
    return networks_once_in(&trial->networks, n);
}

/* Pictures with many zeros. */
static void draw_set(struct trial *trial)
{
    const size_t size = shape_size(trial->plan->input);
    struct idx_set *set = &trial->set;

    set->count = SAMPLES;
    set->rows = trial->plan->input.rows;
    set->columns = trial->plan->input.columns;
    set->channels = trial->plan->input.channels;
    set->pixels = memory_new(SAMPLES, size);
    set->labels = memory_new(SAMPLES, sizeof *set->labels);
    for (size_t i = 0; i < SAMPLES * size; i++)
        set->pixels[i] = once_in(trial, 3) ? 0 : (unsigned char)below(trial, 256);
    for (size_t i = 0; i < SAMPLES; i++)
        set->labels[i] = (uint16_t)below(trial, trial->plan->classes);
}

/* From -1 to 1; now and then 0, of either sign. */
static float draw_number(struct trial *trial)
{
    const float number = (float)below(trial, 1 << 24) * 0x1p-23f - 1;

    return once_in(trial, 16) ? number * 0 : number;
}

/* About 0 it may be -0. */
static float draw_about(struct trial *trial, float middle, float reach)
{
    const float number = reach * draw_number(trial);

    return middle != 0 ? middle + number : number;
}

/* Parameters about their initial values, moments as they may be after some steps. In some networks all weights are so
 * small that much becomes subnormal. */
static void draw_state(struct trial *trial)
{
    const struct plan *plan = trial->plan;
    const double scale = once_in(trial, 12) ? 0x1p-70 : 1;
    struct state *state = &trial->at_ref;

    for (size_t i = 0; i < plan->tensor_count; i++) {
        const struct plan_tensor *tensor = &plan->tensors[i];
        const double reach = tensor->fan_in ? scale * 2 / sqrt((double)tensor->fan_in) : 0.5;
        for (size_t at = tensor->offset; at < tensor->offset + tensor->count; at++)
            state->parameters[at] = draw_about(trial, tensor->initial, (float)reach);
    }
    for (size_t i = 0; i < optimizer_moments(&plan->optimizer); i++)
        for (size_t at = 0; at < plan->parameter_count; at++)
            state->moments[i][at] = 0.01f * fabsf(draw_number(trial));
    if (plan->ema > 0)
        for (size_t at = 0; at < plan->parameter_count; at++)
            state->ema[at] = draw_number(trial);
}

static bool all_finite(size_t n, const float *values)
{
    for (size_t i = 0; i < n; i++)
        if (!isfinite(values[i]))
            return false;
    return true;
}

/* Note the first of n values that differs; false if there is one. */
static bool compare(struct trial *trial, const char *when, const char *what, size_t n, const float *ref,
                    const float *cpu)
{
    size_t i = 0;

    if (memcmp(ref, cpu, n * sizeof *ref) == 0)
        return true;
    while (memcmp(&ref[i], &cpu[i], sizeof *ref) == 0)
        i++;
    snprintf(trial->difference, sizeof trial->difference, "%s: %s: element %zu of %zu: ref %a, cpu %a", when, what, i,
             n, (double)ref[i], (double)cpu[i]);
    return false;
}

static bool compare_tensors(struct trial *trial, const char *when, const char *what, size_t n, const float *ref,
                            const float *cpu)
{
    char name[2 * PLAN_NAME_SIZE];

    for (size_t i = 0; i < n; i++) {
        const struct plan_tensor *tensor = &trial->plan->tensors[i];
        snprintf(name, sizeof name, "%s%s", what, tensor->name);
        if (!compare(trial, when, name, tensor->count, ref + tensor->offset, cpu + tensor->offset))
            return false;
    }
    return true;
}

static bool compare_states(struct trial *trial, const char *when)
{
    const struct plan *plan = trial->plan;
    const struct state *ref = &trial->at_ref, *cpu = &trial->at_cpu;

    engine_get(trial->ref, &trial->at_ref);
    engine_get(trial->cpu, &trial->at_cpu);
    for (size_t i = 0; i < optimizer_moments(&plan->optimizer); i++)
        if (!compare_tensors(trial, when, optimizer_moment_name(&plan->optimizer, i), plan->parameter_tensors,
                             ref->moments[i], cpu->moments[i]))
            return false;
    return compare_tensors(trial, when, "", plan->tensor_count, ref->parameters, cpu->parameters) &&
           (plan->ema == 0 || compare_tensors(trial, when, "ema.", plan->parameter_tensors, ref->ema, cpu->ema));
}

static void draw_samples(struct trial *trial, size_t n, uint32_t *samples)
{
    for (size_t i = 0; i < n; i++)
        samples[i] = (uint32_t)below(trial, SAMPLES);
}

/* Some samples more than a batch. False ends the trial: what is not finite need not agree. */
static bool evaluate(struct trial *trial, const char *when)
{
    const size_t n = 1 + below(trial, trial->plan->batch + 5), classes = trial->plan->classes;
    float *logits[2] = { memory_floats(n * classes), memory_floats(n * classes) };
    float *losses[2] = { memory_floats(n), memory_floats(n) };
    uint32_t *samples = memory_new(n, sizeof *samples);
    bool goes_on;

    draw_samples(trial, n, samples);
    engine_evaluate(trial->ref, samples, n, logits[0], losses[0]);
    engine_evaluate(trial->cpu, samples, n, logits[1], losses[1]);
    goes_on = all_finite(n, losses[0]) && compare(trial, when, "logits", n * classes, logits[0], logits[1]) &&
              compare(trial, when, "losses", n, losses[0], losses[1]);
    for (size_t i = 0; i < 2; i++) {
        free(logits[i]);
        free(losses[i]);
    }
    free(samples);
    return goes_on;
}

static bool compare_results(struct trial *trial, const char *when, struct step_result ref, struct step_result cpu)
{
    const float correct[2] = { (float)ref.correct, (float)cpu.correct };

    return compare(trial, when, "loss", 1, &ref.loss, &cpu.loss) &&
           compare(trial, when, "correct", 1, &correct[0], &correct[1]);
}

/* A batch of any size: all are the last of some epoch. */
static bool train(struct trial *trial, size_t number, const char *when)
{
    const struct plan *plan = trial->plan;
    const size_t least = plan->normalizes ? 2 : 1;
    struct step_result ref, cpu;
    uint32_t samples[SAMPLES];
    struct step step = { samples, once_in(trial, 2) ? plan->batch : least + below(trial, plan->batch - least + 1),
                         (uint32_t)below(trial, 5),
                         optimizer_scalars(&plan->optimizer, plan->optimizer.learning_rate, number) };

    draw_samples(trial, step.count, samples);
    engine_train(trial->ref, &step, &ref);
    engine_train(trial->cpu, &step, &cpu);
    return isfinite(ref.loss) && compare_results(trial, when, ref, cpu) && compare_states(trial, when) &&
           all_finite(state_floats(plan), trial->at_ref.parameters);
}

static void run(struct trial *trial)
{
    bool goes_on = true;
    char when[32];

    engine_put(trial->ref, &trial->at_ref);
    engine_put(trial->cpu, &trial->at_ref);
    for (size_t i = 0; i < trial->steps && goes_on; i++) {
        snprintf(when, sizeof when, "step %zu", i + 1);
        if (once_in(trial, 4))
            goes_on = evaluate(trial, when);
        goes_on = goes_on && train(trial, i, when);
    }
    if (goes_on)
        evaluate(trial, "at last");
}

static struct engine *open_engine(const char *device, const struct trial *trial)
{
    struct engine *engine;
    struct error error;

    if (engine_open(device, "none", trial->plan, trial->threads, 11, &engine, &error))
        die_error(&error);
    engine_data(engine, &trial->set);
    return engine;
}

/* text: NULL for a random one. */
static void trial_begin(struct trial *trial, uint64_t seed, const char *text, size_t threads)
{
    struct error error;

    *trial = (struct trial){ .networks = networks_begin(seed) };
    trial->text = text ? memory_string(text) : networks_text(&trial->networks, once_in(trial, 20) ? 20 * WORK : WORK);
    trial->steps = text ? 1 : STEPS;
    trial->threads = threads;
    if (plan_parse(trial->text, "network", NULL, 0, &trial->model, &trial->plan, &error))
        die_error(&error);
    draw_set(trial);
    trial->ref = open_engine("ref", trial);
    trial->cpu = open_engine("cpu", trial);
    trial->at_ref = state_new(trial->plan);
    trial->at_cpu = state_new(trial->plan);
    draw_state(trial);
}

static void trial_end(struct trial *trial)
{
    state_free(&trial->at_ref);
    state_free(&trial->at_cpu);
    engine_close(trial->ref);
    engine_close(trial->cpu);
    idx_free(&trial->set);
    plan_free(trial->plan);
    model_free(trial->model);
    free(trial->text);
}

static bool agrees(uint64_t seed, const char *text, size_t threads)
{
    struct trial trial;
    bool same;

    trial_begin(&trial, seed, text, threads);
    run(&trial);
    same = !trial.difference[0];
    if (!same)
        printf("# %s\n# %zu threads, %s; cpu-test 1 %ju\n%s", trial.difference, trial.threads,
               getenv("ROTE_ISA") ? getenv("ROTE_ISA") : "the best instructions", (uintmax_t)seed, trial.text);
    trial_end(&trial);
    return same;
}

static void random_networks_have_the_bits_of_ref(void)
{
    static const size_t threads[] = { 1, 2, 3, 5, 8, 17 };

    for (uint64_t i = 0; i < count; i++)
        if (!CHECK(agrees(first_seed + i, NULL, threads[(first_seed + i) % (sizeof threads / sizeof *threads)])))
            break;
}

static void large_networks_have_the_bits_of_ref(void)
{
    for (size_t i = 0; i < sizeof large / sizeof *large; i++)
        CHECK(agrees(first_seed + i, large[i].text, large[i].threads));
}

/* One step of a network whose first conv overflows, of which the second relu lets nothing through: the loss is finite,
   but what a gradient of 0 is multiplied by is not. */
static bool overflow_is_seen(const char *text, size_t threads)
{
    uint32_t samples[8] = { 0, 1, 2, 3, 4, 5, 6, 7 };
    struct step_result ref, cpu;
    struct step step = { .samples = samples, .count = 8 };
    struct trial trial;
    const struct plan_tensor *tensor;
    bool seen;

    trial_begin(&trial, first_seed, text, threads);
    tensor = trial.plan->tensors;
    for (size_t i = 0; i < tensor[0].count; i++)
        trial.at_ref.parameters[tensor[0].offset + i] = 2e38f;
    for (size_t i = 0; i < tensor[2].count; i++)
        trial.at_ref.parameters[tensor[2].offset + i] = -0.5f;
    for (size_t i = 0; i < tensor[3].count; i++)
        trial.at_ref.parameters[tensor[3].offset + i] = i ? -0.25f : 0.25f;
    step.scalars = optimizer_scalars(&trial.plan->optimizer, 0.0001, 1);
    engine_put(trial.ref, &trial.at_ref);
    engine_put(trial.cpu, &trial.at_ref);
    engine_train(trial.ref, &step, &ref);
    engine_train(trial.cpu, &step, &cpu);
    engine_get(trial.ref, &trial.at_ref);
    engine_get(trial.cpu, &trial.at_cpu);
    seen = CHECK(isfinite(ref.loss)) && CHECK(isfinite(cpu.loss)) &&
           CHECK(!all_finite(trial.plan->weight_count, trial.at_ref.parameters)) &&
           CHECK(!all_finite(trial.plan->weight_count, trial.at_cpu.parameters));
    trial_end(&trial);
    return seen;
}

static void an_overflow_that_leaves_the_loss_finite_is_seen_as_in_ref(void)
{
    static const char *const texts[] = {
        "input 1 12 12\nconv 1 3\nrelu\nconv 2 1\nrelu\ndense 3\nloss cross-entropy\ntrain batch=8\noptimizer sgd "
        "lr=1\n",
        "input 1 12 12\nconv 16 3\nrelu\nconv 4 3\nrelu\ndense 3\nloss cross-entropy\ntrain batch=8\noptimizer sgd "
        "lr=1\n",
    };

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        for (size_t threads = 1; threads < 4; threads++)
            if (!overflow_is_seen(texts[i], threads))
                printf("#   network %zu, %zu threads\n", i, threads);
}

int main(int argc, char **argv)
{
    struct error error;

    if ((argc > 1 && !number_u64(argv[1], &count)) || (argc > 2 && !number_u64(argv[2], &first_seed)))
        return 1;
    if (!instructions_choose(&error)) {
        printf("ok 1 - networks have the bits of ref # skip %s\n1..1\n", error.text);
        return 0;
    }
    TEST(random_networks_have_the_bits_of_ref);
    TEST(large_networks_have_the_bits_of_ref);
    TEST(an_overflow_that_leaves_the_loss_finite_is_seen_as_in_ref);
    return unit_finish();
}
