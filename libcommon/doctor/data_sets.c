#include "doctor/data_sets.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

static void set_free(struct data_set *set)
{
    for (size_t i = 0; i < DATA_DIGESTS; i++)
        free(set->digests[i].list);
    idx_free(&set->set);
    free(set->operand);
    *set = (struct data_set){ .operand = NULL };
}

static bool is_of_operand(const struct data_set *set, const char *operand)
{
    return set->operand && strcmp(set->operand, operand) == 0;
}

/* Where the set of an operand is, or else what makes way for it. */
static struct data_set *place_of(struct data_sets *sets, const char *operand)
{
    struct data_set *oldest = &sets->at[0];

    for (size_t i = 0; i < DATA_SETS; i++) {
        if (is_of_operand(&sets->at[i], operand))
            return &sets->at[i];
        if (sets->at[i].asked < oldest->asked)
            oldest = &sets->at[i];
    }
    return oldest;
}

struct data_set *data_sets_read(struct data_sets *sets, const char *operand)
{
    struct data_set *set = place_of(sets, operand);

    if (!is_of_operand(set, operand) || set->error.status) {
        set_free(set);
        set->operand = memory_string(operand);
        idx_read(operand, &set->set, &set->error);
    }
    set->asked = ++sets->asked;
    return set;
}

static bool is_of_list(const struct data_digest *known, const uint32_t *list, size_t n)
{
    if (!*known->digest || !known->list != !list)
        return false;
    return !list || (known->n == n && memcmp(known->list, list, n * sizeof *list) == 0);
}

/* Take the digest, and keep a copy of what it is of. */
static void learn(const struct idx_set *set, const uint32_t *list, size_t n, struct data_digest *known)
{
    struct idx_set selected;

    free(known->list);
    *known = (struct data_digest){ .n = n };
    if (!list) {
        idx_digest(set, known->digest);
        return;
    }
    known->list = memory_new(n, sizeof *list);
    memcpy(known->list, list, n * sizeof *list);
    idx_select(set, list, n, &selected);
    idx_digest(&selected, known->digest);
    idx_free(&selected);
}

void data_set_digest(struct data_set *set, const uint32_t *list, size_t n, char digest[DIGEST_SIZE])
{
    size_t at = 0;

    while (at < DATA_DIGESTS && !is_of_list(&set->digests[at], list, n))
        at++;
    if (at == DATA_DIGESTS) {
        at = set->next_digest;
        set->next_digest = (at + 1) % DATA_DIGESTS;
        learn(&set->set, list, n, &set->digests[at]);
    }
    strcpy(digest, set->digests[at].digest);
}

void data_sets_free(struct data_sets *sets)
{
    for (size_t i = 0; i < DATA_SETS; i++)
        set_free(&sets->at[i]);
    sets->asked = 0;
}
