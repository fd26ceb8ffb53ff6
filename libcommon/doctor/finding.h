/*
 * What was found of a file: the rows of ckpt-verify.
 *
 *     struct findings findings = { .ahead = &proofs };       // or { 0 }
 *     struct finding *finding = findings_add(&findings, path, RUN_CHECKPOINT);
 *     finding_fail(finding, STATUS_NO, "it is not of the epoch in its name");
 *     ... findings.at[0 .. findings.n - 1] ...
 *     findings_free(&findings);
 *
 * A finding begins as unjudged: it is proven only by who looked at it. Cannot-tell is a state of its own, and never
 * counts as damage.
 */
#ifndef DOCTOR_FINDING_H
#define DOCTOR_FINDING_H

#include "base/error.h"
#include "format/checkpoint.h"
#include "format/run_files.h"
#include "policy/chain.h"
#include "train/proofs.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum finding_state {
    FINDING_UNJUDGED, /* nobody has looked: what it takes to judge it could not be read */
    FINDING_PROVEN,
    FINDING_DIFFERS,    /* whole, but not what it claims to be, or not what belongs there: 1 */
    FINDING_INVALID,    /* not well-formed: 65 */
    FINDING_UNREADABLE, /* nobody can tell: 74, 71; or 65 for a format that is not known here */
    FINDING_MISSING,    /* it should be there: 1 */
    FINDING_KEPT,       /* of the run, but there is nothing that it could be proven by */
    FINDING_IGNORED,    /* not of the run */
    FINDING_STATES
};

/* What training again came to (doctor/replays.h). */
enum finding_replay { REPLAY_NONE, REPLAY_SAME, REPLAY_DIFFERS, REPLAY_PARENT_PRUNED, REPLAY_PARENT_MISSING };

struct finding {
    char *path;
    enum run_kind kind;
    uint64_t epoch; /* as its name says; of what is no checkpoint's, 0 */
    enum finding_state state;
    enum status status;       /* what it adds to the exit status */
    char *reason, *remedy;    /* NULL: none */
    bool in_the_way;          /* what mends it would not look at it: it must be moved aside first */
    bool pruned;              /* its checkpoint was pruned, and is not made again */
    bool known;               /* a checkpoint that could be read: */
    struct checkpoint claims; /* what it says of itself, but for tensors; the model is the finding's own */
    enum chain_verdict link;  /* how it hangs on its parent, if the chain was judged and it was proven before */
    enum finding_replay replay;
    const struct proofs *ahead; /* as of all findings */
};

struct findings {
    struct finding **at;
    size_t n;
    const struct proofs *ahead; /* of files whose proof was made already, each of which counts once; NULL: of none */
    struct data_sets *sets;     /* where data sets are kept for further runs (data_sets.h); NULL: nowhere */
};

/* Add a finding, which stays where it is; it takes over `path`. */
struct finding *findings_add(struct findings *findings, char *path, enum run_kind kind);

/* Take one out that is of no interest any more. */
void findings_drop(struct findings *findings, struct finding *finding);
void findings_free(struct findings *findings);

/* Record what is wrong: 1 is a difference, 65 invalid, anything else unreadable. Of what is recorded of a file, the
   first counts. */
void finding_fail(struct finding *finding, enum status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The same from an error about the file, whose path is left out of the reason. */
void finding_error(struct finding *finding, const struct error *error);

/* Record that it was looked at and nothing else was found, then or before. */
void finding_prove(struct finding *finding);

/* Record what is no damage, in a proven file's stead. */
void finding_note(struct finding *finding, enum finding_state state, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The state in a word. */
const char *finding_state_word(enum finding_state state);

#endif
