#include "data/statistics.h"

#include "base/memory.h"

#include <math.h>

enum { PIXEL_VALUES = 256, TURNS = 4 };

/* Neighbours, which are often alike, are counted apart: to add to what was just added to is to wait for it. */
static void count_pixels(const struct idx_set *set, size_t channel, size_t times[PIXEL_VALUES])
{
    size_t plane = set->rows * set->columns, turn[TURNS][PIXEL_VALUES] = { { 0 } };

    for (size_t sample = 0; sample < set->count; sample++) {
        const unsigned char *pixel = set->pixels + (sample * set->channels + channel) * plane;
        for (size_t i = 0; i < plane; i++)
            turn[i % TURNS][pixel[i]]++;
    }
    for (size_t value = 0; value < PIXEL_VALUES; value++)
        for (size_t i = 0; i < TURNS; i++)
            times[value] += turn[i][value];
}

void statistics_of_pixels(const struct idx_set *set, size_t channel, double *mean, double *deviation)
{
    size_t times[PIXEL_VALUES] = { 0 };
    double n = (double)(set->count * set->rows * set->columns), sum = 0;

    count_pixels(set, channel, times);
    for (size_t value = 0; value < PIXEL_VALUES; value++)
        sum += (double)times[value] * (double)value;
    *mean = sum / n / 255;
    sum = 0;
    for (size_t value = 0; value < PIXEL_VALUES; value++) {
        double from_mean = (double)value / 255 - *mean;
        sum += (double)times[value] * (from_mean * from_mean);
    }
    *deviation = sqrt(sum / n);
}

size_t *statistics_of_classes(const struct idx_set *set)
{
    size_t *samples = memory_new(set->classes, sizeof *samples);

    for (size_t i = 0; i < set->count; i++)
        samples[set->labels[i]]++;
    return samples;
}
