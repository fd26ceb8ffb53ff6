/* ckpt-release - write the weights of a checkpoint for others to use */
#include "base/memory.h"
#include "base/number.h"
#include "base/password.h"
#include "base/program.h"
#include "release/c_source.h"
#include "release/card.h"
#include "release/onnx.h"
#include "release/publish.h"
#include "release/weights.h"
#include "train/state.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

enum { OPTION_RECORDS = 256 + 1, OPTION_SIGN, OPTION_PASSWORD_FD };

struct release {
    const struct format *format;
    const char *records, *key; /* --records, --sign */
    int password;              /* the descriptor that it comes from */
};

/* The files of a format, of which the last one's name is `path`. */
struct format {
    const char *name;
    enum status (*make)(const struct session *session, const struct card *card, const char *path,
                        struct release_files *files, struct error *error);
};

static enum status make_safetensors(const struct session *session, const struct card *card, const char *path,
                                    struct release_files *files, struct error *error)
{
    return weights_add(release_file(files, path), session->checkpoint, session->state.parameters, card, path, error);
}

static enum status make_onnx(const struct session *session, const struct card *card, const char *path,
                             struct release_files *files, struct error *error)
{
    (void)error;
    onnx_add(release_file(files, path), session->plan, session->state.parameters, card);
    return STATUS_OK;
}

/* NAME.c is of no use without NAME.h. */
static enum status make_c(const struct session *session, const struct card *card, const char *path,
                          struct release_files *files, struct error *error)
{
    size_t length = strlen(path);
    char *beside = memory_string(path), *name = c_source_name(path);
    struct text *header, *source;

    if (length < 3 || strcmp(path + length - 2, ".c") != 0)
        program_usage("-o %s: of C there are two files, and this one's name ends in .c", path);
    (void)error;
    beside[length - 1] = 'h';
    header = release_file(files, beside);
    source = release_file(files, path);
    c_source_add(source, header, session->plan, session->state.parameters, card, name);
    free(name);
    free(beside);
    return STATUS_OK;
}

static const struct format formats[] = { { "safetensors", make_safetensors }, { "onnx", make_onnx }, { "c", make_c } };

static const struct option_spec options[] = {
    { 'F', "format", "FORMAT", "safetensors, which is the default, onnx or c", 0 },
    { OPTION_RECORDS, "records", "FILE", "say how well it does, from metrics.tsv or nn-eval's records", 0 },
    { OPTION_PASSWORD_FD, "password-fd", "NUMBER", "read the key's password from this descriptor", 0 },
    { OPTION_SIGN, "sign", "KEY", "sign it with this secret key of minisign", 0 },
    OPTIONS_COMMON(OPT_OUTPUT | OPT_FORCE),
    { 0 },
};

static const struct format *find_format(const char *name)
{
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
        if (strcmp(formats[i].name, name) == 0)
            return &formats[i];
    program_usage("-F %s: no such format; there are safetensors, onnx and c", name);
}

static void parse_option(int letter, const char *argument, void *context)
{
    struct release *release = context;
    uint64_t number;

    switch (letter) {
    case 'F':
        release->format = find_format(argument);
        break;
    case OPTION_RECORDS:
        release->records = argument;
        break;
    case OPTION_SIGN:
        release->key = argument;
        break;
    case OPTION_PASSWORD_FD:
        if (!number_u64(argument, &number) || number > INT_MAX)
            program_usage("--password-fd %s: not the number of a descriptor", argument);
        release->password = (int)number;
        break;
    }
}

static const struct program program = {
    "[-fqv] [-F format] [--records file] [--sign key [--password-fd number]]\n"
    " -o out checkpoint",
    "write the weights of a checkpoint for others to use",
    options,
    parse_option,
    1,
    1,
};

static void add_records(struct card *card, const char *path)
{
    struct records records = { 0 };
    struct error error;

    if (records_read(&records, path, &error) || card_add_records(card, &records, path, &error))
        die_error(&error);
    records_free(&records);
}

static enum status ask(const char *path, char *password, size_t size, void *context, struct error *error)
{
    const struct release *release = context;

    return password_read(release->password, path, password, size, error);
}

/* (Allocated) what is signed beside the file itself: which it is, and how well it does. */
static char *trusted_comment(const struct card *card)
{
    struct text text = { 0 };

    text_format(&text, "checkpoint=%s", card->digest);
    for (size_t i = card->metrics; i < card->n; i++)
        text_format(&text, " %s=%s", card->entries[i].key, card->entries[i].value);
    return text.at;
}

static void publish(struct release *release, const struct release_files *files, const struct card *card,
                    const struct invocation *run)
{
    struct minisign_secret_key *key = NULL;
    char *comment = trusted_comment(card);
    struct error error;

    if (release->key && minisign_read_secret_key(release->key, ask, release, &key, &error))
        die_error(&error);
    release_publish(files, run->mode, key, comment);
    minisign_forget(key);
    free(comment);
}

int main(int argc, char **argv)
{
    struct release release = { .format = formats, .password = PASSWORD_FROM_TERMINAL };
    const struct invocation *run = program_start(argc, argv, &program, &release);
    const char *path = run->operands[0];
    struct release_files files = { 0 };
    struct session session;
    struct card *card;
    struct error error;

    if (!run->output)
        program_usage("where should it go? -o is missing");
    if (release.key && strcmp(run->output, "-") == 0)
        program_usage("--sign: a signature stands beside a file, and -o - is none");
    if (session_load(path, &session, &error))
        die_error(&error);
    if (session.checkpoint->batch > 0)
        die(STATUS_DATA, "%s: release: its epoch is unfinished; train it to the end first", path);
    card = card_new(session.checkpoint, state_choose(session.plan, &session.state));
    if (release.records)
        add_records(card, release.records);
    if (release.format->make(&session, card, run->output, &files, &error))
        die_error(&error);
    publish(&release, &files, card, run);
    release_files_free(&files);
    card_free(card);
    session_free(&session);
    return program_finish(STATUS_OK);
}
