#include "registry/notes.h"

#include <stdbool.h>
#include <string.h>

#define TAG_LINE "tag:"
#define BETWEEN " \t,\r"

static bool has(const struct text *tags, const char *tag, size_t length)
{
    const char *at = tags->at;

    while (at && *at) {
        size_t word = strcspn(at, " ");
        if (word == length && memcmp(at, tag, length) == 0)
            return true;
        at += word + (at[word] == ' ');
    }
    return false;
}

void notes_add_tags(struct text *tags, const char *notes)
{
    const char *end;

    for (const char *line = notes; *line; line = *end ? end + 1 : end) {
        const char *at = line + strlen(TAG_LINE);
        end = line + strcspn(line, "\n");
        if (strncmp(line, TAG_LINE, strlen(TAG_LINE)) != 0)
            continue;
        for (at += strspn(at, BETWEEN); at < end; at += strspn(at, BETWEEN)) {
            size_t length = strcspn(at, BETWEEN "\n");
            if (!has(tags, at, length)) {
                text_string(tags, tags->length ? " " : "");
                text_add(tags, at, length);
            }
            at += length;
        }
    }
}
