#include "release/fold.h"

#include "base/memory.h"
#include "base/text.h"
#include "release/inference.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* Is layer `i` a batchnorm that the layer before it can take in? */
static bool can_fold(const struct plan *plan, size_t i)
{
    const struct layer *before;

    if (i == 0 || i >= plan->layer_count || plan->layers[i].kind != LAYER_BATCHNORM)
        return false;
    before = &plan->layers[i - 1];
    for (size_t j = 0; j < plan->layer_count; j++)
        if (j != i && (plan->layers[j].input == i || (plan->layers[j].kind == LAYER_ADD && plan->layers[j].other == i)))
            return false;
    return before->kind == LAYER_CONV || before->kind == LAYER_DENSE;
}

/* --- The text. The model's is canonical: the statements up to the last layer are its first lines. */

/* How many layers a statement makes of which the plan's `next` is the first. */
static size_t layers_of(const struct model_statement *statement, const struct plan *plan, size_t next)
{
    if (statement->spec->section != SECTION_LAYERS || statement->spec->word == WORD_RESIDUAL)
        return 0;
    if (statement->spec->word == WORD_END && plan->layers[next].kind != LAYER_ADD)
        return 2; /* a projection, and the add */
    return 1;
}

static void add_line(struct text *text, const char *line, size_t length, bool takes_bias)
{
    static const char without[] = " bias=no";
    const char *option = takes_bias ? memmem(line, length, without, strlen(without)) : NULL;

    if (option) {
        text_add(text, line, (size_t)(option - line));
        length -= (size_t)(option - line) + strlen(without);
        line = option + strlen(without);
    }
    text_add(text, line, length);
}

static char *fold_text(const struct model *model, const struct plan *plan)
{
    struct text text = { 0 };
    const char *line = model->text;
    size_t next = 0, statement = 0;

    for (const char *end; *line; line = end, statement++) {
        size_t made = statement < model->count ? layers_of(&model->statements[statement], plan, next) : 0;
        end = strchr(line, '\n') + 1;
        if (made == 0 || !can_fold(plan, next))
            add_line(&text, line, (size_t)(end - line), made > 0 && can_fold(plan, next + 1));
        next += made;
    }
    return text.at;
}

/* --- The weights */

static const float *from(const struct plan *plan, const float *weights, size_t tensor)
{
    return weights + plan->tensors[tensor].offset;
}

static void copy_tensor(struct folded *folded, size_t tensor, const struct plan *plan, const float *weights,
                        size_t original)
{
    if (original == PLAN_NONE)
        return;
    memcpy(folded->weights + folded->plan->tensors[tensor].offset, from(plan, weights, original),
           plan->tensors[original].count * sizeof *weights);
}

static void copy_layer(struct folded *folded, const struct layer *to, const struct plan *plan, const float *weights,
                       const struct layer *layer)
{
    switch (layer->kind) {
    case LAYER_BATCHNORM:
        copy_tensor(folded, to->mean, plan, weights, layer->mean);
        copy_tensor(folded, to->variance, plan, weights, layer->variance);
        /* fall through */
    case LAYER_CONV:
    case LAYER_DENSE:
        copy_tensor(folded, to->weight, plan, weights, layer->weight);
        copy_tensor(folded, to->bias, plan, weights, layer->bias);
        break;
    default:
        break;
    }
}

/* In double, each rounded once. */
static void scale_layer(struct folded *folded, const struct layer *to, const struct plan *plan, const float *weights,
                        const struct layer *layer, const struct layer *batchnorm)
{
    const size_t outputs = layer->out.channels, inputs = plan->tensors[layer->weight].count / outputs;
    float *weight = folded->weights + folded->plan->tensors[to->weight].offset,
          *bias = folded->weights + folded->plan->tensors[to->bias].offset;

    for (size_t out = 0; out < outputs; out++) {
        const double deviation = sqrt((double)from(plan, weights, batchnorm->variance)[out] + batchnorm->epsilon);
        const double scale = (double)from(plan, weights, batchnorm->weight)[out] / deviation;
        const double old = layer->bias == PLAN_NONE ? 0 : (double)from(plan, weights, layer->bias)[out];
        for (size_t in = 0; in < inputs; in++)
            weight[out * inputs + in] = (float)(scale * (double)from(plan, weights, layer->weight)[out * inputs + in]);
        bias[out] = (float)(scale * (old - (double)from(plan, weights, batchnorm->mean)[out]) +
                            (double)from(plan, weights, batchnorm->bias)[out]);
    }
}

static void fold_weights(struct folded *folded, const struct plan *plan, const float *weights)
{
    const struct layer *to = folded->plan->layers;

    for (size_t i = 0; i < plan->layer_count; i++) {
        const struct layer *layer = &plan->layers[i];
        if (can_fold(plan, i))
            continue;
        if (can_fold(plan, i + 1))
            scale_layer(folded, to, plan, weights, layer, layer + 1);
        else
            copy_layer(folded, to, plan, weights, layer);
        to++;
    }
}

static enum status check_finite(const struct folded *folded, const char *path, struct error *error)
{
    for (size_t i = 0; i < folded->plan->tensor_count; i++) {
        const struct plan_tensor *tensor = &folded->plan->tensors[i];
        for (size_t j = 0; j < tensor->count; j++)
            if (!isfinite(folded->weights[tensor->offset + j]))
                return error_set(error, STATUS_DATA, "%s: fold: %s would not be finite", path, tensor->name);
    }
    return STATUS_OK;
}

enum status fold(const struct model *model, const struct plan *plan, const float *weights, const char *path,
                 struct folded *folded, struct error *error)
{
    char *text = fold_text(model, plan);
    enum status status = plan_parse(text, path, NULL, 0, &folded->model, &folded->plan, error);

    free(text);
    folded->weights = NULL;
    if (status)
        return status;
    folded->count = plan->layer_count - folded->plan->layer_count;
    folded->weights = memory_floats(folded->plan->weight_count);
    fold_weights(folded, plan, weights);
    return check_finite(folded, path, error);
}

void folded_free(struct folded *folded)
{
    plan_free(folded->plan);
    model_free(folded->model);
    free(folded->weights);
}
