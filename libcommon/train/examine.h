/*
 * A run looked at by a doctor: of every file in its directory what it is, whether it is proven, and which command mends
 * what is off.
 *
 *     struct findings findings = { 0 };
 *     status = examine_run("runs/a", &findings, &error);
 *
 * What a file is proven by:
 *
 *     checkpoints, partial ones   themselves, the chain (policy/chain.h), and the one
 *                                 that is `save-every` epochs before
 *     run.conf, net.model         the first checkpoint of the chain has the digest of
 *                                 the one that they make; it need not be there, its
 *                                 successor or tombstone knows it
 *     data.tsv, *.list            the digest that the checkpoints have of their data,
 *                                 and the data, where that is there: then lists are
 *                                 what its labels, the seed, val and samples make
 *     evaluations                 they are of the proven or pruned checkpoint, of the
 *                                 sets in data.tsv, complete, and their figures can be;
 *                                 whether the losses are right only evaluating again
 *                                 would tell
 *     metrics.tsv                 it says what the evaluations say
 *     pruned.tsv, pinned          well-formed, and no contradiction to the checkpoints
 *
 * Remedies are what rote-train would do or, where that would not look, a file moved aside first; a file that is made
 * once, when a run begins, comes from a second run of the same settings. Each is said for its file alone.
 */
#ifndef TRAIN_EXAMINE_H
#define TRAIN_EXAMINE_H

#include "train/finding.h"

/* Add what is found of the run in `directory`, by kind, then epoch, then path. The status is other than 0 only if the
   directory itself cannot be read. Locks are tried for a moment, to see whether a living process holds them. */
enum status examine_run(const char *directory, struct findings *findings, struct error *error);

#endif
