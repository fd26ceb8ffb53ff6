/* Evaluations, and the metrics that are made of them. */
#include "base/file.h"
#include "base/memory.h"
#include "base/number.h"
#include "doctor/examine.h"
#include "format/run_evaluation.h"
#include "format/run_files.h"
#include "policy/patience.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The columns of metrics.tsv. */
enum { VALID_ACCURACY = 7, ROW_COLUMNS = 10 };

static const struct {
    const char *column, *split, *metric;
} row_columns[ROW_COLUMNS] = {
    { "epoch", NULL, "epoch" },           { "path", NULL, "path" },
    { "digest", NULL, "digest" },         { "step", NULL, "step" },
    { "train.loss", NULL, "train.loss" }, { "train.accuracy", NULL, "train.accuracy" },
    { "valid.loss", "valid", "loss" },    { "valid.accuracy", "valid", "accuracy" },
    { "test.loss", "test", "loss" },      { "test.accuracy", "test", "accuracy" },
};

/* What metrics.tsv must say of an epoch. */
struct row {
    uint64_t epoch;
    char *values[ROW_COLUMNS];
    bool found;
};

struct rows {
    struct row *at;
    size_t n;
};

static void add_row(struct rows *rows, const struct run_evaluation *evaluation, uint64_t epoch)
{
    struct row row = { .epoch = epoch };

    for (size_t i = 0; i < ROW_COLUMNS; i++) {
        const char *split = row_columns[i].split;
        const struct record *record = split ? run_evaluation_of(evaluation, split) : evaluation->own;
        row.values[i] = memory_string(record ? record_get(record, row_columns[i].metric) : "none");
    }
    rows->at = memory_grow(rows->at, rows->n, sizeof *rows->at);
    rows->at[rows->n++] = row;
}

static void rows_free(struct rows *rows)
{
    for (size_t i = 0; i < rows->n; i++)
        for (size_t j = 0; j < ROW_COLUMNS; j++)
            free(rows->at[i].values[j]);
    free(rows->at);
}

static bool says(const struct record *record, const char *column, const char *value)
{
    const char *said = record_get(record, column);

    return said && strcmp(said, value) == 0;
}

static bool says_count(const struct record *record, const char *column, uint64_t value)
{
    char text[NUMBER_SIZE];

    snprintf(text, sizeof text, "%llu", (unsigned long long)value);
    return says(record, column, text);
}

static bool says_number(const struct record *record, const char *column, double value)
{
    char text[NUMBER_SIZE];

    return says(record, column, number_print(value, text));
}

/* The column of ckpt-info's record that is not what this checkpoint would have in it, or NULL. */
static const char *other_than_checkpoint(const struct record *own, const struct finding *finding)
{
    const struct checkpoint *is = &finding->claims;
    const struct checkpoint_progress *progress = &is->progress;
    bool trained = progress->samples > 0;

    if (!says(own, "path", path_base(finding->path)))
        return "path";
    if (!says(own, "digest", is->digest))
        return "digest";
    if (!says(own, "parent", is->parent))
        return "parent";
    if (!says(own, "data", is->data))
        return "data";
    if (!says_count(own, "step", is->step))
        return "step";
    if (!says_count(own, "batch", is->batch))
        return "batch";
    if (!says(own, "class", is->class))
        return "class";
    if (!says_count(own, "seed", is->seed))
        return "seed";
    if (trained ? !says_number(own, "train.loss", progress->loss) : !says(own, "train.loss", CHECKPOINT_NONE))
        return "train.loss";
    if (trained ? !says_number(own, "train.accuracy", (double)progress->correct / (double)progress->samples)
                : !says(own, "train.accuracy", CHECKPOINT_NONE))
        return "train.accuracy";
    if (trained ? !says_count(own, "train.samples", progress->samples) : !says(own, "train.samples", CHECKPOINT_NONE))
        return "train.samples";
    return NULL;
}

static const char *other_than_tombstone(const struct record *own, const struct tombstone *tombstone)
{
    return !says(own, "path", tombstone->path)         ? "path"
           : !says(own, "digest", tombstone->digest)   ? "digest"
           : !says(own, "parent", tombstone->parent)   ? "parent"
           : !says(own, "data", tombstone->data)       ? "data"
           : !says_count(own, "step", tombstone->step) ? "step"
                                                       : NULL;
}

/* Is it of the checkpoint of its name? */
static void compare_own(const struct examination *run, struct finding *finding, const struct record *own)
{
    const struct finding *of = examine_proven(run, finding->epoch);
    const char *other = of ? other_than_checkpoint(own, of) : NULL;

    for (size_t i = 0; i < run->tombstones.n && !of; i++)
        if (run->tombstones.at[i].epoch == finding->epoch) {
            finding->pruned = true;
            other = other_than_tombstone(own, &run->tombstones.at[i]);
        }
    if (other)
        finding_fail(finding, STATUS_NO, "its %s is not that of its checkpoint", other);
    else if (!of && !finding->pruned)
        finding_note(finding, FINDING_KEPT, "its checkpoint is not there, or not proven itself");
}

/* Does it have what its turn of the sets of data.tsv asks for? */
static void check_complete(const struct examination *run, struct finding *finding,
                           const struct run_evaluation *evaluation)
{
    if (!run->has_conf || !run->has_described)
        return;
    for (size_t split = EXAMINE_VALID; split < EXAMINE_SPLITS; split++) {
        const struct record *record = run_evaluation_of(evaluation, examine_splits[split]);
        if (!run->described[split].there)
            continue;
        if (!record && finding->epoch % run->conf.eval_every == 0)
            finding_fail(finding, STATUS_NO, "it lacks the figures of the set %s", examine_splits[split]);
        else if (record && !says_count(record, "n", run->described[split].count))
            finding_fail(finding, STATUS_NO, "the set %s has another size in data.tsv", examine_splits[split]);
        else if (record && !says(record, "data", run->described[split].digest))
            finding_fail(finding, STATUS_NO, "the set %s has another digest in data.tsv", examine_splits[split]);
    }
}

static void examine_evaluation(struct examination *run, struct finding *finding, struct rows *rows)
{
    struct run_evaluation evaluation;
    struct error error;

    if (run_evaluation_read(finding->path, finding->epoch, &evaluation, &error)) {
        finding->pruned =
            !examine_find_epoch(run, RUN_CHECKPOINT, finding->epoch) && examine_was_pruned(run, finding->epoch, NULL);
        finding_error(finding, &error);
    } else {
        compare_own(run, finding, evaluation.own);
        check_complete(run, finding, &evaluation);
    }
    finding->in_the_way = finding->status != STATUS_OK;
    if (!finding->status) {
        add_row(rows, &evaluation, finding->epoch);
        finding_prove(finding);
    }
    run_evaluation_free(&evaluation);
}

/* An evaluation of each checkpoint that is there, and of each that was pruned: it would be found if it were. */
static void find_missing(struct examination *run)
{
    size_t n = run->findings->n;

    for (size_t i = 0; i < n + run->tombstones.n; i++) {
        const struct finding *of = i < n ? run->findings->at[i] : NULL;
        uint64_t epoch = of ? of->epoch : run->tombstones.at[i - n].epoch;
        char *name;
        if ((of && (of->kind != RUN_CHECKPOINT || of->state != FINDING_PROVEN)) || epoch <= run->conf.first ||
            epoch % run->conf.save_every || epoch > run->conf.epochs || examine_find_epoch(run, RUN_EVALUATION, epoch))
            continue;
        name = memory_format("epoch-%04llu" RUN_EVALUATION_SUFFIX, (unsigned long long)epoch);
        examine_miss(run, name, of ? "its checkpoint is there" : "its checkpoint was pruned")->pruned = !of;
        free(name);
    }
}

static struct row *find_row(const struct rows *rows, uint64_t epoch)
{
    for (size_t i = 0; i < rows->n; i++)
        if (rows->at[i].epoch == epoch)
            return &rows->at[i];
    return NULL;
}

/* Hold a record of metrics.tsv against the evaluation of its epoch. An evaluation that is wrong itself says nothing. */
static enum status compare_record(const struct examination *run, const struct record *record, struct rows *rows,
                                  struct error *error)
{
    const char *number = record_get(record, "epoch");
    uint64_t epoch;
    struct row *row;

    if (!number || !number_u64(number, &epoch))
        return error_set(error, STATUS_DATA, "a row has no epoch");
    row = find_row(rows, epoch);
    if (!row && (run->busy || examine_find_epoch(run, RUN_EVALUATION, epoch)))
        return STATUS_OK;
    if (!row || row->found)
        return error_set(error, STATUS_NO, "it has a row of epoch %llu %s", (unsigned long long)epoch,
                         row ? "twice" : "without an evaluation");
    row->found = true;
    for (size_t i = 0; i < ROW_COLUMNS; i++)
        if (!says(record, row_columns[i].column, row->values[i]))
            return error_set(error, STATUS_NO, "its %s of epoch %llu is not that of the evaluation",
                             row_columns[i].column, (unsigned long long)epoch);
    return STATUS_OK;
}

static enum status compare_metrics(const struct examination *run, const struct records *records, struct rows *rows,
                                   struct error *error)
{
    enum status status = STATUS_OK;

    for (size_t i = 0; i < records->n && !status; i++)
        status = compare_record(run, &records->record[i], rows, error);
    for (size_t i = 0; i < rows->n && !status; i++)
        if (!rows->at[i].found && rows->at[i].epoch > 0 && !run->busy)
            status = error_set(error, STATUS_NO, "it has no row of epoch %llu", (unsigned long long)rows->at[i].epoch);
    return status;
}

static void read_metrics(const struct examination *run, struct records *records)
{
    struct finding *finding = examine_find(run, RUN_ROWS);
    struct error error;

    if (finding && !finding->status && records_read_regular(records, finding->path, &error))
        finding_error(finding, &error);
}

static void examine_metrics(struct examination *run, const struct records *records, struct rows *rows)
{
    struct finding *finding = examine_find(run, RUN_ROWS);
    struct error error;

    if (!finding && rows->n && !run->busy)
        examine_miss(run, RUN_METRICS, "evaluations are there");
    if (!finding)
        return;
    if (!finding->status && compare_metrics(run, records, rows, &error))
        finding_error(finding, &error);
    finding->in_the_way |= finding->status && rows->n == 0;
    finding_prove(finding);
}

/* Where patience ends the run. Rows are by epoch. */
static void find_last(struct examination *run, const struct rows *rows)
{
    struct patience patience = { .limit = run->conf.patience };
    double accuracy;

    run->last = run->conf.epochs;
    for (size_t i = 0; i < rows->n; i++) {
        if (!number_double(rows->at[i].values[VALID_ACCURACY], &accuracy))
            continue;
        if (patience_ends(&patience, rows->at[i].epoch, accuracy)) {
            run->last = rows->at[i].epoch < run->last ? rows->at[i].epoch : run->last;
            return;
        }
    }
}

enum status examine_evaluations(struct examination *run, struct error *error)
{
    struct rows rows = { 0 };
    struct records metrics = { 0 };
    enum status status;

    for (size_t i = 0; i < run->findings->n; i++)
        if (run->findings->at[i]->kind == RUN_EVALUATION && !run->findings->at[i]->status)
            examine_evaluation(run, run->findings->at[i], &rows);
    read_metrics(run, &metrics);
    status = examine_again(run, error);
    if (!status && run->has_conf && !run->busy)
        find_missing(run);
    if (!status)
        examine_metrics(run, &metrics, &rows);
    find_last(run, &rows);
    records_free(&metrics);
    rows_free(&rows);
    return status;
}
