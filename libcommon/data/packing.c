#include "data/packing.h"

#include "base/file.h"
#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

char *packing_classes(const char *prefix)
{
    return memory_format("%s-classes", prefix);
}

void packing_begin(struct packing *packing, const struct folders *folders)
{
    char *path = packing_classes(packing->prefix);
    struct idx_set *set = &packing->set;
    size_t n = 0;

    set->count = folders->pictures;
    set->classes = folders->count;
    set->labels = memory_new(set->count, sizeof *set->labels);
    for (size_t label = 0; label < folders->count; label++)
        for (size_t i = 0; i < folders->at[label].count; i++)
            set->labels[n++] = (uint16_t)label;
    if (packing->dry_run)
        output_check(path, packing->mode);
    else
        packing->names = output_open(path, packing->mode);
    free(path);
}

static void check_files(const struct packing *packing)
{
    char *image, *label;

    idx_paths(&packing->set, packing->prefix, &image, &label);
    output_check(image, packing->mode);
    output_check(label, packing->mode);
    free(image);
    free(label);
}

/* The first picture that can be read decides what is not asked for. */
static void decide_shape(struct packing *packing, const struct picture *picture, const char *path)
{
    const struct shape *asked = &packing->asked, *shape = &picture->shape;
    struct idx_set *set = &packing->set;

    packing->first = memory_string(path);
    set->rows = asked->rows ? asked->rows : shape->rows;
    set->columns = asked->rows ? asked->columns : shape->columns;
    set->channels = asked->channels ? asked->channels : shape->channels;
    packing->shape = (struct shape){ set->rows, set->columns, set->channels };
    packing->planes = memory_new(shape_size(packing->shape), 1);
    if (packing->dry_run)
        check_files(packing);
    else
        packing->writer = idx_writer_open(set, packing->prefix, packing->mode);
}

/* What nobody asked to be changed must be alike. */
static enum status check_alike(const struct packing *packing, const struct picture *picture, const char *path,
                               struct error *error)
{
    const struct shape *wanted = &packing->shape, *shape = &picture->shape;

    if (!packing->asked.rows && (shape->rows != wanted->rows || shape->columns != wanted->columns))
        return error_set(error, STATUS_DATA,
                         "%s: read: %zu x %zu pixels, but %s has %zu x %zu; --size makes them alike", path, shape->rows,
                         shape->columns, packing->first, wanted->rows, wanted->columns);
    if (!packing->asked.channels && shape->channels != wanted->channels)
        return error_set(error, STATUS_DATA, "%s: read: it is %s, but %s is not; --grey and --rgb make them alike",
                         path, shape->channels == 1 ? "grey" : "of colour", packing->first);
    return STATUS_OK;
}

static void take_picture(struct packing *packing, struct picture *picture)
{
    const struct shape *shape = &packing->shape;

    packing->scaled += picture->shape.rows != shape->rows || picture->shape.columns != shape->columns;
    packing->recolored += picture->shape.channels != shape->channels;
    if (packing->bad || !packing->writer)
        return; /* what is looked for are others that are bad */
    picture_fit(picture, *shape, packing->flags);
    picture_planes(picture, packing->planes);
    idx_writer_pixels(packing->writer, packing->planes, shape_size(*shape));
}

static enum status read_picture(const char *path, struct picture *picture, struct error *error)
{
    enum file_kind kind;
    enum status status = file_kind(path, &kind, error);

    if (!status && kind == FILE_DIRECTORY)
        status = error_set(error, STATUS_DATA, "%s: read: it is a folder inside of a class", path);
    return status ? status : picture_read(path, picture, error);
}

enum status packing_add(struct packing *packing, const char *path, struct error *error)
{
    struct picture picture = { 0 };
    enum status status = read_picture(path, &picture, error);

    if (!status && !packing->first)
        decide_shape(packing, &picture, path);
    if (!status)
        status = check_alike(packing, &picture, path, error);
    if (status)
        packing->bad++;
    else
        take_picture(packing, &picture);
    picture_free(&picture);
    return status;
}

void packing_publish(struct packing *packing, const struct folders *folders)
{
    if (packing->dry_run)
        return;
    for (size_t label = 0; label < folders->count; label++) {
        const char *name = folders->at[label].name;
        output_write(packing->names, name, strlen(name));
        output_write(packing->names, "\n", 1);
    }
    output_sync(packing->names);
    idx_writer_make_way(packing->writer);
    output_publish(packing->names);
    idx_writer_publish(packing->writer);
}

void packing_free(struct packing *packing)
{
    free(packing->first);
    free(packing->set.labels);
    free(packing->planes);
}
