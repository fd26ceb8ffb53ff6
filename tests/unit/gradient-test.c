/*
 * The reference's loops in double against finite differences: every layer alone and in composition, and every optimizer
 * against its textbook formula. Compiled, like the loops that it is linked with, with -DREF_DOUBLE.
 */
#include "engine/ref/network.h"
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>

static double random_between(double low, double high)
{
    return low + (high - low) * (double)rand() / RAND_MAX;
}

static struct plan *plan_of(const char *layers)
{
    struct model *model;
    struct plan *plan;
    struct error error;
    char text[1024];

    snprintf(text, sizeof text, "%s\nloss cross-entropy\ntrain batch=7\noptimizer sgd lr=0.1\n", layers);
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

/* The largest difference between a gradient and its central difference, over the largest gradient. */
static double gradient_error(struct network *network, const struct network_batch *batch, const uint16_t *labels)
{
    const double h = 1e-6;
    double worst = 0, largest_gradient = 1e-3;

    loss_of(network, batch, labels);
    network_backward(network, batch);
    for (size_t i = 0; i < network->plan->parameter_count; i++) {
        double before = network->parameters[i], up, down, error;
        network->parameters[i] = before + h;
        up = loss_of(network, batch, labels);
        network->parameters[i] = before - h;
        down = loss_of(network, batch, labels);
        network->parameters[i] = before;
        error = fabs((up - down) / (2 * h) - network->gradients[i]);
        worst = error > worst ? error : worst;
        if (fabs(network->gradients[i]) > largest_gradient)
            largest_gradient = fabs(network->gradients[i]);
    }
    return worst / largest_gradient;
}

/* Random weights and pictures; what precedes a layer in `layers` needs the gradient of that layer's input. */
static void check_network(const char *layers)
{
    static const uint32_t samples[7] = { 11, 3, 5, 8, 2, 900, 4 };
    static const uint16_t labels[7] = { 0, 2, 1, 1, 0, 2, 2 };
    struct network_batch batch = { 7, true, samples, 42, 3 };
    struct plan *plan = plan_of(layers);
    struct network *network = network_new(plan);

    for (size_t i = 0; i < plan->parameter_count; i++)
        network->parameters[i] = random_between(-0.5, 0.5);
    for (size_t i = 0; i < plan->batch * shape_size(plan->input); i++)
        network->values[0][i] = random_between(-1, 1);
    if (!CHECK(gradient_error(network, &batch, labels) < 1e-7))
        printf("#   %s: %g\n", layers, gradient_error(network, &batch, labels));
    network_free(network);
    plan_free(plan);
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

static void relu_between_layers(void)
{
    check_network("input 1 4 4\nconv 3 3\nrelu\ndense 3");
}

static void maxpool_between_layers(void)
{
    check_network("input 1 7 7\nconv 2 2\nmaxpool 2\ndense 3");
    check_network("input 1 7 7\nconv 2 2\nmaxpool 3 stride=1\ndense 3");
    check_network("input 1 7 7\nconv 2 2\nmaxpool 2 stride=3\ndense 3");
}

static void dropout_between_layers(void)
{
    check_network("input 1 4 4\ndense 9\ndropout 0.4\ndense 3");
    check_network("input 1 4 4\ndense 9\ndropout 0\ndense 3");
}

static void a_deep_composition(void)
{
    check_network(
        "input 2 9 8\nconv 3 3 pad=1\nrelu\nconv 4 3\nrelu\nmaxpool 2\ndropout 0.25\ndense 6\nrelu\ndropout 0.5\n"
        "dense 3");
}

/* Five steps of random gradients; `formula` is the step as the papers and PyTorch write it. */
static void check_optimizer(const struct optimizer *optimizer,
                            void (*formula)(const struct optimizer *optimizer, double rate, int t, double g, double *p,
                                            double m[2]))
{
    enum { N = 50 };
    double parameter[N], expected[N], moment0[N] = { 0 }, moment1[N] = { 0 }, moments[N][2] = { 0 }, gradient[N];

    for (int i = 0; i < N; i++)
        parameter[i] = expected[i] = random_between(-1, 1);
    for (int t = 1; t <= 5; t++) {
        double rate = optimizer->learning_rate / t;
        struct optimizer_scalars scalars = optimizer_scalars(optimizer, rate, (uint64_t)t - 1);
        for (int i = 0; i < N; i++) {
            gradient[i] = random_between(-1, 1);
            formula(optimizer, rate, t, gradient[i], &expected[i], moments[i]);
        }
        update(optimizer, &scalars, N, gradient, parameter, moment0, optimizer_moments(optimizer) > 1 ? moment1 : NULL);
        for (int i = 0; i < N; i++)
            CHECK_NEAR(parameter[i], expected[i], 2e-7);
    }
}

static void sgd_step(const struct optimizer *optimizer, double rate, int t, double g, double *p, double m[2])
{
    m[0] = t == 1 ? g : optimizer->momentum * m[0] + g;
    *p -= rate * m[0];
}

static void adam_step(const struct optimizer *optimizer, double rate, int t, double g, double *p, double m[2])
{
    m[0] = optimizer->beta1 * m[0] + (1 - optimizer->beta1) * g;
    m[1] = optimizer->beta2 * m[1] + (1 - optimizer->beta2) * g * g;
    *p -= rate * (m[0] / (1 - pow(optimizer->beta1, t))) /
          (sqrt(m[1] / (1 - pow(optimizer->beta2, t))) + optimizer->epsilon);
}

static void adadelta_step(const struct optimizer *optimizer, double rate, int t, double g, double *p, double m[2])
{
    double delta;

    (void)t;
    m[0] = optimizer->rho * m[0] + (1 - optimizer->rho) * g * g;
    delta = sqrt(m[1] + optimizer->epsilon) / sqrt(m[0] + optimizer->epsilon) * g;
    m[1] = optimizer->rho * m[1] + (1 - optimizer->rho) * delta * delta;
    *p -= rate * delta;
}

static void sgd_with_momentum(void)
{
    struct optimizer optimizer = { .kind = OPTIMIZER_SGD, .learning_rate = 0.1, .momentum = 0.9 };

    check_optimizer(&optimizer, sgd_step);
}

static void adam(void)
{
    struct optimizer optimizer = {
        .kind = OPTIMIZER_ADAM, .learning_rate = 0.01, .beta1 = 0.9, .beta2 = 0.999, .epsilon = 1e-8
    };

    check_optimizer(&optimizer, adam_step);
}

static void adadelta(void)
{
    struct optimizer optimizer = { .kind = OPTIMIZER_ADADELTA, .learning_rate = 1, .rho = 0.9, .epsilon = 1e-6 };

    check_optimizer(&optimizer, adadelta_step);
}

/* On p^2 / 2, whose gradient is p, plain descent is a geometric sequence. */
static void sgd_on_a_quadratic(void)
{
    struct optimizer optimizer = { .kind = OPTIMIZER_SGD, .learning_rate = 0.25 };
    struct optimizer_scalars scalars = optimizer_scalars(&optimizer, 0.25, 0);
    double p = 2;

    CHECK_EQUAL(optimizer_moments(&optimizer), 0);
    for (int t = 0; t < 10; t++) {
        double gradient = p;
        update(&optimizer, &scalars, 1, &gradient, &p, NULL, NULL);
    }
    CHECK_NEAR(p, 2 * pow(0.75, 10), 1e-15);
}

static void tiny_moments_become_zero(void)
{
    struct optimizer optimizer = { .kind = OPTIMIZER_SGD, .learning_rate = 1, .momentum = 0.5 };
    struct optimizer_scalars scalars = optimizer_scalars(&optimizer, 1, 0);
    double p = 0, gradient = 0, moment = -0x1.8p-100;

    update(&optimizer, &scalars, 1, &gradient, &p, &moment, NULL);
    CHECK(moment == 0 && !signbit(moment));
}

int main(void)
{
    srand(1);
    TEST(dense_alone);
    TEST(dense_after_dense);
    TEST(conv_alone);
    TEST(conv_with_stride_and_pad);
    TEST(conv_after_conv);
    TEST(relu_between_layers);
    TEST(maxpool_between_layers);
    TEST(dropout_between_layers);
    TEST(a_deep_composition);
    TEST(sgd_with_momentum);
    TEST(adam);
    TEST(adadelta);
    TEST(sgd_on_a_quadratic);
    TEST(tiny_moments_become_zero);
    return unit_finish();
}
