/* The safetensors container: what is written reads back, and nothing else than what the format says is read. */
#include "format/safetensors.h"

#include "unit.h"

#include <stdlib.h>
#include <string.h>

/* Parse a file made of the header `json` and `data` bytes of tensors; the message goes to `text`. */
static enum status parse_json(const char *json, size_t data, struct error *error)
{
    struct text text = { 0 };
    struct safetensors file;
    size_t length = strlen(json);
    enum status status;

    for (size_t i = 0; i < SAFETENSORS_PREFIX; i++)
        text_add(&text, &(char){ (char)(length >> 8 * i) }, 1);
    text_string(&text, json);
    status = safetensors_parse((unsigned char *)text.at, text.length, text.length + data, "x", &file, error);
    if (!status)
        safetensors_free(&file);
    text_free(&text);
    return status;
}

static void refused(const char *json, size_t data, const char *why)
{
    struct error error = { 0 };

    CHECK_EQUAL(parse_json(json, data, &error), STATUS_DATA);
    if (!CHECK(strstr(error.text, why)))
        CHECK_TEXT(error.text, why);
}

#define F32(name, shape, begin, end) \
    "\"" name "\":{\"dtype\":\"F32\",\"shape\":" shape ",\"data_offsets\":[" #begin "," #end "]}"

static void a_header_reads_back_as_it_was_written(void)
{
    static const struct safetensors_metadata metadata[] = { { "a", "x\n\"\\\t" }, { "b", "ä" } };
    static const struct safetensors_tensor tensors[] = {
        { .name = "w", .rank = 2, .shape = { 2, 3 }, .count = 6 },
        { .name = "scalar", .rank = 0, .count = 1 },
        { .name = "b", .rank = 1, .shape = { 3 }, .count = 3 },
    };
    struct text text = { 0 };
    struct safetensors file;
    struct error error;

    safetensors_write_header(&text, metadata, 2, tensors, 3);
    CHECK_EQUAL(text.length % 8, 0);
    if (!CHECK(!safetensors_parse((unsigned char *)text.at, text.length, text.length + 40, "x", &file, &error)))
        return;
    CHECK_EQUAL(file.data_offset, text.length);
    CHECK_EQUAL(file.metadata_count, 2);
    CHECK_TEXT(safetensors_get(&file, "a"), "x\n\"\\\t");
    CHECK_TEXT(safetensors_get(&file, "b"), "ä");
    CHECK(!safetensors_get(&file, "c"));
    CHECK_EQUAL(file.tensor_count, 3);
    CHECK_TEXT(file.tensors[0].name, "w");
    CHECK_EQUAL(file.tensors[0].shape[1], 3);
    CHECK_EQUAL(file.tensors[1].rank, 0);
    CHECK_EQUAL(file.tensors[1].offset, 6);
    CHECK_EQUAL(file.tensors[2].offset, 7);
    CHECK_EQUAL(file.tensors[2].count, 3);
    safetensors_free(&file);
    text_free(&text);
}

static void a_header_without_metadata_reads_back(void)
{
    static const struct safetensors_tensor tensor = { .name = "w", .rank = 1, .shape = { 2 }, .count = 2 };
    struct text text = { 0 };
    struct safetensors file;
    struct error error;

    safetensors_write_header(&text, NULL, 0, &tensor, 1);
    CHECK(!safetensors_parse((unsigned char *)text.at, text.length, text.length + 8, "x", &file, &error));
    CHECK_EQUAL(file.metadata_count, 0);
    CHECK_EQUAL(file.tensor_count, 1);
    safetensors_free(&file);
    text_free(&text);
}

static void tensors_come_in_the_order_of_their_offsets(void)
{
    const char json[] = "\0\0\0\0\0\0\0\0{" F32("b", "[1]", 4, 8) "," F32("a", "[1]", 0, 4) "}";
    unsigned char bytes[sizeof json];
    struct safetensors file;
    struct error error;

    memcpy(bytes, json, sizeof json);
    bytes[0] = sizeof json - 1 - SAFETENSORS_PREFIX;
    CHECK(!safetensors_parse(bytes, sizeof json - 1, sizeof json - 1 + 8, "x", &file, &error));
    CHECK_TEXT(file.tensors[0].name, "a");
    CHECK_TEXT(file.tensors[1].name, "b");
    safetensors_free(&file);
}

static void a_header_length_that_cannot_be_is_refused(void)
{
    static const struct {
        unsigned char bytes[16];
        size_t size;
        const char *why;
    } cases[] = {
        { { 0 }, 16, "header is 0 bytes" },
        { { 1, 0 }, 16, "header is 1 bytes" },
        { { 9, 0 }, 16, "ends after 16 bytes, within its header of 9" },
        { { 0, 0, 0, 0, 0, 0, 0, 0x80 }, 16, "header is 9223372036854775808 bytes" },
        { { 255, 255, 255, 255, 255, 255, 255, 255 }, 16, "header is 18446744073709551615 bytes" },
        { { 0 }, 7, "it ends after 7 bytes" },
        { { 0 }, 0, "it ends after 0 bytes" },
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct error error = { 0 };
        size_t end;
        CHECK_EQUAL(safetensors_header_size(cases[i].bytes, cases[i].size, cases[i].size, "x", &end, &error),
                    STATUS_DATA);
        if (!CHECK(strstr(error.text, cases[i].why)))
            CHECK_TEXT(error.text, cases[i].why);
    }
}

static void what_is_no_json_of_this_form_is_refused(void)
{
    CHECK_EQUAL(parse_json("{}", 0, NULL), STATUS_OK);
    refused("[]", 0, "does not begin with");
    refused("{}x", 0, "its header:");
    refused("{ ", 0, "its header:");
    refused(" {}", 0, "does not begin with '{'");
    refused("{\"a\":1}", 0, "'a' has not exactly");
    refused("{\"__metadata__\":1}", 0, "__metadata__ is no object");
    refused("{\"__metadata__\":{\"a\":1}}", 0, "'a' is no string");
    refused("{\"__metadata__\":{\"a\":\"\\u0000\"}}", 0, "its header:");
    refused("{\"__metadata__\":{\"a\":\"\xff\"}}", 0, "its header:");
    refused("{\"a\":{\"dtype\":\"F32\",\"shape\":[1]}}", 0, "'a' has not exactly");
    refused("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4],\"more\":1}}", 4, "'a' has not exactly");
    refused("{\"a\":{\"dtype\":\"F64\",\"shape\":[1],\"data_offsets\":[0,8]}}", 8, "dtype F64, not F32");
}

static void duplicate_keys_are_refused(void)
{
    refused("{" F32("a", "[1]", 0, 4) "," F32("a", "[1]", 4, 8) "}", 8, "duplicate");
    refused("{\"__metadata__\":{\"a\":\"1\",\"a\":\"1\"}}", 0, "duplicate");
    refused("{\"__metadata__\":{},\"__metadata__\":{}}", 0, "duplicate");
    refused("{\"a\":{\"dtype\":\"F32\",\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}", 4, "duplicate");
}

static void impossible_shapes_are_refused(void)
{
    refused("{" F32("a", "1", 0, 4) "}", 4, "is no list");
    refused("{" F32("a", "[1,1,1,1,1]", 0, 4) "}", 4, "at most 4");
    refused("{" F32("a", "[-1]", 0, 4) "}", 4, "impossible");
    refused("{" F32("a", "[0]", 0, 0) "}", 0, "impossible");
    refused("{" F32("a", "[1.0]", 0, 4) "}", 4, "impossible");
    refused("{" F32("a", "[4611686018427387904]", 0, 0) "}", 0, "impossible");
    refused("{" F32("a", "[4294967296,4294967296]", 0, 0) "}", 0, "impossible");
    refused("{" F32("a", "[4294967296,4294967296,4294967296,4294967296]", 0, 0) "}", 0, "impossible");
}

static void offsets_that_do_not_tile_the_data_are_refused(void)
{
    CHECK_EQUAL(parse_json("{" F32("a", "[1]", 0, 4) "," F32("b", "[1]", 4, 8) "}", 8, NULL), STATUS_OK);
    refused("{" F32("a", "[1]", 0, 8) "}", 8, "do not fit its shape");
    refused("{" F32("a", "[1]", 4, 0) "}", 4, "do not fit its shape");
    refused("{" F32("a", "[1]", -4, 0) "}", 4, "do not fit its shape");
    refused("{" F32("a", "[1]", 1, 5) "}", 5, "do not fit its shape");
    refused("{" F32("a", "[1]", 0, 4) "," F32("b", "[1]", 0, 4) "}", 4, "overlaps");
    refused("{" F32("a", "[2]", 0, 8) "," F32("b", "[1]", 4, 8) "}", 8, "overlaps");
    refused("{" F32("a", "[1]", 4, 8) "}", 8, "hole before tensor 'a'");
    refused("{" F32("a", "[1]", 0, 4) "," F32("b", "[1]", 8, 12) "}", 12, "hole before tensor 'b'");
    refused("{" F32("a", "[1]", 0, 4) "," F32("b", "[1]", 9223372036854775800, 9223372036854775804) "}", 8, "hole");
    refused("{" F32("a", "[1]", 0, 4) "}", 3, "ends after");
    refused("{" F32("a", "[1]", 0, 4) "}", 5, "1 bytes follow");
    refused("{}", 1, "1 bytes follow");
}

static void too_many_tensors_are_refused(void)
{
    struct text text = { 0 };

    for (unsigned i = 0; i <= 65536; i++)
        text_format(&text, "%c\"%u\":0", i ? ',' : '{', i);
    text_string(&text, "}");
    refused(text.at, 0, "more than 65536 tensors");
    text_free(&text);
}

int main(void)
{
    TEST(a_header_reads_back_as_it_was_written);
    TEST(a_header_without_metadata_reads_back);
    TEST(tensors_come_in_the_order_of_their_offsets);
    TEST(a_header_length_that_cannot_be_is_refused);
    TEST(what_is_no_json_of_this_form_is_refused);
    TEST(duplicate_keys_are_refused);
    TEST(impossible_shapes_are_refused);
    TEST(offsets_that_do_not_tile_the_data_are_refused);
    TEST(too_many_tensors_are_refused);
    return unit_finish();
}
