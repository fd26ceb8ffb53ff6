#include "net/plan.h"

#include "base/memory.h"
#include "net/builder.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

size_t shape_size(struct shape shape)
{
    return shape.rows * shape.columns * shape.channels;
}

/* All others that are made of one value read the one before them. */
static bool layer_is_projection(const struct layer *layer)
{
    return layer->kind == LAYER_CONV && layer->input != layer->number;
}

const char *layer_name(const struct layer *layer)
{
    static const char *const names[] = {
        [LAYER_CONV] = "conv",       [LAYER_DENSE] = "dense",         [LAYER_RELU] = "relu",
        [LAYER_TANH] = "tanh",       [LAYER_MAXPOOL] = "maxpool",     [LAYER_AVGPOOL] = "avgpool",
        [LAYER_DROPOUT] = "dropout", [LAYER_DROPOUT2D] = "dropout2d", [LAYER_BATCHNORM] = "batchnorm",
        [LAYER_ADD] = "add",
    };

    return layer_is_projection(layer) ? "projection" : names[layer->kind];
}

size_t layer_parameters(const struct plan *plan, const struct layer *layer)
{
    switch (layer->kind) {
    case LAYER_CONV:
    case LAYER_DENSE:
    case LAYER_BATCHNORM:
        return plan->tensors[layer->weight].count + (layer->bias == PLAN_NONE ? 0 : plan->tensors[layer->bias].count);
    default:
        return 0;
    }
}

uint64_t layer_multiply_adds(const struct layer *layer)
{
    uint64_t outputs = shape_size(layer->out);

    if (layer->kind == LAYER_CONV)
        return outputs * layer->kernel_rows * layer->kernel_columns * layer->in.channels;
    return layer->kind == LAYER_DENSE ? outputs * shape_size(layer->in) : 0;
}

enum status builder_refuse(const struct builder *builder, const struct model_statement *statement, const char *format,
                           ...)
{
    char reason[256];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(reason, sizeof reason, format, arguments);
    va_end(arguments);
    return error_set(builder->error, STATUS_DATA, "%s:%zu: %s: %s", builder->source, statement->line,
                     statement->spec->name, reason);
}

enum status builder_add_value(struct builder *builder, const struct model_statement *statement, struct shape shape)
{
    builder->values += (double)shape.rows * (double)shape.columns * (double)shape.channels;
    if (builder->values * (double)builder->plan->batch <= PLAN_MOST_FLOATS)
        return STATUS_OK;
    return builder_refuse(builder, statement, "the values of one batch in all layers are more than 2^28 floats; %s",
                          builder->values <= PLAN_MOST_FLOATS ? "a smaller train batch helps"
                                                              : "fewer channels or a smaller picture help");
}

/* What others depend on wherever it stands in the text: the input's shape, the batch, the horizon. */
static enum status set_input(struct builder *builder, const struct model *model)
{
    struct plan *plan = builder->plan;
    const struct model_statement *input = NULL;

    for (size_t i = 0; i < model->count; i++) {
        const struct model_statement *statement = &model->statements[i];
        if (statement->spec->word == WORD_INPUT) {
            input = statement;
            plan->input = (struct shape){ (size_t)model_value(input, "rows"), (size_t)model_value(input, "columns"),
                                          (size_t)model_value(input, "channels") };
        } else if (statement->spec->word == WORD_TRAIN) {
            plan->batch = (size_t)model_value(statement, "batch");
            plan->schedule.epochs = (uint64_t)model_value(statement, "epochs");
        }
    }
    if (builder_add_value(builder, input, plan->input))
        return builder->error->status;
    plan->pixel = memory_new(plan->input.channels, sizeof *plan->pixel);
    for (size_t channel = 0; channel < plan->input.channels; channel++)
        for (int p = 0; p < PLAN_PIXEL_VALUES; p++)
            plan->pixel[channel][p] = (float)(p / 255.0);
    return STATUS_OK;
}

/* What ends a network makes a vector of any numbers: a logit for each class. */
static bool makes_logits(const struct layer *layer)
{
    switch (layer->kind) {
    case LAYER_RELU:
    case LAYER_TANH:
    case LAYER_DROPOUT:
    case LAYER_DROPOUT2D:
        return false;
    default:
        return layer->out.rows == 1 && layer->out.columns == 1;
    }
}

static enum status check_last(const struct builder *builder, const struct model *model)
{
    const struct plan *plan = builder->plan;
    const struct model_statement *last = NULL;

    for (size_t i = 0; i < model->count; i++)
        if (model->statements[i].spec->section == SECTION_LAYERS)
            last = &model->statements[i];
    if (!last || !plan->parameter_count)
        return error_set(builder->error, STATUS_DATA, "%s: no layer has parameters, so that there is nothing to learn",
                         builder->source);
    if (makes_logits(&plan->layers[plan->layer_count - 1]))
        return STATUS_OK;
    return builder_refuse(builder, last,
                          "the last layer must make a vector of any numbers, one a class; 'dense CLASSES' does");
}

static enum status build(struct builder *builder, const struct model *model)
{
    struct plan *plan = builder->plan;
    enum status status = set_input(builder, model);

    for (size_t i = 0; !status && i < model->count; i++) {
        status = builder_set_recipe(builder, &model->statements[i]);
        if (!status)
            status = builder_add_layer(builder, &model->statements[i]);
    }
    builder_finish_tensors(builder);
    if (!status)
        status = check_last(builder, model);
    if (status)
        return status;
    plan->classes = plan->layers[plan->layer_count - 1].out.channels;
    return STATUS_OK;
}

enum status plan_make(const struct model *model, const char *source, struct plan **plan, struct error *error)
{
    struct builder builder = { .plan = memory_new(1, sizeof **plan), .source = source, .error = error };
    enum status status = build(&builder, model);

    free(builder.statistics);
    free(builder.blocks);
    *plan = builder.plan;
    if (status) {
        plan_free(*plan);
        *plan = NULL;
    }
    return status;
}

static enum status parse(const char *text, const char *source, char *const *settings, size_t setting_count,
                         struct model **model, struct plan **plan, struct error *error)
{
    enum status status = model_parse(text, source, settings, setting_count, model, error);

    *plan = NULL;
    if (!status)
        status = plan_make(*model, source, plan, error);
    if (status) {
        model_free(*model);
        *model = NULL;
    }
    return status;
}

enum status plan_parse(const char *text, const char *source, char *const *settings, size_t setting_count,
                       struct model **model, struct plan **plan, struct error *error)
{
    enum status status = parse(text, source, settings, setting_count, model, plan, error);
    struct model *model_alone;
    struct plan *plan_alone;
    struct error wrong, ignored;

    if (status != STATUS_DATA || parse(text, source, NULL, 0, &model_alone, &plan_alone, &ignored))
        return status;
    plan_free(plan_alone);
    model_free(model_alone);
    wrong = *error;
    return error_set(error, STATUS_USAGE, "%s (with the settings given)", wrong.text);
}

void plan_free(struct plan *plan)
{
    if (!plan)
        return;
    free(plan->pixel);
    free(plan->layers);
    free(plan->tensors);
    free(plan->schedule.milestones);
    free(plan);
}

void plan_digest_weights(const struct plan *plan, const float *weights, char hex[DIGEST_SIZE])
{
    struct digest *digest = digest_new(DIGEST_BLAKE2B);

    digest_add(digest, weights, plan->weight_count * sizeof *weights);
    digest_end(digest, hex);
}
