#include "base/output.h"

#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/random.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MOST_OUTPUTS = 8, TRIES = 100 };

struct output {
    int fd;
    enum output_mode mode;
    char *path, *temporary; /* temporary: NULL for stdout */
    size_t slot;            /* in `temporaries` */
};

/* What exit and signals must remove. Written before the file exists, cleared after it is gone or published. */
static const char *volatile temporaries[MOST_OUTPUTS];

void output_remove_temporaries(void)
{
    for (size_t i = 0; i < MOST_OUTPUTS; i++)
        if (temporaries[i])
            unlink(temporaries[i]);
}

static size_t claim_slot(const char *temporary)
{
    static bool registered;

    if (!registered && atexit(output_remove_temporaries))
        die(STATUS_RESOURCE, "out of memory");
    registered = true;
    for (size_t i = 0; i < MOST_OUTPUTS; i++)
        if (!temporaries[i]) {
            temporaries[i] = temporary;
            return i;
        }
    die(STATUS_BUG, "output_open: more than %d outputs at once", MOST_OUTPUTS);
}

/* Is `fd` still the file that `path` names? -1 and errno if that cannot be told. */
static int same_file(int fd, const char *path)
{
    struct stat opened, named;

    if (fstat(fd, &opened) || lstat(path, &named))
        return errno == ENOENT ? 0 : -1;
    return opened.st_dev == named.st_dev && opened.st_ino == named.st_ino;
}

bool output_remove_abandoned(const char *path)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    bool removed = false;

    if (fd >= 0) {
        removed = flock(fd, LOCK_EX | LOCK_NB) == 0 && same_file(fd, path) == 1 && unlink(path) == 0;
        close(fd);
    }
    return removed;
}

/* The length of NAME in ".NAME.XXXXXX.tmp", or 0. */
static size_t length_of_base(const char *name)
{
    const size_t length = strlen(name), around = strlen(".") + strlen(".XXXXXX.tmp");

    return length > around && name[0] == '.' && name[length - 11] == '.' && strcmp(name + length - 4, ".tmp") == 0
               ? length - around
               : 0;
}

static bool is_temporary_of(const char *name, const char *base)
{
    const size_t length = length_of_base(name);

    return length && (!base || (length == strlen(base) && strncmp(name + 1, base, length) == 0));
}

/* Of the file `base`, or with NULL of any. They are gone for good before another file gets its name: or a power cut
   keeps them beside one that nobody has to write again. */
static void tidy(const char *directory, const char *base)
{
    bool removed = false;
    char **names;
    size_t count;

    if (directory_list_hidden(directory, ".tmp", &names, &count, NULL) != STATUS_OK)
        return;
    for (size_t i = 0; i < count; i++)
        if (is_temporary_of(names[i], base)) {
            char *temporary = path_join(directory, names[i]);
            removed |= output_remove_abandoned(temporary);
            free(temporary);
        }
    directory_free(names, count);
    if (removed)
        directory_sync(directory);
}

void output_tidy(const char *path)
{
    char *directory = path_directory(path);

    tidy(directory, path_base(path));
    free(directory);
}

void output_tidy_directory(const char *directory)
{
    tidy(directory, NULL);
}

static char *temporary_name(const char *directory, const char *base)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz012345";
    unsigned char random[6];
    char suffix[7] = "";

    if (getrandom(random, sizeof random, 0) != sizeof random)
        die_system(ACCESS_CREATE, base, "name a temporary file");
    for (size_t i = 0; i < sizeof random; i++)
        suffix[i] = letters[random[i] % 32];
    return memory_format("%s/.%s.%s.tmp", directory, base, suffix);
}

/* Lock a new temporary file. False: a tidying process took it before it was locked. A file system without locks has
 * nobody who tidies, either. */
static bool lock_temporary(const struct output *out)
{
    int same;

    if (flock(out->fd, LOCK_EX | LOCK_NB) && errno == EWOULDBLOCK)
        return false;
    same = same_file(out->fd, out->temporary);
    if (same < 0)
        die_system(ACCESS_CREATE, out->path, "look at");
    return same == 1;
}

static void create_temporary(struct output *out, const char *directory, const char *base)
{
    for (int i = 0; i < TRIES; i++) {
        out->temporary = temporary_name(directory, base);
        out->slot = claim_slot(out->temporary);
        out->fd = open(out->temporary, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0666);
        if (out->fd >= 0 && lock_temporary(out))
            return;
        if (out->fd < 0 && errno != EEXIST) {
            temporaries[out->slot] = NULL;
            die_system(ACCESS_CREATE, out->path, "create");
        }
        if (out->fd >= 0) {
            unlink(out->temporary); /* who locked it may only have looked at it */
            close(out->fd);
        }
        temporaries[out->slot] = NULL;
        free(out->temporary);
    }
    die(STATUS_CANNOT_CREATE, "%s: create: no temporary file could be made beside it", out->path);
}

static _Noreturn void refuse_to_replace(const char *path)
{
    die(STATUS_CANNOT_CREATE, "%s: create: it exists; -f replaces it", path);
}

void output_check(const char *path, enum output_mode mode)
{
    struct stat stat;
    char *directory;

    if (strcmp(path, "-") == 0)
        return;
    if (lstat(path, &stat) == 0) {
        if (mode == OUTPUT_NO_REPLACE)
            refuse_to_replace(path);
        if (!S_ISREG(stat.st_mode) && !S_ISLNK(stat.st_mode))
            die(STATUS_CANNOT_CREATE, "%s: create: it is no file that could be replaced", path);
    }
    directory = path_directory(path);
    if (faccessat(AT_FDCWD, directory, W_OK | X_OK, AT_EACCESS))
        die_system(ACCESS_CREATE, path, "create");
    free(directory);
}

struct output *output_open_untidied(const char *path, enum output_mode mode)
{
    struct output *out = memory_new(1, sizeof *out);
    char *directory = path_directory(path);
    const char *base = path_base(path);

    *out = (struct output){ .fd = STDOUT_FILENO, .mode = mode, .path = memory_string(path) };
    if (strcmp(path, "-") != 0) {
        if (!*base)
            die(STATUS_CANNOT_CREATE, "%s: create: it names no file", path);
        output_check(path, mode);
        create_temporary(out, directory, base);
    }
    free(directory);
    return out;
}

struct output *output_open(const char *path, enum output_mode mode)
{
    if (strcmp(path, "-") != 0)
        output_tidy(path);
    return output_open_untidied(path, mode);
}

void output_write(struct output *out, const void *data, size_t size)
{
    if (file_write_fully(out->fd, data, size))
        die_system(ACCESS_WRITE, out->path, "write");
}

static void output_free(struct output *out)
{
    if (out->temporary)
        temporaries[out->slot] = NULL;
    free(out->temporary);
    free(out->path);
    free(out);
}

/* Rename without clobber: renameat2 where the file system knows it, else link and unlink. 0, or -1 and errno. */
static int rename_without_replacing(const char *from, const char *to)
{
    if (renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0)
        return 0;
    if (errno != EINVAL && errno != ENOSYS)
        return -1;
    if (link(from, to) == 0)
        return unlink(from);
    if (errno == EPERM || errno == EOPNOTSUPP || errno == ENOSYS)
        die(STATUS_CANNOT_CREATE, "%s: publish: its file system has neither links nor a rename that replaces nothing",
            to);
    return -1;
}

void output_sync(struct output *out)
{
    if (out->temporary && fsync(out->fd))
        die_system(ACCESS_WRITE, out->path, "sync");
}

void output_publish(struct output *out)
{
    output_sync(out);
    if (out->temporary) {
        if (out->mode == OUTPUT_REPLACE ? rename(out->temporary, out->path)
                                        : rename_without_replacing(out->temporary, out->path)) {
            if (errno == EEXIST)
                refuse_to_replace(out->path);
            die_system(ACCESS_CREATE, out->path, "publish");
        }
        temporaries[out->slot] = NULL;
        if (close(out->fd))
            die_system(ACCESS_WRITE, out->path, "close");
        if (file_sync_directory_of(out->path))
            die_system(ACCESS_WRITE, out->path, "sync the directory");
    }
    output_free(out);
}

void output_stream_open(struct output_stream *stream)
{
    *stream = (struct output_stream){ 0 };
    stream->to = open_memstream(&stream->text, &stream->size);
    if (!stream->to)
        die(STATUS_RESOURCE, "out of memory");
}

void output_stream_publish(struct output_stream *stream, const char *path, enum output_mode mode)
{
    struct output *out;

    if (fflush(stream->to) || ferror(stream->to))
        die(STATUS_RESOURCE, "out of memory");
    out = output_open(path, mode);
    output_write(out, stream->text, stream->size); /* to close the stream may lose the text, where memory lacks */
    output_publish(out);
}

void output_stream_close(struct output_stream *stream)
{
    fclose(stream->to);
    free(stream->text);
}
