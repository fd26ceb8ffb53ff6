#include "policy/chain.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

static int compare_links(const void *a, const void *b)
{
    return strcmp((*(const struct chain_link *const *)a)->digest, (*(const struct chain_link *const *)b)->digest);
}

/* The finished checkpoints by digest. */
static const struct chain_link **sort_parents(const struct chain *chain, size_t *n)
{
    const struct chain_link **parents = memory_new(chain->n, sizeof *parents);

    *n = 0;
    for (size_t i = 0; i < chain->n; i++)
        if (!chain->links[i].partial)
            parents[(*n)++] = &chain->links[i];
    qsort(parents, *n, sizeof *parents, compare_links);
    return parents;
}

static const struct chain_link *find_parent(const struct chain_link *link, const struct chain_link *const *parents,
                                            size_t n)
{
    const struct chain_link key = { .digest = link->parent }, *wanted = &key;
    const struct chain_link *const *found = bsearch(&wanted, parents, n, sizeof *parents, compare_links);

    return found ? *found : NULL;
}

static bool was_pruned(const struct chain *chain, const char *digest)
{
    for (size_t i = 0; i < chain->pruned_count; i++)
        if (strcmp(chain->pruned[i], digest) == 0)
            return true;
    return false;
}

static bool is_oldest(const struct chain *chain, const struct chain_link *link)
{
    if (link->partial)
        return false;
    for (size_t i = 0; i < chain->n; i++)
        if (!chain->links[i].partial && chain->links[i].epoch < link->epoch)
            return false;
    return true;
}

static enum chain_verdict judge_parent(const struct chain_link *link, const struct chain_link *parent)
{
    if (parent->epoch > link->epoch || (parent->epoch == link->epoch && !link->partial))
        return CHAIN_PARENT_NOT_EARLIER;
    if (strcmp(parent->data, "none") != 0 && strcmp(parent->data, link->data) != 0)
        return CHAIN_OTHER_DATA;
    return CHAIN_LINKED;
}

void chain_judge(const struct chain *chain, enum chain_verdict *verdicts)
{
    size_t n;
    const struct chain_link **parents = sort_parents(chain, &n);

    for (size_t i = 0; i < chain->n; i++) {
        const struct chain_link *link = &chain->links[i], *parent = find_parent(link, parents, n);
        if (parent)
            verdicts[i] = judge_parent(link, parent);
        else if (was_pruned(chain, link->parent))
            verdicts[i] = CHAIN_PARENT_PRUNED;
        else if (is_oldest(chain, link))
            verdicts[i] = CHAIN_FIRST;
        else
            verdicts[i] = chain->incomplete ? CHAIN_CANNOT_TELL : CHAIN_NO_PARENT;
    }
    free(parents);
}

static const struct {
    const char *word, *reason;
} verdicts_in_words[] = {
    [CHAIN_UNJUDGED] = { NULL, NULL },
    [CHAIN_FIRST] = { "first", NULL },
    [CHAIN_LINKED] = { "linked", NULL },
    [CHAIN_PARENT_PRUNED] = { "after-pruned", NULL },
    [CHAIN_NO_PARENT] = { "broken",
                          "its parent is neither among the intact checkpoints of the directory nor in its pruned.tsv" },
    [CHAIN_PARENT_NOT_EARLIER] = { "broken", "its parent is not of an earlier epoch" },
    [CHAIN_OTHER_DATA] = { "broken", "its parent was trained on other data" },
    [CHAIN_CANNOT_TELL] = { "unreadable", "its parent may be what could not be read" },
};

const char *chain_reason(enum chain_verdict verdict)
{
    return verdicts_in_words[verdict].reason;
}

const char *chain_word(enum chain_verdict verdict)
{
    return verdicts_in_words[verdict].word;
}
