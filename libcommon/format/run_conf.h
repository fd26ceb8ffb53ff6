/*
 * run.conf: what a run is, as key=value lines. rote-train(1) describes the keys.
 *
 *     struct run_conf conf;
 *     if (run_conf_read("runs/a/run.conf", &conf, &error))
 *         die_error(&error);
 *     ... conf.seed ... conf.settings[0 .. conf.setting_count - 1] ...
 *     run_conf_free(&conf);
 *
 * Keys that are not there have rote-train's defaults.
 */
#ifndef FORMAT_RUN_CONF_H
#define FORMAT_RUN_CONF_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Has `name`, `length` bytes of it, the form of a key: a letter, then letters, digits, '.', '_' and '-'? */
bool run_conf_is_key(const char *name, size_t length);

struct run_conf {
    const char *data;    /* the directory of the data set */
    const char *samples; /* how many of them are trained on, "" for all */
    const char *val;     /* how many are held out: a share, a number, "0" */
    const char *init;    /* the checkpoint that the first weights are from, or "" */
    const char *fork;    /* RUN@EPOCH, the run and the checkpoint of it that this one goes on from, or "" */
    uint64_t first;      /* the epoch of its first checkpoint: that of `fork`, else 0 */
    uint64_t seed, save_every, eval_every, patience;
    uint64_t epochs; /* where the file does not say it, those of the model */
    bool has_epochs;
    char **settings; /* of the model, name=value */
    size_t setting_count;
    char **lines; /* what the strings live in */
    size_t line_count;
};

/* 65: a line that is no key=value, a key that comes twice, or a value that its key cannot have. Of what decides nothing
   that a run's files must agree with (how long to train on, what to keep) only the form is looked at. The caller frees
   it with run_conf_free(), also after an error. */
enum status run_conf_read(const char *path, struct run_conf *conf, struct error *error);
void run_conf_free(struct run_conf *conf);

/* (Allocated) the checkpoint that the run begins with, be it by `init` or by `fork`; NULL where it has none. */
char *run_conf_beginning(const struct run_conf *conf);

#endif
