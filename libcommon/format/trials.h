/*
 * The trials table: which trials a search has, and what each of them is trained with. It is records, a row a trial;
 * rote-records(5) describes it, hp-sample(1) writes it, and so does whoever likes.
 *
 *     struct trials trials;
 *     if (trials_read("runs/search/trials.tsv", &trials, &error))
 *         die_error(&error);
 *     ... trials.name[0 .. trials.n - 1] ...
 *     if ((i = trials_find(&trials, record_get(record, "trial"))) < trials.n)
 *         ... the record speaks of trials.name[i] ...
 *     trials_free(&trials);
 *
 * The column `trial` names a trial and its run directory; every other column is a key that rote-train takes, and "none"
 * in it says that the trial does not set it. Tables may be put together, each with columns of its own.
 */
#ifndef FORMAT_TRIALS_H
#define FORMAT_TRIALS_H

#include "base/error.h"
#include "base/records.h"

#include <stdbool.h>
#include <stddef.h>

#define TRIAL_COLUMN "trial"

/* The files that stand beside the trials' directories in that of a search; no trial has the name of one. */
#define SEARCH_FILES                                                                                               \
    "search.conf", "trials.tsv", "decisions.tsv", "decisions.lock", "claims", "failures.tsv", "hold", "net.model", \
        "lock", "log", "compare.html"

enum { TRIAL_NAME_MOST = 100 }; /* bytes */

struct trials {
    const char **name; /* (n) in the order of the table */
    size_t n;
    size_t *by_name;        /* (n) their places in the order of their names */
    struct records records; /* (n) record i, but for the column `trial`, is what trial i is trained with */
};

/* May a trial be called so? A letter or digit, then letters, digits, '.', '_' and '-', and no file of the search. */
bool trial_name_is_good(const char *name);

/* Read a table ("-" is stdin). 65: it has no trial, a row without a name or with one that no trial may have, two trials
   of one name, a column that is no key, or a value with a control character. The caller frees it, also after an error.
 */
enum status trials_read(const char *path, struct trials *trials, struct error *error);

/* The place of the trial of that name, which may be NULL; trials->n where there is none. */
size_t trials_find(const struct trials *trials, const char *name);

void trials_free(struct trials *trials);

#endif
