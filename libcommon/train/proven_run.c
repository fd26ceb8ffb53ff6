#include "train/proven_run.h"

#include "base/file.h"
#include "base/memory.h"
#include "format/checkpoint.h"
#include "format/run.h"
#include "train/state.h"

#include <stdlib.h>
#include <string.h>

static enum status prove_file(const char *path, struct proven_checkpoint *found, struct error *error)
{
    struct session session;
    const struct checkpoint *checkpoint;
    enum status status = session_load(path, &session, error);

    if (status)
        return status;
    checkpoint = session.checkpoint;
    if (checkpoint->batch)
        status = error_set(error, STATUS_DATA, "%s: prove: its epoch is unfinished, as that of a partial", path);
    else if (checkpoint->epoch != found->epoch)
        status = error_set(error, STATUS_DATA, "%s: prove: it is of epoch %llu, not of that in its name", path,
                           (unsigned long long)checkpoint->epoch);
    strcpy(found->digest, checkpoint->digest);
    strcpy(found->parent, checkpoint->parent);
    strcpy(found->data, checkpoint->data);
    found->step = checkpoint->step;
    session_free(&session);
    return status;
}

static int compare_epochs(const void *left, const void *right)
{
    const struct proven_checkpoint *a = left, *b = right;

    return (a->epoch > b->epoch) - (a->epoch < b->epoch);
}

static enum status prove_files(struct proven_run *run, struct error *error)
{
    char **names;
    size_t count;
    enum status status = directory_list(run->directory, CHECKPOINT_SUFFIX, &names, &count, error);

    for (size_t i = 0; i < count && status == STATUS_OK; i++) {
        struct proven_checkpoint found = { 0 };
        char *path;
        if (!run_checkpoint_name(names[i], &found.epoch))
            continue;
        path = path_join(run->directory, names[i]);
        status = prove_file(path, &found, error);
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

static struct proven_checkpoint *find_digest(const struct proven_run *run, const char *digest)
{
    for (size_t i = 0; i < run->n; i++)
        if (strcmp(run->checkpoints[i].digest, digest) == 0)
            return &run->checkpoints[i];
    return NULL;
}

/* Mark the parent of one partial. One that is not there any more was finished and published while we looked. */
static enum status mark_parent(const struct proven_run *run, const char *path, struct error *error)
{
    struct session session;
    struct proven_checkpoint *parent;
    enum status status = session_load(path, &session, error);

    if (status)
        return status == STATUS_NO_INPUT && file_is_absent(path) ? STATUS_OK : status;
    parent = find_digest(run, session.checkpoint->parent);
    if (parent)
        parent->partial_from_it = true;
    session_free(&session);
    return STATUS_OK;
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

static enum status mark_pinned(const struct proven_run *run, const char *path, struct error *error)
{
    struct bytes bytes;
    enum status status = file_read_regular(path, &bytes, error);
    char *rest = (char *)bytes.at, *name;
    uint64_t epoch;

    if (bytes.size && strlen(rest) != bytes.size)
        status = error_set(error, STATUS_DATA, "%s: read: it contains a NUL byte", path);
    for (size_t line = 1; status == STATUS_OK && (name = strsep(&rest, "\n")); line++) {
        if (*name && !run_checkpoint_name(name, &epoch))
            status = error_set(error, STATUS_DATA,
                               "%s:%zu: read: no checkpoint is called '%s'; a line is a name like epoch-0003%s", path,
                               line, name, CHECKPOINT_SUFFIX);
        for (size_t i = 0; i < run->n; i++)
            if (strcmp(run->checkpoints[i].name, name) == 0)
                run->checkpoints[i].pinned = true;
    }
    free(bytes.at);
    return status;
}

static enum status read_pinned(const struct proven_run *run, struct error *error)
{
    char *path = path_join(run->directory, RUN_PINNED);
    bool exists;
    enum status status = file_exists(path, &exists, error);

    if (exists)
        status = mark_pinned(run, path, error);
    free(path);
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
        status = read_pinned(run, error);
    return status;
}

void proven_run_free(struct proven_run *run)
{
    for (size_t i = 0; i < run->n; i++)
        free(run->checkpoints[i].name);
    free(run->checkpoints);
    tombstones_free(&run->tombstones);
}
