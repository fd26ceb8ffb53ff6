/*
 * The runs that operands stand for: a directory of runs for those in it, anything else for itself.
 *
 *     struct runs runs = { 0 };
 *     if (runs_add(&runs, "runs", &error))       // as often as there are operands
 *         die_error(&error);
 *     ... runs.paths[0 .. runs.n - 1]: "runs/0001", "runs/0002" ...
 *     runs_free(&runs);
 *
 * A directory is a run if it has a file run.conf, or a checkpoint under a name that a run gives it.
 */
#ifndef FORMAT_RUNS_H
#define FORMAT_RUNS_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>

struct runs {
    char **paths;
    size_t n;
};

/* Add what an operand stands for: of a directory that is no run the runs in it, by name and not those further down; the
   operand itself where it is a run, has none, or is no directory. What cannot be looked at in a directory of runs
   counts as one of them: who opens it is told. 66, 74, 71: it cannot be told of the operand, which is then added
   itself. */
enum status runs_add(struct runs *runs, const char *operand, struct error *error);
void runs_free(struct runs *runs);

/* Has the directory a file run.conf, as rote-train(1) leaves it in each of its runs? 74, 71: cannot tell. */
enum status run_has_conf(const char *directory, bool *has, struct error *error);

#endif
