/*
 * RUN/notes: what people say of a run. It is plain text; of it programs know the lines that begin with "tag:", each of
 * which has one or more words.
 *
 *     notes_add_tags(&tags, "tag: baseline\nIt was slow.\ntag: keep, best\n");      // "baseline keep best"
 */
#ifndef REGISTRY_NOTES_H
#define REGISTRY_NOTES_H

#include "base/text.h"

/* Add the tags of a text to `tags`, a blank between them, each once. Blanks and commas end a tag. */
void notes_add_tags(struct text *tags, const char *notes);

#endif
