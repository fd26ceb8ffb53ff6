/*
 * The model card: where released weights came from and how well they did, as keys and values.
 *
 *     struct card *card = card_new(checkpoint, "model");
 *     if (card_add_records(card, &records, "runs/a/metrics.tsv", &error))
 *         die_error(&error);
 *     ... card->entries[0 .. card->n - 1] ...
 *     card_free(card);
 *
 * It says nothing of when, where or from which file a release was made, so that equal weights with equal records have
 * equal cards. ckpt-release(1) lists the keys.
 */
#ifndef RELEASE_CARD_H
#define RELEASE_CARD_H

#include "base/error.h"
#include "base/records.h"
#include "format/checkpoint.h"

#include <stddef.h>

struct card {
    struct safetensors_metadata *entries; /* what the checkpoint says, then metrics sorted by key */
    size_t n;
    size_t metrics; /* the index of the first metric */
    char digest[DIGEST_SIZE];
};

/* A card of where `checkpoint` came from, and which of its weights are released: "ema" or "model". */
struct card *card_new(const struct checkpoint *checkpoint, const char *weights);

/*
 * Add what `records` say of the checkpoint, known by its digest: the columns `SPLIT.metric` of metrics.tsv, and of
 * nn-eval's records `n`, `loss`, `accuracy` and what belongs to it, as `SPLIT.n` and so on. What they say of training
 * is the checkpoint's own to tell. 65: no record has a metric of it, or two of them disagree; `source` names them.
 */
enum status card_add_records(struct card *card, const struct records *records, const char *source, struct error *error);

void card_free(struct card *card);

#endif
