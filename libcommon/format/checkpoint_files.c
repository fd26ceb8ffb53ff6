#include "format/checkpoint.h"

#include "base/file.h"
#include "base/memory.h"

#include <string.h>

bool checkpoint_is_partial_name(const char *name)
{
    size_t n = strlen(name), m = strlen(CHECKPOINT_PARTIAL_SUFFIX);

    return n >= m && strcmp(name + n - m, CHECKPOINT_PARTIAL_SUFFIX) == 0;
}

/* Add the files of `directory` whose names end in `suffix`. */
static enum status add_files(const char *directory, const char *suffix, struct checkpoint_files *files,
                             struct error *error)
{
    char **names;
    size_t n;
    enum status status = directory_list(directory, suffix, &names, &n, error);

    for (size_t i = 0; i < n; i++) {
        files->paths = memory_grow(files->paths, files->count, sizeof *files->paths);
        files->paths[files->count++] = path_join(directory, names[i]);
    }
    directory_free(names, n);
    return status;
}

enum status checkpoint_files(const char *operand, unsigned kinds, struct checkpoint_files *files, struct error *error)
{
    enum file_kind kind;
    enum status status = file_operand_kind(operand, &kind, error);

    *files = (struct checkpoint_files){ .in_directory = kind == FILE_DIRECTORY };
    if (status)
        return status;
    if (!files->in_directory) {
        files->paths = memory_new(1, sizeof *files->paths);
        files->paths[files->count++] = memory_string(operand);
        return STATUS_OK;
    }
    if (kinds & CHECKPOINT_FINISHED)
        status = add_files(operand, CHECKPOINT_SUFFIX, files, error);
    if (!status && kinds & CHECKPOINT_PARTIAL)
        status = add_files(operand, CHECKPOINT_SUFFIX CHECKPOINT_PARTIAL_SUFFIX, files, error);
    if (!status && files->count == 0)
        status =
            error_set(error, STATUS_NO_INPUT, "%s: look for checkpoints: there are none in this directory", operand);
    return status;
}

void checkpoint_files_free(struct checkpoint_files *files)
{
    directory_free(files->paths, files->count);
    *files = (struct checkpoint_files){ 0 };
}
