#include "release/card.h"

#include "base/memory.h"
#include "base/number.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* Add an entry; the card owns `key` and `value`. */
static void add(struct card *card, char *key, char *value)
{
    card->entries = memory_grow(card->entries, card->n, sizeof *card->entries);
    card->entries[card->n++] = (struct safetensors_metadata){ key, value };
}

static void add_text(struct card *card, const char *key, const char *value)
{
    add(card, memory_string(key), memory_string(value));
}

static void add_count(struct card *card, const char *key, uint64_t value)
{
    add(card, memory_string(key), memory_format("%llu", (unsigned long long)value));
}

static void add_number(struct card *card, const char *key, double value)
{
    char number[NUMBER_SIZE];

    add_text(card, key, number_print(value, number));
}

struct card *card_new(const struct checkpoint *checkpoint, const char *weights)
{
    const struct checkpoint_progress *progress = &checkpoint->progress;
    struct card *card = memory_new(1, sizeof *card);

    strcpy(card->digest, checkpoint->digest);
    add_text(card, "checkpoint", checkpoint->digest);
    add_text(card, "parent", checkpoint->parent);
    add_text(card, "data", checkpoint->data);
    add_text(card, "model", checkpoint->model);
    add_text(card, "arithmetic", CHECKPOINT_ARITHMETIC);
    add_text(card, "class", checkpoint->class);
    add_text(card, "weights", weights);
    add_count(card, "seed", checkpoint->seed);
    add_count(card, "epoch", checkpoint->epoch);
    add_count(card, "step", checkpoint->step);
    if (progress->samples > 0) {
        add_number(card, "train.loss", progress->loss);
        add_number(card, "train.accuracy", (double)progress->correct / (double)progress->samples);
        add_count(card, "train.samples", progress->samples);
    }
    card->metrics = card->n;
    return card;
}

/* Add a metric unless it has no value, or is of training, of which the checkpoint told; false if the card has another
   value of it. */
static bool add_metric(struct card *card, const char *key, const char *value)
{
    double number;

    if (!number_double(value, &number) || strncmp(key, "train.", strlen("train.")) == 0)
        return true;
    for (size_t i = card->metrics; i < card->n; i++)
        if (strcmp(card->entries[i].key, key) == 0)
            return strcmp(card->entries[i].value, value) == 0;
    add_text(card, key, value);
    return true;
}

static bool is_evaluation(const char *column)
{
    static const char *const columns[] = { "n", "loss", "accuracy", "accuracy.low", "accuracy.high", "correct" };

    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++)
        if (strcmp(column, columns[i]) == 0)
            return true;
    return false;
}

/* A column's metric as `SPLIT.metric`, allocated; NULL for a column that is none. Of records with a split only those
   that have an accuracy measure the whole of it. */
static char *metric_key(const struct record *record, const char *column)
{
    const char *split = record_get(record, "split");

    if (split)
        return record_get(record, "accuracy") && is_evaluation(column) ? memory_format("%s.%s", split, column) : NULL;
    return strchr(column, '.') ? memory_string(column) : NULL;
}

static enum status add_record(struct card *card, const struct record *record, const char *source, struct error *error)
{
    for (size_t i = 0; i < record->n; i++) {
        char *key = metric_key(record, record->columns[i]);
        bool agrees = !key || add_metric(card, key, record->values[i]);
        if (!agrees)
            error_set(error, STATUS_DATA, "%s: read records: they give different values of %s for checkpoint %s",
                      source, key, card->digest);
        free(key);
        if (!agrees)
            return STATUS_DATA;
    }
    return STATUS_OK;
}

static int compare_keys(const void *a, const void *b)
{
    return strcmp(((const struct safetensors_metadata *)a)->key, ((const struct safetensors_metadata *)b)->key);
}

enum status card_add_records(struct card *card, const struct records *records, const char *source, struct error *error)
{
    for (size_t i = 0; i < records->n; i++) {
        const char *digest = record_get(&records->record[i], "digest");
        if (digest && strcmp(digest, card->digest) == 0 && add_record(card, &records->record[i], source, error))
            return STATUS_DATA;
    }
    if (card->n == card->metrics)
        return error_set(error, STATUS_DATA,
                         "%s: read records: no metric of checkpoint %s is in them; nn-eval prints such records", source,
                         card->digest);
    qsort(card->entries + card->metrics, card->n - card->metrics, sizeof *card->entries, compare_keys);
    return STATUS_OK;
}

void card_free(struct card *card)
{
    for (size_t i = 0; i < card->n; i++) {
        free((char *)card->entries[i].key);
        free((char *)card->entries[i].value);
    }
    free(card->entries);
    free(card);
}
