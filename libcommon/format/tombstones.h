/*
 * Tombstones: what is left of checkpoints that were pruned, so that those after them still prove themselves. They are
 * the records of the file pruned.tsv in a run directory, by epoch.
 *
 *     struct tombstones tombstones;
 *     if (tombstones_read("runs/a", &tombstones, &error))
 *         die_error(&error);
 *     if (!tombstones_have(&tombstones, digest))
 *         tombstones_add(&tombstones, &tombstone);
 *     tombstones_write(&tombstones, "runs/a");
 *     tombstones_free(&tombstones);
 */
#ifndef FORMAT_TOMBSTONES_H
#define FORMAT_TOMBSTONES_H

#include "base/error.h"
#include "base/records.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct tombstone {
    const char *path, *digest, *parent, *data; /* as in the checkpoint's record */
    uint64_t epoch, step;
    const char *reason; /* why it went */
};

struct tombstones {
    struct tombstone *at;
    size_t n;
    struct records records; /* what the strings of those that were read live in */
};

/* Read the tombstones of a run; a run without the file has none. 65: they are not as tombstones_write() writes them.
   The caller frees them, also after an error. */
enum status tombstones_read(const char *directory, struct tombstones *tombstones, struct error *error);

bool tombstones_have(const struct tombstones *tombstones, const char *digest);

/* Add one; its strings are not copied. */
void tombstones_add(struct tombstones *tombstones, const struct tombstone *tombstone);

/* Replace the file by these, whole or not at all. Ends the program on error. */
void tombstones_write(struct tombstones *tombstones, const char *directory);

void tombstones_free(struct tombstones *tombstones);

#endif
