/*
 * A file whose SHA-256 is known, put in its place: whole and with that digest, or not at all.
 *
 *     struct fetch_file file = { .path = "mnist/t10k-labels-idx1-ubyte", .size = 10008, .sha256 = "ff7b..." };
 *     enum fetch_state state;
 *     struct error error;
 *
 *     if (fetch_look(&file, &state, &error))
 *         die_error(&error);
 *     if (state == FETCH_MISSING && fetch_from(&file, "/usr/share/datasets/mnist/t10k-labels-idx1-ubyte.gz", &error))
 *         ... another place may have it ...
 *
 * A place is a URL or the path of a local file. What a URL gives is kept beside the file, as `.NAME.download`, until it
 * is complete, so that a later call goes on from there, whichever place it asks; one process works on it at a time
 * (flock(2)). Where what was gone on from turns out wrong, it is fetched once more from its beginning.
 */
#ifndef DATA_FETCH_H
#define DATA_FETCH_H

#include "base/error.h"
#include "base/output.h"
#include "data/transfer.h"

#include <stdbool.h>
#include <stddef.h>

struct fetch_file {
    const char *path;      /* where it belongs */
    const char *sha256;    /* its digest, in lower-case hexadecimal */
    size_t size;           /* in bytes, 0 if not known; where it is, a gzip file of it will do, and is unpacked */
    enum output_mode mode; /* what becomes of another file of that name */
    bool progress;         /* show it on stderr, a terminal */
};

enum fetch_state {
    FETCH_MISSING,
    FETCH_RIGHT, /* it is there, and has the digest */
    FETCH_OTHER, /* something else is there */
};

/* What is in the file's place? Only an error when that cannot be told. */
enum status fetch_look(const struct fetch_file *file, enum fetch_state *state, struct error *error);

/* Ask `place` for the file, and publish it. Ends the program when it cannot be written (its directory must be there),
   and with 75 when another process is fetching it. */
enum answer fetch_from(const struct fetch_file *file, const char *place, struct error *error);

/* Remove what killed processes left of the file, as fetch_from() does when it has published it: for one that is right.
 */
void fetch_tidy(const struct fetch_file *file);

#endif
