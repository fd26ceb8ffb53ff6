/*
 * Proving checkpoints: each by itself, and those of a directory together.
 *
 *     struct findings findings = { 0 };
 *     struct error error;
 *     enum status status = proof_operand("runs/a", &findings, &error);
 *
 * One checkpoint is in memory at a time.
 */
#ifndef TRAIN_PROOF_H
#define TRAIN_PROOF_H

#include "format/tombstones.h"
#include "train/finding.h"

/*
 * Find out about all that an operand stands for: a file ("-" is stdin); all files of a run (train/examine.h); or the
 * checkpoints of another directory, which must also be what their names say and hang together (policy/chain.h). The
 * status is for what is wrong with the operand itself: 66, it is not there or a directory without checkpoints; 65, its
 * tombstones are not well-formed; 74, 71, cannot tell. Findings have been added also then.
 */
enum status proof_operand(const char *operand, struct findings *findings, struct error *error);

/* One file by itself: its digest, and that its tensors are finite and those of its model. */
void proof_of_file(struct finding *finding);

/* In a directory, a proven file is what its name says. */
void proof_of_name(struct finding *finding);

/* The chain among the checkpoints and partial ones of a directory. `incomplete`: of the directory something could not
   be read, so that a parent that is missing proves nothing. */
void proof_of_chain(struct findings *findings, const struct tombstones *tombstones, bool incomplete);

#endif
