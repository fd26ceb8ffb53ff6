/*
 * dense as chains: forward over the inputs, the gradient of a weight over the samples, that of an input over the
 * outputs. Where most factors of a kind are 0, as they are after relu and dropout, chains run over the others.
 */
#include "engine/cpu/inside.h"
#include "engine/frame/layers.h"

#include <string.h>

enum {
    INPUTS = 256, /* of a part of forward chains: its weights stay in the cache for all samples */
    SAMPLES = 64, /* of a part of a batch, backward */
    BLOCK = CPU_DENSE_INPUTS,
};

/* What lies in a worker's room. */
struct room {
    float *turned;   /* a block's inputs, (BLOCK, SAMPLES), then its weight, (O, BLOCK) */
    float *addend;   /* (SAMPLES, BLOCK) */
    float *factor;   /* (O): the gradients of a sample that are not 0 */
    uint32_t *place; /* (O): where each stands */
};

static const size_t addend_size = (size_t)SAMPLES * BLOCK;

static size_t turned_size(const struct layer *layer)
{
    const size_t O = layer->out.channels;

    return BLOCK * (O > SAMPLES ? O : SAMPLES);
}

size_t cpu_dense_room(const struct layer *layer)
{
    return turned_size(layer) + addend_size + 2 * layer->out.channels;
}

static struct room arrange(const struct layer *layer, float *floats)
{
    const size_t O = layer->out.channels;
    struct room room = { .turned = floats, .addend = floats + turned_size(layer) };

    room.factor = room.addend + addend_size;
    room.place = (uint32_t *)(room.factor + O);
    return room;
}

/* How many samples from `sample` on a part of the batch has. */
static size_t part_samples(const struct product *product, size_t sample)
{
    const size_t left = product->batch - sample;

    return left < SAMPLES ? left : SAMPLES;
}

/* A part of the chains of a block: those over n inputs from `first` on; they go on in y. */
static void forward_part(const struct product *product, struct dense_block block, size_t first, size_t n, bool sparse)
{
    const size_t inputs = shape_size(product->layer->in), O = product->layer->out.channels;
    const size_t samples = block.end_sample - block.first_sample, outputs = block.end_output - block.first_output;
    const float *x = product->x + block.first_sample * inputs + first;
    const float *weight = product->weight + first * O + block.first_output;
    float *y = product->y + block.first_sample * O + block.first_output, factor[INPUTS];
    const struct chains chains = {
        .runs = 1, .length = n, .a_row = inputs, .a_step = 1, .b_step = O, .start = y, .start_row = O, .open = true
    };
    uint32_t place[INPUTS];

    if (!sparse)
        tiles->product(&chains, samples, outputs, x, weight, y, O);
    for (size_t sample = 0; sparse && sample < samples; sample++) {
        const size_t count = tiles->collect(n, x + sample * inputs, factor, place);
        tiles->combine(count, factor, place, weight, O, outputs, y + sample * O);
    }
}

void cpu_dense_forward(const struct product *product, struct dense_block block)
{
    const size_t inputs = shape_size(product->layer->in), O = product->layer->out.channels;
    const size_t samples = block.end_sample - block.first_sample, outputs = block.end_output - block.first_output;
    const bool sparse = cpu_density(samples, inputs, product->x + block.first_sample * inputs, inputs) < CPU_SPARSE;
    float *y = product->y + block.first_sample * O + block.first_output;

    for (size_t sample = 0; sample < samples; sample++)
        memcpy(y + sample * O, product->bias + block.first_output, outputs * sizeof *y);
    for (size_t first = 0; first < inputs; first += INPUTS)
        forward_part(product, block, first, inputs - first < INPUTS ? inputs - first : INPUTS, sparse);
    for (size_t sample = 0; sample < samples; sample++)
        cpu_end(outputs, y + sample * O);
}

static void backward_weight_sparse(const struct product *product, const struct room *room, size_t first, size_t n)
{
    const size_t inputs = shape_size(product->layer->in), O = product->layer->out.channels;
    float factor[SAMPLES];
    uint32_t place[SAMPLES];

    memset(product->dweight, 0, n * O * sizeof *product->dweight);
    for (size_t sample = 0; sample < product->batch; sample += SAMPLES) {
        const size_t samples = part_samples(product, sample);
        tiles->turn(samples, n, product->x + sample * inputs + first, inputs, room->turned, SAMPLES);
        for (size_t input = 0; input < n; input++) {
            const size_t count = tiles->collect(samples, room->turned + input * SAMPLES, factor, place);
            tiles->combine(count, factor, place, product->dy + sample * O, O, O, product->dweight + input * O);
        }
    }
    cpu_end(n * O, product->dweight);
}

static void backward_weight(const struct product *product, const struct room *room, size_t first, size_t n)
{
    const size_t inputs = shape_size(product->layer->in), O = product->layer->out.channels;
    const struct chains chains = { .runs = 1, .length = product->batch, .a_row = 1, .a_step = inputs, .b_step = O };

    if (cpu_density(product->batch, n, product->x + first, inputs) < CPU_SPARSE &&
        cpu_finite(product->batch * O, product->dy))
        backward_weight_sparse(product, room, first, n);
    else
        tiles->product(&chains, n, O, product->x + first, product->dy, product->dweight, O);
}

static void backward_input_sparse(const struct product *product, const struct room *room, size_t sample, size_t n,
                                  float *dx)
{
    const size_t O = product->layer->out.channels;
    const size_t count = tiles->collect(O, product->dy + sample * O, room->factor, room->place);

    memset(dx, 0, n * sizeof *dx);
    tiles->combine(count, room->factor, room->place, room->turned, BLOCK, n, dx);
    cpu_end(n, dx);
}

/* Vectors run over inputs, for which the weight is turned. */
static void backward_input(const struct product *product, const struct room *room, size_t first, size_t n)
{
    const size_t inputs = shape_size(product->layer->in), O = product->layer->out.channels;
    const struct chains chains = { .runs = 1, .length = O, .a_row = O, .a_step = 1, .b_step = BLOCK };
    const bool sparse = cpu_density(product->batch, O, product->dy, O) < CPU_SPARSE;

    tiles->turn(n, O, product->weight + first * O, O, room->turned, BLOCK);
    for (size_t sample = 0; sample < product->batch; sample += SAMPLES) {
        const size_t samples = part_samples(product, sample), row = product->adds ? BLOCK : inputs;
        float *dx = product->dx + sample * inputs + first, *to = product->adds ? room->addend : dx;
        if (!sparse)
            tiles->product(&chains, samples, n, product->dy + sample * O, room->turned, to, row);
        for (size_t i = 0; sparse && i < samples; i++)
            backward_input_sparse(product, room, sample + i, n, to + i * row);
        for (size_t i = 0; product->adds && i < samples; i++)
            frame_add(n, to + i * row, dx + i * inputs);
    }
}

void cpu_dense_backward(const struct product *product, size_t first, size_t end)
{
    const struct room room = arrange(product->layer, product->room);

    backward_weight(product, &room, first, end - first);
    if (product->dx)
        backward_input(product, &room, first, end - first);
}
