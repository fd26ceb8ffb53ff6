#include "format/class_names.h"

#include "base/file.h"
#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

/* Take the lines of a text that ends with a NUL, of which each but the last ends with a newline, and perhaps that. */
static enum status take_lines(char *text, const char *path, struct class_names *names, struct error *error)
{
    char *rest = text, *line;

    while ((line = strsep(&rest, "\n")) && (*line || rest)) {
        if (!*line)
            return error_set(error, STATUS_DATA, "%s: line %zu: no name of a class", path, names->count + 1);
        names->name = memory_grow(names->name, names->count, sizeof *names->name);
        names->name[names->count++] = memory_string(line);
    }
    return STATUS_OK;
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Two classes of one name could not be told apart. */
static enum status check_names(const struct class_names *names, const char *path, struct error *error)
{
    char **sorted = memory_new(names->count + 1, sizeof *sorted);
    enum status status = STATUS_OK;

    if (names->count)
        memcpy(sorted, names->name, names->count * sizeof *sorted);
    else
        status = error_set(error, STATUS_DATA, "%s: read: it names no class", path);
    qsort(sorted, names->count, sizeof *sorted, compare_names);
    for (size_t i = 1; i < names->count && !status; i++)
        if (strcmp(sorted[i - 1], sorted[i]) == 0)
            status = error_set(error, STATUS_DATA, "%s: read: two classes are called '%s'", path, sorted[i]);
    free(sorted);
    return status;
}

/* Takes over the bytes of a file. */
static enum status take_bytes(struct bytes bytes, const char *path, struct class_names *names, struct error *error)
{
    enum status status = bytes_check_text(&bytes, path, error);

    if (!status && bytes.size)
        status = take_lines((char *)bytes.at, path, names, error);
    if (!status)
        status = check_names(names, path, error);
    free(bytes.at);
    if (status)
        class_names_free(names);
    return status;
}

enum status class_names_read(const char *path, struct class_names *names, struct error *error)
{
    struct bytes bytes;
    enum status status = file_read(path, 0, &bytes, error);

    *names = (struct class_names){ 0 };
    return status ? status : take_bytes(bytes, path, names, error);
}

enum status class_names_read_regular(const char *path, struct class_names *names, struct error *error)
{
    struct bytes bytes;
    enum status status = file_read_regular(path, &bytes, error);

    *names = (struct class_names){ 0 };
    return status ? status : take_bytes(bytes, path, names, error);
}

enum status class_names_check(const struct class_names *names, size_t classes, const char *path, struct error *error)
{
    if (names->count >= classes)
        return STATUS_OK;
    return error_set(error, STATUS_DATA, "%s: read: it names %zu classes, but the set has the label %zu", path,
                     names->count, classes - 1);
}

void class_names_free(struct class_names *names)
{
    directory_free(names->name, names->count);
    *names = (struct class_names){ 0 };
}
