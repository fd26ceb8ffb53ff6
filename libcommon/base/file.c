#include "base/file.h"

#include "base/memory.h"
#include "base/text.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

ptrdiff_t file_read_fully(int fd, void *to, size_t size)
{
    size_t done = 0;

    while (done < size) {
        ssize_t n = read(fd, (char *)to + done, size - done);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -1;
        if (n == 0)
            break;
        done += (size_t)n;
    }
    return (ptrdiff_t)done;
}

int file_write_fully(int fd, const void *from, size_t size)
{
    size_t done = 0;

    while (done < size) {
        ssize_t n = write(fd, (const char *)from + done, size - done);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -1;
        done += (size_t)n;
    }
    return 0;
}

/* A regular file: its size is known, and must still be right when it has been read. */
static enum status read_regular(int fd, const char *path, size_t size, size_t most, struct bytes *bytes,
                                struct error *error)
{
    size_t wanted = most && most < size ? most : size;
    ptrdiff_t n;

    bytes->at = memory_new(wanted + 2, 1);
    n = file_read_fully(fd, bytes->at, wanted < size ? wanted : wanted + 1);
    if (n < 0)
        return error_system(error, ACCESS_READ, path, "read");
    if ((size_t)n != wanted)
        return error_set(error, STATUS_IO, "%s: read: its size changed while it was read", path);
    bytes->at[wanted] = '\0';
    bytes->size = wanted;
    return STATUS_OK;
}

static enum status read_stream(int fd, const char *path, size_t most, struct bytes *bytes, struct error *error)
{
    struct text text = { 0 };
    char block[65536];
    ptrdiff_t n;

    do {
        size_t wanted = most && most - text.length < sizeof block ? most - text.length : sizeof block;
        n = file_read_fully(fd, block, wanted);
        if (n < 0) {
            text_free(&text);
            return error_system(error, ACCESS_READ, path, "read");
        }
        text_add(&text, block, (size_t)n);
    } while (n > 0);
    *bytes = (struct bytes){ (unsigned char *)text.at, text.length };
    return STATUS_OK;
}

/* What may be at a path: stdin is read from where it stands, whatever it is. */
enum source { SOURCE_STDIN, SOURCE_ANY, SOURCE_REGULAR };

static enum status read_source(enum source source, int fd, const char *path, size_t most, struct bytes *bytes,
                               struct error *error)
{
    struct stat stat;

    if (fstat(fd, &stat))
        return error_system(error, ACCESS_READ, path, "look at");
    if (source != SOURCE_STDIN && S_ISREG(stat.st_mode))
        return read_regular(fd, path, (size_t)stat.st_size, most, bytes, error);
    if (source == SOURCE_REGULAR)
        return error_set(error, STATUS_NO_INPUT, "%s: open: it is no file", path);
    return read_stream(fd, path, most, bytes, error);
}

/* Takes over `fd`, what opening `path` came to. */
static enum status read_opened(enum source source, int fd, const char *path, size_t most, struct bytes *bytes,
                               struct error *error)
{
    enum status status;

    *bytes = (struct bytes){ 0 };
    if (fd < 0)
        return error_system(error, ACCESS_READ, path, "open");
    status = read_source(source, fd, path, most, bytes, error);
    if (source != SOURCE_STDIN)
        close(fd);
    if (status) {
        free(bytes->at);
        *bytes = (struct bytes){ 0 };
    }
    return status;
}

enum status file_read(const char *path, size_t most, struct bytes *bytes, struct error *error)
{
    if (strcmp(path, "-") == 0)
        return read_opened(SOURCE_STDIN, STDIN_FILENO, path, most, bytes, error);
    return read_opened(SOURCE_ANY, open(path, O_RDONLY | O_CLOEXEC), path, most, bytes, error);
}

enum status file_read_regular(const char *path, struct bytes *bytes, struct error *error)
{
    return read_opened(SOURCE_REGULAR, open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK), path, 0, bytes, error);
}

static enum status read_end(int fd, const char *path, size_t most, struct bytes *bytes, struct error *error)
{
    struct stat stat;
    ptrdiff_t n;

    if (fstat(fd, &stat))
        return error_system(error, ACCESS_READ, path, "look at");
    if (!S_ISREG(stat.st_mode))
        return error_set(error, STATUS_NO_INPUT, "%s: open: it is no file", path);
    bytes->size = (size_t)stat.st_size < most ? (size_t)stat.st_size : most;
    bytes->at = memory_new(bytes->size + 1, 1);
    if (lseek(fd, stat.st_size - (off_t)bytes->size, SEEK_SET) < 0)
        return error_system(error, ACCESS_READ, path, "seek in");
    n = file_read_fully(fd, bytes->at, bytes->size);
    if (n < 0)
        return error_system(error, ACCESS_READ, path, "read");
    if ((size_t)n != bytes->size)
        return error_set(error, STATUS_IO, "%s: read: its size changed while it was read", path);
    return STATUS_OK;
}

enum status file_read_end(const char *path, size_t most, struct bytes *bytes, struct error *error)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    enum status status;

    *bytes = (struct bytes){ 0 };
    if (fd < 0)
        return error_system(error, ACCESS_READ, path, "open");
    status = read_end(fd, path, most, bytes, error);
    close(fd);
    if (status) {
        free(bytes->at);
        *bytes = (struct bytes){ 0 };
    }
    return status;
}

enum status bytes_check_text(const struct bytes *bytes, const char *path, struct error *error)
{
    if (!bytes->size || !memchr(bytes->at, '\0', bytes->size))
        return STATUS_OK;
    return error_set(error, STATUS_DATA, "%s: read: it contains a NUL byte", path);
}

enum status file_kind(const char *path, enum file_kind *kind, struct error *error)
{
    struct stat stat_buffer;

    *kind = FILE_ABSENT;
    if (stat(path, &stat_buffer)) {
        if (errno == ENOENT)
            return STATUS_OK;
        return error_system(error, ACCESS_READ, path, "look at");
    }
    *kind = S_ISREG(stat_buffer.st_mode) ? FILE_REGULAR : S_ISDIR(stat_buffer.st_mode) ? FILE_DIRECTORY : FILE_OTHER;
    return STATUS_OK;
}

enum status file_operand_kind(const char *operand, enum file_kind *kind, struct error *error)
{
    *kind = FILE_OTHER;
    return strcmp(operand, "-") == 0 ? STATUS_OK : file_kind(operand, kind, error);
}

enum status file_exists(const char *path, bool *exists, struct error *error)
{
    struct stat stat;

    *exists = lstat(path, &stat) == 0;
    return *exists || errno == ENOENT ? STATUS_OK : error_system(error, ACCESS_READ, path, "look at");
}

bool file_is_link(const char *path)
{
    struct stat stat;

    return lstat(path, &stat) == 0 && S_ISLNK(stat.st_mode);
}

bool file_is_absent(const char *path)
{
    bool exists;

    return file_exists(path, &exists, NULL) == STATUS_OK && !exists;
}

bool file_is_locked(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    bool locked = false;

    if (fd < 0)
        return false;
    if (flock(fd, LOCK_SH | LOCK_NB))
        locked = errno == EWOULDBLOCK;
    close(fd);
    return locked;
}

int directory_sync(const char *directory)
{
    int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC), result = -1, saved;

    if (fd < 0)
        return -1;
    if (fsync(fd) == 0 || errno == EINVAL)
        result = 0;
    saved = errno;
    close(fd);
    errno = saved;
    return result;
}

int file_sync_directory_of(const char *path)
{
    char *directory = path_directory(path);
    int result = directory_sync(directory);

    free(directory);
    return result;
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool ends_with(const char *name, const char *suffix)
{
    size_t n = strlen(name), m = strlen(suffix);

    return n >= m && strcmp(name + n - m, suffix) == 0;
}

/* Opening a FIFO may take for ever, and reading a device may have no end. What cannot be looked at is for who opens it
 * to tell. Most file systems say with the name what it is of; where a link leads they do not. */
static bool is_file_or_directory(DIR *stream, const struct dirent *entry)
{
    struct stat there;

    if (entry->d_type != DT_UNKNOWN && entry->d_type != DT_LNK)
        return entry->d_type == DT_REG || entry->d_type == DT_DIR;
    return fstatat(dirfd(stream), entry->d_name, &there, 0) || S_ISREG(there.st_mode) || S_ISDIR(there.st_mode);
}

static enum status list_names(const char *directory, bool hidden, const char *suffix, char ***names, size_t *count,
                              struct error *error)
{
    DIR *stream = opendir(directory);
    struct dirent *entry;
    enum status status = STATUS_OK;

    *names = NULL;
    *count = 0;
    if (!stream)
        return error_system(error, ACCESS_READ, directory, "open");
    while ((errno = 0, entry = readdir(stream))) {
        if ((entry->d_name[0] == '.') != hidden || !ends_with(entry->d_name, suffix) ||
            !is_file_or_directory(stream, entry))
            continue;
        *names = memory_grow(*names, *count, sizeof **names);
        (*names)[(*count)++] = memory_string(entry->d_name);
    }
    if (errno) {
        status = error_system(error, ACCESS_READ, directory, "read");
        directory_free(*names, *count);
        *names = NULL;
        *count = 0;
    }
    closedir(stream);
    if (*count)
        qsort(*names, *count, sizeof **names, compare_names);
    return status;
}

enum status directory_list(const char *directory, const char *suffix, char ***names, size_t *count, struct error *error)
{
    return list_names(directory, false, suffix, names, count, error);
}

enum status directory_list_hidden(const char *directory, const char *suffix, char ***names, size_t *count,
                                  struct error *error)
{
    return list_names(directory, true, suffix, names, count, error);
}

void directory_free(char **names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        free(names[i]);
    free(names);
}

/* Leaves errno as it is. */
static bool is_directory(const char *path)
{
    int number = errno;
    struct stat there;
    bool is = stat(path, &there) == 0 && S_ISDIR(there.st_mode);

    errno = number;
    return is;
}

int directory_make_one(const char *path)
{
    char *above;
    int result;

    if (mkdir(path, 0777))
        return -1;
    above = path_join(path, ".."); /* a path may end in slashes: what it stands in is best found from it */
    result = directory_sync(above);
    free(above);
    return result;
}

enum status directory_make(const char *directory, struct error *error)
{
    char *path = memory_string(directory);
    enum status status = STATUS_OK;

    for (char *end = path + strspn(path, "/"); *end && !status; end += strspn(end, "/")) {
        char after;

        end += strcspn(end, "/");
        after = *end;
        *end = '\0';
        if (directory_make_one(path) && !(errno == EEXIST && is_directory(path)))
            status = error_system(error, ACCESS_CREATE, path, "create");
        *end = after;
    }
    free(path);
    return status;
}

const char *path_base(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? slash + 1 : path;
}

char *path_directory(const char *path)
{
    const char *slash = strrchr(path, '/');

    if (!slash)
        return memory_string(".");
    return memory_format("%.*s", (int)(slash == path ? 1 : slash - path), path);
}

char *path_join(const char *directory, const char *name)
{
    size_t length = strlen(directory);

    return memory_format("%s%s%s", directory, length && directory[length - 1] == '/' ? "" : "/", name);
}
