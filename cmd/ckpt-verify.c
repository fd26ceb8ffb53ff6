/* ckpt-verify - prove that checkpoints are what they claim to be */
#include "base/program.h"
#include "doctor/doctor.h"

#include <string.h>

enum { LONGEST = 512 }; /* of a remedy that is said to people, never cut short */

static const struct option_spec options[] = {
    OPTIONS_COMMON(OPT_JSON),
    { 0 },
};

static const struct program program = { "[-jqv] checkpoint|directory ...",
                                        "prove that checkpoints are what they claim to be",
                                        options,
                                        NULL,
                                        1,
                                        MANY_OPERANDS };

static void print_finding(struct record_writer *writer, const struct finding *finding)
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

static enum status verify(struct record_writer *writer, const char *operand)
{
    struct findings findings = { 0 };
    struct error error;
    enum status status = doctor_examine(operand, &findings, &error);

    if (status)
        warn_error(&error);
    for (size_t i = 0; i < findings.n; i++) {
        print_finding(writer, findings.at[i]);
        status = status_worse(status, findings.at[i]->status);
    }
    if (findings.n && strcmp(findings.at[0]->path, operand) != 0)
        summarize(operand, &findings, status);
    findings_free(&findings);
    return status;
}

int main(int argc, char **argv)
{
    const struct invocation *run = program_start(argc, argv, &program, NULL);
    struct record_writer *writer = record_writer_new(stdout, run->form);
    enum status status = STATUS_OK;

    for (size_t i = 0; i < run->operand_count; i++)
        status = status_worse(status, verify(writer, run->operands[i]));
    record_writer_free(writer);
    return program_finish(status);
}
