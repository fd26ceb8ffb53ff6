#include "format/safetensors.h"

#include "base/memory.h"
#include "base/records.h"

#include <jansson.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A header beyond these is a mistake or an attack: the parsed JSON takes many times the memory of its text. */
enum { MOST_HEADER = 1 << 24, MOST_TENSORS = 1 << 16 };

#define METADATA_KEY "__metadata__"

/* What every step of parsing needs to know and to say. */
struct parser {
    struct safetensors *file;
    const char *path;
    struct error *error;
};

static enum status __attribute__((format(printf, 2, 3))) refuse(const struct parser *parser, const char *format, ...)
{
    char reason[1024];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(reason, sizeof reason, format, arguments);
    va_end(arguments);
    return error_set(parser->error, STATUS_DATA, "%s: not a safetensors file as rote reads it: %s", parser->path,
                     reason);
}

static void *allocate(size_t size)
{
    return memory_new(1, size); /* out of memory must not look like bad JSON */
}

static void use_our_memory(void)
{
    json_set_alloc_funcs(allocate, free);
}

enum status safetensors_header_size(const unsigned char *begin, size_t size, size_t file_size, const char *path,
                                    size_t *header_end, struct error *error)
{
    struct parser parser = { NULL, path, error };
    uint64_t length = 0;

    if (size < SAFETENSORS_PREFIX)
        return refuse(&parser, "it ends after %zu bytes", size);
    for (size_t i = 0; i < SAFETENSORS_PREFIX; i++)
        length |= (uint64_t)begin[i] << 8 * i;
    if (length < 2 || length > MOST_HEADER)
        return refuse(&parser, "its first bytes say that its header is %llu bytes long", (unsigned long long)length);
    if (length > file_size - SAFETENSORS_PREFIX)
        return error_set(error, STATUS_DATA, "%s: ends after %zu bytes, within its header of %llu", path, file_size,
                         (unsigned long long)length);
    *header_end = SAFETENSORS_PREFIX + (size_t)length;
    return STATUS_OK;
}

static enum status parse_metadata(const struct parser *parser, json_t *object)
{
    struct safetensors *file = parser->file;
    const char *key;
    json_t *value;

    if (!json_is_object(object))
        return refuse(parser, METADATA_KEY " is no object");
    file->metadata = memory_new(json_object_size(object), sizeof *file->metadata);
    json_object_foreach(object, key, value)
    {
        if (!json_is_string(value))
            return refuse(parser, METADATA_KEY " '%s' is no string", key);
        file->metadata[file->metadata_count++] = (struct safetensors_metadata){ key, json_string_value(value) };
    }
    return STATUS_OK;
}

/* A size in bytes or elements: a whole number, not negative. */
static bool whole(const json_t *value, size_t *number)
{
    if (!json_is_integer(value) || json_integer_value(value) < 0)
        return false;
    *number = (size_t)json_integer_value(value);
    return true;
}

static enum status parse_shape(const struct parser *parser, const json_t *shape, struct safetensors_tensor *tensor)
{
    tensor->rank = json_array_size(shape);
    if (!json_is_array(shape) || tensor->rank > SAFETENSORS_RANK)
        return refuse(parser, "the shape of tensor '%s' is no list of at most %d numbers", tensor->name,
                      SAFETENSORS_RANK);
    tensor->count = 1;
    for (size_t axis = 0; axis < tensor->rank; axis++)
        if (!whole(json_array_get(shape, axis), &tensor->shape[axis]) || tensor->shape[axis] == 0 ||
            __builtin_mul_overflow(tensor->count, tensor->shape[axis], &tensor->count))
            return refuse(parser, "the shape of tensor '%s' is impossible", tensor->name);
    if (tensor->count > SIZE_MAX / sizeof(float))
        return refuse(parser, "the shape of tensor '%s' is impossible", tensor->name);
    return STATUS_OK;
}

static enum status parse_tensor(const struct parser *parser, const char *name, json_t *object,
                                struct safetensors_tensor *tensor)
{
    const json_t *type = json_object_get(object, "dtype"), *offsets = json_object_get(object, "data_offsets");
    size_t begin, end;
    enum status status;

    tensor->name = name;
    if (json_object_size(object) != 3 || !json_is_string(type) || json_array_size(offsets) != 2)
        return refuse(parser, "tensor '%s' has not exactly a dtype, a shape and two data_offsets", name);
    if (strcmp(json_string_value(type), "F32") != 0)
        return refuse(parser, "tensor '%s' has dtype %s, not F32", name, json_string_value(type));
    status = parse_shape(parser, json_object_get(object, "shape"), tensor);
    if (status)
        return status;
    if (!whole(json_array_get(offsets, 0), &begin) || !whole(json_array_get(offsets, 1), &end) || begin > end ||
        end - begin != tensor->count * sizeof(float) || begin % sizeof(float))
        return refuse(parser, "the data_offsets of tensor '%s' do not fit its shape", name);
    tensor->offset = begin / sizeof(float);
    return STATUS_OK;
}

static enum status parse_members(const struct parser *parser, json_t *header)
{
    struct safetensors *file = parser->file;
    const char *key;
    json_t *value;
    enum status status;

    if (json_object_size(header) > MOST_TENSORS)
        return refuse(parser, "it has more than %d tensors", MOST_TENSORS);
    file->tensors = memory_new(json_object_size(header), sizeof *file->tensors);
    json_object_foreach(header, key, value)
    {
        if (strcmp(key, METADATA_KEY) == 0)
            status = parse_metadata(parser, value);
        else
            status = parse_tensor(parser, key, value, &file->tensors[file->tensor_count++]);
        if (status)
            return status;
    }
    return STATUS_OK;
}

static int compare_offsets(const void *left, const void *right)
{
    const struct safetensors_tensor *a = left, *b = right;

    return (a->offset > b->offset) - (a->offset < b->offset);
}

/* The tensors must follow each other from the end of the header to the end of the file. Sizes cannot overflow: every
   tensor ends at an offset that JSON could say. */
static enum status check_places(const struct parser *parser, size_t file_size)
{
    struct safetensors *file = parser->file;
    size_t end = 0, wanted;

    if (file->tensor_count)
        qsort(file->tensors, file->tensor_count, sizeof *file->tensors, compare_offsets);
    for (size_t i = 0; i < file->tensor_count; i++) {
        if (file->tensors[i].offset < end)
            return refuse(parser, "tensor '%s' overlaps another", file->tensors[i].name);
        if (file->tensors[i].offset > end)
            return refuse(parser, "there is a hole before tensor '%s'", file->tensors[i].name);
        end += file->tensors[i].count;
    }
    wanted = file->data_offset + end * sizeof(float);
    if (wanted > file_size)
        return error_set(parser->error, STATUS_DATA, "%s: ends after %zu of %zu bytes", parser->path, file_size,
                         wanted);
    if (wanted < file_size)
        return refuse(parser, "%zu bytes follow its last tensor", file_size - wanted);
    return STATUS_OK;
}

enum status safetensors_parse(const unsigned char *begin, size_t size, size_t file_size, const char *path,
                              struct safetensors *file, struct error *error)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    struct parser parser = { file, path, error };
    json_error_t json_error;
    enum status status;

    *file = (struct safetensors){ 0 };
    status = safetensors_header_size(begin, size, file_size, path, &file->data_offset, error);
    if (status)
        return status;
    pthread_once(&once, use_our_memory);
    file->json = json_loadb((const char *)begin + SAFETENSORS_PREFIX, file->data_offset - SAFETENSORS_PREFIX,
                            JSON_REJECT_DUPLICATES, &json_error);
    if (!file->json)
        status = refuse(&parser, "its header: %s", json_error.text);
    else if (begin[SAFETENSORS_PREFIX] != '{')
        status = refuse(&parser, "its header does not begin with '{'");
    else
        status = parse_members(&parser, file->json);
    if (!status)
        status = check_places(&parser, file_size);
    if (status)
        safetensors_free(file);
    return status;
}

void safetensors_free(struct safetensors *file)
{
    json_decref(file->json);
    free(file->metadata);
    free(file->tensors);
    *file = (struct safetensors){ 0 };
}

const char *safetensors_get(const struct safetensors *file, const char *key)
{
    for (size_t i = 0; i < file->metadata_count; i++)
        if (strcmp(file->metadata[i].key, key) == 0)
            return file->metadata[i].value;
    return NULL;
}

static void add_string(struct text *text, const char *string)
{
    records_json_string(text, string, strlen(string));
}

static void add_tensor(struct text *text, const struct safetensors_tensor *tensor, size_t begin)
{
    add_string(text, tensor->name);
    text_string(text, ":{\"dtype\":\"F32\",\"shape\":[");
    for (size_t axis = 0; axis < tensor->rank; axis++)
        text_format(text, "%s%zu", axis ? "," : "", tensor->shape[axis]);
    text_format(text, "],\"data_offsets\":[%zu,%zu]}", begin, begin + tensor->count * sizeof(float));
}

void safetensors_write_header(struct text *text, const struct safetensors_metadata *metadata, size_t metadata_count,
                              const struct safetensors_tensor *tensors, size_t tensor_count)
{
    size_t start = text->length, offset = 0, length;

    text_add(text, "\0\0\0\0\0\0\0", SAFETENSORS_PREFIX);
    text_string(text, "{");
    for (size_t i = 0; i < metadata_count; i++) {
        text_string(text, i ? "," : "\"" METADATA_KEY "\":{");
        add_string(text, metadata[i].key);
        text_string(text, ":");
        add_string(text, metadata[i].value);
    }
    if (metadata_count)
        text_string(text, "}");
    for (size_t i = 0; i < tensor_count; i++) {
        if (i || metadata_count)
            text_string(text, ",");
        add_tensor(text, &tensors[i], offset);
        offset += tensors[i].count * sizeof(float);
    }
    text_string(text, "}");
    while ((text->length - start) % 8)
        text_string(text, " ");
    length = text->length - start - SAFETENSORS_PREFIX;
    for (size_t i = 0; i < SAFETENSORS_PREFIX; i++)
        text->at[start + i] = (char)((uint64_t)length >> 8 * i);
}
