/*
 * Random networks: texts of the whole language of rote-model(5), for tests that hold an engine to engine/ref.
 *
 *     struct networks networks = networks_begin(seed);       // the same networks for a seed, everywhere
 *     char *text = networks_text(&networks, work);           // one that makes a plan; the caller frees it
 *
 * Their sizes are about those of tiles, chunks and blocks: few rows and columns, 1 to 70 channels, batches of 1 to 70.
 */
#ifndef NETWORKS_H
#define NETWORKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct networks {
    uint64_t state;
};

struct networks networks_begin(uint64_t seed);

/* `work`: a limit for the multiplications of a batch forward; projections come on top. */
char *networks_text(struct networks *networks, size_t work);

/* The generator's own numbers, for what else a test draws: from 0 to n - 1; true one time in n. */
size_t networks_below(struct networks *networks, size_t n);
bool networks_once_in(struct networks *networks, size_t n);

#endif
