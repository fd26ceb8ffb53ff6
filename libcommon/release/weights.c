#include "release/weights.h"

#include "base/memory.h"
#include "base/text.h"
#include "format/safetensors.h"

#include <stdlib.h>
#include <string.h>

#define PREFIX "model."

/* The weights among the tensors of `checkpoint`, under their names in a release; n of them hold `count` floats. */
static struct safetensors_tensor *select_weights(const struct checkpoint *checkpoint, size_t *n, size_t *count)
{
    struct safetensors_tensor *weights = memory_new(checkpoint->tensor_count, sizeof *weights);

    *n = *count = 0;
    for (size_t i = 0; i < checkpoint->tensor_count; i++) {
        if (strncmp(checkpoint->tensors[i].name, PREFIX, strlen(PREFIX)) != 0)
            continue;
        weights[*n] = checkpoint->tensors[i];
        weights[*n].name += strlen(PREFIX);
        *count += weights[(*n)++].count;
    }
    return weights;
}

static void add_header(struct text *header, const struct card *card, const struct safetensors_tensor *weights, size_t n)
{
    struct safetensors_metadata *metadata = memory_new(card->n + 1, sizeof *metadata);

    metadata[0] = (struct safetensors_metadata){ "format", "pt" };
    memcpy(metadata + 1, card->entries, card->n * sizeof *metadata);
    safetensors_write_header(header, metadata, card->n + 1, weights, n);
    free(metadata);
}

/* Names in the card came from records, and could be anything: what others could not read is not published. */
static enum status check_header(const struct text *header, size_t count, const char *path, struct error *error)
{
    struct safetensors file;
    enum status status = safetensors_parse((const unsigned char *)header->at, header->length,
                                           header->length + count * sizeof(float), path, &file, error);

    safetensors_free(&file);
    return status;
}

enum status weights_add(struct text *to, const struct checkpoint *checkpoint, const float *values,
                        const struct card *card, const char *path, struct error *error)
{
    size_t n, count;
    struct safetensors_tensor *weights = select_weights(checkpoint, &n, &count);
    enum status status;

    add_header(to, card, weights, n);
    status = check_header(to, count, path, error);
    for (size_t i = 0; !status && i < n; i++)
        text_add(to, values + weights[i].offset, weights[i].count * sizeof(float));
    free(weights);
    return status;
}
