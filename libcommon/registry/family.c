#include "registry/family.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

struct member {
    const char *digest;
    uint64_t epoch;
    const struct summary *of;
};

/* By digest, then by run. */
static int compare(const void *left, const void *right)
{
    const struct member *a = left, *b = right;
    int digests = strcmp(a->digest, b->digest);

    return digests ? digests : (a->of > b->of) - (a->of < b->of);
}

static struct member *list(const struct summary *summaries, size_t n, size_t *count)
{
    struct member *members = NULL;

    *count = 0;
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < summaries[i].metrics.n; k++) {
            const struct candidate *candidate = &summaries[i].metrics.at[k];
            members = memory_grow(members, *count, sizeof *members);
            members[(*count)++] = (struct member){ candidate->digest, candidate->epoch, &summaries[i] };
        }
    if (*count)
        qsort(members, *count, sizeof *members, compare);
    return members;
}

/* The first member with the digest that is not of `summary` itself, or NULL. */
static const struct member *find(const struct member *members, size_t n, const struct summary *summary)
{
    size_t low = 0, high = n;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(members[middle].digest, summary->parent) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < n && strcmp(members[low].digest, summary->parent) == 0; low++)
        if (members[low].of != summary)
            return &members[low];
    return NULL;
}

void family_find(struct summary *summaries, size_t n)
{
    size_t count;
    struct member *members = list(summaries, n, &count);

    for (size_t i = 0; i < n; i++) {
        const struct member *member = digest_is_hex(summaries[i].parent) ? find(members, count, &summaries[i]) : NULL;
        if (member) {
            summaries[i].from = member->of;
            summaries[i].from_epoch = member->epoch;
        }
    }
    free(members);
}
