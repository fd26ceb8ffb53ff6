/*
 * The loops of engine/frame beside those of engine/ref, and both beside memcpy: what is read and written, a second.
 *
 * The layers work on a chunk of mnist-cnn's, in the cache; the optimizers on as many parameters as it has, in memory.
 */
#include "loops.h"

#include "base/memory.h"
#include "engine/frame/layers.h"
#include "engine/ref/layers.h"
#include "measure.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PARAMETERS = 1199882, COPIED = PARAMETERS * 7 / 2 };

static const struct layer relu = { .kind = LAYER_RELU, .in = { 24, 24, 64 }, .out = { 24, 24, 64 } };
static const struct layer pool = { .kind = LAYER_MAXPOOL,
                                   .in = { 24, 24, 64 },
                                   .out = { 12, 12, 64 },
                                   .kernel_rows = 2,
                                   .kernel_columns = 2,
                                   .stride = 2 };
static const struct layer drop = { .kind = LAYER_DROPOUT, .in = { 12, 12, 64 }, .out = { 12, 12, 64 }, .rate = 0.25 };

static const struct optimizer adadelta = {
    .kind = OPTIMIZER_ADADELTA, .learning_rate = 1, .rho = 0.9, .epsilon = 1e-6
};
static const struct optimizer adam = {
    .kind = OPTIMIZER_ADAM, .learning_rate = 0.001, .beta1 = 0.9, .beta2 = 0.999, .epsilon = 1e-8
};

/* What all of them work on. */
static struct {
    float *x, *y, *dy, *dx; /* (PARAMETERS); dy stays as it is */
    uint32_t *winners;      /* of `pool` */
    unsigned char *kept;    /* of `drop` */
    float *from, *to;       /* (COPIED) */
} work;

static void frame_relu(void *context)
{
    (void)context;
    frame_relu_forward(CHUNK * shape_size(relu.in), work.x, work.y);
}

static void ref_relu(void *context)
{
    (void)context;
    relu_forward(CHUNK * shape_size(relu.in), work.x, work.y);
}

static void frame_relu_back(void *context)
{
    (void)context;
    frame_relu_backward(CHUNK * shape_size(relu.in), work.x, work.dy, work.dx);
}

static void ref_relu_back(void *context)
{
    (void)context;
    relu_backward(CHUNK * shape_size(relu.in), work.x, work.dy, work.dx);
}

static void frame_pool(void *context)
{
    (void)context;
    frame_maxpool_forward(&pool, CHUNK, work.x, work.y, work.winners);
}

static void ref_pool(void *context)
{
    (void)context;
    maxpool_forward(&pool, CHUNK, work.x, work.y, work.winners);
}

static void frame_relu_pool(void *context)
{
    (void)context;
    frame_relu_maxpool_forward(&pool, CHUNK, work.x, work.y, work.winners);
}

static void ref_relu_pool(void *context)
{
    (void)context;
    relu_forward(CHUNK * shape_size(relu.in), work.x, work.dx);
    maxpool_forward(&pool, CHUNK, work.dx, work.y, work.winners);
}

static void frame_pool_back(void *context)
{
    (void)context;
    frame_maxpool_backward(&pool, CHUNK, work.winners, work.dy, work.dx);
}

static void ref_pool_back(void *context)
{
    (void)context;
    maxpool_backward(&pool, CHUNK, work.winners, work.dy, work.dx);
}

static void frame_drop(void *context)
{
    const size_t size = shape_size(drop.out);

    (void)context;
    for (uint32_t sample = 0; sample < CHUNK; sample++)
        dropout_draw(&drop, 1, 0, sample, work.kept + sample * size);
    dropout_apply(&drop, CHUNK * size, work.kept, work.x, work.y);
}

static void ref_drop(void *context)
{
    const size_t size = shape_size(drop.out);

    (void)context;
    for (uint32_t sample = 0; sample < CHUNK; sample++)
        dropout(&drop, 1, 0, sample, work.x + sample * size, work.y + sample * size);
}

static void frame_optimizer(void *context)
{
    const struct optimizer *optimizer = context;
    const struct optimizer_scalars scalars = optimizer_scalars(optimizer, optimizer->learning_rate, 1000);

    frame_update(optimizer, &scalars, PARAMETERS, work.dy, work.x, work.y, work.dx);
}

static void ref_optimizer(void *context)
{
    const struct optimizer *optimizer = context;
    const struct optimizer_scalars scalars = optimizer_scalars(optimizer, optimizer->learning_rate, 1000);

    update(optimizer, &scalars, PARAMETERS, work.dy, work.x, work.y, work.dx);
}

/* context: how many bytes are read and written. */
static void copy(void *context)
{
    memcpy(work.to, work.from, *(size_t *)context / 2);
}

static void print_loop(const char *name, size_t bytes, void (*frame)(void *context), void (*ref)(void *context),
                       const void *context)
{
    const double gigabytes = (double)bytes * 1e-9;
    const double frame_speed = gigabytes / measure(frame, (void *)context);
    const double ref_speed = gigabytes / measure(ref, (void *)context), copy_speed = gigabytes / measure(copy, &bytes);

    printf("| %s | %.1f | %.1f | %.1f | %.0f %% |\n", name, frame_speed, ref_speed, copy_speed,
           100 * frame_speed / copy_speed);
}

void loops_print(void)
{
    const size_t n = CHUNK * shape_size(relu.in), pooled = CHUNK * shape_size(pool.out), one = sizeof *work.x;

    work.x = measure_values(PARAMETERS, 1);
    work.dy = measure_values(PARAMETERS, 1);
    work.y = memory_floats(PARAMETERS); /* moments begin with 0 */
    work.dx = memory_floats(PARAMETERS);
    work.winners = memory_new(pooled, sizeof *work.winners);
    work.kept = memory_new(pooled, 1);
    work.from = measure_values(COPIED, 1);
    work.to = memory_floats(COPIED);

    printf("| GB/s read and written | engine/frame | engine/ref | memcpy | frame of memcpy |\n|---|---|---|---|---|\n");
    print_loop("relu forward", 2 * n * one, frame_relu, ref_relu, NULL);
    print_loop("relu backward", 3 * n * one, frame_relu_back, ref_relu_back, NULL);
    print_loop("maxpool forward", (n + 2 * pooled) * one, frame_pool, ref_pool, NULL);
    print_loop("relu and maxpool forward", (n + 2 * pooled) * one, frame_relu_pool, ref_relu_pool, NULL);
    print_loop("maxpool backward", (n + 2 * pooled) * one, frame_pool_back, ref_pool_back, NULL);
    print_loop("dropout, drawn and applied", 2 * pooled * one, frame_drop, ref_drop, NULL);
    print_loop("Adadelta, 1.2 million", 7 * PARAMETERS * one, frame_optimizer, ref_optimizer, &adadelta);
    print_loop("Adam, 1.2 million", 7 * PARAMETERS * one, frame_optimizer, ref_optimizer, &adam);

    free(work.x);
    free(work.y);
    free(work.dy);
    free(work.dx);
    free(work.winners);
    free(work.kept);
    free(work.from);
    free(work.to);
}
