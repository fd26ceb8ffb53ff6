/*
 * The safetensors container (https://github.com/huggingface/safetensors, "Format"): eight bytes with the length of a
 * JSON header, the header (space-padded to a multiple of 8), then the tensors' bytes without holes. Only F32 tensors
 * are read and written.
 */
#ifndef FORMAT_SAFETENSORS_H
#define FORMAT_SAFETENSORS_H

#include "base/error.h"
#include "base/text.h"

#include <stddef.h>
#include <stdint.h>

enum { SAFETENSORS_RANK = 4, SAFETENSORS_PREFIX = 8 /* the bytes of the header's length */ };

struct safetensors_tensor {
    const char *name;
    size_t rank, shape[SAFETENSORS_RANK];
    size_t offset, count; /* in floats, from the end of the header */
};

struct safetensors_metadata {
    const char *key, *value; /* values are UTF-8 without NUL */
};

struct safetensors {
    struct safetensors_metadata *metadata;
    size_t metadata_count;
    struct safetensors_tensor *tensors; /* in the order of their offsets */
    size_t tensor_count;
    size_t data_offset; /* where the tensors' bytes begin in the file */
    void *json;         /* what the strings above live in */
};

/* Check the first bytes of a file against its length and say where its header ends, so that a reader need not read
   further. `begin` has at least the first 8 bytes, or the whole of a shorter file. 65 when it is no safetensors file.
 */
enum status safetensors_header_size(const unsigned char *begin, size_t size, size_t file_size, const char *path,
                                    size_t *header_end, struct error *error);

/* Parse the header in the first `size` bytes (they hold all of it) of a file of `file_size` bytes. Refused with 65:
   anything that is not JSON of this form, duplicate keys, types other than F32, tensors without elements, offsets that
   overlap, leave holes or end elsewhere than the file does. On error `file` is empty. */
enum status safetensors_parse(const unsigned char *begin, size_t size, size_t file_size, const char *path,
                              struct safetensors *file, struct error *error);
void safetensors_free(struct safetensors *file);

/* The value of metadata `key`, or NULL. */
const char *safetensors_get(const struct safetensors *file, const char *key);

/* Add the 8 bytes and the header to `text`, in canonical spelling: metadata and tensors in the order given, no white
   space but the padding. Offsets follow from the counts; the `offset` members are not looked at. */
void safetensors_write_header(struct text *text, const struct safetensors_metadata *metadata, size_t metadata_count,
                              const struct safetensors_tensor *tensors, size_t tensor_count);

#endif
