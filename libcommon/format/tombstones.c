#include "format/tombstones.h"

#include "base/digest.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/number.h"
#include "base/output.h"
#include "format/run_files.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool read_tombstone(const struct record *record, struct tombstone *tombstone)
{
    const char *epoch = record_get(record, "epoch"), *step = record_get(record, "step");

    *tombstone = (struct tombstone){
        .path = record_get(record, "path"),
        .digest = record_get(record, "digest"),
        .parent = record_get(record, "parent"),
        .data = record_get(record, "data"),
        .reason = record_get(record, "reason"),
    };
    return tombstone->path && tombstone->digest && tombstone->parent && tombstone->data && tombstone->reason &&
           digest_is_hex(tombstone->digest) && epoch && number_u64(epoch, &tombstone->epoch) && step &&
           number_u64(step, &tombstone->step);
}

static enum status read_file(const char *path, struct tombstones *tombstones, struct error *error)
{
    enum status status = records_read_regular(&tombstones->records, path, error);

    for (size_t i = 0; i < tombstones->records.n && status == STATUS_OK; i++) {
        struct tombstone tombstone;
        if (read_tombstone(&tombstones->records.record[i], &tombstone))
            tombstones_add(tombstones, &tombstone);
        else
            status = error_set(error, STATUS_DATA, "%s: read: record %zu tells of no pruned checkpoint", path, i + 1);
    }
    return status;
}

enum status tombstones_read(const char *directory, struct tombstones *tombstones, struct error *error)
{
    char *path = path_join(directory, RUN_PRUNED);
    bool exists;
    enum status status = file_exists(path, &exists, error);

    *tombstones = (struct tombstones){ 0 };
    if (exists)
        status = read_file(path, tombstones, error);
    free(path);
    return status;
}

bool tombstones_have(const struct tombstones *tombstones, const char *digest)
{
    for (size_t i = 0; i < tombstones->n; i++)
        if (strcmp(tombstones->at[i].digest, digest) == 0)
            return true;
    return false;
}

void tombstones_add(struct tombstones *tombstones, const struct tombstone *tombstone)
{
    tombstones->at = memory_grow(tombstones->at, tombstones->n, sizeof *tombstones->at);
    tombstones->at[tombstones->n++] = *tombstone;
}

static int compare_epochs(const void *left, const void *right)
{
    const struct tombstone *a = left, *b = right;

    return a->epoch != b->epoch ? (a->epoch > b->epoch) - (a->epoch < b->epoch) : strcmp(a->digest, b->digest);
}

static void print_tombstones(const struct tombstones *tombstones, FILE *to)
{
    struct record_writer *writer = record_writer_new(to, RECORDS_TABS);

    for (size_t i = 0; i < tombstones->n; i++) {
        const struct tombstone *tombstone = &tombstones->at[i];
        record_text(writer, "path", tombstone->path);
        record_text(writer, "digest", tombstone->digest);
        record_text(writer, "parent", tombstone->parent);
        record_text(writer, "data", tombstone->data);
        record_count(writer, "epoch", tombstone->epoch);
        record_count(writer, "step", tombstone->step);
        record_text(writer, "reason", tombstone->reason);
        record_end(writer);
    }
    record_writer_free(writer);
}

void tombstones_write(struct tombstones *tombstones, const char *directory)
{
    char *path = path_join(directory, RUN_PRUNED);
    struct output_stream stream;

    qsort(tombstones->at, tombstones->n, sizeof *tombstones->at, compare_epochs);
    output_stream_open(&stream);
    print_tombstones(tombstones, stream.to);
    output_stream_publish(&stream, path, OUTPUT_REPLACE);
    output_stream_close(&stream);
    free(path);
}

void tombstones_free(struct tombstones *tombstones)
{
    free(tombstones->at);
    records_free(&tombstones->records);
    *tombstones = (struct tombstones){ 0 };
}
