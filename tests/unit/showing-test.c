/* What idx-show shows: the pixels that training sees, and the order of mistakes. */
#include "unit.h"

#include "base/memory.h"
#include "data/augment.h"
#include "data/batch.h"
#include "data/showing.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SIDE = 16, PIXELS = SIDE * SIDE };

/* A network whose pictures are of 16 x 16 pixels. */
static struct plan *plan_new(const char *normalize, const char *augment)
{
    char *text = memory_format("input 1 16 16\nnormalize %s\ndense 2\nloss cross-entropy\ntrain batch=2 epochs=1\n"
                               "optimizer sgd lr=0.1\n%s\n",
                               normalize, augment);
    struct model *model;
    struct plan *plan;
    struct error error;

    if (plan_parse(text, "text", NULL, 0, &model, &plan, &error))
        die_error(&error);
    model_free(model);
    free(text);
    return plan;
}

/* Two samples, of which the second has every pixel value once. */
static struct idx_set every_value(void)
{
    struct idx_set set = { 2, 1, SIDE, SIDE, 1, memory_new(2, PIXELS), memory_new(2, sizeof *set.labels) };

    for (size_t i = 0; i < PIXELS; i++)
        set.pixels[PIXELS + i] = (unsigned char)i;
    return set;
}

static void without_augmentation_every_pixel_is_itself(void)
{
    static const char *const normalizations[] = { "0 1", "0.2860 0.3530", "0.5 0.001", "0.9 1000", "-3 0.1" };
    struct idx_set set = every_value();

    for (size_t i = 0; i < sizeof normalizations / sizeof *normalizations; i++) {
        struct plan *plan = plan_new(normalizations[i], "");
        const struct showing showing = { .set = &set, .plan = plan, .seed = 1 };
        struct picture picture = showing_augmented(&showing, 1, 0);

        CHECK(memcmp(picture.samples, set.pixels + PIXELS, PIXELS) == 0);
        picture_free(&picture);
        plan_free(plan);
    }
    idx_free(&set);
}

static void augmented_pixels_are_those_of_training(void)
{
    struct plan *plan = plan_new("0.25 0.5", "augment shift=0.2 rotate=20 erase=0.5");
    struct idx_set set = every_value();
    const struct showing showing = { .set = &set, .plan = plan, .seed = 7 };
    float *values = memory_floats(PIXELS), *room = memory_floats(augment_room(plan));

    for (uint32_t epoch = 0; epoch < 5; epoch++) {
        struct picture picture = showing_augmented(&showing, 1, epoch);
        float most = 0;

        batch_picture(plan, &set, 1, values);
        augment(plan, 7, epoch, 1, values, values, room);
        for (size_t i = 0; i < PIXELS; i++)
            most = fmaxf(most, fabsf((values[i] * 0.5F + 0.25F) * 255 - picture.samples[i]));
        CHECK(most < 0.501F);
        picture_free(&picture);
    }
    free(values);
    free(room);
    plan_free(plan);
    idx_free(&set);
}

static void a_rule_skips_before_it_counts(void)
{
    struct idx_set set = every_value();
    struct showing showing = { .set = &set };
    const struct showing_rule second = { .skip = 1, .count = 5 }, none = { .skip = 2, .count = 5 };

    showing_choose(&second, &showing);
    CHECK_EQUAL(showing.n, 1);
    CHECK_EQUAL(showing.shown[0].sample, 1);
    showing_free(&showing);
    showing_choose(&none, &showing);
    CHECK_EQUAL(showing.n, 0);
    showing_free(&showing);
    idx_free(&set);
}

static void a_prediction_without_a_probability_is_last(void)
{
    static const char text[] = "#index\tlabel\tpredicted\tprobability\n0\t0\t1\tnone\n1\t0\t1\t0.1\n";
    const struct showing_rule rule = { .count = 5 };
    struct idx_set set = every_value();
    struct showing showing = { .set = &set };
    struct records records = { 0 };
    struct error error;

    CHECK_EQUAL(records_parse(&records, text, "text", &error), STATUS_OK);
    CHECK_EQUAL(showing_mistakes(&rule, "set", &records, "text", &showing, &error), STATUS_OK);
    CHECK_EQUAL(showing.n, 2);
    CHECK_EQUAL(showing.shown[0].sample, 1);
    showing_free(&showing);
    records_free(&records);
    idx_free(&set);
}

int main(void)
{
    TEST(without_augmentation_every_pixel_is_itself);
    TEST(augmented_pixels_are_those_of_training);
    TEST(a_rule_skips_before_it_counts);
    TEST(a_prediction_without_a_probability_is_last);
    return unit_finish();
}
