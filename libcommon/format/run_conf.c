#include "format/run_conf.h"

#include "base/file.h"
#include "base/memory.h"
#include "base/number.h"
#include "format/checkpoint.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static bool take_text(const char *value, void *to)
{
    *(const char **)to = value;
    return true;
}

static bool take_name(const char *value, void *to)
{
    return *value && take_text(value, to);
}

static bool take_samples(const char *value, void *to)
{
    uint64_t samples;

    return (!*value || (number_u64(value, &samples) && samples > 0)) && take_text(value, to);
}

static bool take_share(const char *value, void *to)
{
    uint64_t samples;
    double share;

    return (number_u64(value, &samples) ||
            (strncmp(value, "0.", 2) == 0 && number_double(value, &share) && share > 0)) &&
           take_text(value, to);
}

static bool take_whole(const char *value, void *to)
{
    return number_u64(value, to);
}

static bool take_positive(const char *value, void *to)
{
    return number_u64(value, to) && *(const uint64_t *)to > 0;
}

/* An epoch of more digits than a run counts up to is none. */
static bool take_fork(const char *value, void *to)
{
    const char *at = strrchr(value, '@');
    uint64_t epoch;

    return (!*value || (at && at != value && number_u64(at + 1, &epoch) && epoch <= UINT32_MAX)) &&
           take_text(value, to);
}

static bool pass(const char *value, void *to)
{
    (void)value;
    (void)to;
    return true;
}

/* The keys of rote-train; all others are settings of the model. */
static const struct {
    const char *name;
    bool (*take)(const char *value, void *to);
    size_t offset; /* of what it fills in */
} keys[] = {
    { "data", take_name, offsetof(struct run_conf, data) },
    { "samples", take_samples, offsetof(struct run_conf, samples) },
    { "val", take_share, offsetof(struct run_conf, val) },
    { "init", take_text, offsetof(struct run_conf, init) },
    { "fork", take_fork, offsetof(struct run_conf, fork) },
    { "seed", take_whole, offsetof(struct run_conf, seed) },
    { "save-every", take_positive, offsetof(struct run_conf, save_every) },
    { "eval-every", take_positive, offsetof(struct run_conf, eval_every) },
    { "patience", take_whole, offsetof(struct run_conf, patience) },
    { "epochs", take_whole, offsetof(struct run_conf, epochs) },
    { "model", pass, 0 },
    { "device", pass, 0 },
    { "threads", pass, 0 },
    { "ranks", pass, 0 },
    { "keep", pass, 0 },
    { "until", pass, 0 },
    { "partial-every", pass, 0 },
    { "lock", pass, 0 },
};

bool run_conf_is_key(const char *name, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (!isalnum((unsigned char)name[i]) && !strchr("._-", name[i]))
            return false;
    return length > 0 && isalpha((unsigned char)name[0]);
}

/* Take what the line, `length` bytes of name and then '=' and a value, says. */
static bool take_value(struct run_conf *conf, char *line, size_t length)
{
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (strlen(keys[i].name) == length && strncmp(keys[i].name, line, length) == 0) {
            conf->has_epochs |= keys[i].offset == offsetof(struct run_conf, epochs);
            return keys[i].take(line + length + 1, (char *)conf + keys[i].offset);
        }
    conf->settings = memory_grow(conf->settings, conf->setting_count, sizeof *conf->settings);
    conf->settings[conf->setting_count++] = line;
    return true;
}

static enum status take_line(struct run_conf *conf, const char *text, const char *path, size_t number,
                             struct error *error)
{
    size_t length = strcspn(text, "=");
    char *line;

    if (!*text || *text == '#')
        return STATUS_OK;
    if (!text[length] || !run_conf_is_key(text, length))
        return error_set(error, STATUS_DATA, "%s:%zu: %s: not of the form key=value", path, number, text);
    line = memory_string(text);
    conf->lines = memory_grow(conf->lines, conf->line_count, sizeof *conf->lines);
    conf->lines[conf->line_count++] = line;
    if (!take_value(conf, line, length))
        return error_set(error, STATUS_DATA, "%s:%zu: %s: a value that this key cannot have", path, number, line);
    return STATUS_OK;
}

struct line {
    const char *text;
    size_t number;
};

/* By key, '=' and all, then as they come in the file. */
static int compare_lines(const void *left, const void *right)
{
    const struct line *a = left, *b = right;
    int order = strncmp(a->text, b->text, strcspn(a->text, "=") + 1);

    return order ? order : (a->number > b->number) - (a->number < b->number);
}

/* `lines` are those with a key; they are put in another order. */
static enum status check_twice(struct line *lines, size_t n, const char *path, struct error *error)
{
    const struct line *first = NULL;
    size_t length;

    if (n)
        qsort(lines, n, sizeof *lines, compare_lines);
    for (size_t i = 1; i < n; i++) {
        length = strcspn(lines[i].text, "=");
        if (strncmp(lines[i - 1].text, lines[i].text, length + 1) == 0 && (!first || lines[i].number < first->number))
            first = &lines[i];
    }
    if (!first)
        return STATUS_OK;
    length = strcspn(first->text, "=");
    return error_set(error, STATUS_DATA, "%s:%zu: %.*s: it is given twice", path, first->number, (int)length,
                     first->text);
}

enum status run_conf_read(const char *path, struct run_conf *conf, struct error *error)
{
    struct bytes bytes;
    enum status status = file_read_regular(path, &bytes, error);
    char *rest = (char *)bytes.at, *text;
    struct line *lines = NULL;

    *conf = (struct run_conf){ .data = "fashion-mnist",
                               .samples = "",
                               .val = "0.1",
                               .init = "",
                               .fork = "",
                               .seed = 1,
                               .save_every = 1,
                               .eval_every = 1 };
    if (!status)
        status = bytes_check_text(&bytes, path, error);
    for (size_t number = 1, n = 0; !status && (text = strsep(&rest, "\n")); number++) {
        status = take_line(conf, text, path, number, error);
        if (conf->line_count > n) {
            lines = memory_grow(lines, n, sizeof *lines);
            lines[n++] = (struct line){ text, number };
        }
    }
    if (!status)
        status = check_twice(lines, conf->line_count, path, error);
    free(lines);
    if (!status && *conf->fork)
        number_u64(strrchr(conf->fork, '@') + 1, &conf->first);
    if (!status && conf->epochs % conf->save_every)
        status = error_set(error, STATUS_DATA, "%s: epochs=%llu: not a multiple of save-every=%llu", path,
                           (unsigned long long)conf->epochs, (unsigned long long)conf->save_every);
    free(bytes.at);
    return status;
}

char *run_conf_beginning(const struct run_conf *conf)
{
    if (*conf->fork)
        return memory_format("%.*s/epoch-%04llu" CHECKPOINT_SUFFIX, (int)(strrchr(conf->fork, '@') - conf->fork),
                             conf->fork, (unsigned long long)conf->first);
    return *conf->init ? memory_string(conf->init) : NULL;
}

void run_conf_free(struct run_conf *conf)
{
    for (size_t i = 0; i < conf->line_count; i++)
        free(conf->lines[i]);
    free(conf->lines);
    free(conf->settings);
    *conf = (struct run_conf){ 0 };
}
