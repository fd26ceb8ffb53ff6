#include "net/plan.h"

#include "base/memory.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The plan as it grows, and what messages need. */
struct builder {
    struct plan *plan;
    const char *source;
    struct error *error;
    struct shape shape; /* of the last layer's output */
    size_t values;      /* floats of one sample in all layers so far */
    size_t convs, denses;
};

size_t shape_size(struct shape shape)
{
    return shape.rows * shape.columns * shape.channels;
}

static enum status refuse(const struct builder *builder, const struct model_statement *statement, const char *reason)
{
    return error_set(builder->error, STATUS_DATA, "%s:%zu: %s: %s", builder->source, statement->line,
                     statement->spec->name, reason);
}

/* A number of floats that is held against PLAN_MOST_FLOATS: whole, exact below it, and never overflowing. */
static bool too_many(double floats)
{
    return floats > PLAN_MOST_FLOATS;
}

static double shape_floats(struct shape shape)
{
    return (double)shape.rows * (double)shape.columns * (double)shape.channels;
}

static enum status add_tensor(struct builder *builder, const struct model_statement *statement, const char *name,
                              struct plan_tensor tensor, size_t *index)
{
    struct plan *plan = builder->plan;
    double count = 1;

    for (size_t i = 0; i < tensor.rank; i++)
        count *= (double)tensor.shape[i];
    if (too_many((double)plan->parameter_count + count))
        return refuse(builder, statement, "the network has more than 2^28 parameters");
    snprintf(tensor.name, sizeof tensor.name, "%s", name);
    tensor.count = (size_t)count;
    tensor.offset = plan->parameter_count;
    plan->parameter_count += tensor.count;
    plan->tensors = memory_grow(plan->tensors, plan->tensor_count, sizeof *plan->tensors);
    *index = plan->tensor_count;
    plan->tensors[plan->tensor_count++] = tensor;
    return STATUS_OK;
}

/* The weight and bias of a conv or dense layer, called `kind` and `number` as in PyTorch's examples. */
static enum status add_weights(struct builder *builder, const struct model_statement *statement, struct layer *layer,
                               const char *kind, size_t number, struct plan_tensor weight)
{
    struct plan_tensor bias = { .rank = 1, .shape = { weight.shape[0] } };
    char name[PLAN_NAME_SIZE];

    weight.fan_in = bias.fan_in = shape_size(layer->in);
    if (weight.rank == 4)
        weight.fan_in = bias.fan_in = layer->in.channels * layer->kernel * layer->kernel;
    snprintf(name, sizeof name, "%s%zu.weight", kind, number);
    if (add_tensor(builder, statement, name, weight, &layer->weight))
        return builder->error->status;
    snprintf(name, sizeof name, "%s%zu.bias", kind, number);
    return add_tensor(builder, statement, name, bias, &layer->bias);
}

/* Rows and columns that a window of layer->kernel takes out of `in`. */
static enum status slide_window(struct builder *builder, const struct model_statement *statement, struct layer *layer)
{
    size_t rows = layer->in.rows + 2 * layer->pad, columns = layer->in.columns + 2 * layer->pad;

    if (layer->kernel > rows || layer->kernel > columns)
        return error_set(builder->error, STATUS_DATA, "%s:%zu: %s: a window of %zu does not fit into %zu x %zu",
                         builder->source, statement->line, statement->spec->name, layer->kernel, rows, columns);
    layer->out.rows = (rows - layer->kernel) / layer->stride + 1;
    layer->out.columns = (columns - layer->kernel) / layer->stride + 1;
    return STATUS_OK;
}

static enum status add_conv(struct builder *builder, const struct model_statement *statement, struct layer *layer)
{
    struct plan_tensor weight = { .rank = 4 };

    layer->kind = LAYER_CONV;
    layer->kernel = (size_t)statement->values[1];
    layer->stride = (size_t)statement->values[2];
    layer->pad = (size_t)statement->values[3];
    if (slide_window(builder, statement, layer))
        return builder->error->status;
    layer->out.channels = weight.shape[0] = (size_t)statement->values[0];
    weight.shape[1] = layer->in.channels;
    weight.shape[2] = weight.shape[3] = layer->kernel;
    return add_weights(builder, statement, layer, "conv", ++builder->convs, weight);
}

static enum status add_dense(struct builder *builder, const struct model_statement *statement, struct layer *layer)
{
    size_t outputs = (size_t)statement->values[0];

    layer->kind = LAYER_DENSE;
    layer->out = (struct shape){ 1, 1, outputs };
    return add_weights(builder, statement, layer, "dense", ++builder->denses,
                       (struct plan_tensor){ .rank = 2, .shape = { outputs, shape_size(layer->in) } });
}

static enum status add_layer(struct builder *builder, const struct model_statement *statement)
{
    struct plan *plan = builder->plan;
    struct layer layer = { .number = plan->layer_count, .in = builder->shape, .out = builder->shape };
    enum status status = STATUS_OK;

    switch (statement->spec->word) {
    case WORD_CONV:
        status = add_conv(builder, statement, &layer);
        break;
    case WORD_DENSE:
        status = add_dense(builder, statement, &layer);
        break;
    case WORD_RELU:
        layer.kind = LAYER_RELU;
        break;
    case WORD_MAXPOOL:
        layer.kind = LAYER_MAXPOOL;
        layer.kernel = (size_t)statement->values[0];
        layer.stride = (size_t)statement->values[1];
        status = slide_window(builder, statement, &layer);
        break;
    case WORD_DROPOUT:
        layer.kind = LAYER_DROPOUT;
        layer.rate = statement->values[0];
        break;
    default:
        return STATUS_OK;
    }
    if (status)
        return status;
    if (too_many((double)plan->batch * ((double)builder->values + shape_floats(layer.out))))
        return refuse(builder, statement, "the values of one batch in all layers are more than 2^28 floats");
    builder->values += shape_size(layer.out);
    builder->shape = layer.out;
    plan->layers = memory_grow(plan->layers, plan->layer_count, sizeof *plan->layers);
    plan->layers[plan->layer_count++] = layer;
    return STATUS_OK;
}

static void set_optimizer(struct optimizer *optimizer, const struct model_statement *statement)
{
    const double *value = statement->values;

    optimizer->learning_rate = value[0];
    switch (statement->spec->word) {
    case WORD_OPTIMIZER_SGD:
        optimizer->kind = OPTIMIZER_SGD;
        optimizer->momentum = value[1];
        break;
    case WORD_OPTIMIZER_ADAM:
        optimizer->kind = OPTIMIZER_ADAM;
        optimizer->beta1 = value[1];
        optimizer->beta2 = value[2];
        optimizer->epsilon = value[3];
        break;
    default:
        optimizer->kind = OPTIMIZER_ADADELTA;
        optimizer->rho = value[1];
        optimizer->epsilon = value[2];
        break;
    }
}

/* What pixel value p becomes: (p / 255 - mean) / deviation, in double, rounded once. */
static void set_pixels(struct plan *plan, const double *values, size_t count)
{
    for (size_t channel = 0; channel < plan->input.channels; channel++) {
        const double *pair = count > 2 ? values + 2 * channel : values;
        double mean = count ? pair[0] : 0, deviation = count ? pair[1] : 1;
        for (int p = 0; p < PLAN_PIXEL_VALUES; p++)
            plan->pixel[channel][p] = (float)((p / 255.0 - mean) / deviation);
    }
}

static enum status set_statement(struct builder *builder, const struct model_statement *statement)
{
    struct plan *plan = builder->plan;
    const double *value = statement->values;

    switch (statement->spec->word) {
    case WORD_NORMALIZE:
        if (statement->value_count != 2 && statement->value_count != 2 * plan->input.channels)
            return refuse(builder, statement, "it takes one pair of mean and deviation, or one for each channel");
        set_pixels(plan, statement->values, statement->value_count);
        break;
    case WORD_OPTIMIZER_SGD:
    case WORD_OPTIMIZER_ADAM:
    case WORD_OPTIMIZER_ADADELTA:
        set_optimizer(&plan->optimizer, statement);
        break;
    case WORD_SCHEDULE_STEP:
        plan->schedule.kind = SCHEDULE_STEP;
        plan->schedule.every = (uint64_t)value[0];
        plan->schedule.gamma = value[1];
        break;
    default:
        break;
    }
    return STATUS_OK;
}

/* What layers depend on wherever it stands in the text: the input's shape and the batch. */
static enum status set_input(struct builder *builder, const struct model *model)
{
    struct plan *plan = builder->plan;
    const struct model_statement *input = NULL;

    for (size_t i = 0; i < model->count; i++) {
        const double *value = model->statements[i].values;
        if (model->statements[i].spec->word == WORD_INPUT) {
            input = &model->statements[i];
            plan->input = (struct shape){ (size_t)value[1], (size_t)value[2], (size_t)value[0] };
        } else if (model->statements[i].spec->word == WORD_TRAIN) {
            plan->batch = (size_t)value[0];
            plan->schedule.epochs = (uint64_t)value[1];
        }
    }
    if (!input || too_many(shape_floats(plan->input) * (double)plan->batch))
        return error_set(builder->error, STATUS_DATA, "%s: input: a batch of it is more than 2^28 floats",
                         builder->source);
    builder->shape = plan->input;
    builder->values = shape_size(plan->input);
    plan->pixel = memory_new(plan->input.channels, sizeof *plan->pixel);
    set_pixels(plan, NULL, 0);
    return STATUS_OK;
}

static enum status build(struct builder *builder, const struct model *model)
{
    struct plan *plan = builder->plan;
    enum status status = set_input(builder, model);

    for (size_t i = 0; !status && i < model->count; i++) {
        status = set_statement(builder, &model->statements[i]);
        if (!status)
            status = add_layer(builder, &model->statements[i]);
    }
    if (status)
        return status;
    if (!plan->layer_count || plan->layers[plan->layer_count - 1].kind != LAYER_DENSE)
        return error_set(builder->error, STATUS_DATA,
                         "%s: the last layer is not dense, so that there is no output a class", builder->source);
    plan->classes = builder->shape.channels;
    return STATUS_OK;
}

enum status plan_make(const struct model *model, const char *source, struct plan **plan, struct error *error)
{
    struct builder builder = { .plan = memory_new(1, sizeof **plan), .source = source, .error = error };
    enum status status = build(&builder, model);

    *plan = builder.plan;
    if (status) {
        plan_free(*plan);
        *plan = NULL;
    }
    return status;
}

void plan_free(struct plan *plan)
{
    if (!plan)
        return;
    free(plan->pixel);
    free(plan->layers);
    free(plan->tensors);
    free(plan);
}
