#include "base/records.h"

#include "base/file.h"
#include "base/memory.h"
#include "base/number.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

struct record_writer {
    FILE *to;
    enum record_form form;
    struct text header, columns, line; /* header: the last one written */
};

/* Add what stands between `at` and `end` up to the first byte that may need another look; returns how many bytes. */
static size_t add_plain(struct text *text, const char *at, const char *end)
{
    const char *next = at;

    while (next < end && *next >= ' ' && *next <= '~' && *next != '"' && *next != '\\')
        next++;
    text_add(text, at, (size_t)(next - at));
    return (size_t)(next - at);
}

static void escape(struct text *text, const char *value)
{
    const char *end = value + strlen(value);
    char shown[TEXT_SHOWN];

    for (const char *at = value; *at;) {
        size_t length = text_show(at, shown);
        if (*at == '\t')
            text_string(text, "\\t");
        else if (*at == '\n')
            text_string(text, "\\n");
        else if (*at == '\\')
            text_string(text, "\\\\");
        else if (*at == '#' && at == value)
            text_string(text, "\\x23");
        else
            text_string(text, shown);
        at += length;
        at += add_plain(text, at, end);
    }
}

void records_json_string(struct text *text, const char *value, size_t size)
{
    const char *end = value + size;
    size_t length;

    text_string(text, "\"");
    for (const char *at = value; (at += add_plain(text, at, end)) < end; at += length ? length : 1) {
        uint32_t character;
        length = text_decode(at, &character);
        if (length > (size_t)(end - at))
            length = 0;
        if (*at == '"' || *at == '\\')
            text_format(text, "\\%c", *at);
        else if (*at == '\n')
            text_string(text, "\\n");
        else if (*at == '\t')
            text_string(text, "\\t");
        else if (!length)
            text_format(text, "\\udc%02x", (unsigned char)*at);
        else if (text_is_control(character))
            text_format(text, "\\u%04x", character);
        else
            text_add(text, at, length);
    }
    text_string(text, "\"");
}

struct record_writer *record_writer_new(FILE *to, enum record_form form)
{
    struct record_writer *writer = memory_new(1, sizeof *writer);

    writer->to = to;
    writer->form = form;
    text_string(&writer->header, "");
    return writer;
}

/* Begin a column: its name, and what stands between it and the one before. */
static void begin_column(struct record_writer *writer, const char *column)
{
    if (writer->form == RECORDS_JSON) {
        text_string(&writer->line, writer->line.length ? "," : "{");
        records_json_string(&writer->line, column, strlen(column));
        text_string(&writer->line, ":");
    } else {
        bool first = writer->columns.length == 0;
        text_format(&writer->columns, "%c%s", first ? '#' : '\t', column);
        if (!first)
            text_string(&writer->line, "\t");
    }
}

void record_text(struct record_writer *writer, const char *column, const char *value)
{
    begin_column(writer, column);
    if (writer->form == RECORDS_JSON)
        records_json_string(&writer->line, value, strlen(value));
    else
        escape(&writer->line, value);
}

void record_count(struct record_writer *writer, const char *column, uint64_t value)
{
    begin_column(writer, column);
    text_format(&writer->line, "%llu", (unsigned long long)value);
}

void record_number(struct record_writer *writer, const char *column, double value)
{
    char number[NUMBER_SIZE];

    begin_column(writer, column);
    text_string(&writer->line, writer->form == RECORDS_JSON && !isfinite(value) ? "null" : number_print(value, number));
}

void record_none(struct record_writer *writer, const char *column)
{
    begin_column(writer, column);
    text_string(&writer->line, writer->form == RECORDS_JSON ? "null" : "none");
}

void record_optional(struct record_writer *writer, const char *column, const char *value)
{
    if (value && strcmp(value, "none") != 0)
        record_text(writer, column, value);
    else
        record_none(writer, column);
}

void record_end(struct record_writer *writer)
{
    if (writer->form == RECORDS_JSON) {
        fprintf(writer->to, "%s}\n", writer->line.at);
    } else {
        if (strcmp(writer->header.at, writer->columns.at) != 0) {
            fprintf(writer->to, "%s\n", writer->columns.at);
            text_clear(&writer->header);
            text_string(&writer->header, writer->columns.at);
        }
        fprintf(writer->to, "%s\n", writer->line.at);
    }
    text_clear(&writer->columns);
    text_clear(&writer->line);
}

void record_writer_free(struct record_writer *writer)
{
    text_free(&writer->header);
    text_free(&writer->columns);
    text_free(&writer->line);
    free(writer);
}

/* What records point into: every allocation made while reading. */
struct record_memory {
    void **block;
    size_t n;
};

static void *keep(struct records *records, void *block)
{
    struct record_memory *memory = records->memory;

    if (!memory)
        memory = records->memory = memory_new(1, sizeof *memory);
    memory->block = memory_grow(memory->block, memory->n, sizeof *memory->block);
    memory->block[memory->n++] = block;
    return block;
}

static int hex_digit(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

/* Undo escape() in place; false for an escape that it does not write. */
static bool unescape(char *value)
{
    char *to = value;

    for (const char *from = value; *from; from++) {
        if (*from != '\\') {
            *to++ = *from;
            continue;
        }
        from++;
        if (*from == 't' || *from == 'n' || *from == '\\') {
            *to++ = (char)(*from == 't' ? '\t' : *from == 'n' ? '\n' : '\\');
        } else if (*from == 'x' && hex_digit(from[1]) >= 0 && hex_digit(from[2]) >= 0 &&
                   (from[1] != '0' || from[2] != '0')) {
            *to++ = (char)(hex_digit(from[1]) << 4 | hex_digit(from[2]));
            from += 2;
        } else {
            return false;
        }
    }
    *to = '\0';
    return true;
}

/* Split `line` (changed) at its tabs; the fields array is kept with the records. */
static const char *const *split(struct records *records, char *line, size_t *n)
{
    size_t count = 1;
    const char **fields;

    for (const char *p = line; *p; p++)
        count += *p == '\t';
    fields = keep(records, memory_new(count, sizeof *fields));
    *n = count;
    for (size_t i = 0; i < count; i++)
        fields[i] = strsep(&line, "\t");
    return fields;
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* A name that stands twice in `header`, or NULL. */
static const char *find_repeated(const struct record *header)
{
    const char **names = memory_new(header->n, sizeof *names), *repeated = NULL;

    memcpy(names, header->columns, header->n * sizeof *names);
    qsort(names, header->n, sizeof *names, compare_names);
    for (size_t i = 1; i < header->n && !repeated; i++)
        if (strcmp(names[i - 1], names[i]) == 0)
            repeated = names[i];
    free(names);
    return repeated;
}

static enum status parse_header(struct records *records, struct record *header, char *line, const char *source,
                                size_t number, struct error *error)
{
    const char *repeated;

    header->columns = split(records, line + 1, &header->n);
    repeated = find_repeated(header);
    return repeated
               ? error_set(error, STATUS_DATA, "%s:%zu: read: two columns are called '%s'", source, number, repeated)
               : STATUS_OK;
}

static enum status parse_line(struct records *records, struct record *header, char *line, const char *source,
                              size_t number, struct error *error)
{
    struct record record = *header;

    if (*line == '#')
        return parse_header(records, header, line, source, number, error);
    if (!header->columns)
        return error_set(error, STATUS_DATA, "%s:%zu: read: no line that starts with '#' names the columns", source,
                         number);
    record.values = split(records, line, &record.n);
    if (record.n != header->n)
        return error_set(error, STATUS_DATA, "%s:%zu: read: %zu columns where the header has %zu", source, number,
                         record.n, header->n);
    for (size_t i = 0; i < record.n; i++)
        if (!unescape((char *)record.values[i]))
            return error_set(error, STATUS_DATA, "%s:%zu: read: a wrong escape in column '%s'", source, number,
                             record.columns[i]);
    records->record = memory_grow(records->record, records->n, sizeof *records->record);
    records->record[records->n++] = record;
    return STATUS_OK;
}

enum status records_parse(struct records *records, const char *text, const char *source, struct error *error)
{
    char *rest = keep(records, memory_string(text)), *line;
    struct record header = { 0 };
    enum status status = STATUS_OK;

    for (size_t number = 1; status == STATUS_OK && (line = strsep(&rest, "\n")); number++)
        if (*line && !rest)
            status =
                error_set(error, STATUS_DATA, "%s:%zu: read: the line does not end: it was cut short", source, number);
        else if (*line)
            status = parse_line(records, &header, line, source, number, error);
    return status;
}

/* Takes over `bytes`. */
static enum status parse_bytes(struct records *records, struct bytes bytes, const char *path, struct error *error)
{
    enum status status = bytes_check_text(&bytes, path, error);

    if (!status && bytes.size)
        status = records_parse(records, (char *)bytes.at, path, error);
    free(bytes.at);
    return status;
}

enum status records_read(struct records *records, const char *path, struct error *error)
{
    struct bytes bytes;
    enum status status = file_read(path, 0, &bytes, error);

    return status ? status : parse_bytes(records, bytes, path, error);
}

enum status records_read_regular(struct records *records, const char *path, struct error *error)
{
    struct bytes bytes;
    enum status status = file_read_regular(path, &bytes, error);

    return status ? status : parse_bytes(records, bytes, path, error);
}

void records_free(struct records *records)
{
    for (size_t i = 0; records->memory && i < records->memory->n; i++)
        free(records->memory->block[i]);
    if (records->memory)
        free(records->memory->block);
    free(records->memory);
    free(records->record);
    *records = (struct records){ 0 };
}

const char *record_get(const struct record *record, const char *column)
{
    for (size_t i = 0; i < record->n; i++)
        if (strcmp(record->columns[i], column) == 0)
            return record->values[i];
    return NULL;
}

double record_get_number(const struct record *record, const char *column)
{
    const char *value = record_get(record, column);
    double number;

    return value && number_any_double(value, &number) ? number : NAN;
}
