#include "data/picture.h"

#include "base/memory.h"
#include "base/size.h"

#include <stdint.h>
#include <stdlib.h>

/* --- Channels */

static unsigned char grey_of(const unsigned char *rgb)
{
    return (unsigned char)((19595u * rgb[0] + 38470u * rgb[1] + 7471u * rgb[2] + 32768u) >> 16);
}

static void change_channels(struct picture *picture, size_t channels)
{
    const size_t positions = picture->shape.rows * picture->shape.columns;
    unsigned char *samples = memory_new(positions, channels);

    for (size_t position = 0; position < positions; position++)
        if (channels == 1)
            samples[position] = grey_of(picture->samples + position * 3);
        else
            for (size_t channel = 0; channel < channels; channel++)
                samples[position * channels + channel] = picture->samples[position];
    free(picture->samples);
    picture->samples = samples;
    picture->shape.channels = channels;
}

/* --- Size */

/* How rows, or columns, are made from others: place i is the sum of weight[first[i] + k] times old place begin[i] + k,
   for first[i] + k below first[i + 1], over `sum`. */
struct axis {
    size_t size;
    size_t *begin, *first; /* (size), (size + 1) */
    uint32_t *weight;
    uint64_t sum;
};

/* An old place is `size` long and a new one `from`, of a line of from * size: the weight is what they share. */
static size_t weigh_area(struct axis *axis, size_t from, size_t place)
{
    const size_t size = axis->size, begin = place * from, end = begin + from;
    size_t n = 0;

    axis->begin[place] = begin / size;
    for (size_t at = begin; at < end; n++) {
        const size_t next = size_smaller((at / size + 1) * size, end);
        axis->weight[axis->first[place] + n] = (uint32_t)(next - at);
        at = next;
    }
    return n;
}

/* In units of half a new place, an old one is 2 * size long; the middle of the new one lies between two middles. */
static size_t weigh_middles(struct axis *axis, size_t from, size_t place)
{
    const size_t unit = 2 * axis->size, middle = (2 * place + 1) * from;
    const size_t beyond = middle > axis->size ? middle - axis->size : 0; /* of the middle of the first old place */
    uint32_t *weight = axis->weight + axis->first[place];

    axis->begin[place] = beyond / unit;
    weight[0] = (uint32_t)(unit - beyond % unit);
    if (weight[0] == unit || axis->begin[place] + 1 == from) {
        weight[0] = (uint32_t)unit;
        return 1;
    }
    weight[1] = (uint32_t)(beyond % unit);
    return 2;
}

static struct axis axis_make(size_t from, size_t size)
{
    struct axis axis = { .size = size };

    axis.begin = memory_new(size, sizeof *axis.begin);
    axis.first = memory_new(size + 1, sizeof *axis.first);
    axis.weight = memory_new(from + 2 * size, sizeof *axis.weight);
    axis.sum = size <= from ? from : 2 * size;
    for (size_t place = 0; place < size; place++)
        axis.first[place + 1] =
            axis.first[place] + (size <= from ? weigh_area(&axis, from, place) : weigh_middles(&axis, from, place));
    return axis;
}

static void axis_free(struct axis *axis)
{
    free(axis->begin);
    free(axis->first);
    free(axis->weight);
}

/* The sum over the old places of one new one, in `channel`; below 2^8 * 2^27 * 2^27. */
static uint64_t sum_at(const struct picture *picture, const struct axis *rows, size_t row, const struct axis *columns,
                       size_t column, size_t channel)
{
    const size_t channels = picture->shape.channels;
    uint64_t sum = 0;

    for (size_t i = rows->first[row]; i < rows->first[row + 1]; i++) {
        const size_t old_row = rows->begin[row] + i - rows->first[row];
        const unsigned char *from =
            picture->samples + (old_row * picture->shape.columns + columns->begin[column]) * channels + channel;
        uint64_t line = 0;

        for (size_t k = columns->first[column]; k < columns->first[column + 1]; k++, from += channels)
            line += (uint64_t)columns->weight[k] * *from;
        sum += rows->weight[i] * line;
    }
    return sum;
}

static void scale(struct picture *picture, size_t new_rows, size_t new_columns)
{
    const size_t channels = picture->shape.channels;
    struct axis rows = axis_make(picture->shape.rows, new_rows),
                columns = axis_make(picture->shape.columns, new_columns);
    const uint64_t all = rows.sum * columns.sum;
    unsigned char *samples = memory_new(new_rows * new_columns, channels), *to = samples;

    for (size_t row = 0; row < new_rows; row++)
        for (size_t column = 0; column < new_columns; column++)
            for (size_t channel = 0; channel < channels; channel++)
                *to++ = (unsigned char)((sum_at(picture, &rows, row, &columns, column, channel) + all / 2) / all);
    axis_free(&rows);
    axis_free(&columns);
    free(picture->samples);
    picture->samples = samples;
    picture->shape.rows = new_rows;
    picture->shape.columns = new_columns;
}

void picture_fit(struct picture *picture, struct shape shape, unsigned flags)
{
    if (shape.channels != picture->shape.channels)
        change_channels(picture, shape.channels);
    if (shape.rows != picture->shape.rows || shape.columns != picture->shape.columns)
        scale(picture, shape.rows, shape.columns);
    if (flags & PICTURE_INVERT)
        for (size_t i = 0; i < shape_size(shape); i++)
            picture->samples[i] = 255 - picture->samples[i];
}
