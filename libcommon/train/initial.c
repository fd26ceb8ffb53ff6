#include "train/initial.h"

#include "base/random.h"

#include <math.h>
#include <string.h>

static void draw_tensor(const struct plan_tensor *tensor, size_t index, uint64_t seed, float *to)
{
    const struct random_draw draw = { .seed = seed, .purpose = RANDOM_INITIAL, .layer = (uint32_t)index };
    const float unit = (float)(1 / sqrt((double)tensor->fan_in) * 0x1p-24);

    uint32_t word[4];

    for (size_t i = 0; i < tensor->count; i++) {
        int32_t k;
        if (i % 4 == 0)
            random_words(&draw, (uint32_t)(i / 4), word);
        k = (int32_t)(word[i % 4] >> 8) - (1 << 23);
        to[i] = (float)(2 * k + 1) * unit;
    }
}

static void fill_tensor(const struct plan_tensor *tensor, float *to)
{
    for (size_t i = 0; i < tensor->count; i++)
        to[i] = tensor->initial;
}

void initial_state(const struct plan *plan, uint64_t seed, struct state *state)
{
    for (size_t i = 0; i < plan->tensor_count; i++) {
        const struct plan_tensor *tensor = &plan->tensors[i];
        if (tensor->fan_in)
            draw_tensor(tensor, i, seed, state->parameters + tensor->offset);
        else
            fill_tensor(tensor, state->parameters + tensor->offset);
    }
    for (size_t i = 0; i < optimizer_moments(&plan->optimizer); i++)
        memset(state->moments[i], 0, plan->parameter_count * sizeof(float));
    if (state->ema)
        memcpy(state->ema, state->parameters, plan->parameter_count * sizeof(float));
}

static void take(const struct plan_tensor *wanted, float *to, const struct plan_tensor *tensor, const float *from)
{
    memcpy(to + wanted->offset, from + tensor->offset, wanted->count * sizeof *to);
}

bool initial_take(const struct plan *plan, size_t index, const struct session *from, bool with_moments,
                  struct state *state)
{
    const struct plan_tensor *wanted = &plan->tensors[index], *tensor = from->plan->tensors;
    bool parameter = index < plan->parameter_tensors;
    const float *values;
    size_t i = 0;

    while (i < from->plan->tensor_count &&
           (strcmp(tensor[i].name, wanted->name) != 0 || tensor[i].rank != wanted->rank ||
            memcmp(tensor[i].shape, wanted->shape, wanted->rank * sizeof *wanted->shape) != 0))
        i++;
    if (i == from->plan->tensor_count)
        return false;
    tensor += i;
    values = parameter && from->state.ema && !with_moments ? from->state.ema : from->state.parameters;
    take(wanted, state->parameters, tensor, values);
    for (i = 0; with_moments && parameter && i < optimizer_moments(&plan->optimizer); i++)
        take(wanted, state->moments[i], tensor, from->state.moments[i]);
    if (state->ema && parameter)
        take(wanted, state->ema, tensor, from->state.ema ? from->state.ema : from->state.parameters);
    return true;
}

enum status initial_check_optimizer(const struct plan *plan, const struct session *from, const char *path,
                                    struct error *error)
{
    const char *name = optimizer_name(&plan->optimizer), *other = optimizer_name(&from->plan->optimizer);

    if (strcmp(name, other) == 0)
        return STATUS_OK;
    return error_set(error, STATUS_DATA,
                     "%s: take the optimizer's state: it is that of %s, the model's is %s; -i alone takes weights only",
                     path, other, name);
}

enum status initial_fork(const struct plan *plan, const struct session *from, const char *path, struct state *state,
                         struct checkpoint *checkpoint, struct error *error)
{
    const struct checkpoint *parent = from->checkpoint;
    enum status status = initial_check_optimizer(plan, from, path, error);

    if (status)
        return status;
    if (parent->batch > 0)
        return error_set(error, STATUS_DATA, "%s: fork: its epoch is unfinished; train it to the end first", path);
    if (from->plan->tensor_count > plan->tensor_count)
        return error_set(error, STATUS_DATA, "%s: fork: it has more layers than the model; -i alone takes what fits",
                         path);
    for (size_t i = 0; i < plan->tensor_count; i++)
        if (!initial_take(plan, i, from, true, state))
            return error_set(error, STATUS_DATA, "%s: fork: it has no %s of that shape; -i alone takes what fits", path,
                             plan->tensors[i].name);
    checkpoint->epoch = parent->epoch;
    checkpoint->step = parent->step;
    checkpoint->progress = parent->progress;
    strcpy(checkpoint->data, parent->data);
    strcpy(checkpoint->class, parent->class);
    strcpy(checkpoint->parent, parent->digest);
    return STATUS_OK;
}

struct checkpoint initial_checkpoint(const struct model *model, uint64_t seed, const struct state *state)
{
    return (struct checkpoint){ .parent = CHECKPOINT_NONE,
                                .data = CHECKPOINT_NONE,
                                .class = CHECKPOINT_NONE,
                                .model = model->text,
                                .seed = seed,
                                .values = state->parameters };
}

void initial_digest(const struct model *model, const struct plan *plan, uint64_t seed, char digest[DIGEST_SIZE])
{
    struct state state = state_new(plan);
    struct checkpoint checkpoint = initial_checkpoint(model, seed, &state);

    initial_state(plan, seed, &state);
    state_tensors(plan, &checkpoint.tensors, &checkpoint.tensor_count);
    checkpoint_seal(&checkpoint);
    state_tensors_free(checkpoint.tensors, checkpoint.tensor_count);
    state_free(&state);
    strcpy(digest, checkpoint.digest);
}
