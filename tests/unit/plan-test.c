/* net: shapes, tensor tables, and the networks that are refused. */
#include "net/plan.h"
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct error error;

static enum status try_plan(const char *text, struct plan **plan)
{
    struct model *model;
    enum status status;

    if (model_parse(text, "test", NULL, 0, &model, &error)) {
        fprintf(stderr, "%s\n", error.text);
        exit(1);
    }
    status = plan_make(model, "test", plan, &error);
    model_free(model);
    return status;
}

#define RECIPE "loss cross-entropy\ntrain batch=64 epochs=14\noptimizer adadelta\nschedule step gamma=0.7\n"

static void the_example_network_has_pytorchs_tensors(void)
{
    static const struct {
        const char *name;
        size_t count, fan_in;
    } expected[] = {
        { "conv1.weight", 288, 9 },         { "conv1.bias", 32, 9 },
        { "conv2.weight", 18432, 288 },     { "conv2.bias", 64, 288 },
        { "dense1.weight", 1179648, 9216 }, { "dense1.bias", 128, 9216 },
        { "dense2.weight", 1280, 128 },     { "dense2.bias", 10, 128 },
    };
    struct plan *plan;
    size_t offset = 0;

    if (!CHECK(!try_plan("input 1 28 28\nconv 32 3\nrelu\nconv 64 3\nrelu\nmaxpool 2\ndropout 0.25\ndense 128\nrelu\n"
                         "dropout 0.5\ndense 10\n" RECIPE,
                         &plan)))
        return;
    CHECK_EQUAL(plan->tensor_count, 8);
    for (size_t i = 0; i < 8 && i < plan->tensor_count; i++) {
        CHECK_TEXT(plan->tensors[i].name, expected[i].name);
        CHECK_EQUAL(plan->tensors[i].count, expected[i].count);
        CHECK_EQUAL(plan->tensors[i].fan_in, expected[i].fan_in);
        CHECK_EQUAL(plan->tensors[i].offset, offset);
        offset += expected[i].count;
    }
    CHECK_EQUAL(plan->parameter_count, 1199882);
    CHECK_EQUAL(plan->classes, 10);
    CHECK_EQUAL(plan->layers[3].out.rows, 24);
    CHECK_EQUAL(plan->layers[4].out.columns, 12);
    plan_free(plan);
}

static void windows_slide_as_in_pytorch(void)
{
    struct plan *plan;

    if (!CHECK(!try_plan("input 3 11 8\nconv 5 4 stride=3 pad=2\nmaxpool 2 stride=1\ndense 2\n" RECIPE, &plan)))
        return;
    CHECK_EQUAL(plan->layers[0].out.rows, 4);    /* (11 + 4 - 4) / 3 + 1 */
    CHECK_EQUAL(plan->layers[0].out.columns, 3); /* (8 + 4 - 4) / 3 + 1 */
    CHECK_EQUAL(plan->layers[1].out.rows, 3);
    CHECK_EQUAL(plan->layers[1].out.columns, 2);
    CHECK_EQUAL(plan->tensors[2].fan_in, 30);
    plan_free(plan);
}

static void pixels_are_normalized_per_channel(void)
{
    struct plan *plan;

    if (!CHECK(!try_plan("input 2 2 2\nnormalize 0.5 0.5 0.25 2\ndense 2\n" RECIPE, &plan)))
        return;
    CHECK_EQUAL(plan->pixel[0][0], -1);
    CHECK_EQUAL(plan->pixel[0][255], 1);
    CHECK_EQUAL(plan->pixel[1][255], 0.375f);
    plan_free(plan);
}

static void without_normalize_pixels_are_between_0_and_1(void)
{
    struct plan *plan;

    if (!CHECK(!try_plan("input 1 2 2\ndense 2\n" RECIPE, &plan)))
        return;
    CHECK_EQUAL(plan->pixel[0][0], 0);
    CHECK_EQUAL(plan->pixel[0][51], 0.2f);
    CHECK_EQUAL(plan->pixel[0][255], 1);
    plan_free(plan);
}

static void check_refused(const char *text, const char *reason)
{
    struct plan *plan;

    CHECK_EQUAL(try_plan(text, &plan), STATUS_DATA);
    CHECK(plan == NULL);
    if (!CHECK(strstr(error.text, reason)))
        printf("#   '%s' is not in '%s'\n", reason, error.text);
}

static void what_does_not_fit_is_refused_with_its_line(void)
{
    check_refused("input 1 5 5\nconv 2 6\ndense 2\n" RECIPE, "test:2: conv: a window of 6 does not fit into 5 x 5");
    check_refused("input 1 5 5\nmaxpool 6\ndense 2\n" RECIPE, "test:2: maxpool: a window of 6 does not fit into 5 x 5");
    check_refused("input 1 5 5\nconv 2 3\n" RECIPE, "the last layer is not dense");
    check_refused("input 1 5 5\ndense 2\nrelu\n" RECIPE, "the last layer is not dense");
    check_refused("input 2 5 5\nnormalize 1 1 1 1 1 1\ndense 2\n" RECIPE, "one pair of mean and deviation");
}

static void what_no_memory_holds_is_refused(void)
{
    check_refused("input 4096 65536 65536\ndense 2\n" RECIPE, "more than 2^28 floats");
    check_refused("input 1 28 28\ndense 65536\ndense 65536\n" RECIPE, "more than 2^28 parameters");
    check_refused("input 1 28 28\nconv 65536 1\ndense 2\n" RECIPE, "more than 2^28 floats");
    check_refused("input 1 28 28\nconv 65536 28 pad=65536\ndense 2\n" RECIPE, "more than 2^28 floats");
}

int main(void)
{
    TEST(the_example_network_has_pytorchs_tensors);
    TEST(windows_slide_as_in_pytorch);
    TEST(pixels_are_normalized_per_channel);
    TEST(without_normalize_pixels_are_between_0_and_1);
    TEST(what_does_not_fit_is_refused_with_its_line);
    TEST(what_no_memory_holds_is_refused);
    return unit_finish();
}
