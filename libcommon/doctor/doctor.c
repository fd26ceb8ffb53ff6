#include "doctor/doctor.h"

#include "base/file.h"
#include "base/memory.h"
#include "doctor/examine.h"
#include "doctor/proof.h"
#include "format/runs.h"

#include <stdlib.h>
#include <string.h>

static struct finding *add(struct findings *findings, const char *path)
{
    return findings_add(findings, memory_string(path), checkpoint_is_partial_name(path) ? RUN_PARTIAL : RUN_CHECKPOINT);
}

/* `looked`: what looking at it came to. What it is, it says itself: it may have any name. */
static void judge_file(const char *path, enum status looked, const struct error *error, struct findings *findings)
{
    struct finding *finding = add(findings, path);

    if (looked)
        finding_error(finding, error);
    else
        proof_of_file(finding);
    if (finding->known)
        finding->kind = finding->claims.batch > 0 ? RUN_PARTIAL : RUN_CHECKPOINT;
}

/* Tombstones are read after the checkpoints: they are written before one goes. */
static enum status prove_together(const char *directory, struct findings *findings, struct tombstones *tombstones,
                                  struct error *error)
{
    enum status status;

    for (size_t i = 0; i < findings->n; i++)
        proof_of_name(findings->at[i]);
    status = tombstones_read(directory, tombstones, error);
    proof_of_chain(findings, tombstones, status != STATUS_OK);
    return status;
}

/* Where they cannot all be listed, those that could stay unjudged: one of the others may be what they hang on. */
enum status doctor_examine_chain(const char *directory, struct findings *findings, struct tombstones *tombstones,
                                 struct error *error)
{
    struct checkpoint_files files;
    enum status status = checkpoint_files(directory, CHECKPOINT_FINISHED | CHECKPOINT_PARTIAL, &files, error);

    *tombstones = (struct tombstones){ 0 };
    for (size_t i = 0; i < files.count; i++) {
        struct finding *finding = add(findings, files.paths[i]);
        if (!status)
            proof_of_file(finding);
    }
    checkpoint_files_free(&files);
    return status ? status : prove_together(directory, findings, tombstones, error);
}

enum status doctor_examine(const char *operand, struct findings *findings, struct error *error)
{
    enum file_kind kind;
    enum status status = file_operand_kind(operand, &kind, error);
    struct tombstones tombstones;
    bool run;

    if (status || kind != FILE_DIRECTORY) {
        judge_file(operand, status, error, findings);
        return STATUS_OK;
    }
    status = run_has_conf(operand, &run, error);
    if (status)
        return status;
    if (run)
        return examine_run(operand, findings, error);
    status = doctor_examine_chain(operand, findings, &tombstones, error);
    tombstones_free(&tombstones);
    return status;
}
