/*
 * A picture that says of itself where each of its places was taken from, for the tests of augmentation.
 */
#ifndef AUGMENT_SCENE_H
#define AUGMENT_SCENE_H

#include "data/augment.h"

#include "base/memory.h"
#include "unit.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { SEED = 3, EPOCH = 2 };

/* The picture of most tests: channel 0 of a place is its row, channel 1 its column, both counted from 1, with 0 around.
   An augmented one says where each place was taken from. */
enum { ROWS = 41, COLUMNS = 61, MIDDLE_ROW = 20, MIDDLE_COLUMN = 30, ARM = 12 };

struct scene {
    struct plan *plan;
    float *from, *to, *room;
};

static const double degree = 3.14159265358979323846 / 180;

static inline struct scene scene_of(const char *input, const char *augmentation)
{
    struct scene scene;
    struct model *model;
    struct error error;
    char text[500];

    snprintf(text, sizeof text, "input %s\n%s%s\ndense 10\nloss cross-entropy\ntrain batch=4\noptimizer sgd lr=0.1\n",
             input, *augmentation ? "augment " : "", augmentation);
    if (model_parse(text, "test", NULL, 0, &model, &error) || plan_make(model, "test", &scene.plan, &error)) {
        fprintf(stderr, "%s\n", error.text);
        exit(1);
    }
    model_free(model);
    scene.from = memory_new(shape_size(scene.plan->input), sizeof(float));
    scene.to = memory_new(shape_size(scene.plan->input), sizeof(float));
    scene.room = memory_new(augment_room(scene.plan), sizeof(float)); /* not a byte more: sanitizers see it */
    return scene;
}

static inline struct scene scene_of_places(const char *augmentation)
{
    struct scene scene = scene_of("2 41 61", augmentation);

    for (size_t i = 0; i < ROWS * COLUMNS; i++) {
        scene.from[2 * i] = (float)(i / COLUMNS + 1);
        scene.from[2 * i + 1] = (float)(i % COLUMNS + 1);
    }
    return scene;
}

static inline void scene_free(struct scene *scene)
{
    plan_free(scene->plan);
    free(scene->from);
    free(scene->to);
    free(scene->room);
}

static inline void show(struct scene *scene, uint32_t sample)
{
    augment(scene->plan, SEED, EPOCH, sample, scene->from, scene->to, scene->room);
}

static inline size_t picture_bytes(const struct scene *scene)
{
    return shape_size(scene->plan->input) * sizeof(float);
}

/* Where a place, seen from the middle, was taken from: below and to the right of the middle. */
static inline double below(const float *to, int row, int column)
{
    return (double)to[2 * ((MIDDLE_ROW + row) * COLUMNS + MIDDLE_COLUMN + column)] - 1 - MIDDLE_ROW;
}

static inline double right(const float *to, int row, int column)
{
    return (double)to[2 * ((MIDDLE_ROW + row) * COLUMNS + MIDDLE_COLUMN + column) + 1] - 1 - MIDDLE_COLUMN;
}

static inline double moved_down(const float *to)
{
    return -below(to, 0, 0);
}

static inline double moved_right(const float *to)
{
    return -right(to, 0, 0);
}

static inline double turned(const float *to)
{
    return atan2(-below(to, 0, ARM), right(to, 0, ARM)) / degree;
}

static inline double zoomed(const float *to)
{
    return ARM / right(to, 0, ARM);
}

static inline double zoomed_more(const float *to)
{
    return zoomed(to) - 1;
}

static inline double slanted(const float *to)
{
    return atan(-right(to, ARM, 0) / ARM) / degree;
}

static inline double flipped(const float *to)
{
    return right(to, 0, ARM) < 0;
}

#endif
