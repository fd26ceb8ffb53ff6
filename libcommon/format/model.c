#include "format/model.h"

#include "base/file.h"
#include "base/memory.h"
#include "base/number.h"
#include "format/model_lines.h"
#include "format/model_statement.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    TEXT_MOST = 1 << 20, /* bytes of a file */
    DEPTH_MOST = 16,     /* blocks within one another */
};

/* The blocks that are open: repeat and residual. */
struct blocks {
    struct block {
        enum model_word word;
        size_t line, first, count; /* first: its first statement; count: of a repeat */
    } open[DEPTH_MOST];
    size_t depth;
};

static enum status add_statement(struct model_lines *lines, struct model *model, struct model_statement statement)
{
    if (model->count == MODEL_STATEMENTS_MOST) {
        free(statement.values);
        return model_wrong(lines, "more than %d statements", MODEL_STATEMENTS_MOST);
    }
    model->statements = memory_grow(model->statements, model->count, sizeof *model->statements);
    model->statements[model->count++] = statement;
    return STATUS_OK;
}

/* Add what stands in a repeat as often as it says; once it is there already. */
static enum status repeat(struct model_lines *lines, struct model *model, const struct block *block)
{
    size_t end = model->count;
    enum status status = STATUS_OK;

    for (size_t i = 1; i < block->count; i++)
        for (size_t j = block->first; !status && j < end; j++) {
            struct model_statement copy = model->statements[j];
            copy.values = memory_new(copy.value_count, sizeof *copy.values);
            memcpy(copy.values, model->statements[j].values, copy.value_count * sizeof *copy.values);
            status = add_statement(lines, model, copy);
        }
    return status;
}

static enum status open_block(struct model_lines *lines, const struct model *model,
                              const struct model_statement *statement, struct blocks *blocks)
{
    struct block block = { statement->spec->word, statement->line, model->count, 1 };

    if (blocks->depth == DEPTH_MOST)
        return model_wrong(lines, "more than %d blocks within one another", DEPTH_MOST);
    if (block.word == WORD_REPEAT)
        block.count = (size_t)statement->values[0];
    else
        block.first++; /* the residual itself */
    blocks->open[blocks->depth++] = block;
    return STATUS_OK;
}

static enum status close_block(struct model_lines *lines, struct model *model, struct blocks *blocks)
{
    const struct block *block;

    if (!blocks->depth)
        return model_wrong(lines, "no 'repeat' or 'residual' is open");
    block = &blocks->open[--blocks->depth];
    if (block->first == model->count)
        return model_wrong(lines, "there is nothing in the '%s' of line %zu", model_words[block->word].name,
                           block->line);
    return block->word == WORD_REPEAT ? repeat(lines, model, block) : STATUS_OK;
}

static enum status check_closed(struct model_lines *lines, const struct blocks *blocks)
{
    const struct block *block;

    if (!blocks->depth)
        return STATUS_OK;
    block = &blocks->open[blocks->depth - 1];
    lines->line = block->line;
    lines->word = model_words[block->word].name;
    return model_wrong(lines, "no 'end' closes it");
}

/* A text has one statement of a section, but any number of layers; blocks have nothing but layers. */
static enum status check_section(struct model_lines *lines, const struct model *model,
                                 const struct model_word_spec *spec, const struct blocks *blocks)
{
    if (spec->section == SECTION_LAYERS)
        return STATUS_OK;
    if (blocks->depth)
        return model_wrong(lines, "it is no layer, but the '%s' of line %zu is still open; 'end' closes it",
                           model_words[blocks->open[blocks->depth - 1].word].name,
                           blocks->open[blocks->depth - 1].line);
    for (size_t i = 0; i < model->count; i++)
        if (model->statements[i].spec->section == spec->section)
            return model_wrong(lines, "line %zu has such a statement already", model->statements[i].line);
    return STATUS_OK;
}

static enum status read_statement(struct model_lines *lines, struct model *model, struct blocks *blocks)
{
    struct model_statement statement;
    enum status status = model_statement_read(lines, &statement);
    bool closes_repeat = blocks->depth && blocks->open[blocks->depth - 1].word == WORD_REPEAT;
    enum model_word word;

    if (!status)
        status = check_section(lines, model, statement.spec, blocks);
    word = status ? MODEL_WORDS : statement.spec->word;
    if (word == WORD_REPEAT || word == WORD_RESIDUAL)
        status = open_block(lines, model, &statement, blocks);
    else if (word == WORD_END)
        status = close_block(lines, model, blocks);
    if (status || word == WORD_REPEAT || (word == WORD_END && closes_repeat)) {
        free(statement.values);
        return status;
    }
    return add_statement(lines, model, statement);
}

/* Give every parameter its value. */
static enum status fill_defaults(struct model_lines *lines, const struct model_statement *statement)
{
    for (size_t i = 0; i < model_parameter_count(statement->spec); i++) {
        const struct model_parameter *parameter = &statement->spec->parameters[i];
        double *value = &statement->values[model_slot(statement, i)];
        if (!isnan(*value))
            continue;
        if (parameter->flags & PARAMETER_REQUIRED) {
            lines->line = statement->line;
            lines->word = statement->spec->name;
            return model_wrong(lines, "%s is missing; it is '%s'", parameter->name,
                               model_usage(lines, statement->spec));
        }
        *value = model_default(statement, i);
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
            status = model_wrong(lines, "no '%s' statement, such as '%s'", spec->name, model_usage(lines, spec));
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

/* What stands where the text says nothing need not be said. */
static bool is_default(const struct model_statement *statement)
{
    if (!statement->spec->implied)
        return false;
    for (size_t i = 0; i < model_parameter_count(statement->spec); i++)
        if (statement->values[model_slot(statement, i)] != model_default(statement, i))
            return false;
    return true;
}

static void write_named(struct text *text, const struct model_statement *statement, size_t i)
{
    const struct model_parameter *parameter = &statement->spec->parameters[i];
    double value = statement->values[model_slot(statement, i)];
    char number[NUMBER_SIZE];

    if (value != model_default(statement, i))
        text_format(text, " %s=%s", parameter->name,
                    parameter->type == PARAMETER_CHOICE ? parameter->choices[(int)value] : number_print(value, number));
}

static void write_statement(struct text *text, const struct model_statement *statement)
{
    const struct model_word_spec *spec = statement->spec;
    size_t parameters = model_parameter_count(spec), positional = model_positional_count(spec);
    char number[NUMBER_SIZE];

    if (is_default(statement))
        return;
    text_string(text, spec->name);
    if (spec->variant)
        text_format(text, " %s", spec->variant);
    for (size_t i = 0; i < positional * statement->group_count; i++)
        text_format(text, " %s", number_print(statement->values[i], number));
    for (size_t i = positional; i < parameters; i++)
        write_named(text, statement, i);
    text_string(text, "\n");
}

static enum status read_model(struct model_lines *lines, struct model *model)
{
    enum status status = STATUS_OK;
    struct blocks blocks = { .depth = 0 };
    struct text text = { 0 };

    while (!status && !(status = model_lines_next(lines)) && lines->count)
        status = read_statement(lines, model, &blocks);
    if (!status)
        status = check_closed(lines, &blocks);
    if (!status)
        status = model_settings_apply(lines, model);
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

enum status model_take_text(struct bytes *bytes, const char *path, char **text, struct error *error)
{
    enum status status = bytes_check_text(bytes, path, error);

    if (bytes->size > TEXT_MOST)
        status = error_set(error, STATUS_DATA, "%s: read: more than %d bytes, which is no model text", path, TEXT_MOST);
    *text = bytes->at ? (char *)bytes->at : memory_string("");
    *bytes = (struct bytes){ 0 };
    if (status) {
        free(*text);
        *text = NULL;
    }
    return status;
}

enum status model_read_text(const char *path, char **text, struct error *error)
{
    struct bytes bytes;
    enum status status = file_read(path, TEXT_MOST + 1, &bytes, error);

    *text = NULL;
    return status ? status : model_take_text(&bytes, path, text, error);
}

enum status model_read(const char *path, char *const *settings, size_t setting_count, struct model **model,
                       struct error *error)
{
    char *text;
    enum status status = model_read_text(path, &text, error);

    *model = NULL;
    if (!status)
        status = model_parse(text, path, settings, setting_count, model, error);
    free(text);
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
