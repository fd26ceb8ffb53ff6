/* What augmentation draws: each kind is within its bounds, centred, as frequent as it is said to be, and drawn for
   itself. */
#include "augment-scene.h"
#include "base/random.h"

enum { SAMPLES = 4000 };

/* The rectangle of zeros, or nothing. */
struct rectangle {
    size_t row, column, rows, columns;
};

static struct rectangle erased(const float *to)
{
    struct rectangle found = { 0 };
    size_t count = 0, last = 0;

    for (size_t i = 0; i < ROWS * COLUMNS; i++)
        if (to[2 * i] == 0 && to[2 * i + 1] == 0) {
            if (!count++)
                found = (struct rectangle){ .row = i / COLUMNS, .column = i % COLUMNS };
            last = i;
        }
    if (count) {
        found.rows = last / COLUMNS - found.row + 1;
        found.columns = last % COLUMNS - found.column + 1;
    }
    CHECK_EQUAL(count, found.rows * found.columns);
    return found;
}

static double is_erased(const float *to)
{
    return erased(to).rows > 0;
}

static double erased_area(const float *to)
{
    struct rectangle found = erased(to);

    return (double)(found.rows * found.columns) / (ROWS * COLUMNS);
}

static double erased_aspect(const float *to)
{
    struct rectangle found = erased(to);

    return log((double)found.rows / (double)found.columns);
}

static double erased_row(const float *to)
{
    struct rectangle found = erased(to);

    return (double)found.row / (double)(ROWS - found.rows);
}

static double erased_column(const float *to)
{
    struct rectangle found = erased(to);

    return (double)found.column / (double)(COLUMNS - found.columns);
}

/* All that is drawn for a sample, but for the fields. */
enum { DOWN, RIGHT, ROTATE, ZOOM, SHEAR, FLIP, CROP_DOWN, CROP_RIGHT, ERASE, AREA, ASPECT, ROW, COLUMN, KINDS };

static const struct kind {
    const char *augmentation;
    double (*measure)(const float *to);
    double most; /* uniform between -most and most; 0: it has a test of its own */
} kinds[] = {
    [DOWN] = { "shift=0.1", moved_down, 0.1 * ROWS },
    [RIGHT] = { "shift=0.1", moved_right, 0.1 * COLUMNS },
    [ROTATE] = { "rotate=45", turned, 45 },
    [ZOOM] = { "zoom=0.3", zoomed_more, 0.3 },
    [SHEAR] = { "shear=40", slanted, 40 },
    [FLIP] = { "flip=0.5", flipped, 0 },
    [CROP_DOWN] = { "crop=3", moved_down, 0 },
    [CROP_RIGHT] = { "crop=3", moved_right, 0 },
    [ERASE] = { "erase=0.5", is_erased, 0 },
    [AREA] = { "erase=1", erased_area, 0 },
    [ASPECT] = { "erase=1", erased_aspect, 0 },
    [ROW] = { "erase=1", erased_row, 0 },
    [COLUMN] = { "erase=1", erased_column, 0 },
};

static double drawn[KINDS][SAMPLES];

static void draw_all(void)
{
    for (size_t k = 0; k < KINDS; k++) {
        struct scene scene = scene_of_places(kinds[k].augmentation);
        for (uint32_t sample = 0; sample < SAMPLES; sample++) {
            show(&scene, sample);
            drawn[k][sample] = kinds[k].measure(scene.to);
        }
        scene_free(&scene);
    }
}

static double mean_of(const double *values, const double *others)
{
    double sum = 0;

    for (size_t i = 0; i < SAMPLES; i++)
        sum += others ? values[i] * others[i] : values[i];
    return sum / SAMPLES;
}

static double covariance(const double *a, const double *b)
{
    return mean_of(a, b) - mean_of(a, NULL) * mean_of(b, NULL);
}

static void kinds_are_uniform_within_their_bounds(void)
{
    for (size_t k = 0; k < KINDS; k++) {
        double most = kinds[k].most, least = 0, largest = 0;
        if (most == 0)
            continue;
        for (size_t i = 0; i < SAMPLES; i++) {
            least = fmin(least, drawn[k][i] / most);
            largest = fmax(largest, drawn[k][i] / most);
        }
        CHECK(least >= -1.0001 && least < -0.99);
        CHECK(largest <= 1.0001 && largest > 0.99);
        CHECK_NEAR(mean_of(drawn[k], NULL) / most, 0, 5 / sqrt(3.0 * SAMPLES));
        CHECK_NEAR(covariance(drawn[k], drawn[k]) / (most * most), 1 / 3.0, 5 * sqrt(4 / 45.0 / SAMPLES));
    }
}

static void kinds_are_drawn_apart(void)
{
    for (size_t k = 0; k < KINDS; k++)
        for (size_t l = 0; l < k; l++) {
            double of_both = sqrt(covariance(drawn[k], drawn[k]) * covariance(drawn[l], drawn[l]));
            CHECK_NEAR(covariance(drawn[k], drawn[l]) / of_both, 0, 0.12); /* large and tall does not fit */
        }
}

static void crops_are_by_whole_pixels_and_all_alike(void)
{
    double seen[7][7] = { { 0 } };
    const double expected = SAMPLES / 49.0;

    for (size_t i = 0; i < SAMPLES; i++) {
        double down = drawn[CROP_DOWN][i], by = drawn[CROP_RIGHT][i];
        if (CHECK(fabs(down) <= 3 && fabs(by) <= 3 && down == rint(down) && by == rint(by)))
            seen[(int)down + 3][(int)by + 3]++;
    }
    for (size_t i = 0; i < 49; i++)
        CHECK_NEAR(seen[i / 7][i % 7], expected, 5 * sqrt(expected));
}

static void flips_and_erasing_have_their_probability(void)
{
    static const struct {
        const char *augmentation;
        double (*measure)(const float *to);
        double probability;
    } cases[] = { { "flip=0.2", flipped, 0.2 },
                  { "flip=1", flipped, 1 },
                  { "erase=0.2", is_erased, 0.2 },
                  { "erase=1", is_erased, 1 } };

    for (size_t k = 0; k < sizeof cases / sizeof cases[0]; k++) {
        struct scene scene = scene_of_places(cases[k].augmentation);
        double p = cases[k].probability, count = 0;
        for (uint32_t sample = 0; sample < SAMPLES; sample++) {
            show(&scene, sample);
            count += cases[k].measure(scene.to);
        }
        CHECK_NEAR(count / SAMPLES, p, 5 * sqrt(p * (1 - p) / SAMPLES));
        scene_free(&scene);
    }
}

static void erased_rectangles_are_within_their_bounds_and_anywhere(void)
{
    static const struct {
        size_t kind;
        double least, most, mean;
    } bounds[] = { { AREA, 0.02, 1 / 3.0, 0.17 }, { ROW, 0, 1, 0.5 }, { COLUMN, 0, 1, 0.5 } };
    double least_aspect = 0, most_aspect = 0;

    for (size_t k = 0; k < 3; k++) {
        const double *values = drawn[bounds[k].kind];
        double least = 1, most = 0, span = bounds[k].most - bounds[k].least;
        for (size_t i = 0; i < SAMPLES; i++) {
            least = fmin(least, values[i]);
            most = fmax(most, values[i]);
        }
        CHECK_NEAR(least, bounds[k].least, 0.03 * span);
        CHECK_NEAR(most, bounds[k].most, 0.03 * span);
        CHECK_NEAR(mean_of(values, NULL), bounds[k].mean, 0.02);
    }
    for (size_t i = 0; i < SAMPLES; i++) {
        least_aspect = fmin(least_aspect, drawn[ASPECT][i]);
        most_aspect = fmax(most_aspect, drawn[ASPECT][i]);
    }
    CHECK_NEAR(least_aspect, log(0.3), 0.2); /* sides are whole */
    CHECK_NEAR(most_aspect, -log(0.3), 0.2);
    CHECK_NEAR(mean_of(drawn[ASPECT], NULL), 0, 0.1);
}

/* The sum of the squares of a Gaussian's weights over the square of their sum. */
static double left_by_smoothing(double sigma)
{
    int radius = (int)ceil(3 * sigma);
    double sum = 0, squares = 0;

    for (int k = -radius; k <= radius; k++) {
        double weight = exp(-k * k / (2 * sigma * sigma));
        sum += weight;
        squares += weight * weight;
    }
    return squares / (sum * sum);
}

static void elastic_distortion_is_centred_and_smooth(void)
{
    static const int spots[][2] = { { -12, -20 }, { -12, 0 }, { -12, 20 }, { 6, -20 }, { 6, 0 }, { 6, 20 } };
    enum { SPOTS = sizeof spots / sizeof spots[0], ALL = SPOTS * SAMPLES, APART = 4 };
    struct scene scene = scene_of_places("elastic=10 sigma=2");
    const double variance = 100 / 3.0 * left_by_smoothing(2) * left_by_smoothing(2);
    double down = 0, by = 0, down_down = 0, by_by = 0, down_by = 0, along_rows = 0, along_columns = 0;

    for (uint32_t sample = 0; sample < SAMPLES; sample++) {
        show(&scene, sample);
        for (size_t k = 0; k < SPOTS; k++) {
            int row = spots[k][0], column = spots[k][1];
            double y = below(scene.to, row, column) - row, x = right(scene.to, row, column) - column;
            down += y;
            by += x;
            down_down += y * y;
            by_by += x * x;
            down_by += y * x;
            along_columns += y * (below(scene.to, row + APART, column) - row - APART);
            along_rows += x * (right(scene.to, row, column + APART) - column - APART);
        }
    }
    CHECK_NEAR(down / ALL, 0, 5 * sqrt(variance / ALL));
    CHECK_NEAR(by / ALL, 0, 5 * sqrt(variance / ALL));
    CHECK_NEAR(down_down / ALL / variance, 1, 5 * sqrt(2.0 / ALL));
    CHECK_NEAR(by_by / ALL / variance, 1, 5 * sqrt(2.0 / ALL));
    CHECK_NEAR(down_by / ALL / variance, 0, 5 / sqrt(ALL));
    CHECK_NEAR(along_rows / ALL / variance, exp(-APART * APART / 16.0), 5 / sqrt(ALL)); /* of a Gaussian with itself */
    CHECK_NEAR(along_columns / ALL / variance, exp(-APART * APART / 16.0), 5 / sqrt(ALL));
    scene_free(&scene);
}

/* What a field of purpose RANDOM_AUGMENT and `layer` adds at a place, by the definition; outside it is 0. */
static double smoothed(uint32_t layer, int row, int column, double elastic, double sigma)
{
    const struct random_draw draw = { SEED, RANDOM_AUGMENT, layer, EPOCH, 0 };
    const int radius = (int)ceil(3 * sigma);
    double sum = 0, weights = 0;

    for (int down = -radius; down <= radius; down++)
        for (int by = -radius; by <= radius; by++) {
            double weight = exp(-(down * down + by * by) / (2 * sigma * sigma));
            int from_row = row + down, from_column = column + by;
            weights += weight;
            if (from_row >= 0 && from_row < ROWS && from_column >= 0 && from_column < COLUMNS)
                sum += weight * (random_word(&draw, (uint64_t)(from_row * COLUMNS + from_column)) / 0x1p31 - 1);
        }
    return elastic * sum / weights;
}

static void elastic_fields_are_those_of_the_definition(void)
{
    static const int places[][2] = { { 2, 2 }, { 20, 30 }, { 11, 57 }, { 37, 3 } };
    static const double sigmas[] = { 1.7, 4, 30 };

    for (size_t i = 0; i < 3; i++) {
        char text[40];
        snprintf(text, sizeof text, "elastic=10 sigma=%g", sigmas[i]);
        struct scene scene = scene_of_places(text);
        show(&scene, 0);
        for (size_t k = 0; k < 4; k++) {
            int row = places[k][0] - MIDDLE_ROW, column = places[k][1] - MIDDLE_COLUMN;
            CHECK_NEAR(below(scene.to, row, column) - row, smoothed(1, places[k][0], places[k][1], 10, sigmas[i]),
                       1e-4);
            CHECK_NEAR(right(scene.to, row, column) - column, smoothed(2, places[k][0], places[k][1], 10, sigmas[i]),
                       1e-4);
        }
        scene_free(&scene);
    }
}

int main(void)
{
    draw_all();
    TEST(kinds_are_uniform_within_their_bounds);
    TEST(kinds_are_drawn_apart);
    TEST(crops_are_by_whole_pixels_and_all_alike);
    TEST(flips_and_erasing_have_their_probability);
    TEST(erased_rectangles_are_within_their_bounds_and_anywhere);
    TEST(elastic_distortion_is_centred_and_smooth);
    TEST(elastic_fields_are_those_of_the_definition);
    return unit_finish();
}
