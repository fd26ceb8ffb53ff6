#include "doctor/finding.h"

#include "base/memory.h"
#include "train/claims.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const words[FINDING_STATES] = { "unjudged",   "proven",  "differs", "invalid",
                                                   "unreadable", "missing", "kept",    "ignored" };

struct finding *findings_add(struct findings *findings, char *path, enum run_kind kind)
{
    struct finding *finding = memory_new(1, sizeof *finding);

    *finding = (struct finding){ .path = path, .kind = kind, .ahead = findings->ahead };
    findings->at = memory_grow(findings->at, findings->n, sizeof *findings->at);
    findings->at[findings->n++] = finding;
    return finding;
}

static void finding_free(struct finding *finding)
{
    free(finding->path);
    free(finding->reason);
    free(finding->remedy);
    claims_free(&finding->claims);
    free(finding);
}

void findings_drop(struct findings *findings, struct finding *finding)
{
    size_t kept = 0;

    for (size_t i = 0; i < findings->n; i++)
        if (findings->at[i] != finding)
            findings->at[kept++] = findings->at[i];
    findings->n = kept;
    finding_free(finding);
}

void findings_free(struct findings *findings)
{
    for (size_t i = 0; i < findings->n; i++)
        finding_free(findings->at[i]);
    free(findings->at);
    *findings = (struct findings){ 0 };
}

static char *print(const char *format, va_list arguments)
{
    struct error error;

    vsnprintf(error.text, sizeof error.text, format, arguments);
    return memory_string(error.text);
}

void finding_fail(struct finding *finding, enum status status, const char *format, ...)
{
    va_list arguments;

    if (finding->status)
        return;
    finding->status = status;
    finding->state = status == STATUS_NO     ? FINDING_DIFFERS
                     : status == STATUS_DATA ? FINDING_INVALID
                                             : FINDING_UNREADABLE;
    free(finding->reason);
    va_start(arguments, format);
    finding->reason = print(format, arguments);
    va_end(arguments);
}

void finding_error(struct finding *finding, const struct error *error)
{
    size_t n = strlen(finding->path);

    if (strncmp(error->text, finding->path, n) != 0 || error->text[n] != ':')
        finding_fail(finding, error->status, "%s", error->text);
    else if (error->text[n + 1] == ' ')
        finding_fail(finding, error->status, "%s", error->text + n + 2);
    else
        finding_fail(finding, error->status, "line %s", error->text + n + 1);
}

void finding_prove(struct finding *finding)
{
    if (finding->state == FINDING_UNJUDGED)
        finding->state = FINDING_PROVEN;
}

void finding_note(struct finding *finding, enum finding_state state, const char *format, ...)
{
    va_list arguments;

    if (finding->status)
        return;
    finding->state = state;
    finding->status = state == FINDING_MISSING ? STATUS_NO : STATUS_OK;
    free(finding->reason);
    va_start(arguments, format);
    finding->reason = print(format, arguments);
    va_end(arguments);
}

const char *finding_state_word(enum finding_state state)
{
    return words[state];
}
