/*
 * The log of batches: a record with loss and learning rate of each, published when the epoch's checkpoint is.
 *
 *     struct batches *log = batches_open("losses.tsv", OUTPUT_NO_REPLACE);
 *     batches_resume(log, epoch, batch);        // take over PATH.part up to this batch of this epoch (from 1)
 *     batches_add(log, epoch, batch, samples, rate, loss);
 *     batches_save(log);                        // PATH.part: with every partial checkpoint, and before the last one
 *     batches_publish(log);                     // PATH.part becomes PATH
 *
 * Every function does nothing with a NULL log, so that a caller need not ask. Errors end the program.
 */
#ifndef TRAIN_BATCHES_H
#define TRAIN_BATCHES_H

#include "base/output.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct batches;

struct batches *batches_open(const char *path, enum output_mode mode);
void batches_resume(struct batches *log, uint64_t epoch, uint64_t batch);
void batches_add(struct batches *log, uint64_t epoch, uint64_t batch, size_t samples, double rate, double loss);
void batches_save(struct batches *log);
void batches_publish(struct batches *log);
void batches_close(struct batches *log);

/* The checkpoint is there already: publish PATH.part if a kill came before that, in place of an older PATH where `mode`
   replaces. Returns whether PATH is there now. */
bool batches_finish(const char *path, enum output_mode mode);

#endif
