/* The loops of engine/frame give the bits of those of engine/ref. */
#include "base/random.h"
#include "engine/frame/layers.h"
#include "engine/ref/layers.h"
#include "unit.h"

#include <math.h>
#include <string.h>

enum { MOST = 5000 };

static bool same(size_t n, const float *a, const float *b)
{
    return memcmp(a, b, n * sizeof *a) == 0;
}

/* Values of both signs and many equal ones, with zeros of both signs. */
static void fill_finite(float *values, size_t n, uint32_t seed)
{
    const struct random_draw draw = { .seed = seed, .purpose = RANDOM_ORDER };

    for (size_t i = 0; i < n; i++)
        values[i] = (float)(random_word(&draw, i) % 17) - 8;
    values[n / 3] = -0.0f;
}

/* And a NaN. */
static void fill(float *values, size_t n, uint32_t seed)
{
    fill_finite(values, n, seed);
    values[n / 2] = NAN;
}

static void relu_is_that_of_ref(void)
{
    static float x[MOST], dy[MOST], y[2][MOST], dx[2][MOST];

    fill(x, MOST, 1);
    fill(dy, MOST, 2);
    relu_forward(MOST, x, y[0]);
    frame_relu_forward(MOST, x, y[1]);
    relu_backward(MOST, y[0], dy, dx[0]);
    frame_relu_backward(MOST, y[1], dy, dx[1]);
    CHECK(same(MOST, y[0], y[1]));
    CHECK(same(MOST, dx[0], dx[1]));
}

static void tanh_is_that_of_ref(void)
{
    static float x[MOST], dy[MOST], y[MOST], dx[2][MOST];

    fill_finite(x, MOST, 14);
    fill_finite(dy, MOST, 15);
    tanh_forward(MOST, x, y);
    tanh_backward(MOST, y, dy, dx[0]);
    frame_tanh_backward(MOST, y, dy, dx[1]);
    CHECK(same(MOST, dx[0], dx[1]));
}

/* A pool of two samples with a window of `kernel`. */
static struct layer pool(enum layer_kind kind, size_t kernel, size_t stride)
{
    return (struct layer){ .kind = kind,
                           .in = { 9, 11, 20 },
                           .out = { (9 - kernel) / stride + 1, (11 - kernel) / stride + 1, 20 },
                           .kernel_rows = kernel,
                           .kernel_columns = kernel,
                           .stride = stride };
}

/* Windows of 2 to 4 that touch, overlap or leave gaps. */
static void maxpool_is_that_of_ref(void)
{
    static float x[MOST], dy[MOST], y[2][MOST], dx[2][MOST];
    static uint32_t winner[2][MOST];

    fill(x, MOST, 3);
    fill_finite(dy, MOST, 4);
    for (size_t kernel = 2; kernel <= 4; kernel++)
        for (size_t stride = 1; stride <= 4; stride++) {
            struct layer layer = pool(LAYER_MAXPOOL, kernel, stride);
            maxpool_forward(&layer, 2, x, y[0], winner[0]);
            frame_maxpool_forward(&layer, 2, x, y[1], winner[1]);
            maxpool_backward(&layer, 2, winner[0], dy, dx[0]);
            frame_maxpool_backward(&layer, 2, winner[1], dy, dx[1]);
            CHECK(same(2 * shape_size(layer.out), y[0], y[1]));
            CHECK(memcmp(winner[0], winner[1], 2 * shape_size(layer.out) * sizeof **winner) == 0);
            CHECK(same(2 * shape_size(layer.in), dx[0], dx[1]));
        }
}

static void relu_and_maxpool_at_once_are_those_of_ref(void)
{
    static float x[MOST], relu[MOST], dy[MOST], y[2][MOST], drelu[MOST], dx[2][MOST];
    static uint32_t winner[2][MOST];

    fill(x, MOST, 16);
    fill_finite(dy, MOST, 17);
    relu_forward(MOST, x, relu);
    for (size_t kernel = 2; kernel <= 4; kernel++)
        for (size_t stride = 1; stride <= 4; stride++) {
            struct layer layer = pool(LAYER_MAXPOOL, kernel, stride);
            maxpool_forward(&layer, 2, relu, y[0], winner[0]);
            frame_relu_maxpool_forward(&layer, 2, x, y[1], winner[1]);
            maxpool_backward(&layer, 2, winner[0], dy, drelu);
            relu_backward(2 * shape_size(layer.in), relu, drelu, dx[0]);
            frame_maxpool_backward(&layer, 2, winner[1], dy, dx[1]);
            CHECK(same(2 * shape_size(layer.out), y[0], y[1]));
            CHECK(same(2 * shape_size(layer.in), dx[0], dx[1]));
        }
}

static void avgpool_is_that_of_ref(void)
{
    static float x[MOST], dy[MOST], y[2][MOST], dx[2][MOST];

    fill(x, MOST, 3);
    fill(dy, MOST, 4);
    for (size_t kernel = 2; kernel <= 4; kernel++)
        for (size_t stride = 1; stride <= 4; stride++) {
            struct layer layer = pool(LAYER_AVGPOOL, kernel, stride);
            layer.kernel_columns++;
            layer.out.columns = (11 - layer.kernel_columns) / stride + 1;
            avgpool_forward(&layer, 2, x, y[0]);
            frame_avgpool_forward(&layer, 2, x, y[1]);
            avgpool_backward(&layer, 2, dy, dx[0]);
            frame_avgpool_backward(&layer, 2, dy, dx[1]);
            CHECK(same(2 * shape_size(layer.out), y[0], y[1]));
            CHECK(same(2 * shape_size(layer.in), dx[0], dx[1]));
        }
}

static void dropout_is_that_of_ref(void)
{
    static float x[MOST], y[2][MOST];
    static unsigned char kept[MOST];

    fill(x, MOST, 5);
    for (size_t channels = 1; channels <= 1000; channels += 333)
        for (enum layer_kind kind = LAYER_DROPOUT; kind <= LAYER_DROPOUT2D; kind++) {
            struct layer layer = { .kind = kind, .number = 4, .rate = 0.3, .out = { 5, 1, channels } };
            dropout(&layer, 9, 2, 77, x, y[0]);
            dropout_draw(&layer, 9, 2, 77, kept);
            dropout_apply(&layer, 5 * channels, kept, x, y[1]);
            CHECK(same(5 * channels, y[0], y[1]));
        }
}

/* One chunk. */
static void batchnorm_is_that_of_ref(void)
{
    enum { CHANNELS = 11, PLACES = CHUNK * 7 * 5, SIZE = PLACES * CHANNELS };
    const struct layer layer = {
        .kind = LAYER_BATCHNORM, .in = { 7, 5, CHANNELS }, .out = { 7, 5, CHANNELS }, .epsilon = 1e-5
    };
    static float x[SIZE], dy[SIZE], y[2][SIZE], dx[2][SIZE];
    float mean[CHANNELS], inverse[CHANNELS], running[2 * CHANNELS] = { 0 }, weight[CHANNELS], bias[CHANNELS];
    float dweight[CHANNELS], dbias[CHANNELS], sums[2 * CHANNELS], squares[CHANNELS], room[4 * CHANNELS];

    fill_finite(x, SIZE, 8);
    fill_finite(dy, SIZE, 9);
    fill_finite(weight, CHANNELS, 10);
    fill_finite(bias, CHANNELS, 11);
    batchnorm_measure(&layer, CHUNK, x, mean, inverse, running, running + CHANNELS, room);
    batchnorm_forward(&layer, CHUNK, x, mean, inverse, weight, bias, y[0]);
    batchnorm_backward(&layer, CHUNK, x, mean, inverse, weight, dy, dweight, dbias, dx[0], sums, room);

    norm_squares(PLACES, CHANNELS, x, mean, squares);
    norm_forward(PLACES, CHANNELS, x, mean, inverse, weight, bias, y[1]);
    norm_slopes(PLACES, CHANNELS, x, mean, dy, sums);
    for (size_t channel = 0; channel < CHANNELS; channel++) {
        CHECK_EQUAL(1 / sqrtf(squares[channel] / PLACES + 1e-5f), inverse[channel]);
        CHECK_EQUAL(sums[channel], dbias[channel]);
        CHECK_EQUAL(sums[CHANNELS + channel] * inverse[channel], dweight[channel]);
        sums[channel] /= PLACES;
        sums[CHANNELS + channel] = dweight[channel] * inverse[channel] / PLACES;
    }
    norm_backward(PLACES, CHANNELS, x, mean, inverse, weight, sums, dy, dx[1]);
    CHECK(same(SIZE, y[0], y[1]));
    CHECK(same(SIZE, dx[0], dx[1]));
}

/* Three steps of each optimizer, from moments that are 0. */
static void updates_are_those_of_ref(void)
{
    const struct optimizer optimizers[] = {
        { OPTIMIZER_SGD, .learning_rate = 0.1 },
        { OPTIMIZER_SGD, .learning_rate = 0.1, .weight_decay = 0.1 },
        { OPTIMIZER_SGD, .learning_rate = 0.1, .momentum = 0.9 },
        { OPTIMIZER_SGD, .learning_rate = 0.1, .momentum = 0.9, .dampening = 0.3, .weight_decay = 0.1 },
        { OPTIMIZER_SGD, .learning_rate = 0.1, .momentum = 0.9, .nesterov = true, .weight_decay = 0.1 },
        { OPTIMIZER_ADAM, .learning_rate = 0.01, .beta1 = 0.9, .beta2 = 0.999, .epsilon = 1e-8 },
        { OPTIMIZER_ADAM, .learning_rate = 0.01, .beta1 = 0.9, .beta2 = 0.999, .epsilon = 1e-8, .weight_decay = 0.1 },
        { OPTIMIZER_ADAM, .learning_rate = 0.01, .beta1 = 0.9, .beta2 = 0.999, .epsilon = 1e-8, .weight_decay = 0.1,
          .decoupled = true },
        { OPTIMIZER_ADADELTA, .learning_rate = 1, .rho = 0.9, .epsilon = 1e-6 },
        { OPTIMIZER_ADADELTA, .learning_rate = 1, .rho = 0.9, .epsilon = 1e-6, .weight_decay = 0.1 },
        { OPTIMIZER_RMSPROP, .learning_rate = 0.01, .rho = 0.99, .epsilon = 1e-8 },
        { OPTIMIZER_RMSPROP, .learning_rate = 0.01, .rho = 0.99, .epsilon = 1e-8, .momentum = 0.9,
          .weight_decay = 0.1 },
    };
    static float gradient[MOST], values[2][3][MOST];

    for (size_t i = 0; i < sizeof optimizers / sizeof *optimizers; i++) {
        const struct optimizer *optimizer = &optimizers[i];
        size_t moments = optimizer_moments(optimizer);
        memset(values, 0, sizeof values);
        for (uint64_t step = 0; step < 3; step++) {
            struct optimizer_scalars scalars = optimizer_scalars(optimizer, optimizer->learning_rate, step);
            fill(gradient, MOST, 6 + (uint32_t)step);
            gradient[0] = 1e-25f; /* too small for a moment to keep its square */
            update(optimizer, &scalars, MOST, gradient, values[0][0], moments > 0 ? values[0][1] : NULL,
                   moments > 1 ? values[0][2] : NULL);
            frame_update(optimizer, &scalars, MOST, gradient, values[1][0], moments > 0 ? values[1][1] : NULL,
                         moments > 1 ? values[1][2] : NULL);
        }
        CHECK(same(sizeof *values / sizeof(float), **values, *values[1]));
    }
}

/* Of parts of every length. */
static void squares_are_those_of_ref(void)
{
    static float gradient[PART];
    double sum;

    for (size_t n = 1; n <= PART; n += n < 70 ? 1 : 671) {
        fill_finite(gradient, n, 18);
        for (size_t i = 0; i < n; i++)
            gradient[i] *= 0.1f + (float)i;
        clip(n, INFINITY, gradient, &sum);
        CHECK_EQUAL(frame_squares(n, gradient), sum);
    }
}

static void the_moving_average_is_that_of_ref(void)
{
    static float parameter[MOST], ema[2][MOST];

    fill(parameter, MOST, 12);
    fill(ema[0], MOST, 13);
    memcpy(ema[1], ema[0], sizeof *ema);
    average(MOST, 0.9, parameter, ema[0]);
    frame_average(MOST, 0.9, parameter, ema[1]);
    CHECK(same(MOST, ema[0], ema[1]));
}

int main(void)
{
    TEST(relu_is_that_of_ref);
    TEST(tanh_is_that_of_ref);
    TEST(maxpool_is_that_of_ref);
    TEST(relu_and_maxpool_at_once_are_those_of_ref);
    TEST(avgpool_is_that_of_ref);
    TEST(dropout_is_that_of_ref);
    TEST(batchnorm_is_that_of_ref);
    TEST(updates_are_those_of_ref);
    TEST(squares_are_those_of_ref);
    TEST(the_moving_average_is_that_of_ref);
    return unit_finish();
}
