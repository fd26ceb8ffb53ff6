/* What records say of checkpoints, put together. */
#include "unit.h"

#include "base/memory.h"
#include "policy/metrics.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define B "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"

static struct error error;

static enum status add(struct metrics *metrics, const char *text, const char *directory)
{
    struct records records = { 0 };
    enum status status = records_parse(&records, text, "text", &error);

    if (!status)
        status = metrics_add(metrics, &records, directory, &error);
    records_free(&records);
    return status;
}

static enum status metrics_of(struct metrics *metrics, const char *key, const char *text, const char *directory)
{
    enum status status;

    *metrics = (struct metrics){ .key = key };
    status = add(metrics, text, directory);
    return status ? status : metrics_merge(metrics, &error);
}

/* The candidate at `i`, or, so that a failing test goes on, one of no name. */
static const struct candidate *at(const struct metrics *metrics, size_t i)
{
    static const struct candidate none = { .value = -1 };

    return i < metrics->n ? &metrics->at[i] : &none;
}

static void a_key_is_a_column(void)
{
    struct metrics metrics;

    CHECK_EQUAL(metrics_of(&metrics, "valid.loss", "#path\tdigest\tepoch\tvalid.loss\nx\t" A "\t3\t0.25\n", NULL), 0);
    CHECK_EQUAL(metrics.n, 1);
    CHECK_TEXT(at(&metrics, 0)->path, "x");
    CHECK_TEXT(at(&metrics, 0)->digest, A);
    CHECK_EQUAL(at(&metrics, 0)->epoch, 3);
    CHECK_EQUAL(at(&metrics, 0)->value, 0.25);
    CHECK(at(&metrics, 0)->recorded);
    metrics_free(&metrics);
}

static void a_key_is_a_split_and_a_column(void)
{
    struct metrics metrics;

    CHECK_EQUAL(metrics_of(&metrics, "valid.accuracy.low",
                           "#path\tdigest\tepoch\tsplit\taccuracy.low\n"
                           "x\t" A "\t3\ttest\t0.5\n"
                           "x\t" A "\t3\tvalid\t0.75\n"
                           "x\t" A "\t3\tvalid.accuracy\t0.8\n",
                           NULL),
                0);
    CHECK_EQUAL(metrics.n, 1);
    CHECK_EQUAL(at(&metrics, 0)->value, 0.75);
    metrics_free(&metrics);
}

static void records_of_other_things_are_passed_over(void)
{
    struct metrics metrics;

    CHECK_EQUAL(metrics_of(&metrics, "loss",
                           "#path\tepoch\tloss\nx\t3\t1\n"
                           "#path\tdigest\tepoch\tloss\nensemble\tnone\tnone\t1\n"
                           "#digest\tepoch\tloss\n" A "\t3\t1\n",
                           NULL),
                0);
    CHECK_EQUAL(metrics.n, 0);
    metrics_free(&metrics);
}

static void a_checkpoint_without_the_metric_is_not_recorded(void)
{
    struct metrics metrics;

    CHECK_EQUAL(metrics_of(&metrics, "loss",
                           "#path\tdigest\tepoch\nx\t" A "\t1\n"
                           "#path\tdigest\tepoch\tloss\ny\t" B "\t2\tnone\n",
                           NULL),
                0);
    CHECK_EQUAL(metrics.n, 2);
    CHECK(!at(&metrics, 0)->recorded && !at(&metrics, 1)->recorded);
    CHECK(isnan(at(&metrics, 0)->value) && isnan(at(&metrics, 1)->value));
    metrics_free(&metrics);
}

static void not_a_number_is_a_value(void)
{
    struct metrics metrics;

    CHECK_EQUAL(metrics_of(&metrics, "loss", "#path\tdigest\tepoch\tloss\nx\t" A "\t1\tnan\nx\t" A "\t1\tnan\n", NULL),
                0);
    CHECK(at(&metrics, 0)->recorded && isnan(at(&metrics, 0)->value));
    metrics_free(&metrics);
}

static void paths_are_relative_to_the_directory(void)
{
    static const char text[] = "#path\tdigest\tepoch\nx\t" A "\t1\n/y\t" B "\t1\n";
    struct metrics metrics;

    CHECK_EQUAL(metrics_of(&metrics, "loss", text, "runs/a"), 0);
    CHECK_TEXT(at(&metrics, 0)->path, "runs/a/x");
    CHECK_TEXT(at(&metrics, 1)->path, "/y");
    metrics_free(&metrics);
    CHECK_EQUAL(metrics_of(&metrics, "loss", text, "runs/a/"), 0);
    CHECK_TEXT(at(&metrics, 0)->path, "runs/a/x");
    metrics_free(&metrics);
}

static void what_records_say_is_put_together_in_any_order(void)
{
    static const char *const lines[] = {
        "#path\tdigest\tepoch\tloss\ny\t" A "\t1\tnone\n",
        "#path\tdigest\tepoch\tloss\nx\t" A "\t1\t0.5\n",
        "#path\tdigest\tepoch\nx\t" A "\t1\n",
        "#path\tdigest\tepoch\tloss\nx\t" A "\t1\t0.5\n",
    };

    for (size_t first = 0; first < 4; first++)
        for (size_t step = 1; step < 4; step += 2) {
            struct metrics metrics = { .key = "loss" };
            for (size_t i = 0; i < 4; i++)
                CHECK_EQUAL(add(&metrics, lines[(first + i * step) % 4], NULL), 0);
            CHECK_EQUAL(metrics_merge(&metrics, &error), 0);
            CHECK_EQUAL(metrics.n, 2);
            CHECK_TEXT(at(&metrics, 0)->path, "x");
            CHECK_TEXT(at(&metrics, 1)->path, "y");
            CHECK(at(&metrics, 0)->value == 0.5 && at(&metrics, 1)->value == 0.5);
            CHECK(at(&metrics, 0)->recorded && at(&metrics, 1)->recorded);
            metrics_free(&metrics);
        }
}

static void records_that_disagree_are_refused(void)
{
    struct metrics metrics;

    CHECK_EQUAL(metrics_of(&metrics, "loss", "#path\tdigest\tepoch\tloss\nx\t" A "\t1\t0.5\ny\t" A "\t1\t0.6\n", NULL),
                STATUS_DATA);
    CHECK(strstr(error.text, "x: judge: records disagree on its loss: 0.5 and 0.6"));
    metrics_free(&metrics);
    CHECK_EQUAL(metrics_of(&metrics, "loss", "#path\tdigest\tepoch\tloss\nx\t" A "\t1\tnan\nx\t" A "\t1\t0.6\n", NULL),
                STATUS_DATA);
    metrics_free(&metrics);
    CHECK_EQUAL(metrics_of(&metrics, "loss", "#path\tdigest\tepoch\nx\t" A "\t1\nx\t" A "\t2\n", NULL), STATUS_DATA);
    CHECK(strstr(error.text, "x: judge: records disagree on its epoch"));
    metrics_free(&metrics);
}

static void what_is_no_number_or_digest_is_refused(void)
{
    struct metrics metrics;

    CHECK_EQUAL(metrics_of(&metrics, "loss", "#path\tdigest\tepoch\tloss\nx\t" A "\t1\t0,5\n", NULL), STATUS_DATA);
    CHECK_TEXT(error.text, "x: judge: its loss is '0,5', which is no number");
    metrics_free(&metrics);
    CHECK_EQUAL(metrics_of(&metrics, "loss", "#path\tdigest\tepoch\tloss\nx\t" A "\t-1\t1\n", NULL), STATUS_DATA);
    CHECK_TEXT(error.text, "x: judge: its epoch is '-1', which is no number");
    metrics_free(&metrics);
    CHECK_EQUAL(metrics_of(&metrics, "loss", "#path\tdigest\tepoch\nx\tabc\t1\n", NULL), STATUS_DATA);
    CHECK_TEXT(error.text, "x: judge: its digest is 'abc', which is no digest");
    metrics_free(&metrics);
}

static void a_checkpoint_is_found_by_its_digest(void)
{
    struct metrics metrics;

    CHECK_EQUAL(metrics_of(&metrics, "loss", "#path\tdigest\tepoch\ny\t" B "\t1\nz\t" A "\t2\nx\t" A "\t2\n", NULL), 0);
    CHECK(metrics_find(&metrics, A) == at(&metrics, 0));
    CHECK(metrics_find(&metrics, B) == at(&metrics, 2));
    CHECK(!metrics_find(&metrics, "c"));
    CHECK(!metrics_find(&metrics, "0"));
    metrics_free(&metrics);
}

static void a_list_has_each_checkpoint_once_by_epoch(void)
{
    struct metrics metrics;

    CHECK_EQUAL(metrics_of(&metrics, "loss", "#path\tdigest\tepoch\ny\t" B "\t1\nz\t" A "\t2\nx\t" A "\t2\n", NULL), 0);
    metrics_make_list(&metrics);
    CHECK_EQUAL(metrics.n, 2);
    CHECK_TEXT(at(&metrics, 0)->path, "y");
    CHECK_TEXT(at(&metrics, 1)->path, "x");
    metrics_free(&metrics);
}

int main(void)
{
    TEST(a_key_is_a_column);
    TEST(a_key_is_a_split_and_a_column);
    TEST(records_of_other_things_are_passed_over);
    TEST(a_checkpoint_without_the_metric_is_not_recorded);
    TEST(not_a_number_is_a_value);
    TEST(paths_are_relative_to_the_directory);
    TEST(what_records_say_is_put_together_in_any_order);
    TEST(records_that_disagree_are_refused);
    TEST(what_is_no_number_or_digest_is_refused);
    TEST(a_checkpoint_is_found_by_its_digest);
    TEST(a_list_has_each_checkpoint_once_by_epoch);
    return unit_finish();
}
