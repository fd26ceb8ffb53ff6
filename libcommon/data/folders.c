#include "data/folders.h"

#include "base/file.h"
#include "base/memory.h"
#include "format/idx.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Add the folder `name` of `directory`; a file there is counted. */
static enum status add(struct folders *folders, const char *directory, const char *name, struct error *error)
{
    struct folder folder = { .path = path_join(directory, name) };
    enum file_kind kind;
    enum status status = file_kind(folder.path, &kind, error);

    if (!status && kind == FILE_DIRECTORY)
        status = directory_list(folder.path, "", &folder.names, &folder.count, error);
    else if (!status)
        folders->beside++;
    if (status || kind != FILE_DIRECTORY) {
        free(folder.path);
        return status;
    }
    folder.name = memory_string(name);
    folders->at = memory_grow(folders->at, folders->count, sizeof *folders->at);
    folders->at[folders->count++] = folder;
    folders->pictures += folder.count;
    return STATUS_OK;
}

static enum status add_all(struct folders *folders, const char *directory, struct error *error)
{
    const size_t before = folders->count;
    char **names;
    size_t n;
    enum status status = directory_list(directory, "", &names, &n, error);

    if (status)
        return status;
    for (size_t i = 0; i < n && !status; i++)
        status = add(folders, directory, names[i], error);
    directory_free(names, n);
    if (!status && folders->count == before)
        status = error_set(error, STATUS_DATA, "%s: read: no folder is in it: each class is a folder of pictures",
                           directory);
    return status;
}

static int compare_folders(const void *a, const void *b)
{
    const struct folder *one = a, *other = b;
    int order = strcmp(one->name, other->name);

    return order ? order : strcmp(one->path, other->path);
}

enum status folders_find(char *const *directories, size_t n, struct folders *folders, struct error *error)
{
    enum status status = STATUS_OK;

    *folders = (struct folders){ 0 };
    for (size_t i = 0; i < n && !status; i++)
        status = add_all(folders, directories[i], error);
    if (!status && folders->count > IDX_MOST_CLASSES)
        status = error_set(error, STATUS_DATA, "%s: read: %zu classes, more than the %d of a data set", directories[0],
                           folders->count, IDX_MOST_CLASSES);
    if (!status && folders->pictures > UINT32_MAX)
        status = error_set(error, STATUS_DATA, "%s: read: %zu pictures, more than a data set has", directories[0],
                           folders->pictures);
    if (status)
        folders_free(folders);
    else
        qsort(folders->at, folders->count, sizeof *folders->at, compare_folders);
    return status;
}

void folders_free(struct folders *folders)
{
    for (size_t i = 0; i < folders->count; i++) {
        free(folders->at[i].path);
        free(folders->at[i].name);
        directory_free(folders->at[i].names, folders->at[i].count);
    }
    free(folders->at);
    *folders = (struct folders){ 0 };
}

enum status folders_check(const struct folders *folders, size_t class, struct error *error)
{
    const struct folder *folder = &folders->at[class];

    if (class && strcmp(folder[-1].name, folder->name) == 0)
        return error_set(error, STATUS_DATA, "%s: read: %s is a class of this name, too", folder->path,
                         folder[-1].path);
    if (strchr(folder->name, '\n'))
        return error_set(error, STATUS_DATA, "%s: read: the name of a class is one line", folder->path);
    if (!folder->count)
        return error_set(error, STATUS_DATA, "%s: read: no picture is in it", folder->path);
    return STATUS_OK;
}
