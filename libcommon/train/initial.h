/*
 * The first state of a run.
 */
#ifndef TRAIN_INITIAL_H
#define TRAIN_INITIAL_H

#include "train/state.h"

#include <stdbool.h>

/*
 * PyTorch's default: of conv and dense layers weight and bias uniform in (-b, b), b = 1 / sqrt(fan in), drawn from the
 * seed (rote-arithmetic(7), "Initial values"); of batchnorm weight 1, bias 0, running mean 0 and variance 1; moments
 * zero, the moving average as the parameters. He et al., "Delving deep into rectifiers", ICCV 2015, with
 * a = sqrt(5), is where PyTorch has it from.
 */
void initial_state(const struct plan *plan, uint64_t seed, struct state *state);

/* Take over the tensor `index` of `plan` from a session that has one of the same name and shape, and `with_moments`
   also its moments, for which both must have the same optimizer, and its moving average where both keep one. Returns
   whether it had. */
bool initial_take(const struct plan *plan, size_t index, const struct session *from, bool with_moments,
                  struct state *state);

#endif
