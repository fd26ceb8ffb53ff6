#include "doctor/examine.h"

#include "base/file.h"
#include "base/memory.h"
#include "doctor/remedy.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

const char *const examine_splits[EXAMINE_SPLITS] = { "train", "valid", "test" };

/* By kind, then epoch. */
static int compare_places(const struct finding *a, enum run_kind kind, uint64_t epoch)
{
    if (a->kind != kind)
        return a->kind < kind ? -1 : 1;
    return (a->epoch > epoch) - (a->epoch < epoch);
}

/* What was listed is in order; what was found missing since comes after it. */
struct finding *examine_find_epoch(const struct examination *run, enum run_kind kind, uint64_t epoch)
{
    struct finding *const *at = run->findings->at;
    size_t low = 0, high = run->sorted;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (compare_places(at[middle], kind, epoch) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    if (low < run->sorted && compare_places(at[low], kind, epoch) == 0)
        return at[low];
    for (size_t i = run->sorted; i < run->findings->n; i++)
        if (compare_places(at[i], kind, epoch) == 0)
            return at[i];
    return NULL;
}

struct finding *examine_find(const struct examination *run, enum run_kind kind)
{
    return examine_find_epoch(run, kind, 0);
}

struct finding *examine_find_name(const struct examination *run, const char *name)
{
    for (size_t i = 0; i < run->findings->n; i++)
        if (strcmp(path_base(run->findings->at[i]->path), name) == 0)
            return run->findings->at[i];
    return NULL;
}

struct finding *examine_miss(struct examination *run, const char *name, const char *why)
{
    struct run_name said = run_name(name);
    struct finding *finding = findings_add(run->findings, path_join(run->directory, name), said.kind);

    finding->epoch = said.epoch;
    finding_note(finding, FINDING_MISSING, "%s", why);
    return finding;
}

const struct finding *examine_proven(const struct examination *run, uint64_t epoch)
{
    const struct finding *finding = examine_find_epoch(run, RUN_CHECKPOINT, epoch);

    return finding && finding->state == FINDING_PROVEN ? finding : NULL;
}

bool examine_was_pruned(const struct examination *run, uint64_t epoch, const char *digest)
{
    for (size_t i = 0; i < run->tombstones.n; i++)
        if (run->tombstones.at[i].epoch == epoch && (!digest || strcmp(run->tombstones.at[i].digest, digest) == 0))
            return true;
    return false;
}

bool examine_is_gone(struct examination *run, struct finding *finding, enum status status)
{
    if (status != STATUS_NO_INPUT || !file_is_absent(finding->path))
        return false;
    findings_drop(run->findings, finding);
    run->sorted--;
    return true;
}

void examine_cannot_prove(struct finding *finding, const struct error *error)
{
    if (error->status == STATUS_NO_INPUT || error->status == STATUS_DATA)
        finding_note(finding, FINDING_KEPT, "%s", error->text);
    else
        finding_fail(finding, error->status, "%s", error->text);
}

/* Those that are read are regular files; rote-train would not see, or would stumble on, anything else of their names.
   False: it is gone by now. */
static bool check_file(struct finding *finding)
{
    enum file_kind kind = FILE_REGULAR;
    struct error error;

    if (finding->kind == RUN_DAMAGED || finding->kind == RUN_UNKNOWN)
        return true;
    if (file_kind(finding->path, &kind, &error))
        finding_error(finding, &error);
    else if (kind == FILE_ABSENT && file_is_absent(finding->path))
        return false;
    else if (kind != FILE_REGULAR && finding->kind == RUN_TEMPORARY)
        finding->kind = RUN_UNKNOWN;
    else if (kind != FILE_REGULAR)
        finding_fail(finding, STATUS_DATA, kind == FILE_ABSENT ? "it is a link that leads nowhere" : "it is no file");
    finding->in_the_way = finding->state == FINDING_INVALID;
    return true;
}

static enum status read_names(const char *directory, struct text *names, struct error *error)
{
    DIR *stream = opendir(directory);
    enum status status = STATUS_OK;
    struct dirent *entry;

    if (!stream)
        return error_system(error, ACCESS_READ, directory, "open");
    while ((errno = 0, entry = readdir(stream)))
        text_add(names, entry->d_name, strlen(entry->d_name) + 1);
    if (errno)
        status = error_system(error, ACCESS_READ, directory, "read");
    closedir(stream);
    return status;
}

/* Everything in the directory, be it what no program should open. */
static void list(struct examination *run)
{
    for (size_t at = 0; at < run->names.length; at += strlen(run->names.at + at) + 1) {
        const char *name = run->names.at + at;
        struct run_name said = run_name(name);
        struct finding *finding;
        if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
            continue;
        finding = findings_add(run->findings, path_join(run->directory, name), said.kind);
        finding->epoch = said.epoch;
        if (!check_file(finding))
            findings_drop(run->findings, finding);
    }
}

static bool is_locked(const struct examination *run)
{
    const struct finding *lock = examine_find(run, RUN_LOCKED);

    return lock && file_is_locked(lock->path);
}

enum status examine_again(struct examination *run, struct error *error)
{
    struct text names = { 0 };
    enum status status = read_names(run->directory, &names, error);

    run->busy |=
        is_locked(run) || names.length != run->names.length || memcmp(names.at, run->names.at, names.length) != 0;
    text_free(&names);
    return status;
}

static int compare(const void *left, const void *right)
{
    const struct finding *a = *(struct finding *const *)left, *b = *(struct finding *const *)right;
    int places = compare_places(a, b->kind, b->epoch);

    return places ? places : strcmp(a->path, b->path);
}

static void sort(struct findings *findings)
{
    qsort(findings->at, findings->n, sizeof *findings->at, compare);
}

static void examination_free(struct examination *run)
{
    text_free(&run->names);
    if (run->has_conf)
        run_conf_free(&run->conf);
    plan_free(run->plan);
    if (run->model)
        model_free(run->model);
    if (run->has_tombstones)
        tombstones_free(&run->tombstones);
}

enum status examine_run(const char *directory, struct findings *findings, struct error *error)
{
    struct examination run = { .directory = directory, .findings = findings };
    enum status status = read_names(directory, &run.names, error);

    if (status) {
        examination_free(&run);
        return status;
    }
    list(&run);
    sort(findings);
    run.sorted = findings->n;
    run.busy = is_locked(&run);
    run.held = examine_find(&run, RUN_HELD) != NULL;
    examine_settings(&run);
    examine_checkpoints(&run);
    examine_beginning(&run);
    examine_data(&run);
    status = examine_evaluations(&run, error);
    examine_others(&run);
    sort(findings);
    run.sorted = findings->n;
    for (size_t i = 0; i < findings->n; i++)
        findings->at[i]->remedy = remedy_of(&run, findings->at[i]);
    examination_free(&run);
    return status;
}
