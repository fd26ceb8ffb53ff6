/*
 * Every optimizer of the reference in double: each step against the formula as the papers and PyTorch's pages write it,
 * and whole descents against their closed forms; clipping and the moving average too. Compiled with -DREF_DOUBLE.
 *
 * A step's scalars are float: what is exact there (sums of few powers of two) shows the loops with all digits.
 */
#include "engine/ref/network.h"
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static double random_between(double low, double high)
{
    return low + (high - low) * (double)rand() / RAND_MAX;
}

/* Steps t = 1, 2... of random gradients, each with half the rate of the one before; `formula` makes that of one
 * parameter p with moments m. */
static void check_formula(void (*formula)(const struct optimizer *optimizer, double rate, int t, double g, double *p,
                                          double m[2]),
                          const struct optimizer *optimizer, double most)
{
    enum { N = 50, STEPS = 6 };
    double parameter[N], expected[N], moment0[N] = { 0 }, moment1[N] = { 0 }, moments[N][2] = { 0 }, gradient[N];
    size_t count = optimizer_moments(optimizer);

    for (int i = 0; i < N; i++)
        parameter[i] = expected[i] = random_between(-1, 1);
    for (int t = 1; t <= STEPS; t++) {
        double rate = ldexp(optimizer->learning_rate, -t);
        struct optimizer_scalars scalars = optimizer_scalars(optimizer, rate, (uint64_t)t - 1);
        for (int i = 0; i < N; i++) {
            gradient[i] = random_between(-1, 1);
            formula(optimizer, rate, t, gradient[i], &expected[i], moments[i]);
        }
        update(optimizer, &scalars, N, gradient, parameter, count > 0 ? moment0 : NULL, count > 1 ? moment1 : NULL);
        for (int i = 0; i < N; i++)
            CHECK_NEAR(parameter[i], expected[i], most);
    }
}

static void sgd_formula(const struct optimizer *optimizer, double rate, int t, double g, double *p, double m[2])
{
    g += optimizer->weight_decay * *p;
    if (optimizer->momentum != 0) {
        m[0] = t == 1 ? g : optimizer->momentum * m[0] + (1 - optimizer->dampening) * g;
        g = optimizer->nesterov ? g + optimizer->momentum * m[0] : m[0];
    }
    *p -= rate * g;
}

static void sgd_steps_by_its_formula(void)
{
    static const struct optimizer optimizers[] = {
        { .kind = OPTIMIZER_SGD, .learning_rate = 0.5 },
        { .kind = OPTIMIZER_SGD, .learning_rate = 0.5, .weight_decay = 0.25 },
        { .kind = OPTIMIZER_SGD, .learning_rate = 0.5, .momentum = 0.875 },
        { .kind = OPTIMIZER_SGD, .learning_rate = 0.5, .momentum = 0.875, .dampening = 0.75 },
        { .kind = OPTIMIZER_SGD, .learning_rate = 0.5, .momentum = 0.875, .dampening = 1, .weight_decay = 0.25 },
        { .kind = OPTIMIZER_SGD, .learning_rate = 0.5, .momentum = 0.875, .nesterov = true },
        { .kind = OPTIMIZER_SGD, .learning_rate = 0.5, .momentum = 0.875, .nesterov = true, .weight_decay = 0.25 },
        { .kind = OPTIMIZER_SGD, .learning_rate = 0.5, .dampening = 0.5 }, /* of a momentum that is not there */
    };

    for (size_t i = 0; i < sizeof optimizers / sizeof *optimizers; i++)
        check_formula(sgd_formula, &optimizers[i], 1e-14);
}

static void adam_formula(const struct optimizer *optimizer, double rate, int t, double g, double *p, double m[2])
{
    if (optimizer->decoupled)
        *p -= rate * optimizer->weight_decay * *p;
    else
        g += optimizer->weight_decay * *p;
    m[0] = optimizer->beta1 * m[0] + (1 - optimizer->beta1) * g;
    m[1] = optimizer->beta2 * m[1] + (1 - optimizer->beta2) * g * g;
    *p -= rate * (m[0] / (1 - pow(optimizer->beta1, t))) /
          (sqrt(m[1] / (1 - pow(optimizer->beta2, t))) + optimizer->epsilon);
}

static void adam_and_adamw_step_by_their_formulas(void)
{
    struct optimizer optimizer = {
        .kind = OPTIMIZER_ADAM, .learning_rate = 0.5, .beta1 = 0.9, .beta2 = 0.999, .epsilon = 1e-8
    };

    check_formula(adam_formula, &optimizer, 2e-7);
    optimizer.epsilon = 0.25;
    check_formula(adam_formula, &optimizer, 2e-7);
    optimizer.weight_decay = 0.25;
    check_formula(adam_formula, &optimizer, 2e-7);
    optimizer.decoupled = true;
    check_formula(adam_formula, &optimizer, 2e-7);
    optimizer.beta1 = 0;
    check_formula(adam_formula, &optimizer, 2e-7);
    optimizer.beta2 = 0;
    check_formula(adam_formula, &optimizer, 2e-7);
}

static void adadelta_formula(const struct optimizer *optimizer, double rate, int t, double g, double *p, double m[2])
{
    double delta;

    (void)t;
    g += optimizer->weight_decay * *p;
    m[0] = optimizer->rho * m[0] + (1 - optimizer->rho) * g * g;
    delta = sqrt(m[1] + optimizer->epsilon) / sqrt(m[0] + optimizer->epsilon) * g;
    m[1] = optimizer->rho * m[1] + (1 - optimizer->rho) * delta * delta;
    *p -= rate * delta;
}

static void adadelta_steps_by_its_formula(void)
{
    struct optimizer optimizer = { .kind = OPTIMIZER_ADADELTA, .learning_rate = 2, .rho = 0.875, .epsilon = 0x1p-20 };

    check_formula(adadelta_formula, &optimizer, 1e-14);
    optimizer.epsilon = 0.125;
    check_formula(adadelta_formula, &optimizer, 1e-14);
    optimizer.weight_decay = 0.25;
    check_formula(adadelta_formula, &optimizer, 1e-14);
}

static void rmsprop_formula(const struct optimizer *optimizer, double rate, int t, double g, double *p, double m[2])
{
    (void)t;
    g += optimizer->weight_decay * *p;
    m[0] = optimizer->rho * m[0] + (1 - optimizer->rho) * g * g;
    m[1] = optimizer->momentum * m[1] + g / (sqrt(m[0]) + optimizer->epsilon);
    *p -= rate * m[1];
}

static void rmsprop_steps_by_its_formula(void)
{
    struct optimizer optimizer = { .kind = OPTIMIZER_RMSPROP, .learning_rate = 0.25, .rho = 0.875, .epsilon = 0x1p-20 };

    check_formula(rmsprop_formula, &optimizer, 1e-14);
    optimizer.epsilon = 0.125;
    check_formula(rmsprop_formula, &optimizer, 1e-14);
    optimizer.weight_decay = 0.25;
    check_formula(rmsprop_formula, &optimizer, 1e-14);
    optimizer.momentum = 0.75;
    check_formula(rmsprop_formula, &optimizer, 1e-14);
}

/* `steps` steps from p on curve * p^2 / 2 + slope * p. */
static double descend(const struct optimizer *optimizer, double p, double curve, double slope, int steps)
{
    double moment0 = 0, moment1 = 0;
    size_t count = optimizer_moments(optimizer);

    for (int t = 0; t < steps; t++) {
        struct optimizer_scalars scalars = optimizer_scalars(optimizer, optimizer->learning_rate, (uint64_t)t);
        double gradient = curve * p + slope;
        update(optimizer, &scalars, 1, &gradient, &p, count > 0 ? &moment0 : NULL, count > 1 ? &moment1 : NULL);
    }
    return p;
}

/* p[t] of p[t + 1] = sum * p[t] - product * p[t - 1], whose characteristic roots r (cos a +- i sin a) are complex. */
static double oscillate(double p0, double p1, double sum, double product, int t)
{
    double r = sqrt(product), a = acos(sum / (2 * r));

    return pow(r, t) * (p0 * cos(t * a) + (p1 / r - p0 * cos(a)) / sin(a) * sin(t * a));
}

static void plain_descent_on_a_quadratic_is_a_geometric_sequence(void)
{
    struct optimizer optimizer = { .kind = OPTIMIZER_SGD, .learning_rate = 0.25 };

    CHECK_EQUAL(optimizer_moments(&optimizer), 0);
    CHECK_NEAR(descend(&optimizer, 2, 1, 0, 10), 2 * pow(0.75, 10), 1e-15);
    optimizer.weight_decay = 0.5;
    CHECK_NEAR(descend(&optimizer, 2, 1, 0, 10), 2 * pow(1 - 0.25 * 1.5, 10), 1e-15);
    CHECK_NEAR(descend(&optimizer, 2, 0, 0, 10), 2 * pow(1 - 0.25 * 0.5, 10), 1e-15);
}

static void momentum_on_a_quadratic_is_a_damped_oscillation(void)
{
    struct optimizer optimizer = { .kind = OPTIMIZER_SGD, .learning_rate = 0.25, .momentum = 0.875 };

    for (int t = 1; t < 40; t++) {
        optimizer.nesterov = false;
        optimizer.dampening = 0;
        CHECK_NEAR(descend(&optimizer, 2, 0.5, 0, t), oscillate(2, 2 * 0.875, 1 + 0.875 - 0.125, 0.875, t), 1e-13);
        optimizer.dampening = 0.75; /* but not of the first step */
        CHECK_NEAR(descend(&optimizer, 2, 0.5, 0, t), oscillate(2, 2 * 0.875, 1 + 0.875 - 0.125 / 4, 0.875, t), 1e-13);
        optimizer.dampening = 0;
        optimizer.nesterov = true;
        CHECK_NEAR(descend(&optimizer, 2, 0.5, 0, t),
                   oscillate(2, 2 * (1 - 0.125 * 1.875), 1.875 * 0.875, 0.875 * 0.875, t), 1e-13);
    }
}

/* On a slope the means of g and g^2, freed of their bias, are g and g^2 themselves. */
static void adam_on_a_slope_takes_steps_of_the_rate(void)
{
    struct optimizer optimizer = {
        .kind = OPTIMIZER_ADAM, .learning_rate = 0.01, .beta1 = 0.9, .beta2 = 0.999, .epsilon = 1e-8
    };

    for (int t = 1; t <= 100; t++) {
        CHECK_NEAR(descend(&optimizer, 1, 0, 3, t), 1 - 0.01 * t, 3e-7 * t);
        CHECK_NEAR(descend(&optimizer, 1, 0, -1e-3, t), 1 + 0.01 * t, 3e-7 * t);
    }
    optimizer.weight_decay = 0.5; /* its gradient alone is a slope as good as any */
    CHECK_NEAR(descend(&optimizer, 1, 0, 0, 1), 0.99, 1e-8);
    optimizer.epsilon = 1;
    CHECK_NEAR(descend(&optimizer, 1, 0, 0, 1), 1 - 0.01 * 0.5 / 1.5, 1e-8);
}

static void adamw_without_a_gradient_decays_geometrically(void)
{
    struct optimizer optimizer = { .kind = OPTIMIZER_ADAM,
                                   .learning_rate = 0.125,
                                   .beta1 = 0.9,
                                   .beta2 = 0.999,
                                   .epsilon = 1e-8,
                                   .weight_decay = 0.5,
                                   .decoupled = true };

    for (int t = 1; t <= 30; t++)
        CHECK_NEAR(descend(&optimizer, 2, 0, 0, t), 2 * pow(1 - 0.125 * 0.5, t), 1e-15);
}

/* On a slope g the mean square is (1 - rho^t) g^2. */
static void rmsprop_on_a_slope(void)
{
    struct optimizer optimizer = {
        .kind = OPTIMIZER_RMSPROP, .learning_rate = 0.25, .rho = 0.875, .epsilon = 0.5, .momentum = 0.5
    };
    double plain = 0, heavy = 0;

    for (int t = 1; t <= 20; t++) {
        plain += 0.25 * 3 / (3 * sqrt(1 - pow(0.875, t)) + 0.5);
        heavy = 0;
        for (int k = 1; k <= t; k++) /* step k counts (1 + mu + ... + mu^(t - k)) times */
            heavy += 0.25 * 3 / (3 * sqrt(1 - pow(0.875, k)) + 0.5) * (1 - pow(0.5, t - k + 1)) / (1 - 0.5);
        optimizer.momentum = 0;
        CHECK_NEAR(descend(&optimizer, 1, 0, 3, t), 1 - plain, 1e-13);
        optimizer.momentum = 0.5;
        CHECK_NEAR(descend(&optimizer, 1, 0, 3, t), 1 - heavy, 1e-13);
    }
}

/* Without memory (rho = 0) u = g^2 (1 - q^t) solves u' = q (u + e), where q = g^2 / (g^2 + e). */
static void adadelta_on_a_slope(void)
{
    struct optimizer optimizer = { .kind = OPTIMIZER_ADADELTA, .learning_rate = 0.5, .rho = 0, .epsilon = 0.25 };
    const double q = 9 / 9.25;
    double p = 1;

    for (int t = 1; t <= 20; t++) {
        p -= 0.5 * 3 * sqrt(1 - pow(q, t));
        CHECK_NEAR(descend(&optimizer, 1, 0, 3, t), p, 1e-12);
    }
    optimizer.rho = 0.75; /* its first step */
    CHECK_NEAR(descend(&optimizer, 1, 0, 3, 1), 1 - 0.5 * 3 * sqrt(0.25 / (0.25 * 9 + 0.25)), 1e-15);
}

static void tiny_moments_become_zero(void)
{
    struct optimizer optimizer = { .kind = OPTIMIZER_SGD, .learning_rate = 1, .momentum = 0.5 };
    struct optimizer_scalars scalars = optimizer_scalars(&optimizer, 1, 0);
    double p = 0, gradient = 0, moment = -0x1.8p-100;

    update(&optimizer, &scalars, 1, &gradient, &p, &moment, NULL);
    CHECK(moment == 0 && !signbit(moment));
    moment = 0x1.8p-99;
    update(&optimizer, &scalars, 1, &gradient, &p, &moment, NULL);
    CHECK(moment == 0x1.8p-100);
}

/* More gradients than one part of the sum has. */
enum { MANY = 4096 * 3 + 1000 };

static double norm(const double *gradient)
{
    double sum = 0;

    for (size_t i = 0; i < MANY; i++)
        sum += gradient[i] * gradient[i];
    return sqrt(sum);
}

static void clipping_shortens_to_the_limit_and_keeps_the_direction(void)
{
    static double gradient[MANY], before[MANY];
    double squares[8], length;

    for (size_t i = 0; i < MANY; i++)
        before[i] = gradient[i] = random_between(-1, 1);
    length = norm(gradient);
    clip(MANY, 0.5, gradient, squares);
    CHECK_NEAR(norm(gradient), 0.5, 1e-8); /* PyTorch's 1e-6 next to a length of 67 */
    for (size_t i = 0; i < MANY; i++)
        CHECK_NEAR(gradient[i], before[i] * 0.5 / (length + 1e-6), 1e-15);
}

static void clipping_leaves_what_is_short_enough(void)
{
    static double gradient[MANY], before[MANY];
    double squares[8];

    for (size_t i = 0; i < MANY; i++)
        before[i] = gradient[i] = random_between(-1, 1);
    clip(MANY, norm(gradient) + 1e-5, gradient, squares);
    CHECK(memcmp(gradient, before, sizeof gradient) == 0);
    memset(gradient, 0, sizeof gradient);
    memset(before, 0, sizeof before);
    clip(MANY, 1e-3, gradient, squares);
    CHECK(memcmp(gradient, before, sizeof gradient) == 0);
}

static void a_moving_average_has_geometric_weights(void)
{
    const double decay = 0.9;
    double parameter = 2, ema = 2, expected;

    for (int t = 1; t <= 50; t++) {
        parameter = sin(t);
        average(1, decay, &parameter, &ema);
        expected = pow(decay, t) * 2;
        for (int k = 1; k <= t; k++)
            expected += (1 - decay) * pow(decay, t - k) * sin(k);
        CHECK_NEAR(ema, expected, 1e-14);
    }
}

/* A whole step: the gradient is clipped, then used, then the average follows what came of it; running statistics are
 * nobody's parameters. */
static void an_update_clips_then_steps_then_averages(void)
{
    static const char text[] = "input 1 1 1\ndense 2\nbatchnorm\ndense 2\nloss cross-entropy\ntrain batch=2\n"
                               "optimizer sgd lr=0.5\nclip 1\nema 0.75\n";
    struct optimizer_scalars scalars;
    struct network *network;
    struct model *model;
    struct plan *plan;
    struct error error;
    double squares;

    if (!CHECK(!model_parse(text, "test", NULL, 0, &model, &error) && !plan_make(model, "test", &plan, &error)))
        return;
    network = network_new(plan);
    for (size_t i = 0; i < plan->weight_count; i++)
        network->parameters[i] = 1;
    for (size_t i = 0; i < plan->parameter_count; i++) {
        network->ema[i] = 1;
        network->gradients[i] = 2;
    }
    squares = 4 * (double)plan->parameter_count;
    scalars = optimizer_scalars(&plan->optimizer, 0.5, 0);
    network_update(network, &scalars);
    for (size_t i = 0; i < plan->parameter_count; i++) {
        double expected = 1 - 0.5 * 2 / (sqrt(squares) + 1e-6);
        CHECK_NEAR(network->parameters[i], expected, 1e-15);
        CHECK_NEAR(network->ema[i], 0.75 + 0.25 * expected, 1e-15);
    }
    for (size_t i = plan->parameter_count; i < plan->weight_count; i++)
        CHECK_EQUAL(network->parameters[i], 1);
    network_free(network);
    plan_free(plan);
    model_free(model);
}

int main(void)
{
    srand(1);
    TEST(sgd_steps_by_its_formula);
    TEST(adam_and_adamw_step_by_their_formulas);
    TEST(adadelta_steps_by_its_formula);
    TEST(rmsprop_steps_by_its_formula);
    TEST(plain_descent_on_a_quadratic_is_a_geometric_sequence);
    TEST(momentum_on_a_quadratic_is_a_damped_oscillation);
    TEST(adam_on_a_slope_takes_steps_of_the_rate);
    TEST(adamw_without_a_gradient_decays_geometrically);
    TEST(rmsprop_on_a_slope);
    TEST(adadelta_on_a_slope);
    TEST(tiny_moments_become_zero);
    TEST(clipping_shortens_to_the_limit_and_keeps_the_direction);
    TEST(clipping_leaves_what_is_short_enough);
    TEST(a_moving_average_has_geometric_weights);
    TEST(an_update_clips_then_steps_then_averages);
    return unit_finish();
}
