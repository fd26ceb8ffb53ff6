#include "release/c_source.h"

#include "base/file.h"
#include "base/memory.h"
#include "release/c_layers.h"

#include <ctype.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What is known while the texts are made. */
struct writing {
    struct text *to;
    const struct plan *plan;
    const float *values;
    const char *name;
    size_t *place; /* of each value, in floats from the beginning of the workspace */
    size_t workspace;
};

char *c_source_name(const char *path)
{
    const char *base = path_base(path), *dot = strrchr(base, '.');
    char *name = memory_format("%s%.*s", isdigit((unsigned char)*base) ? "net_" : "",
                               (int)(dot && dot > base ? (size_t)(dot - base) : strlen(base)), base);

    for (char *at = name; *at; at++)
        if (!isalnum((unsigned char)*at) || (unsigned char)*at > 127)
            *at = '_';
    return name;
}

/* --- Where values lie: each from when it is made until the last layer that reads it. */

static size_t value_size(const struct plan *plan, size_t value)
{
    return shape_size(value ? plan->layers[value - 1].out : plan->input);
}

static size_t last_reader(const struct plan *plan, size_t value)
{
    size_t last = value;

    for (size_t i = 0; i < plan->layer_count; i++)
        if (plan->layers[i].input == value || (plan->layers[i].kind == LAYER_ADD && plan->layers[i].other == value))
            last = i + 1;
    return last;
}

static bool overlap(const struct writing *writing, size_t value, size_t other)
{
    size_t begin = writing->place[value], end = begin + value_size(writing->plan, value);
    size_t other_begin = writing->place[other], other_end = other_begin + value_size(writing->plan, other);

    return begin < other_end && other_begin < end && last_reader(writing->plan, other) >= value;
}

/* The first place at which it lies on none of those before it that are still to be read. */
static void place_value(struct writing *writing, size_t value)
{
    writing->place[value] = 0;
    for (size_t other = 0; other < value; other++)
        if (overlap(writing, value, other)) {
            writing->place[value] = writing->place[other] + value_size(writing->plan, other);
            other = (size_t)-1; /* from the first again */
        }
    if (writing->workspace < writing->place[value] + value_size(writing->plan, value))
        writing->workspace = writing->place[value] + value_size(writing->plan, value);
}

/* --- Numbers */

static void add_floats(struct text *to, const char *type, const char *name, const char *what, const float *values,
                       size_t n)
{
    text_format(to, "\nstatic const %s %s%s[%zu] = {", type, name, what, n);
    for (size_t i = 0; i < n; i++)
        text_format(to, "%s%af%s", i % 6 ? " " : "\n    ", (double)values[i], i + 1 < n ? "," : "");
    text_string(to, "\n};\n");
}

static const float *tensor(const struct writing *writing, size_t index)
{
    return writing->values + writing->plan->tensors[index].offset;
}

/* What evaluation makes of a batchnorm: y = fma(x - mean, scale, bias). */
static void add_batchnorm(const struct writing *writing, const struct layer *layer, const char *name)
{
    size_t n = layer->in.channels;
    float *scale = memory_floats(n);

    for (size_t i = 0; i < n; i++)
        scale[i] = tensor(writing, layer->weight)[i] *
                   (1 / sqrtf(tensor(writing, layer->variance)[i] + (float)layer->epsilon));
    add_floats(writing->to, "float", name, "_mean", tensor(writing, layer->mean), n);
    add_floats(writing->to, "float", name, "_scale", scale, n);
    add_floats(writing->to, "float", name, "_bias", tensor(writing, layer->bias), n);
    free(scale);
}

static void layer_label(const struct layer *layer, char *label, size_t size)
{
    snprintf(label, size, "%s%zu", layer_name(layer), layer->number + 1);
}

static void add_weights(const struct writing *writing, const struct layer *layer)
{
    char label[PLAN_NAME_SIZE];

    layer_label(layer, label, sizeof label);
    if (layer->kind == LAYER_BATCHNORM) {
        add_batchnorm(writing, layer, label);
        return;
    }
    if (layer->kind != LAYER_CONV && layer->kind != LAYER_DENSE)
        return;
    add_floats(writing->to, "float", label, "_weight", tensor(writing, layer->weight),
               writing->plan->tensors[layer->weight].count);
    if (layer->bias != PLAN_NONE)
        add_floats(writing->to, "float", label, "_bias", tensor(writing, layer->bias),
                   writing->plan->tensors[layer->bias].count);
}

static void add_pixels(const struct writing *writing)
{
    size_t channels = writing->plan->input.channels;

    text_format(writing->to, "\n/* What each value of a pixel becomes, for each channel. */");
    add_floats(writing->to, "float", "pixel", "", writing->plan->pixel[0], channels * PLAN_PIXEL_VALUES);
}

/* --- Calls */

static void add_window(const struct writing *writing, const struct layer *layer)
{
    text_format(writing->to, "{ %zu, %zu, %zu, %zu, %zu, %zu, %zu, %zu, %zu, %zu }", layer->in.rows, layer->in.columns,
                layer->in.channels, layer->kernel_rows, layer->kernel_columns, layer->stride, layer->pad,
                layer->out.rows, layer->out.columns, layer->out.channels);
}

static void add_windows(const struct writing *writing)
{
    for (size_t i = 0; i < writing->plan->layer_count; i++) {
        const struct layer *layer = &writing->plan->layers[i];
        char label[PLAN_NAME_SIZE];
        if (!c_layer_has_window(layer))
            continue;
        layer_label(layer, label, sizeof label);
        text_format(writing->to, "\nstatic const struct window %s = ", label);
        add_window(writing, layer);
        text_string(writing->to, ";\n");
    }
}

static void add_call(const struct writing *writing, const struct layer *layer, size_t value)
{
    const size_t x = writing->place[layer->input], y = writing->place[value], n = shape_size(layer->out);
    char label[PLAN_NAME_SIZE];

    layer_label(layer, label, sizeof label);
    text_format(writing->to, "    %s(", c_layer_function(layer));
    switch (layer->kind) {
    case LAYER_CONV:
    case LAYER_DENSE:
        text_format(writing->to, "&%s, %s_weight, ", label, label);
        if (layer->bias == PLAN_NONE)
            text_string(writing->to, "0, ");
        else
            text_format(writing->to, "%s_bias, ", label);
        break;
    case LAYER_MAXPOOL:
    case LAYER_AVGPOOL:
        text_format(writing->to, "&%s, ", label);
        break;
    case LAYER_BATCHNORM:
        text_format(writing->to, "%zu, %zu, %s_mean, %s_scale, %s_bias, ", n, layer->in.channels, label, label, label);
        break;
    case LAYER_ADD:
        text_format(writing->to, "%zu, workspace + %zu, ", n, writing->place[layer->other]);
        break;
    default:
        text_format(writing->to, "%zu, ", n);
    }
    text_format(writing->to, "workspace + %zu, workspace + %zu);\n", x, y);
}

static void add_logits(const struct writing *writing)
{
    const struct plan *plan = writing->plan;
    const struct shape in = plan->input;

    text_format(writing->to,
                "\nvoid %s_logits(const unsigned char *picture, float *workspace, float *logits)\n{\n    size_t i;\n\n"
                "    for (i = 0; i < %zu; i++)\n"
                "        workspace[%zu + i] = pixel[i %% %zu * 256 + picture[i %% %zu * %zu + i / %zu]];\n",
                writing->name, shape_size(in), writing->place[0], in.channels, in.channels, in.rows * in.columns,
                in.channels);
    for (size_t i = 0; i < plan->layer_count; i++)
        add_call(writing, &plan->layers[i], i + 1);
    text_format(writing->to, "    for (i = 0; i < %zu; i++)\n        logits[i] = workspace[%zu + i];\n}\n",
                plan->classes, writing->place[plan->layer_count]);
    text_format(writing->to,
                "\nint %s_class(const unsigned char *picture, float *workspace)\n{\n    float logits[%zu];\n"
                "    int best = 0, i;\n\n    %s_logits(picture, workspace, logits);\n"
                "    for (i = 1; i < %zu; i++)\n        if (logits[i] > logits[best])\n            best = i;\n"
                "    return best;\n}\n",
                writing->name, plan->classes, writing->name, plan->classes);
}

/* The card, a line for each entry of it, where nothing can end the comment. */
static void add_card(struct text *to, const struct card *card)
{
    text_string(to, "/*\n * Made by ckpt-release(1) from a checkpoint:\n *\n");
    for (size_t i = 0; i < card->n; i++) {
        text_format(to, " *     %s: ", card->entries[i].key);
        for (const char *at = card->entries[i].value; *at; at++) {
            if (*at == '\n')
                text_string(to, "\n *         ");
            else
                text_add(to, at, 1);
            if ((at[0] == '*' && at[1] == '/') || (at[0] == '/' && at[1] == '*'))
                text_string(to, " ");
        }
        text_string(to, "\n");
    }
    text_string(to, " */\n");
}

static void add_header(struct text *header, const struct writing *writing, const struct card *card)
{
    const struct plan *plan = writing->plan;
    char *guard = memory_format("%s_H", writing->name);

    for (char *at = guard; *at; at++)
        *at = (char)toupper((unsigned char)*at);
    add_card(header, card);
    text_format(header, "#ifndef %s\n#define %s\n\n", guard, guard);
    text_format(header,
                "enum {\n    %s_PIXELS = %zu, /* %zu channels of %zu rows of %zu pixels, one after the other */\n"
                "    %s_CLASSES = %zu,\n    %s_WORKSPACE = %zu /* floats */\n};\n\n",
                writing->name, shape_size(plan->input), plan->input.channels, plan->input.rows, plan->input.columns,
                writing->name, plan->classes, writing->name, writing->workspace);
    text_format(header,
                "/* The logits of a picture of unprepared pixels, from 0 to 255. The workspace is overwritten. */\n"
                "void %s_logits(const unsigned char *picture, float *workspace, float *logits);\n\n"
                "/* The class with the largest logit, the first of equals. */\n"
                "int %s_class(const unsigned char *picture, float *workspace);\n\n#endif\n",
                writing->name, writing->name);
    free(guard);
}

void c_source_add(struct text *source, struct text *header, const struct plan *plan, const float *values,
                  const struct card *card, const char *name)
{
    struct writing writing = { source, plan, values, name, memory_new(plan->layer_count + 1, sizeof(size_t)), 0 };

    for (size_t value = 0; value <= plan->layer_count; value++)
        place_value(&writing, value);
    add_header(header, &writing, card);
    text_format(source, "/* The network of %s.h, which says where it came from. */\n#include \"%s.h\"\n\n", name, name);
    c_layers_add(source, plan);
    add_pixels(&writing);
    for (size_t i = 0; i < plan->layer_count; i++)
        add_weights(&writing, &plan->layers[i]);
    add_windows(&writing);
    add_logits(&writing);
    free(writing.place);
}
