#include "base/memory.h"

#include "base/error.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { LARGE = 1 << 18 }; /* bytes; more than a page of any machine */

static _Noreturn void out_of_memory(void)
{
    die(STATUS_RESOURCE, "out of memory");
}

void *memory_new(size_t count, size_t size)
{
    void *memory = calloc(count ? count : 1, size ? size : 1);

    if (!memory)
        out_of_memory();
    return memory;
}

/* Pages that are given back come as zeros when they are next used, by the thread that uses them: what never is costs
 * nothing. The rest is too little to give back. */
static void clear(char *memory, size_t size)
{
    const size_t page = (size_t)sysconf(_SC_PAGESIZE);
    size_t before = -(uintptr_t)memory % page, whole = size < LARGE ? 0 : (size - before) / page * page;

    if (whole && madvise(memory + before, whole, MADV_DONTNEED) == 0) {
        memset(memory, 0, before);
        memset(memory + before + whole, 0, size - before - whole);
    } else {
        memset(memory, 0, size);
    }
}

float *memory_floats(size_t count)
{
    size_t size;
    float *memory;

    if (__builtin_mul_overflow(count, sizeof *memory, &size) || __builtin_add_overflow(size, 64, &size))
        out_of_memory();
    size = size / 64 * 64;
    memory = aligned_alloc(64, size ? size : 64);
    if (!memory)
        out_of_memory();
    clear((char *)memory, size ? size : 64);
    return memory;
}

void *memory_grow(void *array, size_t count, size_t size)
{
    size_t bytes;

    if (count & (count - 1))
        return array;
    if (__builtin_mul_overflow(count ? 2 * count : 1, size, &bytes))
        out_of_memory();
    array = realloc(array, bytes);
    if (!array)
        out_of_memory();
    return array;
}

char *memory_string(const char *string)
{
    char *copy = strdup(string);

    if (!copy)
        out_of_memory();
    return copy;
}

char *memory_format(const char *format, ...)
{
    va_list arguments;
    char *string;
    int length;

    va_start(arguments, format);
    length = vasprintf(&string, format, arguments);
    va_end(arguments);
    if (length < 0)
        out_of_memory();
    return string;
}
