#include "unit.h"

#include "base/records.h"

#include <fcntl.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What `write` writes, as text to free. */
static char *written(enum record_form form, void (*write)(struct record_writer *))
{
    char *text;
    size_t size;
    FILE *stream = open_memstream(&text, &size);
    struct record_writer *writer = record_writer_new(stream, form);

    write(writer);
    record_writer_free(writer);
    fclose(stream);
    return text;
}

static void check_written(enum record_form form, void (*write)(struct record_writer *), const char *expected)
{
    char *text = written(form, write);

    CHECK_TEXT(text, expected);
    free(text);
}

static void two_kinds(struct record_writer *writer)
{
    for (unsigned i = 0; i < 2; i++) {
        record_text(writer, "path", "a");
        record_count(writer, "epoch", i);
        record_end(writer);
    }
    record_number(writer, "loss", 0.1);
    record_none(writer, "next");
    record_end(writer);
}

static void a_header_comes_whenever_the_columns_change(void)
{
    check_written(RECORDS_TABS, two_kinds, "#path\tepoch\na\t0\na\t1\n#loss\tnext\n0.1\tnone\n");
}

static void json_lines_name_every_value(void)
{
    check_written(RECORDS_JSON, two_kinds,
                  "{\"path\":\"a\",\"epoch\":0}\n{\"path\":\"a\",\"epoch\":1}\n{\"loss\":0.1,\"next\":null}\n");
}

static void strange_values(struct record_writer *writer)
{
    record_text(writer, "tab", "a\tb\nc\\d");
    record_text(writer, "control", "\x01\r\x7f\x1b[0m\xc2\x9b\xe2\x80\xae");
    record_text(writer, "latin", "caf\xe9");
    record_text(writer, "utf8", "caf\xc3\xa9 \xf0\x9f\x98\x80");
    record_text(writer, "hash", "#a#b");
    record_text(writer, "empty", "");
    record_end(writer);
}

static void strange_bytes_are_escaped(void)
{
    check_written(RECORDS_TABS, strange_values,
                  "#tab\tcontrol\tlatin\tutf8\thash\tempty\n"
                  "a\\tb\\nc\\\\d\t\\x01\\x0d\\x7f\\x1b[0m\\xc2\\x9b\\xe2\\x80\\xae\tcaf\\xe9\tcaf\xc3\xa9 "
                  "\xf0\x9f\x98\x80\t\\x23a#b\t\n");
    check_written(RECORDS_JSON, strange_values,
                  "{\"tab\":\"a\\tb\\nc\\\\d\",\"control\":\"\\u0001\\u000d\\u007f\\u001b[0m\\u009b\\u202e\",\"latin\":"
                  "\"caf\\udce9\","
                  "\"utf8\":\"caf\xc3\xa9 \xf0\x9f\x98\x80\",\"hash\":\"#a#b\",\"empty\":\"\"}\n");
}

static void numbers_without_value(struct record_writer *writer)
{
    record_number(writer, "a", NAN);
    record_number(writer, "b", INFINITY);
    record_number(writer, "c", -INFINITY);
    record_count(writer, "d", UINT64_MAX);
    record_end(writer);
}

static void what_json_cannot_say_is_null(void)
{
    check_written(RECORDS_TABS, numbers_without_value, "#a\tb\tc\td\nnan\tinf\t-inf\t18446744073709551615\n");
    check_written(RECORDS_JSON, numbers_without_value,
                  "{\"a\":null,\"b\":null,\"c\":null,\"d\":18446744073709551615}\n");
}

/* Overlong forms, surrogates, beyond U+10FFFF, cut short, lone continuation. */
static void what_only_looks_like_utf8_is_escaped(void)
{
    static const char *const wrong[] = {
        "\xc0\x80", "\xc1\xbf",     "\xe0\x9f\xbf", "\xed\xa0\x80", "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xf5\x80",
        "\xe2\x82", "\xf0\x9f\x98", "\x80",         "\xff"
    };

    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct text text = { 0 }, expected = { 0 };

        records_json_string(&text, wrong[i], strlen(wrong[i]));
        text_string(&expected, "\"");
        for (const char *byte = wrong[i]; *byte; byte++)
            text_format(&expected, "\\udc%02x", (unsigned char)*byte);
        text_string(&expected, "\"");
        CHECK_TEXT(text.at, expected.at);
        text_free(&text);
        text_free(&expected);
    }
}

/* A string of up to 40 bytes without NUL: of any bytes, or only of those that make trouble. */
static void random_string(char string[41])
{
    static const char trouble[] =
        "\t\n\\\"#x0at\xc2\x9b\xe2\x80\xae\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\x80\xff\x7f\x1f /";
    size_t length = (size_t)rand() % 41;
    bool any = rand() % 2;

    for (size_t i = 0; i < length; i++)
        string[i] = any ? (char)(1 + rand() % 255) : trouble[(size_t)rand() % (sizeof trouble - 1)];
    string[length] = '\0';
}

enum { RECORDS = 2000, COLUMNS = 3 };

static char random_values[RECORDS][COLUMNS][41];

static void write_random_values(struct record_writer *writer)
{
    for (size_t i = 0; i < RECORDS; i++) {
        record_text(writer, "a", random_values[i][0]);
        record_text(writer, "b", random_values[i][1]);
        record_text(writer, i % 5 ? "c" : "d", random_values[i][2]);
        record_end(writer);
    }
}

static void any_bytes_come_back_from_a_table(void)
{
    struct records records = { 0 };
    struct error error = { 0 };
    char *text;

    srand(1);
    for (size_t i = 0; i < RECORDS; i++)
        for (size_t j = 0; j < COLUMNS; j++)
            random_string(random_values[i][j]);
    text = written(RECORDS_TABS, write_random_values);
    CHECK(!records_parse(&records, text, "random", &error));
    CHECK_TEXT(error.text, "");
    if (CHECK_EQUAL(records.n, RECORDS))
        for (size_t i = 0; i < RECORDS; i++) {
            CHECK_TEXT(record_get(&records.record[i], "a"), random_values[i][0]);
            CHECK_TEXT(record_get(&records.record[i], "b"), random_values[i][1]);
            CHECK_TEXT(record_get(&records.record[i], i % 5 ? "c" : "d"), random_values[i][2]);
            CHECK(!record_get(&records.record[i], i % 5 ? "d" : "c"));
        }
    records_free(&records);
    free(text);
}

/* A lone surrogate is nothing that jansson reads: only strings of valid UTF-8 are asked for here. */
static void json_strings_come_back_through_another_reader(void)
{
    size_t read = 0;

    srand(2);
    for (size_t i = 0; i < RECORDS; i++) {
        char string[41];
        struct text text = { 0 };
        json_t *json;

        random_string(string);
        records_json_string(&text, string, strlen(string));
        if (!strstr(text.at, "\\udc")) {
            json = json_loads(text.at, JSON_DECODE_ANY, NULL);
            CHECK_TEXT(json_string_value(json), string);
            json_decref(json);
            read++;
        }
        text_free(&text);
    }
    CHECK(read > RECORDS / 20);
}

static void json_strings_may_hold_nul(void)
{
    struct text text = { 0 };

    records_json_string(&text, "a\0b\xc3", 4);
    CHECK_TEXT(text.at, "\"a\\u0000b\\udcc3\"");
    text_free(&text);
}

static enum status parse(const char *text, struct error *error)
{
    struct records records = { 0 };
    enum status status = records_parse(&records, text, "here", error);

    records_free(&records);
    return status;
}

static void wrong_tables_are_refused_with_their_line(void)
{
    static const struct {
        const char *text, *message;
    } cases[] = { { "a\tb\n", "here:1: read: no line that starts with '#' names the columns" },
                  { "#a\tb\n1\t2\n3\n", "here:3: read: 1 columns where the header has 2" },
                  { "#a\tb\n1\t2\t3\n", "here:2: read: 3 columns where the header has 2" },
                  { "#a\tb\n1\tx\\q\n", "here:2: read: a wrong escape in column 'b'" },
                  { "#a\n\\x0\n", "here:2: read: a wrong escape in column 'a'" },
                  { "#a\n\\x00\n", "here:2: read: a wrong escape in column 'a'" },
                  { "#a\n\\\n", "here:2: read: a wrong escape in column 'a'" },
                  { "#a\n0.87", "here:2: read: the line does not end: it was cut short" },
                  { "#a\tb\tc\ta\n", "here:1: read: two columns are called 'a'" } };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct error error = { 0 };
        CHECK_EQUAL(parse(cases[i].text, &error), STATUS_DATA);
        CHECK_TEXT(error.text, cases[i].message);
    }
}

static void empty_lines_are_no_matter(void)
{
    struct records records = { 0 };

    CHECK(!records_parse(&records, "\n#a\tb\n\n1\t2\n\n#a\n3\n", "here", NULL));
    if (CHECK_EQUAL(records.n, 2)) {
        CHECK_TEXT(record_get(&records.record[0], "b"), "2");
        CHECK_TEXT(record_get(&records.record[1], "a"), "3");
    }
    CHECK(!records_parse(&records, "", "nothing", NULL));
    CHECK(!records_parse(&records, "#a\n4\n", "more", NULL));
    CHECK_EQUAL(records.n, 3);
    records_free(&records);
}

static void numbers_are_read_where_there_are_any(void)
{
    struct records records = { 0 };
    const struct record *record;

    CHECK(!records_parse(&records, "#a\tb\tc\td\n0.25\tnone\tnan\t1x\n", "here", NULL));
    record = records.record;
    CHECK_EQUAL(record_get_number(record, "a"), 0.25);
    for (const char *column = "bcde"; *column; column++)
        CHECK(isnan(record_get_number(record, (char[]){ *column, '\0' })));
    records_free(&records);
}

static void a_file_with_a_nul_is_refused(void)
{
    char *path = NULL;
    struct records records = { 0 };
    struct error error;
    FILE *file;

    if (asprintf(&path, "%s/nul.tsv", unit_directory()) < 0 || !(file = fopen(path, "w")))
        exit(1);
    fwrite("#a\nb\0c\n", 1, 7, file);
    fclose(file);
    CHECK_EQUAL(records_read(&records, path, &error), STATUS_DATA);
    CHECK(strstr(error.text, "nul.tsv: read: it contains a NUL byte"));
    unlink(path);
    CHECK_EQUAL(records_read(&records, path, &error), STATUS_NO_INPUT);
    records_free(&records);
    free(path);
}

int main(void)
{
    TEST(a_header_comes_whenever_the_columns_change);
    TEST(json_lines_name_every_value);
    TEST(strange_bytes_are_escaped);
    TEST(what_json_cannot_say_is_null);
    TEST(what_only_looks_like_utf8_is_escaped);
    TEST(any_bytes_come_back_from_a_table);
    TEST(json_strings_come_back_through_another_reader);
    TEST(json_strings_may_hold_nul);
    TEST(wrong_tables_are_refused_with_their_line);
    TEST(empty_lines_are_no_matter);
    TEST(numbers_are_read_where_there_are_any);
    TEST(a_file_with_a_nul_is_refused);
    return unit_finish();
}
