/*
 * A release as safetensors: the weights and nothing else of the state, under PyTorch's names, with their card as
 * metadata.
 */
#ifndef RELEASE_WEIGHTS_H
#define RELEASE_WEIGHTS_H

#include "base/text.h"
#include "format/checkpoint.h"
#include "release/card.h"

/* Add the file that has the "model." tensors of a proven checkpoint without this prefix. `values` are laid out as the
   checkpoint's, and are these or what takes their place (train/state.h, state_choose()). The metadata is `format` "pt",
   for readers that look for it, then the card. 65: the card says what JSON cannot; `path` is for the message. */
enum status weights_add(struct text *to, const struct checkpoint *checkpoint, const float *values,
                        const struct card *card, const char *path, struct error *error);

#endif
