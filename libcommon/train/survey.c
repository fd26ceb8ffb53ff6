#include "train/survey.h"

#include "base/file.h"
#include "base/memory.h"
#include "format/pins.h"
#include "format/run_files.h"
#include "train/claims.h"

#include <stdlib.h>
#include <string.h>

/* What is to be read, and whose it is. */
struct listing {
    struct proofs proofs;
    struct partial {
        char *path;
        size_t run;
    } * partials;
    size_t partial_count;
};

static enum status list_checkpoints(struct survey *survey, struct surveyed_run *run, struct listing *listing,
                                    struct error *error)
{
    char **names;
    size_t count;
    uint64_t epoch;
    enum status status = directory_list(run->directory, CHECKPOINT_SUFFIX, &names, &count, error);

    run->first = survey->n;
    for (size_t i = 0; i < count; i++) {
        struct surveyed found = { .pinned = false };
        if (!run_checkpoint_name(names[i], &epoch))
            continue;
        found.path = path_join(run->directory, names[i]);
        proofs_add(&listing->proofs, memory_string(found.path));
        survey->checkpoints = memory_grow(survey->checkpoints, survey->n, sizeof found);
        survey->checkpoints[survey->n++] = found;
    }
    run->n = survey->n - run->first;
    directory_free(names, count);
    return status;
}

static enum status list_partials(const struct survey *survey, size_t run, struct listing *listing, struct error *error)
{
    char **names;
    size_t count;
    const char *directory = survey->runs[run].directory;
    enum status status = directory_list(directory, CHECKPOINT_SUFFIX CHECKPOINT_PARTIAL_SUFFIX, &names, &count, error);

    for (size_t i = 0; i < count; i++) {
        struct partial found = { path_join(directory, names[i]), run };
        proofs_add(&listing->proofs, memory_string(found.path));
        listing->partials = memory_grow(listing->partials, listing->partial_count, sizeof found);
        listing->partials[listing->partial_count++] = found;
    }
    directory_free(names, count);
    return status;
}

/* The checkpoints of a run, by epoch once they are taken. */
static struct surveyed *of_run(const struct survey *survey, const struct surveyed_run *run)
{
    return run->n ? survey->checkpoints + run->first : NULL;
}

/* What was found of a file. Here it is no answer that a checkpoint is another than it claims to be: the input is bad.
 */
static enum status take(const struct proofs *proofs, const char *path, struct checkpoint *claims, struct error *error)
{
    enum status status = STATUS_BUG;

    *claims = (struct checkpoint){ .model = NULL };
    proofs_take(proofs, path, claims, &status, error);
    return status == STATUS_NO ? (error->status = STATUS_DATA) : status;
}

static int compare_epochs(const void *left, const void *right)
{
    const struct surveyed *a = left, *b = right;

    return (a->claims.epoch > b->claims.epoch) - (a->claims.epoch < b->claims.epoch);
}

static enum status take_checkpoints(const struct survey *survey, const struct surveyed_run *run,
                                    const struct proofs *proofs, struct error *error)
{
    struct surveyed *at = of_run(survey, run);
    enum status status = STATUS_OK;

    for (size_t i = 0; i < run->n && status == STATUS_OK; i++) {
        const char *reason = NULL;
        status = take(proofs, at[i].path, &at[i].claims, error);
        if (status == STATUS_OK)
            reason = claims_against_name(&at[i].claims, path_base(at[i].path));
        if (reason)
            status = error_set(error, STATUS_DATA, "%s: prove: %s", at[i].path, reason);
    }
    if (run->n)
        qsort(at, run->n, sizeof *at, compare_epochs);
    return status;
}

/* A file of another run among ours would be judged as if its epoch and its metrics were of this one. */
static enum status check_chain(const struct survey *survey, const struct surveyed_run *run, struct error *error)
{
    const struct surveyed *at = of_run(survey, run);
    const struct checkpoint **claims = memory_new(run->n, sizeof *claims);
    enum chain_verdict *verdicts = memory_new(run->n, sizeof *verdicts);
    enum status status = STATUS_OK;

    for (size_t i = 0; i < run->n; i++)
        claims[i] = &at[i].claims;
    claims_judge_chain(claims, run->n, &run->tombstones, false, verdicts);
    for (size_t i = 0; i < run->n && status == STATUS_OK; i++)
        if (chain_reason(verdicts[i]))
            status = error_set(error, STATUS_DATA, "%s: prove: %s", at[i].path, chain_reason(verdicts[i]));
    free(claims);
    free(verdicts);
    return status;
}

static enum status mark_pinned(const struct survey *survey, const struct surveyed_run *run, struct error *error)
{
    struct surveyed *at = of_run(survey, run);
    struct pins pins;
    enum status status = pins_read(run->directory, &pins, error);

    for (size_t i = 0; i < run->n; i++)
        for (size_t j = 0; j < pins.n; j++)
            at[i].pinned |= at[i].claims.epoch == pins.epochs[j];
    pins_free(&pins);
    return status;
}

/* Mark the parent of one partial. One that is not there any more was finished and published while we looked. */
static enum status mark_parent(const struct survey *survey, const struct partial *partial, const struct proofs *proofs,
                               struct error *error)
{
    const struct surveyed_run *run = &survey->runs[partial->run];
    struct surveyed *at = of_run(survey, run);
    struct checkpoint claims;
    enum status status = take(proofs, partial->path, &claims, error);

    if (status == STATUS_NO_INPUT && file_is_absent(partial->path))
        status = STATUS_OK;
    else if (!status)
        for (size_t i = 0; i < run->n; i++)
            at[i].partial_from_it |= strcmp(at[i].claims.digest, claims.parent) == 0;
    claims_free(&claims);
    return status;
}

/* Put together what is known of each run. */
static enum status judge(struct survey *survey, const struct listing *listing, struct error *error)
{
    enum status status = STATUS_OK;

    for (size_t i = 0; i < survey->run_count && status == STATUS_OK; i++) {
        struct surveyed_run *run = &survey->runs[i];
        status = take_checkpoints(survey, run, &listing->proofs, error);
        if (status == STATUS_OK)
            status = tombstones_read(run->directory, &run->tombstones, error);
        if (status == STATUS_OK)
            status = mark_pinned(survey, run, error);
        if (status == STATUS_OK)
            status = check_chain(survey, run, error);
    }
    for (size_t i = 0; i < listing->partial_count && status == STATUS_OK; i++)
        status = mark_parent(survey, &listing->partials[i], &listing->proofs, error);
    return status;
}

enum status survey_make(const struct runs *runs, enum proofs_kind kind, size_t threads, struct survey *survey,
                        struct error *error)
{
    struct listing listing = { .proofs = { .kind = kind, .threads = threads } };
    enum status status = STATUS_OK;

    *survey = (struct survey){ .runs = memory_new(runs->n, sizeof *survey->runs), .run_count = runs->n };
    for (size_t i = 0; i < runs->n && status == STATUS_OK; i++) {
        survey->runs[i].directory = runs->paths[i];
        status = list_checkpoints(survey, &survey->runs[i], &listing, error);
        if (status == STATUS_OK)
            status = list_partials(survey, i, &listing, error);
    }
    if (status == STATUS_OK) {
        proofs_make(&listing.proofs);
        status = judge(survey, &listing, error);
    }
    proofs_free(&listing.proofs);
    for (size_t i = 0; i < listing.partial_count; i++)
        free(listing.partials[i].path);
    free(listing.partials);
    return status;
}

void survey_free(struct survey *survey)
{
    for (size_t i = 0; i < survey->n; i++) {
        free(survey->checkpoints[i].path);
        claims_free(&survey->checkpoints[i].claims);
    }
    for (size_t i = 0; i < survey->run_count; i++)
        tombstones_free(&survey->runs[i].tombstones);
    free(survey->checkpoints);
    free(survey->runs);
    *survey = (struct survey){ 0 };
}
