/*
 * The evaluation of a checkpoint, epoch-NNNN.eval in a run: the record of ckpt-info on it, then one of nn-eval for each
 * data set that it was measured on.
 *
 *     struct run_evaluation evaluation;
 *     if (!run_evaluation_read("runs/a/epoch-0003.eval", 3, &evaluation, &error))
 *         ... record_get(evaluation.own, "digest"), record_get(run_evaluation_of(&evaluation, "valid"), "loss") ...
 *     run_evaluation_free(&evaluation);
 */
#ifndef FORMAT_RUN_EVALUATION_H
#define FORMAT_RUN_EVALUATION_H

#include "base/error.h"
#include "base/records.h"

#include <stdint.h>

struct run_evaluation {
    struct records records;
    const struct record *own; /* what the checkpoint says of itself */
};

/* Read one, of which the name says that it is of `epoch`. 65: records are not well-formed, are not all of one
   checkpoint and of that epoch, lack a column, say twice what a data set is, or have numbers that cannot be: more right
   than there are, or an accuracy that is not their quotient or not within its interval. The caller frees it, also after
   an error. */
enum status run_evaluation_read(const char *path, uint64_t epoch, struct run_evaluation *evaluation,
                                struct error *error);
void run_evaluation_free(struct run_evaluation *evaluation);

/* The record of the data set that is called `split`, or NULL. */
const struct record *run_evaluation_of(const struct run_evaluation *evaluation, const char *split);

#endif
