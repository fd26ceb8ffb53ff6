/*
 * The model text: network and recipe in one file, a statement a line. rote-model(5) describes it.
 *
 *     struct model *model;
 *     struct error error;
 *     if (model_parse(text, "net.model", settings, setting_count, &model, &error))
 *         die_error(&error);
 *     model->statements ... model->text ...
 *     model_free(model);
 *
 * Which words there are, what they take and in which range is one table (model_words.c); what they mean is
 * net/plan.h's.
 */
#ifndef FORMAT_MODEL_H
#define FORMAT_MODEL_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>

enum { MODEL_PARAMETERS = 8 };

enum model_word {
    WORD_INPUT,
    WORD_NORMALIZE,
    WORD_CONV,
    WORD_DENSE,
    WORD_RELU,
    WORD_MAXPOOL,
    WORD_DROPOUT,
    WORD_LOSS_CROSS_ENTROPY,
    WORD_TRAIN,
    WORD_OPTIMIZER_SGD,
    WORD_OPTIMIZER_ADAM,
    WORD_OPTIMIZER_ADADELTA,
    WORD_SCHEDULE_CONSTANT,
    WORD_SCHEDULE_STEP,
};

/* What a parameter accepts. Bounds are in `struct model_parameter`. */
enum model_type { PARAMETER_WHOLE, PARAMETER_REAL };

struct model_parameter {
    const char *name;
    enum model_type type;
    double least, most; /* accepted range... */
    bool open;          /* ...without its ends */
    bool positional;    /* by position, in the order of the table; else name=value */
    bool required;
    double value; /* the default where it is not required; it is not written in canonical text */
};

struct model_word_spec {
    enum model_word word;
    const char *name, *variant; /* "optimizer" "adam"; variant is NULL for most */
    bool once;                  /* at most one statement of this name */
    bool pairs;                 /* its positional parameters may repeat as a group (normalize) */
    struct model_parameter parameters[MODEL_PARAMETERS];
};

extern const struct model_word_spec model_words[];
extern const size_t model_word_count;

struct model_statement {
    const struct model_word_spec *spec;
    size_t line;
    double values[MODEL_PARAMETERS]; /* as in spec->parameters */
    double *pairs;                   /* of a `pairs` word: all its positional values */
    size_t pair_values;
};

struct model {
    struct model_statement *statements;
    size_t count;
    char *text;  /* expanded and canonical: two texts that mean the same are equal here */
    char **lets; /* names of the `let` variables, for messages and for train.sh */
    size_t let_count;
};

/* Parse `text` (NUL-terminated; `source` names it in messages). `settings` are "name=value" strings that override `let`
   variables or, as statement.parameter=value, parameters of statements that occur once; their order does not matter, a
   name given twice is refused. 65 with file, line and the nearest known word for what is wrong in the text, 64 for a
   wrong setting. */
enum status model_parse(const char *text, const char *source, char *const *settings, size_t setting_count,
                        struct model **model, struct error *error);
void model_free(struct model *model);

#endif
