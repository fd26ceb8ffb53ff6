#include "format/gzip.h"

#include <libdeflate.h>
#include <string.h>
#include <zlib.h>

/* What one call of zlib is given at most: its counts are unsigned int. */
enum { PORTION = 1 << 30 };

static bool is_member(const unsigned char *at, size_t size)
{
    return size >= 2 && at[0] == 0x1f && at[1] == 0x8b;
}

bool gzip_is(const struct bytes *file)
{
    return is_member(file->at, file->size);
}

static unsigned portion(size_t size)
{
    return size < PORTION ? (unsigned)size : PORTION;
}

/* Go on until a member ends (Z_STREAM_END), `room` is full or the file is at its end (Z_OK), or it is damaged. */
static int unpack_member(z_stream *stream, const struct bytes *file, size_t *taken, unsigned char *to, size_t room,
                         size_t *n)
{
    int result = Z_OK;

    while (result == Z_OK && *n < room && *taken < file->size) {
        unsigned in = portion(file->size - *taken), out = portion(room - *n);

        stream->next_in = file->at + *taken;
        stream->avail_in = in;
        stream->next_out = to + *n;
        stream->avail_out = out;
        result = inflate(stream, Z_NO_FLUSH);
        *taken += in - stream->avail_in;
        *n += out - stream->avail_out;
    }
    return result;
}

static enum status describe(int result, const z_stream *stream, const char *path, size_t size, struct error *error)
{
    if (result == Z_MEM_ERROR)
        return error_set(error, STATUS_RESOURCE, "%s: unpack: out of memory", path);
    if (result == Z_OK || result == Z_BUF_ERROR)
        return error_set(error, STATUS_DATA, "%s: unpack: cut short: its %zu bytes end inside the compressed data",
                         path, size);
    return error_set(error, STATUS_DATA, "%s: unpack: damaged: %s", path, stream->msg ? stream->msg : "not gzip");
}

/* The usual case, a single member that fits, in a third of zlib's time. All else, damage above all, is zlib's: it
 * unpacks what there is room for, and has words for what is wrong. */
static bool unpack_at_once(const struct bytes *file, unsigned char *to, size_t room, size_t *n)
{
    struct libdeflate_decompressor *decompressor = libdeflate_alloc_decompressor();
    size_t taken;
    bool done =
        decompressor &&
        libdeflate_gzip_decompress_ex(decompressor, file->at, file->size, to, room, &taken, n) == LIBDEFLATE_SUCCESS &&
        taken == file->size;

    libdeflate_free_decompressor(decompressor);
    return done;
}

enum status gzip_unpack(const struct bytes *file, const char *path, unsigned char *to, size_t room, size_t *n,
                        struct error *error)
{
    z_stream stream = { 0 };
    size_t taken = 0;
    enum status status = STATUS_OK;
    int result;

    if (unpack_at_once(file, to, room, n))
        return STATUS_OK;
    *n = 0;
    result = inflateInit2(&stream, MAX_WBITS + 16 /* gzip, nothing else */);
    if (result != Z_OK)
        return describe(result, &stream, path, file->size, error);
    while (result == Z_OK) {
        result = unpack_member(&stream, file, &taken, to, room, n);
        if (*n == room || (result == Z_STREAM_END && taken == file->size))
            break;
        if (result != Z_STREAM_END)
            status = describe(result, &stream, path, file->size, error);
        else if (!is_member(file->at + taken, file->size - taken))
            status = error_set(error, STATUS_DATA, "%s: unpack: something else follows the compressed data", path);
        else
            result = inflateReset(&stream);
        if (status)
            break;
    }
    inflateEnd(&stream);
    return status;
}
