#include "registry/summary.h"

#include "base/file.h"
#include "base/memory.h"
#include "base/number.h"
#include "format/checkpoint.h"
#include "format/run_files.h"
#include "format/tombstones.h"
#include "policy/patience.h"
#include "registry/ending.h"
#include "registry/notes.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const char *const words[SUMMARY_STATES] = {
    [SUMMARY_RUNNING] = "running",       [SUMMARY_PAUSED] = "paused", [SUMMARY_FINISHED] = "finished",
    [SUMMARY_STOPPED] = "stopped",       [SUMMARY_FAILED] = "failed", [SUMMARY_DAMAGED] = "damaged",
    [SUMMARY_UNREADABLE] = "unreadable",
};

/* What is found out on the way. */
struct look {
    struct summary *summary;
    bool there[RUN_KINDS]; /* files of these kinds */
    bool running, enough;  /* patience has ended it */
};

/* Of several errors the worst is told. */
static void blame(struct summary *summary, const struct error *error)
{
    if (summary->status && status_worse(error->status, summary->status) == summary->status)
        return;
    summary->status = error->status == STATUS_NO_INPUT ? STATUS_DATA : error->status;
    text_clear(&summary->reason);
    text_string(&summary->reason, error->text);
}

/* A file that is gone by now was renamed, or removed by who works on the run. */
static void add_file(struct look *look, int directory, const char *name)
{
    struct summary *summary = look->summary;
    struct stat stat;

    if (fstatat(directory, name, &stat, 0) || !S_ISREG(stat.st_mode))
        return;
    look->there[run_name(name).kind] = true;
    summary->size += (uint64_t)stat.st_size;
    if (stat.st_mtime > summary->changed)
        summary->changed = stat.st_mtime;
}

static void list_files(struct look *look)
{
    struct summary *summary = look->summary;
    DIR *stream = opendir(summary->path);
    struct dirent *entry;
    struct error error;

    while (stream && (errno = 0, entry = readdir(stream)))
        add_file(look, dirfd(stream), entry->d_name);
    if (!stream || errno) {
        error_system(&error, ACCESS_READ, summary->path, stream ? "read" : "open");
        blame(summary, &error);
    }
    if (stream)
        closedir(stream);
}

static bool is_locked(const struct summary *summary)
{
    char *path = path_join(summary->path, RUN_LOCK);
    bool locked = file_is_locked(path);

    free(path);
    return locked;
}

/* One that is just being made has none yet. */
static void read_settings(const struct look *look)
{
    struct summary *summary = look->summary;
    char *path = path_join(summary->path, RUN_CONF);
    struct error error;

    if (!(look->running && !look->there[RUN_SETTINGS]) && run_conf_read(path, &summary->conf, &error)) {
        run_conf_free(&summary->conf);
        blame(summary, &error);
    }
    free(path);
}

/* The first checkpoint belongs to the metrics without having any. */
static void add_first(struct summary *summary, const char *digest, const char *parent)
{
    struct metrics *metrics = &summary->metrics;
    struct candidate *candidate;

    metrics->at = memory_grow(metrics->at, metrics->n, sizeof *metrics->at);
    candidate = &metrics->at[metrics->n++];
    *candidate = (struct candidate){ .path = memory_string(""), .epoch = summary->conf.first, .value = NAN };
    strcpy(candidate->digest, digest);
    strcpy(summary->parent, parent);
}

/* What is neither a file nor a directory could hold up who opens it. */
static enum status read_header(const char *path, struct checkpoint **checkpoint, struct error *error)
{
    enum file_kind kind;
    enum status status = file_kind(path, &kind, error);

    if (!status && kind == FILE_OTHER)
        status = error_set(error, STATUS_DATA, "%s: open: it is no file", path);
    return status ? status : checkpoint_read_header(path, checkpoint, error);
}

/* Of one that was pruned its tombstone tells. */
static void read_first(const struct look *look)
{
    struct summary *summary = look->summary;
    char *path =
        memory_format("%s/epoch-%04llu" CHECKPOINT_SUFFIX, summary->path, (unsigned long long)summary->conf.first);
    struct tombstones tombstones = { 0 };
    struct checkpoint *first;
    struct error error;
    enum status status = read_header(path, &first, &error);

    if (!status) {
        add_first(summary, first->digest, first->parent);
        checkpoint_free(first);
    } else if (status != STATUS_NO_INPUT ||
               (look->there[RUN_TOMBSTONES] && tombstones_read(summary->path, &tombstones, &error))) {
        blame(summary, &error);
    }
    for (size_t i = 0; i < tombstones.n; i++)
        if (tombstones.at[i].epoch == summary->conf.first)
            add_first(summary, tombstones.at[i].digest, tombstones.at[i].parent);
    tombstones_free(&tombstones);
    free(path);
}

/* rote-train writes a row an epoch, in their order. */
static void read_epochs(struct look *look, const struct records *records)
{
    struct summary *summary = look->summary;
    struct patience patience = { .limit = summary->conf.patience };

    for (size_t i = 0; i < records->n; i++) {
        const char *number = record_get(&records->record[i], "epoch");
        double accuracy = record_get_number(&records->record[i], BEST_KEY);
        uint64_t epoch;
        if (!number || !number_u64(number, &epoch))
            continue;
        summary->epoch = epoch > summary->epoch ? epoch : summary->epoch;
        if (!isnan(accuracy))
            look->enough |= patience_ends(&patience, epoch, accuracy);
    }
}

static void choose_best(struct summary *summary, const struct best_rule *rule)
{
    const struct candidate **order = memory_new(summary->metrics.n, sizeof *order);

    summary->has_best = best_order(summary->metrics.at, summary->metrics.n, rule, order) > 0;
    if (summary->has_best) {
        summary->best = order[0]->value;
        summary->best_epoch = order[0]->epoch;
    }
    free(order);
}

static void read_metrics(struct look *look, const struct best_rule *rule)
{
    struct summary *summary = look->summary;
    char *path = path_join(summary->path, RUN_METRICS);
    struct records records = { 0 };
    struct error error;

    summary->epoch = summary->conf.first;
    if (look->there[RUN_ROWS] && (records_read_regular(&records, path, &error) ||
                                  metrics_add(&summary->metrics, &records, summary->path, &error))) {
        blame(summary, &error);
    } else {
        read_epochs(look, &records);
        choose_best(summary, rule);
    }
    records_free(&records);
    free(path);
}

static void read_notes(struct summary *summary)
{
    char *path = path_join(summary->path, RUN_NOTES);
    struct bytes bytes;
    struct error error;

    if (file_read_regular(path, &bytes, &error) || bytes_check_text(&bytes, path, &error))
        blame(summary, &error);
    else
        notes_add_tags(&summary->tags, (const char *)bytes.at);
    free(bytes.at);
    free(path);
}

/* How a run that is neither at work nor at its end came to stand still. */
static void read_log(struct summary *summary)
{
    char *path = path_join(summary->path, RUN_LOG);
    struct ending ending = { ENDING_UNKNOWN, NULL };
    struct bytes bytes;
    struct error error;

    if (file_read_end(path, ENDING_BYTES, &bytes, &error))
        blame(summary, &error);
    else
        ending = ending_of_log((char *)bytes.at);
    if (!summary->status) {
        summary->state = ending.kind == ENDING_FAILED ? SUMMARY_FAILED : SUMMARY_STOPPED;
        text_string(&summary->reason, ending.reason                  ? ending.reason
                                      : ending.kind == ENDING_KILLED ? "it was killed, or the machine stopped"
                                                                     : "");
    }
    free(ending.reason);
    free(bytes.at);
    free(path);
}

static void judge(struct look *look)
{
    struct summary *summary = look->summary;
    bool held = look->there[RUN_HELD], done = summary->conf.has_epochs && summary->epoch >= summary->conf.epochs;

    summary->state = SUMMARY_STOPPED;
    if (look->running) {
        summary->state = SUMMARY_RUNNING;
        text_string(&summary->reason, held ? "it is held, and stops after this batch" : "");
    } else if (done || look->enough) {
        summary->state = SUMMARY_FINISHED;
        text_string(&summary->reason, done ? "" : "patience");
    } else if (held) {
        summary->state = SUMMARY_PAUSED;
    } else if (look->there[RUN_LOGGED]) {
        read_log(summary);
    }
}

enum status summary_read(struct summary *summary, const char *path, const struct best_rule *rule)
{
    struct look look = { .summary = summary };

    *summary = (struct summary){ .path = path, .parent = CHECKPOINT_NONE, .metrics = { .key = rule->key } };
    look.running = is_locked(summary); /* before the files, which one who ends by now leaves as they are */
    list_files(&look);
    read_settings(&look);
    read_metrics(&look, rule);
    read_first(&look);
    if (look.there[RUN_NOTED])
        read_notes(summary);
    if (!summary->status)
        judge(&look);
    if (summary->status)
        summary->state = summary->status == STATUS_DATA ? SUMMARY_DAMAGED : SUMMARY_UNREADABLE;
    return summary->status;
}

void summary_free(struct summary *summary)
{
    run_conf_free(&summary->conf);
    metrics_free(&summary->metrics);
    text_free(&summary->reason);
    text_free(&summary->tags);
}

const char *summary_word(enum summary_state state)
{
    return words[state];
}
