/*
 * The metrics that decisions about runs go by, from the records of an operand.
 *
 *     struct metrics metrics = { .key = "valid.accuracy" };
 *     if (run_metrics_add(&metrics, "runs", &error) || metrics_merge(&metrics, &error))
 *         die_error(&error);
 */
#ifndef TRAIN_RUN_METRICS_H
#define TRAIN_RUN_METRICS_H

#include "format/runs.h"
#include "policy/metrics.h"

/* Add what the records of an operand say, as metrics_add() does: those of a run, of each run in a directory of runs
   (format/runs.h), of a file, or of stdin for "-". */
enum status run_metrics_add(struct metrics *metrics, const char *operand, struct error *error);

/* The same of what runs_add() has found. */
enum status run_metrics_add_runs(struct metrics *metrics, const struct runs *runs, struct error *error);

#endif
