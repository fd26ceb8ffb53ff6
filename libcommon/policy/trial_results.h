/*
 * What records say of the trials of a search: one metric of each epoch, and which trials failed.
 *
 *     struct trial_results results = { .trials = &trials, .key = "valid.accuracy" };
 *     if (trial_results_add(&results, &records, "records.tsv", &error) ||     // as often as there are sources
 *         trial_results_merge(&results, &error))
 *         die_error(&error);
 *     trial_results_outcomes(&results, &bracket, BEST_LARGEST, outcomes);     // for halving_decide()
 *     trial_results_free(&results);
 *
 * A record speaks of a trial if it has the columns `trial` and `epoch`; others are passed over. The value of the key is
 * found as policy/metrics.h says; "none" is no value. Where a column `failed` has another value than "none", that is
 * the reason why the trial failed in this epoch, or after it: it never gets further, whatever else is on record.
 */
#ifndef POLICY_TRIAL_RESULTS_H
#define POLICY_TRIAL_RESULTS_H

#include "base/error.h"
#include "base/records.h"
#include "base/text.h"
#include "format/trials.h"
#include "policy/best.h"
#include "policy/halving.h"

#include <stddef.h>
#include <stdint.h>

struct trial_result {
    size_t trial; /* its place in the table */
    uint64_t epoch;
    double value;
};

struct trial_failure {
    uint64_t epoch; /* only values up to it count */
    char *reason;   /* NULL: the trial has not failed */
};

struct trial_results {
    const struct trials *trials;
    const char *key;
    struct trial_result *at; /* after trial_results_merge() by trial and epoch, each once */
    size_t n;
    struct trial_failure *failures; /* (trials->n), NULL where nothing was added */
};

/* Add what `records` say; `source` is what messages call them. 65: a trial that is none of these, an epoch or a value
   of the key that is no number, two records that disagree on why or when a trial failed. */
enum status trial_results_add(struct trial_results *results, const struct records *records, const char *source,
                              struct error *error);

/* Put together what was added. 65: two records disagree on a value. */
enum status trial_results_merge(struct trial_results *results, struct error *error);

/* What is on record of a trial at an epoch, or NULL. After trial_results_merge(). */
const struct trial_result *trial_results_find(const struct trial_results *results, size_t trial, uint64_t epoch);

/* What is known of the bracket's trials at its rungs. outcomes: (trials, rungs). After trial_results_merge(). */
void trial_results_outcomes(const struct trial_results *results, const struct bracket *bracket,
                            enum best_direction direction, struct outcome *outcomes);

/* Add to `text` why a trial, whose outcome at an epoch is known and not finite, failed. */
void trial_results_explain(const struct trial_results *results, size_t trial, uint64_t epoch, struct text *text);

void trial_results_free(struct trial_results *results);

#endif
