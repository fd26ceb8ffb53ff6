/*
 * A plan as those see it who only evaluate: dropout does nothing, and a value is of use until its last reader.
 *
 * Values are numbered as in net/plan.h: 0 is the picture, i + 1 what layer i makes.
 */
#ifndef RELEASE_INFERENCE_H
#define RELEASE_INFERENCE_H

#include "net/plan.h"

#include <stdbool.h>
#include <stddef.h>

/* Does the layer only copy what it reads? */
bool inference_skips(const struct layer *layer);

/* The value that `value` is a copy of, made by a layer that is not skipped, or the picture. */
size_t inference_source(const struct plan *plan, size_t value);

/* The last value that is made out of `value` or a copy of it; `value` itself where none is. That is the last layer's.
 */
size_t inference_last_reader(const struct plan *plan, size_t value);

struct shape inference_shape(const struct plan *plan, size_t value);

#endif
