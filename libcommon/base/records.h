/*
 * Records: what programs tell each other through pipes. rote-records(5) is the format.
 *
 *     struct record_writer *writer = record_writer_new(stdout, RECORDS_TABS);
 *     record_text(writer, "path", path);       // the columns of one record, in order
 *     record_number(writer, "loss", loss);
 *     record_end(writer);                      // after a line "#path\tloss" when these are new columns
 *     record_writer_free(writer);
 *
 * Whoever owns the stream checks it for errors (program_finish() does for stdout).
 */
#ifndef BASE_RECORDS_H
#define BASE_RECORDS_H

#include "base/error.h"
#include "base/text.h"

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum record_form { RECORDS_TABS, RECORDS_JSON };

struct record_writer;

struct record_writer *record_writer_new(FILE *to, enum record_form form);
void record_text(struct record_writer *writer, const char *column, const char *value);
void record_count(struct record_writer *writer, const char *column, uint64_t value);
void record_number(struct record_writer *writer, const char *column, double value);
void record_none(struct record_writer *writer, const char *column);                        /* "none", in JSON null */
void record_optional(struct record_writer *writer, const char *column, const char *value); /* NULL, "none": none */
void record_end(struct record_writer *writer);
void record_writer_free(struct record_writer *writer);

/* Add `value` (`size` bytes, any bytes, and a NUL after them) to `text` as a JSON string with its quotes. Escaped
   is what JSON must escape and what text_is_control(); a byte that is not UTF-8 becomes the lone surrogate \udcHH, as
   Python's surrogateescape reads and writes it. */
void records_json_string(struct text *text, const char *value, size_t size);

/* Records that were read; everything in them lives until records_free(). */
struct record {
    const char *const *columns; /* n names */
    const char *const *values;  /* n values, unescaped */
    size_t n;
};

struct records {
    struct record *record;
    size_t n;
    struct record_memory *memory;
};

/* Add the records of `text` (NUL-terminated; `source` names it in messages) to `records`, which starts as { 0 }.
   65: a line without a header before it, of another number of columns than its header, with a wrong escape, or without
   a newline at its end; a header that names a column twice. */
enum status records_parse(struct records *records, const char *text, const char *source, struct error *error);

/* The same from a file; "-" is stdin. And from one that no user named: file_read_regular(). */
enum status records_read(struct records *records, const char *path, struct error *error);
enum status records_read_regular(struct records *records, const char *path, struct error *error);
void records_free(struct records *records);

/* The value in `column`, or NULL where the record has no such column. */
const char *record_get(const struct record *record, const char *column);

/* The value in `column` as a number; NaN where there is none, where it is "none" or no number. */
double record_get_number(const struct record *record, const char *column);

#endif
