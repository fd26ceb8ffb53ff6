#include "engine/blas/blas.h"

#include "engine/blas/library.h"
#include "engine/blas/products.h"
#include "engine/frame/frame.h"

#include <stdio.h>

/* Of two versions of OpenBLAS or two kinds of processor neither has the other's bits. */
static void make_class(char *class, size_t size)
{
    char version[24] = "unknown";

    sscanf(blas.get_config(), "OpenBLAS %23s", version);
    snprintf(class, size, ENGINE_CLASS_BLAS "%s-%.20s", version, blas.get_processor());
}

static size_t blas_room(const struct layer *layer)
{
    return layer->kind == LAYER_CONV ? blas_conv_room(layer) : 0;
}

static enum status blas_open(const struct plan *plan, size_t threads, struct comm *comm, struct engine **engine,
                             struct error *error)
{
    static const struct kernels kernels = { .chunks_most = 32, /* large products are fast ones */
                                            .room = blas_room,
                                            .conv_forward = blas_conv_forward,
                                            .conv_backward = blas_conv_backward,
                                            .dense_samples = 32,
                                            .dense_outputs = 256,
                                            .dense_inputs = 128,
                                            .dense_forward = blas_dense_forward,
                                            .dense_backward = blas_dense_backward };
    char class[64];

    if (comm->ranks > 1)
        return error_set(error, STATUS_UNAVAILABLE,
                         "-d blas: share batches out: its bits follow from whole ones; cpu and ref have ranks");
    if (blas_load(error))
        return error->status;
    blas.set_threads(1);
    if (blas.get_parallel() == OPENBLAS_SEQUENTIAL)
        threads = 1; /* that build of the library does not lock its buffers */
    make_class(class, sizeof class);
    *engine = frame_open(&kernels, class, plan, threads, comm);
    return STATUS_OK;
}

const struct engine_kind engine_blas = { "blas",    blas_open,   frame_class,    frame_put,
                                         frame_get, frame_train, frame_evaluate, frame_close };
