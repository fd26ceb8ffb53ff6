#include "train/batches.h"

#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/number.h"
#include "base/records.h"

#include <stdio.h>
#include <stdlib.h>

struct batches {
    char *path, *part;
    struct output_stream stream;
    struct record_writer *writer;
};

struct batches *batches_open(const char *path, enum output_mode mode)
{
    struct batches *log = memory_new(1, sizeof *log);

    output_check(path, mode);
    log->path = memory_string(path);
    log->part = memory_format("%s.part", path);
    output_stream_open(&log->stream);
    log->writer = record_writer_new(log->stream.to, RECORDS_TABS);
    return log;
}

void batches_add(struct batches *log, uint64_t epoch, uint64_t batch, size_t samples, double rate, double loss)
{
    if (!log)
        return;
    record_count(log->writer, "epoch", epoch);
    record_count(log->writer, "batch", batch);
    record_count(log->writer, "samples", samples);
    record_number(log->writer, "rate", rate);
    record_number(log->writer, "loss", loss);
    record_end(log->writer);
}

/* Take over one record, if it is of a batch up to this one; false if it is of none at all. */
static bool resume_record(struct batches *log, const struct record *record, uint64_t epoch, uint64_t batch)
{
    static const char *const columns[] = { "epoch", "batch", "samples" };
    uint64_t value[3];

    for (size_t i = 0; i < 3; i++) {
        const char *text = record_get(record, columns[i]);
        if (!text || !number_u64(text, &value[i]))
            return false;
    }
    if (value[0] < epoch || (value[0] == epoch && value[1] <= batch))
        batches_add(log, value[0], value[1], value[2], record_get_number(record, "rate"),
                    record_get_number(record, "loss"));
    return true;
}

void batches_resume(struct batches *log, uint64_t epoch, uint64_t batch)
{
    struct records records = { 0 };
    struct error error;
    enum file_kind kind;

    if (!log)
        return;
    if (file_kind(log->part, &kind, &error) ||
        (kind != FILE_ABSENT && records_read_regular(&records, log->part, &error)))
        die_error(&error);
    if (kind == FILE_ABSENT)
        warn("%s: read: it is not there: the batches before this one are not in the log", log->part);
    for (size_t i = 0; i < records.n; i++)
        if (!resume_record(log, &records.record[i], epoch, batch))
            die(STATUS_DATA, "%s: read: record %zu is not of a batch; without this file the training goes on",
                log->part, i + 1);
    records_free(&records);
}

void batches_save(struct batches *log)
{
    if (log)
        output_stream_publish(&log->stream, log->part, OUTPUT_REPLACE);
}

static void rename_part(const char *part, const char *path)
{
    if (rename(part, path))
        die_system(ACCESS_CREATE, path, "publish");
    if (file_sync_directory_of(path))
        die_system(ACCESS_WRITE, path, "sync the directory");
}

void batches_publish(struct batches *log)
{
    if (log)
        rename_part(log->part, log->path);
}

bool batches_finish(const char *path, enum output_mode mode)
{
    char *part = memory_format("%s.part", path);
    enum file_kind log_kind, part_kind;
    struct error error;

    if (file_kind(path, &log_kind, &error) || file_kind(part, &part_kind, &error))
        die_error(&error);
    if (part_kind != FILE_ABSENT && (log_kind == FILE_ABSENT || mode == OUTPUT_REPLACE))
        rename_part(part, path);
    free(part);
    return log_kind != FILE_ABSENT || part_kind != FILE_ABSENT;
}

void batches_close(struct batches *log)
{
    if (!log)
        return;
    record_writer_free(log->writer);
    output_stream_close(&log->stream);
    free(log->path);
    free(log->part);
    free(log);
}
