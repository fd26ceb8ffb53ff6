#include "release/publish.h"

#include "base/file.h"
#include "base/memory.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct text *release_file(struct release_files *files, const char *path)
{
    files->at[files->n].path = memory_string(path);
    return &files->at[files->n++].bytes;
}

/* Two names of one file, spelt alike or not? */
static bool is_same(const char *a, const char *b)
{
    char *directory_a = path_directory(a), *directory_b = path_directory(b);
    struct stat at_a, at_b;
    bool same = strcmp(path_base(a), path_base(b)) == 0 && stat(directory_a, &at_a) == 0 &&
                stat(directory_b, &at_b) == 0 && at_a.st_dev == at_b.st_dev && at_a.st_ino == at_b.st_ino;

    free(directory_a);
    free(directory_b);
    return same;
}

/* Is each path a file of its own, and none in the way? */
static void check(char *const *paths, size_t n, enum output_mode mode)
{
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < i; j++)
            if (is_same(paths[i], paths[j]))
                die(STATUS_USAGE, "%s: release: two of its files would have this name", paths[i]);
    for (size_t i = 0; i < n; i++)
        output_check(paths[i], mode);
}

/* Those of the files, then of their signatures. */
static void check_files(const struct release_files *files, enum output_mode mode, bool with_signatures)
{
    char *paths[2 * RELEASE_FILES];
    size_t n = 0;

    for (size_t i = 0; i < files->n; i++)
        paths[n++] = memory_string(files->at[i].path);
    for (size_t i = 0; with_signatures && i < files->n; i++)
        paths[n++] = minisign_path(files->at[i].path);
    check(paths, n, mode);
    while (n > 0)
        free(paths[--n]);
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
    check_files(files, mode, key != NULL);
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
