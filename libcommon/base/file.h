/*
 * Reading files and directories whole, and looking at what is there.
 */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>

struct bytes {
    unsigned char *at; /* free(3) it; a NUL that `size` does not count follows the last byte */
    size_t size;
};

/*
 * Read all of `path` ("-" is stdin) through one open. A regular file that changes its size meanwhile is an error (74).
 * With `most` > 0 no more than that many bytes are read: the beginning of a longer file.
 */
enum status file_read(const char *path, size_t most, struct bytes *bytes, struct error *error);

/* Read all of a file that no user named, but a program knows by its name: anything but a regular file is 66, and holds
   nobody up. */
enum status file_read_regular(const char *path, struct bytes *bytes, struct error *error);

/* The same of no more than its last `most` bytes. What is added to it meanwhile is not seen. */
enum status file_read_end(const char *path, size_t most, struct bytes *bytes, struct error *error);

/* 65: what was read of a file has a NUL byte in it, so that it is no string. */
enum status bytes_check_text(const struct bytes *bytes, const char *path, struct error *error);

/* Read up to `size` bytes from `fd`, less only at the end of the file; -1 and errno on error. */
ptrdiff_t file_read_fully(int fd, void *to, size_t size);

/* Write all of it; -1 and errno on error. */
int file_write_fully(int fd, const void *from, size_t size);

/* What `path` is. Only "nothing is there" counts as absent; any other failure to look is an error. */
enum file_kind { FILE_ABSENT, FILE_REGULAR, FILE_DIRECTORY, FILE_OTHER };
enum status file_kind(const char *path, enum file_kind *kind, struct error *error);

/* The same of an operand that is to be read, where "-" is stdin: FILE_OTHER. */
enum status file_operand_kind(const char *operand, enum file_kind *kind, struct error *error);

/* Is something at `path`, be it a link that leads nowhere? 74, 71: cannot tell. */
enum status file_exists(const char *path, bool *exists, struct error *error);

/* Is there certainly nothing at `path`, not even a link that leads nowhere? */
bool file_is_absent(const char *path);

/* Is what stands at `path` a symbolic link? False also where that cannot be told. */
bool file_is_link(const char *path);

/* Does a living process hold the lock, flock(2), of the file at `path`? The lock is tried for a moment. False also
   where that cannot be told, and for a symbolic link. */
bool file_is_locked(const char *path);

/* fsync the directory that holds `path` so that a name made in it survives a power cut; -1 and errno on error.
   File systems that cannot sync a directory (EINVAL) count as done. */
int file_sync_directory_of(const char *path);
int directory_sync(const char *directory); /* the same of the directory itself */

/* The names in `directory` that end in `suffix` and do not start with a dot, sorted by byte; free each and the array.
   What leads to a FIFO, a socket or a device is not among them: a run has none, and they could hold up who reads them.
 */
enum status directory_list(const char *directory, const char *suffix, char ***names, size_t *count,
                           struct error *error);

/* The same for names that do start with a dot. */
enum status directory_list_hidden(const char *directory, const char *suffix, char ***names, size_t *count,
                                  struct error *error);
void directory_free(char **names, size_t count);

/* mkdir(2), with fsync of the directory that it is made in, so that it survives a power cut as the files in it will;
   -1 and errno on error. */
int directory_make_one(const char *path);

/* Make `directory` and what is missing of those above it in that way; one that is there already is as good. */
enum status directory_make(const char *directory, struct error *error);

/* The part of `path` after its last slash, and (allocated) the part before it, "." where there is none. */
const char *path_base(const char *path);
char *path_directory(const char *path);

/* (Allocated) the path of `name` in `directory`, which may end in a slash or not. */
char *path_join(const char *directory, const char *name);

#endif
