/*
 * Which samples an epoch sees in which order, and what a network sees of one: pure functions of (seed, epoch, sample).
 */
#ifndef DATA_BATCH_H
#define DATA_BATCH_H

#include "format/idx.h"
#include "net/plan.h"

#include <stddef.h>
#include <stdint.h>

/* The order of epoch `epoch` (from 0) over `count` samples: all of them, sorted by (random word of the sample, sample).
 */
void batch_order(uint64_t seed, uint32_t epoch, uint32_t *order, size_t count);

/* Picture `sample` of `set` as the network's input. to: (rows, columns, channels), each pixel through the plan's table.
 */
void batch_picture(const struct plan *plan, const struct idx_set *set, size_t sample, float *to);

/* Do the set's pictures have the plan's shape, and its labels fit its classes? Else 65; `path` names the set in the
 * message. */
enum status batch_check(const struct plan *plan, const struct idx_set *set, const char *path, struct error *error);

/* The same for training, in which no batch may have a single sample if there is a batchnorm: 65, too. */
enum status batch_check_training(const struct plan *plan, const struct idx_set *set, const char *path,
                                 struct error *error);

#endif
