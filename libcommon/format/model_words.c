#include "format/model.h"

#include "base/number.h"

#include <ctype.h>
#include <string.h>

/* Short names for the table. */
#define WHOLE PARAMETER_WHOLE
#define REAL PARAMETER_REAL
enum {
    POSITIONAL = PARAMETER_POSITIONAL,
    REQUIRED = PARAMETER_REQUIRED,
    ABOVE = PARAMETER_ABOVE,
    BELOW = PARAMETER_BELOW,
    SIZE = MODEL_SIZE_MOST,
    CHANNELS = MODEL_CHANNELS_MOST,
};

/* Epochs are counted in 32 bits, and nobody trains for a million. */
#define EPOCHS 1e6
/* Epochs or steps. */
#define COUNT 1e9
#define LARGE 1e6
#define SMALL 1e-30
/* What is added to a root of squares must outweigh squares that are not kept, below 2^-100. */
#define TINY 1e-12

/* clang-format off */
#define NONE NULL, { NULL, NULL } /* neither `as` nor choices */
#define CHOICE(name, no, yes, value) { name, PARAMETER_CHOICE, 0, 1, 0, value, NULL, { no, yes } }

/* What every optimizer and every schedule has. */
#define WEIGHT_DECAY(value) { "weight-decay", REAL, 0, LARGE, 0, value, NONE }
#define WARM_UP(by) { "warmup", WHOLE, 0, COUNT, 0, 0, NONE }, CHOICE("by", "epoch", "step", by)
#define ADAM(decay) {                                                         \
        { "lr",        REAL,  0,      LARGE,    ABOVE,            0.001,   NONE }, \
        { "beta1",     REAL,  0,      1,        BELOW,            0.9,     NONE }, \
        { "beta2",     REAL,  0,      1,        BELOW,            0.999,   NONE }, \
        { "eps",       REAL,  TINY,   1,        0,                1e-8,    NONE }, \
        WEIGHT_DECAY(decay) }

const struct model_word_spec model_words[MODEL_WORDS] = {
    [WORD_INPUT] = { WORD_INPUT, SECTION_INPUT, "input", .parameters = {
        /* name        type   least   most      flags             default  as */
        { "channels",  WHOLE, 1,      CHANNELS, POSITIONAL,       0,       NONE },
        { "rows",      WHOLE, 1,      SIZE,     POSITIONAL,       0,       NONE },
        { "columns",   WHOLE, 1,      SIZE,     POSITIONAL,       0,       NONE } } },
    [WORD_NORMALIZE] = { WORD_NORMALIZE, SECTION_NORMALIZE, "normalize", .repeats = true, .parameters = {
        { "mean",      REAL,  -LARGE, LARGE,    POSITIONAL,       0,       NONE },
        { "deviation", REAL,  1e-6,   LARGE,    POSITIONAL,       0,       NONE } } },
    [WORD_AUGMENT] = { WORD_AUGMENT, SECTION_AUGMENT, "augment", .implied = true, .parameters = {
        { "shift",     REAL,  0,      1,        0,                0,       NONE },
        { "rotate",    REAL,  0,      180,      0,                0,       NONE },
        { "zoom",      REAL,  0,      1,        BELOW,            0,       NONE },
        { "shear",     REAL,  0,      80,       0,                0,       NONE },
        { "elastic",   REAL,  0,      1000,     0,                0,       NONE },
        { "sigma",     REAL,  0.1,    100,      0,                4,       NONE },
        { "crop",      WHOLE, 0,      SIZE,     0,                0,       NONE },
        { "erase",     REAL,  0,      1,        0,                0,       NONE },
        { "flip",      REAL,  0,      1,        0,                0,       NONE } } },
    [WORD_CONV] = { WORD_CONV, SECTION_LAYERS, "conv", .parameters = {
        { "channels",  WHOLE, 1,      SIZE,     POSITIONAL,       0,       NONE },
        { "kernel",    WHOLE, 1,      SIZE,     POSITIONAL,       0,       NONE },
        { "stride",    WHOLE, 1,      SIZE,     0,                1,       NONE },
        { "pad",       WHOLE, 0,      SIZE,     0,                0,       NONE },
        CHOICE("bias", "no", "yes", 1) } },
    [WORD_DENSE] = { WORD_DENSE, SECTION_LAYERS, "dense", .parameters = {
        { "outputs",   WHOLE, 1,      SIZE,     POSITIONAL,       0,       NONE } } },
    [WORD_RELU] = { WORD_RELU, SECTION_LAYERS, "relu", .variant = NULL },
    [WORD_TANH] = { WORD_TANH, SECTION_LAYERS, "tanh", .variant = NULL },
    [WORD_MAXPOOL] = { WORD_MAXPOOL, SECTION_LAYERS, "maxpool", .parameters = {
        { "size",      WHOLE, 1,      SIZE,     POSITIONAL,       0,       NONE },
        { "stride",    WHOLE, 1,      SIZE,     0,                0,       "size", { NULL, NULL } } } },
    [WORD_AVGPOOL] = { WORD_AVGPOOL, SECTION_LAYERS, "avgpool", .parameters = {
        { "size",      WHOLE, 1,      SIZE,     POSITIONAL,       0,       NONE },
        { "stride",    WHOLE, 1,      SIZE,     0,                0,       "size", { NULL, NULL } } } },
    [WORD_GLOBAL_AVGPOOL] = { WORD_GLOBAL_AVGPOOL, SECTION_LAYERS, "global-avgpool", .variant = NULL },
    [WORD_DROPOUT] = { WORD_DROPOUT, SECTION_LAYERS, "dropout", .parameters = {
        { "rate",      REAL,  0,      1,        POSITIONAL|BELOW, 0,       NONE } } },
    [WORD_DROPOUT2D] = { WORD_DROPOUT2D, SECTION_LAYERS, "dropout2d", .parameters = {
        { "rate",      REAL,  0,      1,        POSITIONAL|BELOW, 0,       NONE } } },
    [WORD_BATCHNORM] = { WORD_BATCHNORM, SECTION_LAYERS, "batchnorm", .parameters = {
        { "momentum",  REAL,  0,      1,        0,                0.1,     NONE },
        { "eps",       REAL,  SMALL,  1,        0,                1e-5,    NONE } } },
    [WORD_REPEAT] = { WORD_REPEAT, SECTION_LAYERS, "repeat", .parameters = {
        { "count",     WHOLE, 1,      1000,     POSITIONAL,       0,       NONE } } },
    [WORD_RESIDUAL] = { WORD_RESIDUAL, SECTION_LAYERS, "residual", .variant = NULL },
    [WORD_END] = { WORD_END, SECTION_LAYERS, "end", .variant = NULL },
    [WORD_LOSS_CROSS_ENTROPY] = { WORD_LOSS_CROSS_ENTROPY, SECTION_LOSS, "loss", "cross-entropy", .parameters = {
        { "smoothing", REAL,  0,      1,        BELOW,            0,       NONE } } },
    [WORD_TRAIN] = { WORD_TRAIN, SECTION_TRAIN, "train", .parameters = {
        { "batch",     WHOLE, 1,      SIZE,     0,                64,      NONE },
        { "epochs",    WHOLE, 1,      EPOCHS,   0,                1,       NONE } } },
    [WORD_OPTIMIZER_SGD] = { WORD_OPTIMIZER_SGD, SECTION_OPTIMIZER, "optimizer", "sgd", .parameters = {
        { "lr",        REAL,  0,      LARGE,    ABOVE|REQUIRED,   0,       NONE },
        { "momentum",  REAL,  0,      1,        BELOW,            0,       NONE },
        { "dampening", REAL,  0,      1,        0,                0,       NONE },
        CHOICE("nesterov", "no", "yes", 0),
        WEIGHT_DECAY(0) } },
    [WORD_OPTIMIZER_ADAM] = { WORD_OPTIMIZER_ADAM, SECTION_OPTIMIZER, "optimizer", "adam", .parameters = ADAM(0) },
    [WORD_OPTIMIZER_ADAMW] = { WORD_OPTIMIZER_ADAMW, SECTION_OPTIMIZER, "optimizer", "adamw", .parameters = ADAM(0.01) },
    [WORD_OPTIMIZER_ADADELTA] = { WORD_OPTIMIZER_ADADELTA, SECTION_OPTIMIZER, "optimizer", "adadelta", .parameters = {
        { "lr",        REAL,  0,      LARGE,    ABOVE,            1,       NONE },
        { "rho",       REAL,  0,      1,        BELOW,            0.9,     NONE },
        { "eps",       REAL,  TINY,   1,        0,                1e-6,    NONE },
        WEIGHT_DECAY(0) } },
    [WORD_OPTIMIZER_RMSPROP] = { WORD_OPTIMIZER_RMSPROP, SECTION_OPTIMIZER, "optimizer", "rmsprop", .parameters = {
        { "lr",        REAL,  0,      LARGE,    ABOVE,            0.01,    NONE },
        { "alpha",     REAL,  0,      1,        BELOW,            0.99,    NONE },
        { "eps",       REAL,  TINY,   1,        0,                1e-8,    NONE },
        { "momentum",  REAL,  0,      1,        BELOW,            0,       NONE },
        WEIGHT_DECAY(0) } },
    [WORD_SCHEDULE_CONSTANT] = { WORD_SCHEDULE_CONSTANT, SECTION_SCHEDULE, "schedule", "constant", .implied = true,
        .parameters = { WARM_UP(0) } },
    [WORD_SCHEDULE_STEP] = { WORD_SCHEDULE_STEP, SECTION_SCHEDULE, "schedule", "step", .parameters = {
        { "every",     WHOLE, 1,      COUNT,    0,                1,       NONE },
        { "gamma",     REAL,  0,      LARGE,    ABOVE,            0.1,     NONE },
        WARM_UP(0) } },
    [WORD_SCHEDULE_MULTI_STEP] = { WORD_SCHEDULE_MULTI_STEP, SECTION_SCHEDULE, "schedule", "multi-step",
        .repeats = true, .parameters = {
        { "milestone", WHOLE, 1,      COUNT,    POSITIONAL,       0,       NONE },
        { "gamma",     REAL,  0,      LARGE,    ABOVE,            0.1,     NONE },
        WARM_UP(0) } },
    [WORD_SCHEDULE_EXPONENTIAL] = { WORD_SCHEDULE_EXPONENTIAL, SECTION_SCHEDULE, "schedule", "exponential", .parameters = {
        { "gamma",     REAL,  0,      LARGE,    ABOVE|REQUIRED,   0,       NONE },
        WARM_UP(0) } },
    [WORD_SCHEDULE_COSINE] = { WORD_SCHEDULE_COSINE, SECTION_SCHEDULE, "schedule", "cosine", .parameters = {
        { "minimum",   REAL,  0,      LARGE,    0,                0,       NONE },
        { "period",    WHOLE, 0,      COUNT,    0,                0,       NONE },
        { "multiply",  WHOLE, 1,      1000,     0,                1,       NONE },
        WARM_UP(0) } },
    [WORD_SCHEDULE_ONE_CYCLE] = { WORD_SCHEDULE_ONE_CYCLE, SECTION_SCHEDULE, "schedule", "one-cycle", .parameters = {
        { "rise",      REAL,  0,      1,        0,                0.3,     NONE },
        { "divide",    REAL,  1,      LARGE,    0,                25,      NONE },
        { "final",     REAL,  1,      1e12,     0,                1e4,     NONE },
        CHOICE("anneal", "cosine", "linear", 0),
        WARM_UP(1) } },
    [WORD_CLIP] = { WORD_CLIP, SECTION_CLIP, "clip", .parameters = {
        { "norm",      REAL,  0,      LARGE,    POSITIONAL|ABOVE, 0,       NONE } } },
    [WORD_EMA] = { WORD_EMA, SECTION_EMA, "ema", .parameters = {
        { "decay",     REAL,  0,      1,        POSITIONAL|ABOVE|BELOW, 0,       NONE } } },
    [WORD_PRECISION_FP32] = { WORD_PRECISION_FP32, SECTION_PRECISION, "precision", "fp32", .implied = true },
    [WORD_PRECISION_BF16] = { WORD_PRECISION_BF16, SECTION_PRECISION, "precision", "bf16", .implied = false },
    [WORD_PRECISION_TF32] = { WORD_PRECISION_TF32, SECTION_PRECISION, "precision", "tf32", .implied = false },
};
/* clang-format on */

size_t model_parameter_count(const struct model_word_spec *spec)
{
    size_t count = 0;

    while (count < MODEL_PARAMETERS && spec->parameters[count].name)
        count++;
    return count;
}

size_t model_positional_count(const struct model_word_spec *spec)
{
    size_t count = 0, all = model_parameter_count(spec);

    while (count < all && spec->parameters[count].flags & PARAMETER_POSITIONAL)
        count++;
    return count;
}

size_t model_find_parameter(const struct model_word_spec *spec, const char *name)
{
    size_t count = model_parameter_count(spec), i = 0;

    while (i < count && strcmp(spec->parameters[i].name, name) != 0)
        i++;
    return i;
}

static void add_upper(struct text *text, const char *name)
{
    for (; *name; name++)
        text_format(text, "%c", toupper((unsigned char)*name));
}

static void describe_parameter(struct text *text, const struct model_parameter *parameter)
{
    char number[NUMBER_SIZE];

    if (parameter->flags & PARAMETER_POSITIONAL) {
        text_string(text, " ");
        add_upper(text, parameter->name);
    } else if (parameter->flags & PARAMETER_REQUIRED) {
        text_format(text, " %s=", parameter->name);
        add_upper(text, parameter->name);
    } else if (parameter->as) {
        text_format(text, " [%s=", parameter->name);
        add_upper(text, parameter->as);
        text_string(text, "]");
    } else if (parameter->type == PARAMETER_CHOICE) {
        text_format(text, " [%s=%s]", parameter->name, parameter->choices[(int)parameter->value]);
    } else {
        text_format(text, " [%s=%s]", parameter->name, number_print(parameter->value, number));
    }
}

void model_describe_word(struct text *text, const struct model_word_spec *spec)
{
    text_string(text, spec->name);
    if (spec->variant)
        text_format(text, " %s", spec->variant);
    for (size_t i = 0; i < model_parameter_count(spec); i++) {
        describe_parameter(text, &spec->parameters[i]);
        if (spec->repeats && i + 1 == model_positional_count(spec))
            text_string(text, " ...");
    }
}

void model_describe_range(struct text *text, const struct model_parameter *parameter)
{
    bool above = parameter->flags & PARAMETER_ABOVE, below = parameter->flags & PARAMETER_BELOW;
    char least[NUMBER_SIZE], most[NUMBER_SIZE];

    number_print(parameter->least, least);
    number_print(parameter->most, most);
    if (above || below)
        text_format(text, "%s %s and %s %s", above ? "above" : "at least", least, below ? "below" : "at most", most);
    else
        text_format(text, "from %s to %s", least, most);
}
