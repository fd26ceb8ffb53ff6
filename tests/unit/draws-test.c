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

static struct plan *make_plan_of(const char *text)
{
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

static struct plan *make_plan(void)
{
    return make_plan_of("input 1 28 28\ndense 100\ndropout 0.3\ndense 10\nloss cross-entropy\ntrain\noptimizer adam\n");
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

/* The correlation of n pairs of which both have the mean 0; its deviation is 1 / sqrt(n) if there is none. */
static double correlation(const float *a, const float *b, size_t n)
{
    double products = 0, squares_a = 0, squares_b = 0;

    for (size_t i = 0; i < n; i++) {
        products += (double)a[i] * (double)b[i];
        squares_a += (double)a[i] * (double)a[i];
        squares_b += (double)b[i] * (double)b[i];
    }
    return products / sqrt(squares_a * squares_b);
}

static void seeds_tensors_and_elements_draw_numbers_of_their_own(void)
{
    struct plan *plan = make_plan();
    struct state one = state_new(plan), two = state_new(plan);
    enum { N = 1000 };
    const double most = 4 / sqrt(N);

    initial_state(plan, 1, &one);
    initial_state(plan, 2, &two);
    CHECK_EQUAL(plan->tensors[2].count, N);
    CHECK_NEAR(correlation(one.parameters, two.parameters, N), 0, most);
    CHECK_NEAR(correlation(one.parameters, one.parameters + plan->tensors[2].offset, N), 0, most);
    for (size_t apart = 1; apart <= 8; apart++)
        CHECK_NEAR(correlation(one.parameters, one.parameters + apart, N), 0, most);
    state_free(&one);
    state_free(&two);
    plan_free(plan);
}

/* Each within the bound of its layer's inputs, and spread over all of it. */
static void check_range(const struct plan *plan, const struct state *state, size_t index, double fan_in)
{
    const struct plan_tensor *tensor = &plan->tensors[index];
    const double bound = 1 / sqrt(fan_in);
    double least = 0, most = 0;

    for (size_t i = 0; i < tensor->count; i++) {
        double value = (double)state->parameters[tensor->offset + i];
        least = value < least ? value : least;
        most = value > most ? value : most;
    }
    if (!CHECK(least >= -bound && least < -0.98 * bound && most <= bound && most > 0.98 * bound))
        printf("#   %s: %g to %g, bound %g\n", tensor->name, least, most, bound);
}

static void weights_and_biases_of_all_layers_have_the_bound_of_their_inputs(void)
{
    struct plan *plan = make_plan_of("input 3 8 8\nconv 400 5\nresidual\nconv 500 1\nend\nglobal-avgpool\ndense 600\n"
                                     "loss cross-entropy\ntrain\noptimizer adam\n");
    static const double fan_in[] = { 75, 75, 400, 400, 400, 500, 500 };
    struct state state = state_new(plan);

    initial_state(plan, 1, &state);
    CHECK_TEXT(plan->tensors[4].name, "projection1.weight");
    CHECK_EQUAL(plan->tensor_count, sizeof fan_in / sizeof *fan_in);
    for (size_t i = 0; i < plan->tensor_count; i++)
        check_range(plan, &state, i, fan_in[i]);
    state_free(&state);
    plan_free(plan);
}

static void batchnorm_begins_as_the_identity_and_an_average_as_the_parameters(void)
{
    struct plan *plan = make_plan_of("input 1 1 4\ndense 5\nbatchnorm\ndense 2\nloss cross-entropy\ntrain\n"
                                     "optimizer adam\nema 0.9\n");
    static const float expected[] = { 1, 0, 0, 1 };
    struct state state = state_new(plan);
    size_t of[4];

    of[0] = plan->layers[1].weight;
    of[1] = plan->layers[1].bias;
    of[2] = plan->layers[1].mean;
    of[3] = plan->layers[1].variance;
    initial_state(plan, 1, &state);
    for (size_t k = 0; k < 4; k++) {
        CHECK_EQUAL(plan->tensors[of[k]].count, 5);
        for (size_t i = 0; i < 5; i++)
            CHECK_EQUAL(state.parameters[plan->tensors[of[k]].offset + i], expected[k]);
    }
    CHECK(memcmp(state.ema, state.parameters, plan->parameter_count * sizeof(float)) == 0);
    state_free(&state);
    plan_free(plan);
}

static void an_epoch_sees_every_sample_once(void)
{
    enum { MOST = 70000 };
    static const size_t counts[] = { 1, 2, 1000, MOST };
    static uint32_t order[MOST];
    static unsigned char seen[MOST];

    for (size_t k = 0; k < sizeof counts / sizeof *counts; k++) {
        memset(seen, 0, sizeof seen);
        batch_order(1, 5, order, counts[k]);
        for (size_t i = 0; i < counts[k]; i++)
            if (!CHECK(order[i] < counts[k] && !seen[order[i]]++))
                break;
    }
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

enum { ELEMENTS = 3000 };

/* Which elements dropout drops of a sample. */
static void draw_mask(const struct layer *layer, uint64_t seed, uint32_t epoch, uint32_t sample, bool mask[ELEMENTS])
{
    float x[ELEMENTS], y[ELEMENTS];

    for (size_t i = 0; i < ELEMENTS; i++)
        x[i] = 1;
    dropout(layer, seed, epoch, sample, x, y);
    for (size_t i = 0; i < ELEMENTS; i++)
        mask[i] = y[i] == 0;
}

/* If two masks of rate 0.3 are independent, they drop the same n elements in 0.09 of all cases. */
static void check_unrelated(const bool *mask, const bool *other, size_t n)
{
    double both = 0;

    for (size_t i = 0; i < n; i++)
        both += mask[i] && other[i];
    CHECK_NEAR(both / (double)n, 0.09, 4 * sqrt(0.09 * 0.91 / (double)n));
}

static void dropout_draws_elements_samples_epochs_layers_and_seeds_apart(void)
{
    struct layer layer = { .kind = LAYER_DROPOUT, .number = 4, .out = { 1, 1, ELEMENTS }, .rate = 0.3 }, next = layer;
    bool mask[ELEMENTS], other[ELEMENTS];

    next.number++;
    draw_mask(&layer, 1, 1, 0, mask);
    draw_mask(&layer, 1, 1, 0, other);
    CHECK(memcmp(mask, other, sizeof mask) == 0);
    for (size_t apart = 1; apart <= 8; apart++)
        check_unrelated(mask, mask + apart, ELEMENTS - apart);
    draw_mask(&layer, 1, 1, 1, other);
    check_unrelated(mask, other, ELEMENTS);
    draw_mask(&layer, 1, 2, 0, other);
    check_unrelated(mask, other, ELEMENTS);
    draw_mask(&next, 1, 1, 0, other);
    check_unrelated(mask, other, ELEMENTS);
    draw_mask(&layer, 2, 1, 0, other);
    check_unrelated(mask, other, ELEMENTS);
    draw_mask(&layer, (uint64_t)1 << 32 | 1, 1, 0, other);
    check_unrelated(mask, other, ELEMENTS);
}

/* Which channels dropout2d drops of a sample: all places of one, or none. */
static void draw_channels(const struct layer *layer, uint32_t sample, bool *mask)
{
    bool elements[ELEMENTS];
    size_t channels = layer->out.channels;

    draw_mask(layer, 1, 0, sample, elements);
    memcpy(mask, elements, channels * sizeof *mask);
    for (size_t i = 0; i < ELEMENTS; i++)
        if (!CHECK(elements[i] == mask[i % channels]))
            break;
}

static void dropout2d_drops_whole_channels_at_its_rate_each_apart(void)
{
    enum { CHANNELS = ELEMENTS / 6, SAMPLES = 40 };
    struct layer layer = { .kind = LAYER_DROPOUT2D, .out = { 2, 3, CHANNELS }, .rate = 0.3 };
    static bool mask[SAMPLES * CHANNELS];
    double dropped = 0;

    for (uint32_t sample = 0; sample < SAMPLES; sample++)
        draw_channels(&layer, sample, mask + sample * CHANNELS);
    for (size_t i = 0; i < SAMPLES * CHANNELS; i++)
        dropped += mask[i];
    CHECK_NEAR(dropped / (SAMPLES * CHANNELS), 0.3, 4 * sqrt(0.3 * 0.7 / (SAMPLES * CHANNELS)));
    for (size_t apart = 1; apart <= 8; apart++)
        check_unrelated(mask, mask + apart, SAMPLES * CHANNELS - apart);
    check_unrelated(mask, mask + CHANNELS, (SAMPLES - 1) * CHANNELS);
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
    TEST(seeds_tensors_and_elements_draw_numbers_of_their_own);
    TEST(weights_and_biases_of_all_layers_have_the_bound_of_their_inputs);
    TEST(batchnorm_begins_as_the_identity_and_an_average_as_the_parameters);
    TEST(an_epoch_sees_every_sample_once);
    TEST(orders_of_epochs_and_seeds_are_unrelated);
    TEST(dropout_drops_its_rate_and_keeps_the_mean);
    TEST(dropout_draws_elements_samples_epochs_layers_and_seeds_apart);
    TEST(dropout2d_drops_whole_channels_at_its_rate_each_apart);
    TEST(what_is_not_a_number_travels);
    TEST(trees_split_at_the_largest_power_of_two_below);
    return unit_finish();
}
