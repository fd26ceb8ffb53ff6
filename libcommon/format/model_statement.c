/* One line as a statement, and the settings that change statements. */
#include "format/model_statement.h"

#include "base/memory.h"
#include "base/number.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Different names to choose from: of words, parameters, statements. */
struct names {
    const char *name[MODEL_WORDS + 1];
    size_t n;
};

static void names_add(struct names *names, const char *name)
{
    for (size_t i = 0; i < names->n; i++)
        if (strcmp(names->name[i], name) == 0)
            return;
    names->name[names->n++] = name;
}

static const char *suggest(struct model_lines *lines, const char *word, const struct names *names)
{
    return model_suggest(lines, word, names->name, names->n);
}

/* How a word is written; the next call, or suggest(), overwrites it. */
const char *model_usage(struct model_lines *lines, const struct model_word_spec *spec)
{
    text_clear(&lines->hint);
    model_describe_word(&lines->hint, spec);
    return lines->hint.at;
}

static bool is_positional(const struct model_parameter *parameter)
{
    return parameter->flags & PARAMETER_POSITIONAL;
}

size_t model_slot(const struct model_statement *statement, size_t parameter)
{
    if (is_positional(&statement->spec->parameters[parameter]))
        return parameter;
    return statement->value_count - model_parameter_count(statement->spec) + parameter;
}

/* What stands in the table for the first one or two tokens of the line. */
static enum status find_word(struct model_lines *lines, const struct model_word_spec **spec)
{
    struct names names = { { "let" }, 1 }, variants = { { NULL }, 0 };
    const char *word = lines->token[0], *variant = lines->count > 1 ? lines->token[1] : "";

    for (*spec = model_words; *spec < model_words + MODEL_WORDS; ++*spec) {
        names_add(&names, (*spec)->name);
        if (strcmp((*spec)->name, word) != 0)
            continue;
        if (!(*spec)->variant || strcmp((*spec)->variant, variant) == 0)
            return STATUS_OK;
        names_add(&variants, (*spec)->variant);
    }
    if (!variants.n)
        return model_wrong(lines, "no such word%s", suggest(lines, word, &names));
    return model_wrong(lines, "'%s': no such %s%s", variant, word, suggest(lines, variant, &variants));
}

static bool in_range(const struct model_parameter *parameter, double value)
{
    if (value < parameter->least || (value == parameter->least && parameter->flags & PARAMETER_ABOVE))
        return false;
    return value < parameter->most || (value == parameter->most && !(parameter->flags & PARAMETER_BELOW));
}

/* The place of one of two words, which the text or a setting gives as `label`=word. */
static enum status read_choice(struct model_lines *lines, const struct model_parameter *parameter, const char *label,
                               const char *word, double *value)
{
    for (int i = 0; i < 2; i++)
        if (strcmp(word, parameter->choices[i]) == 0) {
            *value = i;
            return STATUS_OK;
        }
    return model_wrong(lines, "%s=%s: must be '%s' or '%s'", label, word, parameter->choices[0], parameter->choices[1]);
}

/* Read `number`, which the text or a setting gives as `label`=number, or by position where `label` is NULL. */
static enum status read_value(struct model_lines *lines, const struct model_parameter *parameter, const char *label,
                              const char *number, double *value)
{
    const char *quote = label ? "" : "'", *equals = label ? "=" : "";
    bool whole = parameter->type == PARAMETER_WHOLE;
    uint64_t digits;

    if (parameter->type == PARAMETER_CHOICE)
        return read_choice(lines, parameter, label, number, value);
    if (whole && number_u64(number, &digits))
        *value = (double)digits;
    else if (whole || !number_double(number, value))
        return model_wrong(lines, "%s%s%s%s%s: not a %s", quote, label ? label : "", equals, number, quote,
                           whole ? "whole number" : "number");
    *value += 0.0; /* -0 is 0 */
    if (in_range(parameter, *value))
        return STATUS_OK;
    text_clear(&lines->hint);
    model_describe_range(&lines->hint, parameter);
    if (label)
        return model_wrong(lines, "%s=%s: must be %s", label, number, lines->hint.at);
    return model_wrong(lines, "'%s': %s must be %s", number, parameter->name, lines->hint.at);
}

/* Read the `given` values by position. All others become NaN, which stands for what nobody has given yet. */
static enum status read_positional(struct model_lines *lines, struct model_statement *statement, char **token,
                                   size_t given)
{
    const struct model_word_spec *spec = statement->spec;
    size_t positional = model_positional_count(spec);
    enum status status = STATUS_OK;

    if (given != positional && !(spec->repeats && positional && given && given % positional == 0))
        return model_wrong(lines, "%zu value%s by position; it is '%s'", given, given == 1 ? "" : "s",
                           model_usage(lines, spec));
    if (given > positional * MODEL_CHANNELS_MOST)
        return model_wrong(lines, "more than %d groups of values", MODEL_CHANNELS_MOST);
    statement->group_count = positional ? given / positional : 1;
    statement->value_count = given + model_parameter_count(spec) - positional;
    statement->values = memory_new(statement->value_count, sizeof *statement->values);
    for (size_t i = given; i < statement->value_count; i++)
        statement->values[i] = NAN;
    for (size_t i = 0; !status && i < given; i++)
        status = read_value(lines, &spec->parameters[i % positional], NULL, token[i], &statement->values[i]);
    return status;
}

/* Read name=value, which `token` is cut into. */
static enum status read_named(struct model_lines *lines, struct model_statement *statement, char *token)
{
    const struct model_word_spec *spec = statement->spec;
    struct names names = { { NULL }, 0 };
    char *number = strchr(token, '=');
    double *value;
    size_t i;

    if (!number)
        return model_wrong(lines, "'%s': not name=value; it is '%s'", token, model_usage(lines, spec));
    *number++ = '\0';
    for (i = 0; i < model_parameter_count(spec); i++)
        if (!is_positional(&spec->parameters[i]))
            names_add(&names, spec->parameters[i].name);
    i = model_find_parameter(spec, token);
    if (i == model_parameter_count(spec) || is_positional(&spec->parameters[i]))
        return model_wrong(lines, "%s=%s: no such parameter%s", token, number, suggest(lines, token, &names));
    value = &statement->values[model_slot(statement, i)];
    if (!isnan(*value))
        return model_wrong(lines, "%s=%s: it is given twice", token, number);
    return read_value(lines, &spec->parameters[i], token, number, value);
}

enum status model_statement_read(struct model_lines *lines, struct model_statement *statement)
{
    const struct model_word_spec *spec;
    size_t first, given;
    enum status status = find_word(lines, &spec);

    *statement = (struct model_statement){ .line = lines->line };
    if (status)
        return status;
    statement->spec = spec;
    first = given = spec->variant ? 2 : 1;
    while (given < lines->count && !strchr(lines->token[given], '='))
        given++;
    status = read_positional(lines, statement, lines->token + first, given - first);
    for (size_t i = given; !status && i < lines->count; i++)
        status = read_named(lines, statement, lines->token[i]);
    return status;
}

/* A name that is neither a variable nor has a dot. Whoever says lr=0.1 means the statement that has such a parameter.
 */
static enum status no_variable(struct model_lines *lines, const struct model *model,
                               const struct model_setting *setting)
{
    for (size_t i = 0; i < model->count; i++) {
        const struct model_word_spec *spec = model->statements[i].spec;
        if (model_find_parameter(spec, setting->name) < model_parameter_count(spec))
            return model_wrong(lines, "%s: no such variable; did you mean '%s.%s'", setting->text, spec->name,
                               setting->name);
    }
    return model_wrong(lines, "%s: no such variable%s", setting->text,
                       model_suggest(lines, setting->name, (const char *const *)lines->let_names, lines->let_count));
}

static enum status occurs_often(struct model_lines *lines, const struct model_setting *setting, const char *name,
                                size_t occurrences)
{
    return model_wrong(lines, "%s: '%s' occurs %zu times; a variable in the text ('let') can set each", setting->text,
                       name, occurrences);
}

/* The one statement that a setting's name begins with; NULL, and the error is filled, where there is not just one. */
static struct model_statement *find_set_statement(struct model_lines *lines, const struct model *model,
                                                  const struct model_setting *setting)
{
    size_t length = strcspn(setting->name, "."), occurrences = 0;
    char *name = memory_format("%.*s", (int)length, setting->name);
    struct names names = { { NULL }, 0 };
    struct model_statement *statement = NULL;

    for (size_t i = 0; i < model->count; i++) {
        const struct model_word_spec *spec = model->statements[i].spec;
        names_add(&names, spec->name);
        if (strcmp(spec->name, name) != 0)
            continue;
        statement = &model->statements[i];
        occurrences++;
    }
    if (occurrences == 0)
        model_wrong(lines, "%s: no such statement%s", setting->text, suggest(lines, name, &names));
    else if (occurrences > 1)
        occurs_often(lines, setting, name, occurrences);
    free(name);
    return occurrences == 1 ? statement : NULL;
}

static enum status no_setting(struct model_lines *lines, const struct model_setting *setting, const char *what,
                              const char *statement)
{
    return model_wrong(lines, "%s: the %s is no setting; a variable in the text can be it ('%s $%s')", setting->text,
                       what, statement, what);
}

/* What shapes a text: a setting finds the statement that the text has, but makes no other of it. */
static enum status check_settable(struct model_lines *lines, const struct model_setting *setting)
{
    size_t length = strcspn(setting->name, ".");
    const char *value = strchr(setting->text, '=') + 1;

    for (const struct model_word_spec *spec = model_words; spec < model_words + MODEL_WORDS; spec++) {
        if (strlen(spec->name) != length || strncmp(spec->name, setting->name, length) != 0)
            continue;
        if (spec->word == WORD_REPEAT)
            return no_setting(lines, setting, "count", spec->name);
        if (spec->variant && strcmp(spec->variant, value) == 0)
            return no_setting(lines, setting, "kind", spec->name);
    }
    return STATUS_OK;
}

/* statement.parameter=value */
static enum status apply_setting(struct model_lines *lines, const struct model *model,
                                 const struct model_setting *setting)
{
    const char *dot = strchr(setting->name, '.');
    struct model_statement *statement;
    struct names names = { { NULL }, 0 };
    size_t i;

    if (check_settable(lines, setting))
        return lines->blame;
    if (!dot)
        return no_variable(lines, model, setting);
    statement = find_set_statement(lines, model, setting);
    if (!statement)
        return lines->blame;
    for (i = 0; i < model_parameter_count(statement->spec); i++)
        names_add(&names, statement->spec->parameters[i].name);
    i = model_find_parameter(statement->spec, dot + 1);
    if (i == names.n)
        return model_wrong(lines, "%s: no such parameter%s", setting->text, suggest(lines, dot + 1, &names));
    if (is_positional(&statement->spec->parameters[i]) && statement->group_count > 1)
        return occurs_often(lines, setting, statement->spec->parameters[i].name, statement->group_count);
    return read_value(lines, &statement->spec->parameters[i], setting->name, strchr(setting->text, '=') + 1,
                      &statement->values[model_slot(statement, i)]);
}

enum status model_settings_apply(struct model_lines *lines, const struct model *model)
{
    enum status status = STATUS_OK;

    lines->blame = STATUS_USAGE;
    for (size_t i = 0; !status && i < lines->setting_count; i++)
        if (!lines->settings[i].used)
            status = apply_setting(lines, model, &lines->settings[i]);
    return status;
}

double model_default(const struct model_statement *statement, size_t parameter)
{
    const char *as = statement->spec->parameters[parameter].as;

    return as ? statement->values[model_slot(statement, model_find_parameter(statement->spec, as))]
              : statement->spec->parameters[parameter].value;
}

double model_value(const struct model_statement *statement, const char *name)
{
    size_t parameter = model_find_parameter(statement->spec, name);

    return parameter < model_parameter_count(statement->spec) ? statement->values[model_slot(statement, parameter)] : 0;
}
