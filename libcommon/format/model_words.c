#include "format/model.h"

#include "base/number.h"

#include <ctype.h>

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
/* Keeps every number that training computes with well inside of float's range. */
#define LARGE 1e6
#define SMALL 1e-30

/* clang-format off */
const struct model_word_spec model_words[MODEL_WORDS] = {
    [WORD_INPUT] = { WORD_INPUT, SECTION_INPUT, "input", .parameters = {
        /* name        type   least   most      flags             default  as */
        { "channels",  WHOLE, 1,      CHANNELS, POSITIONAL,       0,       NULL },
        { "rows",      WHOLE, 1,      SIZE,     POSITIONAL,       0,       NULL },
        { "columns",   WHOLE, 1,      SIZE,     POSITIONAL,       0,       NULL } } },
    [WORD_NORMALIZE] = { WORD_NORMALIZE, SECTION_NORMALIZE, "normalize", .repeats = true, .parameters = {
        { "mean",      REAL,  -LARGE, LARGE,    POSITIONAL,       0,       NULL },
        { "deviation", REAL,  1e-6,   LARGE,    POSITIONAL,       0,       NULL } } },
    [WORD_CONV] = { WORD_CONV, SECTION_LAYERS, "conv", .parameters = {
        { "channels",  WHOLE, 1,      SIZE,     POSITIONAL,       0,       NULL },
        { "kernel",    WHOLE, 1,      SIZE,     POSITIONAL,       0,       NULL },
        { "stride",    WHOLE, 1,      SIZE,     0,                1,       NULL },
        { "pad",       WHOLE, 0,      SIZE,     0,                0,       NULL } } },
    [WORD_DENSE] = { WORD_DENSE, SECTION_LAYERS, "dense", .parameters = {
        { "outputs",   WHOLE, 1,      SIZE,     POSITIONAL,       0,       NULL } } },
    [WORD_RELU] = { WORD_RELU, SECTION_LAYERS, "relu", .variant = NULL },
    [WORD_MAXPOOL] = { WORD_MAXPOOL, SECTION_LAYERS, "maxpool", .parameters = {
        { "size",      WHOLE, 1,      SIZE,     POSITIONAL,       0,       NULL },
        { "stride",    WHOLE, 1,      SIZE,     0,                0,       "size" } } },
    [WORD_DROPOUT] = { WORD_DROPOUT, SECTION_LAYERS, "dropout", .parameters = {
        { "rate",      REAL,  0,      1,        POSITIONAL|BELOW, 0,       NULL } } },
    [WORD_LOSS_CROSS_ENTROPY] = { WORD_LOSS_CROSS_ENTROPY, SECTION_LOSS, "loss", .variant = "cross-entropy" },
    [WORD_TRAIN] = { WORD_TRAIN, SECTION_TRAIN, "train", .parameters = {
        { "batch",     WHOLE, 1,      SIZE,     0,                64,      NULL },
        { "epochs",    WHOLE, 1,      EPOCHS,   0,                1,       NULL } } },
    [WORD_OPTIMIZER_SGD] = { WORD_OPTIMIZER_SGD, SECTION_OPTIMIZER, "optimizer", "sgd", .parameters = {
        { "lr",        REAL,  0,      LARGE,    ABOVE|REQUIRED,   0,       NULL },
        { "momentum",  REAL,  0,      1,        BELOW,            0,       NULL } } },
    [WORD_OPTIMIZER_ADAM] = { WORD_OPTIMIZER_ADAM, SECTION_OPTIMIZER, "optimizer", "adam", .parameters = {
        { "lr",        REAL,  0,      LARGE,    ABOVE,            0.001,   NULL },
        { "beta1",     REAL,  0,      1,        BELOW,            0.9,     NULL },
        { "beta2",     REAL,  0,      1,        BELOW,            0.999,   NULL },
        { "eps",       REAL,  SMALL,  1,        0,                1e-8,    NULL } } },
    [WORD_OPTIMIZER_ADADELTA] = { WORD_OPTIMIZER_ADADELTA, SECTION_OPTIMIZER, "optimizer", "adadelta", .parameters = {
        { "lr",        REAL,  0,      LARGE,    ABOVE,            1,       NULL },
        { "rho",       REAL,  0,      1,        BELOW,            0.9,     NULL },
        { "eps",       REAL,  SMALL,  1,        0,                1e-6,    NULL } } },
    [WORD_SCHEDULE_CONSTANT] = { WORD_SCHEDULE_CONSTANT, SECTION_SCHEDULE, "schedule", "constant", .implied = true },
    [WORD_SCHEDULE_STEP] = { WORD_SCHEDULE_STEP, SECTION_SCHEDULE, "schedule", "step", .parameters = {
        { "every",     WHOLE, 1,      EPOCHS,   0,                1,       NULL },
        { "gamma",     REAL,  0,      LARGE,    ABOVE,            0.1,     NULL } } },
};
/* clang-format on */

size_t model_parameter_count(const struct model_word_spec *spec)
{
    size_t count = 0;

    while (count < MODEL_PARAMETERS && spec->parameters[count].name)
        count++;
    return count;
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
    } else {
        text_format(text, " [%s=%s]", parameter->name, number_print(parameter->value, number));
    }
}

void model_describe_word(struct text *text, const struct model_word_spec *spec)
{
    text_string(text, spec->name);
    if (spec->variant)
        text_format(text, " %s", spec->variant);
    for (size_t i = 0; i < model_parameter_count(spec); i++)
        describe_parameter(text, &spec->parameters[i]);
    if (spec->repeats)
        text_string(text, " ...");
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
