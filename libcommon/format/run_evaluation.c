#include "format/run_evaluation.h"

#include "base/digest.h"
#include "base/number.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* What rote-train's own records have, behind the path, the digest and the epoch that all have. */
static const char *const own_columns[] = { "parent", "data",       "step",           "batch",         "class",
                                           "seed",   "train.loss", "train.accuracy", "train.samples", NULL };
static const char *const split_columns[] = { "data",          "n",       "loss",    "accuracy", "accuracy.low",
                                             "accuracy.high", "correct", "weights", NULL };

static const char *missing_column(const struct record *record, const char *const *columns)
{
    while (*columns && record_get(record, *columns))
        columns++;
    return *columns;
}

static bool number_of(const struct record *record, const char *column, double *value)
{
    return number_any_double(record_get(record, column), value);
}

/* Can these be the figures of a measurement? The loss may be infinite or no number: a network may be that bad. */
static bool is_sane(const struct record *record)
{
    double loss, accuracy, low, high;
    char quotient[NUMBER_SIZE];
    uint64_t n, correct;

    return number_u64(record_get(record, "n"), &n) && number_u64(record_get(record, "correct"), &correct) &&
           number_of(record, "loss", &loss) && number_of(record, "accuracy", &accuracy) &&
           number_of(record, "accuracy.low", &low) && number_of(record, "accuracy.high", &high) && n > 0 &&
           correct <= n && !(loss < 0) && low >= 0 && low <= accuracy && accuracy <= high && high <= 1 &&
           strcmp(record_get(record, "accuracy"), number_print((double)correct / (double)n, quotient)) == 0 &&
           (strcmp(record_get(record, "weights"), "model") == 0 || strcmp(record_get(record, "weights"), "ema") == 0);
}

static enum status check_identity(const struct record *record, const struct record *own, uint64_t epoch,
                                  const char *path, struct error *error)
{
    static const char *const identity[] = { "path", "digest", "epoch", NULL };
    const char *column = missing_column(record, identity);
    uint64_t said;

    if (column)
        return error_set(error, STATUS_DATA, "%s: read: a record has no column '%s'", path, column);
    if (!digest_is_hex(record_get(record, "digest")) || !number_u64(record_get(record, "epoch"), &said))
        return error_set(error, STATUS_DATA, "%s: read: a record that speaks of no checkpoint", path);
    if (said != epoch)
        return error_set(error, STATUS_DATA, "%s: read: it speaks of epoch %llu, not of that in its name", path,
                         (unsigned long long)said);
    if (own && (strcmp(record_get(record, "digest"), record_get(own, "digest")) != 0 ||
                strcmp(record_get(record, "path"), record_get(own, "path")) != 0))
        return error_set(error, STATUS_DATA, "%s: read: it speaks of several checkpoints", path);
    return STATUS_OK;
}

static enum status check_split(const struct run_evaluation *evaluation, const struct record *record, const char *path,
                               struct error *error)
{
    const char *split = record_get(record, "split"), *column = missing_column(record, split_columns);

    if (column)
        return error_set(error, STATUS_DATA, "%s: read: a record has no column '%s'", path, column);
    if (!evaluation->own)
        return error_set(error, STATUS_DATA, "%s: read: it does not begin with what the checkpoint says of itself",
                         path);
    if (!digest_is_hex(record_get(record, "data")))
        return error_set(error, STATUS_DATA, "%s: read: a record of '%s' that speaks of no data", path, split);
    if (run_evaluation_of(evaluation, split) != record)
        return error_set(error, STATUS_DATA, "%s: read: two records of '%s'", path, split);
    if (!is_sane(record))
        return error_set(error, STATUS_DATA, "%s: read: the figures of '%s' cannot be", path, split);
    return STATUS_OK;
}

static enum status check_own(struct run_evaluation *evaluation, const struct record *record, const char *path,
                             struct error *error)
{
    const char *column = missing_column(record, own_columns);

    if (column)
        return error_set(error, STATUS_DATA, "%s: read: a record has no column '%s'", path, column);
    if (evaluation->own)
        return error_set(error, STATUS_DATA, "%s: read: two records of what the checkpoint says of itself", path);
    evaluation->own = record;
    return STATUS_OK;
}

enum status run_evaluation_read(const char *path, uint64_t epoch, struct run_evaluation *evaluation,
                                struct error *error)
{
    enum status status;

    *evaluation = (struct run_evaluation){ .own = NULL };
    status = records_read_regular(&evaluation->records, path, error);
    for (size_t i = 0; i < evaluation->records.n && !status; i++) {
        const struct record *record = &evaluation->records.record[i];
        status = check_identity(record, evaluation->own, epoch, path, error);
        if (!status)
            status = record_get(record, "split") ? check_split(evaluation, record, path, error)
                                                 : check_own(evaluation, record, path, error);
    }
    if (!status && !evaluation->own)
        status = error_set(error, STATUS_DATA, "%s: read: it has no record", path);
    return status;
}

void run_evaluation_free(struct run_evaluation *evaluation)
{
    records_free(&evaluation->records);
    *evaluation = (struct run_evaluation){ .own = NULL };
}

const struct record *run_evaluation_of(const struct run_evaluation *evaluation, const char *split)
{
    for (size_t i = 0; i < evaluation->records.n; i++) {
        const char *name = record_get(&evaluation->records.record[i], "split");
        if (name && strcmp(name, split) == 0)
            return &evaluation->records.record[i];
    }
    return NULL;
}
