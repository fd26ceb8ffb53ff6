/* ckpt-verify - prove that checkpoints are what they claim to be */
#include "base/file.h"
#include "base/memory.h"
#include "base/program.h"
#include "format/run.h"
#include "policy/chain.h"
#include "train/state.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

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

enum proof_state { STATE_PROVEN, STATE_DIFFERS, STATE_INVALID, STATE_UNREADABLE };

static const char *const state_names[] = { "proven", "differs", "invalid", "unreadable" };

/* What became of one file. Of one that is no checkpoint nothing is known but the first four. */
struct proof {
    const char *path;
    enum proof_state state;
    enum status status;
    char *reason;
    bool known, partial;
    char digest[DIGEST_SIZE], parent[DIGEST_SIZE], data[DIGEST_SIZE];
    uint64_t epoch;
};

static void fail(struct proof *proof, enum status status, const char *reason)
{
    proof->state = status == STATUS_NO ? STATE_DIFFERS : status == STATUS_DATA ? STATE_INVALID : STATE_UNREADABLE;
    proof->status = status;
    proof->reason = memory_string(reason);
    warn("%s: %s", proof->path, reason);
}

/* The part of a message that comes after the path. */
static const char *reason_of(const struct error *error, const char *path)
{
    size_t n = strlen(path);

    return strncmp(error->text, path, n) == 0 && strncmp(error->text + n, ": ", 2) == 0 ? error->text + n + 2
                                                                                        : error->text;
}

static void note_claims(struct proof *proof, const struct checkpoint *checkpoint)
{
    proof->known = true;
    proof->partial = checkpoint->batch > 0;
    strcpy(proof->digest, checkpoint->digest);
    strcpy(proof->parent, checkpoint->parent);
    strcpy(proof->data, checkpoint->data);
    proof->epoch = checkpoint->epoch;
}

/* Prove one file by itself: its digest, and that its tensors are finite and those of its model. */
static void prove(struct proof *proof)
{
    struct checkpoint *checkpoint;
    struct session session;
    struct error error;
    enum status status = checkpoint_read(proof->path, &checkpoint, &error);

    if (checkpoint)
        note_claims(proof, checkpoint);
    if (status == STATUS_NO)
        checkpoint_free(checkpoint);
    if (!status)
        status = session_open(checkpoint, proof->path, &session, &error);
    if (status)
        fail(proof, status, reason_of(&error, proof->path));
    else
        session_free(&session);
    if (proof->state == STATE_INVALID && strcmp(proof->path, "-") != 0 && checkpoint_is_foreign(proof->path))
        proof->state = STATE_UNREADABLE; /* intact perhaps, and not ours to call broken */
}

/* In a directory, a file is what its name says. */
static void prove_name(struct proof *proof)
{
    const char *name = path_base(proof->path);
    bool finished = strcmp(name + strlen(name) - strlen(CHECKPOINT_SUFFIX), CHECKPOINT_SUFFIX) == 0;
    uint64_t epoch;

    if (proof->state != STATE_PROVEN)
        return;
    if (finished && proof->partial)
        fail(proof, STATUS_NO, "its epoch is unfinished, as that of a partial checkpoint");
    else if (!finished && !proof->partial)
        fail(proof, STATUS_NO, "its epoch is finished, unlike that of a partial checkpoint");
    else if (run_checkpoint_name(name, &epoch) && proof->epoch != epoch)
        fail(proof, STATUS_NO, "it is not of the epoch in its name");
}

static void judge(struct proof *proofs, size_t n, struct chain *chain)
{
    struct chain_link *links = memory_new(n, sizeof *links);
    struct proof **judged = memory_new(n, sizeof *judged);
    enum chain_verdict *verdicts = memory_new(n, sizeof *verdicts);

    for (size_t i = 0; i < n; i++) {
        const struct proof *proof = &proofs[i];
        if (proof->state == STATE_PROVEN) {
            judged[chain->n] = &proofs[i];
            links[chain->n++] =
                (struct chain_link){ proof->digest, proof->parent, proof->data, proof->epoch, proof->partial };
        }
        chain->incomplete |= proof->state == STATE_UNREADABLE;
    }
    chain->links = links;
    chain_judge(chain, verdicts);
    for (size_t i = 0; i < chain->n; i++)
        if (verdicts[i] != CHAIN_HOLDS)
            fail(judged[i], verdicts[i] == CHAIN_CANNOT_TELL ? STATUS_IO : STATUS_NO, chain_reason(verdicts[i]));
    free(links);
    free(judged);
    free(verdicts);
}

/* Prove the chain among the files of a directory. */
static enum status prove_chain(const char *directory, struct proof *proofs, size_t n)
{
    struct chain chain = { 0 };
    struct tombstones tombstones;
    struct error error;
    enum status status = tombstones_read(directory, &tombstones, &error);
    const char **pruned = memory_new(tombstones.n, sizeof *pruned);

    if (status)
        warn_error(&error);
    for (size_t i = 0; i < tombstones.n; i++)
        pruned[i] = tombstones.at[i].digest;
    chain.pruned = pruned;
    chain.pruned_count = tombstones.n;
    chain.incomplete = status != STATUS_OK;
    judge(proofs, n, &chain);
    free(pruned);
    tombstones_free(&tombstones);
    return status;
}

static void print_proof(struct record_writer *writer, const struct proof *proof)
{
    record_text(writer, "path", proof->path);
    if (proof->known)
        record_count(writer, "epoch", proof->epoch);
    else
        record_none(writer, "epoch");
    record_text(writer, "state", state_names[proof->state]);
    record_optional(writer, "digest", proof->known ? proof->digest : NULL);
    record_optional(writer, "parent", proof->known ? proof->parent : NULL);
    record_optional(writer, "reason", proof->reason);
    record_end(writer);
}

static enum status verify_operand(struct record_writer *writer, const char *operand)
{
    struct checkpoint_files files;
    struct error error;
    enum status status = checkpoint_files(operand, CHECKPOINT_FINISHED | CHECKPOINT_PARTIAL, &files, &error);
    struct proof *proofs = memory_new(files.count, sizeof *proofs);

    if (status)
        warn_error(&error);
    for (size_t i = 0; i < files.count; i++) {
        proofs[i].path = files.paths[i];
        prove(&proofs[i]);
        if (files.in_directory)
            prove_name(&proofs[i]);
    }
    if (files.in_directory && files.count)
        status = status_worse(status, prove_chain(operand, proofs, files.count));
    for (size_t i = 0; i < files.count; i++) {
        print_proof(writer, &proofs[i]);
        status = status_worse(status, proofs[i].status);
        free(proofs[i].reason);
    }
    free(proofs);
    checkpoint_files_free(&files);
    return status;
}

int main(int argc, char **argv)
{
    const struct invocation *run = program_start(argc, argv, &program, NULL);
    struct record_writer *writer = record_writer_new(stdout, run->form);
    enum status status = STATUS_OK;

    for (size_t i = 0; i < run->operand_count; i++)
        status = status_worse(status, verify_operand(writer, run->operands[i]));
    record_writer_free(writer);
    return program_finish(status);
}
