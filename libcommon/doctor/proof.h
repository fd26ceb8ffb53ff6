/*
 * Proving checkpoints: each by itself, and those of a directory together.
 */
#ifndef DOCTOR_PROOF_H
#define DOCTOR_PROOF_H

#include "doctor/finding.h"
#include "format/tombstones.h"

/* One file ("-" is stdin) by itself: claims_prove(), now or ahead. */
void proof_of_file(struct finding *finding);

/* In a directory, a proven file is what its name says. */
void proof_of_name(struct finding *finding);

/* The chain (policy/chain.h) among the checkpoints and partial ones of a directory. `incomplete`: of the directory
   something could not be read, so that a parent that is missing proves nothing. */
void proof_of_chain(struct findings *findings, const struct tombstones *tombstones, bool incomplete);

#endif
