#include "caller.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum { MOST_HALF = 1 << 20 };

/* Copy from or to the caller's memory. */
static ptrdiff_t copy(pid_t thread, uint64_t address, void *here, size_t size, bool from)
{
    struct iovec local = { here, size }, remote = { (void *)(uintptr_t)address, size };

    return from ? process_vm_readv(thread, &local, 1, &remote, 1, 0)
                : process_vm_writev(thread, &local, 1, &remote, 1, 0);
}

/* A string may end just before a page that is not there: page by page. */
static void copy_string(pid_t thread, uint64_t address, char to[PATH_SIZE])
{
    size_t done = 0;

    while (done + 1 < PATH_SIZE) {
        size_t size = 4096 - (address + done) % 4096;
        ptrdiff_t n;
        if (size > PATH_SIZE - 1 - done)
            size = PATH_SIZE - 1 - done;
        n = copy(thread, address + done, to + done, size, true);
        if (n <= 0)
            break;
        if (memchr(to + done, '\0', (size_t)n))
            return;
        done += (size_t)n;
    }
    to[done] = '\0';
}

static void read_link(pid_t thread, const char *name, char path[PATH_SIZE])
{
    char link[64];
    ssize_t n;

    snprintf(link, sizeof link, "/proc/%d/%s", (int)thread, name);
    n = readlink(link, path, PATH_SIZE - 1);
    path[n > 0 ? n : 0] = '\0';
}

static void read_descriptor(pid_t thread, uint64_t descriptor, char path[PATH_SIZE])
{
    char name[32];

    snprintf(name, sizeof name, "fd/%d", (int)descriptor);
    read_link(thread, name, path);
}

void caller_path(pid_t thread, const struct call *call, const uint64_t arguments[6], char path[PATH_SIZE])
{
    char name[PATH_SIZE];
    size_t n;

    path[0] = '\0';
    if (call->descriptor)
        read_descriptor(thread, arguments[call->descriptor - 1], path);
    if (!call->path)
        return;
    copy_string(thread, arguments[call->path - 1], name);
    if (name[0] == '/') {
        strcpy(path, name);
        return;
    }
    if (call->directory && (int)arguments[call->directory - 1] != AT_FDCWD)
        read_descriptor(thread, arguments[call->directory - 1], path);
    else
        read_link(thread, "cwd", path);
    n = strlen(path);
    snprintf(path + n, PATH_SIZE - n, "/%s", strncmp(name, "./", 2) == 0 ? name + 2 : name);
}

/* Read a small file of /proc. */
static void read_about(pid_t thread, const char *name, char *to, size_t size)
{
    char path[64];
    ssize_t n = 0;
    int fd;

    snprintf(path, sizeof path, "/proc/%d/%s", (int)thread, name);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd >= 0) {
        n = read(fd, to, size - 1);
        close(fd);
    }
    to[n > 0 ? n : 0] = '\0';
}

void caller_name(pid_t thread, char name[16 + 1])
{
    read_about(thread, "comm", name, 16 + 1);
    name[strcspn(name, "\n")] = '\0';
}

pid_t caller_process(pid_t thread)
{
    char status[1024], *line;

    read_about(thread, "status", status, sizeof status);
    line = strstr(status, "\nTgid:");
    return line ? (pid_t)strtol(line + strlen("\nTgid:"), NULL, 10) : thread;
}

bool caller_is_loader(pid_t thread, uint64_t address)
{
    char path[64], line[PATH_SIZE];
    bool is = false;
    FILE *maps;

    snprintf(path, sizeof path, "/proc/%d/maps", (int)thread);
    maps = fopen(path, "re");
    while (maps && fgets(line, sizeof line, maps)) {
        unsigned long long from, to;
        if (sscanf(line, "%llx-%llx", &from, &to) == 2 && from <= address && address < to)
            is = strstr(line, "/ld-") != NULL;
    }
    if (maps)
        fclose(maps);
    return is;
}

/* A descriptor of our own for the caller's. */
static int take_descriptor(pid_t thread, uint64_t descriptor)
{
    int process = (int)syscall(SYS_pidfd_open, caller_process(thread), 0), fd;

    if (process < 0)
        return -1;
    fd = (int)syscall(SYS_pidfd_getfd, process, (int)descriptor, 0);
    close(process);
    return fd;
}

static bool is_regular(int fd)
{
    struct stat stat;

    return fstat(fd, &stat) == 0 && S_ISREG(stat.st_mode);
}

static ptrdiff_t transfer(pid_t thread, int fd, const struct call *call, const uint64_t arguments[6], char *buffer)
{
    size_t size = arguments[2] / 2 < MOST_HALF ? arguments[2] / 2 : MOST_HALF;
    ptrdiff_t n;

    if (size == 0)
        size = arguments[2];
    if (call->number == SYS_read || call->number == SYS_pread64) {
        n = call->number == SYS_read ? read(fd, buffer, size) : pread(fd, buffer, size, (off_t)arguments[3]);
        return n > 0 ? copy(thread, arguments[1], buffer, (size_t)n, false) : n;
    }
    n = copy(thread, arguments[1], buffer, size, true);
    if (n <= 0)
        return n;
    return call->number == SYS_write ? write(fd, buffer, (size_t)n)
                                     : pwrite(fd, buffer, (size_t)n, (off_t)arguments[3]);
}

ptrdiff_t caller_transfer_half(pid_t thread, const struct call *call, const uint64_t arguments[6])
{
    char *buffer;
    ptrdiff_t n;
    int fd;

    if (call->number != SYS_read && call->number != SYS_pread64 && call->number != SYS_write &&
        call->number != SYS_pwrite64)
        return -1;
    fd = take_descriptor(thread, arguments[0]);
    if (fd < 0)
        return -1;
    buffer = is_regular(fd) ? malloc(MOST_HALF) : NULL; /* a pipe might wait for somebody who waits for us */
    n = buffer ? transfer(thread, fd, call, arguments, buffer) : -1;
    free(buffer);
    close(fd);
    return n;
}
