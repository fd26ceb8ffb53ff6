/*
 * The doctor: of checkpoints whether they are proven, and of every file of a run what it is, whether it is proven, and
 * which command mends what is off.
 *
 *     struct findings findings = { 0 };
 *     struct error error;
 *     enum status status = doctor_examine("runs/a", &findings, &error);
 *     ... findings.at[0 .. findings.n - 1] ...
 *     findings_free(&findings);
 *
 * What a file of a run is proven by:
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
#ifndef DOCTOR_DOCTOR_H
#define DOCTOR_DOCTOR_H

#include "doctor/finding.h"
#include "format/tombstones.h"

/*
 * Find out about all that an operand stands for: a file ("-" is stdin); all files of a run, by kind, then epoch, then
 * path; or the checkpoints of another directory, which must also be what their names say and hang together. The status
 * is for what is wrong with the operand itself: 66, it is not there or a directory without checkpoints, or its
 * tombstones are no file; 65, they are not well-formed; 74, 71, cannot tell. Findings have been added also then. Locks
 * in a run are tried for a moment, to see whether a living process holds them.
 */
enum status doctor_examine(const char *operand, struct findings *findings, struct error *error);

/*
 * Of a directory, be it a run or not, the checkpoints alone, and what its tombstones say of others: all that its chain
 * is made of; each finding's `link` says how it hangs on its parent. The status is that of doctor_examine(). The caller
 * frees the tombstones, also after an error.
 */
enum status doctor_examine_chain(const char *directory, struct findings *findings, struct tombstones *tombstones,
                                 struct error *error);

#endif
