#include "train/claims.h"

#include "base/memory.h"
#include "format/run_files.h"
#include "train/state.h"

#include <stdlib.h>
#include <string.h>

/* Take over what a checkpoint says, but for its tensors. */
static void take(struct checkpoint *checkpoint, struct checkpoint *claims)
{
    *claims = *checkpoint;
    claims->model = memory_string(checkpoint->model);
    claims->tensors = NULL;
    claims->values = NULL;
    claims->memory = NULL;
    checkpoint_free(checkpoint);
}

enum status claims_prove(const char *path, struct checkpoint *claims, struct error *error)
{
    struct checkpoint *checkpoint;
    size_t finite;
    enum status status = checkpoint_prove(path, &checkpoint, &finite, error);

    *claims = (struct checkpoint){ .model = NULL };
    if (!status)
        status = session_check(checkpoint, finite, path, error);
    if (checkpoint)
        take(checkpoint, claims);
    return status;
}

enum status claims_read(const char *path, struct checkpoint *claims, struct error *error)
{
    struct checkpoint *checkpoint;
    enum status status = checkpoint_read_header(path, &checkpoint, error);

    *claims = (struct checkpoint){ .model = NULL };
    if (checkpoint)
        take(checkpoint, claims);
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
