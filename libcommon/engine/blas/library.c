#include "engine/blas/library.h"

#include "base/library.h"

struct blas_library blas;

/* For good: its threads cannot be unloaded. */
enum status blas_load(struct error *error)
{
    static const struct library_symbol symbols[] = {
        { "cblas_sgemm", &blas.sgemm },
        { "openblas_set_num_threads", &blas.set_threads },
        { "openblas_get_parallel", &blas.get_parallel },
        { "openblas_get_config", &blas.get_config },
        { "openblas_get_corename", &blas.get_processor },
    };
    const char *reason = library_load("libopenblas.so.0", symbols, sizeof symbols / sizeof *symbols);

    if (reason)
        return error_set(error, STATUS_UNAVAILABLE, "OpenBLAS: load: %s", reason);
    return STATUS_OK;
}
