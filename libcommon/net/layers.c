/* From statements to layers and their tensors. */
#include "base/divide.h"
#include "base/memory.h"
#include "net/builder.h"

#include <stdio.h>

/* Add a parameter; *index becomes its place. */
static enum status add_tensor(struct builder *builder, const struct model_statement *statement,
                              struct plan_tensor tensor, size_t *index)
{
    struct plan *plan = builder->plan;
    double count = 1;

    for (size_t i = 0; i < tensor.rank; i++)
        count *= (double)tensor.shape[i];
    if ((double)plan->parameter_count + count > PLAN_MOST_FLOATS)
        return builder_refuse(builder, statement,
                              "the network has more than 2^28 parameters; fewer channels or outputs help");
    tensor.count = (size_t)count;
    tensor.offset = plan->parameter_count;
    plan->parameter_count += tensor.count;
    plan->tensors = memory_grow(plan->tensors, plan->tensor_count, sizeof *plan->tensors);
    *index = plan->tensor_count;
    plan->tensors[plan->tensor_count++] = tensor;
    return STATUS_OK;
}

/* Add a running statistic; *index becomes its place among these. */
static void add_statistic(struct builder *builder, struct plan_tensor tensor, size_t *index)
{
    tensor.count = tensor.shape[0];
    builder->statistics = memory_grow(builder->statistics, builder->statistic_count, sizeof *builder->statistics);
    *index = builder->statistic_count;
    builder->statistics[builder->statistic_count++] = tensor;
}

void builder_finish_tensors(struct builder *builder)
{
    struct plan *plan = builder->plan;

    plan->parameter_tensors = plan->tensor_count;
    plan->weight_count = plan->parameter_count;
    for (size_t i = 0; i < builder->statistic_count; i++) {
        builder->statistics[i].offset = plan->weight_count;
        plan->weight_count += builder->statistics[i].count;
        plan->tensors = memory_grow(plan->tensors, plan->tensor_count, sizeof *plan->tensors);
        plan->tensors[plan->tensor_count++] = builder->statistics[i];
    }
    for (size_t i = 0; i < plan->layer_count; i++)
        if (plan->layers[i].kind == LAYER_BATCHNORM) {
            plan->layers[i].mean += plan->parameter_tensors;
            plan->layers[i].variance += plan->parameter_tensors;
        }
}

/* A tensor called "KINDn.PART"; its shape is to be filled in. */
static struct plan_tensor named(const char *kind, size_t number, const char *part)
{
    struct plan_tensor tensor = { .rank = 1 };

    snprintf(tensor.name, sizeof tensor.name, "%s%zu.%s", kind, number, part);
    return tensor;
}

/* The weight of a conv or dense layer, and its bias where `biased`, called `kind` and `number` as in PyTorch's
 * examples.
 */
static enum status add_weights(struct builder *builder, const struct model_statement *statement, struct layer *layer,
                               const char *kind, size_t number, bool biased)
{
    struct plan_tensor weight = named(kind, number, "weight"), bias = named(kind, number, "bias");

    weight.shape[0] = bias.shape[0] = layer->out.channels;
    if (layer->kind == LAYER_CONV) {
        weight.rank = 4;
        weight.shape[1] = layer->in.channels;
        weight.shape[2] = layer->kernel_rows;
        weight.shape[3] = layer->kernel_columns;
        weight.fan_in = layer->in.channels * layer->kernel_rows * layer->kernel_columns;
    } else {
        weight.rank = 2;
        weight.shape[1] = weight.fan_in = shape_size(layer->in);
    }
    bias.fan_in = weight.fan_in;
    layer->bias = PLAN_NONE;
    if (add_tensor(builder, statement, weight, &layer->weight))
        return builder->error->status;
    return biased ? add_tensor(builder, statement, bias, &layer->bias) : STATUS_OK;
}

/* Rows and columns that a window takes out of `in`. */
static enum status slide_window(struct builder *builder, const struct model_statement *statement, struct layer *layer)
{
    size_t rows = layer->in.rows + 2 * layer->pad, columns = layer->in.columns + 2 * layer->pad;

    if (layer->kernel_rows > rows || layer->kernel_columns > columns)
        return builder_refuse(builder, statement, "a window of %zu does not fit into %zu x %zu", layer->kernel_rows,
                              rows, columns);
    layer->out.rows = (rows - layer->kernel_rows) / layer->stride + 1;
    layer->out.columns = (columns - layer->kernel_columns) / layer->stride + 1;
    return STATUS_OK;
}

/* Of one sample's larger side, with all that windows reach of its padding: engines may lay it out like that. */
static double framed_floats(const struct layer *layer)
{
    double rows = (double)(layer->in.rows + 2 * layer->pad + layer->kernel_rows);
    double columns = (double)(layer->in.columns + 2 * layer->pad + layer->kernel_columns);
    size_t channels = layer->in.channels > layer->out.channels ? layer->in.channels : layer->out.channels;

    return rows * columns * (double)channels;
}

static enum status make_conv(struct builder *builder, const struct model_statement *statement, struct layer *layer)
{
    layer->kind = LAYER_CONV;
    layer->kernel_rows = layer->kernel_columns = (size_t)model_value(statement, "kernel");
    layer->stride = (size_t)model_value(statement, "stride");
    layer->pad = (size_t)model_value(statement, "pad");
    if (slide_window(builder, statement, layer))
        return builder->error->status;
    layer->out.channels = (size_t)model_value(statement, "channels");
    if (framed_floats(layer) > PLAN_MOST_FLOATS)
        return builder_refuse(builder, statement, "a picture with its padding is more than 2^28 floats");
    return add_weights(builder, statement, layer, "conv", ++builder->convs, model_value(statement, "bias") != 0);
}

static enum status make_dense(struct builder *builder, const struct model_statement *statement, struct layer *layer)
{
    layer->kind = LAYER_DENSE;
    layer->out = (struct shape){ 1, 1, (size_t)model_value(statement, "outputs") };
    return add_weights(builder, statement, layer, "dense", ++builder->denses, true);
}

static enum status make_pool(struct builder *builder, const struct model_statement *statement, struct layer *layer,
                             enum layer_kind kind)
{
    layer->kind = kind;
    layer->kernel_rows = layer->kernel_columns = (size_t)model_value(statement, "size");
    layer->stride = (size_t)model_value(statement, "stride");
    return slide_window(builder, statement, layer);
}

static enum status make_global_avgpool(struct layer *layer)
{
    layer->kind = LAYER_AVGPOOL;
    layer->kernel_rows = layer->in.rows;
    layer->kernel_columns = layer->in.columns;
    layer->stride = 1;
    layer->out = (struct shape){ 1, 1, layer->in.channels };
    return STATUS_OK;
}

static enum status make_batchnorm(struct builder *builder, const struct model_statement *statement, struct layer *layer)
{
    static const char kind[] = "batchnorm";
    size_t number = ++builder->batchnorms;
    struct plan_tensor weight = named(kind, number, "weight"), bias = named(kind, number, "bias"),
                       mean = named(kind, number, "running_mean"), variance = named(kind, number, "running_var");

    if (builder->plan->batch == 1)
        return builder_refuse(builder, statement, "a batch of one sample has no variance: train batch must be above 1");
    layer->kind = LAYER_BATCHNORM;
    layer->momentum = model_value(statement, "momentum");
    layer->epsilon = model_value(statement, "eps");
    weight.shape[0] = bias.shape[0] = mean.shape[0] = variance.shape[0] = layer->in.channels;
    weight.initial = variance.initial = 1;
    add_statistic(builder, mean, &layer->mean);
    add_statistic(builder, variance, &layer->variance);
    builder->plan->normalizes = true;
    if (add_tensor(builder, statement, weight, &layer->weight))
        return builder->error->status;
    return add_tensor(builder, statement, bias, &layer->bias);
}

/* Append a layer whose shapes are known; it reads `input`. */
static enum status append(struct builder *builder, const struct model_statement *statement, struct layer layer,
                          size_t input)
{
    struct plan *plan = builder->plan;

    if (builder_add_value(builder, statement, layer.out))
        return builder->error->status;
    layer.number = plan->layer_count;
    layer.input = input;
    plan->layers = memory_grow(plan->layers, plan->layer_count, sizeof *plan->layers);
    plan->layers[plan->layer_count++] = layer;
    return STATUS_OK;
}

static struct shape value_shape(const struct plan *plan, size_t value)
{
    return value ? plan->layers[value - 1].out : plan->input;
}

/* The least stride with which a window of one place makes the rows and columns of `out` out of those of `in`, or 0. */
static size_t projection_stride(struct shape in, struct shape out)
{
    size_t rows = divide_up(in.rows, out.rows), columns = divide_up(in.columns, out.columns);
    size_t stride = rows > columns ? rows : columns;

    return divide_up(in.rows, stride) == out.rows && divide_up(in.columns, stride) == out.columns ? stride : 0;
}

/* Bring the value that the block began with to the shape that it ended with: a conv of kernel 1 without bias, equation
 * (2) of He et al. */
static enum status project(struct builder *builder, const struct model_statement *statement, size_t *from)
{
    struct plan *plan = builder->plan;
    struct shape in = value_shape(plan, *from), out = value_shape(plan, plan->layer_count);
    struct layer layer = { .kind = LAYER_CONV, .in = in, .out = out, .kernel_rows = 1, .kernel_columns = 1 };

    layer.stride = projection_stride(in, out);
    if (!layer.stride)
        return builder_refuse(builder, statement,
                              "no projection makes %zu x %zu out of the %zu x %zu of its 'residual'", out.rows,
                              out.columns, in.rows, in.columns);
    if (add_weights(builder, statement, &layer, "projection", ++builder->projections, false) ||
        append(builder, statement, layer, *from))
        return builder->error->status;
    *from = plan->layer_count;
    return STATUS_OK;
}

static enum status open_residual(struct builder *builder)
{
    builder->blocks = memory_grow(builder->blocks, builder->depth, sizeof *builder->blocks);
    builder->blocks[builder->depth++] = builder->plan->layer_count;
    return STATUS_OK;
}

static enum status close_residual(struct builder *builder, const struct model_statement *statement)
{
    struct plan *plan = builder->plan;
    size_t last = plan->layer_count, from = builder->blocks[--builder->depth];
    struct shape in = value_shape(plan, from), out = value_shape(plan, last);
    struct layer layer = { .kind = LAYER_ADD, .in = out, .out = out };

    if ((in.rows != out.rows || in.columns != out.columns || in.channels != out.channels) &&
        project(builder, statement, &from))
        return builder->error->status;
    layer.other = from;
    return append(builder, statement, layer, last);
}

enum status builder_add_layer(struct builder *builder, const struct model_statement *statement)
{
    struct shape in = value_shape(builder->plan, builder->plan->layer_count);
    struct layer layer = { .in = in, .out = in };
    enum status status = STATUS_OK;

    switch (statement->spec->word) {
    case WORD_CONV:
        status = make_conv(builder, statement, &layer);
        break;
    case WORD_DENSE:
        status = make_dense(builder, statement, &layer);
        break;
    case WORD_RELU:
        layer.kind = LAYER_RELU;
        break;
    case WORD_TANH:
        layer.kind = LAYER_TANH;
        break;
    case WORD_MAXPOOL:
        status = make_pool(builder, statement, &layer, LAYER_MAXPOOL);
        break;
    case WORD_AVGPOOL:
        status = make_pool(builder, statement, &layer, LAYER_AVGPOOL);
        break;
    case WORD_GLOBAL_AVGPOOL:
        status = make_global_avgpool(&layer);
        break;
    case WORD_DROPOUT:
    case WORD_DROPOUT2D:
        layer.kind = statement->spec->word == WORD_DROPOUT ? LAYER_DROPOUT : LAYER_DROPOUT2D;
        layer.rate = model_value(statement, "rate");
        break;
    case WORD_BATCHNORM:
        status = make_batchnorm(builder, statement, &layer);
        break;
    case WORD_RESIDUAL:
        return open_residual(builder);
    case WORD_END:
        return close_residual(builder, statement);
    default:
        return STATUS_OK;
    }
    return status ? status : append(builder, statement, layer, builder->plan->layer_count);
}
