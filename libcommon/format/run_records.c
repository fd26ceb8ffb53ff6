#include "format/run_records.h"

#include "base/file.h"
#include "format/run_files.h"

#include <stdlib.h>

enum status run_records_read(const char *directory, struct records *records, struct error *error)
{
    char *path = path_join(directory, RUN_METRICS), **names;
    size_t count;
    bool exists = false;
    enum status status = directory_list(directory, RUN_EVALUATION_SUFFIX, &names, &count, error);

    if (status == STATUS_OK)
        status = file_exists(path, &exists, error);
    if (status == STATUS_OK && exists)
        status = records_read_regular(records, path, error);
    for (size_t i = 0; i < count && status == STATUS_OK; i++) {
        free(path);
        path = path_join(directory, names[i]);
        status = records_read_regular(records, path, error);
    }
    free(path);
    directory_free(names, count);
    return status;
}

enum status run_records_of_operand(const char *operand, struct records *records, const char **directory,
                                   struct error *error)
{
    enum file_kind kind;
    enum status status = file_operand_kind(operand, &kind, error);

    *directory = kind == FILE_DIRECTORY ? operand : NULL;
    if (status)
        return status;
    return *directory ? run_records_read(operand, records, error) : records_read(records, operand, error);
}
