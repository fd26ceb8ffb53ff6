/* ckpt-release - write the weights of a checkpoint for others to use */
#include "base/memory.h"
#include "base/number.h"
#include "base/password.h"
#include "base/program.h"
#include "format/run_records.h"
#include "release/c_source.h"
#include "release/card.h"
#include "release/card_markdown.h"
#include "release/fold.h"
#include "release/onnx.h"
#include "release/publish.h"
#include "release/weights.h"
#include "train/initial.h"
#include "train/state.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

enum { OPTION_RECORDS = 256 + 1, OPTION_SIGN, OPTION_PASSWORD_FD, OPTION_CARD, OPTION_FOLD };

struct release {
    const struct format *format;
    const char *records, *key, *card; /* --records, --sign, --card */
    int password;                     /* the descriptor that it comes from */
    bool folds;
};

/* What is released. */
struct network {
    const struct plan *plan;
    const float *weights;
    const struct card *card;
};

/* The files of a format, of which the last one's name is `path`. */
struct format {
    const char *name;
    enum status (*make)(const struct network *network, const char *path, struct release_files *files,
                        struct error *error);
};

static enum status make_safetensors(const struct network *network, const char *path, struct release_files *files,
                                    struct error *error)
{
    return weights_add(release_file(files, path), network->plan, network->weights, network->card, path, error);
}

static enum status make_onnx(const struct network *network, const char *path, struct release_files *files,
                             struct error *error)
{
    struct text card = { 0 };

    (void)error;
    card_json(network->card, &card);
    onnx_add(release_file(files, path), network->plan, network->weights, card.at);
    text_free(&card);
    return STATUS_OK;
}

/* NAME.c is of no use without NAME.h. */
static enum status make_c(const struct network *network, const char *path, struct release_files *files,
                          struct error *error)
{
    char *header_path = c_source_header_path(path);
    struct text card = { 0 }, *header, *source;
    enum status status;

    if (!header_path)
        program_usage("-o %s: of C there are two files, and this one's name ends in .c, without \", \\ or ?, and is no "
                      "header's of the C library",
                      path);
    card_json(network->card, &card);
    header = release_file(files, header_path);
    source = release_file(files, path);
    status = c_source_add(source, header, network->plan, network->weights, card.at, header_path, error);
    text_free(&card);
    free(header_path);
    return status;
}

static const struct format formats[] = { { "safetensors", make_safetensors }, { "onnx", make_onnx }, { "c", make_c } };

static const struct option_spec options[] = {
    { OPTION_CARD, "card", "FILE", "write the model card as Markdown, too", 0 },
    { 'F', "format", "FORMAT", "safetensors, which is the default, onnx or c", 0 },
    { OPTION_FOLD, "fold", NULL, "fold batch normalization into the layers before it", 0 },
    { OPTION_PASSWORD_FD, "password-fd", "NUMBER", "read the key's password from this descriptor", 0 },
    { OPTION_RECORDS, "records", "FILE", "say how well it does: a run directory, or nn-eval's records", 0 },
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
    case OPTION_CARD:
        release->card = argument;
        break;
    case OPTION_FOLD:
        release->folds = true;
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
    "[-fqv] [--card file] [-F format] [--fold] [--records file|directory]\n"
    " [--sign key [--password-fd number]] -o out checkpoint",
    "write the weights of a checkpoint for others to use",
    options,
    parse_option,
    1,
    1,
};

static void add_records(struct card *card, const char *path)
{
    struct records records = { 0 };
    const char *directory;
    struct error error;

    if (run_records_of_operand(path, &records, &directory, &error) || card_add_records(card, &records, path, &error))
        die_error(&error);
    records_free(&records);
}

/* The card of the checkpoint, with what the weights of it are that are released. */
static struct card *make_card(const struct release *release, const struct session *session, const char *weights)
{
    char initial[DIGEST_SIZE];
    struct card *card;

    initial_digest(session->model, session->plan, session->checkpoint->seed, initial);
    card = card_new(session->checkpoint, weights, initial);
    if (release->records)
        add_records(card, release->records);
    card_finish(card);
    return card;
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

    text_format(&text, "checkpoint=%s", card->checkpoint->digest);
    for (size_t i = card->metrics; i < card->metrics_end; i++)
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

static void check_command(const struct release *release, const struct invocation *run)
{
    if (!run->output)
        program_usage("where should it go? -o is missing");
    if (release->key && strcmp(run->output, "-") == 0)
        program_usage("--sign: a signature stands beside a file, and -o - is none");
    if (release->key && release->card && strcmp(release->card, "-") == 0)
        program_usage("--sign: a signature stands beside a file, and --card - is none");
    if (release->password != PASSWORD_FROM_TERMINAL && !release->key)
        program_usage("--password-fd: of the key that --sign names, which is missing");
}

static void load(const char *path, struct session *session)
{
    struct error error;

    if (session_load(path, session, &error))
        die_error(&error);
    if (session->checkpoint->batch > 0)
        die(STATUS_DATA, "%s: release: its epoch is unfinished; train it to the end first", path);
}

/* The network itself, or that which --fold makes of it. */
static void fold_network(const struct session *session, const char *path, struct folded *folded,
                         struct network *network, struct card *card)
{
    struct error error;

    if (fold(session->model, session->plan, network->weights, path, folded, &error))
        die_error(&error);
    if (folded->count == 0) {
        program_tell("%s: fold: no batchnorm directly follows a conv or dense layer", path);
        return;
    }
    program_tell("%s: fold: %zu batchnorms", path, folded->count);
    network->plan = folded->plan;
    network->weights = folded->weights;
    card_set_model(card, folded->model->text);
}

/* The card is the first of the files, where there is one. */
static void add_card(const struct release *release, const struct card *card, struct release_files *files)
{
    if (release->card)
        card_markdown(card, release_file(files, release->card));
}

int main(int argc, char **argv)
{
    struct release release = { .format = formats, .password = PASSWORD_FROM_TERMINAL };
    const struct invocation *run = program_start(argc, argv, &program, &release);
    const char *path = run->operands[0];
    struct release_files files = { 0 };
    struct folded folded = { 0 };
    struct network network;
    struct session session;
    struct card *card;
    struct error error;

    check_command(&release, run);
    load(path, &session);
    card = make_card(&release, &session, state_choose(session.plan, &session.state));
    network = (struct network){ session.plan, session.state.parameters, card };
    if (release.folds)
        fold_network(&session, path, &folded, &network, card);
    add_card(&release, card, &files);
    if (release.format->make(&network, run->output, &files, &error))
        die_error(&error);
    publish(&release, &files, card, run);
    release_files_free(&files);
    folded_free(&folded);
    card_free(card);
    session_free(&session);
    return program_finish(STATUS_OK);
}
