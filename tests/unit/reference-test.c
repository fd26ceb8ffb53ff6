/*
 * The reference in float: what finite differences cannot see. They hold backward against forward; here forward is held
 * against its definition, evaluation against training, and sums against their stated order.
 */
#include "engine/ref/network.h"
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static float random_between(float low, float high)
{
    return low + (high - low) * (float)rand() / (float)RAND_MAX;
}

/* `statements` in front of the rest of a recipe. The plan is network->plan; end() frees both. */
static struct network *begin(const char *statements)
{
    struct model *model;
    struct plan *plan;
    struct error error;
    char text[1024];

    snprintf(text, sizeof text, "%s\ntrain batch=11\noptimizer sgd lr=0.5\n", statements);
    if (model_parse(text, "test", NULL, 0, &model, &error) || plan_make(model, "test", &plan, &error)) {
        fprintf(stderr, "%s\n", error.text);
        exit(1);
    }
    model_free(model);
    return network_new(plan);
}

static void end(struct network *network)
{
    struct plan *plan = (struct plan *)network->plan;

    network_free(network);
    plan_free(plan);
}

/* Training of samples 0, 1...; or evaluation. */
static void forward(struct network *network, size_t count, bool training)
{
    static const uint32_t samples[6] = { 0, 1, 2, 3, 4, 5 };
    const struct network_batch batch = { count, training, samples, 1, 0 };

    network_forward(network, &batch);
}

/* The output of the last layer for these inputs and parameters. */
static void check_outputs(const char *layers, const float *x, size_t count, const float *parameters,
                          const float *expected)
{
    char text[512];
    struct network *network;

    snprintf(text, sizeof text, "%s\nloss cross-entropy", layers);
    network = begin(text);
    memcpy(network->values[0], x, count * shape_size(network->plan->input) * sizeof *x);
    memcpy(network->parameters, parameters, network->plan->weight_count * sizeof *parameters);
    forward(network, count, false);
    for (size_t i = 0; i < count * network->plan->classes; i++)
        CHECK_EQUAL(network_logits(network)[i], expected[i]);
    end(network);
}

static const float nine[9] = { 1, 2, 3, 4, 5, 6, 7, 8, 9 };

static void a_kernel_is_not_turned_around(void)
{
    static const float weight[] = { 1, 10, 100, 1000, /* bias */ 0.5,
                                    /* global-avgpool has none */ };
    static const float with[] = { (5421 + 6532 + 8754 + 9865) / 4.0f + 0.5f }, without[] = { 7643 };

    check_outputs("input 1 3 3\nconv 1 2\nglobal-avgpool", nine, 1, weight, with);
    check_outputs("input 1 3 3\nconv 1 2 bias=no\nglobal-avgpool", nine, 1, weight, without);
}

/* 3 x 3 with a border, by 2 x 2 in steps of 2. */
static void a_conv_reads_zeros_around_the_picture(void)
{
    static const float weight[] = { 1, 10, 100, 1000 };
    static const float expected[] = { (1000 + (2 * 100 + 3 * 1000) + (4 * 10 + 7 * 1000) + (5 + 60 + 800 + 9000)) /
                                      4.0f };

    check_outputs("input 1 3 3\nconv 1 2 stride=2 pad=1 bias=no\nglobal-avgpool", nine, 1, weight, expected);
}

/* The first layer's values of 1 to 9 in rows of three. */
static void check_pool(const char *pool, const float expected[4])
{
    char text[128];
    struct network *network;

    snprintf(text, sizeof text, "input 1 3 3\n%s\ndense 2\nloss cross-entropy", pool);
    network = begin(text);
    memcpy(network->values[0], nine, sizeof nine);
    forward(network, 1, false);
    CHECK_EQUAL(shape_size(network->plan->layers[0].out), 4);
    for (size_t i = 0; i < 4; i++)
        CHECK_EQUAL(network->values[1][i], expected[i]);
    end(network);
}

static void pools_move_by_their_stride(void)
{
    static const float each[4] = { 1, 3, 7, 9 }, largest[4] = { 5, 6, 8, 9 }, average[4] = { 3, 4, 6, 7 };

    check_pool("maxpool 1 stride=2", each);
    check_pool("avgpool 1 stride=2", each);
    check_pool("maxpool 2 stride=1", largest);
    check_pool("avgpool 2 stride=1", average);
}

static void an_average_is_over_its_window(void)
{
    static const float x[12] = { 1, 10, 2, 20, 3, 30, 5, 50, 6, 60, 10, 100 }; /* 2 rows, 3 columns, 2 channels */
    struct network *network = begin("input 2 2 3\navgpool 2 stride=1\nglobal-avgpool\ndense 2\nloss cross-entropy");
    const float *windows = network->values[1], *all = network->values[2];

    memcpy(network->values[0], x, sizeof x);
    forward(network, 1, false);
    CHECK_EQUAL(windows[0], 3.5);
    CHECK_EQUAL(windows[1], 35);
    CHECK_EQUAL(windows[2], 5.25);
    CHECK_EQUAL(windows[3], 52.5);
    CHECK_EQUAL(all[0], 4.375);
    CHECK_EQUAL(all[1], 43.75);
    end(network);
}

/* The shortcut takes every second row and column of what the block began with. */
static void a_residual_block_adds_what_it_began_with(void)
{
    static const float parameters[] = { 2, /* conv1, of kernel 1 */ 1000 /* the projection */ };
    static const float identity[] = { 2 + 1 }, projected[] = { (2 + 1000) * (1 + 3 + 7 + 9) / 4.0f };
    static const float one[] = { 1 };

    check_outputs("input 1 1 1\nresidual\nconv 1 1 bias=no\nend\nglobal-avgpool", one, 1, parameters, identity);
    check_outputs("input 1 3 3\nresidual\nconv 1 1 stride=2 bias=no\nend\nglobal-avgpool", nine, 1, parameters,
                  projected);
}

static void dropout_is_for_training_only(void)
{
    struct network *network = begin("input 1 4 4\ndropout 0.5\nconv 8 1\ndropout2d 0.5\ndense 2\nloss cross-entropy");
    const size_t bytes[2] = { 16 * sizeof(float), 128 * sizeof(float) };

    for (size_t i = 0; i < 16; i++)
        network->values[0][i] = 1 + (float)i;
    for (size_t i = 0; i < network->plan->weight_count; i++)
        network->parameters[i] = 1;
    for (size_t i = 0; i < 2; i++) {
        forward(network, 1, true);
        CHECK(memcmp(network->values[2 * i + 1], network->values[2 * i], bytes[i]) != 0);
        forward(network, 1, false);
        CHECK(memcmp(network->values[2 * i + 1], network->values[2 * i], bytes[i]) == 0);
    }
    end(network);
}

enum { SAMPLES = 6, PLACES = 6, CHANNELS = 2, VALUES = SAMPLES * PLACES }; /* a channel has so many values */

/* A batchnorm of 2 x 3 places and two channels, its input, parameters and running statistics random. */
static struct network *begin_batchnorm(void)
{
    struct network *network = begin("input 2 2 3\nbatchnorm momentum=0.25 eps=0.5\ndense 2\nloss cross-entropy");

    for (size_t i = 0; i < VALUES * CHANNELS; i++)
        network->values[0][i] = random_between(-1, 3);
    for (size_t i = 0; i < network->plan->weight_count; i++)
        network->parameters[i] = random_between(0.5f, 2);
    return network;
}

/* The mean and the sum of squared deviations of a channel's input. */
static void measure(const float *x, size_t channel, double *mean, double *squares)
{
    *mean = *squares = 0;
    for (size_t i = 0; i < VALUES; i++)
        *mean += (double)x[i * CHANNELS + channel] / VALUES;
    for (size_t i = 0; i < VALUES; i++)
        *squares += pow((double)x[i * CHANNELS + channel] - *mean, 2);
}

/* The channel's output for a mean and a variance. */
static void check_normalized(const struct network *network, size_t channel, double mean, double variance)
{
    const struct layer *layer = &network->plan->layers[0];
    const double weight = (double)network->parameters[network->plan->tensors[layer->weight].offset + channel];
    const double bias = (double)network->parameters[network->plan->tensors[layer->bias].offset + channel];

    for (size_t i = channel; i < VALUES * CHANNELS; i += CHANNELS)
        CHECK_NEAR((double)network->values[1][i],
                   ((double)network->values[0][i] - mean) / sqrt(variance + 0.5) * weight + bias, 2e-6);
}

static float *statistic(const struct network *network, size_t index)
{
    return network->parameters + network->plan->tensors[index].offset;
}

static void batchnorm_in_training_normalizes_by_the_batch_with_its_biased_variance(void)
{
    struct network *network = begin_batchnorm();
    double mean, squares;

    forward(network, SAMPLES, true);
    for (size_t channel = 0; channel < CHANNELS; channel++) {
        measure(network->values[0], channel, &mean, &squares);
        check_normalized(network, channel, mean, squares / VALUES);
    }
    end(network);
}

static void running_statistics_follow_the_batch_with_its_unbiased_variance(void)
{
    struct network *network = begin_batchnorm();
    const float *running_mean = statistic(network, network->plan->layers[0].mean);
    const float *running_variance = statistic(network, network->plan->layers[0].variance);
    double mean, squares, expected_mean[CHANNELS], expected_variance[CHANNELS];

    for (size_t channel = 0; channel < CHANNELS; channel++) {
        measure(network->values[0], channel, &mean, &squares);
        expected_mean[channel] = 0.75 * (double)running_mean[channel] + 0.25 * mean;
        expected_variance[channel] = 0.75 * (double)running_variance[channel] + 0.25 * squares / (VALUES - 1);
    }
    forward(network, SAMPLES, true);
    for (size_t channel = 0; channel < CHANNELS; channel++) {
        CHECK_NEAR((double)running_mean[channel], expected_mean[channel], 1e-6);
        CHECK_NEAR((double)running_variance[channel], expected_variance[channel], 1e-6);
    }
    end(network);
}

static void batchnorm_in_evaluation_normalizes_by_the_running_statistics_and_leaves_them(void)
{
    struct network *network = begin_batchnorm();
    size_t bytes = network->plan->weight_count * sizeof(float);
    float *before = malloc(bytes);

    memcpy(before, network->parameters, bytes);
    forward(network, SAMPLES, false);
    CHECK(memcmp(before, network->parameters, bytes) == 0);
    for (size_t channel = 0; channel < CHANNELS; channel++)
        check_normalized(network, channel, (double)statistic(network, network->plan->layers[0].mean)[channel],
                         (double)statistic(network, network->plan->layers[0].variance)[channel]);
    free(before);
    end(network);
}

/* An average of nothing but the past, and one of nothing but the last batch. */
static void a_momentum_of_0_keeps_and_of_1_forgets(void)
{
    struct network *network =
        begin("input 1 1 1\nbatchnorm momentum=0\nbatchnorm momentum=1\ndense 2\nloss cross-entropy");
    const struct layer *layers = network->plan->layers;

    for (size_t i = 0; i < network->plan->weight_count; i++)
        network->parameters[i] = 1;
    for (size_t i = 0; i < SAMPLES; i++)
        network->values[0][i] = (float)i;
    forward(network, SAMPLES, true);
    CHECK_EQUAL(*statistic(network, layers[0].mean), 1);
    CHECK_EQUAL(*statistic(network, layers[0].variance), 1);
    CHECK_NEAR((double)*statistic(network, layers[1].mean), 1, 1e-6); /* the first one's bias */
    CHECK_NEAR((double)*statistic(network, layers[1].variance), 1.2, 1e-4);
    end(network);
}

/* - sum of wanted share * log of probability, which is the label's, or smoothed over all classes. */
static double entropy(const float *logits, size_t classes, size_t label, double smoothing)
{
    double sum = 0, entropy = 0;

    for (size_t i = 0; i < classes; i++)
        sum += exp((double)logits[i]);
    for (size_t i = 0; i < classes; i++)
        entropy -= ((i == label ? 1 - smoothing : 0) + smoothing / (double)classes) * ((double)logits[i] - log(sum));
    return entropy;
}

static void losses_are_smoothed_in_training_only(void)
{
    static const uint16_t labels[SAMPLES] = { 0, 1, 2, 3, 0, 1 };
    static const uint32_t samples[SAMPLES] = { 0 };
    struct network *network = begin("input 1 1 4\ndense 4\nloss cross-entropy smoothing=0.25");
    struct network_batch batch = { SAMPLES, true, samples, 1, 0 };
    double mean = 0;

    for (size_t i = 0; i < SAMPLES * 4; i++)
        network->values[1][i] = random_between(-5, 5);
    for (size_t i = 0; i < SAMPLES; i++)
        mean += entropy(network->values[1] + 4 * i, 4, labels[i], 0.25) / SAMPLES;
    CHECK_NEAR((double)network_loss(network, &batch, labels), mean, 1e-6);
    batch.training = false;
    network_loss(network, &batch, labels);
    for (size_t i = 0; i < SAMPLES; i++)
        CHECK_NEAR((double)network->losses[i], entropy(network->values[1] + 4 * i, 4, labels[i], 0), 1e-6);
    end(network);
}

/* Neither infinities nor zeros come of logits that no exponential holds. */
static void losses_of_large_logits_are_finite(void)
{
    static const float logits[3] = { 1e30f, -1e30f, 0 };
    float gradient[3];

    CHECK_EQUAL(cross_entropy(logits, 3, 0, 0, 1, gradient), 0);
    CHECK(gradient[0] == 0 && gradient[1] == 0 && gradient[2] == 0);
    CHECK_EQUAL(cross_entropy(logits, 3, 1, 0, 2, gradient), 2e30f);
    CHECK(gradient[0] == 0.5f && gradient[1] == -0.5f && gradient[2] == 0);
}

enum { BATCH = 11 }; /* chunks of four, four and three samples */

/* The stated order of a sum of products that is formed in chunks, spelt out. */
static float chunked(const float *a, const float *b)
{
    float chunk[3] = { 0 };

    for (size_t i = 0; i < BATCH; i++)
        chunk[i / 4] = fmaf(a[i], b[i], chunk[i / 4]);
    return (chunk[0] + chunk[1]) + chunk[2];
}

/* Backward through a network of one layer with a single input and output, from random slopes. */
static struct network *begin_backward(const char *layer, float x[BATCH], float dy[BATCH])
{
    static const uint32_t samples[BATCH] = { 0 };
    const struct network_batch batch = { BATCH, true, samples, 1, 0 };
    struct network *network;
    char text[128];

    snprintf(text, sizeof text, "input 1 1 1\n%s\nconv 1 1\nloss cross-entropy", layer);
    network = begin(text);
    network->parameters[network->plan->tensors[network->plan->layers[1].weight].offset] = 1;
    for (size_t i = 0; i < BATCH; i++) {
        network->values[0][i] = x[i] = random_between(-1, 1);
        network->slopes[2][i] = dy[i] = random_between(-1, 1);
    }
    network_forward(network, &batch);
    network_backward(network, &batch);
    return network;
}

static void gradients_of_conv_add_in_chunks_and_of_dense_in_a_chain(void)
{
    float x[BATCH], dy[BATCH], one[BATCH], chain[2] = { 0 };
    struct network *network;

    for (size_t i = 0; i < BATCH; i++)
        one[i] = 1;
    for (int trial = 0; trial < 20; trial++) { /* orders may agree by chance */
        network = begin_backward("conv 1 1", x, dy);
        CHECK_EQUAL(network->gradients[0], chunked(dy, x));
        CHECK_EQUAL(network->gradients[1], chunked(dy, one));
        end(network);
        network = begin_backward("dense 1", x, dy);
        chain[0] = chain[1] = 0;
        for (size_t i = 0; i < BATCH; i++) {
            chain[0] = fmaf(dy[i], x[i], chain[0]);
            chain[1] += dy[i];
        }
        CHECK_EQUAL(network->gradients[0], chain[0]);
        CHECK_EQUAL(network->gradients[1], chain[1]);
        end(network);
    }
}

static void sums_of_batchnorm_add_in_chunks(void)
{
    float x[BATCH], dy[BATCH], one[BATCH], deviation[BATCH], mean, inverse;

    for (size_t i = 0; i < BATCH; i++)
        one[i] = 1;
    for (int trial = 0; trial < 20; trial++) {
        struct network *network = begin_backward("batchnorm eps=0.25", x, dy);
        mean = chunked(x, one) / BATCH;
        for (size_t i = 0; i < BATCH; i++)
            deviation[i] = x[i] - mean;
        inverse = 1 / sqrtf(chunked(deviation, deviation) / BATCH + 0.25f);
        CHECK_EQUAL(network->measures[0][0], mean);
        CHECK_EQUAL(network->measures[0][1], inverse);
        CHECK_EQUAL(network->gradients[0], chunked(dy, deviation) * inverse);
        CHECK_EQUAL(network->gradients[1], chunked(dy, one));
        end(network);
    }
}

static void the_batchs_loss_adds_in_a_tree(void)
{
    static const uint16_t labels[BATCH] = { 0, 1, 0, 1, 1, 0, 0, 1, 0, 1, 0 };
    static const uint32_t samples[BATCH] = { 0 };
    const struct network_batch batch = { BATCH, true, samples, 1, 0 };
    struct network *network = begin("input 1 1 1\ndense 2\nloss cross-entropy");
    const float *l = network->losses;
    float loss, sum;

    for (int trial = 0; trial < 20; trial++) {
        for (size_t i = 0; i < 2 * BATCH; i++)
            network->values[1][i] = random_between(-1, 1);
        loss = network_loss(network, &batch, labels);
        sum = (((l[0] + l[1]) + (l[2] + l[3])) + ((l[4] + l[5]) + (l[6] + l[7]))) + ((l[8] + l[9]) + l[10]);
        CHECK_EQUAL(loss, sum / BATCH);
    }
    end(network);
}

enum { MANY = 4096 * 5 + 1234 }; /* gradients: six parts of at most 4096 */

/* The factor of a clip to 0.125: the page's sum over six parts, and over the 16 chains of each, spelt out. */
static float clip_factor(const float gradient[MANY])
{
    enum { CHAINS = 16 };
    double all = 0;

    for (size_t p = 0; p < 6; p++) {
        double chain[CHAINS] = { 0 }, part = 0;
        for (size_t i = 4096 * p; i < MANY && i < 4096 * (p + 1); i++)
            chain[i % CHAINS] = fma((double)gradient[i], (double)gradient[i], chain[i % CHAINS]);
        for (size_t i = 0; i < CHAINS; i++)
            part += chain[i];
        all += part;
    }
    return (float)(0.125 / (sqrt(all) + 1e-6));
}

static void the_norm_of_a_clip_adds_in_the_stated_order(void)
{
    static float gradient[MANY], before[MANY];
    double squares[6];
    float factor;

    CHECK_EQUAL(parts_of(MANY), 6);
    for (int trial = 0; trial < 20; trial++) {
        for (size_t i = 0; i < MANY; i++)
            before[i] = gradient[i] = random_between(-1, 1);
        factor = clip_factor(before);
        clip(MANY, 0.125, gradient, squares);
        for (size_t i = 0; i < MANY; i++)
            CHECK_EQUAL(gradient[i], before[i] * factor);
    }
}

/* Scaled to 0, they would hide that a training diverges. */
static void gradients_without_a_finite_norm_are_left_alone(void)
{
    float gradient[3] = { INFINITY, -2, 0 };
    double squares[1];

    clip(3, 1, gradient, squares);
    CHECK_EQUAL(gradient[1], -2);
}

static void gradients_whose_squares_no_float_holds_are_clipped(void)
{
    float gradient[3] = { 3e30f, -4e30f, 0 };
    double squares[1];

    clip(3, 1, gradient, squares);
    CHECK_NEAR((double)gradient[0], 0.6, 1e-7);
    CHECK_NEAR((double)gradient[1], -0.8, 1e-7);
}

/* Without smoothing, what the other logits add up to does not matter. */
static void a_loss_is_finite_where_its_logits_are(void)
{
    const float logits[4] = { -2e38f, 1e38f, -2e38f, 0 };

    CHECK_EQUAL(cross_entropy(logits, 4, 1, 0, 1, NULL), 0);
}

int main(void)
{
    srand(1);
    TEST(a_kernel_is_not_turned_around);
    TEST(a_conv_reads_zeros_around_the_picture);
    TEST(pools_move_by_their_stride);
    TEST(an_average_is_over_its_window);
    TEST(a_residual_block_adds_what_it_began_with);
    TEST(dropout_is_for_training_only);
    TEST(batchnorm_in_training_normalizes_by_the_batch_with_its_biased_variance);
    TEST(running_statistics_follow_the_batch_with_its_unbiased_variance);
    TEST(batchnorm_in_evaluation_normalizes_by_the_running_statistics_and_leaves_them);
    TEST(a_momentum_of_0_keeps_and_of_1_forgets);
    TEST(losses_are_smoothed_in_training_only);
    TEST(losses_of_large_logits_are_finite);
    TEST(gradients_of_conv_add_in_chunks_and_of_dense_in_a_chain);
    TEST(sums_of_batchnorm_add_in_chunks);
    TEST(the_batchs_loss_adds_in_a_tree);
    TEST(the_norm_of_a_clip_adds_in_the_stated_order);
    TEST(gradients_without_a_finite_norm_are_left_alone);
    TEST(gradients_whose_squares_no_float_holds_are_clipped);
    TEST(a_loss_is_finite_where_its_logits_are);
    return unit_finish();
}
