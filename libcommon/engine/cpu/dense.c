/* dense as chains: forward over the inputs, the gradient of a weight over the samples, that of an input over the
 * outputs. */
#include "engine/cpu/inside.h"

#include <string.h>

enum {
    INPUTS = 256, /* of a part of forward chains: its weights stay in the cache for all samples */
    SQUARE = 64,  /* inputs and samples of a block of dx */
};

size_t cpu_dense_room(const struct layer *layer)
{
    return SQUARE * (layer->out.channels + SQUARE);
}

void cpu_dense_forward(const struct product *product, struct dense_block block)
{
    const size_t inputs = shape_size(product->layer->in), O = product->layer->out.channels;
    const size_t samples = block.end_sample - block.first_sample, outputs = block.end_output - block.first_output;
    const float *x = product->x + block.first_sample * inputs, *weight = product->weight + block.first_output;
    float *y = product->y + block.first_sample * O + block.first_output;

    for (size_t first = 0; first < inputs; first += INPUTS) {
        const size_t n = inputs - first < INPUTS ? inputs - first : INPUTS;
        const struct chains chains = { .runs = 1, .length = n, .a_row = inputs, .a_step = 1, .b_step = O };
        if (first == 0)
            for (size_t sample = 0; sample < samples; sample++)
                memcpy(y + sample * O, product->bias + block.first_output, outputs * sizeof *y);
        tiles->extend(&chains, samples, outputs, x + first, weight + first * O, y, O, first + n == inputs);
    }
}

/* turned: (columns, rows), rows turned_row apart. */
static void turn(size_t rows, size_t columns, const float *from, size_t from_row, float *turned, size_t turned_row)
{
    for (size_t row = 0; row < rows; row++)
        for (size_t column = 0; column < columns; column++)
            turned[column * turned_row + row] = from[row * from_row + column];
}

static void add_turned(size_t rows, size_t columns, const float *from, size_t from_row, float *turned,
                       size_t turned_row)
{
    for (size_t row = 0; row < rows; row++)
        for (size_t column = 0; column < columns; column++)
            turned[column * turned_row + row] += from[row * from_row + column];
}

/* dx of some samples and the inputs [first, end): vectors over samples, so that the weight need not be turned. */
static void backward_input(const struct product *product, size_t sample, size_t samples, size_t first, size_t end)
{
    const size_t inputs = shape_size(product->layer->in), O = product->layer->out.channels;
    const struct chains chains = { .runs = 1, .length = O, .a_row = O, .a_step = 1, .b_step = SQUARE };
    float *dy = product->room, *square = dy + SQUARE * O; /* (O, samples); (inputs, samples) */

    turn(samples, O, product->dy + sample * O, O, dy, SQUARE);
    for (size_t input = first, n; input < end; input += n) {
        float *dx = product->dx + sample * inputs + input;
        n = end - input < SQUARE ? end - input : SQUARE;
        tiles->product(&chains, n, samples, product->weight + input * O, dy, NULL, square, SQUARE);
        (product->adds ? add_turned : turn)(n, samples, square, SQUARE, dx, inputs);
    }
}

void cpu_dense_backward(const struct product *product, size_t first, size_t end)
{
    const size_t inputs = shape_size(product->layer->in), O = product->layer->out.channels;
    const struct chains chains = { .runs = 1, .length = product->batch, .a_row = 1, .a_step = inputs, .b_step = O };

    tiles->product(&chains, end - first, O, product->x + first, product->dy, NULL, product->dweight, O);
    for (size_t sample = 0; product->dx && sample < product->batch; sample += SQUARE) {
        size_t left = product->batch - sample;
        backward_input(product, sample, left < SQUARE ? left : SQUARE, first, end);
    }
}
