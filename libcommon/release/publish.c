#include "release/publish.h"

#include "base/file.h"
#include "base/memory.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

struct text *release_file(struct release_files *files, const char *path)
{
    files->at[files->n].path = memory_string(path);
    return &files->at[files->n++].bytes;
}

static void check(const struct release_files *files, enum output_mode mode, bool with_signatures)
{
    for (size_t i = 0; i < files->n; i++) {
        char *signature = minisign_path(files->at[i].path);
        output_check(files->at[i].path, mode);
        if (with_signatures)
            output_check(signature, mode);
        free(signature);
    }
}

static void publish(const char *path, const void *bytes, size_t size, enum output_mode mode)
{
    struct output *out = output_open(path, mode);

    output_write(out, bytes, size);
    output_publish(out);
}

static void publish_signature(const char *path, const struct text *bytes, enum output_mode mode,
                              const struct minisign_secret_key *key, const char *comment)
{
    char *named = memory_format("file=%s %s", path_base(path), comment), *name = minisign_path(path);
    char *text = minisign_sign(key, bytes->at, bytes->length, named);

    publish(name, text, strlen(text), mode);
    free(named);
    free(name);
    free(text);
}

void release_publish(const struct release_files *files, enum output_mode mode, const struct minisign_secret_key *key,
                     const char *comment)
{
    check(files, mode, key != NULL);
    for (size_t i = 0; i < files->n; i++)
        publish(files->at[i].path, files->at[i].bytes.at, files->at[i].bytes.length, mode);
    for (size_t i = 0; key && i < files->n; i++)
        publish_signature(files->at[i].path, &files->at[i].bytes, mode, key, comment);
}

void release_files_free(struct release_files *files)
{
    for (size_t i = 0; i < files->n; i++) {
        free(files->at[i].path);
        text_free(&files->at[i].bytes);
    }
}
