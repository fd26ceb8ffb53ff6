/*
 * Unpacking gzip (RFC 1952) from memory to memory, with a bound on what comes out.
 *
 *     if (gzip_is(&file))
 *         status = gzip_unpack(&file, path, to, size + 1, &n, error);   // n is `size` when all is as expected
 */
#ifndef FORMAT_GZIP_H
#define FORMAT_GZIP_H

#include "base/error.h"
#include "base/file.h"

#include <stdbool.h>
#include <stddef.h>

/* Deflate's best: no file unpacks to more than so many times its size (https://zlib.net/zlib_tech.html). */
enum { GZIP_MOST_RATIO = 1032 };

bool gzip_is(const struct bytes *file);

/* Unpack the first `room` bytes of `file`, one or more gzip members; `*n` is how many there were. With less than `room`
   the file was whole: its end was seen, and all its check sums were right. 65: cut short, damaged, or followed by
   something else. `path` names the file in messages. */
enum status gzip_unpack(const struct bytes *file, const char *path, unsigned char *to, size_t room, size_t *n,
                        struct error *error);

#endif
