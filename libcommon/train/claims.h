/*
 * What a checkpoint says of itself, and the proof of it. Its tensors go by and are not kept.
 *
 *     struct checkpoint claims;
 *     if (claims_prove("runs/a/epoch-0003.safetensors", &claims, &error))
 *         ...
 *     else if (claims_against_name(&claims, "epoch-0003.safetensors"))
 *         ...
 *     claims_free(&claims);
 */
#ifndef TRAIN_CLAIMS_H
#define TRAIN_CLAIMS_H

#include "format/checkpoint.h"
#include "format/tombstones.h"
#include "policy/chain.h"

/*
 * Read a checkpoint ("-" is stdin) and prove it by itself: its digest is that of its bytes, its tensors are finite and
 * those of its model. The status is that of checkpoint_prove() or session_check(). *claims is what could be read of it,
 * also where it is not proven; where nothing could, its model is NULL. The caller frees it.
 */
enum status claims_prove(const char *path, struct checkpoint *claims, struct error *error);

/* The same by its header alone, which proves nothing: a few kilobytes are read. */
enum status claims_read(const char *path, struct checkpoint *claims, struct error *error);
void claims_free(struct checkpoint *claims);

/* Why a checkpoint is not what its name in a directory says, in words, or NULL: a name that ends in ".part" is of an
   unfinished epoch, any other of a finished one, and that of a run has its number. */
const char *claims_against_name(const struct checkpoint *claims, const char *name);

/* Judge the chain (policy/chain.h) among the proven checkpoints of a directory, n of them, and its tombstones, as
   chain_judge() does. `incomplete`: something of the directory could not be read. */
void claims_judge_chain(const struct checkpoint *const *claims, size_t n, const struct tombstones *tombstones,
                        bool incomplete, enum chain_verdict *verdicts);

#endif
