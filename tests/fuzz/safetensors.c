/* safetensors: the container, as a file or only as a header to which all else fits. */
#include "fuzz.h"

#include "format/safetensors.h"

#include <stdlib.h>
#include <string.h>

/* The tensors follow each other from the header's end to the file's. */
static void check_tensors(const struct safetensors *file, size_t file_size)
{
    size_t end = 0;

    for (size_t i = 0; i < file->tensor_count; i++) {
        const struct safetensors_tensor *tensor = &file->tensors[i];
        size_t count = 1;
        for (size_t axis = 0; axis < tensor->rank; axis++)
            count *= tensor->shape[axis];
        FUZZ_CHECK(tensor->rank <= SAFETENSORS_RANK && tensor->count == count && tensor->offset == end);
        end += count;
    }
    FUZZ_CHECK(file_size == file->data_offset + end * sizeof(float));
}

/* What was read is read again from what is written of it. */
static void check_round_trip(const struct safetensors *file, size_t data_size)
{
    struct text text = { 0 }, again = { 0 };
    struct safetensors second;
    struct error error;

    safetensors_write_header(&text, file->metadata, file->metadata_count, file->tensors, file->tensor_count);
    FUZZ_CHECK(safetensors_parse((const unsigned char *)text.at, text.length, text.length + data_size, "again", &second,
                                 &error) == STATUS_OK);
    check_tensors(&second, text.length + data_size);
    safetensors_write_header(&again, second.metadata, second.metadata_count, second.tensors, second.tensor_count);
    FUZZ_CHECK(text.length == again.length && memcmp(text.at, again.at, text.length) == 0);
    safetensors_free(&second);
    text_free(&text);
    text_free(&again);
}

static void parse(const uint8_t *data, size_t size, size_t file_size)
{
    struct safetensors file;
    struct error error;

    if (safetensors_parse(data, size, file_size, "file", &file, &error)) {
        FUZZ_CHECK(!file.json && !file.tensors && !file.metadata);
        return;
    }
    check_tensors(&file, file_size);
    check_round_trip(&file, file_size - file.data_offset);
    safetensors_free(&file);
}

/* The bytes that follow a header by what it says: as far as its tensors reach, and as many as they have in all. */
static void claimed_sizes(const char *json, size_t *reach, size_t *sum)
{
    static const char offsets[] = "data_offsets\":[";

    *reach = *sum = 0;
    for (const char *at = json; (at = strstr(at, offsets)); at++) {
        char *comma;
        unsigned long long first = strtoull(at + strlen(offsets), &comma, 10);
        unsigned long long last = *comma == ',' ? strtoull(comma + 1, NULL, 10) : 0;
        if (first > last || last > SIZE_MAX / 4)
            continue;
        *reach = last > *reach ? last : *reach;
        *sum = *sum < SIZE_MAX / 4 ? *sum + (last - first) : 0;
    }
}

/* A file, and a header with the length that it has and files of the sizes that it could be of: they may be larger than
   a fuzzer could give. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t *file = malloc(SAFETENSORS_PREFIX + size);
    char *json = fuzz_string((struct fuzz_part){ data, size });
    size_t reach, sum;

    parse(data, size, size);
    claimed_sizes(json, &reach, &sum);
    for (size_t i = 0; i < SAFETENSORS_PREFIX; i++)
        file[i] = (uint8_t)(size >> 8 * i);
    memcpy(file + SAFETENSORS_PREFIX, data, size);
    parse(file, SAFETENSORS_PREFIX + size, SAFETENSORS_PREFIX + size + reach);
    if (sum != reach)
        parse(file, SAFETENSORS_PREFIX + size, SAFETENSORS_PREFIX + size + sum);
    free(file);
    free(json);
    return 0;
}
