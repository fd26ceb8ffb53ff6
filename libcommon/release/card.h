/*
 * The model card: where released weights came from, how well they did, and how to make them again.
 *
 *     struct card *card = card_new(checkpoint, "model", initial);
 *     if (card_add_records(card, &records, "runs/a", &error))
 *         die_error(&error);
 *     card_finish(card);
 *     ... card->entries[0 .. card->n - 1] ...
 *     card_json(card, &text);
 *     card_markdown(card, &text);                        // card_markdown.h
 *     card_free(card);
 *
 * It says nothing of when, where or from which file a release was made, so that equal weights with equal records have
 * equal cards. ckpt-release(1) lists the keys.
 */
#ifndef RELEASE_CARD_H
#define RELEASE_CARD_H

#include "base/error.h"
#include "base/records.h"
#include "base/text.h"
#include "format/checkpoint.h"

#include <stdbool.h>
#include <stddef.h>

#define CARD_KEY "card" /* of the metadata of every format: its value is the card as JSON */

enum card_kind {
    CARD_TEXT,
    CARD_NUMBER,  /* as number_print() or a decimal count: JSON as it stands */
    CARD_DIGESTS, /* with one blank between them: in JSON an array */
};

struct card_entry {
    char *key, *value;
    enum card_kind kind;
};

/* A checkpoint that the released one was trained from, directly or not. */
struct card_ancestor {
    char digest[DIGEST_SIZE];
    bool known; /* is its epoch? */
    uint64_t epoch;
};

struct card {
    struct card_entry *entries; /* what the checkpoint says, then metrics sorted by key, then what follows from both */
    size_t n;
    size_t metrics, metrics_end; /* the indices of the first metric and behind the last */
    const struct checkpoint *checkpoint;
    char initial[DIGEST_SIZE];       /* of the epoch 0 that its model and seed make */
    struct card_ancestor *ancestors; /* the parent first, as far as the records tell */
    size_t ancestor_count;
};

/* A card of where `checkpoint`, which must outlive it, came from, and which of its weights are released: "ema" or
   "model". `initial` is the digest of what nn-init(1) makes of its model and seed. */
struct card *card_new(const struct checkpoint *checkpoint, const char *weights, const char *initial);

/* The weights are of another network than the checkpoint's, one that computes the same (fold.h). */
void card_set_model(struct card *card, const char *model);

/*
 * Add what `records` say of the checkpoint, known by its digest: the columns `SPLIT.metric` of metrics.tsv, and of
 * nn-eval's records `n`, `loss`, `accuracy` and what belongs to it, as `SPLIT.n` and so on; and from which others it
 * was trained. What they say of training is the checkpoint's own to tell. 65: no record has a metric of it, or two of
 * them disagree; `source` names them.
 */
enum status card_add_records(struct card *card, const struct records *records, const char *source, struct error *error);

/* Add the chain of ancestors and the command line that makes the checkpoint again. */
void card_finish(struct card *card);

/* The value of an entry, or NULL. */
const char *card_get(const struct card *card, const char *key);

/* Add the card as JSON, an entry a line. It can stand in a comment of C: a slash beside an asterisk is written \/. */
void card_json(const struct card *card, struct text *to);

void card_free(struct card *card);

#endif
