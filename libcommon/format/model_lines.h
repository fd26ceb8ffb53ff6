/*
 * The lines of a model text: comments gone, `let` variables in place, split into tokens. For model.c, and for space.c.
 *
 *     struct model_lines *lines;
 *     status = model_lines_open(text, "net.model", settings, setting_count, error, &lines);
 *     while (!status && !(status = model_lines_next(lines)) && lines->count)
 *         ... lines->token[0 .. lines->count - 1] ...
 *     model_lines_close(lines);
 */
#ifndef FORMAT_MODEL_LINES_H
#define FORMAT_MODEL_LINES_H

#include "base/error.h"
#include "base/text.h"

#include <stdbool.h>
#include <stddef.h>

struct model_let {
    char *value;
    size_t line;
    bool overridden; /* a setting had part in its value */
};

struct model_setting {
    const char *text; /* name=value */
    char *name;
    bool used;
};

struct model_lines {
    const char *source, *rest; /* rest: what is still to be read */
    size_t line;               /* the line last read, from 1; 0 before and after all */
    char **token;
    size_t count;
    const char *word;  /* what messages name after the line: its first token */
    enum status blame; /* what a wrong value of the line is: 65, or 64 where it comes from a setting */
    char **let_names;  /* beside `lets`; whoever takes them over leaves NULL */
    struct model_let *lets;
    size_t let_count;
    struct model_setting *settings;
    size_t setting_count;
    struct text hint; /* what model_suggest() returned */
    struct error *error;
};

/* 64 for a setting that is not name=value, or given twice. */
enum status model_lines_open(const char *text, const char *source, char *const *settings, size_t setting_count,
                             struct error *error, struct model_lines **lines);

/* The next line that has tokens and is no `let`; count is 0 after the last. A setting of a variable's name replaces
   its value, and is then `used`. */
enum status model_lines_next(struct model_lines *lines);
void model_lines_close(struct model_lines *lines);

/* Fill the error as "net.model:3: conv: ..." and return `blame`. */
enum status model_wrong(struct model_lines *lines, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Which `names` there are where they are few, else "; did you mean 'conv'". The next call overwrites it. */
const char *model_suggest(struct model_lines *lines, const char *word, const char *const *names, size_t n);

#endif
