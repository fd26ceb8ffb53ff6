/*
 * How fast the kernels of engine/cpu are, on one processor, and how near to its limit: `make bench`, or kernels
 * [SECONDS], so long about for each measurement. ROTE_ISA chooses the instructions.
 *
 * Prints tables in Markdown: the products of conv and dense as the frame calls them, then what loops.c measures.
 */
#include "../unit/instructions.h"
#include "base/memory.h"
#include "base/number.h"
#include "engine/cpu/inside.h"
#include "engine/frame/layers.h"
#include "loops.h"
#include "measure.h"
#include "peak.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CHUNK = 4, BATCH = 64 }; /* samples that conv and dense work on at once */

#define AFTER_RELU 0.55    /* share of values that are not 0, as seen in mnist-cnn */
#define AFTER_MAXPOOL 0.15 /* the same of gradients: with the relu that follows it... */
#define AFTER_DROPOUT 0.03 /* ...and with the zeros of dense gradients before these */

/* A layer of a network; nobody asks for the gradient of a picture. */
static const struct subject {
    enum layer_kind kind;
    struct shape in;
    size_t outputs, kernel, stride, pad;
    bool picture;
} subjects[] = {
    { LAYER_CONV, { 28, 28, 1 }, 32, 3, 1, 0, true },   /* mnist-cnn */
    { LAYER_CONV, { 26, 26, 32 }, 64, 3, 1, 0, false }, /* mnist-cnn */
    { LAYER_CONV, { 28, 28, 1 }, 24, 5, 1, 0, true },   /* one-epoch */
    { LAYER_CONV, { 12, 12, 24 }, 32, 3, 1, 0, false }, /* one-epoch */
    { LAYER_CONV, { 28, 28, 64 }, 64, 3, 1, 1, false },   { LAYER_CONV, { 28, 28, 64 }, 128, 1, 1, 0, false },
    { LAYER_CONV, { 28, 28, 32 }, 64, 3, 2, 1, false },   { LAYER_CONV, { 12, 12, 20 }, 50, 5, 1, 0, false },
    { LAYER_DENSE, { 12, 12, 64 }, 128, 0, 0, 0, false }, /* mnist-cnn */
    { LAYER_DENSE, { 1, 1, 128 }, 10, 0, 0, 0, false },   /* mnist-cnn */
    { LAYER_DENSE, { 5, 5, 32 }, 256, 0, 0, 0, false },   /* one-epoch */
    { LAYER_DENSE, { 28, 28, 1 }, 512, 0, 0, 0, true },   /* mlp */
};

static struct layer layer_of(const struct subject *subject)
{
    struct layer layer = { .kind = subject->kind,
                           .in = subject->in,
                           .out = { 1, 1, subject->outputs },
                           .kernel_rows = subject->kernel,
                           .kernel_columns = subject->kernel,
                           .stride = subject->stride,
                           .pad = subject->pad };

    if (layer.kind == LAYER_CONV) {
        layer.out.rows = (layer.in.rows + 2 * layer.pad - layer.kernel_rows) / layer.stride + 1;
        layer.out.columns = (layer.in.columns + 2 * layer.pad - layer.kernel_columns) / layer.stride + 1;
    }
    return layer;
}

static void print_name(const struct layer *layer)
{
    const struct shape in = layer->in;

    if (layer->kind == LAYER_DENSE) {
        printf("| dense %zu to %zu ", shape_size(in), layer->out.channels);
        return;
    }
    printf("| conv %zux%zux%zu to %zu, %zux%zu", in.rows, in.columns, in.channels, layer->out.channels,
           layer->kernel_rows, layer->kernel_columns);
    if (layer->stride > 1)
        printf(", stride %zu", layer->stride);
    if (layer->pad)
        printf(", pad %zu", layer->pad);
    printf(" ");
}

/* What a layer works on: outputs and gradients of its own, operands that are lent. */
struct operands {
    float *weight, *bias, *prepared, *y, *dx, *dweight, *room;
};

static struct operands operands_new(const struct layer *layer, size_t batch)
{
    const size_t weights = shape_size(layer_inputs(layer)) * layer->out.channels;
    struct operands operands = { .weight = measure_values(weights, 1),
                                 .bias = measure_values(layer->out.channels, 1),
                                 .prepared = memory_floats(cpu_kernels.prepared(layer)),
                                 .y = memory_floats(batch * shape_size(layer->out)),
                                 .dx = memory_floats(batch * shape_size(layer->in)),
                                 .dweight = memory_floats(weights),
                                 .room = memory_floats(cpu_kernels.room(layer)) };

    if (cpu_kernels.prepared(layer))
        cpu_kernels.prepare(layer, operands.weight, operands.prepared);
    return operands;
}

static void operands_free(struct operands *operands)
{
    free(operands->weight);
    free(operands->bias);
    free(operands->prepared);
    free(operands->y);
    free(operands->dx);
    free(operands->dweight);
    free(operands->room);
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

static void forward(void *context)
{
    const struct product *product = context;
    const size_t outputs = cpu_kernels.dense_outputs, all = product->layer->out.channels;

    if (product->layer->kind == LAYER_CONV) {
        cpu_kernels.conv_forward(product);
        return;
    }
    for (size_t output = 0; output < all; output += outputs) /* as one worker does */
        cpu_kernels.dense_forward(product,
                                  (struct dense_block){ 0, product->batch, output, least(output + outputs, all) });
}

static void backward(void *context)
{
    struct product product = *(const struct product *)context;
    const size_t inputs = shape_size(product.layer->in), most = cpu_kernels.dense_inputs;

    if (product.layer->kind == LAYER_CONV) {
        cpu_kernels.conv_backward(&product);
        return;
    }
    for (size_t first = 0; first < inputs; first += most) /* as where a block of the weight is updated at once */
        cpu_kernels.dense_backward(&product, first, least(first + most, inputs));
}

static void print_speed(double operations, double seconds, double peak)
{
    const double speed = operations / seconds;

    printf("| %.1f | %.0f %% ", speed * 1e-9, 100 * speed / peak);
}

/* Of `share` of the input, as if it were all. */
static void print_forward(struct product *product, double share, double operations, double peak)
{
    float *x = measure_values(product->batch * shape_size(product->layer->in), share);

    product->x = x;
    print_speed(operations, measure(forward, product), peak);
    free(x);
}

/* Of `share` of the gradients, as if they were all. */
static void print_backward(struct product *product, double share, double operations, double peak)
{
    float *x = measure_values(product->batch * shape_size(product->layer->in), 1);
    float *dy = measure_values(product->batch * shape_size(product->layer->out), share);

    product->x = x;
    product->dy = dy;
    print_speed(operations * (product->dx ? 2 : 1), measure(backward, product), peak);
    free(x);
    free(dy);
}

static void print_subject(const struct subject *subject, double peak)
{
    const struct layer layer = layer_of(subject);
    const size_t batch = layer.kind == LAYER_CONV ? CHUNK : BATCH;
    const double operations = 2.0 * (double)(batch * shape_size(layer.out) * shape_size(layer_inputs(&layer)));
    struct operands operands = operands_new(&layer, batch);
    struct product product = { .layer = &layer,
                               .batch = batch,
                               .weight = operands.weight,
                               .bias = operands.bias,
                               .prepared = operands.prepared,
                               .y = operands.y,
                               .dx = subject->picture ? NULL : operands.dx,
                               .dweight = operands.dweight,
                               .room = operands.room };

    print_name(&layer);
    print_forward(&product, 1, operations, peak);
    if (subject->picture)
        printf("| | ");
    else
        print_forward(&product, AFTER_RELU, operations, peak);
    print_backward(&product, 1, operations, peak);
    print_backward(&product, AFTER_MAXPOOL, operations, peak);
    print_backward(&product, AFTER_DROPOUT, operations, peak);
    printf("|\n");
    operands_free(&operands);
}

static const struct {
    const char *name; /* of tiles */
    double (*run)(size_t rounds);
} peaks[] = { { "generic", peak_generic }, { "avx2", peak_avx2 }, { "avx512", peak_avx512 } };

/* context: the number of the peak. */
static void run_peak(void *context)
{
    peaks[*(size_t *)context].run(PEAK_ROUNDS);
}

static double measure_peak(void)
{
    size_t number = 0;

    while (strcmp(peaks[number].name, tiles->name) != 0)
        number++;
    return peaks[number].run(PEAK_ROUNDS) / measure(run_peak, &number);
}

int main(int argc, char **argv)
{
    struct error error;
    double peak;

    if (argc > 2 || (argc == 2 && !number_double(argv[1], &measure_seconds))) {
        fprintf(stderr, "usage: kernels [seconds]\n");
        return 64;
    }
    if (!instructions_choose(&error))
        die_error(&error);
    peak = measure_peak();
    printf("Tiles of %s; fma in registers: %.1f GFLOP/s, of which shares are given.\n\n", tiles->name, peak * 1e-9);
    printf("| GFLOP/s | forward | | %.0f %% of x | | backward | | %.0f %% of dy | | %.0f %% of dy | |\n"
           "|---|---|---|---|---|---|---|---|---|---|---|\n",
           100 * AFTER_RELU, 100 * AFTER_MAXPOOL, 100 * AFTER_DROPOUT);
    for (size_t i = 0; i < sizeof subjects / sizeof *subjects; i++)
        print_subject(&subjects[i], peak);
    printf("\n");
    loops_print();
    return 0;
}
