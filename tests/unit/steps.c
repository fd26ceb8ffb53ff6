#include "steps.h"

#include "base/memory.h"
#include "base/output.h"
#include "base/random.h"
#include "engine/ref/network.h"
#include "train/initial.h"

#include <stdlib.h>
#include <string.h>

/* Purposes of random numbers that training has no use for. */
enum { DRAW_PICTURES = 0xf0, DRAW_LABELS, DRAW_WEIGHTS };

enum { SEED = 1 };

/* Numbers in [-1, 1), other ones for each `index`. */
static void draw(int purpose, size_t index, size_t n, float *to)
{
    const struct random_draw draw = { .seed = SEED, .purpose = (enum random_purpose)purpose, .index = (uint32_t)index };

    for (size_t i = 0; i < n; i++)
        to[i] = (float)((int32_t)(random_word(&draw, i) >> 8) - (1 << 23)) * 0x1p-23f;
}

/* Add a tensor; `name` is taken over. */
static void keep(struct steps *steps, char *name, size_t rank, const size_t *shape, const float *values)
{
    struct safetensors_tensor tensor = { .name = name, .rank = rank, .count = 1 };

    for (size_t i = 0; i < rank; i++) {
        tensor.shape[i] = shape[i];
        tensor.count *= shape[i];
    }
    tensor.offset = steps->values.length / sizeof *values;
    text_add(&steps->values, values, tensor.count * sizeof *values);
    steps->tensors = memory_grow(steps->tensors, steps->count, sizeof *steps->tensors);
    steps->tensors[steps->count++] = tensor;
}

/* A network that is trained, and what it is trained on. */
struct training {
    const struct plan *plan;
    struct network *network;
    float *pictures[STEPS_BATCHES]; /* (batch, rows, columns, channels) */
    uint16_t *labels[STEPS_BATCHES];
    float rates[STEPS];
};

static size_t batch_size(const struct plan *plan, size_t batch)
{
    return batch == STEPS_BATCHES - 1 ? plan->batch - 3 : plan->batch;
}

static void draw_batches(struct training *training, struct steps *steps)
{
    const struct shape input = training->plan->input;

    for (size_t batch = 0; batch < STEPS_BATCHES; batch++) {
        const size_t n = batch_size(training->plan, batch);
        const size_t shape[] = { n, input.rows, input.columns, input.channels };
        float *labels = memory_floats(n);

        training->pictures[batch] = memory_floats(n * shape_size(input));
        training->labels[batch] = memory_new(n, sizeof **training->labels);
        draw(DRAW_PICTURES, batch, n * shape_size(input), training->pictures[batch]);
        draw(DRAW_LABELS, batch, n, labels);
        for (size_t i = 0; i < n; i++)
            labels[i] = training->labels[batch][i] = (uint16_t)((labels[i] + 1) / 2 * (float)training->plan->classes);
        keep(steps, memory_format("batch%zu.pictures", batch + 1), 4, shape, training->pictures[batch]);
        keep(steps, memory_format("batch%zu.labels", batch + 1), 1, shape, labels);
        free(labels);
    }
}

/* As nn-init has it, but that values which begin alike are spread by up to a half. */
static void initialize(struct training *training)
{
    const struct plan *plan = training->plan;
    struct state state = state_new(plan);

    initial_state(plan, SEED, &state);
    for (size_t i = 0; i < plan->tensor_count; i++) {
        const struct plan_tensor *tensor = &plan->tensors[i];
        float *value = training->network->parameters + tensor->offset;
        if (!tensor->fan_in)
            draw(DRAW_WEIGHTS, i, tensor->count, value);
        for (size_t j = 0; j < tensor->count; j++)
            value[j] = state.parameters[tensor->offset + j] + value[j] / 2;
    }
    if (plan->ema > 0)
        memcpy(training->network->ema, training->network->parameters, plan->parameter_count * sizeof(float));
    state_free(&state);
}

/* A checkpoint's tensors as the network has them now. */
static void keep_state(const struct training *training, struct steps *steps, int step)
{
    const struct plan *plan = training->plan;
    const struct network *network = training->network;
    const size_t size = plan->parameter_count * sizeof(float);
    struct state state = state_new(plan);
    struct safetensors_tensor *tensors;
    size_t count;

    memcpy(state.parameters, network->parameters, plan->weight_count * sizeof(float));
    for (size_t i = 0; i < optimizer_moments(&plan->optimizer); i++)
        memcpy(state.moments[i], network->moments[i], size);
    if (state.ema)
        memcpy(state.ema, network->ema, size);
    state_tensors(plan, &tensors, &count);
    for (size_t i = 0; i < (step ? count : plan->tensor_count); i++)
        keep(steps, memory_format("step%d.%s", step, tensors[i].name), tensors[i].rank, tensors[i].shape,
             state.parameters + tensors[i].offset);
    state_tensors_free(tensors, count);
    state_free(&state);
}

static void keep_gradients(const struct training *training, struct steps *steps, int step)
{
    for (size_t i = 0; i < training->plan->parameter_tensors; i++) {
        const struct plan_tensor *tensor = &training->plan->tensors[i];
        keep(steps, memory_format("step%d.gradient.%s", step, tensor->name), tensor->rank, tensor->shape,
             training->network->gradients + tensor->offset);
    }
}

bool steps_keeps(int step)
{
    return step == 1 || step == 3 || step == STEPS;
}

static void train_step(struct training *training, struct steps *steps, int step)
{
    const struct plan *plan = training->plan;
    struct network *network = training->network;
    const struct position position = { (uint64_t)(step - 1) / STEPS_BATCHES, (uint64_t)(step - 1) % STEPS_BATCHES,
                                       STEPS_BATCHES };
    const size_t n = batch_size(plan, position.batch), shape[] = { n, plan->classes }, one = 1;
    const struct network_batch batch = { .count = n, .training = true };
    const double rate = schedule_rate(&plan->schedule, plan->optimizer.learning_rate, position);
    const struct optimizer_scalars scalars = optimizer_scalars(&plan->optimizer, rate, (uint64_t)step - 1);
    float loss;

    memcpy(network->values[0], training->pictures[position.batch], n * shape_size(plan->input) * sizeof(float));
    network_forward(network, &batch);
    loss = network_loss(network, &batch, training->labels[position.batch]);
    network_backward(network, &batch);
    training->rates[step - 1] = (float)rate;
    if (steps_keeps(step)) {
        keep(steps, memory_format("step%d.logits", step), 2, shape, network_logits(network));
        keep(steps, memory_format("step%d.loss", step), 1, &one, &loss);
    }
    if (step == 1)
        keep_gradients(training, steps, step);
    network_update(network, &scalars);
    if (steps_keeps(step))
        keep_state(training, steps, step);
}

static void train(const struct plan *plan, struct steps *steps)
{
    struct training training = { .plan = plan, .network = network_new(plan) };
    const size_t rates = STEPS;

    draw_batches(&training, steps);
    initialize(&training);
    keep_state(&training, steps, 0);
    for (int step = 1; step <= STEPS; step++)
        train_step(&training, steps, step);
    keep(steps, memory_format("step%d.rates", STEPS), 1, &rates, training.rates);
    for (size_t batch = 0; batch < STEPS_BATCHES; batch++) {
        free(training.pictures[batch]);
        free(training.labels[batch]);
    }
    network_free(training.network);
}

struct steps *steps_train(const char *path)
{
    struct steps *steps = memory_new(1, sizeof *steps);
    struct plan *plan;
    struct error error;

    if (model_read(path, NULL, 0, &steps->model, &error) || plan_make(steps->model, path, &plan, &error))
        die_error(&error);
    if (plan->batch < 4)
        die(STATUS_DATA, "%s: train batch: a smaller last batch needs at least 4 samples in the others", path);
    train(plan, steps);
    plan_free(plan);
    return steps;
}

void steps_free(struct steps *steps)
{
    for (size_t i = 0; i < steps->count; i++)
        free((char *)steps->tensors[i].name);
    free(steps->tensors);
    text_free(&steps->values);
    model_free(steps->model);
    free(steps);
}

const float *steps_find(const struct steps *steps, int step, const char *name, size_t *count)
{
    char *wanted = memory_format("step%d.%s", step, name);
    size_t i = 0;

    while (i < steps->count && strcmp(steps->tensors[i].name, wanted) != 0)
        i++;
    free(wanted);
    if (i == steps->count)
        return NULL;
    *count = steps->tensors[i].count;
    return (const float *)(const void *)steps->values.at + steps->tensors[i].offset;
}

void steps_write(const struct steps *steps, const char *path)
{
    const struct safetensors_metadata metadata = { "model", steps->model->text };
    struct text header = { 0 };
    struct output *output = output_open(path, OUTPUT_REPLACE);

    safetensors_write_header(&header, &metadata, 1, steps->tensors, steps->count);
    output_write(output, header.at, header.length);
    output_write(output, steps->values.at, steps->values.length);
    output_publish(output);
    text_free(&header);
}
