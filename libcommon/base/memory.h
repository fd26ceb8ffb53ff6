/*
 * Memory. Every function returns memory or ends the program with 71; sizes are checked for overflow. Free with free(3).
 */
#ifndef BASE_MEMORY_H
#define BASE_MEMORY_H

#include <stddef.h>

/* `count` objects of `size` bytes, zeroed. */
void *memory_new(size_t count, size_t size);

/* `count` floats, zeroed, aligned to 64 bytes. Of a large array, what is not used takes no memory. */
float *memory_floats(size_t count);

/* Make room in `array` (NULL at first) for one more than `count` objects of `size` bytes; returns the array, perhaps
   moved. It grows by doubling whenever `count` is a power of two, so that the caller keeps no capacity. */
void *memory_grow(void *array, size_t count, size_t size);

char *memory_string(const char *string);
char *memory_format(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
