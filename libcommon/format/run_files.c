#include "format/run_files.h"

#include "format/checkpoint.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const words[RUN_KINDS] = {
    [RUN_SETTINGS] = "settings",
    [RUN_NETWORK] = "model",
    [RUN_DESCRIPTION] = "data",
    [RUN_LIST] = "list",
    [RUN_TOMBSTONES] = "tombstones",
    [RUN_PINS] = "pins",
    [RUN_CHECKPOINT] = "checkpoint",
    [RUN_PARTIAL] = "partial",
    [RUN_EVALUATION] = "evaluation",
    [RUN_ROWS] = "metrics",
    [RUN_LOCKED] = "lock",
    [RUN_LOGGED] = "log",
    [RUN_HELD] = "hold",
    [RUN_NOTED] = "notes",
    [RUN_TEMPORARY] = "temporary",
    [RUN_DAMAGED] = "damaged",
    [RUN_UNKNOWN] = "unknown",
};

static const struct {
    const char *name;
    enum run_kind kind;
} names[] = {
    { RUN_CONF, RUN_SETTINGS },   { RUN_MODEL, RUN_NETWORK },   { RUN_DATA, RUN_DESCRIPTION },
    { RUN_TRAIN_LIST, RUN_LIST }, { RUN_VALID_LIST, RUN_LIST }, { RUN_PRUNED, RUN_TOMBSTONES },
    { RUN_PINNED, RUN_PINS },     { RUN_METRICS, RUN_ROWS },    { RUN_LOCK, RUN_LOCKED },
    { RUN_LOG, RUN_LOGGED },      { RUN_HOLD, RUN_HELD },       { RUN_NOTES, RUN_NOTED },
};

/* The names that belong to an epoch: that of its checkpoint with another end. */
static const struct {
    const char *suffix;
    enum run_kind kind;
} suffixes[] = {
    { CHECKPOINT_SUFFIX, RUN_CHECKPOINT },
    { CHECKPOINT_SUFFIX CHECKPOINT_PARTIAL_SUFFIX, RUN_PARTIAL },
    { RUN_EVALUATION_SUFFIX, RUN_EVALUATION },
};

bool run_checkpoint_name(const char *name, uint64_t *epoch)
{
    static const char before[] = "epoch-";
    char canonical[64];

    if (strncmp(name, before, strlen(before)) != 0)
        return false;
    *epoch = strtoull(name + strlen(before), NULL, 10);
    snprintf(canonical, sizeof canonical, "%s%04llu%s", before, (unsigned long long)*epoch, CHECKPOINT_SUFFIX);
    return strcmp(name, canonical) == 0;
}

/* Is `name` that of a checkpoint but for its end, which is `suffix`? */
static bool is_of_epoch(const char *name, const char *suffix, uint64_t *epoch)
{
    char checkpoint[64];
    size_t n = strlen(name), m = strlen(suffix);

    if (n <= m || strcmp(name + n - m, suffix) != 0 || n - m + sizeof CHECKPOINT_SUFFIX > sizeof checkpoint)
        return false;
    memcpy(checkpoint, name, n - m);
    strcpy(checkpoint + n - m, CHECKPOINT_SUFFIX);
    return run_checkpoint_name(checkpoint, epoch);
}

static bool is_temporary(const char *name)
{
    size_t n = strlen(name);

    return name[0] == '.' && n > 4 && strcmp(name + n - 4, ".tmp") == 0;
}

/* NAME.damaged, or NAME.damaged.2 and so on. */
static bool is_damaged(const char *name)
{
    const char *found = strstr(name, RUN_DAMAGED_SUFFIX), *last = found;

    while (last && (found = strstr(last + 1, RUN_DAMAGED_SUFFIX)))
        last = found;
    if (!last || last == name)
        return false;
    last += strlen(RUN_DAMAGED_SUFFIX);
    return !*last || (*last == '.' && last[1] && strspn(last + 1, "0123456789") == strlen(last + 1));
}

struct run_name run_name(const char *name)
{
    struct run_name result = { RUN_UNKNOWN, 0 };

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(name, names[i].name) == 0)
            result.kind = names[i].kind;
    for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++)
        if (is_of_epoch(name, suffixes[i].suffix, &result.epoch))
            return (struct run_name){ suffixes[i].kind, result.epoch };
    if (is_temporary(name))
        result.kind = RUN_TEMPORARY;
    else if (is_damaged(name))
        result.kind = RUN_DAMAGED;
    return (struct run_name){ result.kind, 0 };
}

const char *run_kind_word(enum run_kind kind)
{
    return words[kind];
}
