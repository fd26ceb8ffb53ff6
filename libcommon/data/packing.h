/*
 * Pictures of their own files into a data set, of which one at a time is in memory.
 *
 *     struct packing packing = { .asked = { .channels = 1 }, .prefix = "data/train", .mode = OUTPUT_NO_REPLACE };
 *     packing_begin(&packing, &folders);
 *     for each picture of each folder
 *         if (packing_add(&packing, path, &error))
 *             warn_error(&error);
 *     if (!packing.bad)
 *         packing_publish(&packing, &folders);
 *     packing_free(&packing);
 *
 * Written are the two files of idx.h and PREFIX-classes, the names of the classes in the order of their labels, a line
 * each. They appear whole or not at all, and all of them before the set counts as one.
 */
#ifndef DATA_PACKING_H
#define DATA_PACKING_H

#include "base/output.h"
#include "data/folders.h"
#include "data/picture.h"
#include "format/idx.h"

#include <stdbool.h>

struct packing {
    struct shape asked; /* rows and columns, or channels, 0: those of the first picture */
    unsigned flags;     /* PICTURE_*: what is done to each */
    const char *prefix; /* where the files go */
    enum output_mode mode;
    bool dry_run; /* nothing is written */

    struct shape shape;       /* what all get, once there was a first one */
    size_t bad;               /* pictures that could not be taken */
    size_t scaled, recolored; /* those of the others that had another size, other channels */

    char *first; /* the rest is for packing.c: the path of the picture that decided the shape */
    struct idx_set set;
    struct idx_writer *writer;
    struct output *names;
    unsigned char *planes; /* (channels, rows, columns) */
};

/* Ends the program with 73 where a file of the classes' names is in the way; packing_add() does where one of the others
   is, once a picture has decided which they are. */
void packing_begin(struct packing *packing, const struct folders *folders);

/* The next picture. 65: it is none, it is a directory, or what nobody asked to be changed is not as in the first one;
   66, 71, 74: as picture_read(). Counted either way; nothing more is written once one was bad. */
enum status packing_add(struct packing *packing, const char *path, struct error *error);

void packing_publish(struct packing *packing, const struct folders *folders);
void packing_free(struct packing *packing);

/* Where the names of a set's classes are; the caller frees it. */
char *packing_classes(const char *prefix);

#endif
