/* data/split.h: every sample once, in the proportions that were asked for. */
#include "data/split.h"

#include "base/memory.h"
#include "base/random.h"
#include "unit.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_PARTS = 8 };

struct trial {
    struct split_part part[MOST_PARTS];
    size_t n;
    struct error error;
};

/* Decide on the parts named in `shares` (words with spaces between); the status, with the message in `error`. */
static enum status decide(struct trial *made, const char *shares, unsigned flags, const uint16_t *labels, size_t count)
{
    struct split_rule rule = { .seed = 7, .flags = flags };
    char *words = memory_string(shares), *rest = words;
    enum status status = STATUS_OK;

    *made = (struct trial){ .n = 0 };
    for (char *word; (word = strsep(&rest, " ")) && !status;)
        status = split_parse(word, &made->part[made->n++], &made->error);
    free(words);
    return status ? status : split_decide(&rule, labels, count, made->part, made->n, &made->error);
}

static void release(struct trial *made)
{
    split_free(made->part, made->n);
}

/* How many samples are in the parts, when none is in two and each part is ascending; 0 otherwise. */
static size_t distinct(const struct split_part *parts, size_t n, size_t count)
{
    char *seen = memory_new(count, 1);
    size_t sum = 0;

    for (size_t p = 0; p < n; p++)
        for (size_t i = 0; i < parts[p].n; i++) {
            uint32_t sample = parts[p].list[i];
            if (sample >= count || seen[sample]++ || (i && sample <= parts[p].list[i - 1])) {
                free(seen);
                return 0;
            }
            sum++;
        }
    free(seen);
    return sum;
}

/* How many samples of `part` have this label. */
static size_t of_class(const struct split_part *part, const uint16_t *labels, uint16_t label)
{
    size_t n = 0;

    for (size_t i = 0; i < part->n; i++)
        n += labels[part->list[i]] == label;
    return n;
}

/* Ten classes of unequal size, mixed. */
static uint16_t *mixed_labels(size_t count)
{
    struct random_draw draw = { .seed = 3, .purpose = RANDOM_INITIAL };
    uint16_t *labels = memory_new(count, sizeof *labels);

    for (size_t i = 0; i < count; i++) {
        uint32_t word = random_word(&draw, i) % 55, label = 0;
        while (word >= 10 - label)
            word -= 10 - label++;
        labels[i] = (uint16_t)label;
    }
    return labels;
}

static void every_sample_is_in_one_part(void)
{
    uint16_t *labels = mixed_labels(1003);

    for (unsigned flags = 0; flags < 4; flags++) {
        struct trial made;
        CHECK_EQUAL(decide(&made, "a=0.5 b=100 c=rest", flags, labels, 1003), STATUS_OK);
        CHECK_EQUAL(made.part[0].n, 502); /* 501.5 alone rounds up */
        CHECK_EQUAL(made.part[1].n, 100);
        CHECK_EQUAL(made.part[2].n, 401);
        CHECK_EQUAL(distinct(made.part, 3, 1003), 1003);
        release(&made);
    }
    free(labels);
}

static void fractions_that_add_up_to_one_take_all(void)
{
    uint16_t *labels = mixed_labels(200);

    for (size_t count = 10; count < 200; count++) {
        struct trial made;
        CHECK_EQUAL(decide(&made, "a=0.7 b=0.1 c=0.1 d=0.1", 0, labels, count), STATUS_OK);
        CHECK_EQUAL(distinct(made.part, 4, count), count);
        CHECK(fabs((double)made.part[1].n - 0.1 * (double)count) < 1);
        release(&made);
    }
    free(labels);
}

static void the_largest_remainder_gets_the_odd_sample(void)
{
    static const uint16_t labels[101];
    struct trial made;

    CHECK_EQUAL(decide(&made, "a=0.1 b=0.8 c=0.1", 0, labels, 101), STATUS_OK);
    CHECK(made.part[0].n == 10 && made.part[1].n == 81 && made.part[2].n == 10);
    release(&made);
    CHECK_EQUAL(decide(&made, "a=0.25 b=0.25 c=0.5", 0, labels, 99), STATUS_OK);
    CHECK(made.part[0].n == 25 && made.part[1].n == 25 && made.part[2].n == 49);
    release(&made);
    CHECK_EQUAL(decide(&made, "a=0.29", 0, labels, 100), STATUS_OK); /* 28.999999999999996 */
    CHECK_EQUAL(made.part[0].n, 29);
    release(&made);
}

static void the_order_is_that_of_words_and_indices(void)
{
    static const uint16_t labels[50];
    struct random_draw draw = { .seed = 7, .purpose = RANDOM_SPLIT };
    uint32_t order[50];
    bool in_last[50] = { false };
    struct trial made;

    random_order(&draw, order, 50);
    CHECK_EQUAL(decide(&made, "a=rest b=20", 0, labels, 50), STATUS_OK);
    for (size_t i = 0; i < 20; i++)
        in_last[made.part[1].list[i]] = true;
    for (size_t i = 0; i < 50; i++)
        CHECK_EQUAL(in_last[order[i]], i >= 30);
    release(&made);
}

/* Two seeds share as many samples of a half as chance would have it. */
static void another_seed_makes_another_split(void)
{
    uint16_t *labels = mixed_labels(10000);
    struct split_part half[2] = { 0 };
    size_t same = 0;

    for (size_t i = 0; i < 2; i++) {
        struct split_rule rule = { .seed = i + 1 };
        CHECK_EQUAL(split_parse("half=0.5", &half[i], NULL), STATUS_OK);
        CHECK_EQUAL(split_decide(&rule, labels, 10000, &half[i], 1, NULL), STATUS_OK);
    }
    for (size_t i = 0, j = 0; i < 5000 && j < 5000;) {
        same += half[0].list[i] == half[1].list[j];
        if (half[0].list[i] <= half[1].list[j])
            i++;
        else
            j++;
    }
    CHECK_NEAR((double)same, 2500, 125); /* five standard deviations of the hypergeometric distribution */
    split_free(half, 2);
    free(labels);
}

static void a_tail_is_the_end_of_the_set(void)
{
    static const uint16_t labels[10];
    struct trial made;

    CHECK_EQUAL(decide(&made, "a=rest b=3", SPLIT_TAIL, labels, 10), STATUS_OK);
    for (uint32_t i = 0; i < 10; i++)
        CHECK_EQUAL(i < 7 ? made.part[0].list[i] : made.part[1].list[i - 7], i);
    release(&made);
    CHECK_EQUAL(decide(&made, "a=2 b=3", SPLIT_TAIL, labels, 10), STATUS_OK);
    CHECK(made.part[0].list[0] == 5 && made.part[1].list[0] == 7 && made.part[1].list[2] == 9);
    release(&made);
}

static void a_stratified_tail_is_the_end_of_each_class(void)
{
    static const uint16_t labels[8] = { 0, 0, 0, 0, 1, 1, 1, 1 };
    struct trial made;

    CHECK_EQUAL(decide(&made, "a=rest b=4", SPLIT_TAIL | SPLIT_STRATIFIED, labels, 8), STATUS_OK);
    CHECK(made.part[1].list[0] == 2 && made.part[1].list[1] == 3);
    CHECK(made.part[1].list[2] == 6 && made.part[1].list[3] == 7);
    release(&made);
}

/* The most that a part is off its share of a class. */
static double worst_class(const struct trial *made, const uint16_t *labels, size_t count)
{
    double worst = 0;

    for (uint16_t label = 0; label < 10; label++) {
        size_t all = 0;
        for (size_t i = 0; i < count; i++)
            all += labels[i] == label;
        for (size_t p = 0; p < made->n; p++) {
            double share = (double)all * (double)made->part[p].n / (double)count;
            worst = fmax(worst, fabs((double)of_class(&made->part[p], labels, label) - share));
        }
    }
    return worst;
}

static void of_two_stratified_parts_each_has_its_share_of_a_class(void)
{
    uint16_t *labels = mixed_labels(2000);

    for (size_t count = 100; count < 2000; count += 37) {
        struct trial made;
        CHECK_EQUAL(decide(&made, "a=rest b=0.13", SPLIT_STRATIFIED, labels, count), STATUS_OK);
        CHECK_EQUAL(distinct(made.part, 2, count), count);
        CHECK(worst_class(&made, labels, count) < 1);
        release(&made);
        CHECK_EQUAL(decide(&made, "a=0.4", SPLIT_STRATIFIED, labels, count), STATUS_OK);
        CHECK(worst_class(&made, labels, count) < 1);
        release(&made);
    }
    free(labels);
}

static void several_stratified_parts_have_nearly_their_share_of_a_class(void)
{
    uint16_t *labels = mixed_labels(2000);

    for (size_t count = 100; count < 2000; count += 37) {
        struct trial made;
        CHECK_EQUAL(decide(&made, "a=0.62 b=17 c=0.01 d=rest", SPLIT_STRATIFIED, labels, count), STATUS_OK);
        CHECK_EQUAL(made.part[1].n, 17);
        CHECK_EQUAL(distinct(made.part, 4, count), count);
        CHECK(worst_class(&made, labels, count) < 2);
        release(&made);
    }
    free(labels);
}

static void a_class_of_one_sample_does_not_stop_a_stratified_split(void)
{
    static const uint16_t labels[9] = { 3, 3, 3, 3, 32767, 3, 3, 3, 3 };
    struct trial made;

    CHECK_EQUAL(decide(&made, "a=0.5 b=rest", SPLIT_STRATIFIED, labels, 9), STATUS_OK);
    CHECK_EQUAL(distinct(made.part, 2, 9), 9);
    release(&made);
}

static void folds_cover_the_set_once(void)
{
    uint16_t *labels = mixed_labels(1003);

    for (unsigned flags = 0; flags < 4; flags++) {
        struct split_rule rule = { .seed = 1, .flags = flags };
        struct split_part *parts, valid[7];
        CHECK_EQUAL(split_folds(&rule, labels, 1003, 7, &parts, NULL), STATUS_OK);
        for (size_t fold = 0; fold < 7; fold++) {
            valid[fold] = parts[2 * fold + 1];
            CHECK(valid[fold].n == 143 || valid[fold].n == 144);
            CHECK_EQUAL(distinct(parts + 2 * fold, 2, 1003), 1003);
        }
        CHECK_EQUAL(distinct(valid, 7, 1003), 1003);
        CHECK_TEXT(parts[0].name, "fold1-train");
        CHECK_TEXT(parts[13].name, "fold7-valid");
        split_free(parts, 14);
        free(parts);
    }
    free(labels);
}

static void stratified_folds_have_each_class_in_proportion(void)
{
    uint16_t *labels = mixed_labels(1000);
    struct split_rule rule = { .seed = 1, .flags = SPLIT_STRATIFIED };
    struct split_part *parts;

    CHECK_EQUAL(split_folds(&rule, labels, 1000, 8, &parts, NULL), STATUS_OK);
    for (uint16_t label = 0; label < 10; label++) {
        double all = (double)(of_class(&parts[0], labels, label) + of_class(&parts[1], labels, label));
        for (size_t fold = 0; fold < 8; fold++)
            CHECK_NEAR((double)of_class(&parts[2 * fold + 1], labels, label), all / 8, 0.9999);
    }
    split_free(parts, 16);
    free(parts);
    free(labels);
}

static void as_many_folds_as_samples_leave_one_out(void)
{
    static const uint16_t labels[3] = { 1, 1, 0 };
    struct split_rule rule = { .seed = 1 };
    struct split_part *parts;
    struct error error;

    CHECK_EQUAL(split_folds(&rule, labels, 3, 3, &parts, NULL), STATUS_OK);
    for (size_t fold = 0; fold < 3; fold++)
        CHECK(parts[2 * fold].n == 2 && parts[2 * fold + 1].n == 1);
    split_free(parts, 6);
    free(parts);
    CHECK_EQUAL(split_folds(&rule, labels, 3, 4, &parts, &error), STATUS_DATA);
    CHECK_TEXT(error.text, "4 folds need more samples than the 3 of the set");
}

static void check_refused(const char *shares, enum status status, const char *message)
{
    static const uint16_t labels[100];
    struct trial made;

    CHECK_EQUAL(decide(&made, shares, 0, labels, 100), status);
    CHECK_TEXT(made.error.text, message);
    release(&made);
}

static void a_share_that_is_none_is_refused(void)
{
    static const char *const wrong[] = { "a=",   "a=0", "a=-1",   "a=0.0", "a=1.5", "a=nan",
                                         "a=1 ", "a=x", "a=Rest", "a==1",  "a=1%",  "a=18446744073709551616" };

    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct split_part part;
        struct error error = { .text = "" };
        CHECK_EQUAL(split_parse(wrong[i], &part, &error), STATUS_USAGE);
        CHECK(strstr(error.text, "a share is a number of samples, a fraction such as 0.1, or rest"));
        CHECK(!part.name);
    }
}

static void a_name_that_is_none_is_refused(void)
{
    check_refused("train", STATUS_USAGE, "train: not of the form name=share");
    check_refused("=3", STATUS_USAGE, "=3: the name of a part is not empty and has no '/' or '@' in it");
    check_refused("a/b=3", STATUS_USAGE, "a/b=3: the name of a part is not empty and has no '/' or '@' in it");
    check_refused("a@b=3", STATUS_USAGE, "a@b=3: the name of a part is not empty and has no '/' or '@' in it");
}

static void parts_that_contradict_each_other_are_refused(void)
{
    check_refused("a=3 b=2 a=3", STATUS_USAGE, "a: two parts have this name");
    check_refused("a=rest b=rest", STATUS_USAGE, "b: a takes the rest already");
    check_refused("a=60 b=0.5", STATUS_DATA, "the parts have 110 samples together, and the set only 100");
    check_refused("a=101", STATUS_DATA, "the parts have 101 samples together, and the set only 100");
    check_refused("a=18446744073709551615 b=2", STATUS_DATA,
                  "the parts have 18446744073709551615 samples together, and the set only 100");
}

static void an_empty_part_is_refused(void)
{
    check_refused("a=0.001", STATUS_DATA, "a: the part would have no samples of the set's 100");
    check_refused("a=1.0 b=rest", STATUS_DATA, "b: the part would have no samples of the set's 100");
}

int main(void)
{
    TEST(every_sample_is_in_one_part);
    TEST(fractions_that_add_up_to_one_take_all);
    TEST(the_largest_remainder_gets_the_odd_sample);
    TEST(the_order_is_that_of_words_and_indices);
    TEST(another_seed_makes_another_split);
    TEST(a_tail_is_the_end_of_the_set);
    TEST(a_stratified_tail_is_the_end_of_each_class);
    TEST(of_two_stratified_parts_each_has_its_share_of_a_class);
    TEST(several_stratified_parts_have_nearly_their_share_of_a_class);
    TEST(a_class_of_one_sample_does_not_stop_a_stratified_split);
    TEST(folds_cover_the_set_once);
    TEST(stratified_folds_have_each_class_in_proportion);
    TEST(as_many_folds_as_samples_leave_one_out);
    TEST(a_share_that_is_none_is_refused);
    TEST(a_name_that_is_none_is_refused);
    TEST(parts_that_contradict_each_other_are_refused);
    TEST(an_empty_part_is_refused);
    return unit_finish();
}
