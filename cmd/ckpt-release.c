/* ckpt-release - write the weights of a checkpoint for others to use */
#include "base/program.h"
#include "release/card.h"
#include "release/weights.h"
#include "train/state.h"

#include <string.h>

enum { OPTION_RECORDS = 256 + 1 };

struct release {
    const char *records; /* --records */
};

static const struct option_spec options[] = {
    { 'F', "format", "FORMAT", "safetensors, the only one there is, and the default", 0 },
    { OPTION_RECORDS, "records", "FILE", "say how well it does, from metrics.tsv or nn-eval's records", 0 },
    OPTIONS_COMMON(OPT_OUTPUT | OPT_FORCE),
    { 0 },
};

static void parse_option(int letter, const char *argument, void *context)
{
    struct release *release = context;

    if (letter == OPTION_RECORDS)
        release->records = argument;
    else if (strcmp(argument, "safetensors") != 0)
        program_usage("-F %s: no such format; there is safetensors", argument);
}

static const struct program program = {
    "[-fqv] [-F format] [--records file] -o out checkpoint",
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

int main(int argc, char **argv)
{
    struct release release = { 0 };
    const struct invocation *run = program_start(argc, argv, &program, &release);
    const char *path = run->operands[0];
    struct session session;
    struct card *card;
    struct error error;

    if (!run->output)
        program_usage("where should it go? -o is missing");
    if (session_load(path, &session, &error))
        die_error(&error);
    if (session.checkpoint->batch > 0)
        die(STATUS_DATA, "%s: release: its epoch is unfinished; train it to the end first", path);
    card = card_new(session.checkpoint, state_choose(session.plan, &session.state));
    if (release.records)
        add_records(card, release.records);
    weights_write(session.checkpoint, session.state.parameters, card, run->output, run->mode);
    card_free(card);
    session_free(&session);
    return program_finish(STATUS_OK);
}
