/* What is drawn at random has the distribution that it should: initial weights, the order of an epoch, dropout. */
#include "base/random.h"
#include "data/batch.h"
#include "engine/ref/layers.h"
#include "train/initial.h"
#include "unit.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct plan *make_plan(void)
{
    static const char text[] =
        "input 1 28 28\ndense 100\ndropout 0.3\ndense 10\nloss cross-entropy\ntrain\noptimizer adam\n";
    struct model *model;
    struct plan *plan;
    struct error error;

    if (model_parse(text, "test", NULL, 0, &model, &error) || plan_make(model, "test", &plan, &error)) {
        fprintf(stderr, "%s\n", error.text);
        exit(1);
    }
    model_free(model);
    return plan;
}

static void initial_weights_are_uniform_within_the_fan_ins_bound(void)
{
    struct plan *plan = make_plan();
    struct state state = state_new(plan);
    const float bound = 1 / 28.0f; /* of 784 inputs */
    double sum = 0, squares = 0, least = 0, most = 0;
    size_t n = plan->tensors[0].count;

    initial_state(plan, 1, &state);
    for (size_t i = 0; i < n; i++) {
        double w = (double)state.parameters[i];
        sum += w;
        squares += w * w;
        least = w < least ? w : least;
        most = w > most ? w : most;
    }
    CHECK(most <= (double)bound && most > 0.999 * (double)bound);
    CHECK(least >= -(double)bound && least < -0.999 * (double)bound);
    CHECK_NEAR(sum / (double)n, 0, 5 * (double)bound / sqrt(3.0 * (double)n));
    CHECK_NEAR(squares / (double)n, (double)(bound * bound) / 3, 0.02 * (double)(bound * bound) / 3);
    CHECK(fabs((double)state.parameters[plan->tensors[3].offset]) <= 0.1); /* dense2.bias: of 100 inputs */
    for (size_t i = 0; i < plan->parameter_count; i++)
        if (!CHECK(state.moments[0][i] == 0 && state.moments[1][i] == 0))
            break;
    state_free(&state);
    plan_free(plan);
}

static void every_tensor_draws_numbers_of_its_own(void)
{
    struct plan *plan = make_plan();
    struct state one = state_new(plan), two = state_new(plan);

    initial_state(plan, 1, &one);
    initial_state(plan, 2, &two);
    CHECK(memcmp(one.parameters, two.parameters, 400) != 0);
    CHECK(one.parameters[0] * 28 != one.parameters[plan->tensors[2].offset] * 10);
    state_free(&one);
    state_free(&two);
    plan_free(plan);
}

static void an_epoch_sees_every_sample_once(void)
{
    enum { N = 1000 };
    uint32_t order[N];
    unsigned char seen[N] = { 0 };

    batch_order(1, 0, order, N);
    for (size_t i = 0; i < N; i++)
        if (CHECK(order[i] < N))
            CHECK(!seen[order[i]]++);
}

/* Spearman's correlation of the places that samples have in two epochs; its deviation is 1 / sqrt(n - 1) if there is
 * none. */
static void orders_of_epochs_and_seeds_are_unrelated(void)
{
    enum { N = 10000, ORDERS = 5 };
    static uint32_t order[ORDERS][N], place[ORDERS][N];
    static const struct {
        uint64_t seed;
        uint32_t epoch;
    } of[ORDERS] = { { 1, 0 }, { 1, 1 }, { 1, 2 }, { 2, 0 }, { (uint64_t)1 << 32 | 1, 0 } };

    for (size_t k = 0; k < ORDERS; k++) {
        batch_order(of[k].seed, of[k].epoch, order[k], N);
        for (uint32_t i = 0; i < N; i++)
            place[k][order[k][i]] = i;
    }
    for (size_t k = 0; k < ORDERS; k++)
        for (size_t l = 0; l < k; l++) {
            double sum = 0;
            for (size_t i = 0; i < N; i++)
                sum += (place[k][i] - (N - 1) / 2.0) * (place[l][i] - (N - 1) / 2.0);
            CHECK_NEAR(sum / (N / 12.0 * ((double)N * N - 1)), 0, 5 / sqrt(N));
        }
}

static void dropout_drops_its_rate_and_keeps_the_mean(void)
{
    struct plan *plan = make_plan();
    const struct layer *layer = &plan->layers[1];
    double dropped = 0, sum = 0;
    enum { SAMPLES = 2000, SIZE = 100 };
    float x[SIZE], y[SIZE];

    for (size_t i = 0; i < SIZE; i++)
        x[i] = 1;
    for (uint32_t sample = 0; sample < SAMPLES; sample++) {
        dropout(layer, 1, 0, sample, x, y);
        for (size_t i = 0; i < SIZE; i++) {
            dropped += y[i] == 0;
            sum += (double)y[i];
            CHECK(y[i] == 0 || y[i] == (float)(1 / 0.7));
        }
    }
    CHECK_NEAR(dropped / (SAMPLES * SIZE), 0.3, 5 * sqrt(0.3 * 0.7 / (SAMPLES * SIZE)));
    CHECK_NEAR(sum / (SAMPLES * SIZE), 1, 0.01);
    plan_free(plan);
}

static void dropout_depends_on_seed_epoch_sample_and_layer_alone(void)
{
    struct plan *plan = make_plan();
    struct layer layer = plan->layers[1], other = layer;
    enum { SIZE = 100 };
    float x[SIZE], y[SIZE], again[SIZE], differs[SIZE];

    for (size_t i = 0; i < SIZE; i++)
        x[i] = 1;
    other.number++;
    dropout(&layer, 1, 2, 3, x, y);
    dropout(&layer, 1, 2, 3, x, again);
    CHECK(memcmp(y, again, sizeof y) == 0);
    dropout(&layer, 2, 2, 3, x, differs);
    CHECK(memcmp(y, differs, sizeof y) != 0);
    dropout(&layer, 1, 3, 3, x, differs);
    CHECK(memcmp(y, differs, sizeof y) != 0);
    dropout(&layer, 1, 2, 4, x, differs);
    CHECK(memcmp(y, differs, sizeof y) != 0);
    dropout(&other, 1, 2, 3, x, differs);
    CHECK(memcmp(y, differs, sizeof y) != 0);
    plan_free(plan);
}

static void what_is_not_a_number_travels(void)
{
    const float x[4] = { 1, NAN, -1, 2 };
    const struct layer pool = {
        .in = { 2, 2, 1 }, .out = { 1, 1, 1 }, .kernel_rows = 2, .kernel_columns = 2, .stride = 2
    };
    uint32_t winner;
    float y[4];

    relu_forward(4, x, y);
    CHECK(y[0] == 1 && isnan(y[1]) && y[2] == 0 && y[3] == 2);
    maxpool_forward(&pool, 1, x, y, &winner);
    CHECK(isnan(y[0]) && winner == 1);
    CHECK(isnan(cross_entropy(x, 4, 0, 0, 1, NULL)));
}

static void trees_split_at_the_largest_power_of_two_below(void)
{
    const float values[5] = { 1e8f, 1, -1e8f, 1, 3 };

    CHECK_EQUAL(tree_split(2), 1);
    CHECK_EQUAL(tree_split(3), 2);
    CHECK_EQUAL(tree_split(4), 2);
    CHECK_EQUAL(tree_split(5), 4);
    CHECK_EQUAL(tree_split(64), 32);
    CHECK_EQUAL(tree_split(65), 64);
    CHECK_EQUAL(tree_sum(values, 5), ((1e8f + 1) + (-1e8f + 1)) + 3);
}

int main(void)
{
    TEST(initial_weights_are_uniform_within_the_fan_ins_bound);
    TEST(every_tensor_draws_numbers_of_its_own);
    TEST(an_epoch_sees_every_sample_once);
    TEST(orders_of_epochs_and_seeds_are_unrelated);
    TEST(dropout_drops_its_rate_and_keeps_the_mean);
    TEST(dropout_depends_on_seed_epoch_sample_and_layer_alone);
    TEST(what_is_not_a_number_travels);
    TEST(trees_split_at_the_largest_power_of_two_below);
    return unit_finish();
}
