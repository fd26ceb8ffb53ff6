#include "train/batches.h"

#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/records.h"

#include <stdio.h>
#include <stdlib.h>

struct batches {
    char *path, *part;
    char *text;
    size_t size;
    FILE *stream; /* writes to `text` */
    struct record_writer *writer;
};

struct batches *batches_open(const char *path, enum output_mode mode)
{
    struct batches *log = memory_new(1, sizeof *log);

    output_check(path, mode);
    log->path = memory_string(path);
    log->part = memory_format("%s.part", path);
    log->stream = open_memstream(&log->text, &log->size);
    if (!log->stream)
        die(STATUS_RESOURCE, "out of memory");
    log->writer = record_writer_new(log->stream, RECORDS_TABS);
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

void batches_resume(struct batches *log, uint64_t epoch, uint64_t batch)
{
    struct records records = { 0 };
    struct error error;
    enum file_kind kind;

    if (!log)
        return;
    if (file_kind(log->part, &kind, &error) || (kind != FILE_ABSENT && records_read(&records, log->part, &error)))
        die_error(&error);
    if (kind == FILE_ABSENT)
        warn("%s: read: it is not there: the batches before this one are not in the log", log->part);
    for (size_t i = 0; i < records.n; i++) {
        const struct record *record = &records.record[i];
        double in_epoch = record_get_number(record, "epoch"), in_batch = record_get_number(record, "batch");
        if (in_epoch < (double)epoch || (in_epoch == (double)epoch && in_batch <= (double)batch))
            batches_add(log, (uint64_t)in_epoch, (uint64_t)in_batch, (size_t)record_get_number(record, "samples"),
                        record_get_number(record, "rate"), record_get_number(record, "loss"));
    }
    records_free(&records);
}

void batches_save(struct batches *log)
{
    struct output *out;

    if (!log)
        return;
    if (fflush(log->stream))
        die(STATUS_RESOURCE, "out of memory");
    out = output_open(log->part, OUTPUT_REPLACE);
    output_write(out, log->text, log->size);
    output_publish(out);
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

bool batches_finish(const char *path)
{
    char *part = memory_format("%s.part", path);
    enum file_kind log_kind, part_kind;
    struct error error;

    if (file_kind(path, &log_kind, &error) || file_kind(part, &part_kind, &error))
        die_error(&error);
    if (log_kind == FILE_ABSENT && part_kind != FILE_ABSENT)
        rename_part(part, path);
    free(part);
    return log_kind != FILE_ABSENT || part_kind != FILE_ABSENT;
}

void batches_close(struct batches *log)
{
    if (!log)
        return;
    record_writer_free(log->writer);
    fclose(log->stream);
    free(log->text);
    free(log->path);
    free(log->part);
    free(log);
}
