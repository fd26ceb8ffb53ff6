/* Augmentation moves pictures as it is said to, in training alone. */
#include "augment-scene.h"
#include "base/random.h"
#include "engine/engine.h"
#include "train/state.h"

#include <string.h>

static void nothing_is_erased_where_nothing_fits(void)
{
    const char *const inputs[] = { "1 1 30", "1 30 1" }; /* a rectangle is less than the picture both ways */

    for (size_t k = 0; k < 2; k++) {
        struct scene scene = scene_of(inputs[k], "erase=1");
        for (size_t i = 0; i < 30; i++)
            scene.from[i] = 1;
        for (uint32_t sample = 0; sample < 100; sample++) {
            show(&scene, sample);
            CHECK(memcmp(scene.from, scene.to, picture_bytes(&scene)) == 0);
        }
        scene_free(&scene);
    }
}

/* A place that is taken through flip, zoom, shear, rotation and move, each measured where it is alone, arrives where it
   is shown. */
static void kinds_follow_one_another_as_they_are_said_to(void)
{
    static const int places[][2] = { { 0, 0 }, { 4, 0 }, { 0, 6 }, { -5, -4 } };
    static const char *const alone[] = { "shift=0.05", "rotate=30", "zoom=0.2", "shear=20", "crop=2", "flip=0.5" };
    struct scene all = scene_of_places("shift=0.05 rotate=30 zoom=0.2 shear=20 crop=2 flip=0.5"), one[6];

    for (size_t k = 0; k < 6; k++)
        one[k] = scene_of_places(alone[k]);
    for (uint32_t sample = 0; sample < 100; sample++) {
        show(&all, sample);
        for (size_t k = 0; k < 6; k++)
            show(&one[k], sample);
        double angle = turned(one[1].to) * degree, shear = tan(slanted(one[3].to) * degree);
        for (size_t k = 0; k < sizeof places / sizeof places[0]; k++) {
            double y = below(all.to, places[k][0], places[k][1]), x = right(all.to, places[k][0], places[k][1]);
            y *= zoomed(one[2].to);
            x *= flipped(one[5].to) ? -zoomed(one[2].to) : zoomed(one[2].to);
            x += shear * y;
            CHECK_NEAR(sin(angle) * x + cos(angle) * y + moved_down(one[0].to) + moved_down(one[4].to), places[k][0],
                       1e-3);
            CHECK_NEAR(cos(angle) * x - sin(angle) * y + moved_right(one[0].to) + moved_right(one[4].to), places[k][1],
                       1e-3);
        }
    }
    for (size_t k = 0; k < 6; k++)
        scene_free(&one[k]);
    scene_free(&all);
}

/* Pictures of 3 x 3 turned by nearly `turn`, whose sign decides between clockwise and not. */
static void check_turn(double turn, const float expected[9])
{
    const struct random_draw draw = { .seed = SEED, .purpose = RANDOM_AUGMENT, .epoch = EPOCH };
    struct scene scene = scene_of("1 3 3", "rotate=180");
    double nearest = 1;
    uint32_t best = 0;

    for (uint32_t sample = 0; sample < 20000; sample++) {
        struct random_draw each = draw;
        each.index = sample;
        double off = fabs((random_word(&each, 2) / 0x1p31 - 1) * 180 - turn);
        if (off < nearest) {
            nearest = off;
            best = sample;
        }
    }
    for (size_t i = 0; i < 9; i++)
        scene.from[i] = (float)i + 1;
    show(&scene, best);
    for (size_t i = 0; i < 9; i++)
        CHECK_NEAR((double)scene.to[i], (double)expected[i], 0.01);
    scene_free(&scene);
}

static void quarter_and_half_turns_are_those_of_the_hand(void)
{
    check_turn(90, (const float[]){ 7, 4, 1, 8, 5, 2, 9, 6, 3 });
    check_turn(-90, (const float[]){ 3, 6, 9, 2, 5, 8, 1, 4, 7 });
    check_turn(180, (const float[]){ 9, 8, 7, 6, 5, 4, 3, 2, 1 });
}

static void crops_and_flips_copy_exactly(void)
{
    struct scene scene = scene_of("2 5 7", "crop=2 flip=0.5");
    const struct shape shape = scene.plan->input;
    int flips = 0;

    scene.plan->pixel[0][0] = -0.4f;
    scene.plan->pixel[1][0] = 7;
    for (size_t i = 0; i < shape_size(shape); i++)
        scene.from[i] = 1 / (float)(i + 3);
    for (uint32_t sample = 0; sample < 200; sample++) {
        bool found = false;
        show(&scene, sample);
        for (int option = 0; option < 50 && !found; option++) { /* 5 x 5 moves, each as it is and as in a mirror */
            found = true;
            for (int i = 0; i < 5 * 7 * 2; i++) {
                int row = i / 14 - (option / 10 - 2), column = i / 2 % 7 - (option / 2 % 5 - 2), channel = i % 2;
                bool inside = row >= 0 && row < 5 && column >= 0 && column < 7;
                int from = option % 2 ? 6 - column : column;
                found &= scene.to[i] ==
                         (inside ? scene.from[(row * 7 + from) * 2 + channel] : scene.plan->pixel[channel][0]);
            }
            flips += found && option % 2;
        }
        CHECK(found);
    }
    CHECK_NEAR(flips, 100, 36);
    scene_free(&scene);
}

static const char everything[] = "shift=1 rotate=180 zoom=0.999999 shear=80 elastic=1000 sigma=2 crop=2 flip=0.5";

static void values_stay_between_the_least_and_the_largest(void)
{
    const char *const inputs[] = { "1 28 28", "3 4 50", "1 2 2", "2 300 2" };

    for (size_t k = 0; k < 4; k++) {
        struct scene scene = scene_of(inputs[k], everything);
        size_t n = shape_size(scene.plan->input);
        for (size_t channel = 0; channel < scene.plan->input.channels; channel++)
            scene.plan->pixel[channel][0] = -0.5f;
        for (size_t i = 0; i < n; i++)
            scene.from[i] = i % 3 ? 2.8f : -0.3f;
        for (uint32_t sample = 0; sample < 300; sample++) {
            show(&scene, sample);
            for (size_t i = 0; i < n; i++)
                if (!CHECK(scene.to[i] >= -0.500001f && scene.to[i] <= 2.800001f))
                    break;
        }
        scene_free(&scene);
    }
}

static void a_picture_follows_from_seed_epoch_and_sample_alone(void)
{
    static const char *const each[] = { "shift=0.5",  "rotate=90", "zoom=0.5", "shear=40",
                                        "elastic=30", "crop=9",    "erase=1" };

    for (size_t k = 0; k < sizeof each / sizeof each[0]; k++) {
        struct scene scene = scene_of_places(each[k]);
        const size_t size = picture_bytes(&scene);
        float *first = memory_new(size, 1), *from = memory_new(size, 1);
        memcpy(from, scene.from, size);
        show(&scene, 5);
        memcpy(first, scene.to, size);
        CHECK(memcmp(from, scene.from, size) == 0);
        augment(scene.plan, SEED, EPOCH, 6, from, scene.to, scene.room);
        CHECK(memcmp(first, scene.to, size) != 0);
        augment(scene.plan, SEED, EPOCH + 1, 5, from, scene.to, scene.room);
        CHECK(memcmp(first, scene.to, size) != 0);
        augment(scene.plan, SEED + ((uint64_t)1 << 32), EPOCH, 5, from, scene.to, scene.room);
        CHECK(memcmp(first, scene.to, size) != 0);
        augment(scene.plan, SEED, EPOCH, 5, from, from, scene.room); /* in its place */
        CHECK(memcmp(first, from, size) == 0);
        free(first);
        free(from);
        scene_free(&scene);
    }
}

static void what_is_off_changes_nothing(void)
{
    const char *const off[] = { "", "rotate=0", "rotate=1e-30", "erase=1e-30", "flip=1e-30" };

    for (size_t k = 0; k < sizeof off / sizeof off[0]; k++) {
        struct scene scene = scene_of_places(off[k]);
        CHECK_EQUAL(scene.plan->augments, k > 1);
        CHECK_EQUAL(augment_room(scene.plan) > 0, k > 1);
        show(&scene, 1);
        CHECK(memcmp(scene.from, scene.to, picture_bytes(&scene)) == 0);
        scene_free(&scene);
    }
}

/* The loss of a step, and of evaluation, over pictures of 3 x 3. */
static void losses(const char *augmentation, unsigned char *pixels, float *trained, float *evaluated)
{
    struct scene scene = scene_of("1 3 3", augmentation);
    struct state state = state_new(scene.plan);
    uint16_t labels[2] = { 1, 2 };
    struct idx_set set = { 2, 1, 3, 3, 3, pixels, labels };
    const uint32_t samples[2] = { 0, 1 };
    const struct step step = { samples, 2, 0, optimizer_scalars(&scene.plan->optimizer, 0.1, 1) };
    struct step_result result;
    struct engine *engine;
    struct error error;
    float logits[20], each[2];

    for (size_t i = 0; i < scene.plan->parameter_count; i++)
        state.parameters[i] = (float)i / 90;
    CHECK_EQUAL(engine_open("ref", "none", scene.plan, 1, SEED, &engine, &error), STATUS_OK);
    engine_data(engine, &set);
    engine_put(engine, &state);
    engine_evaluate(engine, samples, 2, logits, each);
    *evaluated = each[0] + each[1];
    engine_train(engine, &step, &result);
    *trained = result.loss;
    engine_close(engine);
    state_free(&state);
    scene_free(&scene);
}

static void the_reference_augments_in_training_alone(void)
{
    unsigned char pixels[18], mirrored[18];
    float plain[2], flip[2], mirror[2];

    for (size_t i = 0; i < 18; i++) {
        pixels[i] = (unsigned char)(i * i);
        mirrored[i / 3 * 3 + 2 - i % 3] = pixels[i];
    }
    losses("", pixels, &plain[0], &plain[1]);
    losses("flip=1", pixels, &flip[0], &flip[1]);
    losses("", mirrored, &mirror[0], &mirror[1]);
    CHECK(flip[0] == mirror[0] && flip[0] != plain[0]);
    CHECK(flip[1] == plain[1] && flip[1] != mirror[1]);
}

int main(void)
{
    TEST(nothing_is_erased_where_nothing_fits);
    TEST(kinds_follow_one_another_as_they_are_said_to);
    TEST(quarter_and_half_turns_are_those_of_the_hand);
    TEST(crops_and_flips_copy_exactly);
    TEST(values_stay_between_the_least_and_the_largest);
    TEST(a_picture_follows_from_seed_epoch_and_sample_alone);
    TEST(what_is_off_changes_nothing);
    TEST(the_reference_augments_in_training_alone);
    return unit_finish();
}
