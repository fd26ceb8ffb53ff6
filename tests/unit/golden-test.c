/* The networks of tests/golden use all of the language: whatever a text can say, their digests would tell of. */
#include "format/model.h"
#include "format/model_statement.h"

#include "unit.h"

#include <glob.h>
#include <stdio.h>

/* What occurs in some text: words, and parameters with another value than their default. */
static bool word_occurs[MODEL_WORDS], parameter_occurs[MODEL_WORDS][MODEL_PARAMETERS];

static void note_statement(const struct model_statement *statement)
{
    const struct model_word_spec *spec = statement->spec;

    word_occurs[spec->word] = true;
    for (size_t i = 0; i < model_parameter_count(spec); i++)
        if (spec->parameters[i].flags & (PARAMETER_POSITIONAL | PARAMETER_REQUIRED) ||
            statement->values[model_slot(statement, i)] != model_default(statement, i))
            parameter_occurs[spec->word][i] = true;
}

static void note_text(const char *path)
{
    struct model *model;
    struct error error;

    if (!CHECK(!model_read(path, NULL, 0, &model, &error))) {
        printf("#   %s\n", error.text);
        return;
    }
    for (size_t i = 0; i < model->count; i++)
        note_statement(&model->statements[i]);
    model_free(model);
}

/* `repeat` is expanded while a text is read; no engine has the precisions yet. */
static bool leaves_no_digest(enum model_word word)
{
    return word == WORD_REPEAT || word == WORD_PRECISION_BF16 || word == WORD_PRECISION_TF32;
}

static void every_word_and_parameter_is_used(void)
{
    glob_t texts;

    if (!CHECK(!glob("tests/golden/networks/*.model", 0, NULL, &texts)))
        return;
    for (size_t i = 0; i < texts.gl_pathc; i++)
        note_text(texts.gl_pathv[i]);
    globfree(&texts);
    for (const struct model_word_spec *spec = model_words; spec < model_words + MODEL_WORDS; spec++) {
        if (leaves_no_digest(spec->word))
            continue;
        if (!CHECK(word_occurs[spec->word]))
            printf("#   %s %s\n", spec->name, spec->variant ? spec->variant : "");
        for (size_t i = 0; i < model_parameter_count(spec); i++)
            if (!CHECK(parameter_occurs[spec->word][i]))
                printf("#   %s %s: %s\n", spec->name, spec->variant ? spec->variant : "", spec->parameters[i].name);
    }
}

int main(void)
{
    TEST(every_word_and_parameter_is_used);
    return unit_finish();
}
