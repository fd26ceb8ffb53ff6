#include "release/onnx.h"

#include "base/memory.h"
#include "base/program.h"

#include <onnx.pb-c.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* The messages of a model own what they point to, so that one call frees them all. */
struct graph {
    Onnx__GraphProto *graph;
    const struct plan *plan;
    const float *values;
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

static char *value_name(size_t value)
{
    return value ? memory_format("value%zu", value) : memory_string("prepared");
}

/* --- Tensors */

static void add_tensor(struct graph *graph, const char *name, const float *values, const size_t *shape, size_t rank)
{
    Onnx__TensorProto *tensor;
    size_t n = 1;

    NEW(tensor, onnx__tensor_proto__init);
    tensor->name = memory_string(name);
    tensor->has_data_type = 1;
    tensor->data_type = ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT;
    for (size_t i = 0; i < rank; i++) {
        ADD(tensor, dims, (int64_t)shape[i]);
        n *= shape[i];
    }
    tensor->has_raw_data = 1; /* little-endian, as we are */
    tensor->raw_data.len = n * sizeof *values;
    tensor->raw_data.data = memory_new(n, sizeof *values);
    memcpy(tensor->raw_data.data, values, tensor->raw_data.len);
    ADD(graph->graph, initializer, tensor);
}

static void add_plan_tensors(struct graph *graph)
{
    const struct plan *plan = graph->plan;

    for (size_t i = 0; i < plan->tensor_count; i++)
        add_tensor(graph, plan->tensors[i].name, graph->values + plan->tensors[i].offset, plan->tensors[i].shape,
                   plan->tensors[i].rank);
}

/* --- Nodes */

static Onnx__NodeProto *add_node(struct graph *graph, const char *operator, char * output)
{
    Onnx__NodeProto *node;

    NEW(node, onnx__node_proto__init);
    node->op_type = memory_string(operator);
    node->name = memory_format("%s_%s", operator, output);
    ADD(node, output, output);
    ADD(graph->graph, node, node);
    return node;
}

static void add_input(Onnx__NodeProto *node, char *name)
{
    ADD(node, input, name);
}

/* Of a layer's tensor, where it has one. */
static void add_parameter(const struct graph *graph, Onnx__NodeProto *node, size_t index)
{
    if (index != PLAN_NONE)
        add_input(node, memory_string(graph->plan->tensors[index].name));
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

static void add_window(Onnx__NodeProto *node, const struct layer *layer)
{
    add_integers(node, "kernel_shape", 2, layer->kernel_rows, layer->kernel_columns);
    add_integers(node, "strides", 2, layer->stride, layer->stride);
    add_integers(node, "pads", 4, layer->pad, layer->pad, layer->pad, layer->pad);
}

/* A layer of vectors gets its input, which may be a picture, as one. */
static void add_dense(struct graph *graph, const struct layer *layer, char *output)
{
    char *vector = memory_format("%s_flat", output);
    Onnx__NodeProto *flat = add_node(graph, "Flatten", vector), *dense = add_node(graph, "Gemm", output);

    add_input(flat, value_name(layer->input));
    add_integer(flat, "axis", 1);
    add_input(dense, memory_string(vector));
    add_parameter(graph, dense, layer->weight);
    add_parameter(graph, dense, layer->bias);
    add_integer(dense, "transB", 1);
}

static const char *operator_of(enum layer_kind kind)
{
    static const char *const operators[] = {
        [LAYER_CONV] = "Conv",           [LAYER_RELU] = "Relu",
        [LAYER_TANH] = "Tanh",           [LAYER_MAXPOOL] = "MaxPool",
        [LAYER_AVGPOOL] = "AveragePool", [LAYER_DROPOUT] = "Identity",
        [LAYER_DROPOUT2D] = "Identity",  [LAYER_ADD] = "Add",
        [LAYER_DENSE] = "Gemm",          [LAYER_BATCHNORM] = "BatchNormalization",
    };

    return operators[kind];
}

static void add_layer(struct graph *graph, const struct layer *layer, char *output)
{
    Onnx__NodeProto *node;

    if (layer->kind == LAYER_DENSE) {
        add_dense(graph, layer, output);
        return;
    }
    node = add_node(graph, operator_of(layer->kind), output);
    add_input(node, value_name(layer->input));
    if (layer->kind == LAYER_ADD)
        add_input(node, value_name(layer->other));
    if (layer->kind == LAYER_CONV || layer->kind == LAYER_MAXPOOL || layer->kind == LAYER_AVGPOOL)
        add_window(node, layer);
    if (layer->kind == LAYER_CONV || layer->kind == LAYER_BATCHNORM) {
        add_parameter(graph, node, layer->weight);
        add_parameter(graph, node, layer->bias);
    }
    if (layer->kind == LAYER_BATCHNORM) {
        add_parameter(graph, node, layer->mean);
        add_parameter(graph, node, layer->variance);
        add_float(node, "epsilon", (float)layer->epsilon);
    }
}

/* A pixel becomes pixel * scale + offset, for each channel. */
static void add_preparation(struct graph *graph)
{
    const struct plan *plan = graph->plan;
    const size_t n = plan->input.channels, shape[] = { 1, n, 1, 1 };
    float *scale = memory_floats(n), *offset = memory_floats(n);
    Onnx__NodeProto *cast = add_node(graph, "Cast", memory_string("pixels")),
                    *multiply = add_node(graph, "Mul", memory_string("scaled")),
                    *add = add_node(graph, "Add", value_name(0));

    for (size_t i = 0; i < n; i++) {
        offset[i] = plan->pixel[i][0];
        scale[i] = (plan->pixel[i][PLAN_PIXEL_VALUES - 1] - offset[i]) / (PLAN_PIXEL_VALUES - 1);
    }
    add_tensor(graph, "pixel.scale", scale, shape, 4);
    add_tensor(graph, "pixel.offset", offset, shape, 4);
    add_input(cast, memory_string("picture"));
    add_integer(cast, "to", ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT);
    add_input(multiply, memory_string("pixels"));
    add_input(multiply, memory_string("pixel.scale"));
    add_input(add, memory_string("scaled"));
    add_input(add, memory_string("pixel.offset"));
    free(scale);
    free(offset);
}

/* --- The whole */

/* Of the shape (N, sizes...). */
static Onnx__ValueInfoProto *new_value(const char *name, int32_t type, const size_t *sizes, size_t n)
{
    Onnx__ValueInfoProto *value;
    Onnx__TypeProto__Tensor *tensor;
    Onnx__TensorShapeProto__Dimension *dimension;

    NEW(value, onnx__value_info_proto__init);
    value->name = memory_string(name);
    NEW(value->type, onnx__type_proto__init);
    NEW(tensor, onnx__type_proto__tensor__init);
    value->type->value_case = ONNX__TYPE_PROTO__VALUE_TENSOR_TYPE;
    value->type->tensor_type = tensor;
    tensor->has_elem_type = 1;
    tensor->elem_type = type;
    NEW(tensor->shape, onnx__tensor_shape_proto__init);
    for (size_t i = 0; i <= n; i++) {
        NEW(dimension, onnx__tensor_shape_proto__dimension__init);
        if (i == 0) {
            dimension->value_case = ONNX__TENSOR_SHAPE_PROTO__DIMENSION__VALUE_DIM_PARAM;
            dimension->dim_param = memory_string("N");
        } else {
            dimension->value_case = ONNX__TENSOR_SHAPE_PROTO__DIMENSION__VALUE_DIM_VALUE;
            dimension->dim_value = (int64_t)sizes[i - 1];
        }
        ADD(tensor->shape, dim, dimension);
    }
    return value;
}

static Onnx__GraphProto *new_graph(const struct plan *plan, const float *values)
{
    const size_t sizes[] = { plan->input.channels, plan->input.rows, plan->input.columns };
    struct graph graph = { NULL, plan, values };

    NEW(graph.graph, onnx__graph_proto__init);
    graph.graph->name = memory_string("network");
    ADD(graph.graph, input, new_value("picture", ONNX__TENSOR_PROTO__DATA_TYPE__UINT8, sizes, 3));
    ADD(graph.graph, output, new_value("logits", ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT, &plan->classes, 1));
    add_plan_tensors(&graph);
    add_preparation(&graph);
    for (size_t i = 0; i < plan->layer_count; i++)
        add_layer(&graph, &plan->layers[i], i + 1 < plan->layer_count ? value_name(i + 1) : memory_string("logits"));
    return graph.graph;
}

static void add_card(Onnx__ModelProto *model, const struct card *card)
{
    Onnx__StringStringEntryProto *entry;

    for (size_t i = 0; i < card->n; i++) {
        NEW(entry, onnx__string_string_entry_proto__init);
        entry->key = memory_string(card->entries[i].key);
        entry->value = memory_string(card->entries[i].value);
        ADD(model, metadata_props, entry);
    }
}

void onnx_add(struct text *to, const struct plan *plan, const float *values, const struct card *card)
{
    Onnx__ModelProto *model;
    Onnx__OperatorSetIdProto *operators;
    unsigned char *bytes;
    size_t size;

    NEW(model, onnx__model_proto__init);
    model->has_ir_version = 1;
    model->ir_version = ONNX_VERSION;
    model->producer_name = memory_string("rote");
    model->producer_version = memory_string(ROTE_VERSION);
    NEW(operators, onnx__operator_set_id_proto__init);
    operators->domain = memory_string("");
    operators->has_version = 1;
    operators->version = ONNX_OPERATORS;
    ADD(model, opset_import, operators);
    model->graph = new_graph(plan, values);
    add_card(model, card);
    size = onnx__model_proto__get_packed_size(model);
    bytes = memory_new(size, 1);
    onnx__model_proto__pack(model, bytes);
    text_add(to, bytes, size);
    free(bytes);
    onnx__model_proto__free_unpacked(model, NULL);
}
