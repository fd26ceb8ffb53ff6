/* Records: what was read is written so that it reads back, and so that a terminal shows it and nothing more. */
#include "fuzz.h"

#include "base/records.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

static char *write_all(const struct records *records, enum record_form form)
{
    char *text;
    size_t size;
    FILE *stream = open_memstream(&text, &size);
    struct record_writer *writer = record_writer_new(stream, form);

    for (size_t i = 0; i < records->n; i++) {
        for (size_t j = 0; j < records->record[i].n; j++) {
            char column[24];
            snprintf(column, sizeof column, "%zu", j);
            record_text(writer, column, records->record[i].values[j]);
        }
        record_end(writer);
    }
    record_writer_free(writer);
    fclose(stream);
    return text;
}

/* Told here once more, in another way than base/text.c does. */
static void check_harmless(const char *text)
{
    for (const unsigned char *at = (const unsigned char *)text; *at; at++) {
        const unsigned pair = (unsigned)at[0] << 8 | at[1], triple = at[1] ? pair << 8 | at[2] : 0;
        FUZZ_CHECK((*at >= 0x20 || *at == '\t' || *at == '\n') && *at != 0x7f);
        FUZZ_CHECK((pair < 0xc280 || pair > 0xc29f) && pair != 0xd89c);
        FUZZ_CHECK((triple < 0xe280a8 || triple > 0xe280ae) && (triple < 0xe281a6 || triple > 0xe281a9));
        FUZZ_CHECK(triple != 0xe2808e && triple != 0xe2808f);
    }
}

static void check_same_values(const struct records *a, const struct records *b)
{
    FUZZ_CHECK(a->n == b->n);
    for (size_t i = 0; i < a->n; i++) {
        FUZZ_CHECK(a->record[i].n == b->record[i].n);
        for (size_t j = 0; j < a->record[i].n; j++)
            FUZZ_CHECK(strcmp(a->record[i].values[j], b->record[i].values[j]) == 0);
    }
}

static void check_lines(const struct records *records, char *json)
{
    char *rest = json, *line;
    size_t n = 0;

    while ((line = strsep(&rest, "\n")) && *line) {
        json_t *object = json_loads(line, 0, NULL);
        FUZZ_CHECK(object || strstr(line, "\\udc")); /* a lone surrogate: a byte that is no UTF-8 */
        json_decref(object);
        n++;
    }
    FUZZ_CHECK(n == records->n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct records records = { 0 }, again = { 0 };
    struct error error;
    char *text, *json;

    fuzz_file("records", (struct fuzz_part){ data, size });
    if (!records_read(&records, "records", &error)) {
        text = write_all(&records, RECORDS_TABS);
        json = write_all(&records, RECORDS_JSON);
        check_harmless(text);
        check_harmless(json);
        FUZZ_CHECK(records_parse(&again, text, "again", &error) == STATUS_OK);
        check_same_values(&records, &again);
        check_lines(&records, json);
        free(text);
        free(json);
    }
    records_free(&records);
    records_free(&again);
    return 0;
}
