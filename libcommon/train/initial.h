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

/* Epoch 0 as it lies in a checkpoint, that of `model` and `seed` alone: all but its tensors and its digest are set. */
struct checkpoint initial_checkpoint(const struct model *model, uint64_t seed, const struct state *state);

/* The digest of the checkpoint that nn-init(1) makes of `model`, whose plan is `plan`, and `seed`. */
void initial_digest(const struct model *model, const struct plan *plan, uint64_t seed, char digest[DIGEST_SIZE]);

/* Take over the tensor `index` of `plan` from a session that has one of the same name and shape; returns whether it
   had. What is taken is what the session's network is evaluated by, its moving average where it keeps one; but
   `with_moments` training goes on as it was: parameters, moments (both must have the same optimizer) and average are
   each taken for themselves. */
bool initial_take(const struct plan *plan, size_t index, const struct session *from, bool with_moments,
                  struct state *state);

/* 65: the moments that `from`, the checkpoint at `path`, keeps are not those that the optimizer of `plan` does. */
enum status initial_check_optimizer(const struct plan *plan, const struct session *from, const char *path,
                                    struct error *error);

/* A fork: go on as the checkpoint of `from`, at `path`, would, but under the recipe of `plan`. Its whole state is
   taken, and its epoch, steps, data, class and progress; its digest becomes the parent. 65: its epoch is unfinished,
   its tensors are not those of the plan, or its optimizer is another one. */
enum status initial_fork(const struct plan *plan, const struct session *from, const char *path, struct state *state,
                         struct checkpoint *checkpoint, struct error *error);

#endif
