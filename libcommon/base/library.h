/*
 * Shared objects that are opened when they are first needed, so that programs start fast and run where they are not.
 *
 *     static const struct library_symbol symbols[] = { { "cblas_sgemm", &blas.sgemm } };
 *     const char *reason = library_load("libopenblas.so.0", symbols, 1);
 *     if (reason)
 *         return error_set(error, STATUS_UNAVAILABLE, "OpenBLAS: load: %s", reason);
 */
#ifndef BASE_LIBRARY_H
#define BASE_LIBRARY_H

#include <stddef.h>

struct library_symbol {
    const char *name;
    void *pointer; /* a pointer to a function or an object, to be filled in */
};

/* Open a shared object for good, and fill in pointers. `path` may begin with $ORIGIN, the directory of the program.
   Returns NULL, or in words why that cannot be, which stays until the next call. */
const char *library_load(const char *path, const struct library_symbol *symbols, size_t count);

#endif
