#include "format/runs.h"

#include "base/file.h"
#include "base/memory.h"
#include "format/checkpoint.h"
#include "format/run_files.h"

#include <stdlib.h>
#include <string.h>

enum status run_has_conf(const char *directory, bool *has, struct error *error)
{
    char *conf = path_join(directory, RUN_CONF);
    enum status status = file_exists(conf, has, error);

    free(conf);
    return status;
}

static enum status has_checkpoint(const char *directory, bool *has, struct error *error)
{
    char **names;
    size_t count;
    uint64_t epoch;
    enum status status = directory_list(directory, CHECKPOINT_SUFFIX, &names, &count, error);

    for (size_t i = 0; i < count; i++)
        *has |= run_checkpoint_name(names[i], &epoch);
    directory_free(names, count);
    return status;
}

/* Also of what is no directory, which is none. */
static enum status is_run(const char *path, bool *is, struct error *error)
{
    enum file_kind kind;
    enum status status = file_kind(path, &kind, error);

    *is = false;
    if (status || kind != FILE_DIRECTORY)
        return status;
    status = run_has_conf(path, is, error);
    return status || *is ? status : has_checkpoint(path, is, error);
}

static void add(struct runs *runs, char *path)
{
    runs->paths = memory_grow(runs->paths, runs->n, sizeof *runs->paths);
    runs->paths[runs->n++] = path;
}

static enum status add_those_in(struct runs *runs, const char *directory, struct error *error)
{
    char **names;
    size_t count;
    enum status status = directory_list(directory, "", &names, &count, error);

    for (size_t i = 0; i < count; i++) {
        char *path = path_join(directory, names[i]);
        bool is;
        if (is_run(path, &is, NULL) || is)
            add(runs, path);
        else
            free(path);
    }
    directory_free(names, count);
    return status;
}

enum status runs_add(struct runs *runs, const char *operand, struct error *error)
{
    enum file_kind kind;
    size_t before = runs->n;
    bool is = false;
    enum status status = file_operand_kind(operand, &kind, error);

    if (status == STATUS_OK && kind == FILE_DIRECTORY)
        status = is_run(operand, &is, error);
    if (status == STATUS_OK && kind == FILE_DIRECTORY && !is)
        status = add_those_in(runs, operand, error);
    if (runs->n == before)
        add(runs, memory_string(operand));
    return status;
}

void runs_free(struct runs *runs)
{
    directory_free(runs->paths, runs->n);
    *runs = (struct runs){ 0 };
}
