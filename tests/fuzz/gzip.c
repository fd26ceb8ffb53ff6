/* gzip: whatever the file holds, no more than the room that there is for it is filled. */
#include "fuzz.h"

#include "format/gzip.h"

#include <stdlib.h>
#include <string.h>

/* The first two bytes say how much room there is. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes file;
    struct error error;
    size_t room, n = 0;
    unsigned char *to;

    if (size < 2)
        return -1;
    room = (size_t)data[0] << 8 | data[1];
    file = (struct bytes){ (unsigned char *)fuzz_string((struct fuzz_part){ data + 2, size - 2 }), size - 2 };
    to = malloc(room + 1); /* malloc(0) may return NULL */
    if (gzip_is(&file) && !gzip_unpack(&file, "file", to + 1, room, &n, &error))
        FUZZ_CHECK(n <= room);
    free(file.at);
    free(to);
    return 0;
}
