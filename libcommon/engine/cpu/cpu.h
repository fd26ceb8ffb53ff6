/*
 * The default engine: the bits of engine/ref at the speed of the processor. Every sum is a chain in the order of
 * rote-arithmetic(7), and vectors run over outputs, so that no order changes.
 */
#ifndef ENGINE_CPU_CPU_H
#define ENGINE_CPU_CPU_H

#include "engine/engine.h"

extern const struct engine_kind engine_cpu;

#endif
