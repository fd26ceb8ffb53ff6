/* PNG, https://www.w3.org/TR/png/, by libpng. Its memory is ours, so that where there is none the program ends, and
   what is left for its errors to tell is damage. */
#include "data/picture_kinds.h"

#include "base/memory.h"
#include "format/gzip.h"

#include <png.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

enum { SIGNATURE = 8, OPAQUE = 255 };

/* What outlives an error: libpng leaves it by longjmp(3), and locals would be lost. */
struct reading {
    png_structp png;
    png_infop info;
    const unsigned char *at, *end; /* what is still to be read */
    size_t size;                   /* of the file */
    const char *path;
    struct picture *picture;
    struct error *error;
    enum status status;
};

static png_voidp take_memory(png_structp png, png_alloc_size_t size)
{
    (void)png;
    return memory_new(size, 1);
}

static void free_memory(png_structp png, png_voidp memory)
{
    (void)png;
    free(memory);
}

static _Noreturn void end_reading(png_structp png, const char *message)
{
    struct reading *reading = png_get_error_ptr(png);

    reading->status =
        error_set(reading->error, STATUS_DATA, "%s: read: the PNG is damaged: %s", reading->path, message);
    png_longjmp(png, 1);
}

static void ignore_warning(png_structp png, const char *message)
{
    (void)png, (void)message;
}

static void read_bytes(png_structp png, png_bytep to, size_t size)
{
    struct reading *reading = png_get_io_ptr(png);

    if (size > (size_t)(reading->end - reading->at))
        png_error(png, "it is cut short");
    memcpy(to, reading->at, size);
    reading->at += size;
}

/* What libpng is to make of the samples: grey or colours of 8 bits, perhaps with an opacity. Returns its size. */
static struct shape transform(struct reading *reading)
{
    const unsigned type = png_get_color_type(reading->png, reading->info);
    const bool alpha = type & PNG_COLOR_MASK_ALPHA || png_get_valid(reading->png, reading->info, PNG_INFO_tRNS);
    const bool colour = type & PNG_COLOR_MASK_COLOR;

    png_set_expand(reading->png);
    png_set_scale_16(reading->png);
    return (struct shape){ .rows = png_get_image_height(reading->png, reading->info),
                           .columns = png_get_image_width(reading->png, reading->info),
                           .channels = (colour ? 3 : 1) + alpha };
}

/* What a header promises the file must be able to hold. */
static enum status check_size(const struct reading *reading, struct shape shape)
{
    size_t bytes = png_get_rowbytes(reading->png, reading->info);

    if (__builtin_mul_overflow(bytes, shape.rows, &bytes) || bytes / GZIP_MOST_RATIO > reading->size)
        return error_set(reading->error, STATUS_DATA, "%s: read: %zu x %zu pixels are more than its %zu bytes can hold",
                         reading->path, shape.rows, shape.columns, reading->size);
    return STATUS_OK;
}

static void read_samples(struct reading *reading, struct shape shape)
{
    const int passes = png_set_interlace_handling(reading->png);

    png_read_update_info(reading->png, reading->info);
    for (int pass = 0; pass < passes; pass++)
        for (size_t row = 0; row < shape.rows; row++)
            png_read_row(reading->png, reading->picture->samples + row * shape.columns * shape.channels, NULL);
    png_read_end(reading->png, NULL);
}

static void read_all(struct reading *reading)
{
    struct shape shape;

    if (setjmp(png_jmpbuf(reading->png)))
        return;
    png_set_read_fn(reading->png, reading, read_bytes);
    png_set_user_limits(reading->png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
    png_set_keep_unknown_chunks(reading->png, PNG_HANDLE_CHUNK_NEVER, NULL, -1); /* all but what the samples need */
    png_read_info(reading->png, reading->info);
    shape = transform(reading);
    reading->status = check_size(reading, shape);
    if (!reading->status)
        reading->status = picture_begin(reading->picture, shape, reading->path, reading->error);
    if (!reading->status)
        read_samples(reading, shape);
}

/* Lay the picture, whose last channel is the opacity, on white. In place: what is written never passes what is read. */
static void lay_on_white(struct picture *picture)
{
    const size_t positions = picture->shape.rows * picture->shape.columns, channels = picture->shape.channels - 1;
    const unsigned char *from = picture->samples;
    unsigned char *to = picture->samples;

    for (size_t position = 0; position < positions; position++, from += channels + 1) {
        const unsigned opacity = from[channels];
        for (size_t channel = 0; channel < channels; channel++)
            *to++ = (unsigned char)((opacity * from[channel] + (OPAQUE - opacity) * 255 + 127) / 255);
    }
    picture->shape.channels = channels;
}

bool picture_is_png(const struct bytes *file)
{
    return file->size >= SIGNATURE && png_sig_cmp(file->at, 0, SIGNATURE) == 0;
}

enum status picture_decode_png(const struct bytes *file, const char *path, struct picture *picture, struct error *error)
{
    struct reading reading = { .at = file->at,
                               .end = file->at + file->size,
                               .size = file->size,
                               .path = path,
                               .picture = picture,
                               .error = error };

    reading.png = png_create_read_struct_2(PNG_LIBPNG_VER_STRING, &reading, end_reading, ignore_warning, NULL,
                                           take_memory, free_memory);
    if (!reading.png)
        return error_set(error, STATUS_BUG, "%s: read: libpng is another than rote was made with", path);
    reading.info = png_create_info_struct(reading.png);
    read_all(&reading);
    png_destroy_read_struct(&reading.png, &reading.info, NULL);
    if (!reading.status && picture->shape.channels % 2 == 0)
        lay_on_white(picture);
    return reading.status;
}

static _Noreturn void end_writing(png_structp png, const char *message)
{
    (void)png;
    die(STATUS_BUG, "picture_write: %s", message);
}

static void write_bytes(png_structp png, png_bytep from, size_t size)
{
    text_add(png_get_io_ptr(png), from, size);
}

static void flush_nothing(png_structp png)
{
    (void)png;
}

void picture_write(const struct picture *picture, struct text *to)
{
    const struct shape shape = picture->shape;
    png_structp png = png_create_write_struct_2(PNG_LIBPNG_VER_STRING, NULL, end_writing, ignore_warning, NULL,
                                                take_memory, free_memory);
    png_infop info = png_create_info_struct(png);

    png_set_write_fn(png, to, write_bytes, flush_nothing);
    png_set_IHDR(png, info, (png_uint_32)shape.columns, (png_uint_32)shape.rows, 8,
                 shape.channels == 3 ? PNG_COLOR_TYPE_RGB : PNG_COLOR_TYPE_GRAY, PNG_INTERLACE_NONE,
                 PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    png_write_info(png, info);
    for (size_t row = 0; row < shape.rows; row++)
        png_write_row(png, picture->samples + row * shape.columns * shape.channels);
    png_write_end(png, NULL);
    png_destroy_write_struct(&png, &info);
}
