/* ckpt-release - write the weights of a checkpoint for others to use */
#include "base/memory.h"
#include "base/program.h"
#include "release/c_source.h"
#include "release/card.h"
#include "release/onnx.h"
#include "release/weights.h"
#include "train/state.h"

#include <stdlib.h>
#include <string.h>

enum { OPTION_RECORDS = 256 + 1 };

struct release {
    const struct format *format;
    const char *records; /* --records */
};

/* How a format is written: to `path`, or to that and what belongs beside it. */
struct format {
    const char *name;
    void (*write)(const struct session *session, const struct card *card, const char *path, enum output_mode mode);
};

static void write_safetensors(const struct session *session, const struct card *card, const char *path,
                              enum output_mode mode)
{
    weights_write(session->checkpoint, session->state.parameters, card, path, mode);
}

static void write_text(const struct text *text, const char *path, enum output_mode mode)
{
    struct output *out = output_open(path, mode);

    output_write(out, text->at, text->length);
    output_publish(out);
}

/* NAME.c, and before it NAME.h, without which it is of no use. */
static void write_c(const struct session *session, const struct card *card, const char *path, enum output_mode mode)
{
    size_t length = strlen(path);
    struct text source = { 0 }, header = { 0 };
    char *beside = memory_string(path), *name = c_source_name(path);

    if (length < 3 || strcmp(path + length - 2, ".c") != 0)
        program_usage("-o %s: of C there are two files, and this one's name ends in .c", path);
    beside[length - 1] = 'h';
    output_check(path, mode);
    c_source_add(&source, &header, session->plan, session->state.parameters, card, name);
    write_text(&header, beside, mode);
    write_text(&source, path, mode);
    text_free(&source);
    text_free(&header);
    free(name);
    free(beside);
}

static void write_onnx(const struct session *session, const struct card *card, const char *path, enum output_mode mode)
{
    struct text model = { 0 };

    onnx_add(&model, session->plan, session->state.parameters, card);
    write_text(&model, path, mode);
    text_free(&model);
}

static const struct format formats[] = { { "safetensors", write_safetensors },
                                         { "onnx", write_onnx },
                                         { "c", write_c } };

static const struct option_spec options[] = {
    { 'F', "format", "FORMAT", "safetensors, which is the default, onnx or c", 0 },
    { OPTION_RECORDS, "records", "FILE", "say how well it does, from metrics.tsv or nn-eval's records", 0 },
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

    if (letter == OPTION_RECORDS)
        release->records = argument;
    else
        release->format = find_format(argument);
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
    struct release release = { .format = formats };
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
    release.format->write(&session, card, run->output, run->mode);
    card_free(card);
    session_free(&session);
    return program_finish(STATUS_OK);
}
