/*
 * Augmentation: what training makes of a picture, a pure function of (seed, epoch, sample). rote-arithmetic(7),
 * "Augmentation", states it with its roundings.
 */
#ifndef DATA_AUGMENT_H
#define DATA_AUGMENT_H

#include "net/plan.h"

#include <stddef.h>
#include <stdint.h>

/* Floats of memory that augment() works in. */
size_t augment_room(const struct plan *plan);

/* Picture `from` (rows, columns, channels), normalised, as training sees it in `epoch` (from 0); `sample` is its
   position in the set. A plan that does not augment copies it. */
void augment(const struct plan *plan, uint64_t seed, uint32_t epoch, uint32_t sample, const float *from, float *to,
             float *room);

#endif
