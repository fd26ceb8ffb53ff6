#include "engine/frame/layers.h"

#include <string.h>

enum { SIDE = 16 }; /* of a square: floats of a cache line */

struct shape layer_inputs(const struct layer *layer)
{
    if (layer->kind == LAYER_CONV)
        return (struct shape){ layer->kernel_rows, layer->kernel_columns, layer->in.channels };
    return layer->in;
}

/* to[column][row] = from[row][column], by way of a copy: lines that are a power of two apart drive each other out of
 * the cache. */
static void turn(size_t rows, size_t columns, const float *from, size_t from_row, float *to, size_t to_row)
{
    float square[SIDE][SIDE];

    for (size_t row = 0; row < rows; row++)
        memcpy(square[row], from + row * from_row, columns * sizeof *from);
    for (size_t column = 0; column < columns; column++)
        for (size_t row = 0; row < rows; row++)
            to[column * to_row + row] = square[row][column];
}

static size_t side(size_t first, size_t end)
{
    return end - first < SIDE ? end - first : SIDE;
}

size_t weight_places(struct shape inputs)
{
    return inputs.rows * inputs.columns > 1 ? inputs.rows * inputs.columns : inputs.channels;
}

/* A file has (output, channel, place), the frame (place, channel, output): for each channel, a matrix and its turned
 * one. Squares of whole cache lines are turned, those of a few places through all the rest. */
void weight_from_file(struct shape inputs, size_t outputs, const float *file, float *weight)
{
    const size_t size = shape_size(inputs), places = weight_places(inputs), channels = size / places;

    for (size_t place = 0; place < places; place += SIDE)
        for (size_t channel = 0; channel < channels; channel++)
            for (size_t out = 0; out < outputs; out += SIDE)
                turn(side(out, outputs), side(place, places), file + out * size + channel * places + place, size,
                     weight + (place * channels + channel) * outputs + out, channels * outputs);
}

void weight_to_file(struct shape inputs, size_t outputs, size_t first, size_t end, const float *weight, float *file)
{
    const size_t size = shape_size(inputs), places = weight_places(inputs), channels = size / places;

    for (size_t place = first; place < end; place += SIDE)
        for (size_t channel = 0; channel < channels; channel++)
            for (size_t out = 0; out < outputs; out += SIDE)
                turn(side(place, end), side(out, outputs), weight + (place * channels + channel) * outputs + out,
                     channels * outputs, file + out * size + channel * places + place, size);
}
