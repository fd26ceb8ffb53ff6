/*
 * The model text: network and recipe in one file, a statement a line. rote-model(5) describes it.
 *
 *     struct model *model;
 *     struct error error;
 *     if (model_read("net.model", settings, setting_count, &model, &error))
 *         die_error(&error);
 *     ... model->statements ... model->text ...
 *     model_free(model);
 *
 * Which words there are, what they take and in which range is one table (model_words.c); what they mean is
 * net/plan.h's. A new word is one more name here and one more row there.
 */
#ifndef FORMAT_MODEL_H
#define FORMAT_MODEL_H

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"

#include <stdbool.h>
#include <stddef.h>

enum {
    MODEL_PARAMETERS = 9,    /* the most that a word has */
    MODEL_SIZE_MOST = 65536, /* the largest number of channels, rows, outputs, samples... */
    MODEL_CHANNELS_MOST = 4096,
    MODEL_STATEMENTS_MOST = 4096, /* after `repeat` is expanded */
};

enum model_word {
    WORD_INPUT,
    WORD_NORMALIZE,
    WORD_AUGMENT,
    WORD_CONV,
    WORD_DENSE,
    WORD_RELU,
    WORD_TANH,
    WORD_MAXPOOL,
    WORD_AVGPOOL,
    WORD_GLOBAL_AVGPOOL,
    WORD_DROPOUT,
    WORD_DROPOUT2D,
    WORD_BATCHNORM,
    WORD_REPEAT, /* of the text alone: a model has its statements so often */
    WORD_RESIDUAL,
    WORD_END, /* of the last residual that is open */
    WORD_LOSS_CROSS_ENTROPY,
    WORD_TRAIN,
    WORD_CLIP,
    WORD_EMA,
    WORD_OPTIMIZER_SGD,
    WORD_OPTIMIZER_ADAM,
    WORD_OPTIMIZER_ADAMW,
    WORD_OPTIMIZER_ADADELTA,
    WORD_OPTIMIZER_RMSPROP,
    WORD_SCHEDULE_CONSTANT,
    WORD_SCHEDULE_STEP,
    WORD_SCHEDULE_MULTI_STEP,
    WORD_SCHEDULE_EXPONENTIAL,
    WORD_SCHEDULE_COSINE,
    WORD_SCHEDULE_ONE_CYCLE,
    WORD_PRECISION_FP32,
    WORD_PRECISION_BF16,
    WORD_PRECISION_TF32,
    MODEL_WORDS
};

/* Where canonical text puts a statement. A text has at most one statement of each section, but any number of layers. */
enum model_section {
    SECTION_INPUT,
    SECTION_NORMALIZE,
    SECTION_AUGMENT,
    SECTION_LAYERS,
    SECTION_LOSS,
    SECTION_TRAIN,
    SECTION_OPTIMIZER,
    SECTION_SCHEDULE,
    SECTION_CLIP,
    SECTION_EMA,
    SECTION_PRECISION,
    MODEL_SECTIONS
};

enum model_type { PARAMETER_WHOLE, PARAMETER_REAL, PARAMETER_CHOICE };

enum {
    PARAMETER_POSITIONAL = 1, /* required, and known by its place; all others are name=value */
    PARAMETER_REQUIRED = 2,   /* it has no default */
    PARAMETER_ABOVE = 4,      /* it must be more than `least`, not only equal to it */
    PARAMETER_BELOW = 8,      /* it must be less than `most` */
};

struct model_parameter {
    const char *name; /* NULL ends a list that is shorter than MODEL_PARAMETERS */
    enum model_type type;
    double least, most;
    unsigned flags;
    double value;           /* the default, which canonical text leaves out... */
    const char *as;         /* ...unless it is the value of this parameter, which comes before it */
    const char *choices[2]; /* PARAMETER_CHOICE: the words for 0 and 1 */
};

struct model_word_spec {
    enum model_word word;
    enum model_section section;
    const char *name, *variant; /* "optimizer" "adam"; variant is NULL for most */
    bool repeats;               /* its positional parameters may come several times (normalize) */
    bool implied; /* what holds where the text says nothing: with defaults, canonical text leaves it out */
    struct model_parameter parameters[MODEL_PARAMETERS];
};

extern const struct model_word_spec model_words[MODEL_WORDS]; /* model_words[word].word == word */

size_t model_parameter_count(const struct model_word_spec *spec);
size_t model_positional_count(const struct model_word_spec *spec); /* they come first */

/* The place of the parameter `name`, or how many there are. */
size_t model_find_parameter(const struct model_word_spec *spec, const char *name);

/* Add how a word is written, "conv CHANNELS KERNEL [stride=1] [pad=0]", or what a parameter accepts, "above 0 and at
   most 1000", for messages. */
void model_describe_word(struct text *text, const struct model_word_spec *spec);
void model_describe_range(struct text *text, const struct model_parameter *parameter);

struct model_statement {
    const struct model_word_spec *spec;
    size_t line;
    double *values; /* as in spec->parameters; of a word that repeats, group after group, then what is named */
    size_t value_count;
    size_t group_count; /* how often its positional parameters came: 1 where it does not repeat */
};

/* The value of the parameter `name`, which is not one that repeats; 0 where the word has no such parameter. */
double model_value(const struct model_statement *statement, const char *name);

struct model {
    struct model_statement *statements; /* in the order of their sections, layers as the text has them */
    size_t count;
    char *text;  /* canonical: texts that differ only in comments, blanks, variables, the spelling of numbers, what is
                    said by default, and where statements other than layers stand, are equal here */
    char **lets; /* the names of the `let` variables */
    size_t let_count;
};

/* Parse `text` (NUL-terminated; `source` names it in messages). `settings` are "name=value" strings that override `let`
   variables or, as statement.parameter=value, parameters of statements that occur once; their order does not matter, a
   name given twice is refused. 65 with file, line and the nearest known word for what is wrong in the text, 64 for a
   wrong setting. Whether the layers fit together is not looked at. The caller frees *model. */
enum status model_parse(const char *text, const char *source, char *const *settings, size_t setting_count,
                        struct model **model, struct error *error);

/* The text of a file ("-" is stdin) of at most 1 MiB without NUL bytes; else 65. The caller frees *text. */
enum status model_read_text(const char *path, char **text, struct error *error);

/* The same of the bytes of a file, which it takes over, also on error. */
enum status model_take_text(struct bytes *bytes, const char *path, char **text, struct error *error);

/* Both: the model of a file. */
enum status model_read(const char *path, char *const *settings, size_t setting_count, struct model **model,
                       struct error *error);
void model_free(struct model *model);

#endif
