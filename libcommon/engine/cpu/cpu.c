#include "engine/cpu/cpu.h"

#include "engine/cpu/inside.h"

#include <stdlib.h>
#include <string.h>

const struct tiles *tiles;

/* The best first. */
static const struct tiles *const all_tiles[] = {
#ifdef __x86_64__
    &tiles_avx512,
    &tiles_avx2,
#endif
    &tiles_generic,
};

static bool runs_here(const struct tiles *kind)
{
#ifdef __x86_64__
    if (kind == &tiles_avx512)
        return __builtin_cpu_supports("avx512f");
    if (kind == &tiles_avx2)
        return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
#endif
    return kind == &tiles_generic;
}

static enum status choose_tiles(struct error *error)
{
    const char *wanted = getenv("ROTE_ISA");

    if (wanted && !*wanted)
        wanted = NULL;
    for (size_t i = 0; i < sizeof all_tiles / sizeof *all_tiles; i++)
        if (runs_here(all_tiles[i]) && (!wanted || strcmp(wanted, all_tiles[i]->name) == 0)) {
            tiles = all_tiles[i];
            return STATUS_OK;
        }
    return error_set(error, STATUS_UNAVAILABLE,
                     "ROTE_ISA=%s: not one of generic, avx2, avx512, or not of this processor", wanted);
}

static size_t room(const struct layer *layer)
{
    return layer->kind == LAYER_CONV ? cpu_conv_room(layer) : cpu_dense_room(layer);
}

static size_t prepared(const struct layer *layer)
{
    return layer->kind == LAYER_CONV ? cpu_conv_prepared(layer) : 0;
}

const struct kernels cpu_kernels = {
    .room = room,
    .prepared = prepared,
    .prepare = cpu_conv_prepare,
    .conv_forward = cpu_conv_forward,
    .conv_backward = cpu_conv_backward,
    .dense_outputs = 64, /* the widest tile */
    .dense_inputs = CPU_DENSE_INPUTS,
    .dense_forward = cpu_dense_forward,
    .dense_backward = cpu_dense_backward,
};

static enum status cpu_open(const struct plan *plan, size_t threads, struct comm *comm, struct engine **engine,
                            struct error *error)
{
    enum status status = choose_tiles(error);

    if (!status)
        *engine = frame_open(&cpu_kernels, ENGINE_CLASS_EXACT, plan, threads, comm);
    return status;
}

const struct engine_kind engine_cpu = { "cpu",     cpu_open,    frame_class,    frame_put,
                                        frame_get, frame_train, frame_evaluate, frame_close };
