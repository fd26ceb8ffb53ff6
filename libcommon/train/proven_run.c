#include "train/proven_run.h"

#include "base/file.h"
#include "base/memory.h"
#include "format/pins.h"
#include "format/run_files.h"
#include "train/claims.h"

#include <stdlib.h>
#include <string.h>

/* Here it is no answer that a checkpoint is another than it claims to be: the input is bad. */
static enum status prove(const char *path, struct checkpoint *claims, struct error *error)
{
    enum status status = claims_prove(path, claims, error);

    return status == STATUS_NO ? (error->status = STATUS_DATA) : status;
}

static enum status prove_file(const char *path, struct checkpoint *claims, struct error *error)
{
    enum status status = prove(path, claims, error);
    const char *reason = status ? NULL : claims_against_name(claims, path_base(path));

    return reason ? error_set(error, STATUS_DATA, "%s: prove: %s", path, reason) : status;
}

static int compare_epochs(const void *left, const void *right)
{
    const struct proven_checkpoint *a = left, *b = right;

    return (a->claims.epoch > b->claims.epoch) - (a->claims.epoch < b->claims.epoch);
}

static enum status prove_files(struct proven_run *run, struct error *error)
{
    char **names;
    size_t count;
    enum status status = directory_list(run->directory, CHECKPOINT_SUFFIX, &names, &count, error);

    for (size_t i = 0; i < count && status == STATUS_OK; i++) {
        struct proven_checkpoint found = { 0 };
        uint64_t epoch;
        char *path;
        if (!run_checkpoint_name(names[i], &epoch))
            continue;
        path = path_join(run->directory, names[i]);
        status = prove_file(path, &found.claims, error);
        free(path);
        found.name = memory_string(names[i]);
        run->checkpoints = memory_grow(run->checkpoints, run->n, sizeof *run->checkpoints);
        run->checkpoints[run->n++] = found;
    }
    directory_free(names, count);
    if (run->n)
        qsort(run->checkpoints, run->n, sizeof *run->checkpoints, compare_epochs);
    return status;
}

/* Mark the parent of one partial. One that is not there any more was finished and published while we looked. */
static enum status mark_parent(const struct proven_run *run, const char *path, struct error *error)
{
    struct checkpoint claims;
    enum status status = prove(path, &claims, error);

    if (status == STATUS_NO_INPUT && file_is_absent(path))
        status = STATUS_OK;
    else if (!status)
        for (size_t i = 0; i < run->n; i++)
            run->checkpoints[i].partial_from_it |= strcmp(run->checkpoints[i].claims.digest, claims.parent) == 0;
    claims_free(&claims);
    return status;
}

static enum status mark_parents(const struct proven_run *run, struct error *error)
{
    char **names;
    size_t count;
    enum status status =
        directory_list(run->directory, CHECKPOINT_SUFFIX CHECKPOINT_PARTIAL_SUFFIX, &names, &count, error);

    for (size_t i = 0; i < count && status == STATUS_OK; i++) {
        char *path = path_join(run->directory, names[i]);
        status = mark_parent(run, path, error);
        free(path);
    }
    directory_free(names, count);
    return status;
}

static enum status mark_pinned(const struct proven_run *run, struct error *error)
{
    struct pins pins;
    enum status status = pins_read(run->directory, &pins, error);

    for (size_t i = 0; i < run->n; i++)
        for (size_t j = 0; j < pins.n; j++)
            run->checkpoints[i].pinned |= run->checkpoints[i].claims.epoch == pins.epochs[j];
    pins_free(&pins);
    return status;
}

enum status proven_run_read(const char *directory, struct proven_run *run, struct error *error)
{
    enum status status;

    *run = (struct proven_run){ .directory = directory };
    status = prove_files(run, error);
    if (status == STATUS_OK)
        status = tombstones_read(directory, &run->tombstones, error);
    if (status == STATUS_OK)
        status = mark_parents(run, error);
    if (status == STATUS_OK)
        status = mark_pinned(run, error);
    return status;
}

void proven_run_free(struct proven_run *run)
{
    for (size_t i = 0; i < run->n; i++) {
        free(run->checkpoints[i].name);
        claims_free(&run->checkpoints[i].claims);
    }
    free(run->checkpoints);
    tombstones_free(&run->tombstones);
}
