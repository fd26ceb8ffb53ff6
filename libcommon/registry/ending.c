#include "registry/ending.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/number.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Take the last line off the first `length` bytes of `text`, which end with a line break; NULL when there is none. */
static char *take_line(char *text, size_t *length)
{
    if (!*length)
        return NULL;
    text[--*length] = '\0';
    while (*length && text[*length - 1] != '\n')
        --*length;
    return text + *length;
}

/* What a line says after the time. */
static const char *said(const char *line)
{
    const char *blank = strchr(line, ' ');

    return blank ? blank + 1 : line;
}

/* Does it say "PROGRAM", then `words`, then a status? */
static bool tells_status(const char *said, const char *words, uint64_t *status)
{
    size_t length = strcspn(said, ": ");

    return strncmp(said + length, words, strlen(words)) == 0 && number_u64(said + length + strlen(words), status);
}

static enum ending_kind kind_of(uint64_t status)
{
    if (status == STATUS_OK)
        return ENDING_DONE;
    return status == STATUS_NO || status == STATUS_RETRY ? ENDING_STOPPED : ENDING_FAILED;
}

/* The reason stands before what a failing child ended with, where it was one. */
struct ending ending_of_log(char *text)
{
    const char *last = strrchr(text, '\n'), *line;
    size_t length = last ? (size_t)(last - text) + 1 : 0;
    struct ending ending = { ENDING_UNKNOWN, NULL };
    uint64_t status, of_child;

    line = take_line(text, &length);
    if (!line)
        return ending;
    if (!tells_status(said(line), ": it ends with status ", &status))
        return (struct ending){ ENDING_KILLED, NULL };
    ending.kind = kind_of(status);
    do
        line = take_line(text, &length);
    while (line && tells_status(said(line), ": it ended with status ", &of_child));
    if (line && ending.kind != ENDING_DONE)
        ending.reason = memory_string(said(line));
    return ending;
}
