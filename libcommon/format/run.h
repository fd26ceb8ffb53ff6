/*
 * A run directory: what its files are called, and the records in it. rote-train(1) describes it; its checkpoints are
 * read by train/proven_run.h.
 */
#ifndef FORMAT_RUN_H
#define FORMAT_RUN_H

#include "base/error.h"
#include "base/records.h"
#include "format/tombstones.h" /* TOMBSTONES_FILE is one of its names */

#include <stdbool.h>
#include <stdint.h>

#define RUN_METRICS "metrics.tsv"
#define RUN_EVALUATION_SUFFIX ".eval"
#define RUN_PINNED "pinned" /* names of checkpoints that ckpt-prune keeps, one a line */

/* Is `name` that of a run's checkpoint, "epoch-NNNN.safetensors" with at least four digits? Then *epoch is its number.
 */
bool run_checkpoint_name(const char *name, uint64_t *epoch);

/* Add a run's own records to `records`: metrics.tsv where there is one, and all *.eval. */
enum status run_read_records(const char *directory, struct records *records, struct error *error);

/* Add the records that an operand stands for: those of a run directory, of a file, or of stdin for "-". Relative paths
   in them are relative to *directory, which is the operand if that is a directory, else NULL: the current one. */
enum status run_read_operand(const char *operand, struct records *records, const char **directory, struct error *error);

#endif
