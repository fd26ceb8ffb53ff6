/*
 * A run directory: what its files are called, and what is in it. rote-train(1) describes it.
 *
 *     struct run run;
 *     struct error error;
 *     if (run_read("runs/a", &run, &error))       // reads every checkpoint whole
 *         die_error(&error);
 *     ... run.checkpoints[0 .. run.n - 1] ...
 *     run_free(&run);
 */
#ifndef FORMAT_RUN_H
#define FORMAT_RUN_H

#include "base/digest.h"
#include "base/error.h"
#include "base/records.h"
#include "format/tombstones.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RUN_METRICS "metrics.tsv"
#define RUN_EVALUATION_SUFFIX ".eval"
#define RUN_PINNED "pinned" /* names of checkpoints that ckpt-prune keeps, one a line */

struct run_checkpoint {
    char *name; /* in the directory */
    char digest[DIGEST_SIZE], parent[DIGEST_SIZE], data[DIGEST_SIZE];
    uint64_t epoch, step;
    bool pinned;          /* the file `pinned` names it */
    bool partial_from_it; /* the parent of an unfinished epoch, NAME.safetensors.part */
};

struct run {
    const char *directory;
    struct run_checkpoint *checkpoints; /* by epoch */
    size_t n;
    struct tombstones tombstones;
};

/* Is `name` that of a run's checkpoint, "epoch-NNNN.safetensors" with at least four digits? Then *epoch is its number.
 */
bool run_checkpoint_name(const char *name, uint64_t *epoch);

/*
 * Read all checkpoints of a run and prove each: it is valid, finished, and of the epoch that its name says. Other files
 * are no matter, whatever is in them. Whether the checkpoints are one chain is policy/chain.h's question.
 * 1: a digest differs; 65: a file is otherwise not so, or `pinned` names what no checkpoint is called; 66: one is not
 * there; 74, 71: cannot tell. The checkpoints are listed before anything else is read: what comes later is not judged.
 * The caller frees the run with run_free(), also after an error.
 */
enum status run_read(const char *directory, struct run *run, struct error *error);
void run_free(struct run *run);

/* Add a run's own records to `records`: metrics.tsv where there is one, and all *.eval. */
enum status run_read_records(const char *directory, struct records *records, struct error *error);

/* Add the records that an operand stands for: those of a run directory, of a file, or of stdin for "-". Relative paths
   in them are relative to *directory, which is the operand if that is a directory, else NULL: the current one. */
enum status run_read_operand(const char *operand, struct records *records, const char **directory, struct error *error);

#endif
