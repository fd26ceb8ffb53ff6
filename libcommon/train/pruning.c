#include "train/pruning.h"

#include "base/file.h"
#include "base/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

/* Those of a process that has done nothing about it are 1024, of which a search may have more runs. */
static void ask_for_descriptors(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit); /* refused, it is told where they do not suffice */
    }
}

/* A directory that is locked. */
struct locked {
    dev_t device;
    ino_t file;
};

static bool is_locked(const struct locked *locked, size_t n, const struct locked *one)
{
    for (size_t i = 0; i < n; i++)
        if (locked[i].device == one->device && locked[i].file == one->file)
            return true;
    return false;
}

/* Open a directory, for good, and say which it is. */
static int open_directory(const char *directory, struct locked *which)
{
    int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    struct stat stat;

    if (fd < 0)
        die_system(ACCESS_READ, directory, "open");
    if (fstat(fd, &stat))
        die_system(ACCESS_READ, directory, "look at");
    *which = (struct locked){ stat.st_dev, stat.st_ino };
    return fd;
}

void pruning_lock(struct runs *runs)
{
    struct locked *locked = memory_new(runs->n, sizeof *locked);
    size_t n = 0;

    ask_for_descriptors();
    for (size_t i = 0; i < runs->n; i++) {
        char *directory = runs->paths[i];
        int fd = open_directory(directory, &locked[n]);
        if (is_locked(locked, n, &locked[n])) {
            close(fd);
            free(directory);
            continue;
        }
        if (flock(fd, LOCK_EX | LOCK_NB)) {
            if (errno == EWOULDBLOCK)
                die(STATUS_RETRY, "%s: lock: another ckpt-prune is at work in it", directory);
            die_system(ACCESS_READ, directory, "lock");
        }
        runs->paths[n++] = directory;
    }
    runs->n = n;
    free(locked);
}

static void bury_of_run(struct surveyed_run *run, const struct surveyed *at, const unsigned *keep, const char *reason)
{
    size_t before = run->tombstones.n;

    for (size_t i = 0; i < run->n; i++) {
        const struct checkpoint *claims = &at[i].claims;
        struct tombstone tombstone = { path_base(at[i].path), claims->digest, claims->parent, claims->data,
                                       claims->epoch,         claims->step,   reason };
        if (!keep[i] && !tombstones_have(&run->tombstones, claims->digest))
            tombstones_add(&run->tombstones, &tombstone);
    }
    if (run->tombstones.n > before)
        tombstones_write(&run->tombstones, run->directory);
}

void pruning_bury(struct survey *survey, const unsigned *keep, const char *reason)
{
    for (size_t i = 0; i < survey->run_count; i++) {
        struct surveyed_run *run = &survey->runs[i];
        if (run->n)
            bury_of_run(run, survey->checkpoints + run->first, keep + run->first, reason);
    }
}

static void delete_of_run(const struct surveyed_run *run, const struct surveyed *at, const unsigned *keep)
{
    const char *deleted = NULL;

    for (size_t i = 0; i < run->n; i++) {
        if (keep[i])
            continue;
        deleted = at[i].path;
        if (unlink(deleted) && errno != ENOENT)
            die_system(ACCESS_WRITE, deleted, "delete");
    }
    if (deleted && directory_sync(run->directory))
        die_system(ACCESS_WRITE, run->directory, "sync the directory");
}

void pruning_delete(const struct survey *survey, const unsigned *keep)
{
    for (size_t i = 0; i < survey->run_count; i++) {
        const struct surveyed_run *run = &survey->runs[i];
        if (run->n)
            delete_of_run(run, survey->checkpoints + run->first, keep + run->first);
    }
}
