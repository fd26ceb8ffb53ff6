/*
 * allocate.so - preloaded, lets allocations of memory fail
 *
 *     ALLOCATE_FAIL=7 LD_PRELOAD=allocate.so program    # the seventh allocation gets no memory
 *     ALLOCATE_FAIL=7+ ...                              # nor does any after it
 *     ALLOCATE_COUNT=file ...                           # when the program ends, how many there
 *                                                       # were is written to the file
 *
 * Of all threads together, and of each program that a shell starts anew.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What glibc calls its own. */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *memory, size_t size);
void *__libc_memalign(size_t alignment, size_t size);

static atomic_ulong count;
static unsigned long fails; /* which one; 0: none */
static bool persistent;

__attribute__((constructor)) static void begin(void)
{
    const char *text = getenv("ALLOCATE_FAIL");

    fails = text ? strtoul(text, NULL, 10) : 0;
    persistent = text && strchr(text, '+');
    count = 0;
}

__attribute__((destructor)) static void end(void)
{
    const char *path = getenv("ALLOCATE_COUNT");
    int fd = path ? open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666) : -1;

    if (fd >= 0) {
        dprintf(fd, "%lu\n", (unsigned long)count);
        close(fd);
    }
}

/* Is it this one's turn to fail? */
static bool is_due(void)
{
    unsigned long number = atomic_fetch_add(&count, 1) + 1;

    if (!fails || !(number == fails || (persistent && number > fails)))
        return false;
    errno = ENOMEM;
    return true;
}

void *malloc(size_t size)
{
    return is_due() ? NULL : __libc_malloc(size);
}

void *calloc(size_t number, size_t size)
{
    return is_due() ? NULL : __libc_calloc(number, size);
}

void *realloc(void *memory, size_t size)
{
    return is_due() ? NULL : __libc_realloc(memory, size);
}

void *aligned_alloc(size_t alignment, size_t size)
{
    return is_due() ? NULL : __libc_memalign(alignment, size);
}

int posix_memalign(void **memory, size_t alignment, size_t size)
{
    void *at = is_due() ? NULL : __libc_memalign(alignment, size);

    if (!at)
        return ENOMEM;
    *memory = at;
    return 0;
}
