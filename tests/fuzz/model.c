/* The model text, with settings: what is accepted has one canonical text, and makes the same plan from that. */
#include "fuzz.h"

#include "net/plan.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_SETTINGS = 16 };

static void check_rates(const struct plan *plan)
{
    for (uint64_t epoch = 0; epoch < plan->schedule.epochs + 2; epoch = epoch * 2 + 1)
        for (uint64_t batch = 0; batch < 3; batch++)
            FUZZ_CHECK(isfinite(
                schedule_rate(&plan->schedule, plan->optimizer.learning_rate, (struct position){ epoch, batch, 3 })));
}

static void check_plan(const struct plan *plan)
{
    size_t offset = 0;

    FUZZ_CHECK(plan->layer_count && plan->parameter_count && plan->parameter_count <= PLAN_MOST_FLOATS);
    for (size_t i = 0; i < plan->tensor_count; i++) {
        FUZZ_CHECK(plan->tensors[i].offset == offset && plan->tensors[i].count);
        offset += plan->tensors[i].count;
    }
    FUZZ_CHECK(offset == plan->weight_count);
    for (size_t i = 0; i < plan->layer_count; i++)
        FUZZ_CHECK(shape_size(plan->layers[i].in) && shape_size(plan->layers[i].out) && plan->layers[i].input <= i);
    check_rates(plan);
}

static void check_canonical(const struct model *model, const struct plan *plan)
{
    struct model *again;
    struct plan *again_plan;
    struct error error;

    FUZZ_CHECK(model_parse(model->text, "canonical", NULL, 0, &again, &error) == STATUS_OK);
    FUZZ_CHECK(strcmp(model->text, again->text) == 0);
    FUZZ_CHECK((plan_make(again, "canonical", &again_plan, &error) == STATUS_OK) == (plan != NULL));
    if (plan)
        FUZZ_CHECK(again_plan->weight_count == plan->weight_count && again_plan->layer_count == plan->layer_count);
    plan_free(again_plan);
    model_free(again);
}

/* The text, then settings, one a line. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_part part[2];
    struct model *model;
    struct plan *plan = NULL;
    struct error error;
    char *text, *settings, *rest, *line, *setting[MOST_SETTINGS];
    size_t n = 0;

    fuzz_split(data, size, part, 2);
    text = fuzz_string(part[0]);
    rest = settings = fuzz_string(part[1]);
    while (n < MOST_SETTINGS && (line = strsep(&rest, "\n")))
        if (*line)
            setting[n++] = line;
    if (!model_parse(text, "text", setting, n, &model, &error)) {
        if (!plan_make(model, "text", &plan, &error))
            check_plan(plan);
        check_canonical(model, plan);
        plan_free(plan);
        model_free(model);
    }
    free(settings);
    free(text);
    return 0;
}
