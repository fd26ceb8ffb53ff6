/*
 * Pins: the checkpoints that ckpt-prune keeps whatever the policy says. They are the names in the file `pinned` of a
 * run directory, one a line; empty lines mean nothing.
 *
 *     struct pins pins;
 *     if (pins_read("runs/a", &pins, &error))
 *         die_error(&error);
 *     ... pins.epochs[0 .. pins.n - 1] ...
 *     pins_free(&pins);
 */
#ifndef FORMAT_PINS_H
#define FORMAT_PINS_H

#include "base/error.h"

#include <stddef.h>
#include <stdint.h>

struct pins {
    uint64_t *epochs; /* those that the names are of, line by line */
    size_t n;
};

/* Read the pins of a run; a run without the file has none. 65: a line is no checkpoint's name. The caller frees them,
   also after an error. */
enum status pins_read(const char *directory, struct pins *pins, struct error *error);
void pins_free(struct pins *pins);

#endif
