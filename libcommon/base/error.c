#include "base/error.h"

#include "base/text.h"

#include <ctype.h>
#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum status error_set(struct error *error, enum status status, const char *format, ...)
{
    va_list arguments;

    if (!error)
        return status;
    error->status = status;
    va_start(arguments, format);
    vsnprintf(error->text, sizeof error->text, format, arguments);
    va_end(arguments);
    return status;
}

static enum status status_of_errno(enum access access, int number)
{
    switch (number) {
    case ENOMEM:
    case EMFILE:
    case ENFILE:
    case EAGAIN:
        return STATUS_RESOURCE;
    case EIO:
    case ENOSPC:
    case EDQUOT:
        return STATUS_IO;
    case ENOENT:
    case ENOTDIR:
    case EISDIR:
    case ELOOP:
    case ENAMETOOLONG:
        if (access == ACCESS_READ)
            return STATUS_NO_INPUT;
        break;
    }
    return access == ACCESS_CREATE ? STATUS_CANNOT_CREATE : STATUS_IO;
}

enum status error_system(struct error *error, enum access access, const char *path, const char *verb)
{
    int number = errno;
    char reason[256];

    snprintf(reason, sizeof reason, "%s", strerror(number));
    if (reason[0] && !isupper((unsigned char)reason[1]))
        reason[0] = (char)tolower((unsigned char)reason[0]);
    return error_set(error, status_of_errno(access, number), "%s: %s: %s", path, verb, reason);
}

static int status_rank(enum status status)
{
    static const enum status ascending[] = { STATUS_OK,       STATUS_NO,          STATUS_RETRY,
                                             STATUS_USAGE,    STATUS_UNAVAILABLE, STATUS_CANNOT_CREATE,
                                             STATUS_NO_INPUT, STATUS_DATA,        STATUS_IO,
                                             STATUS_RESOURCE, STATUS_BUG };
    int rank = 0;

    for (size_t i = 0; i < sizeof ascending / sizeof *ascending; i++)
        if (ascending[i] == status)
            rank = (int)i;
    return rank;
}

enum status status_worse(enum status a, enum status b)
{
    return status_rank(a) >= status_rank(b) ? a : b;
}

static void print_message(const char *text)
{
    char line[sizeof((struct error *)0)->text * 4 + 64];
    size_t used = (size_t)snprintf(line, 64, "%.60s: ", program_invocation_short_name);

    while (*text && used + TEXT_SHOWN < sizeof line) {
        text += text_show(text, line + used);
        used += strlen(line + used);
    }
    fprintf(stderr, "%s\n", line);
}

/* Two exit(3) at once are undefined: the first thread here ends the program, any other waits for that. */
static _Noreturn void end(enum status status, const char *text)
{
    static pthread_mutex_t ending = PTHREAD_MUTEX_INITIALIZER;

    pthread_mutex_lock(&ending);
    print_message(text);
    exit(status);
}

void die(enum status status, const char *format, ...)
{
    struct error error;
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(error.text, sizeof error.text, format, arguments);
    va_end(arguments);
    end(status, error.text);
}

void die_error(const struct error *error)
{
    end(error->status, error->text);
}

void die_system(enum access access, const char *path, const char *verb)
{
    struct error error;

    error_system(&error, access, path, verb);
    die_error(&error);
}

void warn(const char *format, ...)
{
    struct error error;
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(error.text, sizeof error.text, format, arguments);
    va_end(arguments);
    print_message(error.text);
}

void warn_error(const struct error *error)
{
    print_message(error->text);
}
