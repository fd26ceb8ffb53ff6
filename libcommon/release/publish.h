/*
 * The files of a release: made in memory, checked, then published one after the other, the signatures last.
 *
 *     struct release_files files = { 0 };
 *     text = release_file(&files, "digits.h");
 *     ... fill it ...
 *     release_publish(&files, OUTPUT_NO_REPLACE, key, "checkpoint=...");
 *     release_files_free(&files);
 */
#ifndef RELEASE_PUBLISH_H
#define RELEASE_PUBLISH_H

#include "base/minisign.h"
#include "base/output.h"
#include "base/text.h"

enum { RELEASE_FILES = 3 /* at most: source, header and card */ };

struct release_files {
    struct {
        char *path;
        struct text bytes;
    } at[RELEASE_FILES];
    size_t n;
};

/* Add a file, to be published after those before it; returns what it is to contain. */
struct text *release_file(struct release_files *files, const char *path);

/* Publish them; with a `key` (or NULL) also a signature of each, of itself and of its name and `comment`, as
   PATH.minisig. Where one of all these is in the way, nothing is published. Ends the program on error. */
void release_publish(const struct release_files *files, enum output_mode mode, const struct minisign_secret_key *key,
                     const char *comment);
void release_files_free(struct release_files *files);

#endif
