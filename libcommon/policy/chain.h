/*
 * The hash chain of a run: does every checkpoint of a directory come from one that is, or was, there?
 *
 *     enum chain_verdict *verdicts = memory_new(chain.n, sizeof *verdicts);
 *     chain_judge(&chain, verdicts);
 *     for (size_t i = 0; i < chain.n; i++)
 *         puts(chain_word(verdicts[i]));
 *
 * A checkpoint names its parent by digest. That parent must be another checkpoint of the directory, of an earlier
 * epoch and trained on the same data, or one whose removal is on record. Only the oldest checkpoint of the directory
 * may come from elsewhere.
 */
#ifndef POLICY_CHAIN_H
#define POLICY_CHAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A checkpoint whose own digest was proven. Digests are as in its metadata: 64 digits, or "none". */
struct chain_link {
    const char *digest, *parent, *data;
    uint64_t epoch;
    bool partial; /* it is nobody's parent, its own may be of its epoch, and it cannot be the oldest */
};

struct chain {
    const struct chain_link *links;
    size_t n;
    const char *const *pruned; /* the digests of those that were removed */
    size_t pruned_count;
    bool incomplete; /* something of the directory could not be read: a parent that is missing proves nothing */
};

enum chain_verdict {
    CHAIN_UNJUDGED,      /* what memory_new() makes; chain_judge() leaves none so */
    CHAIN_FIRST,         /* holds: nothing is asked of the oldest */
    CHAIN_LINKED,        /* holds: its parent is there */
    CHAIN_PARENT_PRUNED, /* holds: its parent was there */
    CHAIN_NO_PARENT,
    CHAIN_PARENT_NOT_EARLIER,
    CHAIN_OTHER_DATA,
    CHAIN_CANNOT_TELL,
};

/* Judge every link; `verdicts` has room for chain->n. The order of the links does not matter. */
void chain_judge(const struct chain *chain, enum chain_verdict *verdicts);

/* Why the chain does not hold, in words, or NULL. */
const char *chain_reason(enum chain_verdict verdict);

/* The verdict in a word, as in ckpt-verify's column; NULL for CHAIN_UNJUDGED. */
const char *chain_word(enum chain_verdict verdict);

#endif
