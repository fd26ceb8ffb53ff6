/*
 * What records say of checkpoints, as decisions need it: one metric of each.
 *
 *     struct metrics metrics = { .key = "valid.accuracy" };
 *     if (metrics_add(&metrics, &records, "runs/a", &error) ||    // as often as there are sources
 *         metrics_merge(&metrics, &error))
 *         die_error(&error);
 *     ... metrics.at[0 .. metrics.n - 1] ...
 *     metrics_free(&metrics);
 *
 * A record speaks of a checkpoint if it has the columns `path`, `digest` and `epoch`, and a digest that is not "none";
 * others are passed over. A checkpoint is known by its digest: what several records say of it is put together, whatever
 * their order.
 *
 * The value of a key, "valid.accuracy", is that of the column of this name; or, where a record has a column `split`
 * with the value "valid", that of its column "accuracy".
 */
#ifndef POLICY_METRICS_H
#define POLICY_METRICS_H

#include "base/digest.h"
#include "base/error.h"
#include "base/records.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A checkpoint as decisions see it. */
struct candidate {
    char *path;
    char digest[DIGEST_SIZE];
    uint64_t epoch;
    double value;  /* of the key; NaN where no record has one */
    bool recorded; /* a record has one, be it NaN */
    bool pinned;   /* its owner wants to keep it */
    bool parent;   /* an unfinished epoch goes on from it */
};

struct metrics {
    const char *key;
    struct candidate *at;
    size_t n;
};

/* The value of a key in a record, or NULL where it has none. */
const char *metrics_value(const struct record *record, const char *key);

/* Add what `records` say. Relative paths in them are relative to `directory`, or, where that is NULL, stay as they are.
   65: a digest that is neither one nor "none", an epoch or a value of the key that is no number. */
enum status metrics_add(struct metrics *metrics, const struct records *records, const char *directory,
                        struct error *error);

/* Put together what was added: afterwards there is one candidate for every digest and path, in this order by byte, and
   those of one digest have one epoch and one value. 65: two records disagree on them. */
enum status metrics_merge(struct metrics *metrics, struct error *error);

/* The first candidate with this digest, or NULL. After metrics_merge(). */
const struct candidate *metrics_find(const struct metrics *metrics, const char *digest);

/* Keep one candidate of every digest, the first path by byte, and sort them as candidate_compare() does. After
 * metrics_merge().
 */
void metrics_make_list(struct metrics *metrics);

/* Is `a` of an earlier epoch, or of the same and its path, or else its digest, sorts first? As strcmp() says it. */
int candidate_compare(const struct candidate *a, const struct candidate *b);

void metrics_free(struct metrics *metrics);

#endif
