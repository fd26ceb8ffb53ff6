#include "release/onnx.h"

#include "base/memory.h"
#include "release/inference.h"

#include <onnx.pb-c.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* The messages of a model own what they point to, so that one call frees them all. */
struct writing {
    Onnx__GraphProto *graph;
    const struct plan *plan;
    const float *weights;
    bool *flat; /* of each value: is it (N, channels), not (N, channels, rows, columns)? */
    bool unsqueezes;
};

#define NEW(variable, initialize)                       \
    do {                                                \
        (variable) = memory_new(1, sizeof *(variable)); \
        initialize(variable);                           \
    } while (0)

#define ADD(owner, member, item)                                                                      \
    do {                                                                                              \
        (owner)->member = memory_grow((owner)->member, (owner)->n_##member, sizeof *(owner)->member); \
        (owner)->member[(owner)->n_##member++] = (item);                                              \
    } while (0)

/* (Allocated) */
static char *value_name(size_t value)
{
    return value ? memory_format("value%zu", value) : memory_string("prepared");
}

/* --- Tensors */

static Onnx__TensorProto *add_tensor(struct writing *writing, const char *name, int32_t type, const size_t *shape,
                                     size_t rank)
{
    Onnx__TensorProto *tensor;

    NEW(tensor, onnx__tensor_proto__init);
    tensor->name = memory_string(name);
    tensor->has_data_type = 1;
    tensor->data_type = type;
    for (size_t i = 0; i < rank; i++)
        ADD(tensor, dims, (int64_t)shape[i]);
    ADD(writing->graph, initializer, tensor);
    return tensor;
}

static void set_data(Onnx__TensorProto *tensor, const void *data, size_t size)
{
    tensor->has_raw_data = 1; /* little-endian, as we are */
    tensor->raw_data.len = size;
    tensor->raw_data.data = memory_new(size, 1);
    memcpy(tensor->raw_data.data, data, size);
}

static void add_floats(struct writing *writing, const char *name, const float *values, const size_t *shape, size_t rank)
{
    size_t n = 1;

    for (size_t i = 0; i < rank; i++)
        n *= shape[i];
    set_data(add_tensor(writing, name, ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT, shape, rank), values, n * sizeof *values);
}

static void add_plan_tensors(struct writing *writing)
{
    for (size_t i = 0; i < writing->plan->tensor_count; i++) {
        const struct plan_tensor *tensor = &writing->plan->tensors[i];
        add_floats(writing, tensor->name, writing->weights + tensor->offset, tensor->shape, tensor->rank);
    }
}

/* --- Nodes. They own the names that they are given. */

static Onnx__NodeProto *add_node(struct writing *writing, const char *type, char *input, char *output)
{
    Onnx__NodeProto *node;

    NEW(node, onnx__node_proto__init);
    node->op_type = memory_string(type);
    node->name = memory_format("%s_%s", type, output);
    ADD(node, input, input);
    ADD(node, output, output);
    ADD(writing->graph, node, node);
    return node;
}

static void add_input(Onnx__NodeProto *node, char *name)
{
    ADD(node, input, name);
}

/* Of a layer's tensor, where it has one. */
static void add_parameter(const struct writing *writing, Onnx__NodeProto *node, size_t index)
{
    if (index != PLAN_NONE)
        add_input(node, memory_string(writing->plan->tensors[index].name));
}

static Onnx__AttributeProto *add_attribute(Onnx__NodeProto *node, const char *name,
                                           Onnx__AttributeProto__AttributeType type)
{
    Onnx__AttributeProto *attribute;

    NEW(attribute, onnx__attribute_proto__init);
    attribute->name = memory_string(name);
    attribute->has_type = 1;
    attribute->type = type;
    ADD(node, attribute, attribute);
    return attribute;
}

static void add_integer(Onnx__NodeProto *node, const char *name, int64_t value)
{
    Onnx__AttributeProto *attribute = add_attribute(node, name, ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__INT);

    attribute->has_i = 1;
    attribute->i = value;
}

static void add_integers(Onnx__NodeProto *node, const char *name, size_t n, ...)
{
    Onnx__AttributeProto *attribute = add_attribute(node, name, ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__INTS);
    va_list list;

    va_start(list, n);
    for (size_t i = 0; i < n; i++)
        ADD(attribute, ints, (int64_t)va_arg(list, size_t));
    va_end(list);
}

static void add_float(Onnx__NodeProto *node, const char *name, float value)
{
    Onnx__AttributeProto *attribute = add_attribute(node, name, ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__FLOAT);

    attribute->has_f = 1;
    attribute->f = value;
}

/* --- Layers */

static const char added_axes[] = "picture.axes"; /* those that a vector lacks to be a picture */

/* (Allocated) the name of `value` as a vector or as a picture; where it is not that yet, it becomes `converted`. */
static char *as_vector(struct writing *writing, size_t value, const char *converted)
{
    value = inference_source(writing->plan, value);
    if (writing->flat[value])
        return value_name(value);
    add_integer(add_node(writing, "Flatten", value_name(value), memory_string(converted)), "axis", 1);
    return memory_string(converted);
}

static char *as_picture(struct writing *writing, size_t value, const char *converted)
{
    value = inference_source(writing->plan, value);
    if (!writing->flat[value])
        return value_name(value);
    writing->unsqueezes = true;
    add_input(add_node(writing, "Unsqueeze", value_name(value), memory_string(converted)), memory_string(added_axes));
    return memory_string(converted);
}

static void add_window(struct writing *writing, const struct layer *layer, const char *type, char *output)
{
    char *converted = memory_format("%s.picture", output);
    Onnx__NodeProto *node = add_node(writing, type, as_picture(writing, layer->input, converted), output);

    add_integers(node, "kernel_shape", 2, layer->kernel_rows, layer->kernel_columns);
    add_integers(node, "strides", 2, layer->stride, layer->stride);
    add_integers(node, "pads", 4, layer->pad, layer->pad, layer->pad, layer->pad);
    if (layer->kind == LAYER_CONV) {
        add_parameter(writing, node, layer->weight);
        add_parameter(writing, node, layer->bias);
    }
    free(converted);
}

static void add_dense(struct writing *writing, const struct layer *layer, char *output)
{
    char *converted = memory_format("%s.vector", output);
    Onnx__NodeProto *node = add_node(writing, "Gemm", as_vector(writing, layer->input, converted), output);

    add_parameter(writing, node, layer->weight);
    add_parameter(writing, node, layer->bias);
    add_integer(node, "transB", 1);
    free(converted);
}

static void add_batchnorm(struct writing *writing, const struct layer *layer, char *output)
{
    Onnx__NodeProto *node =
        add_node(writing, "BatchNormalization", value_name(inference_source(writing->plan, layer->input)), output);

    add_parameter(writing, node, layer->weight);
    add_parameter(writing, node, layer->bias);
    add_parameter(writing, node, layer->mean);
    add_parameter(writing, node, layer->variance);
    add_float(node, "epsilon", (float)layer->epsilon);
}

/* Both are of the same shape, as vectors if one of them is a vector. */
static void add_sum(struct writing *writing, const struct layer *layer, char *output)
{
    size_t input = inference_source(writing->plan, layer->input), other = inference_source(writing->plan, layer->other);
    char *converted = memory_format("%s.vector", output);

    if (writing->flat[input] || writing->flat[other]) {
        char *first = as_vector(writing, input, converted);
        add_input(add_node(writing, "Add", first, output), as_vector(writing, other, converted));
    } else {
        add_input(add_node(writing, "Add", value_name(input), output), value_name(other));
    }
    free(converted);
}

static void add_layer(struct writing *writing, const struct layer *layer, char *output)
{
    size_t source = inference_source(writing->plan, layer->input);

    switch (layer->kind) {
    case LAYER_CONV:
        add_window(writing, layer, "Conv", output);
        break;
    case LAYER_MAXPOOL:
        add_window(writing, layer, "MaxPool", output);
        break;
    case LAYER_AVGPOOL:
        add_window(writing, layer, "AveragePool", output);
        break;
    case LAYER_DENSE:
        add_dense(writing, layer, output);
        break;
    case LAYER_BATCHNORM:
        add_batchnorm(writing, layer, output);
        break;
    case LAYER_ADD:
        add_sum(writing, layer, output);
        break;
    case LAYER_RELU:
        add_node(writing, "Relu", value_name(source), output);
        break;
    case LAYER_TANH:
        add_node(writing, "Tanh", value_name(source), output);
        break;
    case LAYER_DROPOUT:
    case LAYER_DROPOUT2D:
        free(output);
        break;
    }
}

/* Is what the layer makes (N, channels)? */
static bool is_flat(const struct writing *writing, const struct layer *layer)
{
    switch (layer->kind) {
    case LAYER_DENSE:
        return true;
    case LAYER_CONV:
    case LAYER_MAXPOOL:
    case LAYER_AVGPOOL:
        return false;
    case LAYER_ADD:
        return writing->flat[layer->input] || writing->flat[layer->other];
    default:
        return writing->flat[layer->input];
    }
}

static void add_layers(struct writing *writing)
{
    const struct plan *plan = writing->plan;

    for (size_t i = 0; i < plan->layer_count; i++) {
        add_layer(writing, &plan->layers[i], value_name(i + 1));
        writing->flat[i + 1] = is_flat(writing, &plan->layers[i]);
    }
    add_integer(add_node(writing, "Flatten", value_name(plan->layer_count), memory_string("logits")), "axis", 1);
}

static void add_axes(struct writing *writing)
{
    static const int64_t axes[] = { 2, 3 };
    static const size_t count = sizeof axes / sizeof *axes;

    set_data(add_tensor(writing, added_axes, ONNX__TENSOR_PROTO__DATA_TYPE__INT64, &count, 1), axes, sizeof axes);
}

/* A pixel becomes pixel * scale + offset, for each channel. */
static void add_preparation(struct writing *writing)
{
    const struct plan *plan = writing->plan;
    const size_t n = plan->input.channels, shape[] = { 1, n, 1, 1 };
    float *scale = memory_floats(n), *offset = memory_floats(n);
    Onnx__NodeProto *cast = add_node(writing, "Cast", memory_string("picture"), memory_string("pixels")),
                    *multiply = add_node(writing, "Mul", memory_string("pixels"), memory_string("scaled")),
                    *add = add_node(writing, "Add", memory_string("scaled"), value_name(0));

    for (size_t i = 0; i < n; i++) {
        offset[i] = plan->pixel[i][0];
        scale[i] = (plan->pixel[i][PLAN_PIXEL_VALUES - 1] - offset[i]) / (PLAN_PIXEL_VALUES - 1);
    }
    add_floats(writing, "pixel.scale", scale, shape, 4);
    add_floats(writing, "pixel.offset", offset, shape, 4);
    add_integer(cast, "to", ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT);
    add_input(multiply, memory_string("pixel.scale"));
    add_input(add, memory_string("pixel.offset"));
    free(scale);
    free(offset);
}

/* --- The whole */

static void add_dimension(Onnx__TensorShapeProto *shape, const char *name, size_t size)
{
    Onnx__TensorShapeProto__Dimension *dimension;

    NEW(dimension, onnx__tensor_shape_proto__dimension__init);
    if (name) {
        dimension->value_case = ONNX__TENSOR_SHAPE_PROTO__DIMENSION__VALUE_DIM_PARAM;
        dimension->dim_param = memory_string(name);
    } else {
        dimension->value_case = ONNX__TENSOR_SHAPE_PROTO__DIMENSION__VALUE_DIM_VALUE;
        dimension->dim_value = (int64_t)size;
    }
    ADD(shape, dim, dimension);
}

/* What goes in or comes out, of the shape (N, sizes...). */
static Onnx__ValueInfoProto *new_value(const char *name, int32_t type, const size_t *sizes, size_t n)
{
    Onnx__ValueInfoProto *value;
    Onnx__TypeProto__Tensor *tensor;

    NEW(value, onnx__value_info_proto__init);
    value->name = memory_string(name);
    NEW(value->type, onnx__type_proto__init);
    NEW(tensor, onnx__type_proto__tensor__init);
    value->type->value_case = ONNX__TYPE_PROTO__VALUE_TENSOR_TYPE;
    value->type->tensor_type = tensor;
    tensor->has_elem_type = 1;
    tensor->elem_type = type;
    NEW(tensor->shape, onnx__tensor_shape_proto__init);
    add_dimension(tensor->shape, "N", 0);
    for (size_t i = 0; i < n; i++)
        add_dimension(tensor->shape, NULL, sizes[i]);
    return value;
}

static Onnx__GraphProto *new_graph(const struct plan *plan, const float *weights)
{
    const size_t sizes[] = { plan->input.channels, plan->input.rows, plan->input.columns };
    struct writing writing = { NULL, plan, weights, memory_new(plan->layer_count + 1, sizeof(bool)), false };

    NEW(writing.graph, onnx__graph_proto__init);
    writing.graph->name = memory_string("network");
    ADD(writing.graph, input, new_value("picture", ONNX__TENSOR_PROTO__DATA_TYPE__UINT8, sizes, 3));
    ADD(writing.graph, output, new_value("logits", ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT, &plan->classes, 1));
    add_plan_tensors(&writing);
    add_preparation(&writing);
    add_layers(&writing);
    if (writing.unsqueezes)
        add_axes(&writing);
    free(writing.flat);
    return writing.graph;
}

static void set_operators(Onnx__ModelProto *model)
{
    Onnx__OperatorSetIdProto *operators;

    NEW(operators, onnx__operator_set_id_proto__init);
    operators->domain = memory_string(""); /* the standard set */
    operators->has_version = 1;
    operators->version = ONNX_OPERATORS;
    ADD(model, opset_import, operators);
}

static void add_metadata(Onnx__ModelProto *model, const char *key, const char *value)
{
    Onnx__StringStringEntryProto *entry;

    NEW(entry, onnx__string_string_entry_proto__init);
    entry->key = memory_string(key);
    entry->value = memory_string(value);
    ADD(model, metadata_props, entry);
}

void onnx_add(struct text *to, const struct plan *plan, const float *weights, const char *card)
{
    Onnx__ModelProto *model;
    unsigned char *bytes;
    size_t size;

    NEW(model, onnx__model_proto__init);
    model->has_ir_version = 1;
    model->ir_version = ONNX_VERSION;
    model->producer_name = memory_string("rote");
    set_operators(model);
    model->graph = new_graph(plan, weights);
    add_metadata(model, CARD_KEY, card);
    size = onnx__model_proto__get_packed_size(model);
    bytes = memory_new(size, 1);
    onnx__model_proto__pack(model, bytes);
    text_add(to, bytes, size);
    free(bytes);
    onnx__model_proto__free_unpacked(model, NULL);
}
