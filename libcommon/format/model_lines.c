#include "format/model_lines.h"

#include "base/memory.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Limits that no honest text meets; they bound what a hostile one costs. A line has room for the longest canonical one,
   a mean and a deviation for each of 4096 channels. */
enum { LINE_MOST = 1 << 18, TOKEN_MOST = 128, LETS_MOST = 1000 };

/* So few names a message tells anyway; where none of more is near, up to so many. */
enum { FEW = 4, LIST_MOST = 10 };

enum status model_wrong(struct model_lines *lines, const char *format, ...)
{
    struct text where = { 0 };
    char reason[1024];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(reason, sizeof reason, format, arguments);
    va_end(arguments);
    text_string(&where, lines->source);
    if (lines->line)
        text_format(&where, ":%zu", lines->line);
    if (lines->word)
        text_format(&where, ": %s", lines->word);
    error_set(lines->error, lines->blame, "%s: %s", where.at, reason);
    text_free(&where);
    return lines->blame;
}

const char *model_suggest(struct model_lines *lines, const char *word, const char *const *names, size_t n)
{
    const char *nearest = n <= FEW ? NULL : text_nearest(word, names, n);

    text_clear(&lines->hint);
    text_string(&lines->hint, "");
    if (nearest)
        text_format(&lines->hint, "; did you mean '%s'", nearest);
    else if (n <= LIST_MOST)
        for (size_t i = 0; i < n; i++)
            text_format(&lines->hint, "%s%s", i ? ", " : n == 1 ? "; there is only " : "; there are ", names[i]);
    return lines->hint.at;
}

/* The length of the variable's name at `at`, a letter, then letters, digits, underscores; 0 if there is none. */
static size_t name_length(const char *at)
{
    size_t length = 0;

    if (isalpha((unsigned char)*at))
        while (isalnum((unsigned char)at[length]) || at[length] == '_')
            length++;
    return length;
}

static const struct model_let *find_let(const struct model_lines *lines, const char *name)
{
    for (size_t i = 0; i < lines->let_count; i++)
        if (strcmp(lines->let_names[i], name) == 0)
            return &lines->lets[i];
    return NULL;
}

/* Add the value of the variable that `name` begins with. */
static enum status expand_variable(struct model_lines *lines, const char *name, size_t length, struct text *to)
{
    char copy[TOKEN_MOST + 1];
    const struct model_let *let;

    if (length == 0 || length > TOKEN_MOST)
        return model_wrong(lines, "'$': a variable's name must follow it");
    snprintf(copy, sizeof copy, "%.*s", (int)length, name);
    let = find_let(lines, copy);
    if (!let)
        return model_wrong(lines, "$%s: no such variable in the lines above%s", copy,
                           model_suggest(lines, copy, (const char *const *)lines->let_names, lines->let_count));
    if (let->overridden)
        lines->blame = STATUS_USAGE;
    text_string(to, let->value);
    return STATUS_OK;
}

/* Add what stands from `at` to `end` to the line's tokens, its variables replaced. */
static enum status add_token(struct model_lines *lines, const char *at, const char *end)
{
    struct text token = { 0 };
    enum status status = STATUS_OK;

    while (!status && at < end) {
        size_t name = *at == '$' ? name_length(at + 1) : 0;
        if (*at == '$')
            status = expand_variable(lines, at + 1, name, &token);
        else
            text_add(&token, at, 1);
        at += 1 + name;
        if (!status && token.length > TOKEN_MOST)
            status = model_wrong(lines, "a word of more than %d characters", TOKEN_MOST);
    }
    if (status) {
        text_free(&token);
        return status;
    }
    lines->token = memory_grow(lines->token, lines->count, sizeof *lines->token);
    lines->token[lines->count++] = token.at;
    lines->word = lines->token[0];
    return STATUS_OK;
}

static enum status check_characters(struct model_lines *lines, const char *line, size_t length, size_t comment)
{
    if (length > LINE_MOST)
        return model_wrong(lines, "a line of more than %d characters", LINE_MOST);
    if (length && line[length - 1] == '\r')
        return model_wrong(lines, "lines end in CR LF; \"tr -d '\\r'\" makes it a text");
    for (size_t i = 0; i < length; i++)
        if (iscntrl((unsigned char)line[i]) && line[i] != '\t')
            return model_wrong(lines, "a control character (0x%02x)", (unsigned char)line[i]);
    for (size_t i = 0; i < comment; i++)
        if (!isascii((unsigned char)line[i]))
            return model_wrong(lines, "a character outside of ASCII (0x%02x), which only comments may have",
                               (unsigned char)line[i]);
    return STATUS_OK;
}

static void clear_tokens(struct model_lines *lines)
{
    for (size_t i = 0; i < lines->count; i++)
        free(lines->token[i]);
    free(lines->token);
    lines->token = NULL;
    lines->count = 0;
    lines->word = NULL;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static enum status split_line(struct model_lines *lines, const char *line, size_t length)
{
    const char *comment = memchr(line, '#', length), *end = comment ? comment : line + length;
    enum status status = check_characters(lines, line, length, (size_t)(end - line));

    for (const char *at = line, *next; !status && at < end; at = next) {
        while (at < end && is_blank(*at))
            at++;
        for (next = at; next < end && !is_blank(*next); next++)
            ;
        if (next > at)
            status = add_token(lines, at, next);
    }
    return status;
}

/* The setting of the variable `name`, now used, or NULL. */
static const char *use_setting(struct model_lines *lines, const char *name)
{
    for (size_t i = 0; i < lines->setting_count; i++)
        if (strcmp(lines->settings[i].name, name) == 0) {
            lines->settings[i].used = true;
            return strchr(lines->settings[i].text, '=') + 1;
        }
    return NULL;
}

/* let NAME=VALUE */
static enum status read_let(struct model_lines *lines)
{
    const char *definition = lines->count == 2 ? lines->token[1] : "", *override;
    size_t length = name_length(definition), n = lines->let_count;
    const struct model_let *before;
    char *name;

    if (length == 0 || definition[length] != '=' || !definition[length + 1])
        return model_wrong(lines, "it is 'let NAME=VALUE', the name of letters, digits and underscores");
    if (n == LETS_MOST)
        return model_wrong(lines, "more than %d variables", LETS_MOST);
    name = memory_format("%.*s", (int)length, definition);
    before = find_let(lines, name);
    if (before) {
        free(name);
        return model_wrong(lines, "%s: line %zu has defined it already", definition, before->line);
    }
    override = use_setting(lines, name);
    lines->let_names = memory_grow(lines->let_names, n, sizeof *lines->let_names);
    lines->lets = memory_grow(lines->lets, n, sizeof *lines->lets);
    lines->let_names[n] = name;
    lines->lets[n].value = memory_string(override ? override : definition + length + 1);
    lines->lets[n].line = lines->line;
    lines->lets[n].overridden = override || lines->blame == STATUS_USAGE;
    lines->let_count++;
    return STATUS_OK;
}

enum status model_lines_next(struct model_lines *lines)
{
    enum status status = STATUS_OK;

    do {
        size_t length = strcspn(lines->rest, "\n");
        clear_tokens(lines);
        lines->blame = STATUS_DATA;
        if (!*lines->rest) {
            lines->line = 0;
            return STATUS_OK;
        }
        lines->line++;
        status = split_line(lines, lines->rest, length);
        lines->rest += length + (lines->rest[length] == '\n');
        if (!status && lines->count && strcmp(lines->token[0], "let") == 0) {
            status = read_let(lines);
            clear_tokens(lines);
        }
    } while (!status && !lines->count);
    return status;
}

static enum status open_settings(struct model_lines *lines, char *const *settings)
{
    lines->blame = STATUS_USAGE;
    for (size_t i = 0; i < lines->setting_count; i++) {
        size_t length = strcspn(settings[i], "=");
        if (length == 0 || !settings[i][length])
            return model_wrong(lines, "'%s': a setting is name=value", settings[i]);
        lines->settings[i] =
            (struct model_setting){ settings[i], memory_format("%.*s", (int)length, settings[i]), false };
        for (size_t j = 0; j < i; j++)
            if (strcmp(lines->settings[j].name, lines->settings[i].name) == 0)
                return model_wrong(lines, "%s: it is set twice", settings[i]);
    }
    return STATUS_OK;
}

enum status model_lines_open(const char *text, const char *source, char *const *settings, size_t setting_count,
                             struct error *error, struct model_lines **lines)
{
    *lines = memory_new(1, sizeof **lines);
    (*lines)->source = source;
    (*lines)->rest = text;
    (*lines)->settings = memory_new(setting_count, sizeof *(*lines)->settings);
    (*lines)->setting_count = setting_count;
    (*lines)->error = error;
    return open_settings(*lines, settings);
}

void model_lines_close(struct model_lines *lines)
{
    clear_tokens(lines);
    for (size_t i = 0; i < lines->let_count; i++) {
        if (lines->let_names)
            free(lines->let_names[i]);
        free(lines->lets[i].value);
    }
    for (size_t i = 0; i < lines->setting_count; i++)
        free(lines->settings[i].name);
    free(lines->let_names);
    free(lines->lets);
    free(lines->settings);
    text_free(&lines->hint);
    free(lines);
}
