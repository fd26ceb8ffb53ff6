/* idx-pack - make a data set of folders of pictures, and folders of a data set */
#include "base/file.h"
#include "base/program.h"
#include "data/folders.h"
#include "data/packing.h"
#include "data/picture.h"
#include "data/unpacking.h"
#include "format/idx.h"

#include <stdlib.h>

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

static void unpack(const struct invocation *run, struct record_writer *records)
{
    struct unpacking unpacking = { .operand = run->operands[0], .directory = run->output };
    struct idx_set set;
    struct error error;

    if (idx_read(run->operands[0], &set, &error))
        die_error(&error);
    unpacking.set = &set;
    if (unpacking_begin(&unpacking, &error))
        die_error(&error);
    if (!run->dry_run)
        unpacking_write(&unpacking, run->mode);
    for (size_t label = 0; label < set.classes; label++)
        print_class(records, label, path_base(unpacking.folders[label]), unpacking.samples[label]);
    unpacking_free(&unpacking);
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
        unpack(run, records);
    else
        pack(&request.packing, run, records);
    record_writer_free(records);
    return program_finish(STATUS_OK);
}
