#include "release/card_markdown.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

static void add_weights(const struct card *card, struct text *to)
{
    text_string(to, "# Model card\n\nAn image classifier trained with rote.\n\n| weights | |\n|---|---|\n");
    text_format(to, "| checkpoint | `%s` |\n", card_get(card, "checkpoint"));
    text_format(to, "| epoch | %s, after %s steps |\n", card_get(card, "epoch"), card_get(card, "step"));
    text_format(to, "| weights | %s |\n",
                strcmp(card_get(card, "weights"), "ema") == 0 ? "the moving average of its parameters (`ema`)"
                                                              : "its parameters (`model`)");
    if (card_get(card, "recipe"))
        text_string(
            to, "| batch normalization | folded into the layers before it, so that results are close, not equal |\n");
    text_format(to, "| arithmetic | %s, of class %s |\n", card_get(card, "arithmetic"), card_get(card, "class"));
}

static void add_data(const struct card *card, struct text *to)
{
    text_string(to, "\n## Data\n\n");
    if (!card_get(card, "train.samples")) {
        text_string(to, "It was not trained yet.\n");
        return;
    }
    text_format(to, "It was trained on %s samples, the set with the digest\n`%s`, which `idx-info` prints.\n",
                card_get(card, "train.samples"), card_get(card, "data"));
}

/* --- How well it does: a row for each split */

static const char *metric(const struct card *card, const char *split, size_t length, const char *name)
{
    char *key = memory_format("%.*s.%s", (int)length, split, name);
    const char *value = card_get(card, key);

    free(key);
    return value;
}

/* In a table, a name ends at a bar; and what people are shown is as in messages. */
static void add_name(struct text *to, const char *name, size_t length)
{
    char shown[TEXT_SHOWN];

    for (const char *end = name + length; name < end; name += text_show(name, shown)) {
        if (strchr("|\\`*_<[&", *name))
            text_string(to, "\\");
        text_show(name, shown);
        text_string(to, shown);
    }
}

static void add_split(const struct card *card, struct text *to, const char *split, size_t length)
{
    const char *const names[] = { "n", "loss", "accuracy" };
    const char *low = metric(card, split, length, "accuracy.low"), *high = metric(card, split, length, "accuracy.high");

    text_string(to, "| ");
    add_name(to, split, length);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *value = metric(card, split, length, names[i]);
        text_format(to, " | %s", value ? value : "");
    }
    if (low && high)
        text_format(to, " | %s to %s |\n", low, high);
    else
        text_string(to, " | |\n");
}

static void add_metrics(const struct card *card, struct text *to)
{
    text_string(
        to, "\n## How well it does\n\n| split | samples | loss | accuracy | 95 % interval |\n|---|---|---|---|---|\n");
    if (card_get(card, "train.samples"))
        text_format(to, "| training, during the epoch | %s | %s | %s | |\n", card_get(card, "train.samples"),
                    card_get(card, "train.loss"), card_get(card, "train.accuracy"));
    for (size_t i = card->metrics; i < card->metrics_end; i++) {
        const char *key = card->entries[i].key;
        size_t length = strcspn(key, ".");
        if (i == card->metrics || strncmp(key, card->entries[i - 1].key, length + 1) != 0)
            add_split(card, to, key, length);
    }
}

/* --- How it was made */

static const char *recipe(const struct card *card)
{
    const char *text = card_get(card, "recipe");

    return text ? text : card_get(card, "model");
}

static void add_chain(const struct card *card, struct text *to)
{
    text_string(to, "\n## Where it came from\n\n");
    if (card->ancestor_count == 0)
        text_string(to, "It is the beginning of its run, made from the recipe and its seed alone.\n");
    else
        text_string(to, "Each of these checkpoints was made from the one after it, and this one from the first:\n\n");
    for (size_t i = 0; i < card->ancestor_count; i++) {
        const struct card_ancestor *ancestor = &card->ancestors[i];
        text_format(to, "- `%s`", ancestor->digest);
        if (ancestor->known)
            text_format(to, ", epoch %llu", (unsigned long long)ancestor->epoch);
        text_string(to, strcmp(ancestor->digest, card->initial) == 0 ? ", which the recipe and its seed alone make\n"
                                                                     : "\n");
    }
}

static void add_command(const struct card *card, struct text *to)
{
    const char *command = card_get(card, "again");

    text_string(to, "\n## How to make it again\n\n");
    if (!command) {
        text_string(to, "Epoch by epoch, with `nn-train-epoch`: its checkpoints are not evenly spaced.\n");
        return;
    }
    text_format(to, "```sh\n%s\n```\n\n`net.model` is the recipe above", command);
    if (strstr(command, "DATA"))
        text_string(
            to,
            ", and `DATA` the directory of the data set, of which, less what `val` holds\nout, the digest is above");
    if (strstr(command, "CHECKPOINT"))
        text_string(to, "; `CHECKPOINT` has the weights that it began with");
    text_format(to, ". The checkpoint of epoch %s then has the digest above:\n`ckpt-info` prints it.",
                card_get(card, "epoch"));
    if (strcmp(card->checkpoint->class, "fp32") != 0 && card->checkpoint->epoch > 0)
        text_format(to, " Its class, %s, has the same bytes only\nwhere library and processor are these.",
                    card->checkpoint->class);
    text_string(to, "\n");
}

void card_markdown(const struct card *card, struct text *to)
{
    add_weights(card, to);
    add_data(card, to);
    add_metrics(card, to);
    text_format(to, "\n## Recipe\n\nWith seed %s, as a rote model text:\n\n```\n%s```\n", card_get(card, "seed"),
                recipe(card));
    add_chain(card, to);
    add_command(card, to);
}
