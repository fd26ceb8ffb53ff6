#include "base/processors.h"

#include "base/divide.h"
#include "base/memory.h"
#include "base/number.h"
#include "base/size.h"

#include <errno.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A file of up to two words; one that is not there is empty. */
static void read_words(const char *directory, const char *name, char words[2][NUMBER_SIZE])
{
    char *path = memory_format("%s/%s", directory, name);
    FILE *file = fopen(path, "re");

    words[0][0] = words[1][0] = '\0';
    if (file) {
        if (fscanf(file, "%31s", words[0]) == 1 && fscanf(file, "%31s", words[1]) != 1)
            words[1][0] = '\0';
        fclose(file);
    }
    free(path);
}

/* Microseconds of processors' time in a period; the quota of no limit is "max" or "-1". */
static size_t limit_of(const char *quota_text, const char *period_text)
{
    size_t quota, period;

    if (!number_size(quota_text, &quota) || !number_size(period_text, &period) || !quota || !period)
        return SIZE_MAX;
    return divide_up(quota, period);
}

/* That of one cgroup of version 1... */
static size_t limit_at_1(const char *directory)
{
    char quota[2][NUMBER_SIZE], period[2][NUMBER_SIZE];

    read_words(directory, "cpu.cfs_quota_us", quota);
    read_words(directory, "cpu.cfs_period_us", period);
    return limit_of(quota[0], period[0]);
}

/* ...and of version 2. */
static size_t limit_at_2(const char *directory)
{
    char both[2][NUMBER_SIZE];

    read_words(directory, "cpu.max", both);
    return limit_of(both[0], both[1]);
}

static const struct version {
    const char *mount, *controller; /* as cgroup_path() wants it */
    size_t (*limit_at)(const char *directory);
} versions[] = { { "/sys/fs/cgroup/cpu", "cpu", limit_at_1 }, { "/sys/fs/cgroup", "", limit_at_2 } };

/* Is `name` one of the names in `list`, which it loses? */
static bool is_listed(const char *name, char *list)
{
    const char *listed;

    while ((listed = strsep(&list, ",")))
        if (strcmp(listed, name) == 0)
            return true;
    return false;
}

/* (Allocated) the path below its mount point of the cgroup that `controller` has this process in, "" where there is
 * none. The lines are "ID:CONTROLLERS:PATH"; version 2 is the one without names of controllers. */
static char *cgroup_path(const char *root, const char *controller)
{
    char *name = memory_format("%s/proc/self/cgroup", root), *line = NULL, *path = NULL;
    FILE *file = fopen(name, "re");
    size_t room = 0;

    while (file && !path && getline(&line, &room, file) > 0) {
        char *rest = line, *controllers;
        strsep(&rest, ":");
        controllers = strsep(&rest, ":");
        if (rest && is_listed(controller, controllers))
            path = memory_string(strsep(&rest, "\n"));
    }
    if (file)
        fclose(file);
    free(line);
    free(name);
    return path ? path : memory_string("");
}

/* A container may see the path that its cgroup has outside, of which its own mount point is the end: what is not there
 * on the way up limits nothing. */
static size_t limit_above(const char *root, const struct version *version)
{
    char *path = cgroup_path(root, version->controller);
    char *directory = memory_format("%s%s%s", root, version->mount, path);
    const size_t top = strlen(root) + strlen(version->mount);
    size_t limit = version->limit_at(directory);

    while (strlen(directory) > top) {
        *strrchr(directory, '/') = '\0';
        limit = size_smaller(limit, version->limit_at(directory));
    }
    free(directory);
    free(path);
    return limit;
}

size_t processors_limit(const char *root)
{
    return size_smaller(limit_above(root, &versions[0]), limit_above(root, &versions[1]));
}

/* The system refuses a set with fewer places than it has processors, of which a cpu_set_t has room for 1024. */
static size_t affinity(void)
{
    enum { MOST = 1 << 20 };

    for (size_t places = CPU_SETSIZE; places <= MOST; places *= 2) {
        size_t size = CPU_ALLOC_SIZE(places);
        cpu_set_t *set = memory_new(1, size);
        int reason = sched_getaffinity(0, size, set) ? errno : 0;
        size_t count = (size_t)CPU_COUNT_S(size, set);

        free(set);
        if (!reason && count)
            return count;
        if (reason != EINVAL)
            break;
    }
    return 1;
}

size_t processors_available(void)
{
    static atomic_size_t limit; /* 0: not looked at yet */

    if (!limit)
        limit = processors_limit("");
    return size_smaller(affinity(), limit);
}
