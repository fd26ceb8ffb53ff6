#include "data/picture.h"

#include "base/memory.h"
#include "base/number.h"
#include "data/picture_kinds.h"

#include <stdlib.h>
#include <string.h>

enum status picture_begin(struct picture *picture, struct shape shape, const char *path, struct error *error)
{
    if (!shape.rows || !shape.columns)
        return error_set(error, STATUS_DATA, "%s: read: a picture of %zu x %zu pixels", path, shape.rows,
                         shape.columns);
    if (shape.rows > PICTURE_MOST_PIXELS / shape.columns)
        return error_set(error, STATUS_DATA, "%s: read: a picture of %zu x %zu pixels, more than the %d that are read",
                         path, shape.rows, shape.columns, PICTURE_MOST_PIXELS);
    picture->shape = shape;
    picture->samples = memory_new(shape_size(shape), 1);
    return STATUS_OK;
}

enum status picture_decode(const struct bytes *file, const char *path, struct picture *picture, struct error *error)
{
    enum status status;

    *picture = (struct picture){ 0 };
    if (picture_is_png(file))
        status = picture_decode_png(file, path, picture, error);
    else if (picture_is_pnm(file))
        status = picture_decode_pnm(file, path, picture, error);
    else
        status = error_set(error, STATUS_DATA, "%s: read: it is no picture: neither PNG nor PGM nor PPM", path);
    if (status)
        picture_free(picture);
    return status;
}

enum status picture_read(const char *path, struct picture *picture, struct error *error)
{
    struct bytes file;
    enum status status = file_read(path, (size_t)PICTURE_MOST_BYTES + 1, &file, error);

    *picture = (struct picture){ 0 };
    if (status)
        return status;
    if (file.size > PICTURE_MOST_BYTES)
        status = error_set(error, STATUS_DATA, "%s: read: more than the %d bytes that are read of a picture", path,
                           PICTURE_MOST_BYTES);
    else
        status = picture_decode(&file, path, picture, error);
    free(file.at);
    return status;
}

void picture_free(struct picture *picture)
{
    free(picture->samples);
    *picture = (struct picture){ 0 };
}

void picture_planes(const struct picture *picture, unsigned char *to)
{
    const size_t positions = picture->shape.rows * picture->shape.columns, channels = picture->shape.channels;

    for (size_t channel = 0; channel < channels; channel++)
        for (size_t position = 0; position < positions; position++)
            to[channel * positions + position] = picture->samples[position * channels + channel];
}

struct picture picture_of_planes(const unsigned char *planes, struct shape shape)
{
    const size_t positions = shape.rows * shape.columns;
    struct picture picture = { shape, memory_new(shape_size(shape), 1) };

    for (size_t channel = 0; channel < shape.channels; channel++)
        for (size_t position = 0; position < positions; position++)
            picture.samples[position * shape.channels + channel] = planes[channel * positions + position];
    return picture;
}

enum status picture_parse_size(const char *text, size_t *rows, size_t *columns, struct error *error)
{
    char *first = memory_string(text), *second = strchr(first, 'x');
    enum status status = STATUS_OK;

    if (second)
        *second++ = '\0';
    if (!second || !number_size(first, rows) || !number_size(second, columns) || !*rows || !*columns)
        status = error_set(error, STATUS_USAGE, "%s: not a size: rows x columns, such as 28x28", text);
    else if (*rows > PICTURE_MOST_PIXELS / *columns)
        status = error_set(error, STATUS_USAGE, "%s: more than %d pixels", text, PICTURE_MOST_PIXELS);
    free(first);
    return status;
}
