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

/* A plan of this text, or the end. */
static struct plan *make(const char *text)
{
    struct plan *plan;

    if (try_plan(text, &plan)) {
        fprintf(stderr, "%s\n", error.text);
        exit(1);
    }
    return plan;
}

static bool has_shape(struct shape shape, size_t rows, size_t columns, size_t channels)
{
    return shape.rows == rows && shape.columns == columns && shape.channels == channels;
}

static void batchnorm_has_parameters_and_statistics_which_come_last(void)
{
    static const struct {
        const char *name;
        size_t rank, count, fan_in;
        float initial;
    } expected[] = {
        { "conv1.weight", 4, 54, 18, 0 },         { "batchnorm1.weight", 1, 3, 0, 1 },
        { "batchnorm1.bias", 1, 3, 0, 0 },        { "dense1.weight", 2, 60, 12, 0 },
        { "dense1.bias", 1, 5, 12, 0 },           { "batchnorm2.weight", 1, 5, 0, 1 },
        { "batchnorm2.bias", 1, 5, 0, 0 },        { "batchnorm1.running_mean", 1, 3, 0, 0 },
        { "batchnorm1.running_var", 1, 3, 0, 1 }, { "batchnorm2.running_mean", 1, 5, 0, 0 },
        { "batchnorm2.running_var", 1, 5, 0, 1 },
    };
    struct plan *plan =
        make("input 2 4 4\nconv 3 3 bias=no\nbatchnorm\ndense 5\nbatchnorm momentum=0.25 eps=0.5\n" RECIPE);
    const size_t n = sizeof expected / sizeof *expected;
    size_t offset = 0;

    CHECK_EQUAL(plan->tensor_count, n);
    CHECK_EQUAL(plan->parameter_tensors, 7);
    for (size_t i = 0; i < n && i < plan->tensor_count; i++) {
        CHECK_TEXT(plan->tensors[i].name, expected[i].name);
        CHECK_EQUAL(plan->tensors[i].rank, expected[i].rank);
        CHECK_EQUAL(plan->tensors[i].count, expected[i].count);
        CHECK_EQUAL(plan->tensors[i].fan_in, expected[i].fan_in);
        CHECK_EQUAL(plan->tensors[i].initial, expected[i].initial);
        CHECK_EQUAL(plan->tensors[i].offset, offset);
        offset += expected[i].count;
    }
    CHECK_EQUAL(plan->parameter_count, 135);
    CHECK_EQUAL(plan->weight_count, 151);
    CHECK(plan->layers[0].bias == PLAN_NONE);
    CHECK(plan->layers[1].weight == 1 && plan->layers[1].bias == 2);
    CHECK(plan->layers[1].mean == 7 && plan->layers[1].variance == 8);
    CHECK(plan->layers[3].mean == 9 && plan->layers[3].variance == 10);
    CHECK(plan->layers[3].momentum == 0.25 && plan->layers[3].epsilon == 0.5);
    CHECK_EQUAL(layer_parameters(plan, &plan->layers[0]), 54);
    CHECK_EQUAL(layer_parameters(plan, &plan->layers[1]), 6);
    CHECK(plan->normalizes);
    CHECK_EQUAL(plan->classes, 5);
    plan_free(plan);
}

static void an_add_reads_what_its_block_began_with(void)
{
    struct plan *plan = make("input 2 6 6\nconv 4 3 pad=1\nresidual\nconv 4 3 pad=1\nrelu\nend\ndense 2\n" RECIPE);
    const struct layer *add = &plan->layers[3];

    CHECK_EQUAL(plan->layer_count, 5);
    CHECK(add->kind == LAYER_ADD && add->input == 3 && add->other == 1);
    CHECK(has_shape(add->in, 6, 6, 4) && has_shape(add->out, 6, 6, 4));
    CHECK(plan->layers[4].input == 4);
    for (size_t i = 0; i < plan->layer_count; i++)
        CHECK_EQUAL(plan->layers[i].number, i);
    plan_free(plan);
}

static void a_block_that_changes_the_shape_has_a_projection(void)
{
    struct plan *plan = make("input 3 7 7\nresidual\nconv 8 3 stride=2 pad=1\nend\nresidual\nconv 6 1\nend\n"
                             "dense 2\n" RECIPE);
    const struct layer *projection = &plan->layers[1], *add = &plan->layers[2];

    CHECK(projection->kind == LAYER_CONV && projection->input == 0 && projection->bias == PLAN_NONE);
    CHECK(projection->kernel_rows == 1 && projection->kernel_columns == 1 && projection->pad == 0);
    CHECK_EQUAL(projection->stride, 2); /* 7 -> 4 */
    CHECK(has_shape(projection->in, 7, 7, 3) && has_shape(projection->out, 4, 4, 8));
    CHECK_TEXT(plan->tensors[projection->weight].name, "projection1.weight");
    CHECK_EQUAL(plan->tensors[projection->weight].fan_in, 3);
    CHECK(add->input == 1 && add->other == 2);
    CHECK(plan->layers[3].input == 3);
    CHECK_TEXT(plan->tensors[plan->layers[4].weight].name, "projection2.weight");
    CHECK_EQUAL(plan->layers[4].stride, 1);
    CHECK_EQUAL(plan->layers[4].input, 3);
    plan_free(plan);
}

static void a_block_of_blocks_adds_each_ones_beginning(void)
{
    struct plan *plan = make("input 1 4 4\nresidual\nrelu\nresidual\ntanh\nend\nend\ndense 2\n" RECIPE);

    CHECK(plan->layers[2].kind == LAYER_ADD && plan->layers[2].input == 2 && plan->layers[2].other == 1);
    CHECK(plan->layers[3].kind == LAYER_ADD && plan->layers[3].input == 3 && plan->layers[3].other == 0);
    plan_free(plan);
}

/* What stride projects a picture to what a maxpool makes of it; 0: none. */
static size_t projected(const char *input, const char *pool)
{
    char text[256];
    struct plan *plan;
    size_t stride = 0;

    snprintf(text, sizeof text, "input 1 %s\nresidual\n%s\nend\ndense 2\n" RECIPE, input, pool);
    if (!try_plan(text, &plan)) {
        stride = plan->layers[1].stride;
        plan_free(plan);
    }
    return stride;
}

static void projections_take_the_least_stride_that_fits_rows_and_columns(void)
{
    CHECK_EQUAL(projected("8 8", "maxpool 2"), 2);
    CHECK_EQUAL(projected("9 12", "maxpool 3 stride=6"), 6); /* 2 x 2: 5 fits the rows alone */
    CHECK_EQUAL(projected("1 28", "maxpool 1 stride=2"), 2); /* 1 x 14: 1 fits the rows alone */
    CHECK_EQUAL(projected("28 14", "global-avgpool"), 28);
    CHECK_EQUAL(projected("5 5", "maxpool 2 stride=1"), 0); /* 4 */
    CHECK_EQUAL(projected("5 5", "conv 1 1 pad=1"), 0);     /* 7 */
}

static void a_global_pool_looks_at_all_of_its_input(void)
{
    struct plan *plan = make("input 1 9 6\nconv 7 3\nglobal-avgpool\n" RECIPE);
    const struct layer *pool = &plan->layers[1];

    CHECK(pool->kind == LAYER_AVGPOOL && pool->kernel_rows == 7 && pool->kernel_columns == 4);
    CHECK(has_shape(pool->out, 1, 1, 7));
    CHECK_EQUAL(plan->classes, 7);
    plan_free(plan);
}

static void logits_are_what_takes_any_value(void)
{
    static const char *const ends[] = { "dense 3\n", "conv 3 4\n", "dense 3\nbatchnorm\n", "conv 3 2\navgpool 3\n",
                                        "dense 3\nresidual\ndense 3\nend\n" };

    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        char text[256];
        struct plan *plan;
        snprintf(text, sizeof text, "input 1 4 4\n%s" RECIPE, ends[i]);
        plan = make(text);
        CHECK_EQUAL(plan->classes, 3);
        plan_free(plan);
    }
}

static void multiply_adds_are_those_of_weights(void)
{
    struct plan *plan = make("input 1 28 28\nconv 32 3\nrelu\nconv 64 3\nrelu\nmaxpool 2\ndropout 0.25\ndense 128\n"
                             "relu\nbatchnorm\ndense 10\n" RECIPE);
    static const uint64_t expected[] = { 26 * 26 * 32 * 9, 0, 24 * 24 * 64 * 9 * 32, 0, 0, 0, 9216 * 128, 0, 0, 1280 };

    for (size_t i = 0; i < plan->layer_count; i++)
        CHECK_EQUAL(layer_multiply_adds(&plan->layers[i]), expected[i]);
    plan_free(plan);
    plan = make(
        "input 3 8 8\nconv 65536 8 pad=4\nmaxpool 9\ndense 2\nloss cross-entropy\ntrain batch=1\noptimizer adam\n");
    CHECK_EQUAL(layer_multiply_adds(&plan->layers[0]), 9.0 * 9 * 65536 * 64 * 3); /* more than 2^32 would wrap */
    plan_free(plan);
}

static void the_recipe_is_taken_over(void)
{
    struct plan *plan =
        make("input 1 8 8\naugment shift=0.1 crop=2 flip=0.5\ndense 2\nloss cross-entropy smoothing=0.1\n"
             "train batch=2 epochs=9\noptimizer rmsprop momentum=0.5 weight-decay=0.25 alpha=0.75\n"
             "schedule multi-step 3 6 gamma=0.5 warmup=2\nclip 3\nema 0.875\nprecision tf32\n");

    CHECK(plan->augments && plan->augmentation.shift == 0.1 && plan->augmentation.crop == 2);
    CHECK(plan->augmentation.flip == 0.5 && plan->augmentation.sigma == 4);
    CHECK_EQUAL(plan->smoothing, 0.1);
    CHECK(plan->optimizer.kind == OPTIMIZER_RMSPROP && plan->optimizer.rho == 0.75 && !plan->optimizer.decoupled);
    CHECK(plan->optimizer.momentum == 0.5 && plan->optimizer.weight_decay == 0.25 &&
          plan->optimizer.learning_rate == 0.01);
    CHECK(plan->schedule.kind == SCHEDULE_MULTI_STEP && plan->schedule.milestone_count == 2 &&
          plan->schedule.milestones[1] == 6 && plan->schedule.epochs == 9 && plan->schedule.warmup == 2);
    CHECK(plan->clip == 3 && plan->ema == 0.875 && plan->precision == PRECISION_TF32);
    plan_free(plan);
    plan = make("input 1 8 8\naugment\ndense 2\nloss cross-entropy\ntrain\noptimizer adamw\n");
    CHECK(!plan->augments);
    CHECK(plan->optimizer.kind == OPTIMIZER_ADAM && plan->optimizer.decoupled && plan->optimizer.weight_decay == 0.01);
    CHECK(plan->clip == 0 && plan->ema == 0 && plan->precision == PRECISION_FP32);
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
    check_refused("input 2 5 5\nnormalize 1 1 1 1 1 1\ndense 2\n" RECIPE,
                  "test:2: normalize: it takes one pair of mean and deviation");
    check_refused("input 1 5 5\nresidual\nmaxpool 2 stride=1\nend\ndense 2\n" RECIPE,
                  "test:4: end: no projection makes 4 x 4 out of the 5 x 5 of its 'residual'");
    check_refused("input 1 5 5\naugment crop=6\ndense 2\n" RECIPE,
                  "test:2: augment: crop=6 is more than the picture of 5 x 5");
}

static void a_network_without_logits_is_refused_with_its_last_line(void)
{
    static const char reason[] = "the last layer must make a vector of any numbers, one a class; 'dense CLASSES' does";
    static const char *const ends[] = { "conv 2 3", "dense 2\nrelu", "dense 2\ntanh", "dense 2\ndropout 0.5",
                                        "dense 2\ndropout2d 0.5" };

    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        char text[256], message[256];
        const char *line = strchr(ends[i], '\n');
        snprintf(text, sizeof text, "input 1 5 5\n%s\n" RECIPE, ends[i]);
        snprintf(message, sizeof message, "test:%d: %.*s: %s", line ? 3 : 2,
                 (int)strcspn(line ? line + 1 : ends[i], " "), line ? line + 1 : ends[i], reason);
        check_refused(text, message);
    }
    check_refused("input 1 5 5\n" RECIPE, "test: no layer has parameters, so that there is nothing to learn");
    check_refused("input 5 5 5\nglobal-avgpool\n" RECIPE, "test: no layer has parameters");
}

#define BEGIN "input 1 4 4\ndense 2\nloss cross-entropy\n"

static void a_recipe_that_contradicts_itself_is_refused(void)
{
    check_refused("input 1 5 5\nbatchnorm\ndense 2\nloss cross-entropy\ntrain batch=1\noptimizer adam\n",
                  "test:2: batchnorm: a batch of one sample has no variance: train batch must be above 1");
    check_refused(BEGIN "train\noptimizer sgd lr=1 nesterov=yes\n",
                  "test:5: optimizer: nesterov=yes needs a momentum above 0 and no dampening");
    check_refused(BEGIN "train\noptimizer sgd lr=1 momentum=0.5 dampening=0.5 nesterov=yes\n",
                  "test:5: optimizer: nesterov=yes needs");
    check_refused(BEGIN "train\noptimizer adam\nschedule multi-step 3 3\n",
                  "test:6: schedule: its milestones must ascend");
    check_refused(BEGIN "train\noptimizer adam\nschedule multi-step 5 3\n", "test:6: schedule: its milestones must");
    check_refused(BEGIN "train epochs=3\noptimizer adam\nschedule cosine warmup=3\n",
                  "test:6: schedule: warmup=3 leaves none of the 3 epochs");
    check_refused(BEGIN "train\noptimizer adam lr=0.5\nschedule cosine minimum=1\n",
                  "test:6: schedule: its minimum is above the learning rate of the optimizer");
    check_refused(BEGIN "train\noptimizer sgd lr=1 dampening=0.5\n",
                  "test:5: optimizer: 'dampening' has no effect without 'momentum'");
    check_refused(BEGIN "train\noptimizer adam\nschedule cosine multiply=2\n",
                  "test:6: schedule: 'multiply' has no effect without 'period'");
    check_refused(BEGIN "train\noptimizer adam\nschedule constant by=step\n",
                  "test:6: schedule: 'by' has no effect without 'warmup'");
    check_refused("input 1 4 4\naugment shift=0.1 sigma=5\ndense 2\n" RECIPE,
                  "test:2: augment: 'sigma' has no effect without 'elastic'");
    plan_free(make(BEGIN "train\noptimizer sgd lr=1 dampening=0.5 momentum=0.5\naugment sigma=5 elastic=3\n"));
    plan_free(make(BEGIN "train\noptimizer adam\nschedule cosine multiply=2 period=1\n"));
    plan_free(make(BEGIN "train epochs=3\noptimizer adam\nschedule constant warmup=2 by=step\n"));
    plan_free(make(BEGIN "train epochs=3\noptimizer adam\nschedule cosine warmup=2 minimum=0.001\n"));
    plan_free(make(BEGIN "train epochs=3\noptimizer adam\nschedule cosine warmup=300 by=step\n"));
    plan_free(make(BEGIN "train\noptimizer sgd lr=1 momentum=0.5 nesterov=yes\n"));
}

/* The status of a text under one setting, which may be NULL. */
static enum status parse_set(const char *text, char *setting)
{
    struct model *model;
    struct plan *plan;
    enum status status = plan_parse(text, "test", &setting, setting != NULL, &model, &plan, &error);

    CHECK((model == NULL) == (status != STATUS_OK) && (plan == NULL) == (status != STATUS_OK));
    model_free(model);
    plan_free(plan);
    return status;
}

static void a_text_that_is_right_without_its_settings_is_wrong_usage(void)
{
    static const char text[] = "let kind=adam\n" BEGIN "train\noptimizer $kind\n",
                      wrong[] = "input 1 4 4\nconv 2 5\n" RECIPE;

    CHECK_EQUAL(parse_set(text, NULL), STATUS_OK);
    CHECK_EQUAL(parse_set(text, "input.rows=3"), STATUS_OK);
    CHECK_EQUAL(parse_set(text, "input.rows=65536"), STATUS_OK);
    CHECK_EQUAL(parse_set(text, "dense.outputs=0"), STATUS_USAGE);
    CHECK_TEXT(error.text, "test: dense.outputs=0: must be from 1 to 65536");
    CHECK_EQUAL(parse_set(text, "input.channels=4096"), STATUS_OK);
    CHECK_EQUAL(parse_set(text, "kind=sgd"), STATUS_USAGE);
    CHECK(strstr(error.text, "test:6: optimizer: lr is missing; it is 'optimizer sgd lr=LR"));
    CHECK(strstr(error.text, "' (with the settings given)"));
    CHECK_EQUAL(parse_set(BEGIN "train batch=2\noptimizer adam\nbatchnorm\n", "train.batch=1"), STATUS_USAGE);
    CHECK_TEXT(error.text, "test:6: batchnorm: a batch of one sample has no variance: train batch must be above 1 "
                           "(with the settings given)");
    CHECK_EQUAL(parse_set(wrong, NULL), STATUS_DATA);
    CHECK_EQUAL(parse_set(wrong, "train.batch=3"), STATUS_DATA);
    CHECK_TEXT(error.text, "test:2: conv: a window of 5 does not fit into 4 x 4");
    CHECK_EQUAL(parse_set(wrong, "conv.kernel=4"), STATUS_OK);
}

static void what_no_memory_holds_is_refused(void)
{
    check_refused(
        "input 4096 65536 65536\ndense 2\n" RECIPE,
        "test:1: input: the values of one batch in all layers are more than 2^28 floats; fewer channels or a smaller "
        "picture help");
    check_refused("input 4096 4 4\nconv 4096 4 bias=no\nbatchnorm\ndense 2\n" RECIPE,
                  "test:3: batchnorm: the network has more than 2^28 parameters");
    check_refused("input 1 28 28\ndense 65536\ndense 65536\n" RECIPE,
                  "test:3: dense: the network has more than 2^28 parameters; fewer channels or outputs help");
    check_refused("input 1 28 28\nconv 65536 1\ndense 2\n" RECIPE, "2^28 floats; a smaller train batch helps");
    check_refused("input 1 28 28\nconv 65536 28 pad=65536\ndense 2\n" RECIPE, "more than 2^28 floats");
    check_refused("input 1 28 28\nconv 1 1 stride=65536 pad=40000\ndense 2\n" RECIPE,
                  "a picture with its padding is more than 2^28 floats");
    check_refused("input 1 28 28\nconv 4096 1\nbatchnorm\ndense 2\n" RECIPE,
                  "test:3: batchnorm: the values of one batch");
    check_refused("input 1 28 28\nconv 2048 1\nresidual\nrelu\nend\ndense 2\n" RECIPE,
                  "test:5: end: the values of one batch in all layers are more than 2^28 floats");
    check_refused("input 1 1 1\ndense 16384\nresidual\ndense 128\ndense 16200\nend\ndense 2\n" RECIPE,
                  "test:6: end: the network has more than 2^28 parameters");
}

int main(void)
{
    TEST(the_example_network_has_pytorchs_tensors);
    TEST(windows_slide_as_in_pytorch);
    TEST(pixels_are_normalized_per_channel);
    TEST(without_normalize_pixels_are_between_0_and_1);
    TEST(batchnorm_has_parameters_and_statistics_which_come_last);
    TEST(an_add_reads_what_its_block_began_with);
    TEST(a_block_that_changes_the_shape_has_a_projection);
    TEST(a_block_of_blocks_adds_each_ones_beginning);
    TEST(projections_take_the_least_stride_that_fits_rows_and_columns);
    TEST(a_global_pool_looks_at_all_of_its_input);
    TEST(logits_are_what_takes_any_value);
    TEST(multiply_adds_are_those_of_weights);
    TEST(the_recipe_is_taken_over);
    TEST(what_does_not_fit_is_refused_with_its_line);
    TEST(a_network_without_logits_is_refused_with_its_last_line);
    TEST(a_recipe_that_contradicts_itself_is_refused);
    TEST(a_text_that_is_right_without_its_settings_is_wrong_usage);
    TEST(what_no_memory_holds_is_refused);
    return unit_finish();
}
