/*
 * What many checkpoints say of themselves, each proven or not, found out by several threads.
 *
 *     struct proofs proofs = { .kind = PROOFS_WHOLE, .threads = 4 };
 *     proofs_add(&proofs, memory_string("runs/a/epoch-0003.safetensors"));      // as often as there are files
 *     proofs_make(&proofs);
 *     if (proofs_take(&proofs, "runs/a/epoch-0003.safetensors", &claims, &status, &error))
 *         ... as after status = claims_prove("runs/a/epoch-0003.safetensors", &claims, &error) ...
 *     proofs_free(&proofs);
 */
#ifndef TRAIN_PROOFS_H
#define TRAIN_PROOFS_H

#include "format/checkpoint.h"

#include <stdbool.h>
#include <stddef.h>

enum proofs_kind {
    PROOFS_WHOLE,  /* claims_prove() */
    PROOFS_HEADER, /* claims_read(): nothing is proven but that there is such a header */
};

struct proofs {
    enum proofs_kind kind;
    size_t threads; /* at most so many */
    struct proof *at;
    size_t n;
};

/* Add a file; takes over its path. */
void proofs_add(struct proofs *proofs, char *path);

/* Look at all of them. */
void proofs_make(struct proofs *proofs);

/* Add and look at the files that the first of `n` operands stand for (checkpoint_files(), of these kinds): of so many
   operands that all threads have work for a while, and returns how many they are. */
size_t proofs_make_ahead(struct proofs *proofs, char *const *operands, size_t n, unsigned files);

/* Give away what was found of a file; the caller frees the claims. False, and nothing is given: it is none of these, or
   was taken before. After proofs_make(). */
bool proofs_take(const struct proofs *proofs, const char *path, struct checkpoint *claims, enum status *status,
                 struct error *error);
void proofs_free(struct proofs *proofs);

#endif
