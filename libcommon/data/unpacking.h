/*
 * A data set as folders of PNG files, one for each class: the reverse of data/packing.h.
 *
 *     struct unpacking unpacking = { .set = &set, .operand = "data/test", .directory = "photos" };
 *     if (unpacking_begin(&unpacking, &error))
 *         die_error(&error);
 *     unpacking_write(&unpacking, OUTPUT_NO_REPLACE);
 *     unpacking_free(&unpacking);
 *
 * Sample 7 of 200, of the class "cat", becomes DIRECTORY/cat/007.png. Each file appears whole or not at all; one that
 * is there and has the right bytes is left alone, so that the same call goes on with what a killed one has left.
 */
#ifndef DATA_UNPACKING_H
#define DATA_UNPACKING_H

#include "base/output.h"
#include "format/idx.h"

struct unpacking {
    const struct idx_set *set;
    const char *operand;   /* what the set was read from */
    const char *directory; /* where the folders go */
    char **folders;        /* (set->classes): their paths */
    size_t *samples;       /* (set->classes): how many pictures each has; without any there is no folder */
};

/* Find out what classes are called: as PREFIX-classes says, which packing wrote, else by their number. 65: there are
   names that are none of a folder, or too few, or a picture would have other channels than 1 or 3; 73: in the directory
   is something that does not come from this set. */
enum status unpacking_begin(struct unpacking *unpacking, struct error *error);

/* Write the folders. Ends the program on error: with 73 where a file is there that differs, unless it is replaced. */
void unpacking_write(const struct unpacking *unpacking, enum output_mode mode);

void unpacking_free(struct unpacking *unpacking);

#endif
