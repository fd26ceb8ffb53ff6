#include "calls.h"

#include <fcntl.h>
#include <string.h>
#include <sys/syscall.h>

const struct call calls[] = {
#ifdef SYS_open /* the older ones, which not every processor has */
    { SYS_open, "open", "open", .path = 1 },
    { SYS_creat, "creat", "creat", .path = 1 },
    { SYS_rename, "rename", "rename", .path = 1 },
    { SYS_link, "link", "link", .path = 2 },
    { SYS_symlink, "symlink", "link", .path = 2 },
    { SYS_unlink, "unlink", "unlink", .path = 1 },
    { SYS_rmdir, "rmdir", "unlink", .path = 1 },
    { SYS_mkdir, "mkdir", "mkdir", .path = 1 },
    { SYS_stat, "stat", "look", .path = 1 },
    { SYS_lstat, "lstat", "look", .path = 1 },
    { SYS_access, "access", "look", .path = 1 },
#endif
#ifdef SYS_renameat
    { SYS_renameat, "renameat", "rename", .directory = 1, .path = 2 },
#endif
    { SYS_openat, "openat", "open", .directory = 1, .path = 2 },
    { SYS_openat2, "openat2", "open", .directory = 1, .path = 2 },
    { SYS_read, "read", "read", .descriptor = 1 },
    { SYS_pread64, "pread64", "read", .descriptor = 1 },
    { SYS_readv, "readv", "read", .descriptor = 1 },
    { SYS_write, "write", "write", .descriptor = 1 },
    { SYS_pwrite64, "pwrite64", "write", .descriptor = 1 },
    { SYS_writev, "writev", "write", .descriptor = 1 },
    { SYS_copy_file_range, "copy_file_range", "write", .descriptor = 3 },
    { SYS_sendfile, "sendfile", "write", .descriptor = 1 },
    { SYS_close, "close", "close", .descriptor = 1 },
    { SYS_fsync, "fsync", "fsync", .descriptor = 1 },
    { SYS_fdatasync, "fdatasync", "fsync", .descriptor = 1 },
    { SYS_syncfs, "syncfs", "fsync", .descriptor = 1 },
    { SYS_renameat2, "renameat2", "rename", .directory = 1, .path = 2 },
    { SYS_linkat, "linkat", "link", .directory = 3, .path = 4 },
    { SYS_symlinkat, "symlinkat", "link", .directory = 2, .path = 3 },
    { SYS_unlinkat, "unlinkat", "unlink", .directory = 1, .path = 2 },
    { SYS_mkdirat, "mkdirat", "mkdir", .directory = 1, .path = 2 },
    { SYS_truncate, "truncate", "truncate", .path = 1 },
    { SYS_ftruncate, "ftruncate", "truncate", .descriptor = 1 },
    { SYS_flock, "flock", "flock", .descriptor = 1 },
    { SYS_getdents64, "getdents64", "getdents", .descriptor = 1 },
    { SYS_newfstatat, "newfstatat", "look", .directory = 1, .path = 2 },
    { SYS_statx, "statx", "look", .directory = 1, .path = 2 },
    { SYS_faccessat, "faccessat", "look", .directory = 1, .path = 2 },
    { SYS_faccessat2, "faccessat2", "look", .directory = 1, .path = 2 },
    { SYS_fstat, "fstat", "look", .descriptor = 1 },
    { SYS_mmap, "mmap", "mmap", .anonymous = true },
    { SYS_mremap, "mremap", "mmap", .anonymous = true },
    { .number = SYS_clone, .name = "clone", .group = "clone" },
    { .number = SYS_clone3, .name = "clone3", .group = "clone" },
    { SYS_execve, "execve", "execve", .path = 1 },
};

const size_t call_count = sizeof calls / sizeof *calls;

const struct call *call_find(int number)
{
    for (size_t i = 0; i < call_count; i++)
        if (calls[i].number == number)
            return &calls[i];
    return NULL;
}

static bool is_one_of(const char *name, const char *const *names)
{
    while (*names && strcmp(*names, name) != 0)
        names++;
    return *names;
}

bool call_changes(const struct call *call, const uint64_t arguments[6])
{
    static const char *const groups[] = { "write", "fsync",    "rename", "link",  "unlink",
                                          "mkdir", "truncate", "flock",  "creat", NULL };

    if (strcmp(call->name, "open") == 0 || strcmp(call->name, "openat") == 0)
        return arguments[call->path] & (O_CREAT | O_TRUNC);
    return is_one_of(call->group, groups);
}

bool call_classes_have(const char *list, const char *name)
{
    size_t n = strlen(name);

    for (const char *at = list; (at = strstr(at, name)); at += n)
        if ((at == list || at[-1] == ',') && (at[n] == ',' || !at[n]))
            return true;
    return false;
}

bool call_is_in(const struct call *call, const uint64_t arguments[6], bool on_directory, const char *classes)
{
    if (call_classes_have(classes, "all"))
        return true;
    if (!call)
        return false;
    return call_classes_have(classes, call->name) || call_classes_have(classes, call->group) ||
           (call_classes_have(classes, "change") && call_changes(call, arguments)) ||
           (on_directory && call->number == SYS_fsync && call_classes_have(classes, "fsync-directory"));
}

static bool is_class(const char *name)
{
    static const char *const others[] = { "all", "change", "fsync-directory", NULL };

    for (size_t i = 0; i < call_count; i++)
        if (strcmp(name, calls[i].name) == 0 || strcmp(name, calls[i].group) == 0)
            return true;
    return is_one_of(name, others);
}

bool call_classes_are_known(const char *classes)
{
    char name[32];

    for (const char *at = classes;; at++) {
        size_t n = strcspn(at, ",");
        if (n >= sizeof name)
            return false;
        memcpy(name, at, n);
        name[n] = '\0';
        if (!is_class(name))
            return false;
        at += n;
        if (!*at)
            return true;
    }
}
