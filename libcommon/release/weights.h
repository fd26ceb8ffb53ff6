/*
 * A release as safetensors: the weights and nothing else of the state, under PyTorch's names, with their card as
 * metadata.
 */
#ifndef RELEASE_WEIGHTS_H
#define RELEASE_WEIGHTS_H

#include "base/output.h"
#include "format/checkpoint.h"
#include "release/card.h"

/* Write the "model." tensors of a proven checkpoint without this prefix, whole or not at all. `values` are laid out as
   the checkpoint's, and are these or what takes their place (train/state.h, state_choose()). The metadata is `format`
   "pt", for readers that look for it, then the card. Ends the program on error; 65: the card says what JSON cannot. */
void weights_write(const struct checkpoint *checkpoint, const float *values, const struct card *card, const char *path,
                   enum output_mode mode);

#endif
