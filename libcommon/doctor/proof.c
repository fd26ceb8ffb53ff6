#include "doctor/proof.h"

#include "base/file.h"
#include "base/memory.h"
#include "train/claims.h"

#include <stdlib.h>
#include <string.h>

void proof_of_file(struct finding *finding)
{
    struct error error;
    enum status status;

    if (!finding->ahead || !proofs_take(finding->ahead, finding->path, &finding->claims, &status, &error))
        status = claims_prove(finding->path, &finding->claims, &error);
    if (status)
        finding_error(finding, &error);
    else
        finding_prove(finding);
    finding->known = finding->claims.model != NULL;
    if (finding->state == FINDING_INVALID && strcmp(finding->path, "-") != 0 && checkpoint_is_foreign(finding->path))
        finding->state = FINDING_UNREADABLE; /* intact perhaps, and not ours to call broken */
}

void proof_of_name(struct finding *finding)
{
    const char *reason =
        finding->state == FINDING_PROVEN ? claims_against_name(&finding->claims, path_base(finding->path)) : NULL;

    if (reason)
        finding_fail(finding, STATUS_NO, "%s", reason);
}

static bool may_be_unread(const struct findings *findings)
{
    for (size_t i = 0; i < findings->n; i++)
        if ((findings->at[i]->kind == RUN_CHECKPOINT || findings->at[i]->kind == RUN_PARTIAL) &&
            findings->at[i]->state == FINDING_UNREADABLE)
            return true;
    return false;
}

static void take_verdict(struct finding *finding, enum chain_verdict verdict)
{
    const char *reason = chain_reason(verdict);

    finding->link = verdict;
    if (reason)
        finding_fail(finding, verdict == CHAIN_CANNOT_TELL ? STATUS_IO : STATUS_NO, "%s", reason);
}

void proof_of_chain(struct findings *findings, const struct tombstones *tombstones, bool incomplete)
{
    struct finding **judged = memory_new(findings->n, sizeof *judged);
    const struct checkpoint **claims = memory_new(findings->n, sizeof *claims);
    enum chain_verdict *verdicts = memory_new(findings->n, sizeof *verdicts);
    size_t n = 0;

    for (size_t i = 0; i < findings->n; i++)
        if (findings->at[i]->known && findings->at[i]->state == FINDING_PROVEN) {
            judged[n] = findings->at[i];
            claims[n++] = &findings->at[i]->claims;
        }
    claims_judge_chain(claims, n, tombstones, incomplete || may_be_unread(findings), verdicts);
    for (size_t i = 0; i < n; i++)
        take_verdict(judged[i], verdicts[i]);
    free(judged);
    free(claims);
    free(verdicts);
}
