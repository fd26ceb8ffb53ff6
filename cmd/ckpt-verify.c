/* ckpt-verify - prove that checkpoints are what they claim to be */
#include "base/number.h"
#include "base/program.h"
#include "base/signals.h"
#include "doctor/doctor.h"
#include "doctor/replays.h"

#include <string.h>

enum { LONGEST = 512 }; /* of a remedy that is said to people, never cut short */

enum { OPTION_REPLAY = 256 + 1, OPTION_EPOCHS, OPTION_SAMPLE };

struct request {
    const char *data; /* --replay */
    struct replay replay;
    struct replays replays;
};

static const struct option_spec options[] = {
    { OPTION_EPOCHS, "epochs", "FIRST-LAST", "replay these only, or one", 0 },
    { OPTION_REPLAY, "replay", "DATA", "train each epoch again on this, and compare", 0 },
    { OPTION_SAMPLE, "sample", "COUNT", "replay so many, drawn by the seed", 0 },
    OPTIONS_COMMON(OPT_JSON | OPT_DEVICE | OPT_THREADS | OPT_SEED),
    { 0 },
};

/* "3" or "3-7" */
static bool parse_range(const char *argument, uint64_t *first, uint64_t *last)
{
    char text[64], *dash;

    if (strlen(argument) >= sizeof text)
        return false;
    strcpy(text, argument);
    dash = strchr(text, '-');
    if (dash)
        *dash = '\0';
    return number_u64(text, first) && number_u64(dash ? dash + 1 : text, last) && *first <= *last;
}

static void parse_option(int letter, const char *argument, void *context)
{
    struct request *request = context;
    uint64_t count;

    switch (letter) {
    case OPTION_REPLAY:
        request->data = argument;
        break;
    case OPTION_EPOCHS:
        if (!parse_range(argument, &request->replays.first, &request->replays.last))
            program_usage("--epochs %s: not of the form FIRST-LAST", argument);
        break;
    case OPTION_SAMPLE:
        if (!number_u64(argument, &count) || count < 1)
            program_usage("--sample %s: not a whole number from 1", argument);
        request->replays.sample = count;
        break;
    }
}

static const struct program program = {
    "[-jqv] [--replay data [--epochs first-last] [--sample count [-s seed]]\n"
    " [-d device] [-t threads]] checkpoint|directory ...",
    "prove that checkpoints are what they claim to be",
    options,
    parse_option,
    1,
    MANY_OPERANDS,
};

static void print_finding(struct record_writer *writer, const struct request *request, const struct finding *finding)
{
    const struct checkpoint *claims = &finding->claims;

    record_text(writer, "path", finding->path);
    if (finding->known)
        record_count(writer, "epoch", claims->epoch);
    else if (finding->kind == RUN_EVALUATION || finding->state == FINDING_MISSING)
        record_count(writer, "epoch", finding->epoch);
    else
        record_none(writer, "epoch");
    record_text(writer, "state", finding_state_word(finding->state));
    record_optional(writer, "digest", finding->known ? claims->digest : NULL);
    record_optional(writer, "parent", finding->known ? claims->parent : NULL);
    record_optional(writer, "reason", finding->reason);
    record_text(writer, "kind", run_kind_word(finding->kind));
    record_optional(writer, "remedy", finding->remedy);
    if (request->data)
        record_text(writer, "replay", replays_word(finding->replay));
    record_end(writer);
    if (finding->status)
        warn("%s: %s%s", finding->path, finding->state == FINDING_MISSING ? "missing: " : "", finding->reason);
}

/* Is this remedy said for a finding before this one? */
static bool is_said(const struct findings *findings, size_t i)
{
    for (size_t j = 0; j < i; j++)
        if (findings->at[j]->remedy && strcmp(findings->at[j]->remedy, findings->at[i]->remedy) == 0)
            return true;
    return false;
}

/* For people: how many are how, and what mends them. */
static void summarize(const char *operand, const struct findings *findings, enum status status)
{
    void (*say)(const char *format, ...) = status ? program_say : program_tell;
    size_t count[FINDING_STATES] = { 0 };
    struct text text = { 0 };

    for (size_t i = 0; i < findings->n; i++)
        count[findings->at[i]->state]++;
    for (size_t state = 0; state < FINDING_STATES; state++)
        if (count[state])
            text_format(&text, "%s%zu %s", text.length ? ", " : "", count[state], finding_state_word(state));
    say("%s: %s", operand, text.at);
    for (size_t i = 0; i < findings->n; i++)
        if (findings->at[i]->remedy && !is_said(findings, i))
            say("%s: to mend it: %s", operand,
                strlen(findings->at[i]->remedy) < LONGEST ? findings->at[i]->remedy : "see the column remedy");
    if (count[FINDING_UNREADABLE])
        say("%s: what is unreadable is left alone: look at the disk and at who may read it, then ask again", operand);
    text_free(&text);
}

static void show_progress(const char *path, size_t number, size_t count)
{
    program_say("%s: training it again, %zu of %zu", path, number, count);
}

static enum status verify(struct record_writer *writer, const struct request *request, const char *operand)
{
    struct findings findings = { 0 };
    struct error error;
    enum status status = doctor_examine(operand, &findings, &error);

    if (!status && request->data)
        status = replays_run(&request->replays, operand, &findings, &error);
    if (status)
        warn_error(&error);
    for (size_t i = 0; i < findings.n; i++) {
        print_finding(writer, request, findings.at[i]);
        status = status_worse(status, findings.at[i]->status);
    }
    if (findings.n && strcmp(findings.at[0]->path, operand) != 0)
        summarize(operand, &findings, status);
    findings_free(&findings);
    return status;
}

static void begin_replays(struct request *request, const struct invocation *run)
{
    signals_catch();
    request->replay = (struct replay){ .reading = reading_begin(request->data, READING_DIGEST),
                                       .data_operand = request->data,
                                       .device = run->device,
                                       .threads = run->threads };
    request->replays.replay = &request->replay;
    request->replays.seed = run->seed;
}

int main(int argc, char **argv)
{
    struct request request = { .replays = { .last = UINT64_MAX, .watch = show_progress } };
    const struct invocation *run = program_start(argc, argv, &program, &request);
    struct record_writer *writer = record_writer_new(stdout, run->form);
    enum status status = STATUS_OK;

    if (request.data)
        begin_replays(&request, run);
    else if (request.replays.sample || request.replays.last != UINT64_MAX)
        program_usage("--epochs and --sample say what --replay trains again, which is missing");
    for (size_t i = 0; i < run->operand_count; i++)
        status = status_worse(status, verify(writer, &request, run->operands[i]));
    if (request.data)
        reading_end(request.replay.reading);
    record_writer_free(writer);
    return program_finish(status);
}
