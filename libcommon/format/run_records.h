/*
 * The records of a run: what ckpt-best and ckpt-prune judge by.
 *
 *     struct records records = { 0 };
 *     const char *directory;
 *     if (run_records_of_operand("runs/a", &records, &directory, &error))
 *         die_error(&error);
 *     ...
 *     records_free(&records);
 */
#ifndef FORMAT_RUN_RECORDS_H
#define FORMAT_RUN_RECORDS_H

#include "base/error.h"
#include "base/records.h"

/* Add a run's own records to `records`: metrics.tsv where there is one, and all *.eval. */
enum status run_records_read(const char *directory, struct records *records, struct error *error);

/* Add the records that an operand stands for: those of a run directory, of a file, or of stdin for "-". Relative paths
   in them are relative to *directory, which is the operand if that is a directory, else NULL: the current one. */
enum status run_records_of_operand(const char *operand, struct records *records, const char **directory,
                                   struct error *error);

#endif
