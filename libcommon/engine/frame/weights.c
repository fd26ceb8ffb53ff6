#include "engine/frame/layers.h"

struct shape layer_inputs(const struct layer *layer)
{
    if (layer->kind == LAYER_CONV)
        return (struct shape){ layer->kernel_rows, layer->kernel_columns, layer->in.channels };
    return layer->in;
}

void weight_from_file(struct shape inputs, size_t outputs, const float *file, float *weight)
{
    const size_t positions = inputs.rows * inputs.columns, channels = inputs.channels;

    for (size_t out = 0; out < outputs; out++)
        for (size_t channel = 0; channel < channels; channel++)
            for (size_t position = 0; position < positions; position++)
                weight[(position * channels + channel) * outputs + out] =
                    file[(out * channels + channel) * positions + position];
}

void weight_to_file(struct shape inputs, size_t outputs, const float *weight, float *file)
{
    const size_t positions = inputs.rows * inputs.columns, channels = inputs.channels;

    for (size_t out = 0; out < outputs; out++)
        for (size_t channel = 0; channel < channels; channel++)
            for (size_t position = 0; position < positions; position++)
                file[(out * channels + channel) * positions + position] =
                    weight[(position * channels + channel) * outputs + out];
}
