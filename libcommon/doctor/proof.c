#include "doctor/proof.h"

#include "base/file.h"
#include "base/memory.h"
#include "policy/chain.h"
#include "train/claims.h"

#include <stdlib.h>
#include <string.h>

void proof_of_file(struct finding *finding)
{
    struct error error;

    if (claims_prove(finding->path, &finding->claims, &error))
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

static void judge(const struct findings *findings, struct chain *chain)
{
    struct chain_link *links = memory_new(findings->n, sizeof *links);
    struct finding **judged = memory_new(findings->n, sizeof *judged);
    enum chain_verdict *verdicts = memory_new(findings->n, sizeof *verdicts);

    for (size_t i = 0; i < findings->n; i++) {
        struct finding *finding = findings->at[i];
        const struct checkpoint *claims = &finding->claims;
        if (finding->known && finding->state == FINDING_PROVEN) {
            judged[chain->n] = finding;
            links[chain->n++] =
                (struct chain_link){ claims->digest, claims->parent, claims->data, claims->epoch, claims->batch > 0 };
        }
    }
    chain->links = links;
    chain_judge(chain, verdicts);
    for (size_t i = 0; i < chain->n; i++)
        if (verdicts[i] != CHAIN_HOLDS)
            finding_fail(judged[i], verdicts[i] == CHAIN_CANNOT_TELL ? STATUS_IO : STATUS_NO, "%s",
                         chain_reason(verdicts[i]));
    free(links);
    free(judged);
    free(verdicts);
}

void proof_of_chain(struct findings *findings, const struct tombstones *tombstones, bool incomplete)
{
    const char **pruned = memory_new(tombstones->n, sizeof *pruned);
    struct chain chain = { .pruned = pruned, .pruned_count = tombstones->n, .incomplete = incomplete };

    for (size_t i = 0; i < tombstones->n; i++)
        pruned[i] = tombstones->at[i].digest;
    for (size_t i = 0; i < findings->n; i++)
        if (findings->at[i]->kind == RUN_CHECKPOINT || findings->at[i]->kind == RUN_PARTIAL)
            chain.incomplete |= findings->at[i]->state == FINDING_UNREADABLE;
    judge(findings, &chain);
    free(pruned);
}
