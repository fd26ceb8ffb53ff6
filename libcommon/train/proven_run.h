/*
 * A run of which every checkpoint was proven, as it must be before any of them is deleted.
 *
 *     struct proven_run run;
 *     struct error error;
 *     if (proven_run_read("runs/a", &run, &error))       // reads every checkpoint whole
 *         die_error(&error);
 *     ... run.checkpoints[0 .. run.n - 1] ...
 *     proven_run_free(&run);
 */
#ifndef TRAIN_PROVEN_RUN_H
#define TRAIN_PROVEN_RUN_H

#include "format/checkpoint.h"
#include "format/tombstones.h"

#include <stdbool.h>
#include <stddef.h>

struct proven_checkpoint {
    char *name;               /* in the directory */
    struct checkpoint claims; /* what it says of itself (train/claims.h) */
    bool pinned;              /* the file `pinned` names it */
    bool partial_from_it;     /* the parent of an unfinished epoch, NAME.safetensors.part */
};

struct proven_run {
    const char *directory;
    struct proven_checkpoint *checkpoints; /* by epoch */
    size_t n;
    struct tombstones tombstones;
};

/*
 * Read all checkpoints of a run and prove each, as claims_prove() does, and by its name; partial ones are proven too.
 * Other files are no matter, whatever is in them. Whether the checkpoints are one chain is policy/chain.h's question.
 * 65: a file is not so, or `pinned` names what no checkpoint is called; 66: one is not there; 74, 71: cannot tell. The
 * checkpoints are listed before anything else is read: what comes later is not judged. The caller frees the run with
 * proven_run_free(), also after an error.
 */
enum status proven_run_read(const char *directory, struct proven_run *run, struct error *error);
void proven_run_free(struct proven_run *run);

#endif
