/*
 * Names that come one after the other through a descriptor: never more of them in memory than fit a small buffer.
 *
 *     struct names names = { .fd = STDIN_FILENO, .end = '\n' };
 *     const char *name;
 *     while (!(status = names_next(&names, "stdin", &name, &error)) && name)
 *         ...
 */
#ifndef BASE_NAMES_H
#define BASE_NAMES_H

#include "base/error.h"

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

struct names {
    int fd;
    char end;   /* what ends a name: '\n' or '\0'; the last one may lack it */
    bool ended; /* the rest is for names.c */
    size_t begin, filled;
    char buffer[2 * PATH_MAX];
};

/* The next name, of which there is one until the call after: *name, NULL at the end. Empty ones are passed over. 65: a
   name with a NUL in it, or longer than that of any file; 74: reading failed. `path` is what messages call it all. */
enum status names_next(struct names *names, const char *path, const char **name, struct error *error);

/* Is there something to read, or to be told of, so that names_next() would hardly wait? */
bool names_ready(const struct names *names);

#endif
