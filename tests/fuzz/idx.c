/* IDX: pictures, labels and a list of samples, the files raw or packed. */
#include "fuzz.h"

#include "base/memory.h"
#include "format/idx.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

/* Write the part as it is, or packed, so that what gzip's check sums guard is changed, too. */
static void write_file(const char *name, struct fuzz_part part, bool packed)
{
    z_stream stream = { .next_in = (unsigned char *)part.at, .avail_in = (unsigned)part.size };
    unsigned char *to;

    if (!packed) {
        fuzz_file(name, part);
        return;
    }
    FUZZ_CHECK(deflateInit2(&stream, 1, Z_DEFLATED, MAX_WBITS + 16, 1, Z_DEFAULT_STRATEGY) == Z_OK);
    stream.avail_out = (unsigned)deflateBound(&stream, part.size);
    stream.next_out = to = memory_new(stream.avail_out, 1);
    FUZZ_CHECK(deflate(&stream, Z_FINISH) == Z_STREAM_END);
    fuzz_file(name, (struct fuzz_part){ to, stream.total_out });
    deflateEnd(&stream);
    free(to);
}

static void check_set(const struct idx_set *set)
{
    char hex[DIGEST_SIZE];

    FUZZ_CHECK(set->count && set->channels && set->rows && set->columns && set->classes);
    for (size_t i = 0; i < set->count; i++)
        FUZZ_CHECK(set->labels[i] < set->classes);
    idx_digest(set, hex); /* reads all of it */
    FUZZ_CHECK(digest_is_hex(hex));
}

/* The first byte says which files are packed; then pictures, labels, list. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_part part[3];
    struct idx_set set;
    struct error error;

    if (!size)
        return -1;
    fuzz_split(data + 1, size - 1, part, 3);
    write_file("t-images-idx3-ubyte", part[0], *data & 1);
    write_file("t-labels-idx1-ubyte", part[1], *data & 2);
    fuzz_file("list", part[2]);
    if (!idx_read(part[2].size ? "t@list" : "t", &set, &error))
        check_set(&set);
    else
        FUZZ_CHECK(!set.pixels && !set.labels);
    idx_free(&set);
    return 0;
}
