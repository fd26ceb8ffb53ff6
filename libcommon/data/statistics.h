/*
 * What a data set is like: the figures of idx-info.
 */
#ifndef DATA_STATISTICS_H
#define DATA_STATISTICS_H

#include "format/idx.h"

#include <stddef.h>

/* Mean and standard deviation (of the whole, not estimated from a sample) of one channel's pixels, 0 to 255 being taken
   as 0 to 1: what a model's `normalize` wants. The same on every machine: the pixels are counted first. */
void statistics_of_pixels(const struct idx_set *set, size_t channel, double *mean, double *deviation);

/* How many samples each class has: (set->classes). The caller frees it. */
size_t *statistics_of_classes(const struct idx_set *set);

#endif
