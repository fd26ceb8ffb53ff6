#include "train/run_metrics.h"

#include "format/run_records.h"

static enum status add_records(struct metrics *metrics, const char *operand, struct error *error)
{
    struct records records = { 0 };
    const char *directory;
    enum status status = run_records_of_operand(operand, &records, &directory, error);

    if (status == STATUS_OK)
        status = metrics_add(metrics, &records, directory, error);
    records_free(&records);
    return status;
}

enum status run_metrics_add_runs(struct metrics *metrics, const struct runs *runs, struct error *error)
{
    enum status status = STATUS_OK;

    for (size_t i = 0; i < runs->n && status == STATUS_OK; i++)
        status = add_records(metrics, runs->paths[i], error);
    return status;
}

enum status run_metrics_add(struct metrics *metrics, const char *operand, struct error *error)
{
    struct runs runs = { 0 };
    enum status status = runs_add(&runs, operand, error);

    if (status == STATUS_OK)
        status = run_metrics_add_runs(metrics, &runs, error);
    runs_free(&runs);
    return status;
}
