#include "release/card_markdown.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

/* What comes from a file is no Markdown, and is shown as in messages. */
static void add_text(struct text *to, const char *text, size_t length)
{
    char shown[TEXT_SHOWN];

    for (const char *end = text + length; text < end; text += text_show(text, shown)) {
        if (strchr("|\\`*_<[&", *text))
            text_string(to, "\\");
        text_show(text, shown);
        text_string(to, shown);
    }
}

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
    text_format(to, "| arithmetic | %s, of class ", card_get(card, "arithmetic"));
    add_text(to, card->checkpoint->class, strlen(card->checkpoint->class));
    text_string(to, " |\n");
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

static void add_split(const struct card *card, struct text *to, const char *split, size_t length)
{
    const char *const names[] = { "n", "loss", "accuracy" };
    const char *low = metric(card, split, length, "accuracy.low"), *high = metric(card, split, length, "accuracy.high");

    text_string(to, "| ");
    add_text(to, split, length);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *value = metric(card, split, length, names[i]);
        text_format(to, " | %s", value ? value : "");
    }
    if (low && high)
        text_format(to, " | %s to %s |\n", low, high);
    else
        text_string(to, " | |\n");
}

/* Is this key, "SPLIT.metric", the one that stands for its split? Then the length of SPLIT, in which there may be dots;
   else 0. */
static size_t stands_for_split(const struct card *card, const char *key)
{
    static const char *const names[] = { ".accuracy", ".loss", ".n" };

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        size_t length = strlen(key) - strlen(names[i]);
        if (strlen(key) <= strlen(names[i]) || strcmp(key + length, names[i]) != 0)
            continue;
        for (size_t before = 0; before < i; before++)
            if (metric(card, key, length, names[before] + 1))
                return 0;
        return length;
    }
    return 0;
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
        size_t length = stands_for_split(card, key);
        if (length)
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

/* Does the command rest on the run having begun with an epoch 0 that the chain does not reach? A fork has not. */
static bool is_assumed(const struct card *card, const char *command)
{
    return card->checkpoint->epoch > 0 && !strstr(command, "CHECKPOINT") && card->ancestor_count > 0 &&
           strcmp(card->ancestors[card->ancestor_count - 1].digest, card->initial) != 0;
}

static void add_command(const struct card *card, struct text *to)
{
    const char *command = card_get(card, "again");

    text_string(to, "\n## How to make it again\n\n");
    if (!command) {
        text_string(to, "Epoch by epoch, with `nn-train-epoch`: no single command is known to make it.\n");
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
    if (is_assumed(card, command))
        text_string(to,
                    " So it is if its run began with an epoch 0 of\nthe recipe and its seed alone, and is no fork: the "
                    "chain above does not reach so far.");
    if (strcmp(card->checkpoint->class, "fp32") != 0 && card->checkpoint->epoch > 0) {
        text_string(to, " Its class, ");
        add_text(to, card->checkpoint->class, strlen(card->checkpoint->class));
        text_string(to, ", has the same bytes only\nwhere library and processor are these.");
    }
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
