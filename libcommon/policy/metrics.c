#include "policy/metrics.h"

#include "base/file.h"
#include "base/memory.h"
#include "base/number.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

const char *metrics_value(const struct record *record, const char *key)
{
    const char *value = record_get(record, key), *split = record_get(record, "split");
    size_t length = split ? strlen(split) : 0;

    if (!value && split && strncmp(key, split, length) == 0 && key[length] == '.')
        value = record_get(record, key + length + 1);
    return value;
}

static enum status read_value(struct candidate *candidate, const struct record *record, const char *key,
                              struct error *error)
{
    const char *value = metrics_value(record, key);

    candidate->value = NAN;
    if (!value || strcmp(value, "none") == 0)
        return STATUS_OK;
    if (!number_any_double(value, &candidate->value))
        return error_set(error, STATUS_DATA, "%s: judge: its %s is '%s', which is no number", candidate->path, key,
                         value);
    candidate->recorded = true;
    return STATUS_OK;
}

static char *path_from(const char *directory, const char *path)
{
    return directory && *path != '/' ? path_join(directory, path) : memory_string(path);
}

static enum status add_record(struct metrics *metrics, const struct record *record, const char *directory,
                              struct error *error)
{
    const char *path = record_get(record, "path"), *digest = record_get(record, "digest"),
               *epoch = record_get(record, "epoch");
    struct candidate *candidate;

    if (!path || !epoch || !digest || strcmp(digest, "none") == 0)
        return STATUS_OK;
    if (!digest_is_hex(digest))
        return error_set(error, STATUS_DATA, "%s: judge: its digest is '%s', which is no digest", path, digest);
    metrics->at = memory_grow(metrics->at, metrics->n, sizeof *metrics->at);
    candidate = &metrics->at[metrics->n++];
    *candidate = (struct candidate){ .path = path_from(directory, path) };
    memcpy(candidate->digest, digest, DIGEST_SIZE);
    if (!number_u64(epoch, &candidate->epoch))
        return error_set(error, STATUS_DATA, "%s: judge: its epoch is '%s', which is no number", candidate->path,
                         epoch);
    return read_value(candidate, record, metrics->key, error);
}

enum status metrics_add(struct metrics *metrics, const struct records *records, const char *directory,
                        struct error *error)
{
    enum status status = STATUS_OK;

    for (size_t i = 0; i < records->n && status == STATUS_OK; i++)
        status = add_record(metrics, &records->record[i], directory, error);
    return status;
}

static int compare_digest_and_path(const void *left, const void *right)
{
    const struct candidate *a = left, *b = right;
    int digest = strcmp(a->digest, b->digest);

    return digest ? digest : strcmp(a->path, b->path);
}

/* Check that two candidates of one digest agree, and let `a` know what `b` does. */
static enum status agree(struct candidate *a, struct candidate *b, const char *key, struct error *error)
{
    char one[NUMBER_SIZE], other[NUMBER_SIZE];

    if (a->epoch != b->epoch)
        return error_set(error, STATUS_DATA, "%s: judge: records disagree on its epoch: %llu and %llu", a->path,
                         (unsigned long long)a->epoch, (unsigned long long)b->epoch);
    if (a->recorded && b->recorded && a->value != b->value && !(isnan(a->value) && isnan(b->value)))
        return error_set(error, STATUS_DATA, "%s: judge: records disagree on its %s: %s and %s", a->path, key,
                         number_print(a->value, one), number_print(b->value, other));
    if (!a->recorded)
        a->value = b->value;
    a->recorded = a->recorded || b->recorded;
    return STATUS_OK;
}

/* Put the candidates first .. first + n - 1, which have one digest, together. */
static enum status merge_group(struct candidate *first, size_t n, const char *key, struct error *error)
{
    for (size_t i = 1; i < n; i++) {
        enum status status = agree(first, &first[i], key, error);
        if (status)
            return status;
    }
    for (size_t i = 1; i < n; i++) {
        first[i].value = first->value;
        first[i].recorded = first->recorded;
    }
    return STATUS_OK;
}

static size_t group_size(const struct metrics *metrics, size_t first)
{
    size_t end = first + 1;

    while (end < metrics->n && strcmp(metrics->at[end].digest, metrics->at[first].digest) == 0)
        end++;
    return end - first;
}

/* Drop every candidate that `compare` finds equal to the one kept before it. */
static void drop_repeated(struct metrics *metrics, int (*compare)(const void *, const void *))
{
    size_t kept = 0;

    for (size_t i = 0; i < metrics->n; i++)
        if (kept && compare(&metrics->at[kept - 1], &metrics->at[i]) == 0)
            free(metrics->at[i].path);
        else
            metrics->at[kept++] = metrics->at[i];
    metrics->n = kept;
}

enum status metrics_merge(struct metrics *metrics, struct error *error)
{
    enum status status = STATUS_OK;

    if (metrics->n)
        qsort(metrics->at, metrics->n, sizeof *metrics->at, compare_digest_and_path);
    for (size_t first = 0, size; first < metrics->n && status == STATUS_OK; first += size) {
        size = group_size(metrics, first);
        status = merge_group(&metrics->at[first], size, metrics->key, error);
    }
    drop_repeated(metrics, compare_digest_and_path);
    return status;
}

const struct candidate *metrics_find(const struct metrics *metrics, const char *digest)
{
    size_t low = 0, high = metrics->n;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(metrics->at[middle].digest, digest) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low < metrics->n && strcmp(metrics->at[low].digest, digest) == 0 ? &metrics->at[low] : NULL;
}

static int compare_digest(const void *left, const void *right)
{
    const struct candidate *a = left, *b = right;

    return strcmp(a->digest, b->digest);
}

int candidate_compare(const struct candidate *a, const struct candidate *b)
{
    int path = strcmp(a->path, b->path);

    return a->epoch != b->epoch ? (a->epoch > b->epoch) - (a->epoch < b->epoch)
           : path               ? path
                                : strcmp(a->digest, b->digest);
}

static int compare_candidates(const void *left, const void *right)
{
    return candidate_compare(left, right);
}

void metrics_make_list(struct metrics *metrics)
{
    drop_repeated(metrics, compare_digest);
    if (metrics->n)
        qsort(metrics->at, metrics->n, sizeof *metrics->at, compare_candidates);
}

void metrics_free(struct metrics *metrics)
{
    for (size_t i = 0; i < metrics->n; i++)
        free(metrics->at[i].path);
    free(metrics->at);
    *metrics = (struct metrics){ 0 };
}
