#include "engine/blas/library.h"

#include <dlfcn.h>

struct blas_library blas;

/* Look a function up; false where the library lacks it. */
static bool find(void *library, const char *name, void *function)
{
    *(void **)function = dlsym(library, name); /* as POSIX has it, C does not */
    return *(void **)function;
}

enum status blas_load(struct error *error)
{
    void *library = dlopen("libopenblas.so.0", RTLD_NOW | RTLD_LOCAL); /* for good: its threads cannot be unloaded */

    if (library && find(library, "cblas_sgemm", &blas.sgemm) &&
        find(library, "openblas_set_num_threads", &blas.set_threads) &&
        find(library, "openblas_get_parallel", &blas.get_parallel) &&
        find(library, "openblas_get_config", &blas.get_config) &&
        find(library, "openblas_get_corename", &blas.get_processor))
        return STATUS_OK;
    return error_set(error, STATUS_UNAVAILABLE, "OpenBLAS: load: %s", dlerror());
}
