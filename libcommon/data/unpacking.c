#include "data/unpacking.h"

#include "base/file.h"
#include "base/memory.h"
#include "base/number.h"
#include "data/packing.h"
#include "data/picture.h"
#include "data/statistics.h"
#include "format/class_names.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int digits_below(size_t count)
{
    int digits = 1;

    for (size_t most = count - 1; most > 9; most /= 10)
        digits++;
    return digits;
}

/* --- Names */

static enum status check_folder_names(const struct class_names *names, const char *path, struct error *error)
{
    for (size_t i = 0; i < names->count; i++)
        if (names->name[i][0] == '.' || strchr(names->name[i], '/'))
            return error_set(error, STATUS_DATA, "%s: read: '%s' is no name for a folder of pictures", path,
                             names->name[i]);
    return STATUS_OK;
}

/* The names beside the set; none where there is no such file. */
static enum status find_names(const struct unpacking *unpacking, struct class_names *names, struct error *error)
{
    char *prefix, *list, *path;
    bool exists;
    enum status status;

    *names = (struct class_names){ 0 };
    idx_operand(unpacking->operand, &prefix, &list);
    path = packing_classes(prefix);
    status = file_exists(path, &exists, error);
    if (!status && exists)
        status = class_names_read_regular(path, names, error);
    if (!status && exists)
        status = class_names_check(names, unpacking->set->classes, path, error);
    if (!status && exists)
        status = check_folder_names(names, path, error);
    free(prefix);
    free(list);
    free(path);
    return status;
}

/* Numbers are so wide that they sort. */
static enum status name_folders(struct unpacking *unpacking, struct error *error)
{
    const size_t classes = unpacking->set->classes;
    struct class_names names;
    enum status status = find_names(unpacking, &names, error);

    unpacking->folders = memory_new(classes, sizeof *unpacking->folders);
    for (size_t label = 0; label < classes && !status; label++) {
        char *number = memory_format("%0*zu", digits_below(classes), label);
        unpacking->folders[label] = path_join(unpacking->directory, names.count ? names.name[label] : number);
        free(number);
    }
    class_names_free(&names);
    return status;
}

static char *picture_path(const struct unpacking *unpacking, size_t sample)
{
    const struct idx_set *set = unpacking->set;

    return memory_format("%s/%0*zu.png", unpacking->folders[set->labels[sample]], digits_below(set->count), sample);
}

/* --- What is there already */

static enum status refuse(const char *directory, const char *name, struct error *error)
{
    char *path = path_join(directory, name);
    enum status status =
        error_set(error, STATUS_CANNOT_CREATE, "%s: create: it is there, and does not come from this set", path);

    free(path);
    return status;
}

static bool is_folder_name(const struct unpacking *unpacking, const char *name)
{
    for (size_t label = 0; label < unpacking->set->classes; label++)
        if (unpacking->samples[label] && strcmp(path_base(unpacking->folders[label]), name) == 0)
            return true;
    return false;
}

/* Is it what a sample of this class is called? */
static bool is_picture_name(const struct unpacking *unpacking, size_t label, const char *name)
{
    const struct idx_set *set = unpacking->set;
    char *digits = memory_string(name), *point = strchr(digits, '.'), *path;
    size_t sample;
    bool is;

    if (point)
        *point = '\0';
    is = number_size(digits, &sample) && sample < set->count && set->labels[sample] == label;
    free(digits);
    if (!is)
        return false;
    path = picture_path(unpacking, sample);
    is = strcmp(path_base(path), name) == 0;
    free(path);
    return is;
}

/* What `directory` holds: the folders, or the pictures of a class. Nothing, where it is not there. */
enum { FOLDERS = -1 };

static enum status check_directory(const struct unpacking *unpacking, const char *directory, int label,
                                   struct error *error)
{
    enum file_kind kind;
    char **names;
    size_t n;
    enum status status = file_kind(directory, &kind, error);

    if (status || kind == FILE_ABSENT)
        return status;
    if (kind != FILE_DIRECTORY)
        return error_set(error, STATUS_CANNOT_CREATE, "%s: create: it is there, and no directory", directory);
    status = directory_list(directory, "", &names, &n, error);
    for (size_t i = 0; i < n && !status; i++)
        if (!(label == FOLDERS ? is_folder_name(unpacking, names[i])
                               : is_picture_name(unpacking, (size_t)label, names[i])))
            status = refuse(directory, names[i], error);
    directory_free(names, n);
    return status;
}

enum status unpacking_begin(struct unpacking *unpacking, struct error *error)
{
    const struct idx_set *set = unpacking->set;
    enum status status = STATUS_OK;

    if (set->channels != 1 && set->channels != 3)
        return error_set(error, STATUS_DATA, "%s: write: PNG has no pictures of %zu channels", unpacking->operand,
                         set->channels);
    unpacking->samples = statistics_of_classes(set);
    status = name_folders(unpacking, error);
    if (!status)
        status = check_directory(unpacking, unpacking->directory, FOLDERS, error);
    for (size_t label = 0; label < set->classes && !status; label++)
        status = check_directory(unpacking, unpacking->folders[label], (int)label, error);
    return status;
}

void unpacking_free(struct unpacking *unpacking)
{
    if (unpacking->folders)
        directory_free(unpacking->folders, unpacking->set->classes);
    free(unpacking->samples);
}

/* --- Writing */

static void make_directory(const char *path)
{
    if (directory_make_one(path) && errno != EEXIST)
        die_system(ACCESS_CREATE, path, "create");
    output_tidy_directory(path);
}

/* Is it there as it should be? */
static bool is_written(const char *path, const struct text *file)
{
    struct bytes there;
    struct error error;
    enum file_kind kind;
    bool same;

    if (file_kind(path, &kind, &error) || (kind == FILE_REGULAR && file_read_regular(path, &there, &error)))
        die_error(&error);
    if (kind != FILE_REGULAR)
        return false;
    same = there.size == file->length && memcmp(there.at, file->at, there.size) == 0;
    free(there.at);
    return same;
}

static void write_picture(const struct unpacking *unpacking, size_t sample, enum output_mode mode)
{
    const struct idx_set *set = unpacking->set;
    const struct shape shape = { set->rows, set->columns, set->channels };
    struct picture picture = picture_of_planes(set->pixels + sample * shape_size(shape), shape);
    char *path = picture_path(unpacking, sample);
    struct text file = { 0 };

    picture_write(&picture, &file);
    if (!is_written(path, &file)) {
        struct output *out = output_open_untidied(path, mode);
        output_write(out, file.at, file.length);
        output_publish(out);
    }
    text_free(&file);
    free(path);
    picture_free(&picture);
}

void unpacking_write(const struct unpacking *unpacking, enum output_mode mode)
{
    const struct idx_set *set = unpacking->set;

    make_directory(unpacking->directory);
    for (size_t label = 0; label < set->classes; label++)
        if (unpacking->samples[label])
            make_directory(unpacking->folders[label]);
    for (size_t sample = 0; sample < set->count; sample++)
        write_picture(unpacking, sample, mode);
}
