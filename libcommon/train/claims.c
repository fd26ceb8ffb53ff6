#include "train/claims.h"

#include "base/memory.h"
#include "format/run_files.h"
#include "train/state.h"

#include <stdlib.h>
#include <string.h>

enum status claims_prove(const char *path, struct checkpoint *claims, struct error *error)
{
    struct checkpoint *checkpoint;
    struct session session;
    enum status status = checkpoint_read(path, &checkpoint, error);

    *claims = (struct checkpoint){ .model = NULL };
    if (!checkpoint)
        return status;
    *claims = *checkpoint;
    claims->model = memory_string(checkpoint->model);
    claims->tensors = NULL;
    claims->values = NULL;
    claims->memory = NULL;
    if (status) {
        checkpoint_free(checkpoint);
        return status;
    }
    status = session_open(checkpoint, path, &session, error);
    session_free(&session);
    return status;
}

void claims_free(struct checkpoint *claims)
{
    free((char *)claims->model);
    *claims = (struct checkpoint){ .model = NULL };
}

const char *claims_against_name(const struct checkpoint *claims, const char *name)
{
    bool partial = claims->batch > 0, partial_name = checkpoint_is_partial_name(name);
    uint64_t epoch;

    if (partial && !partial_name)
        return "its epoch is unfinished, as that of a partial checkpoint";
    if (!partial && partial_name)
        return "its epoch is finished, unlike that of a partial checkpoint";
    if (run_checkpoint_name(name, &epoch) && claims->epoch != epoch)
        return "it is not of the epoch in its name";
    return NULL;
}

void claims_judge_chain(const struct checkpoint *const *claims, size_t n, const struct tombstones *tombstones,
                        bool incomplete, enum chain_verdict *verdicts)
{
    struct chain_link *links = memory_new(n, sizeof *links);
    const char **pruned = memory_new(tombstones->n, sizeof *pruned);
    const struct chain chain = { links, n, pruned, tombstones->n, incomplete };

    for (size_t i = 0; i < n; i++)
        links[i] = (struct chain_link){ claims[i]->digest, claims[i]->parent, claims[i]->data, claims[i]->epoch,
                                        claims[i]->batch > 0 };
    for (size_t i = 0; i < tombstones->n; i++)
        pruned[i] = tombstones->at[i].digest;
    chain_judge(&chain, verdicts);
    free(links);
    free(pruned);
}
