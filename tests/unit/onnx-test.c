/*
 * Releases as ONNX, read back: nodes that read only what is there, operators that get what they take, and all weights.
 * The networks are random; what a runtime makes of such files is tests/interop's question.
 */
#include "release/onnx.h"

#include "base/memory.h"
#include "networks.h"
#include "release/card.h"
#include "unit.h"

#include <onnx.pb-c.h>
#include <stdlib.h>
#include <string.h>

enum { NETWORKS = 200, WORK = 20000, MOST_VALUES = 4096 };

/* What stands in a graph so far: names, and of how many dimensions they are. */
struct seen {
    const char *names[MOST_VALUES];
    size_t ranks[MOST_VALUES];
    size_t n;
};

struct example {
    struct model *model;
    struct plan *plan;
    float *weights;
    struct text bytes;
    Onnx__ModelProto *read;
};

static struct example make(const char *text)
{
    struct example example = { 0 };
    struct error error;

    CHECK(!plan_parse(text, "net", NULL, 0, &example.model, &example.plan, &error));
    example.weights = memory_floats(example.plan->weight_count);
    for (size_t i = 0; i < example.plan->weight_count; i++)
        example.weights[i] = (float)i;
    onnx_add(&example.bytes, example.plan, example.weights, "{}");
    example.read = onnx__model_proto__unpack(NULL, example.bytes.length, (const uint8_t *)example.bytes.at);
    CHECK(example.read);
    return example;
}

static void end(struct example *example)
{
    onnx__model_proto__free_unpacked(example->read, NULL);
    text_free(&example->bytes);
    free(example->weights);
    plan_free(example->plan);
    model_free(example->model);
}

static size_t rank_of(const struct seen *seen, const char *name)
{
    for (size_t i = 0; i < seen->n; i++)
        if (strcmp(seen->names[i], name) == 0)
            return seen->ranks[i];
    return 0;
}

static void see(struct seen *seen, const char *name, size_t rank)
{
    CHECK_EQUAL(rank_of(seen, name), 0); /* nothing is made twice */
    seen->names[seen->n] = name;
    seen->ranks[seen->n++] = rank;
}

/* The dimensions of what a node makes, of what it reads; 0: it may not read that. */
static size_t rank_made(const char *type, size_t rank, size_t other)
{
    static const struct {
        const char *type;
        size_t reads, makes; /* 0: any, the same */
    } operators[] = {
        { "Conv", 4, 4 },      { "MaxPool", 4, 4 }, { "AveragePool", 4, 4 }, { "Gemm", 2, 2 },
        { "Unsqueeze", 2, 4 }, { "Flatten", 0, 2 }, { "Relu", 0, 0 },        { "Tanh", 0, 0 },
        { "Cast", 0, 0 },      { "Mul", 0, 0 },     { "Add", 0, 0 },         { "BatchNormalization", 0, 0 },
    };

    for (size_t i = 0; i < sizeof operators / sizeof *operators; i++)
        if (strcmp(type, operators[i].type) == 0) {
            bool fits = operators[i].reads ? operators[i].reads == rank : strcmp(type, "Add") != 0 || rank == other;
            return !fits ? 0 : operators[i].makes ? operators[i].makes : rank;
        }
    return 0;
}

static void check_nodes(const struct example *example)
{
    const Onnx__GraphProto *graph = example->read->graph;
    struct seen seen = { .n = 0 };

    see(&seen, graph->input[0]->name, 4);
    for (size_t i = 0; i < graph->n_initializer; i++)
        see(&seen, graph->initializer[i]->name, graph->initializer[i]->n_dims);
    for (size_t i = 0; i < graph->n_node; i++) {
        const Onnx__NodeProto *node = graph->node[i];
        size_t rank = rank_of(&seen, node->input[0]), other = node->n_input > 1 ? rank_of(&seen, node->input[1]) : 0;
        for (size_t j = 0; j < node->n_input; j++)
            CHECK(rank_of(&seen, node->input[j]) > 0);
        if (!CHECK(rank_made(node->op_type, rank, other) > 0))
            printf("# %s reads %zu and %zu dimensions in\n%s", node->name, rank, other, example->model->text);
        see(&seen, node->output[0], rank_made(node->op_type, rank, other));
    }
    CHECK_EQUAL(rank_of(&seen, "logits"), 2);
}

static const Onnx__TensorProto *find(const Onnx__GraphProto *graph, const char *name)
{
    for (size_t i = 0; i < graph->n_initializer; i++)
        if (strcmp(graph->initializer[i]->name, name) == 0)
            return graph->initializer[i];
    return NULL;
}

static void check_weights(const struct example *example)
{
    for (size_t i = 0; i < example->plan->tensor_count; i++) {
        const struct plan_tensor *tensor = &example->plan->tensors[i];
        const Onnx__TensorProto *found = find(example->read->graph, tensor->name);
        if (!CHECK(found))
            continue;
        CHECK_EQUAL(found->n_dims, tensor->rank);
        CHECK_EQUAL(found->raw_data.len, tensor->count * sizeof(float));
        CHECK(memcmp(found->raw_data.data, example->weights + tensor->offset, found->raw_data.len) == 0);
    }
}

static void random_networks_make_whole_graphs(void)
{
    struct networks networks = networks_begin(1);

    for (size_t i = 0; i < NETWORKS; i++) {
        char *text = networks_text(&networks, WORK);
        struct example example = make(text);
        if (example.read) {
            check_nodes(&example);
            check_weights(&example);
        }
        end(&example);
        free(text);
    }
}

#define RECIPE "loss cross-entropy\ntrain\noptimizer adam\n"

static void layers_of_pictures_may_follow_vectors(void)
{
    struct example example = make("input 2 4 4\nresidual\nglobal-avgpool\nend\ndense 6\nresidual\nconv 6 1\nend\n"
                                  "avgpool 1\nbatchnorm\nconv 3 1\n" RECIPE);

    check_nodes(&example);
    end(&example);
}

static void a_global_mean_at_the_end_makes_logits(void)
{
    struct example example = make("input 1 4 4\nconv 3 2\nglobal-avgpool\n" RECIPE);

    check_nodes(&example);
    end(&example);
}

static void dropout_is_left_out(void)
{
    struct example example =
        make("input 1 2 2\ndropout 0.5\ndense 4\ndropout 0.5\nrelu\ndropout2d 0.1\ndense 2\n" RECIPE);

    check_nodes(&example);
    for (size_t i = 0; i < example.read->graph->n_node; i++)
        CHECK(strcmp(example.read->graph->node[i]->op_type, "Dropout") != 0);
    end(&example);
}

/* The whole numbers of an attribute of the first node of its type. */
static void check_numbers(const struct example *example, const char *type, const char *name, size_t n,
                          const int64_t *numbers)
{
    const Onnx__GraphProto *graph = example->read->graph;

    for (size_t i = 0; i < graph->n_node; i++)
        for (size_t j = 0; strcmp(graph->node[i]->op_type, type) == 0 && j < graph->node[i]->n_attribute; j++)
            if (strcmp(graph->node[i]->attribute[j]->name, name) == 0) {
                CHECK_EQUAL(graph->node[i]->attribute[j]->n_ints, n);
                CHECK(memcmp(graph->node[i]->attribute[j]->ints, numbers, n * sizeof *numbers) == 0);
                return;
            }
    CHECK(false);
}

static void windows_are_those_of_the_layers(void)
{
    struct example example = make("input 1 9 9\nconv 2 3 stride=2 pad=1\nmaxpool 2 stride=1\ndense 2\n" RECIPE);

    check_numbers(&example, "Conv", "kernel_shape", 2, (const int64_t[]){ 3, 3 });
    check_numbers(&example, "Conv", "strides", 2, (const int64_t[]){ 2, 2 });
    check_numbers(&example, "Conv", "pads", 4, (const int64_t[]){ 1, 1, 1, 1 });
    check_numbers(&example, "MaxPool", "kernel_shape", 2, (const int64_t[]){ 2, 2 });
    check_numbers(&example, "MaxPool", "strides", 2, (const int64_t[]){ 1, 1 });
    check_numbers(&example, "MaxPool", "pads", 4, (const int64_t[]){ 0, 0, 0, 0 });
    end(&example);
}

static void it_says_what_it_is_and_has_the_card(void)
{
    struct example example = make("input 1 2 2\ndense 2\n" RECIPE);
    const Onnx__ModelProto *read = example.read;

    CHECK_EQUAL(read->ir_version, ONNX_VERSION);
    CHECK_EQUAL(read->n_opset_import, 1);
    CHECK_EQUAL(read->opset_import[0]->version, ONNX_OPERATORS);
    CHECK_EQUAL(read->n_metadata_props, 1);
    CHECK_TEXT(read->metadata_props[0]->key, CARD_KEY);
    CHECK_TEXT(read->metadata_props[0]->value, "{}");
    end(&example);
}

int main(void)
{
    TEST(random_networks_make_whole_graphs);
    TEST(layers_of_pictures_may_follow_vectors);
    TEST(a_global_mean_at_the_end_makes_logits);
    TEST(dropout_is_left_out);
    TEST(windows_are_those_of_the_layers);
    TEST(it_says_what_it_is_and_has_the_card);
    return unit_finish();
}
