#include "data/fetch.h"

#include "base/digest.h"
#include "base/file.h"
#include "base/memory.h"
#include "format/gzip.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static void sha256_of(const struct bytes *bytes, char hex[DIGEST_SIZE])
{
    struct digest *digest = digest_new(DIGEST_SHA256);

    digest_add(digest, bytes->at, bytes->size);
    digest_end(digest, hex);
}

enum status fetch_look(const struct fetch_file *file, enum fetch_state *state, struct error *error)
{
    char hex[DIGEST_SIZE];
    struct bytes bytes;
    enum file_kind kind;
    enum status status = file_kind(file->path, &kind, error);

    *state = kind == FILE_ABSENT ? FETCH_MISSING : FETCH_OTHER;
    if (status || kind != FILE_REGULAR)
        return status;
    status = file_read(file->path, 0, &bytes, error);
    if (status)
        return status;
    sha256_of(&bytes, hex);
    free(bytes.at);
    if (strcmp(hex, file->sha256) == 0)
        *state = FETCH_RIGHT;
    return STATUS_OK;
}

/* Replace `bytes`, a gzip file, by what it packs, at most one byte more than the file's size. */
static enum status unpack(const struct fetch_file *file, const char *place, struct bytes *bytes, struct error *error)
{
    struct bytes unpacked = { memory_new(file->size + 1, 1), 0 };
    enum status status = gzip_unpack(bytes, place, unpacked.at, file->size + 1, &unpacked.size, error);

    free(bytes->at);
    *bytes = unpacked;
    return status;
}

/* Is it the file, as it came or unpacked? `bytes` is what the digest was found of. */
static enum status check(const struct fetch_file *file, const char *place, struct bytes *bytes, struct error *error)
{
    char hex[DIGEST_SIZE];

    sha256_of(bytes, hex);
    if (strcmp(hex, file->sha256) != 0 && file->size && gzip_is(bytes)) {
        enum status status = unpack(file, place, bytes, error);
        if (status)
            return status;
        sha256_of(bytes, hex);
    }
    if (strcmp(hex, file->sha256) != 0)
        return error_set(error, STATUS_DATA, "%s: check: its SHA-256 is %s, not %s", place, hex, file->sha256);
    return STATUS_OK;
}

/* Publish the file `from`, which came from `place`, if it is the right one. */
static enum answer accept_file(const struct fetch_file *file, const char *from, const char *place, struct error *error)
{
    struct bytes bytes;
    enum status status = file_read(from, 0, &bytes, error);
    struct output *out;

    if (status)
        return status == STATUS_NO_INPUT ? ANSWER_ABSENT : ANSWER_FAILED;
    status = check(file, place, &bytes, error);
    if (!status) {
        out = output_open(file->path, file->mode);
        output_write(out, bytes.at, bytes.size);
        output_publish(out);
    }
    free(bytes.at);
    return !status ? ANSWER_FILE : status == STATUS_DATA ? ANSWER_WRONG : ANSWER_FAILED;
}

static char *name_of_download(const char *path)
{
    char *directory = path_directory(path), *name = memory_format("%s/.%s.download", directory, path_base(path));

    free(directory);
    return name;
}

/* Open and lock what is there of a download, or a new file. The process that held the lock until now may have finished
   with the file and removed it: then it has no name any more, and another is made. */
static int open_download(const struct fetch_file *file, const char *download)
{
    struct stat stat;
    int fd;

    for (;;) {
        fd = open(download, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666);
        if (fd < 0)
            die_system(ACCESS_CREATE, download, "create");
        if (flock(fd, LOCK_EX | LOCK_NB) && errno == EWOULDBLOCK)
            die(STATUS_RETRY, "%s: fetch: another process is fetching it; try again when it has ended", file->path);
        if (fstat(fd, &stat))
            die_system(ACCESS_CREATE, download, "look at");
        if (stat.st_nlink > 0)
            return fd;
        close(fd);
    }
}

static bool is_empty(int fd)
{
    struct stat stat;

    return fstat(fd, &stat) == 0 && stat.st_size == 0;
}

/* What is there of the download helps nobody any more once the file is published or is known to be wrong. */
static enum answer fetch_url(const struct fetch_file *file, const char *url, const char *download, int fd,
                             struct error *error)
{
    /* gzip makes no file larger than that */
    struct transfer_rule rule = { download, file->size ? file->size + file->size / 512 + 4096 : 0, file->progress };
    bool resumed = !is_empty(fd);
    enum answer answer = transfer_url(url, fd, &rule, error);

    if (answer == ANSWER_FILE)
        answer = accept_file(file, download, url, error);
    if (answer != ANSWER_WRONG)
        return answer;
    if (ftruncate(fd, 0))
        die_system(ACCESS_WRITE, download, "truncate");
    return resumed ? fetch_url(file, url, download, fd, error) : answer;
}

void fetch_tidy(const struct fetch_file *file)
{
    char *download = name_of_download(file->path);

    output_remove_abandoned(download);
    free(download);
    output_tidy(file->path);
}

enum answer fetch_from(const struct fetch_file *file, const char *place, struct error *error)
{
    enum answer answer;
    char *download;
    int fd;

    if (!transfer_is_url(place)) {
        answer = accept_file(file, place, place, error);
        if (answer == ANSWER_FILE)
            fetch_tidy(file);
        return answer;
    }
    download = name_of_download(file->path);
    fd = open_download(file, download);
    answer = fetch_url(file, place, download, fd, error);
    if (answer == ANSWER_FILE || is_empty(fd))
        unlink(download);
    close(fd);
    free(download);
    return answer;
}
