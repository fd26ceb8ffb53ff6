/* Pictures: PNG, PGM and PPM, and what fitting makes of those that are read. */
#include "fuzz.h"

#include "base/memory.h"
#include "data/picture.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

enum { SIGNATURE = 8, SMALL = 24 };

static size_t get_u32(const uint8_t *at)
{
    return (size_t)at[0] << 24 | (size_t)at[1] << 16 | (size_t)at[2] << 8 | at[3];
}

static void add_u32(struct text *to, size_t value)
{
    text_add(to, (unsigned char[]){ value >> 24 & 0xff, value >> 16 & 0xff, value >> 8 & 0xff, value & 0xff }, 4);
}

static void add_chunk(struct text *to, const uint8_t *type, const uint8_t *data, size_t size)
{
    const size_t begin = to->length + 4;

    add_u32(to, size);
    text_add(to, type, 4);
    text_add(to, data, size);
    add_u32(to, crc32(0, (unsigned char *)to->at + begin, (unsigned)(size + 4)));
}

static void add_packed(struct text *to, const uint8_t *type, const uint8_t *data, size_t size)
{
    unsigned long room = compressBound(size);
    unsigned char *packed = memory_new(room, 1);

    FUZZ_CHECK(compress2(packed, &room, data, size, 1) == Z_OK);
    add_chunk(to, type, packed, room);
    free(packed);
}

/* Give each chunk of a PNG the check sum that it should have, and pack what is in an IDAT, so that what those guard is
   changed, too. */
static struct text repair(struct fuzz_part png, bool packed)
{
    struct text to = { 0 };
    size_t at = png.size < SIGNATURE ? png.size : SIGNATURE;

    text_add(&to, png.at, at);
    while (png.size - at >= 12 && get_u32(png.at + at) <= png.size - at - 12) {
        const uint8_t *chunk = png.at + at;
        const size_t size = get_u32(chunk);
        if (packed && memcmp(chunk + 4, "IDAT", 4) == 0)
            add_packed(&to, chunk + 4, chunk + 8, size);
        else
            add_chunk(&to, chunk + 4, chunk + 8, size);
        at += size + 12;
    }
    text_add(&to, png.at + at, png.size - at);
    return to;
}

static void check_picture(struct picture *picture, struct shape shape, unsigned flags)
{
    struct text file = { 0 };
    struct picture again;
    struct error error;

    FUZZ_CHECK(picture->shape.rows && picture->shape.columns);
    FUZZ_CHECK(picture->shape.rows <= PICTURE_MOST_PIXELS / picture->shape.columns);
    FUZZ_CHECK(picture->shape.channels == 1 || picture->shape.channels == 3);
    picture_fit(picture, shape, flags);
    FUZZ_CHECK(memcmp(&picture->shape, &shape, sizeof shape) == 0);
    picture_write(picture, &file);
    FUZZ_CHECK(!picture_decode(&(struct bytes){ (unsigned char *)file.at, file.length }, "again", &again, &error));
    FUZZ_CHECK(memcmp(&again.shape, &shape, sizeof shape) == 0);
    FUZZ_CHECK(memcmp(again.samples, picture->samples, shape_size(shape)) == 0);
    picture_free(&again);
    text_free(&file);
}

/* The first byte says whether the PNG is repaired and packed, and what fitting is to do; the next ones, the size. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct picture picture;
    struct error error;
    struct text file;
    struct shape shape;

    if (size < 3)
        return -1;
    shape = (struct shape){ data[1] % SMALL + 1, data[2] % SMALL + 1, *data & 4 ? 3 : 1 };
    if (*data & 1) {
        file = repair((struct fuzz_part){ data + 3, size - 3 }, *data & 2);
    } else {
        file = (struct text){ 0 };
        text_add(&file, data + 3, size - 3);
    }
    fuzz_file("picture", (struct fuzz_part){ (uint8_t *)file.at, file.length });
    if (!picture_read("picture", &picture, &error))
        check_picture(&picture, shape, *data & 8 ? PICTURE_INVERT : 0);
    else
        FUZZ_CHECK(!picture.samples && error.status == STATUS_DATA);
    picture_free(&picture);
    text_free(&file);
    return 0;
}
