#include "data/gather.h"

#include "base/memory.h"

#include <stdlib.h>

enum { MOST_PICTURES = 1024, MOST_BYTES = 1 << 25 }; /* of a block */

struct gathering *gathering_new(struct shape shape, unsigned flags)
{
    struct gathering *gathering = memory_new(1, sizeof *gathering);
    size_t size = shape_size(shape), room = size < MOST_BYTES / MOST_PICTURES ? MOST_PICTURES : MOST_BYTES / size;

    gathering->shape = shape;
    gathering->flags = flags;
    gathering->room = room ? room : 1;
    gathering->set = (struct idx_set){ .channels = shape.channels,
                                       .rows = shape.rows,
                                       .columns = shape.columns,
                                       .classes = 1,
                                       .pixels = memory_new(gathering->room, size),
                                       .labels = memory_new(gathering->room, sizeof(uint16_t)) };
    gathering->paths = memory_new(gathering->room, sizeof *gathering->paths);
    return gathering;
}

void gathering_free(struct gathering *gathering)
{
    gathering_clear(gathering);
    idx_free(&gathering->set);
    free(gathering->paths);
    free(gathering);
}

bool gathering_is_full(const struct gathering *gathering)
{
    return gathering->set.count == gathering->room;
}

void gathering_clear(struct gathering *gathering)
{
    while (gathering->set.count > 0)
        free(gathering->paths[--gathering->set.count]);
}

/* What is refused for its shape, or for that which it should have. */
static enum status check_shape(const struct gathering *gathering, const struct picture *picture, const char *path,
                               struct error *error)
{
    const struct shape *is = &picture->shape, *wanted = &gathering->shape;

    if (wanted->channels != 1 && wanted->channels != 3)
        return error_set(error, STATUS_DATA, "%s: read: a picture has 1 or 3 channels, but the model's input has %zu",
                         path, wanted->channels);
    if (is->rows == wanted->rows && is->columns == wanted->columns)
        return STATUS_OK;
    if (!(gathering->flags & GATHER_SCALE))
        return error_set(error, STATUS_DATA,
                         "%s: read: a picture of %zu x %zu, but the model's input is %zu x %zu; --scale makes it fit",
                         path, is->rows, is->columns, wanted->rows, wanted->columns);
    if (wanted->rows > PICTURE_MOST_PIXELS / wanted->columns)
        return error_set(error, STATUS_DATA, "%s: scale: no picture is made as large as the model's input, %zu x %zu",
                         path, wanted->rows, wanted->columns);
    return STATUS_OK;
}

static void take(struct gathering *gathering, struct picture *picture, const char *path)
{
    const struct shape is = picture->shape, wanted = gathering->shape;

    gathering->scaled += is.rows != wanted.rows || is.columns != wanted.columns;
    gathering->recolored += is.channels != wanted.channels;
    picture_fit(picture, wanted, gathering->flags & GATHER_INVERT ? PICTURE_INVERT : 0);
    picture_planes(picture, gathering->set.pixels + gathering->set.count * shape_size(wanted));
    gathering->paths[gathering->set.count++] = memory_string(path);
}

enum status gathering_add(struct gathering *gathering, const char *path, struct error *error)
{
    struct picture picture;
    enum status status = picture_read(path, &picture, error);

    gathering->tried++;
    if (!status)
        status = check_shape(gathering, &picture, path, error);
    if (status)
        gathering->refused++;
    else
        take(gathering, &picture, path);
    picture_free(&picture);
    return status;
}
