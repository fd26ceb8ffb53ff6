/*
 * Which run came from which: the digest that a run's first checkpoint names as its parent is that of a checkpoint of
 * another one.
 *
 *     family_find(summaries, n);
 *     ... summaries[i].from, summaries[i].from_epoch ...
 */
#ifndef REGISTRY_FAMILY_H
#define REGISTRY_FAMILY_H

#include "registry/summary.h"

/* Set `from` of each of the `n` whose parent is a checkpoint of another of them. Of several that have it, copies of one
   run say, it is the first. */
void family_find(struct summary *summaries, size_t n);

#endif
