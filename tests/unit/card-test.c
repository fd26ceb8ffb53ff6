/* The model card, and the release as safetensors that carries it. */
#include "release/card.h"
#include "release/card_markdown.h"
#include "release/weights.h"

#include "base/memory.h"
#include "base/text.h"
#include "format/safetensors.h"

#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OURS "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define OTHER "ff112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

#define INITIAL "ee112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

static struct checkpoint example(void)
{
    return (struct checkpoint){ .digest = OURS,
                                .parent = OTHER,
                                .data = OTHER,
                                .model = "input 1 1 2\ndense 1\n",
                                .class = "fp32",
                                .seed = 1,
                                .epoch = 2,
                                .step = 20,
                                .progress = { .loss = 0.5, .correct = 3, .samples = 4 } };
}

static struct checkpoint checkpoint; /* the example, or what a test makes of it */

static struct card *new_card(void)
{
    checkpoint = example();
    return card_new(&checkpoint, "model", INITIAL);
}

static enum status add_records(struct card *card, const char *text, struct error *error)
{
    struct records records = { 0 };
    enum status status;

    CHECK(!records_parse(&records, text, "r.tsv", error));
    status = card_add_records(card, &records, "r.tsv", error);
    records_free(&records);
    return status;
}

static void it_says_where_the_weights_came_from(void)
{
    struct card *card = new_card();

    CHECK_TEXT(card_get(card, "checkpoint"), OURS);
    CHECK_TEXT(card_get(card, "parent"), OTHER);
    CHECK_TEXT(card_get(card, "model"), "input 1 1 2\ndense 1\n");
    CHECK_TEXT(card_get(card, "epoch"), "2");
    CHECK_TEXT(card_get(card, "train.accuracy"), "0.75");
    CHECK_TEXT(card_get(card, "train.samples"), "4");
    card_free(card);
}

static void without_training_there_are_no_figures_of_it(void)
{
    struct card *card;

    checkpoint = example();
    checkpoint.progress = (struct checkpoint_progress){ 0 };
    card = card_new(&checkpoint, "model", INITIAL);
    CHECK(!card_get(card, "train.loss"));
    CHECK(!card_get(card, "train.samples"));
    card_free(card);
}

static void evaluations_are_keyed_by_split_whatever_their_order(void)
{
    static const char valid[] = OURS "\tvalid\t10\t0.25\t0.5\n", test[] = OURS "\ttest\t20\t0.125\t0.75\n";
    struct card *card[2] = { new_card(), new_card() };

    for (size_t i = 0; i < 2; i++) {
        char *text = memory_format("#digest\tsplit\tn\tloss\taccuracy\n%s%s", i ? valid : test, i ? test : valid);
        CHECK(!add_records(card[i], text, NULL));
        free(text);
    }
    CHECK_TEXT(card_get(card[0], "valid.accuracy"), "0.5");
    CHECK_TEXT(card_get(card[0], "test.n"), "20");
    CHECK_EQUAL(card[0]->n, card[1]->n);
    for (size_t i = 0; i < card[0]->n; i++) {
        CHECK_TEXT(card[0]->entries[i].key, card[1]->entries[i].key);
        CHECK_TEXT(card[0]->entries[i].value, card[1]->entries[i].value);
    }
    card_free(card[0]);
    card_free(card[1]);
}

static void rows_of_metrics_are_taken_as_they_are(void)
{
    struct card *card = new_card();

    CHECK(!add_records(
        card, "#epoch\tdigest\ttrain.loss\tvalid.loss\ttest.loss\n2\t" OURS "\t9\t0.25\tnone\n3\t" OTHER "\t8\t7\t6\n",
        NULL));
    CHECK_TEXT(card_get(card, "valid.loss"), "0.25");
    CHECK_TEXT(card_get(card, "train.loss"), "0.5"); /* the checkpoint's own */
    CHECK(!card_get(card, "test.loss"));
    CHECK(!card_get(card, "epoch.loss"));
    card_free(card);
}

static void figures_of_single_classes_are_left_out(void)
{
    struct card *card = new_card();
    struct error error;

    CHECK_EQUAL(add_records(card, "#digest\tsplit\tclass\tn\trecall\n" OURS "\ttest\t0\t3\t0.5\n", &error),
                STATUS_DATA);
    CHECK(strstr(error.text, "no metric of checkpoint " OURS));
    card_free(card);
}

static void an_evaluation_on_training_data_is_left_out(void)
{
    struct card *card = new_card();

    CHECK_EQUAL(add_records(card, "#digest\tsplit\tloss\taccuracy\n" OURS "\ttrain\t0.1\t0.9\n", NULL), STATUS_DATA);
    CHECK_TEXT(card_get(card, "train.loss"), "0.5");
    card_free(card);
}

static void records_that_agree_are_one(void)
{
    struct card *card = new_card();

    CHECK(!add_records(
        card, "#digest\ttest.loss\n" OURS "\t0.25\n#digest\tsplit\tloss\taccuracy\n" OURS "\ttest\t0.25\t0.5\n", NULL));
    CHECK_EQUAL(card->n - card->metrics, 2);
    card_free(card);
}

static void records_that_disagree_are_refused(void)
{
    struct card *card = new_card();
    struct error error;

    CHECK_EQUAL(add_records(card, "#digest\ttest.loss\n" OURS "\t0.25\n" OURS "\t0.5\n", &error), STATUS_DATA);
    CHECK(strstr(error.text, "different values of test.loss"));
    card_free(card);
}

/* --- The chain, and how to make it again */

#define EVALUATED "#digest\tsplit\tn\tloss\taccuracy\n" OURS "\tvalid\t10\t0.25\t0.5\n"
#define CHECKPOINTS "#digest\tparent\tepoch\n"

static const char *again(const char *records)
{
    static char command[4096];
    struct card *card = card_new(&checkpoint, "model", INITIAL);

    if (records)
        CHECK(!add_records(card, records, NULL));
    card_finish(card);
    snprintf(command, sizeof command, "%s", card_get(card, "again") ? card_get(card, "again") : "none");
    card_free(card);
    return command;
}

static void the_chain_goes_as_far_as_records_tell(void)
{
    struct card *card = new_card();

    CHECK(!add_records(card, EVALUATED CHECKPOINTS OTHER "\t" INITIAL "\t1\n", NULL));
    card_finish(card);
    CHECK_TEXT(card_get(card, "chain"), OTHER " " INITIAL);
    CHECK(card->ancestors[1].known && card->ancestors[1].epoch == 0);
    card_free(card);
    card = new_card();
    card_finish(card);
    CHECK_TEXT(card_get(card, "chain"), OTHER);
    CHECK(!card->ancestors[0].known);
    card_free(card);
}

static void a_chain_that_bites_its_tail_ends(void)
{
    struct card *card = new_card();

    CHECK(!add_records(card, EVALUATED CHECKPOINTS OTHER "\t" OTHER "\t1\n", NULL));
    CHECK_EQUAL(card->ancestor_count, 1);
    card_free(card);
}

static void the_command_has_what_decides_the_bits(void)
{
    checkpoint = example();
    CHECK_TEXT(again(NULL), "rote-train -r again data=DATA samples=4 val=0 model=net.model seed=1 epochs=2");
    CHECK_TEXT(again(EVALUATED CHECKPOINTS OTHER "\t" INITIAL "\t1\n"),
               "rote-train -r again data=DATA samples=4 val=10 model=net.model seed=1 epochs=2");
    CHECK_TEXT(again(EVALUATED CHECKPOINTS OTHER "\t" OURS "\t1\n"),
               "rote-train -r again data=DATA samples=4 val=10 model=net.model seed=1 epochs=2 init=CHECKPOINT");
    strcpy(checkpoint.parent, INITIAL);
    CHECK_TEXT(again(NULL),
               "rote-train -r again data=DATA samples=4 val=0 model=net.model seed=1 epochs=2 save-every=2");
    strcpy(checkpoint.class, "fp32-openblas-1-Haswell");
    checkpoint.epoch = 1;
    CHECK_TEXT(again(NULL),
               "rote-train -r again data=DATA samples=4 val=0 model=net.model seed=1 epochs=1 device=blas");
}

static void of_epoch_0_the_command_is_that_which_makes_it(void)
{
    checkpoint = example();
    checkpoint.epoch = 0;
    CHECK_TEXT(again(NULL), "nn-init -s 1 -i CHECKPOINT -o again.safetensors net.model");
    strcpy(checkpoint.parent, "none");
    CHECK_TEXT(again(NULL), "nn-init -s 1 -o again.safetensors net.model");
}

static void of_steps_of_several_lengths_there_is_no_one_command(void)
{
    checkpoint = example();
    checkpoint.epoch = 4;
    CHECK_TEXT(again(EVALUATED CHECKPOINTS OTHER "\t" INITIAL "\t3\n"), "none");
    CHECK_TEXT(again(EVALUATED CHECKPOINTS OTHER "\t" INITIAL "\t4\n"), "none"); /* nor where they do not ascend */
}

/* --- As JSON and Markdown */

static void as_json_an_entry_is_a_line(void)
{
    struct card *card = new_card();
    struct text json = { 0 };

    CHECK(!add_records(card, "#digest\tb*/a.loss\n" OURS "\t.5\n", NULL));
    card_finish(card);
    card_json(card, &json);
    CHECK(strncmp(json.at, "{\n  \"checkpoint\": \"" OURS "\",\n", 22 + DIGEST_HEX) == 0);
    CHECK(strstr(json.at, "  \"model\": \"input 1 1 2\\ndense 1\\n\",\n"));
    CHECK(strstr(json.at, "  \"train.accuracy\": 0.75,\n"));
    CHECK(strstr(json.at, "  \"b*\\/a.loss\": 0.5,\n")); /* a number of JSON, and no end of a comment */
    CHECK(strstr(json.at, "  \"chain\": [\"" OTHER "\"],\n"));
    CHECK(strcmp(json.at + json.length - 3, "\n}\n") == 0);
    text_free(&json);
    card_free(card);
}

static char *markdown(struct card *card)
{
    struct text text = { 0 };

    card_finish(card);
    card_markdown(card, &text);
    card_free(card);
    return text.at;
}

static void as_markdown_a_split_is_a_row(void)
{
    struct card *card = new_card();
    char *text;

    CHECK(!add_records(card,
                       "#digest\tsplit\tn\tloss\taccuracy\taccuracy.low\taccuracy.high\n" OURS
                       "\ta|b\t10\t0.25\t0.5\t0.25\t0.75\n#digest\ttest.loss\n" OURS "\t2\n",
                       NULL));
    text = markdown(card);
    CHECK(strstr(text, "\n| training, during the epoch | 4 | 0.5 | 0.75 | |\n"));
    CHECK(strstr(text, "\n| a\\|b | 10 | 0.25 | 0.5 | 0.25 to 0.75 |\n"));
    CHECK(strstr(text, "\n| test |  | 2 |  | |\n"));
    CHECK(strstr(text, "\n```\ninput 1 1 2\ndense 1\n```\n"));
    free(text);
}

static void a_folded_network_keeps_its_recipe(void)
{
    struct card *card = new_card();
    char *text;

    card_set_model(card, "another\n");
    CHECK_TEXT(card_get(card, "model"), "another\n");
    CHECK_TEXT(card_get(card, "recipe"), "input 1 1 2\ndense 1\n");
    text = markdown(card);
    CHECK(strstr(text, "folded"));
    CHECK(strstr(text, "\n```\ninput 1 1 2\ndense 1\n```\n"));
    free(text);
}

/* --- The release */

static const float weights[] = { 1, 2, 3 };

static enum status make_release(const char *records, struct text *to, struct error *error)
{
    struct card *card = new_card();
    struct model *model;
    struct plan *plan;
    enum status status;

    if (records)
        CHECK(!add_records(card, records, NULL));
    CHECK(!plan_parse("input 1 1 2\ndense 1\nloss cross-entropy\ntrain\noptimizer adam\n", "net", NULL, 0, &model,
                      &plan, error));
    status = weights_add(to, plan, weights, card, "release", error);
    plan_free(plan);
    model_free(model);
    card_free(card);
    return status;
}

static void a_release_has_the_weights_and_the_card(void)
{
    struct text release = { 0 };
    const unsigned char *bytes;
    struct safetensors file;
    struct error error;

    CHECK(!make_release(NULL, &release, &error));
    bytes = (const unsigned char *)release.at;
    if (CHECK(!safetensors_parse(bytes, release.length, release.length, "release", &file, &error))) {
        CHECK_EQUAL(file.tensor_count, 2);
        CHECK_TEXT(file.tensors[0].name, "dense1.weight");
        CHECK_TEXT(file.tensors[1].name, "dense1.bias");
        CHECK_TEXT(safetensors_get(&file, "format"), "pt");
        CHECK_TEXT(safetensors_get(&file, "checkpoint"), OURS);
        CHECK(strstr(safetensors_get(&file, CARD_KEY), "\"checkpoint\": \"" OURS "\""));
        CHECK(memcmp(bytes + file.data_offset, weights, sizeof weights) == 0);
        safetensors_free(&file);
    }
    text_free(&release);
}

static void a_card_that_others_could_not_read_is_refused(void)
{
    struct text release = { 0 };
    struct error error;

    CHECK_EQUAL(make_release("#digest\tsplit\tloss\taccuracy\n" OURS "\ta\\xff\t0.1\t0.5\n", &release, &error),
                STATUS_DATA);
    CHECK(strstr(error.text, "release: not a safetensors file"));
    text_free(&release);
}

int main(void)
{
    TEST(it_says_where_the_weights_came_from);
    TEST(without_training_there_are_no_figures_of_it);
    TEST(evaluations_are_keyed_by_split_whatever_their_order);
    TEST(rows_of_metrics_are_taken_as_they_are);
    TEST(figures_of_single_classes_are_left_out);
    TEST(an_evaluation_on_training_data_is_left_out);
    TEST(records_that_agree_are_one);
    TEST(records_that_disagree_are_refused);
    TEST(the_chain_goes_as_far_as_records_tell);
    TEST(a_chain_that_bites_its_tail_ends);
    TEST(the_command_has_what_decides_the_bits);
    TEST(of_epoch_0_the_command_is_that_which_makes_it);
    TEST(of_steps_of_several_lengths_there_is_no_one_command);
    TEST(as_json_an_entry_is_a_line);
    TEST(as_markdown_a_split_is_a_row);
    TEST(a_folded_network_keeps_its_recipe);
    TEST(a_release_has_the_weights_and_the_card);
    TEST(a_card_that_others_could_not_read_is_refused);
    return unit_finish();
}
