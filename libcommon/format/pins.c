#include "format/pins.h"

#include "base/file.h"
#include "base/memory.h"
#include "format/checkpoint.h"
#include "format/run_files.h"

#include <stdlib.h>
#include <string.h>

static enum status take_line(struct pins *pins, const char *name, const char *path, size_t line, struct error *error)
{
    uint64_t epoch;

    if (!*name)
        return STATUS_OK;
    if (!run_checkpoint_name(name, &epoch))
        return error_set(error, STATUS_DATA,
                         "%s:%zu: read: no checkpoint is called '%s'; a line is a name like epoch-0003%s", path, line,
                         name, CHECKPOINT_SUFFIX);
    pins->epochs = memory_grow(pins->epochs, pins->n, sizeof *pins->epochs);
    pins->epochs[pins->n++] = epoch;
    return STATUS_OK;
}

static enum status read_file(const char *path, struct pins *pins, struct error *error)
{
    struct bytes bytes;
    enum status status = file_read_regular(path, &bytes, error);
    char *rest = (char *)bytes.at, *name;

    if (!status)
        status = bytes_check_text(&bytes, path, error);
    for (size_t line = 1; status == STATUS_OK && (name = strsep(&rest, "\n")); line++)
        status = take_line(pins, name, path, line, error);
    free(bytes.at);
    return status;
}

enum status pins_read(const char *directory, struct pins *pins, struct error *error)
{
    char *path = path_join(directory, RUN_PINNED);
    bool exists;
    enum status status = file_exists(path, &exists, error);

    *pins = (struct pins){ 0 };
    if (exists)
        status = read_file(path, pins, error);
    free(path);
    return status;
}

void pins_free(struct pins *pins)
{
    free(pins->epochs);
    *pins = (struct pins){ 0 };
}
