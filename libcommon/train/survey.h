/*
 * What there is in runs, as it must be known before any of it is deleted.
 *
 *     struct survey survey;
 *     struct error error;
 *     if (survey_make(&runs, PROOFS_WHOLE, 4, &survey, &error))
 *         die_error(&error);
 *     ... survey.checkpoints[0 .. survey.n - 1] ...
 *     survey_free(&survey);
 */
#ifndef TRAIN_SURVEY_H
#define TRAIN_SURVEY_H

#include "format/checkpoint.h"
#include "format/runs.h"
#include "format/tombstones.h"
#include "train/proofs.h"

#include <stdbool.h>
#include <stddef.h>

struct surveyed {
    char *path;
    struct checkpoint claims; /* what it says of itself (train/claims.h) */
    bool pinned;              /* the file `pinned` of its run names it */
    bool partial_from_it;     /* the parent of an unfinished epoch, NAME.safetensors.part */
};

struct surveyed_run {
    const char *directory;
    size_t first, n; /* its checkpoints, by epoch */
    struct tombstones tombstones;
};

struct survey {
    struct surveyed_run *runs;
    size_t run_count;
    struct surveyed *checkpoints; /* run after run */
    size_t n;
};

/*
 * Read all checkpoints of these runs, which are to stay as long as the survey, with so many threads. With PROOFS_WHOLE
 * each is proven, and with either kind each must be what its name says and hang on its parent (policy/chain.h), as far
 * as headers tell; so must partial ones be proven, whatever their names. Other files are no matter, whatever is in
 * them.
 * 65: a file is not so, or `pinned` names what no checkpoint is called, or tombstones are not well-formed; 66: one is
 * not there; 74, 71: cannot tell. The checkpoints of a run are listed before anything else of it is read: what comes
 * later is not judged. The caller frees the survey with survey_free(), also after an error.
 */
enum status survey_make(const struct runs *runs, enum proofs_kind kind, size_t threads, struct survey *survey,
                        struct error *error);
void survey_free(struct survey *survey);

#endif
