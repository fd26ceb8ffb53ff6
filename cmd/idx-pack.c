/* idx-pack - make a data set of folders of pictures, and folders of a data set */
#include "base/file.h"
#include "base/memory.h"
#include "base/program.h"
#include "base/text.h"
#include "data/folders.h"
#include "data/packing.h"
#include "data/picture.h"
#include "data/statistics.h"
#include "format/class_names.h"
#include "format/idx.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { OPTION_SIZE = 256 + 1, OPTION_GREY, OPTION_RGB, OPTION_INVERT };

struct request {
    struct packing packing; /* what is asked of it */
    bool converts, extract;
};

static const struct option_spec options[] = {
    { OPTION_GREY, "grey", NULL, "make all pictures grey", 0 },
    { OPTION_INVERT, "invert", NULL, "swap black and white", 0 },
    { OPTION_RGB, "rgb", NULL, "make all pictures red, green and blue", 0 },
    { OPTION_SIZE, "size", "HxW", "scale all pictures to this height and width", 0 },
    { 'x', "extract", NULL, "the reverse: write folders of PNG files", 0 },
    OPTIONS_COMMON(OPT_DRY_RUN | OPT_OUTPUT | OPT_FORCE | OPT_JSON),
    { 0 },
};

static void parse_size(const char *argument, struct shape *shape)
{
    struct error error;

    if (picture_parse_size(argument, &shape->rows, &shape->columns, &error))
        program_usage("--size %s", error.text);
}

static void parse_option(int letter, const char *argument, void *context)
{
    struct request *request = context;

    request->converts |= letter != 'x';
    switch (letter) {
    case OPTION_SIZE:
        parse_size(argument, &request->packing.asked);
        break;
    case OPTION_GREY:
        request->packing.asked.channels = 1;
        break;
    case OPTION_RGB:
        request->packing.asked.channels = 3;
        break;
    case OPTION_INVERT:
        request->packing.flags |= PICTURE_INVERT;
        break;
    case 'x':
        request->extract = true;
        break;
    }
}

static const struct program program = { "[-fjnqv] [--grey | --rgb] [--invert] [--size HxW] -o prefix directory ...\n"
                                        "-x [-fjnqv] -o directory prefix",
                                        "make a data set of folders of pictures, or folders of a data set",
                                        options,
                                        parse_option,
                                        1,
                                        MANY_OPERANDS };

static void print_class(struct record_writer *writer, size_t label, const char *name, size_t count)
{
    record_count(writer, "label", label);
    record_text(writer, "name", name);
    record_count(writer, "count", count);
    record_end(writer);
}

/* --- Packing */

/* Whether all folders are classes is told before a picture is read. */
static void find_folders(const struct invocation *run, struct folders *folders)
{
    enum status status = STATUS_OK;
    struct error error;
    size_t bad = 0;

    if (folders_find(run->operands, run->operand_count, folders, &error))
        die_error(&error);
    for (size_t class = 0; class < folders->count; class ++)
        if (folders_check(folders, class, &error)) {
            warn_error(&error);
            status = status_worse(status, error.status);
            bad++;
        }
    if (bad)
        die(status, "%s: pack: %zu of %zu folders are no classes; nothing is written", run->operands[0], bad,
            folders->count);
    if (folders->beside)
        program_say("%s: files in no folder of a class, left out: %zu", run->operands[0], folders->beside);
}

static enum status add_folder(struct packing *packing, const struct folder *folder)
{
    enum status status = STATUS_OK;
    struct error error;

    for (size_t i = 0; i < folder->count; i++) {
        char *path = path_join(folder->path, folder->names[i]);
        if (packing_add(packing, path, &error)) {
            warn_error(&error);
            status = status_worse(status, error.status);
        }
        free(path);
    }
    return status;
}

static void tell_changes(const struct packing *packing, const char *path, size_t pictures)
{
    if (packing->scaled)
        program_say("%s: scaled to %zu x %zu: %zu of %zu pictures", path, packing->shape.rows, packing->shape.columns,
                    packing->scaled, pictures);
    if (packing->recolored)
        program_say("%s: made %s: %zu of %zu pictures", path, packing->shape.channels == 1 ? "grey" : "RGB",
                    packing->recolored, pictures);
    if (packing->flags & PICTURE_INVERT)
        program_say("%s: inverted: all pictures", path);
}

static void pack(struct packing *packing, const struct invocation *run, struct record_writer *records)
{
    enum status status = STATUS_OK;
    struct folders folders;

    packing->prefix = run->output;
    packing->dry_run = run->dry_run;
    packing->mode = run->mode;
    find_folders(run, &folders);
    packing_begin(packing, &folders);
    for (size_t label = 0; label < folders.count; label++)
        status = status_worse(status, add_folder(packing, &folders.at[label]));
    if (packing->bad)
        die(status, "%s: pack: %zu of %zu pictures cannot be used; nothing is written", run->operands[0], packing->bad,
            folders.pictures);
    packing_publish(packing, &folders);
    tell_changes(packing, run->operands[0], folders.pictures);
    for (size_t label = 0; label < folders.count; label++)
        print_class(records, label, folders.at[label].name, folders.at[label].count);
    packing_free(packing);
    folders_free(&folders);
}

/* --- Extracting */

/* The names of the classes: those beside the set, else numbers, so wide that they sort. */
static void find_names(const char *operand, const struct idx_set *set, struct class_names *names)
{
    struct error error;
    char *prefix, *list, *path;

    idx_operand(operand, &prefix, &list);
    path = packing_classes(prefix);
    *names = (struct class_names){ 0 };
    if (!file_is_absent(path) && class_names_read(path, names, &error))
        die_error(&error);
    if (names->count && names->count < set->classes)
        die(STATUS_DATA, "%s: read: it names %zu classes, but the set has the label %zu", path, names->count,
            set->classes - 1);
    for (size_t i = 0; i < names->count; i++)
        if (names->name[i][0] == '.' || strchr(names->name[i], '/'))
            die(STATUS_DATA, "%s: read: '%s' is no name for a folder of pictures", path, names->name[i]);
    free(prefix);
    free(list);
    free(path);
}

static int digits_below(size_t count)
{
    int digits = 1;

    for (size_t most = count - 1; most > 9; most /= 10)
        digits++;
    return digits;
}

/* Where the pictures of each class go. */
static char **find_folder_paths(const struct invocation *run, const struct idx_set *set)
{
    char **paths = memory_new(set->classes, sizeof *paths);
    struct class_names names;

    find_names(run->operands[0], set, &names);
    for (size_t label = 0; label < set->classes; label++) {
        char *number = memory_format("%0*zu", digits_below(set->classes), label);
        paths[label] = path_join(run->output, names.count ? names.name[label] : number);
        free(number);
    }
    class_names_free(&names);
    return paths;
}

static void write_picture(const struct idx_set *set, size_t sample, const char *folder, enum output_mode mode)
{
    const struct shape shape = { set->rows, set->columns, set->channels };
    struct picture picture = picture_of_planes(set->pixels + sample * shape_size(shape), shape);
    char *path = memory_format("%s/%0*zu.png", folder, digits_below(set->count), sample);
    struct output *out = output_open_untidied(path, mode);
    struct text file = { 0 };

    picture_write(&picture, &file);
    output_write(out, file.at, file.length);
    output_publish(out);
    text_free(&file);
    free(path);
    picture_free(&picture);
}

/* Pictures of another set in the folders would be taken for samples of this one. */
static void check_directory(const struct invocation *run)
{
    struct error error;
    char **names;
    size_t n = 0;

    if (!file_is_absent(run->output) && directory_list(run->output, "", &names, &n, &error))
        die_error(&error);
    if (n && run->mode == OUTPUT_NO_REPLACE)
        die(STATUS_CANNOT_CREATE, "%s: create: it is there, and not empty; -f writes into it", run->output);
    if (n)
        directory_free(names, n);
}

static void make_directory(const char *path)
{
    if (directory_make_one(path) && errno != EEXIST)
        die_system(ACCESS_CREATE, path, "create");
    output_tidy_directory(path);
}

/* folders: (classes). A class without samples gets none: it could not be packed again. */
static void write_folders(const struct idx_set *set, char *const *folders, const size_t *samples,
                          const struct invocation *run)
{
    make_directory(run->output);
    for (size_t label = 0; label < set->classes; label++)
        if (samples[label])
            make_directory(folders[label]);
    for (size_t sample = 0; sample < set->count; sample++)
        write_picture(set, sample, folders[set->labels[sample]], run->mode);
}

static void extract(const struct invocation *run, struct record_writer *records)
{
    struct idx_set set;
    struct error error;
    size_t *samples;
    char **folders;

    check_directory(run);
    if (idx_read(run->operands[0], &set, &error))
        die_error(&error);
    if (set.channels != 1 && set.channels != 3)
        die(STATUS_DATA, "%s: write: PNG has no pictures of %zu channels", run->operands[0], set.channels);
    folders = find_folder_paths(run, &set);
    samples = statistics_of_classes(&set);
    if (!run->dry_run)
        write_folders(&set, folders, samples, run);
    for (size_t label = 0; label < set.classes; label++)
        print_class(records, label, path_base(folders[label]), samples[label]);
    directory_free(folders, set.classes);
    free(samples);
    idx_free(&set);
}

int main(int argc, char **argv)
{
    struct request request = { 0 };
    const struct invocation *run = program_start(argc, argv, &program, &request);
    struct record_writer *records = record_writer_new(stdout, run->form);

    if (!run->output)
        program_usage("-o is missing: it names the data set, or with -x the directory");
    if (request.extract && request.converts)
        program_usage("with -x pictures are written as they are");
    if (request.extract && run->operand_count > 1)
        program_usage("%s: with -x there is one data set", run->operands[1]);
    if (request.extract)
        extract(run, records);
    else
        pack(&request.packing, run, records);
    record_writer_free(records);
    return program_finish(STATUS_OK);
}
