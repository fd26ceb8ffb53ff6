/*
 * The data sets that idx-fetch knows: where they are, and the SHA-256 that each of their files must have. known.c is
 * the table, and says where the digests were published.
 *
 *     const struct known_set *set = known_find("fashion-mnist");
 *     for (size_t i = 0; i < KNOWN_FILES; i++)
 *         puts(set->files[i].name);
 */
#ifndef DATA_KNOWN_H
#define DATA_KNOWN_H

#include <stddef.h>

enum { KNOWN_FILES = 4, KNOWN_MIRRORS = 2 };

/* A file of a set. Its digest covers it under just this name: a name that ends in .gz is that of the compressed file.
 */
struct known_file {
    const char *name;
    size_t size; /* in bytes */
    const char *sha256;
};

struct known_set {
    const char *name;
    const char *licence;
    const char *source;                 /* where the digests, or those of the files compressed, can be looked up */
    const char *mirrors[KNOWN_MIRRORS]; /* each ends in a slash; NULL after the last */
    const char *package, *folder;       /* Debian's package of the set and where it puts the files; NULL without one */
    struct known_file files[KNOWN_FILES];
};

extern const struct known_set known_sets[];
extern const size_t known_count;

/* The set of that name, or NULL. */
const struct known_set *known_find(const char *name);

/* The known name that is nearest to `name`, or NULL if none is near. */
const char *known_nearest(const char *name);

#endif
