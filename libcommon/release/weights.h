/*
 * A release as safetensors: weights under PyTorch's names, with their card as metadata.
 */
#ifndef RELEASE_WEIGHTS_H
#define RELEASE_WEIGHTS_H

#include "base/text.h"
#include "net/plan.h"
#include "release/card.h"

/* Add the file that has the plan's tensors; `weights` are laid out as a checkpoint's. The metadata is `format` "pt",
   for readers that look for it, then each entry of the card as a string, then the whole card as JSON, then the digest
   of the weights (net/plan.h). 65: the card says what JSON cannot; `path` is for the message. */
enum status weights_add(struct text *to, const struct plan *plan, const float *weights, const struct card *card,
                        const char *path, struct error *error);

#endif
