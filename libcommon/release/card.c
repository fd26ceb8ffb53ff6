#include "release/card.h"

#include "base/memory.h"
#include "base/number.h"
#include "release/again.h"

#include <stdlib.h>
#include <string.h>

/* Add an entry; the card owns `key` and `value`. */
static void add(struct card *card, char *key, char *value, enum card_kind kind)
{
    card->entries = memory_grow(card->entries, card->n, sizeof *card->entries);
    card->entries[card->n++] = (struct card_entry){ key, value, kind };
}

static void add_text(struct card *card, const char *key, const char *value)
{
    add(card, memory_string(key), memory_string(value), CARD_TEXT);
}

static void add_count(struct card *card, const char *key, uint64_t value)
{
    add(card, memory_string(key), memory_format("%llu", (unsigned long long)value), CARD_NUMBER);
}

static void add_number(struct card *card, const char *key, double value)
{
    char number[NUMBER_SIZE];

    add(card, memory_string(key), memory_string(number_print(value, number)), CARD_NUMBER);
}

static struct card_entry *find(const struct card *card, const char *key)
{
    for (size_t i = 0; i < card->n; i++)
        if (strcmp(card->entries[i].key, key) == 0)
            return &card->entries[i];
    return NULL;
}

const char *card_get(const struct card *card, const char *key)
{
    const struct card_entry *entry = find(card, key);

    return entry ? entry->value : NULL;
}

struct card *card_new(const struct checkpoint *checkpoint, const char *weights, const char *initial)
{
    const struct checkpoint_progress *progress = &checkpoint->progress;
    struct card *card = memory_new(1, sizeof *card);

    card->checkpoint = checkpoint;
    strcpy(card->initial, initial);
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
    card->metrics = card->metrics_end = card->n;
    return card;
}

void card_set_model(struct card *card, const char *model)
{
    struct card_entry *entry = find(card, "model");

    free(entry->value);
    entry->value = memory_string(model);
    add_text(card, "recipe", card->checkpoint->model);
}

/* --- Records */

/* Add a metric unless it has no value, or is of training, of which the checkpoint told; false if the card has another
   value of it. */
static bool add_metric(struct card *card, const char *key, const char *value)
{
    char number[NUMBER_SIZE];
    double parsed;

    if (!number_double(value, &parsed) || strncmp(key, "train.", strlen("train.")) == 0)
        return true;
    number_print(parsed, number);
    for (size_t i = card->metrics; i < card->n; i++)
        if (strcmp(card->entries[i].key, key) == 0)
            return strcmp(card->entries[i].value, number) == 0;
    add_number(card, key, parsed);
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
                      source, key, card->checkpoint->digest);
        free(key);
        if (!agrees)
            return STATUS_DATA;
    }
    return STATUS_OK;
}

static int compare_keys(const void *a, const void *b)
{
    return strcmp(((const struct card_entry *)a)->key, ((const struct card_entry *)b)->key);
}

enum status card_add_records(struct card *card, const struct records *records, const char *source, struct error *error)
{
    const char *digest = card->checkpoint->digest;

    for (size_t i = 0; i < records->n; i++) {
        const char *of = record_get(&records->record[i], "digest");
        if (of && strcmp(of, digest) == 0 && add_record(card, &records->record[i], source, error))
            return STATUS_DATA;
    }
    if (card->n == card->metrics)
        return error_set(error, STATUS_DATA,
                         "%s: read records: no metric of checkpoint %s is in them; nn-eval prints such records", source,
                         digest);
    qsort(card->entries + card->metrics, card->n - card->metrics, sizeof *card->entries, compare_keys);
    card->metrics_end = card->n;
    again_add_ancestors(card, records);
    return STATUS_OK;
}

/* --- What follows */

void card_finish(struct card *card)
{
    struct text digests = { 0 };
    char *command;

    if (card->ancestor_count == 0)
        again_add_ancestors(card, &(struct records){ 0 });
    for (size_t i = 0; i < card->ancestor_count; i++)
        text_format(&digests, "%s%s", i ? " " : "", card->ancestors[i].digest);
    if (digests.at)
        add(card, memory_string("chain"), digests.at, CARD_DIGESTS);
    command = again_command(card);
    if (command)
        add(card, memory_string("again"), command, CARD_TEXT);
}

/* --- JSON */

static void add_digests(struct text *to, const char *digests)
{
    text_string(to, "[");
    for (size_t length; *digests; digests += length + (digests[length] == ' ')) {
        length = strcspn(digests, " ");
        text_format(to, "\"%.*s\"%s", (int)length, digests, digests[length] ? ", " : "");
    }
    text_string(to, "]");
}

static void add_value(struct text *to, const struct card_entry *entry)
{
    switch (entry->kind) {
    case CARD_TEXT:
        records_json_string(to, entry->value, strlen(entry->value));
        break;
    case CARD_NUMBER:
        text_string(to, entry->value);
        break;
    case CARD_DIGESTS:
        add_digests(to, entry->value);
        break;
    }
}

/* JSON lets a slash be escaped. */
static void add_without_comments(struct text *to, const char *json)
{
    for (const char *at = json; *at; at++) {
        if (*at == '/' && ((at > json && at[-1] == '*') || at[1] == '*'))
            text_string(to, "\\");
        text_add(to, at, 1);
    }
}

void card_json(const struct card *card, struct text *to)
{
    struct text json = { 0 };

    for (size_t i = 0; i < card->n; i++) {
        text_string(&json, i ? ",\n  " : "{\n  ");
        records_json_string(&json, card->entries[i].key, strlen(card->entries[i].key));
        text_string(&json, ": ");
        add_value(&json, &card->entries[i]);
    }
    text_string(&json, "\n}\n");
    add_without_comments(to, json.at);
    text_free(&json);
}

void card_free(struct card *card)
{
    for (size_t i = 0; i < card->n; i++) {
        free(card->entries[i].key);
        free(card->entries[i].value);
    }
    free(card->entries);
    free(card->ancestors);
    free(card);
}
