/* The engine of plain scalar loops: the readable, executable specification of rote-arithmetic(7). layers.h is the place
 * to begin. */
#ifndef ENGINE_REF_REF_H
#define ENGINE_REF_REF_H

#include "engine/engine.h"

extern const struct engine_kind engine_ref;

#endif
