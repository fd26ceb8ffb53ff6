#include "base/names.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

/* Where what ends the first name in the buffer stands, or NULL. */
static char *find_end(const struct names *names)
{
    return memchr(names->buffer + names->begin, names->end, names->filled - names->begin);
}

/* Read more, behind what is there; the last byte of the buffer stays free for an end. */
static enum status fill(struct names *names, const char *path, struct error *error)
{
    ssize_t n;

    memmove(names->buffer, names->buffer + names->begin, names->filled - names->begin);
    names->filled -= names->begin;
    names->begin = 0;
    do
        n = read(names->fd, names->buffer + names->filled, sizeof names->buffer - 1 - names->filled);
    while (n < 0 && errno == EINTR);
    if (n < 0)
        return error_system(error, ACCESS_READ, path, "read");
    names->filled += (size_t)n;
    names->ended = n == 0;
    return STATUS_OK;
}

/* Until a name is whole in the buffer, or too long; the last one gets the end that it may lack. What is too long does
   not depend on how much came at once. */
static enum status find_name(struct names *names, const char *path, char **end, struct error *error)
{
    enum status status = STATUS_OK;

    while (!(*end = find_end(names)) && !names->ended && names->filled - names->begin < PATH_MAX && !status)
        status = fill(names, path, error);
    if (status || (!*end && names->filled == names->begin))
        return status;
    if ((*end ? *end : names->buffer + names->filled) - (names->buffer + names->begin) >= PATH_MAX)
        return error_set(error, STATUS_DATA, "%s: read names: one has more than %d bytes, as no file's name", path,
                         PATH_MAX - 1);
    if (!*end) {
        *end = names->buffer + names->filled++;
        **end = names->end;
    }
    return STATUS_OK;
}

enum status names_next(struct names *names, const char *path, const char **name, struct error *error)
{
    char *begin, *end;

    *name = NULL;
    do {
        enum status status = find_name(names, path, &end, error);
        if (status || !end)
            return status;
        *end = '\0';
        begin = names->buffer + names->begin;
        names->begin = (size_t)(end - names->buffer) + 1;
    } while (begin == end);
    if (strlen(begin) != (size_t)(end - begin))
        return error_set(error, STATUS_DATA, "%s: read names: there is a NUL in one; -0 is for names that end in NUL",
                         path);
    *name = begin;
    return STATUS_OK;
}

bool names_ready(const struct names *names)
{
    struct pollfd input = { .fd = names->fd, .events = POLLIN };

    return names->ended || find_end(names) || poll(&input, 1, 0) != 0;
}
