/* data/statistics.h on sets small enough to do by hand. */
#include "data/statistics.h"

#include "unit.h"

#include <math.h>
#include <stdlib.h>

/* Two pictures of one row, two columns and two channels. */
static unsigned char pixels[] = { 0, 255, 51, 51, 255, 0, 51, 51 };
static uint16_t labels[] = { 3, 1 };
static const struct idx_set set = {
    .count = 2, .channels = 2, .rows = 1, .columns = 2, .classes = 4, .pixels = pixels, .labels = labels
};

static void each_channel_has_its_mean_and_deviation(void)
{
    double mean, deviation;

    statistics_of_pixels(&set, 0, &mean, &deviation);
    CHECK_EQUAL(mean, 0.5);
    CHECK_EQUAL(deviation, 0.5);
    statistics_of_pixels(&set, 1, &mean, &deviation);
    CHECK_EQUAL(mean, 0.2);
    CHECK_EQUAL(deviation, 0);
}

static void the_deviation_is_that_of_the_whole(void)
{
    static unsigned char three[] = { 0, 0, 255 };
    struct idx_set one = { .count = 3, .channels = 1, .rows = 1, .columns = 1, .pixels = three };
    double mean, deviation;

    statistics_of_pixels(&one, 0, &mean, &deviation);
    CHECK_NEAR(mean, 1.0 / 3, 1e-15);
    CHECK_NEAR(deviation, sqrt(2.0 / 9), 1e-15);
}

static void classes_without_samples_count_zero(void)
{
    size_t *samples = statistics_of_classes(&set);

    CHECK(samples[0] == 0 && samples[1] == 1 && samples[2] == 0 && samples[3] == 1);
    free(samples);
}

int main(void)
{
    TEST(each_channel_has_its_mean_and_deviation);
    TEST(the_deviation_is_that_of_the_whole);
    TEST(classes_without_samples_count_zero);
    return unit_finish();
}
