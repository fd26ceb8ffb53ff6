#include "release/c_source.h"

#include "base/file.h"
#include "base/memory.h"
#include "release/c_layers.h"
#include "release/inference.h"

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
    const float *weights;
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
        if (!isalnum((unsigned char)*at))
            *at = '_';
    return name;
}

/* Would a header of this name, less its "h", stand before one that the source asks the system for? */
static bool hides_header(const char *name, size_t length)
{
    static const char *const headers[] = { "float.", "math.", "stddef.", "stdint." };

    for (size_t i = 0; i < sizeof headers / sizeof *headers; i++)
        if (strlen(headers[i]) == length && strncmp(headers[i], name, length) == 0)
            return true;
    return false;
}

char *c_source_header_path(const char *path)
{
    static const char trouble[] = "\"\\?"; /* what ends a name in #include, or may begin something else in one */
    size_t length = strlen(path);
    char *header;

    if (length < 2 || strcmp(path + length - 2, ".c") != 0)
        return NULL;
    for (const char *at = path_base(path); *at; at++)
        if (strchr(trouble, *at) || iscntrl((unsigned char)*at))
            return NULL;
    if (hides_header(path_base(path), strlen(path_base(path)) - 1))
        return NULL;
    header = memory_string(path);
    header[length - 1] = 'h';
    return header;
}

/* --- Where values lie: each from when it is made until the last layer that reads it. */

static size_t value_size(const struct plan *plan, size_t value)
{
    return shape_size(inference_shape(plan, value));
}

static bool overlap(const struct writing *writing, size_t value, size_t other)
{
    size_t begin = writing->place[value], end = begin + value_size(writing->plan, value);
    size_t other_begin = writing->place[other], other_end = other_begin + value_size(writing->plan, other);

    return begin < other_end && other_begin < end && inference_last_reader(writing->plan, other) >= value;
}

/* The first place at which it lies on none of those before it that are still to be read. A copy is where its source is.
 */
static void place_value(struct writing *writing, size_t value)
{
    size_t source = inference_source(writing->plan, value);

    writing->place[value] = source < value ? writing->place[source] : 0;
    if (source < value)
        return;
    for (size_t other = 0; other < value; other++)
        if (inference_source(writing->plan, other) == other && overlap(writing, value, other)) {
            writing->place[value] = writing->place[other] + value_size(writing->plan, other);
            other = (size_t)-1; /* from the first again */
        }
    if (writing->workspace < writing->place[value] + value_size(writing->plan, value))
        writing->workspace = writing->place[value] + value_size(writing->plan, value);
}

/* --- Numbers */

static void add_floats(struct text *to, const char *name, const char *what, const float *values, size_t n)
{
    text_format(to, "\nstatic const float %s%s[%zu] = {", name, what, n);
    for (size_t i = 0; i < n; i++)
        text_format(to, "%s%af%s", i % 6 ? " " : "\n    ", (double)values[i], i + 1 < n ? "," : "");
    text_string(to, "\n};\n");
}

static const float *tensor(const struct writing *writing, size_t index)
{
    return writing->weights + writing->plan->tensors[index].offset;
}

/* What evaluation makes of a batchnorm: y = fma(x - mean, scale, bias). */
static float batchnorm_scale(const struct writing *writing, const struct layer *layer, size_t channel)
{
    return tensor(writing, layer->weight)[channel] *
           (1 / sqrtf(tensor(writing, layer->variance)[channel] + (float)layer->epsilon));
}

static void add_batchnorm(const struct writing *writing, const struct layer *layer, const char *name)
{
    size_t n = layer->in.channels;
    float *scale = memory_floats(n);

    for (size_t channel = 0; channel < n; channel++)
        scale[channel] = batchnorm_scale(writing, layer, channel);
    add_floats(writing->to, name, "_mean", tensor(writing, layer->mean), n);
    add_floats(writing->to, name, "_scale", scale, n);
    add_floats(writing->to, name, "_bias", tensor(writing, layer->bias), n);
    free(scale);
}

/* A conv's or a dense layer's weights as they are used, by output, row, column and channel: files have the channel
   before row and column. */
static void add_products(const struct writing *writing, const struct layer *layer, const char *name)
{
    const struct plan_tensor *weight = &writing->plan->tensors[layer->weight];
    const size_t places =
        layer->kind == LAYER_CONV ? layer->kernel_rows * layer->kernel_columns : layer->in.rows * layer->in.columns;
    const size_t channels = layer->in.channels, inputs = places * channels;
    const float *values = tensor(writing, layer->weight);
    float *used = memory_floats(weight->count);

    for (size_t i = 0; i < weight->count; i++)
        used[i] = values[i / inputs * inputs + i % channels * places + i % inputs / channels];
    add_floats(writing->to, name, "_weight", used, weight->count);
    free(used);
}

/* As its tensors are called, "conv2"; of a layer without any by its place, "maxpool4". */
static void layer_label(const struct writing *writing, const struct layer *layer, char label[PLAN_NAME_SIZE])
{
    const bool has_tensors = layer_parameters(writing->plan, layer) > 0;

    if (has_tensors)
        snprintf(label, PLAN_NAME_SIZE, "%s", writing->plan->tensors[layer->weight].name);
    else
        snprintf(label, PLAN_NAME_SIZE, "%s%zu", layer_name(layer), layer->number + 1);
    label[strcspn(label, ".")] = '\0';
}

static void add_weights(const struct writing *writing, const struct layer *layer)
{
    char label[PLAN_NAME_SIZE];

    layer_label(writing, layer, label);
    if (layer->kind == LAYER_BATCHNORM) {
        add_batchnorm(writing, layer, label);
        return;
    }
    if (layer->kind != LAYER_CONV && layer->kind != LAYER_DENSE)
        return;
    add_products(writing, layer, label);
    if (layer->bias != PLAN_NONE)
        add_floats(writing->to, label, "_bias", tensor(writing, layer->bias),
                   writing->plan->tensors[layer->bias].count);
}

static void add_pixels(const struct writing *writing)
{
    size_t channels = writing->plan->input.channels;

    text_format(writing->to, "\n/* What each value of a pixel becomes, for each channel. */");
    add_floats(writing->to, "pixel", "", writing->plan->pixel[0], channels * PLAN_PIXEL_VALUES);
}

/* --- Calls */

static void add_windows(const struct writing *writing)
{
    for (size_t i = 0; i < writing->plan->layer_count; i++) {
        const struct layer *layer = &writing->plan->layers[i];
        char label[PLAN_NAME_SIZE];
        if (!c_layer_has_window(layer))
            continue;
        layer_label(writing, layer, label);
        text_format(writing->to,
                    "\nstatic const struct window %s = { %zu, %zu, %zu, %zu, %zu, %zu, %zu, %zu, %zu, %zu };\n", label,
                    layer->in.rows, layer->in.columns, layer->in.channels, layer->kernel_rows, layer->kernel_columns,
                    layer->stride, layer->pad, layer->out.rows, layer->out.columns, layer->out.channels);
    }
}

/* What the function of a layer takes before its input and output. */
static void add_arguments(const struct writing *writing, const struct layer *layer, const char *label)
{
    const size_t n = shape_size(layer->out);

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
}

static void add_call(const struct writing *writing, const struct layer *layer, size_t value)
{
    char label[PLAN_NAME_SIZE];

    if (inference_skips(layer))
        return;
    layer_label(writing, layer, label);
    text_format(writing->to, "    %s(", c_layer_function(layer));
    add_arguments(writing, layer, label);
    text_format(writing->to, "workspace + %zu, workspace + %zu);\n", writing->place[layer->input],
                writing->place[value]);
}

/* The value of a picture that stands at `i` by row, column and channel. */
static void add_preparation(const struct writing *writing)
{
    const struct shape in = writing->plan->input;

    text_format(writing->to, "    for (i = 0; i < %zu; i++)\n        workspace[%zu + i] = ", shape_size(in),
                writing->place[0]);
    if (in.channels == 1)
        text_string(writing->to, "pixel[picture[i]];\n");
    else
        text_format(writing->to, "pixel[i %% %zu * 256 + picture[i %% %zu * %zu + i / %zu]];\n", in.channels,
                    in.channels, in.rows * in.columns, in.channels);
}

/* The function that computes, and says where in the workspace the logits are. */
static void add_evaluation(const struct writing *writing)
{
    const struct plan *plan = writing->plan;

    text_string(writing->to, "\nstatic const float *evaluate(const unsigned char *picture, float *workspace)\n{\n"
                             "    size_t i;\n\n");
    add_preparation(writing);
    for (size_t i = 0; i < plan->layer_count; i++)
        add_call(writing, &plan->layers[i], i + 1);
    text_format(writing->to, "    return workspace + %zu;\n}\n", writing->place[plan->layer_count]);
}

static void add_functions(const struct writing *writing)
{
    text_format(writing->to,
                "\nvoid %s_logits(const unsigned char *picture, float *workspace, float *logits)\n{\n"
                "    const float *computed = evaluate(picture, workspace);\n    size_t i;\n\n"
                "    for (i = 0; i < %zu; i++)\n        logits[i] = computed[i];\n}\n",
                writing->name, writing->plan->classes);
    text_format(writing->to,
                "\nint %s_class(const unsigned char *picture, float *workspace)\n{\n"
                "    const float *logits = evaluate(picture, workspace);\n    int best = 0, i;\n\n"
                "    for (i = 1; i < %zu; i++)\n        if (logits[i] > logits[best])\n            best = i;\n"
                "    return best;\n}\n",
                writing->name, writing->plan->classes);
}

/* JSON as it is: nothing in it ends a comment (card.h). */
static void add_card(struct text *to, const char *card)
{
    text_format(to, "/*\nMade by ckpt-release(1). The model card, as JSON:\n\n%s*/\n", card);
}

static void add_header(struct text *header, const struct writing *writing, const char *card)
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

/* Weights are finite, and so is each number of the texts. */
static enum status check_scales(const struct writing *writing, const char *header_path, struct error *error)
{
    char label[PLAN_NAME_SIZE];

    for (size_t i = 0; i < writing->plan->layer_count; i++) {
        const struct layer *layer = &writing->plan->layers[i];
        for (size_t channel = 0; layer->kind == LAYER_BATCHNORM && channel < layer->in.channels; channel++)
            if (!isfinite(batchnorm_scale(writing, layer, channel))) {
                layer_label(writing, layer, label);
                return error_set(error, STATUS_DATA, "%s: release: %s multiplies by what is not finite", header_path,
                                 label);
            }
    }
    return STATUS_OK;
}

static void add_source(struct writing *writing, const char *header_path)
{
    const struct plan *plan = writing->plan;

    text_format(writing->to, "/* Made by ckpt-release(1). The header says where it came from. */\n#include \"%s\"\n\n",
                path_base(header_path));
    c_layers_add(writing->to, plan);
    add_pixels(writing);
    for (size_t i = 0; i < plan->layer_count; i++)
        add_weights(writing, &plan->layers[i]);
    add_windows(writing);
    add_evaluation(writing);
    add_functions(writing);
}

enum status c_source_add(struct text *source, struct text *header, const struct plan *plan, const float *weights,
                         const char *card, const char *header_path, struct error *error)
{
    char *name = c_source_name(header_path);
    struct writing writing = { source, plan, weights, name, memory_new(plan->layer_count + 1, sizeof(size_t)), 0 };
    enum status status = check_scales(&writing, header_path, error);

    for (size_t value = 0; value <= plan->layer_count; value++)
        place_value(&writing, value);
    if (!status) {
        add_header(header, &writing, card);
        add_source(&writing, header_path);
    }
    free(writing.place);
    free(name);
    return status;
}
