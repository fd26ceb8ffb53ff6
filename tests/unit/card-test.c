/* The model card, and the release that carries it. */
#include "release/card.h"
#include "release/publish.h"
#include "release/weights.h"

#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"

#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OURS "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define OTHER "ff112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

static float values[] = { 1, 2, 3, 4, 5, 6, 7, 8, 9 };
static struct safetensors_tensor tensors[] = {
    { .name = "model.dense1.weight", .rank = 2, .shape = { 1, 2 }, .offset = 0, .count = 2 },
    { .name = "model.dense1.bias", .rank = 1, .shape = { 1 }, .offset = 2, .count = 1 },
    { .name = "optim.momentum.dense1.weight", .rank = 2, .shape = { 1, 2 }, .offset = 3, .count = 2 },
};

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
                                .progress = { .loss = 0.5, .correct = 3, .samples = 4 },
                                .tensors = tensors,
                                .tensor_count = 3,
                                .values = values };
}

static struct card *new_card(void)
{
    struct checkpoint checkpoint = example();

    return card_new(&checkpoint, "model");
}

static const char *value_of(const struct card *card, const char *key)
{
    for (size_t i = 0; i < card->n; i++)
        if (strcmp(card->entries[i].key, key) == 0)
            return card->entries[i].value;
    return NULL;
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

    CHECK_TEXT(value_of(card, "checkpoint"), OURS);
    CHECK_TEXT(value_of(card, "parent"), OTHER);
    CHECK_TEXT(value_of(card, "model"), "input 1 1 2\ndense 1\n");
    CHECK_TEXT(value_of(card, "epoch"), "2");
    CHECK_TEXT(value_of(card, "train.accuracy"), "0.75");
    CHECK_TEXT(value_of(card, "train.samples"), "4");
    card_free(card);
}

static void without_training_there_are_no_figures_of_it(void)
{
    struct checkpoint checkpoint = example();
    struct card *card;

    checkpoint.progress = (struct checkpoint_progress){ 0 };
    card = card_new(&checkpoint, "model");
    CHECK(!value_of(card, "train.loss"));
    CHECK(!value_of(card, "train.samples"));
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
    CHECK_TEXT(value_of(card[0], "valid.accuracy"), "0.5");
    CHECK_TEXT(value_of(card[0], "test.n"), "20");
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
    CHECK_TEXT(value_of(card, "valid.loss"), "0.25");
    CHECK_TEXT(value_of(card, "train.loss"), "0.5"); /* the checkpoint's own */
    CHECK(!value_of(card, "test.loss"));
    CHECK(!value_of(card, "epoch.loss"));
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
    CHECK_TEXT(value_of(card, "train.loss"), "0.5");
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

static char *path; /* of the release */

static void write_release(const char *records)
{
    struct checkpoint checkpoint = example();
    struct card *card = card_new(&checkpoint, "model");
    struct release_files files = { 0 };
    struct error error;

    if (records)
        CHECK(!add_records(card, records, NULL));
    if (weights_add(release_file(&files, path), &checkpoint, checkpoint.values, card, path, &error))
        die_error(&error);
    release_publish(&files, OUTPUT_REPLACE, NULL, "");
    release_files_free(&files);
    card_free(card);
}

static void a_release_has_the_weights_and_the_card(void)
{
    struct safetensors file;
    struct bytes bytes;
    struct error error;

    write_release(NULL);
    CHECK(!file_read(path, 0, &bytes, &error));
    if (CHECK(!safetensors_parse(bytes.at, bytes.size, bytes.size, path, &file, &error))) {
        CHECK_EQUAL(file.tensor_count, 2);
        CHECK_TEXT(file.tensors[0].name, "dense1.weight");
        CHECK_TEXT(file.tensors[1].name, "dense1.bias");
        CHECK_TEXT(safetensors_get(&file, "format"), "pt");
        CHECK_TEXT(safetensors_get(&file, "checkpoint"), OURS);
        CHECK(memcmp(bytes.at + file.data_offset, (const char *)values, 3 * sizeof *values) == 0);
        safetensors_free(&file);
    }
    free(bytes.at);
}

static void release_with_a_strange_name(void)
{
    write_release("#digest\tsplit\tloss\taccuracy\n" OURS "\ta\\xff\t0.1\t0.5\n");
}

static void a_card_that_others_could_not_read_is_not_published(void)
{
    char message[4096];

    CHECK_EQUAL(unit_run(release_with_a_strange_name, message), STATUS_DATA);
    CHECK(strstr(message, "release: not a safetensors file"));
}

int main(void)
{
    path = memory_format("%s/release", unit_directory());
    TEST(it_says_where_the_weights_came_from);
    TEST(without_training_there_are_no_figures_of_it);
    TEST(evaluations_are_keyed_by_split_whatever_their_order);
    TEST(rows_of_metrics_are_taken_as_they_are);
    TEST(figures_of_single_classes_are_left_out);
    TEST(an_evaluation_on_training_data_is_left_out);
    TEST(records_that_agree_are_one);
    TEST(records_that_disagree_are_refused);
    TEST(a_release_has_the_weights_and_the_card);
    TEST(a_card_that_others_could_not_read_is_not_published);
    free(path);
    return unit_finish();
}
