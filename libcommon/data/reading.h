/*
 * Reading a data set while other work goes on: a thread reads the samples and then, if asked to, takes their digest.
 *
 *     struct reading *reading = reading_begin("data/train", READING_DIGEST);
 *     ... load a checkpoint, open an engine ...
 *     set = reading_set(reading, &error);          // waits for the samples
 *     if (!set)
 *         die_error(&error);
 *     ... begin to train ...
 *     digest = reading_digest(reading);            // waits for the digest
 *     reading_end(reading);
 *
 * The functions are for one thread, that which began it. Where memory is wanting the other one ends the program, as any
 * does (base/error.h); a program may end, by die(), while that is still reading.
 */
#ifndef DATA_READING_H
#define DATA_READING_H

#include "base/error.h"
#include "format/idx.h"

#include <stdbool.h>

enum { READING_DIGEST = 1 };

struct reading;

/* Begin to read a data set operand, which must stay as it is until the samples are there. */
struct reading *reading_begin(const char *operand, unsigned flags);

/* The samples, when they are there; NULL and idx_read()'s error when they cannot be had. */
const struct idx_set *reading_set(struct reading *reading, struct error *error);

/* Is the digest there, so that nobody would wait for it? And the digest; the samples are there, and it was asked for.
 */
bool reading_has_digest(struct reading *reading);
const char *reading_digest(struct reading *reading);

/* Wait until the thread has done with it, and free everything. */
void reading_end(struct reading *reading);

#endif
