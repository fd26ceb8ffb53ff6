#include "release/again.h"

#include "base/memory.h"
#include "base/number.h"

#include <string.h>

/* The value that some record of checkpoint `digest` has in `column`, or NULL. */
static const char *recorded(const struct records *records, const char *digest, const char *column)
{
    for (size_t i = 0; i < records->n; i++) {
        const char *of = record_get(&records->record[i], "digest"), *value = record_get(&records->record[i], column);
        if (of && value && strcmp(of, digest) == 0)
            return value;
    }
    return NULL;
}

static bool is_there(const struct card *card, const char *digest)
{
    for (size_t i = 0; i < card->ancestor_count; i++)
        if (strcmp(card->ancestors[i].digest, digest) == 0)
            return true;
    return false;
}

static struct card_ancestor new_ancestor(const struct card *card, const struct records *records, const char *digest)
{
    struct card_ancestor ancestor = { .known = strcmp(digest, card->initial) == 0 };
    const char *epoch = recorded(records, digest, "epoch");

    strcpy(ancestor.digest, digest);
    if (!ancestor.known && epoch)
        ancestor.known = number_u64(epoch, &ancestor.epoch);
    return ancestor;
}

void again_add_ancestors(struct card *card, const struct records *records)
{
    const char *digest = card->checkpoint->parent;

    while (digest && digest_is_hex(digest) && !is_there(card, digest)) {
        card->ancestors = memory_grow(card->ancestors, card->ancestor_count, sizeof *card->ancestors);
        card->ancestors[card->ancestor_count++] = new_ancestor(card, records, digest);
        digest = recorded(records, digest, "parent");
    }
}

/* How many epochs lie between the checkpoints of the chain, 1 where that is not known; 0: not always as many. *oldest
   is the first epoch that is known to have been trained, and `n` how many ancestors are of known epochs. */
static uint64_t find_step(const struct card *card, uint64_t *oldest, size_t *n)
{
    uint64_t step = 0;

    *oldest = card->checkpoint->epoch;
    for (*n = 0; *n < card->ancestor_count && card->ancestors[*n].known; (*n)++) {
        const uint64_t epoch = card->ancestors[*n].epoch;
        if (epoch >= *oldest || (step && *oldest - epoch != step))
            return 0;
        step = *oldest - epoch;
        if (epoch > 0)
            *oldest = epoch;
    }
    return card->checkpoint->epoch % (step ? step : 1) ? 0 : step ? step : 1;
}

static char *initial_command(const struct card *card)
{
    const char *from = strcmp(card->checkpoint->parent, CHECKPOINT_NONE) == 0 ? "" : " -i CHECKPOINT";

    return memory_format("nn-init -s %llu%s -o again.safetensors net.model", (unsigned long long)card->checkpoint->seed,
                         from);
}

char *again_command(const struct card *card)
{
    const struct checkpoint *checkpoint = card->checkpoint;
    const char *held_out = card_get(card, "valid.n"), *samples = card_get(card, "train.samples");
    struct text command = { 0 };
    uint64_t oldest, step;
    size_t n;

    if (checkpoint->epoch == 0)
        return initial_command(card);
    step = find_step(card, &oldest, &n);
    if (step == 0 || !samples)
        return NULL;
    text_format(&command, "rote-train -r again data=DATA samples=%s val=%s model=net.model seed=%llu epochs=%llu",
                samples, held_out ? held_out : "0", (unsigned long long)checkpoint->seed,
                (unsigned long long)checkpoint->epoch);
    if (step > 1)
        text_format(&command, " save-every=%llu", (unsigned long long)step);
    if (oldest == step && n < card->ancestor_count)
        text_string(&command, " init=CHECKPOINT"); /* its parent is an epoch 0 that the seed alone does not make */
    if (strncmp(checkpoint->class, "fp32-openblas", strlen("fp32-openblas")) == 0)
        text_string(&command, " device=blas");
    return command.at;
}
