#include "doctor/remedy.h"

#include "base/file.h"
#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

#define PLAIN "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./=:,@%+-"

static bool has_control(const char *word)
{
    uint32_t character;

    for (size_t length; *word; word += length) {
        length = text_decode(word, &character);
        if (length == 0 || text_is_control(character))
            return true;
    }
    return false;
}

/* As a command that prints it: what it prints first is no '-', which would begin an option, and what it prints last no
   line break, which the shell would take away. */
static void add_printed(struct text *text, const char *word)
{
    text_string(text, "\"$(printf '");
    for (const char *at = word; *at; at++)
        if (strchr(PLAIN, *at) && *at != '%' && (*at != '-' || at != word))
            text_add(text, at, 1);
        else
            text_format(text, "\\%03o", (unsigned)(unsigned char)*at);
    text_format(text, "%s')\"", word[strlen(word) - 1] == '\n' ? "/" : "");
}

void remedy_word(struct text *text, const char *word)
{
    if (has_control(word)) {
        add_printed(text, word);
    } else if (*word && strspn(word, PLAIN) == strlen(word)) {
        text_string(text, word);
    } else {
        text_string(text, "'");
        for (const char *at = word; *at; at++)
            text_add(text, *at == '\'' ? "'\\''" : at, *at == '\'' ? 4 : 1);
        text_string(text, "'");
    }
}

/* PREFIX and a file in DIRECTORY, as one word. */
static void add_path(struct text *text, const char *prefix, const char *directory, const char *name)
{
    char *path = path_join(directory, name), *word = memory_format("%s%s", prefix, path);

    remedy_word(text, word);
    free(word);
    free(path);
}

/* Takes over `path`: itself, or with the first number behind it that makes it a name of nothing. */
static char *free_name(char *path)
{
    char *name = memory_string(path);
    bool exists;

    for (size_t number = 2; !file_exists(name, &exists, NULL) && exists; number++) {
        free(name);
        name = memory_format("%s.%zu", path, number);
    }
    free(path);
    return name;
}

/* The name that rote-train would give it. */
static void add_move(struct text *text, const struct finding *finding)
{
    char *aside = free_name(memory_format("%s" RUN_DAMAGED_SUFFIX, finding->path));

    text_string(text, "mv -nT -- ");
    remedy_word(text, finding->path);
    text_string(text, " ");
    remedy_word(text, aside);
    free(aside);
}

static void add_run(struct text *text, const struct examination *run)
{
    text_string(text, "rote-train -r ");
    remedy_word(text, run->directory);
}

/* rote-train, after what would keep it from its work: a file in the way of this finding or at the beginning, a hold. Of
   epochs behind those that it is to train it does nothing unless it is told to. */
static void add_train(struct text *text, const struct examination *run, const struct finding *finding)
{
    const struct finding *first = examine_find_epoch(run, RUN_CHECKPOINT, run->conf.first);
    unsigned long long newest = run->newest > finding->epoch ? run->newest : finding->epoch, epochs = run->conf.epochs,
                       patience = run->conf.patience;

    if (finding->in_the_way) {
        add_move(text, finding);
        text_string(text, " && ");
    }
    if (first && first->in_the_way && first != finding) {
        add_move(text, first);
        text_string(text, " && ");
    }
    if (run->held) {
        add_run(text, run);
        text_string(text, " --unhold && ");
    }
    add_run(text, run);
    if (finding->kind != RUN_CHECKPOINT || finding->epoch <= run->last)
        return;
    text_format(text, " epochs=%llu%s && ", newest, patience ? " patience=0" : "");
    add_run(text, run);
    text_format(text, " epochs=%llu", epochs);
    if (patience)
        text_format(text, " patience=%llu", patience);
}

/* Beside the run, where nothing is: another run there may be somebody's. */
static char *path_of_twin(const char *directory)
{
    size_t length = strlen(directory);
    char *path;

    while (length > 1 && directory[length - 1] == '/')
        length--;
    path = memory_format("%.*s", (int)length, directory);
    if (strcmp(path_base(path), ".") == 0 || strcmp(path_base(path), "..") == 0) {
        free(path);
        return free_name(path_join(directory, "../rote-again"));
    }
    free(path);
    return free_name(memory_format("%.*s.again", (int)length, directory));
}

/* The file as a second run of the same settings makes it, by preference of the model text that the run has; a path with
   a line break is none that settings can have. */
static void add_twin(struct text *text, const struct examination *run, const struct finding *finding)
{
    char *twin = path_of_twin(run->directory);
    const char *name = path_base(finding->path);

    text_string(text, "rote-train -c ");
    add_path(text, "", run->directory, RUN_CONF);
    text_string(text, " -r ");
    remedy_word(text, twin);
    if (finding->kind != RUN_NETWORK && !strchr(run->directory, '\n')) {
        text_string(text, " ");
        add_path(text, "model=", run->directory, RUN_MODEL);
    }
    text_format(text, " keep= patience=0 until= epochs=%llu && ", (unsigned long long)finding->epoch);
    if (finding->state != FINDING_MISSING) {
        add_move(text, finding);
        text_string(text, " && ");
    }
    text_string(text, "cp -- ");
    add_path(text, "", twin, name);
    text_string(text, " ");
    remedy_word(text, finding->path);
    free(twin);
}

/* What only its owner can know. */
static void add_edit(struct text *text, const struct examination *run, const struct finding *finding)
{
    text_string(text, "${EDITOR:-vi} -- ");
    remedy_word(text, finding->path);
    if (finding->kind == RUN_NETWORK) {
        text_string(text, " ");
        add_path(text, "", run->directory, RUN_CONF);
    }
}

static bool gives_seed(const struct run_conf *conf)
{
    for (size_t i = 0; i < conf->line_count; i++)
        if (strncmp(conf->lines[i], "seed=", strlen("seed=")) == 0)
            return true;
    return false;
}

/* A line is added after a line break, as the last one that is there may have none. */
static void add_for_settings(struct text *text, const struct examination *run, const struct finding *finding)
{
    if (!run->witness || run->witness->seed == run->conf.seed) {
        add_edit(text, run, finding);
        return;
    }
    text_format(text, gives_seed(&run->conf) ? "sed -i 's/^seed=.*/seed=%llu/' -- " : "{ echo; echo seed=%llu; } >>",
                (unsigned long long)run->witness->seed);
    remedy_word(text, finding->path);
}

static void add_for_network(struct text *text, const struct examination *run, const struct finding *finding)
{
    if (finding->state == FINDING_DIFFERS && run->conf.setting_count)
        add_edit(text, run, finding);
    else
        add_twin(text, run, finding);
}

static void add_for_data(struct text *text, const struct examination *run, const struct finding *finding)
{
    if (finding->in_the_way)
        add_move(text, finding);
    else
        add_twin(text, run, finding);
}

static bool is_trained(const struct examination *run, const struct finding *finding)
{
    return run->has_conf && finding->epoch >= run->conf.first && finding->epoch % run->conf.save_every == 0 &&
           (finding->kind != RUN_PARTIAL || finding->epoch <= run->conf.epochs);
}

static void add_for_checkpoint(struct text *text, const struct examination *run, const struct finding *finding)
{
    if (is_trained(run, finding))
        add_train(text, run, finding);
    else
        add_move(text, finding);
}

static void add_for_evaluation(struct text *text, const struct examination *run, const struct finding *finding)
{
    if (finding->pruned)
        add_twin(text, run, finding);
    else
        add_train(text, run, finding);
}

/* For a kind that has none here, the file is moved aside. */
static void (*const add_for[RUN_KINDS])(struct text *, const struct examination *, const struct finding *) = {
    [RUN_SETTINGS] = add_for_settings,     [RUN_NETWORK] = add_for_network,
    [RUN_DESCRIPTION] = add_for_data,      [RUN_LIST] = add_for_data,
    [RUN_TOMBSTONES] = add_train,          [RUN_PINS] = add_edit,
    [RUN_CHECKPOINT] = add_for_checkpoint, [RUN_PARTIAL] = add_for_checkpoint,
    [RUN_EVALUATION] = add_for_evaluation, [RUN_ROWS] = add_train,
};

char *remedy_of(const struct examination *run, const struct finding *finding)
{
    struct text text = { 0 };

    if (finding->status == STATUS_OK || finding->state == FINDING_UNREADABLE)
        return NULL;
    if (add_for[finding->kind])
        add_for[finding->kind](&text, run, finding);
    else
        add_move(&text, finding);
    return text.at;
}
