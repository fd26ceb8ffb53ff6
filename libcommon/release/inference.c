#include "release/inference.h"

bool inference_skips(const struct layer *layer)
{
    return layer->kind == LAYER_DROPOUT || layer->kind == LAYER_DROPOUT2D;
}

size_t inference_source(const struct plan *plan, size_t value)
{
    while (value > 0 && inference_skips(&plan->layers[value - 1]))
        value = plan->layers[value - 1].input;
    return value;
}

static bool reads(const struct plan *plan, const struct layer *layer, size_t value)
{
    return inference_source(plan, layer->input) == value ||
           (layer->kind == LAYER_ADD && inference_source(plan, layer->other) == value);
}

size_t inference_last_reader(const struct plan *plan, size_t value)
{
    size_t last = value;

    for (size_t i = 0; i < plan->layer_count; i++)
        if (!inference_skips(&plan->layers[i]) && reads(plan, &plan->layers[i], value))
            last = i + 1;
    return last;
}

struct shape inference_shape(const struct plan *plan, size_t value)
{
    return value ? plan->layers[value - 1].out : plan->input;
}
