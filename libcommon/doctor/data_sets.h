/*
 * Data sets that runs are held against, each read and hashed once for all the runs that are on it.
 *
 *     struct data_sets sets = { 0 };
 *     struct data_set *set = data_sets_read(&sets, "data/train@");
 *     if (!set->error.status)
 *         data_set_digest(set, list, n, digest);
 *     data_sets_free(&sets);
 *
 * A few are kept in memory: a run has a training and a test set, and the runs of a search the same ones.
 */
#ifndef DOCTOR_DATA_SETS_H
#define DOCTOR_DATA_SETS_H

#include "format/idx.h"

#include <stddef.h>
#include <stdint.h>

enum { DATA_SETS = 3, DATA_DIGESTS = 4 };

struct data_set {
    char *operand;
    uint64_t asked;     /* when it was asked for last, counted */
    struct error error; /* why it could not be read; its status is 0 where it could */
    struct idx_set set;
    struct data_digest {
        uint32_t *list; /* of these samples; NULL: of all */
        size_t n;
        char digest[DIGEST_SIZE]; /* "": none yet */
    } digests[DATA_DIGESTS];
    size_t next_digest; /* the one that makes way */
};

struct data_sets {
    struct data_set at[DATA_SETS];
    uint64_t asked; /* so often was one asked for */
};

/* The set of an operand, as idx_read() reads it, again where it could not be read the last time; it stays until
   DATA_SETS others were asked for. */
struct data_set *data_sets_read(struct data_sets *sets, const char *operand);

/* The digest of the samples that `list` names, or, where that is NULL, of all. */
void data_set_digest(struct data_set *set, const uint32_t *list, size_t n, char digest[DIGEST_SIZE]);

void data_sets_free(struct data_sets *sets);

#endif
