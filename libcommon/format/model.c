#include "format/model.h"

#include "base/file.h"
#include "base/memory.h"
#include "base/number.h"
#include "format/model_lines.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT_MOST = 1 << 20 }; /* bytes of a file */

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
static const char *usage(struct model_lines *lines, const struct model_word_spec *spec)
{
    text_clear(&lines->hint);
    model_describe_word(&lines->hint, spec);
    return lines->hint.at;
}

static bool is_positional(const struct model_parameter *parameter)
{
    return parameter->flags & PARAMETER_POSITIONAL;
}

/* Its index in spec->parameters, or how many there are. */
static size_t find_parameter(const struct model_word_spec *spec, const char *name)
{
    size_t count = model_parameter_count(spec), i = 0;

    while (i < count && strcmp(spec->parameters[i].name, name) != 0)
        i++;
    return i;
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

/* Read `number`, which the text or a setting gives as `label`=number, or by position where `label` is NULL. */
static enum status read_value(struct model_lines *lines, const struct model_parameter *parameter, const char *label,
                              const char *number, double *value)
{
    const char *quote = label ? "" : "'", *equals = label ? "=" : "";
    bool whole = parameter->type == PARAMETER_WHOLE;
    uint64_t digits;

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
    size_t parameters = model_parameter_count(spec), positional = 0;
    enum status status = STATUS_OK;

    statement->value_count = given > parameters ? given : parameters;
    statement->values = memory_new(statement->value_count, sizeof *statement->values);
    for (size_t i = given; i < parameters; i++)
        statement->values[i] = NAN;
    while (positional < parameters && is_positional(&spec->parameters[positional]))
        positional++;
    if (given != positional && !(spec->repeats && positional && given && given % positional == 0))
        return model_wrong(lines, "%zu value%s by position; it is '%s'", given, given == 1 ? "" : "s",
                           usage(lines, spec));
    if (given > positional * MODEL_CHANNELS_MOST)
        return model_wrong(lines, "more than %d groups of values", MODEL_CHANNELS_MOST);
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
    size_t i;

    if (!number)
        return model_wrong(lines, "'%s': not name=value; it is '%s'", token, usage(lines, spec));
    *number++ = '\0';
    for (i = 0; i < model_parameter_count(spec); i++)
        if (!is_positional(&spec->parameters[i]))
            names_add(&names, spec->parameters[i].name);
    i = find_parameter(spec, token);
    if (i == model_parameter_count(spec) || is_positional(&spec->parameters[i]))
        return model_wrong(lines, "%s=%s: no such parameter%s", token, number, suggest(lines, token, &names));
    if (!isnan(statement->values[i]))
        return model_wrong(lines, "%s=%s: it is given twice", token, number);
    return read_value(lines, &spec->parameters[i], token, number, &statement->values[i]);
}

/* A text has one statement of a section, but any number of layers. */
static enum status check_section(struct model_lines *lines, const struct model *model,
                                 const struct model_word_spec *spec)
{
    for (size_t i = 0; spec->section != SECTION_LAYERS && i < model->count; i++)
        if (model->statements[i].spec->section == spec->section)
            return model_wrong(lines, "line %zu has such a statement already", model->statements[i].line);
    return STATUS_OK;
}

static enum status read_statement(struct model_lines *lines, struct model *model)
{
    struct model_statement *statement;
    const struct model_word_spec *spec;
    size_t first, given;
    enum status status = find_word(lines, &spec);

    if (!status)
        status = check_section(lines, model, spec);
    if (status)
        return status;
    model->statements = memory_grow(model->statements, model->count, sizeof *model->statements);
    statement = &model->statements[model->count++];
    *statement = (struct model_statement){ .spec = spec, .line = lines->line };
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
        if (find_parameter(spec, setting->name) < model_parameter_count(spec))
            return model_wrong(lines, "%s: no such variable; did you mean '%s.%s'", setting->text, spec->name,
                               setting->name);
    }
    return model_wrong(lines, "%s: no such variable%s", setting->text,
                       model_suggest(lines, setting->name, (const char *const *)lines->let_names, lines->let_count));
}

/* Find the one statement that a setting's name begins with. */
static enum status find_set_statement(struct model_lines *lines, const struct model *model,
                                      const struct model_setting *setting, struct model_statement **statement)
{
    size_t length = strcspn(setting->name, "."), occurrences = 0;
    char *name = memory_format("%.*s", (int)length, setting->name);
    struct names names = { { NULL }, 0 };
    enum status status = STATUS_OK;

    for (size_t i = 0; i < model->count; i++) {
        const struct model_word_spec *spec = model->statements[i].spec;
        names_add(&names, spec->name);
        if (strcmp(spec->name, name) != 0)
            continue;
        *statement = &model->statements[i];
        occurrences += spec->repeats ? model->statements[i].value_count / model_parameter_count(spec) : 1;
    }
    if (occurrences == 0)
        status = model_wrong(lines, "%s: no such statement%s", setting->text, suggest(lines, name, &names));
    else if (occurrences > 1)
        status = model_wrong(lines, "%s: '%s' occurs %zu times; a variable in the text ('let') can set each",
                             setting->text, name, occurrences);
    free(name);
    return status;
}

/* statement.parameter=value */
static enum status apply_setting(struct model_lines *lines, const struct model *model,
                                 const struct model_setting *setting)
{
    const char *dot = strchr(setting->name, '.');
    struct model_statement *statement = NULL;
    struct names names = { { NULL }, 0 };
    size_t i;

    if (!dot)
        return no_variable(lines, model, setting);
    if (find_set_statement(lines, model, setting, &statement))
        return lines->blame;
    for (i = 0; i < model_parameter_count(statement->spec); i++)
        names_add(&names, statement->spec->parameters[i].name);
    i = find_parameter(statement->spec, dot + 1);
    if (i == names.n)
        return model_wrong(lines, "%s: no such parameter%s", setting->text, suggest(lines, dot + 1, &names));
    return read_value(lines, &statement->spec->parameters[i], setting->name, strchr(setting->text, '=') + 1,
                      &statement->values[i]);
}

static enum status apply_settings(struct model_lines *lines, const struct model *model)
{
    enum status status = STATUS_OK;

    lines->blame = STATUS_USAGE;
    for (size_t i = 0; !status && i < lines->setting_count; i++)
        if (!lines->settings[i].used)
            status = apply_setting(lines, model, &lines->settings[i]);
    return status;
}

static double default_value(const struct model_statement *statement, size_t parameter)
{
    const char *as = statement->spec->parameters[parameter].as;

    return as ? statement->values[find_parameter(statement->spec, as)] : statement->spec->parameters[parameter].value;
}

/* Give every parameter its value. */
static enum status fill_defaults(struct model_lines *lines, const struct model_statement *statement)
{
    for (size_t i = 0; i < model_parameter_count(statement->spec); i++) {
        const struct model_parameter *parameter = &statement->spec->parameters[i];
        if (!isnan(statement->values[i]))
            continue;
        if (parameter->flags & PARAMETER_REQUIRED) {
            lines->line = statement->line;
            lines->word = statement->spec->name;
            return model_wrong(lines, "%s is missing; it is '%s'", parameter->name, usage(lines, statement->spec));
        }
        statement->values[i] = default_value(statement, i);
    }
    return STATUS_OK;
}

static enum status check_complete(struct model_lines *lines, const struct model *model)
{
    static const enum model_word required[] = { WORD_INPUT, WORD_LOSS_CROSS_ENTROPY, WORD_TRAIN, WORD_OPTIMIZER_SGD };
    enum status status = STATUS_OK;

    lines->blame = STATUS_DATA;
    for (size_t i = 0; !status && i < model->count; i++)
        status = fill_defaults(lines, &model->statements[i]);
    for (size_t i = 0; !status && i < sizeof required / sizeof *required; i++) {
        const struct model_word_spec *spec = &model_words[required[i]];
        size_t n = 0;
        while (n < model->count && model->statements[n].spec->section != spec->section)
            n++;
        if (n == model->count)
            status = model_wrong(lines, "no '%s' statement, such as '%s'", spec->name, usage(lines, spec));
    }
    return status;
}

/* Order the statements by section, layers as they came. */
static void sort_statements(struct model *model)
{
    struct model_statement *sorted = memory_new(model->count, sizeof *sorted);
    size_t n = 0;

    for (int section = 0; section < MODEL_SECTIONS; section++)
        for (size_t i = 0; i < model->count; i++)
            if ((int)model->statements[i].spec->section == section)
                sorted[n++] = model->statements[i];
    free(model->statements);
    model->statements = sorted;
}

static void write_statement(struct text *text, const struct model_statement *statement)
{
    const struct model_word_spec *spec = statement->spec;
    char number[NUMBER_SIZE];

    if (spec->implied)
        return;
    text_string(text, spec->name);
    if (spec->variant)
        text_format(text, " %s", spec->variant);
    for (size_t i = 0; i < statement->value_count; i++) {
        const struct model_parameter *parameter = &spec->parameters[i % model_parameter_count(spec)];
        number_print(statement->values[i], number);
        if (is_positional(parameter))
            text_format(text, " %s", number);
        else if (statement->values[i] != default_value(statement, i))
            text_format(text, " %s=%s", parameter->name, number);
    }
    text_string(text, "\n");
}

static enum status read_model(struct model_lines *lines, struct model *model)
{
    enum status status = STATUS_OK;
    struct text text = { 0 };

    while (!status && !(status = model_lines_next(lines)) && lines->count)
        status = read_statement(lines, model);
    if (!status)
        status = apply_settings(lines, model);
    if (!status)
        status = check_complete(lines, model);
    if (status)
        return status;
    sort_statements(model);
    for (size_t i = 0; i < model->count; i++)
        write_statement(&text, &model->statements[i]);
    model->text = text.at;
    model->lets = lines->let_names;
    model->let_count = lines->let_count;
    lines->let_names = NULL;
    return STATUS_OK;
}

enum status model_parse(const char *text, const char *source, char *const *settings, size_t setting_count,
                        struct model **model, struct error *error)
{
    struct model_lines *lines;
    enum status status = model_lines_open(text, source, settings, setting_count, error, &lines);

    *model = memory_new(1, sizeof **model);
    if (!status)
        status = read_model(lines, *model);
    model_lines_close(lines);
    if (status) {
        model_free(*model);
        *model = NULL;
    }
    return status;
}

enum status model_read(const char *path, char *const *settings, size_t setting_count, struct model **model,
                       struct error *error)
{
    struct bytes bytes;
    enum status status = file_read(path, TEXT_MOST + 1, &bytes, error);
    const char *text = bytes.at ? (const char *)bytes.at : "";

    *model = NULL;
    if (status)
        return status;
    if (bytes.size > TEXT_MOST)
        status = error_set(error, STATUS_DATA, "%s: read: more than %d bytes, which is no model text", path, TEXT_MOST);
    else if (strlen(text) != bytes.size)
        status = error_set(error, STATUS_DATA, "%s: read: it contains a NUL byte", path);
    else
        status = model_parse(text, path, settings, setting_count, model, error);
    free(bytes.at);
    return status;
}

void model_free(struct model *model)
{
    if (!model)
        return;
    for (size_t i = 0; i < model->count; i++)
        free(model->statements[i].values);
    for (size_t i = 0; i < model->let_count; i++)
        free(model->lets[i]);
    free(model->statements);
    free(model->text);
    free(model->lets);
    free(model);
}
