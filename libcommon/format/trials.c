#include "format/trials.h"

#include "base/memory.h"
#include "format/run_conf.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

bool trial_name_is_good(const char *name)
{
    static const char *const taken[] = { SEARCH_FILES, "none" /* no value */ };

    for (size_t i = 0; i < sizeof taken / sizeof *taken; i++)
        if (strcmp(name, taken[i]) == 0)
            return false;
    for (const char *at = name; *at; at++)
        if (!isalnum((unsigned char)*at) && !strchr("._-", *at))
            return false;
    return isalnum((unsigned char)*name) && strlen(name) <= TRIAL_NAME_MOST;
}

static bool has_control(const char *value)
{
    while (*value && !iscntrl((unsigned char)*value))
        value++;
    return *value;
}

static enum status check_columns(const struct record *row, const char *path, size_t number, struct error *error)
{
    for (size_t i = 0; i < row->n; i++) {
        const char *column = row->columns[i];
        if (!run_conf_is_key(column, strlen(column)))
            return error_set(error, STATUS_DATA, "%s: read: the column '%s' is no key of rote-train", path, column);
        if (has_control(row->values[i]))
            return error_set(error, STATUS_DATA, "%s: read: trial %zu: %s: a control character", path, number, column);
    }
    return STATUS_OK;
}

static enum status take_row(struct trials *trials, const struct record *row, const char *path, struct error *error)
{
    const char *name = record_get(row, TRIAL_COLUMN);

    if (!name)
        return error_set(error, STATUS_DATA, "%s: read: trial %zu: no column '%s' names it", path, trials->n + 1,
                         TRIAL_COLUMN);
    if (!trial_name_is_good(name))
        return error_set(error, STATUS_DATA,
                         "%s: read: trial %zu: it cannot be called '%s'; a name is a letter or digit, then letters, "
                         "digits, '.', '_' or '-'",
                         path, trials->n + 1, name);
    trials->name = memory_grow(trials->name, trials->n, sizeof *trials->name);
    trials->name[trials->n++] = name;
    return check_columns(row, path, trials->n, error);
}

static int compare_names(const void *left, const void *right, void *names)
{
    const char *const *name = names;
    const size_t *a = left, *b = right;
    int order = strcmp(name[*a], name[*b]);

    return order ? order : (*a > *b) - (*a < *b);
}

/* Sort their places by name; two of one name come to stand side by side. */
static enum status index_names(struct trials *trials, const char *path, struct error *error)
{
    trials->by_name = memory_new(trials->n, sizeof *trials->by_name);
    for (size_t i = 0; i < trials->n; i++)
        trials->by_name[i] = i;
    qsort_r(trials->by_name, trials->n, sizeof *trials->by_name, compare_names, trials->name);
    for (size_t i = 1; i < trials->n; i++) {
        size_t first = trials->by_name[i - 1], second = trials->by_name[i];
        if (strcmp(trials->name[first], trials->name[second]) == 0)
            return error_set(error, STATUS_DATA, "%s: read: trials %zu and %zu are both called '%s'", path, first + 1,
                             second + 1, trials->name[first]);
    }
    return STATUS_OK;
}

enum status trials_read(const char *path, struct trials *trials, struct error *error)
{
    enum status status;

    *trials = (struct trials){ 0 };
    status = records_read(&trials->records, path, error);
    for (size_t i = 0; !status && i < trials->records.n; i++)
        status = take_row(trials, &trials->records.record[i], path, error);
    if (!status && !trials->n)
        status = error_set(error, STATUS_DATA, "%s: read: it has no trial", path);
    return status ? status : index_names(trials, path, error);
}

size_t trials_find(const struct trials *trials, const char *name)
{
    size_t low = 0, high = name ? trials->n : 0;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(name, trials->name[trials->by_name[middle]]);
        if (order == 0)
            return trials->by_name[middle];
        if (order > 0)
            low = middle + 1;
        else
            high = middle;
    }
    return trials->n;
}

void trials_free(struct trials *trials)
{
    free(trials->name);
    free(trials->by_name);
    records_free(&trials->records);
    *trials = (struct trials){ 0 };
}
