/*
 * meddle.so - preloaded, changes a file while a program reads it, and lets clocks jump
 *
 *     LD_PRELOAD=meddle.so MEDDLE_PROGRAM=idx-info MEDDLE_FILE=images \
 *         MEDDLE_COMMAND='truncate -s 100 images' idx-info ...
 *     LD_PRELOAD=meddle.so MEDDLE_CLOCK=86400 train.sh ...
 *
 * When PROGRAM has read the first bytes of a file whose path ends in FILE, the shell command is run, once; then the
 * program reads on.
 *
 * With CLOCK, each look at the time of day is so many seconds ahead or behind, in turn. With MEDDLE_MONOTONIC, each
 * look at the time that never goes back is so many seconds later than the one before.
 */
#include <errno.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

enum { FIRST_BYTES = 100 };

static bool ends_with(const char *text, const char *end)
{
    size_t n = strlen(text), m = strlen(end);

    return n >= m && strcmp(text + n - m, end) == 0;
}

/* Is `fd` the file to be changed, in the program that is meant? */
static bool is_meant(int fd)
{
    const char *program = getenv("MEDDLE_PROGRAM"), *file = getenv("MEDDLE_FILE");
    char link[64], path[PATH_MAX] = "";

    if (!program || !file || strcmp(program, program_invocation_short_name) != 0)
        return false;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    return readlink(link, path, sizeof path - 1) > 0 && ends_with(path, file);
}

ssize_t read(int fd, void *to, size_t size)
{
    static atomic_bool done;
    ssize_t n;

    if (done || !is_meant(fd))
        return syscall(SYS_read, fd, to, size);
    done = true;
    n = syscall(SYS_read, fd, to, size < FIRST_BYTES ? size : FIRST_BYTES);
    if (system(getenv("MEDDLE_COMMAND")) != 0)
        abort();
    return n;
}

/* What `name` says, or 0. */
static long seconds_of(const char *name)
{
    const char *text = getenv(name);

    return text ? strtol(text, NULL, 10) : 0;
}

int clock_gettime(clockid_t clock, struct timespec *now)
{
    static atomic_long looks;
    int result = (int)syscall(SYS_clock_gettime, clock, now);

    if (clock == CLOCK_REALTIME)
        now->tv_sec += seconds_of("MEDDLE_CLOCK") * (atomic_fetch_add(&looks, 1) % 2 ? -1 : 1);
    else if (clock == CLOCK_MONOTONIC)
        now->tv_sec += seconds_of("MEDDLE_MONOTONIC") * atomic_fetch_add(&looks, 1);
    return result;
}

time_t time(time_t *at)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    if (at)
        *at = now.tv_sec;
    return now.tv_sec;
}

int gettimeofday(struct timeval *at, void *zone)
{
    struct timespec now;

    (void)zone;
    clock_gettime(CLOCK_REALTIME, &now);
    *at = (struct timeval){ now.tv_sec, now.tv_nsec / 1000 };
    return 0;
}
