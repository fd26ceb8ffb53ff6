/* ckpt-verify - prove that checkpoints are what they claim to be */
#include "base/digest.h"
#include "base/file.h"
#include "base/number.h"
#include "base/program.h"
#include "base/signals.h"
#include "doctor/data_sets.h"
#include "doctor/doctor.h"
#include "doctor/lineage.h"
#include "doctor/proof.h"
#include "doctor/replays.h"
#include "doctor/signed.h"
#include "format/runs.h"

#include <stdlib.h>
#include <string.h>

enum { LONGEST = 512 }; /* of a remedy that is said to people, never cut short */

enum { OPTION_REPLAY = 256 + 1, OPTION_CHAIN, OPTION_EPOCHS, OPTION_SAMPLE, OPTION_SUMS };

/* What is asked of the operands. */
enum question { QUESTION_PROOF, QUESTION_REPLAY, QUESTION_CHAIN, QUESTION_SUMS, QUESTION_SIGNATURE };

struct request {
    enum question question;
    const char *data;   /* --replay */
    const char *signer; /* -p, whose key is: */
    struct minisign_public_key key;
    struct replay replay;
    struct replays replays;
    struct data_sets sets; /* that runs are on */
    struct findings files; /* --chain: of those that are named one by one, which make a chain together */
};

static const struct option_spec options[] = {
    { OPTION_CHAIN, "chain", NULL, "print how the checkpoints hang on one another", 0 },
    { OPTION_EPOCHS, "epochs", "FIRST-LAST", "replay these only, or one", 0 },
    { 'p', "public-key", "KEY", "is each file signed by this key of minisign?", 0 },
    { OPTION_REPLAY, "replay", "DATA", "train each epoch again on this, and compare", 0 },
    { OPTION_SAMPLE, "sample", "COUNT", "replay so many, drawn by the seed", 0 },
    { OPTION_SUMS, "sums", NULL, "print for what is proven a line that b2sum -c checks", 0 },
    OPTIONS_COMMON(OPT_JSON | OPT_DEVICE | OPT_THREADS | OPT_SEED),
    { 0 },
};

static void ask(struct request *request, enum question question)
{
    if (request->question != QUESTION_PROOF && request->question != question)
        program_usage("--chain, -p, --replay and --sums are questions of their own: ask one at a time");
    request->question = question;
}

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
    case OPTION_CHAIN:
        ask(request, QUESTION_CHAIN);
        break;
    case OPTION_SUMS:
        ask(request, QUESTION_SUMS);
        break;
    case 'p':
        ask(request, QUESTION_SIGNATURE);
        request->signer = argument;
        break;
    case OPTION_REPLAY:
        ask(request, QUESTION_REPLAY);
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
    "[-jqv] [-t threads] checkpoint|directory ...\n"
    "[-jqv] --chain [-t threads] checkpoint|directory ...\n"
    "[-jqv] -p key file ...\n"
    "[-jqv] --replay data [--epochs first-last] [--sample count [-s seed]]\n"
    " [-d device] [-t threads] checkpoint|directory ...\n"
    "[-qv] --sums [-t threads] checkpoint|directory ...",
    "prove that checkpoints are what they claim to be",
    options,
    parse_option,
    1,
    MANY_OPERANDS,
};

/* The columns that all rows about checkpoints begin with. */
static void print_claims(struct record_writer *writer, const struct finding *finding, const char *state)
{
    const struct checkpoint *claims = &finding->claims;

    record_text(writer, "path", finding->path);
    if (finding->known)
        record_count(writer, "epoch", claims->epoch);
    else if (finding->kind == RUN_EVALUATION || finding->state == FINDING_MISSING)
        record_count(writer, "epoch", finding->epoch);
    else
        record_none(writer, "epoch");
    record_text(writer, "state", state);
    record_optional(writer, "digest", finding->known ? claims->digest : NULL);
    record_optional(writer, "parent", finding->known ? claims->parent : NULL);
    record_optional(writer, "reason", finding->reason);
}

static void print_finding(struct record_writer *writer, const struct request *request, const struct finding *finding)
{
    print_claims(writer, finding, finding_state_word(finding->state));
    record_text(writer, "kind", run_kind_word(finding->kind));
    record_optional(writer, "remedy", finding->remedy);
    if (request->question == QUESTION_REPLAY)
        record_text(writer, "replay", replays_word(finding->replay));
    record_end(writer);
}

/* What b2sum prints: a name that would not stay on its line is escaped, and then the line begins with a backslash. */
static enum status print_sum(const char *path)
{
    unsigned char hash[DIGEST_FILE];
    struct error error;

    if (digest_file(path, hash, &error)) {
        warn_error(&error);
        return error.status;
    }
    if (strpbrk(path, "\\\n\r"))
        putchar('\\');
    for (size_t i = 0; i < sizeof hash; i++)
        printf("%02x", hash[i]);
    printf("  ");
    for (const char *at = path; *at; at++)
        if (*at == '\\' || *at == '\n' || *at == '\r')
            printf("\\%c", *at == '\n' ? 'n' : *at == '\r' ? 'r' : '\\');
        else
            putchar(*at);
    putchar('\n');
    return STATUS_OK;
}

/* On stderr what is wrong, and the status that this is. */
static enum status report(const struct finding *finding)
{
    if (finding->status)
        warn("%s: %s%s", finding->path, finding->state == FINDING_MISSING ? "missing: " : "", finding->reason);
    return finding->status;
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

static enum status prove(struct record_writer *writer, struct request *request, const char *operand,
                         const struct proofs *ahead)
{
    struct findings findings = { .ahead = ahead, .sets = &request->sets };
    struct error error;
    enum status status = doctor_examine(operand, &findings, &error);

    if (!status && request->question == QUESTION_REPLAY)
        status = replays_run(&request->replays, operand, &findings, &error);
    if (status)
        warn_error(&error);
    for (size_t i = 0; i < findings.n; i++) {
        if (request->question != QUESTION_SUMS)
            print_finding(writer, request, findings.at[i]);
        else if (findings.at[i]->state == FINDING_PROVEN)
            status = status_worse(status, print_sum(findings.at[i]->path));
        status = status_worse(status, report(findings.at[i]));
    }
    if (findings.n && strcmp(findings.at[0]->path, operand) != 0)
        summarize(operand, &findings, status);
    findings_free(&findings);
    return status;
}

static void print_pruned(struct record_writer *writer, const char *directory, const struct tombstone *tombstone)
{
    char *path = path_join(directory, tombstone->path);

    record_text(writer, "path", path);
    record_count(writer, "epoch", tombstone->epoch);
    record_text(writer, "state", "pruned");
    record_text(writer, "digest", tombstone->digest);
    record_optional(writer, "parent", tombstone->parent);
    record_optional(writer, "reason", tombstone->reason);
    record_end(writer);
    free(path);
}

static enum status print_link(struct record_writer *writer, const struct finding *finding)
{
    print_claims(writer, finding, finding->link ? chain_word(finding->link) : finding_state_word(finding->state));
    record_end(writer);
    return report(finding);
}

static enum status print_chain(struct record_writer *writer, const char *directory, const struct findings *findings,
                               const struct tombstones *tombstones)
{
    struct lineage lineage = lineage_make(findings, tombstones);
    enum status status = STATUS_OK;

    for (size_t i = 0; i < lineage.n; i++)
        if (lineage.at[i].tombstone)
            print_pruned(writer, directory, lineage.at[i].tombstone);
        else
            status = status_worse(status, print_link(writer, lineage.at[i].finding));
    lineage_free(&lineage);
    return status;
}

static enum status prove_chain_of(struct record_writer *writer, const char *directory, const struct proofs *ahead)
{
    struct findings findings = { .ahead = ahead };
    struct tombstones tombstones;
    struct error error;
    enum status status = doctor_examine_chain(directory, &findings, &tombstones, &error);

    if (status)
        warn_error(&error);
    status = status_worse(status, print_chain(writer, directory, &findings, &tombstones));
    findings_free(&findings);
    tombstones_free(&tombstones);
    return status;
}

/* Each directory has a chain of its own; files wait for the others. */
static enum status prove_chain(struct record_writer *writer, struct request *request, const char *operand,
                               const struct proofs *ahead)
{
    enum file_kind kind;
    struct error error;

    if (file_operand_kind(operand, &kind, &error)) {
        warn_error(&error);
        return error.status;
    }
    if (kind == FILE_DIRECTORY)
        return prove_chain_of(writer, operand, ahead);
    request->files.ahead = ahead;
    doctor_examine(operand, &request->files, &error); /* what is wrong with a file, its finding says */
    return STATUS_OK;
}

/* The chain of the files; it has no tombstones. */
static enum status prove_chain_of_files(struct record_writer *writer, struct request *request)
{
    const struct tombstones none = { 0 };
    enum status status;

    request->files.ahead = NULL; /* they have been looked at, and are gone */
    proof_of_chain(&request->files, &none, false);
    status = print_chain(writer, ".", &request->files, &none);
    findings_free(&request->files);
    return status;
}

static enum status verify_signature(struct record_writer *writer, const struct request *request, const char *path)
{
    struct signed_file file;
    enum status status;

    signed_examine(path, &request->key, &file);
    status = file.error.status;
    record_text(writer, "path", path);
    record_text(writer, "state", signed_state_word(file.state));
    record_optional(writer, "key", *file.key ? file.key : NULL);
    record_optional(writer, "comment", file.comment);
    record_optional(writer, "reason", status ? file.error.text : NULL);
    record_end(writer);
    if (status)
        warn_error(&file.error);
    signed_free(&file);
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

static void check_request(const struct request *request, const struct invocation *run)
{
    bool named = request->question == QUESTION_SUMS || request->question == QUESTION_SIGNATURE;

    if (!request->data && (request->replays.sample || request->replays.last != UINT64_MAX))
        program_usage("--epochs and --sample say what --replay trains again, which is missing");
    if (request->question == QUESTION_SUMS && run->form == RECORDS_JSON)
        program_usage("-j: what --sums prints are the lines of b2sum, not records");
    for (size_t i = 0; named && i < run->operand_count; i++)
        if (strcmp(run->operands[i], "-") == 0)
            program_usage("-: -p and --sums are about files that have a name");
}

/* What the operands stand for. Where that cannot be told, the answer on the operand itself tells why. */
static struct runs find_runs(const struct invocation *run)
{
    struct runs runs = { 0 };

    for (size_t i = 0; i < run->operand_count; i++)
        runs_add(&runs, run->operands[i], NULL);
    return runs;
}

static enum status examine(struct record_writer *writer, struct request *request, const struct invocation *run)
{
    struct runs operands = find_runs(run);
    enum status status = STATUS_OK;

    for (size_t i = 0, end; i < operands.n;) {
        struct proofs ahead = { .kind = PROOFS_WHOLE, .threads = run->threads };
        end =
            i + proofs_make_ahead(&ahead, operands.paths + i, operands.n - i, CHECKPOINT_FINISHED | CHECKPOINT_PARTIAL);
        for (; i < end; i++)
            status = status_worse(status, (request->question == QUESTION_CHAIN ? prove_chain : prove)(
                                              writer, request, operands.paths[i], &ahead));
        proofs_free(&ahead);
    }
    if (request->question == QUESTION_CHAIN)
        status = status_worse(status, prove_chain_of_files(writer, request));
    data_sets_free(&request->sets);
    runs_free(&operands);
    return status;
}

static enum status answer(struct record_writer *writer, struct request *request, const struct invocation *run)
{
    enum status status = STATUS_OK;
    struct error error;

    if (request->signer) {
        if (minisign_read_public_key(request->signer, &request->key, &error))
            die_error(&error);
        for (size_t i = 0; i < run->operand_count; i++)
            status = status_worse(status, verify_signature(writer, request, run->operands[i]));
        return status;
    }
    if (request->data)
        begin_replays(request, run);
    status = examine(writer, request, run);
    if (request->data)
        reading_end(request->replay.reading);
    return status;
}

int main(int argc, char **argv)
{
    struct request request = { .replays = { .last = UINT64_MAX, .watch = show_progress } };
    const struct invocation *run = program_start(argc, argv, &program, &request);
    struct record_writer *writer = record_writer_new(stdout, run->form);
    enum status status;

    check_request(&request, run);
    status = answer(writer, &request, run);
    record_writer_free(writer);
    return program_finish(status);
}
