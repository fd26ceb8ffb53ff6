/*
 * The reference's loops in double against finite differences: every layer and the loss, alone and in composition.
 * Compiled, like the loops that it is linked with, with -DREF_DOUBLE.
 */
#include "engine/ref/network.h"
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>

static double random_between(double low, double high)
{
    return low + (high - low) * (double)rand() / RAND_MAX;
}

enum { CLASSES = 3, LARGEST_BATCH = 17 };

static struct plan *plan_of(const char *layers, size_t batch, double smoothing)
{
    struct model *model;
    struct plan *plan;
    struct error error;
    char text[1024];

    snprintf(text, sizeof text, "%s\nloss cross-entropy smoothing=%g\ntrain batch=%zu\noptimizer sgd lr=0.1\n", layers,
             smoothing, batch);
    if (model_parse(text, "test", NULL, 0, &model, &error) || plan_make(model, "test", &plan, &error)) {
        fprintf(stderr, "%s\n", error.text);
        exit(1);
    }
    model_free(model);
    return plan;
}

static double loss_of(struct network *network, const struct network_batch *batch, const uint16_t *labels)
{
    network_forward(network, batch);
    return network_loss(network, batch, labels);
}

/* The largest difference between a tensor's gradient and its central difference, over the largest gradient there. */
static double tensor_error(struct network *network, const struct plan_tensor *tensor, const struct network_batch *batch,
                           const uint16_t *labels)
{
    const double h = 1e-6;
    double worst = 0, largest_gradient = 1e-2; /* at least: the loss is no more exact */

    for (size_t i = tensor->offset; i < tensor->offset + tensor->count; i++) {
        double before = network->parameters[i], up, down;
        network->parameters[i] = before + h;
        up = loss_of(network, batch, labels);
        network->parameters[i] = before - h;
        down = loss_of(network, batch, labels);
        network->parameters[i] = before;
        worst = fmax(worst, fabs((up - down) / (2 * h) - network->gradients[i]));
        largest_gradient = fmax(largest_gradient, fabs(network->gradients[i]));
    }
    return worst / largest_gradient;
}

/* Random weights and pictures; what precedes a layer in `layers` needs the gradient of that layer's input. */
static void check_batch(const char *layers, size_t count, double smoothing)
{
    uint32_t samples[LARGEST_BATCH];
    uint16_t labels[LARGEST_BATCH];
    struct network_batch batch = { count, true, samples, 42, 3 };
    struct plan *plan = plan_of(layers, LARGEST_BATCH, smoothing);
    struct network *network = network_new(plan);

    for (size_t i = 0; i < count; i++) {
        samples[i] = (uint32_t)(rand() % 1000);
        labels[i] = (uint16_t)(i % CLASSES);
    }
    for (size_t i = 0; i < plan->parameter_count; i++)
        network->parameters[i] = random_between(-0.5, 0.5);
    for (size_t i = 0; i < count * shape_size(plan->input); i++)
        network->values[0][i] = random_between(-1, 1);
    for (int step = 0; step < 2; step++) { /* nothing of a step may be left for the next one */
        loss_of(network, &batch, labels);
        network_backward(network, &batch);
    }
    for (size_t i = 0; i < plan->parameter_tensors; i++)
        if (!CHECK(tensor_error(network, &plan->tensors[i], &batch, labels) < 1e-7))
            printf("#   %s, %zu samples: %s: %g\n", layers, count, plan->tensors[i].name,
                   tensor_error(network, &plan->tensors[i], &batch, labels));
    network_free(network);
    plan_free(plan);
}

/* Seven samples are a chunk of four and one of three. */
static void check_network(const char *layers)
{
    check_batch(layers, 7, 0);
}

static void dense_alone(void)
{
    check_network("input 2 2 3\ndense 3");
}

static void dense_after_dense(void)
{
    check_network("input 1 2 2\ndense 5\ndense 3");
}

static void conv_alone(void)
{
    check_network("input 2 6 5\nconv 3 3\ndense 3");
}

static void conv_with_stride_and_pad(void)
{
    check_network("input 2 6 5\nconv 3 3 stride=2 pad=1\ndense 3");
    check_network("input 1 7 6\nconv 2 2 stride=3 pad=2\ndense 3");
}

static void conv_after_conv(void)
{
    check_network("input 1 6 6\nconv 2 3 pad=1\nconv 3 2 stride=2\ndense 3");
    check_network("input 1 5 5\nconv 3 1\nconv 2 5 pad=2\ndense 3");
}

static void conv_without_bias(void)
{
    check_network("input 2 5 5\nconv 3 3 bias=no\ndense 3");
    check_network("input 1 6 6\nconv 2 3 bias=no pad=1\nconv 3 2 stride=2 bias=no\nconv 3 3 bias=no");
}

static void relu_between_layers(void)
{
    check_network("input 1 4 4\nconv 3 3\nrelu\ndense 3");
}

static void tanh_between_layers(void)
{
    check_network("input 1 4 4\nconv 3 3\ntanh\ndense 3");
    check_network("input 1 1 6\ndense 5\ntanh\ndense 4\ntanh\ndense 3");
}

static void maxpool_between_layers(void)
{
    check_network("input 1 7 7\nconv 2 2\nmaxpool 2\ndense 3");
    check_network("input 1 7 7\nconv 2 2\nmaxpool 3 stride=1\ndense 3");
    check_network("input 1 7 7\nconv 2 2\nmaxpool 2 stride=3\ndense 3");
}

static void avgpool_between_layers(void)
{
    check_network("input 1 7 7\nconv 2 2\navgpool 2\ndense 3");
    check_network("input 1 7 6\nconv 2 2\navgpool 3 stride=1\ndense 3");
    check_network("input 1 7 7\nconv 2 2\navgpool 2 stride=3\ndense 3");
}

static void global_avgpool_between_layers_and_as_the_last(void)
{
    check_network("input 2 5 4\nconv 4 2\nglobal-avgpool\ndense 3");
    check_network("input 2 5 4\nconv 4 2\ntanh\nconv 3 2\nglobal-avgpool");
}

static void dropout_between_layers(void)
{
    check_network("input 1 4 4\ndense 9\ndropout 0.4\ndense 3");
    check_network("input 1 4 4\ndense 9\ndropout 0\ndense 3");
}

static void dropout2d_between_layers(void)
{
    check_network("input 1 5 5\nconv 6 2\ndropout2d 0.4\nconv 2 2\ndense 3");
    check_network("input 1 5 5\nconv 6 2\ndropout2d 0\ndense 3");
}

static void batchnorm_between_layers(void)
{
    check_network("input 1 5 4\nconv 3 2\nbatchnorm\ndense 3");
    check_network("input 1 5 4\nconv 3 2 bias=no\nbatchnorm\ntanh\nconv 2 2 bias=no\nbatchnorm eps=0.1\ndense 3");
    check_network("input 1 2 3\ndense 5\nbatchnorm eps=1e-3\ntanh\ndense 3");
    check_network("input 1 2 3\ndense 5\nbatchnorm momentum=1\nbatchnorm momentum=0\ndense 3");
}

static void batchnorm_as_the_first_layer(void)
{
    check_network("input 2 3 4\nbatchnorm\ndense 3");
    check_network("input 3 4 4\nbatchnorm\nconv 2 3\nbatchnorm\ndense 3");
}

static void residual_blocks_that_add_what_they_began_with(void)
{
    check_network("input 1 4 4\nconv 2 2\nresidual\nconv 2 3 pad=1\ntanh\nend\ndense 3");
    check_network("input 1 4 4\nconv 2 2\nrepeat 3\nresidual\ntanh\nconv 2 1\nend\nend\ndense 3");
}

static void residual_blocks_with_a_projection(void)
{
    check_network("input 1 4 4\nconv 2 2\nresidual\nconv 3 3 pad=1\ntanh\nend\ndense 3");
    check_network("input 1 6 7\nconv 2 2\nresidual\nconv 3 3 stride=2 pad=1\ntanh\nend\ndense 3");
    check_network("input 1 1 8\nconv 2 1\nresidual\nconv 3 1 stride=2\ntanh\nend\ndense 3"); /* 1 x 8 to 1 x 4 */
    check_network("input 1 6 6\nconv 2 2\nresidual\nmaxpool 2\nconv 2 2\nend\ndense 3");     /* 5 x 5 to 1 x 1 */
}

static void residual_blocks_that_begin_at_the_picture(void)
{
    check_network("input 2 4 4\nresidual\nconv 2 3 pad=1\ntanh\nend\ndense 3");
    check_network("input 2 5 5\nresidual\nconv 3 3 pad=1 stride=2\ntanh\nend\ndense 3");
    check_network("input 2 4 4\nresidual\nrelu\nend\ndense 3");
}

static void residual_blocks_within_residual_blocks(void)
{
    check_network("input 1 5 5\nconv 2 2\nresidual\nconv 2 1\nresidual\ntanh\nconv 2 1\nend\ntanh\nend\ndense 3");
    check_network("input 1 5 5\nconv 2 2\nresidual\nresidual\ntanh\nconv 2 1\nend\nconv 2 1\nend\ndense 3");
    check_network("input 1 5 5\nconv 2 2\nresidual\nresidual\nconv 3 2 stride=2\nend\ntanh\nconv 4 1\nend\ndense 3");
    check_network("input 2 3 3\nresidual\nresidual\nconv 2 1\nend\ntanh\nend\ndense 3");
    check_network("input 1 3 3\nconv 2 1\nresidual\ntanh\nresidual\nconv 2 1\nend\nend\ndense 3");
}

static void labels_that_are_smoothed(void)
{
    check_batch("input 1 2 2\ndense 3", 7, 0.1);
    check_batch("input 1 2 2\ndense 5\ntanh\ndense 3", 7, 0.9);
}

/* Chunks of four: one alone, just full, and trees of up to five of them. */
static void batches_of_any_size(void)
{
    static const size_t counts[] = { 1, 2, 3, 4, 5, 8, 9, 12, 13, LARGEST_BATCH };

    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        check_batch("input 1 4 4\nconv 2 3 pad=1\ntanh\ndense 3", counts[i], 0.1);
        if (counts[i] > 1) /* of which batchnorm has a variance */
            check_batch("input 1 4 4\nconv 2 3 bias=no\nbatchnorm\ntanh\ndense 3", counts[i], 0);
    }
}

static void a_deep_composition(void)
{
    check_network(
        "input 2 9 8\nconv 3 3 pad=1\nrelu\nconv 4 3\nrelu\nmaxpool 2\ndropout 0.25\ndense 6\nrelu\ndropout 0.5\n"
        "dense 3");
}

static void a_deep_composition_of_everything(void)
{
    check_batch("input 2 7 6\nconv 4 3 pad=1 bias=no\nbatchnorm\nrelu\nrepeat 2\nresidual\nconv 4 3 pad=1 bias=no\n"
                "batchnorm\ntanh\ndropout2d 0.25\nconv 4 3 pad=1\nend\nrelu\nend\nresidual\nbatchnorm\n"
                "conv 5 3 stride=2 pad=1\nresidual\ntanh\nconv 5 1\nend\nbatchnorm\nend\nmaxpool 2 stride=1\n"
                "avgpool 2 stride=1\ndropout 0.25\nconv 6 2 pad=1\ntanh\nglobal-avgpool\ndense 3",
                7, 0.1);
}

int main(void)
{
    srand(1);
    TEST(dense_alone);
    TEST(dense_after_dense);
    TEST(conv_alone);
    TEST(conv_with_stride_and_pad);
    TEST(conv_after_conv);
    TEST(conv_without_bias);
    TEST(relu_between_layers);
    TEST(tanh_between_layers);
    TEST(maxpool_between_layers);
    TEST(avgpool_between_layers);
    TEST(global_avgpool_between_layers_and_as_the_last);
    TEST(dropout_between_layers);
    TEST(dropout2d_between_layers);
    TEST(batchnorm_between_layers);
    TEST(batchnorm_as_the_first_layer);
    TEST(residual_blocks_that_add_what_they_began_with);
    TEST(residual_blocks_with_a_projection);
    TEST(residual_blocks_that_begin_at_the_picture);
    TEST(residual_blocks_within_residual_blocks);
    TEST(labels_that_are_smoothed);
    TEST(batches_of_any_size);
    TEST(a_deep_composition);
    TEST(a_deep_composition_of_everything);
    return unit_finish();
}
