/*
 * A statement of a model text: read from its line, changed by settings. For model.c alone.
 */
#ifndef FORMAT_MODEL_STATEMENT_H
#define FORMAT_MODEL_STATEMENT_H

#include "format/model.h"
#include "format/model_lines.h"

/* Read the line's tokens. Parameters that it does not give are NaN. The caller frees statement->values, also on error.
 */
enum status model_statement_read(struct model_lines *lines, struct model_statement *statement);

/* Apply the settings that no `let` has used: statement.parameter=value. */
enum status model_settings_apply(struct model_lines *lines, const struct model *model);

/* Where in statement->values the value of `parameter` is; of one that comes several times, the first. */
size_t model_slot(const struct model_statement *statement, size_t parameter);

/* What a parameter is where nobody gives it. */
double model_default(const struct model_statement *statement, size_t parameter);

/* How a word is written, for messages; the next call, or model_suggest(), overwrites it. */
const char *model_usage(struct model_lines *lines, const struct model_word_spec *spec);

#endif
