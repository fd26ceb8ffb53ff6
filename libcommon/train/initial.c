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

void initial_state(const struct plan *plan, uint64_t seed, struct state *state)
{
    for (size_t i = 0; i < plan->tensor_count; i++)
        draw_tensor(&plan->tensors[i], i, seed, state->parameters + plan->tensors[i].offset);
    for (size_t i = 0; i < optimizer_moments(&plan->optimizer); i++)
        memset(state->moments[i], 0, plan->parameter_count * sizeof(float));
}

bool initial_take(const struct plan *plan, size_t index, const struct session *from, struct state *state)
{
    const struct plan_tensor *wanted = &plan->tensors[index];

    for (size_t i = 0; i < from->plan->tensor_count; i++) {
        const struct plan_tensor *tensor = &from->plan->tensors[i];
        if (strcmp(tensor->name, wanted->name) == 0 && tensor->rank == wanted->rank &&
            memcmp(tensor->shape, wanted->shape, tensor->rank * sizeof *tensor->shape) == 0) {
            memcpy(state->parameters + wanted->offset, from->state.parameters + tensor->offset,
                   wanted->count * sizeof(float));
            return true;
        }
    }
    return false;
}
