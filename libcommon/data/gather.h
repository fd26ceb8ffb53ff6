/*
 * Pictures gathered from files of their own into a data set, a few at a time: any number of them pass through the
 * memory of a block.
 *
 *     struct gathering *gathering = gathering_new(plan->input, GATHER_SCALE);
 *     for each path {
 *         if (gathering_is_full(gathering)) {
 *             ... gathering->set, gathering->paths ...
 *             gathering_clear(gathering);
 *         }
 *         if (gathering_add(gathering, path, &error))
 *             warn_error(&error);
 *     }
 *     ... what is left in gathering->set ...
 *     gathering_free(gathering);
 */
#ifndef DATA_GATHER_H
#define DATA_GATHER_H

#include "data/picture.h"
#include "format/idx.h"

#include <stdbool.h>
#include <stddef.h>

enum { GATHER_SCALE = 1, GATHER_INVERT = 2 };

struct gathering {
    struct idx_set set; /* the pictures that wait; nobody knows their labels, which are 0 */
    char **paths;       /* (set.count): their files */
    size_t room;        /* the most that wait */
    struct shape shape; /* of every one: (rows, columns, channels) */
    unsigned flags;     /* GATHER_* */

    size_t tried, refused;    /* how many in all, and how many could not be taken */
    size_t scaled, recolored; /* how many of those taken had another size, were of colour or grey and are not now */
};

struct gathering *gathering_new(struct shape shape, unsigned flags);
void gathering_free(struct gathering *gathering);

bool gathering_is_full(const struct gathering *gathering);
void gathering_clear(struct gathering *gathering);

/* Read a picture and give it the shape (data/picture.h, picture_fit()): channels always, the size with GATHER_SCALE.
   There is room for it. 65: it is no picture, has another size without GATHER_SCALE, or no picture could have the
   shape; 66, 71, 74: as picture_read(). Counted either way. */
enum status gathering_add(struct gathering *gathering, const char *path, struct error *error);

#endif
