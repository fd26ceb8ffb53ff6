#include "doctor/lineage.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

static bool is_there(const struct findings *findings, const char *digest)
{
    for (size_t i = 0; i < findings->n; i++)
        if (findings->at[i]->link && strcmp(findings->at[i]->claims.digest, digest) == 0)
            return true;
    return false;
}

/* Add the tombstones from the one numbered `next` to those of the epoch `last`; returns the number of the one after
   them. */
static size_t add_pruned(const struct findings *findings, const struct tombstones *tombstones, size_t next,
                         uint64_t last, struct lineage *lineage)
{
    for (; next < tombstones->n && tombstones->at[next].epoch <= last; next++)
        if (!is_there(findings, tombstones->at[next].digest))
            lineage->at[lineage->n++].tombstone = &tombstones->at[next];
    return next;
}

struct lineage lineage_make(const struct findings *findings, const struct tombstones *tombstones)
{
    struct lineage lineage = { .at = memory_new(findings->n + tombstones->n, sizeof *lineage.at) };
    size_t next = 0;

    for (size_t i = 0; i < findings->n; i++) {
        if (findings->at[i]->known)
            next = add_pruned(findings, tombstones, next, findings->at[i]->claims.epoch, &lineage);
        lineage.at[lineage.n++].finding = findings->at[i];
    }
    add_pruned(findings, tombstones, next, UINT64_MAX, &lineage);
    return lineage;
}

void lineage_free(struct lineage *lineage)
{
    free(lineage->at);
    *lineage = (struct lineage){ 0 };
}
