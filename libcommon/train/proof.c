#include "train/proof.h"

#include "base/file.h"
#include "base/memory.h"
#include "format/run_files.h"
#include "policy/chain.h"
#include "train/claims.h"
#include "train/examine.h"

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

/* Tombstones are read after the checkpoints: they are written before one goes. */
static enum status prove_directory(const char *directory, struct findings *findings, struct error *error)
{
    struct tombstones tombstones;
    enum status status;

    for (size_t i = 0; i < findings->n; i++)
        proof_of_name(findings->at[i]);
    status = tombstones_read(directory, &tombstones, error);
    proof_of_chain(findings, &tombstones, status != STATUS_OK);
    tombstones_free(&tombstones);
    return status;
}

static enum status is_run(const char *directory, bool *is, struct error *error)
{
    char *conf = path_join(directory, RUN_CONF);
    enum status status = file_exists(conf, is, error);

    free(conf);
    return status;
}

/* `looked`: what looking at it came to. */
static void prove_operand_file(const char *operand, enum status looked, const struct error *error,
                               struct findings *findings)
{
    enum run_kind kind = checkpoint_is_partial_name(operand) ? RUN_PARTIAL : RUN_CHECKPOINT;
    struct finding *finding = findings_add(findings, memory_string(operand), kind);

    if (looked)
        finding_error(finding, error);
    else
        proof_of_file(finding);
    if (finding->known)
        finding->kind = finding->claims.batch > 0 ? RUN_PARTIAL : RUN_CHECKPOINT;
}

/* Where they cannot all be listed, those that could stay unjudged: one of the others may be what they hang on. */
static enum status prove_checkpoints(const char *directory, struct findings *findings, struct error *error)
{
    struct checkpoint_files files;
    enum status status = checkpoint_files(directory, CHECKPOINT_FINISHED | CHECKPOINT_PARTIAL, &files, error);

    for (size_t i = 0; i < files.count; i++) {
        enum run_kind kind = checkpoint_is_partial_name(files.paths[i]) ? RUN_PARTIAL : RUN_CHECKPOINT;
        struct finding *finding = findings_add(findings, memory_string(files.paths[i]), kind);
        if (!status)
            proof_of_file(finding);
    }
    checkpoint_files_free(&files);
    return status ? status : prove_directory(directory, findings, error);
}

enum status proof_operand(const char *operand, struct findings *findings, struct error *error)
{
    enum file_kind kind = FILE_OTHER;
    enum status status = strcmp(operand, "-") != 0 ? file_kind(operand, &kind, error) : STATUS_OK;
    bool run;

    if (status || kind != FILE_DIRECTORY) {
        prove_operand_file(operand, status, error, findings);
        return STATUS_OK;
    }
    status = is_run(operand, &run, error);
    if (status)
        return status;
    return run ? examine_run(operand, findings, error) : prove_checkpoints(operand, findings, error);
}
