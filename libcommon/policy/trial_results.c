#include "policy/trial_results.h"

#include "base/memory.h"
#include "base/number.h"
#include "policy/metrics.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *value_or_null(const char *value)
{
    return value && strcmp(value, "none") != 0 ? value : NULL;
}

static enum status add_failure(struct trial_results *results, size_t trial, uint64_t epoch, const char *reason,
                               const char *source, struct error *error)
{
    struct trial_failure *failure = &results->failures[trial];

    if (failure->reason && (failure->epoch != epoch || strcmp(failure->reason, reason) != 0))
        return error_set(error, STATUS_DATA, "%s: judge: records disagree on when or why trial '%s' failed", source,
                         results->trials->name[trial]);
    free(failure->reason);
    *failure = (struct trial_failure){ epoch, memory_string(reason) };
    return STATUS_OK;
}

static enum status add_value(struct trial_results *results, size_t trial, uint64_t epoch, const char *value,
                             const char *source, struct error *error)
{
    struct trial_result result = { .trial = trial, .epoch = epoch };

    if (!number_any_double(value, &result.value))
        return error_set(error, STATUS_DATA, "%s: judge: the %s of trial '%s' is '%s', which is no number", source,
                         results->key, results->trials->name[trial], value);
    results->at = memory_grow(results->at, results->n, sizeof *results->at);
    results->at[results->n++] = result;
    return STATUS_OK;
}

static enum status add_record(struct trial_results *results, const struct record *record, const char *source,
                              struct error *error)
{
    const char *name = record_get(record, TRIAL_COLUMN), *at = record_get(record, "epoch");
    const char *value = value_or_null(metrics_value(record, results->key));
    const char *reason = value_or_null(record_get(record, "failed"));
    size_t trial = trials_find(results->trials, name);
    enum status status = STATUS_OK;
    uint64_t epoch;

    if (!name || !at)
        return STATUS_OK;
    if (trial == results->trials->n)
        return error_set(error, STATUS_DATA, "%s: judge: trial '%s' is not in the table of trials", source, name);
    if (!number_u64(at, &epoch))
        return error_set(error, STATUS_DATA, "%s: judge: an epoch of trial '%s' is '%s', which is no number", source,
                         name, at);
    if (reason)
        status = add_failure(results, trial, epoch, reason, source, error);
    if (value && !status)
        status = add_value(results, trial, epoch, value, source, error);
    return status;
}

enum status trial_results_add(struct trial_results *results, const struct records *records, const char *source,
                              struct error *error)
{
    enum status status = STATUS_OK;

    if (!results->failures)
        results->failures = memory_new(results->trials->n, sizeof *results->failures);
    for (size_t i = 0; i < records->n && status == STATUS_OK; i++)
        status = add_record(results, &records->record[i], source, error);
    return status;
}

static int compare_results(const void *left, const void *right)
{
    const struct trial_result *a = left, *b = right;

    return a->trial != b->trial ? (a->trial > b->trial) - (a->trial < b->trial)
                                : (a->epoch > b->epoch) - (a->epoch < b->epoch);
}

static enum status agree(const struct trial_results *results, const struct trial_result *a,
                         const struct trial_result *b, struct error *error)
{
    char one[NUMBER_SIZE], other[NUMBER_SIZE];

    if (a->value == b->value || (isnan(a->value) && isnan(b->value)))
        return STATUS_OK;
    return error_set(error, STATUS_DATA, "trial '%s': judge: records disagree on its %s at epoch %llu: %s and %s",
                     results->trials->name[a->trial], results->key, (unsigned long long)a->epoch,
                     number_print(a->value, one), number_print(b->value, other));
}

enum status trial_results_merge(struct trial_results *results, struct error *error)
{
    enum status status = STATUS_OK;
    size_t kept = 0;

    if (results->n)
        qsort(results->at, results->n, sizeof *results->at, compare_results);
    for (size_t i = 0; i < results->n && status == STATUS_OK; i++)
        if (!kept || compare_results(&results->at[kept - 1], &results->at[i]) != 0)
            results->at[kept++] = results->at[i];
        else
            status = agree(results, &results->at[kept - 1], &results->at[i], error);
    results->n = kept;
    return status;
}

const struct trial_result *trial_results_find(const struct trial_results *results, size_t trial, uint64_t epoch)
{
    const struct trial_result wanted = { .trial = trial, .epoch = epoch };

    return results->n ? bsearch(&wanted, results->at, results->n, sizeof wanted, compare_results) : NULL;
}

/* Why the trial failed before it got to an epoch; NULL if it did not. */
static const char *failure_before(const struct trial_results *results, size_t trial, uint64_t epoch)
{
    const struct trial_failure *failure = results->failures ? &results->failures[trial] : NULL;
    bool before = failure && failure->reason &&
                  (failure->epoch < epoch || (failure->epoch == epoch && !trial_results_find(results, trial, epoch)));

    return before ? failure->reason : NULL;
}

static struct outcome outcome_at(const struct trial_results *results, size_t trial, uint64_t epoch,
                                 enum best_direction direction)
{
    const struct trial_result *result = trial_results_find(results, trial, epoch);

    if (failure_before(results, trial, epoch))
        return (struct outcome){ true, NAN };
    return result ? (struct outcome){ true, direction == BEST_SMALLEST ? result->value : -result->value }
                  : (struct outcome){ false, NAN };
}

void trial_results_outcomes(const struct trial_results *results, const struct bracket *bracket,
                            enum best_direction direction, struct outcome *outcomes)
{
    for (size_t trial = 0; trial < bracket->trials; trial++)
        for (size_t rung = 0; rung < bracket->rungs; rung++)
            *outcomes++ = outcome_at(results, bracket->first + trial, bracket->epochs[rung], direction);
}

void trial_results_explain(const struct trial_results *results, size_t trial, uint64_t epoch, struct text *text)
{
    const char *failure = failure_before(results, trial, epoch);
    char value[NUMBER_SIZE];

    if (failure)
        text_string(text, failure);
    else
        text_format(text, "its %s is %s at epoch %llu", results->key,
                    number_print(trial_results_find(results, trial, epoch)->value, value), (unsigned long long)epoch);
}

void trial_results_free(struct trial_results *results)
{
    for (size_t i = 0; results->failures && i < results->trials->n; i++)
        free(results->failures[i].reason);
    free(results->failures);
    free(results->at);
    *results = (struct trial_results){ 0 };
}
