/*
 * The layers of a release as C (c_source.h): functions in C99, of which a source has those that its network uses.
 */
#ifndef RELEASE_C_LAYERS_H
#define RELEASE_C_LAYERS_H

#include "base/text.h"
#include "net/plan.h"

#include <stdbool.h>

/* Add what stands before and in the functions of the plan's layers. */
void c_layers_add(struct text *to, const struct plan *plan);

/* The function that computes a layer, and whether that takes its `struct window`. */
const char *c_layer_function(const struct layer *layer);
bool c_layer_has_window(const struct layer *layer);

#endif
