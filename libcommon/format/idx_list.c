/* Lists of sample indices: the part of idx.h behind the '@'. */
#include "format/idx.h"

#include "base/file.h"
#include "base/memory.h"
#include "base/number.h"
#include "base/text.h"

#include <stdlib.h>
#include <string.h>

/* The index in a line of `length` bytes that ends with a NUL. */
static enum status parse_line(const char *line, size_t length, size_t count, uint32_t *index, const char *path,
                              size_t number, struct error *error)
{
    uint64_t value;

    if (strlen(line) != length || !number_u64(line, &value))
        return error_set(error, STATUS_DATA, "%s: line %zu: not a sample number", path, number);
    if (value >= count)
        return error_set(error, STATUS_DATA, "%s: line %zu: there is no sample %s: the set has %zu, from 0", path,
                         number, line, count);
    *index = (uint32_t)value;
    return STATUS_OK;
}

enum status idx_read_list(const char *path, size_t count, uint32_t **list, size_t *n, struct error *error)
{
    struct bytes bytes;
    enum status status = file_read(path, 0, &bytes, error);
    char *line = (char *)bytes.at, *end = line + bytes.size;

    *list = NULL;
    *n = 0;
    while (!status && line < end) {
        char *newline = memchr(line, '\n', (size_t)(end - line)), *line_end = newline ? newline : end;
        *line_end = '\0';
        *list = memory_grow(*list, *n, sizeof **list);
        status = parse_line(line, (size_t)(line_end - line), count, *list + *n, path, *n + 1, error);
        ++*n;
        line = line_end + 1;
    }
    free(bytes.at);
    if (!status && *n == 0)
        status = error_set(error, STATUS_DATA, "%s: names no sample", path);
    if (status) {
        free(*list);
        *list = NULL;
        *n = 0;
    }
    return status;
}

void idx_write_list(const uint32_t *list, size_t n, const char *path, enum output_mode mode)
{
    struct output *out = output_open(path, mode);
    struct text text = { 0 };

    for (size_t i = 0; i < n; i++)
        text_format(&text, "%u\n", list[i]);
    output_write(out, text.at, text.length);
    output_publish(out);
    text_free(&text);
}
