#include "release/weights.h"

#include "base/memory.h"
#include "base/text.h"
#include "format/safetensors.h"

#include <stdlib.h>
#include <string.h>

static void add_header(struct text *header, const struct plan *plan, const float *weights, const struct card *card)
{
    struct safetensors_metadata *metadata = memory_new(card->n + 3, sizeof *metadata);
    struct safetensors_tensor *tensors = memory_new(plan->tensor_count, sizeof *tensors);
    struct text json = { 0 };
    char digest[DIGEST_SIZE];

    card_json(card, &json);
    plan_digest_weights(plan, weights, digest);
    metadata[0] = (struct safetensors_metadata){ "format", "pt" };
    for (size_t i = 0; i < card->n; i++)
        metadata[i + 1] = (struct safetensors_metadata){ card->entries[i].key, card->entries[i].value };
    metadata[card->n + 1] = (struct safetensors_metadata){ CARD_KEY, json.at };
    metadata[card->n + 2] = (struct safetensors_metadata){ PLAN_WEIGHTS_DIGEST, digest };
    for (size_t i = 0; i < plan->tensor_count; i++) {
        const struct plan_tensor *tensor = &plan->tensors[i];
        tensors[i] = (struct safetensors_tensor){ .name = tensor->name, .rank = tensor->rank, .count = tensor->count };
        memcpy(tensors[i].shape, tensor->shape, sizeof tensor->shape);
    }
    safetensors_write_header(header, metadata, card->n + 3, tensors, plan->tensor_count);
    text_free(&json);
    free(tensors);
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

enum status weights_add(struct text *to, const struct plan *plan, const float *weights, const struct card *card,
                        const char *path, struct error *error)
{
    enum status status;

    add_header(to, plan, weights, card);
    status = check_header(to, plan->weight_count, path, error);
    if (!status)
        text_add(to, weights, plan->weight_count * sizeof *weights);
    return status;
}
