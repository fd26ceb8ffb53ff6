/* What records say of the trials of a search. */
#include "unit.h"

#include "policy/trial_results.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const char *const names[] = { "0001", "0002", "published" };
static const uint64_t epochs[] = { 1, 4 };
static const struct bracket all = { .epochs = epochs, .rungs = 2, .trials = 3, .concurrent = 1, .divisor = 4 };

static struct error error;
static struct trials trials;
static struct trial_results results;

static enum status add(const char *text)
{
    struct records records = { 0 };
    enum status status = records_parse(&records, text, "text", &error);

    if (!status)
        status = trial_results_add(&results, &records, "text", &error);
    records_free(&records);
    return status;
}

/* Read one text after the other, for the key valid.loss. */
static enum status read_all(const char *first, const char *second)
{
    enum status status;

    trial_results_free(&results);
    results = (struct trial_results){ .trials = &trials, .key = "valid.loss" };
    status = add(first);
    if (!status && second)
        status = add(second);
    return status ? status : trial_results_merge(&results, &error);
}

/* What is known at each rung: "0.5 - | failed 2 | - -". */
static const char *known(enum best_direction direction)
{
    static char text[200];
    struct outcome outcomes[6];
    char *at = text;

    trial_results_outcomes(&results, &all, direction, outcomes);
    for (size_t i = 0; i < 6; i++) {
        at += sprintf(at, i == 0 ? "" : i % 2 ? " " : " | ");
        at += !outcomes[i].known            ? sprintf(at, "-")
              : !isfinite(outcomes[i].cost) ? sprintf(at, "failed")
                                            : sprintf(at, "%g", outcomes[i].cost);
    }
    return text;
}

static void values_are_known_at_their_epochs(void)
{
    CHECK_EQUAL(read_all("#trial\tepoch\tvalid.loss\n0001\t1\t0.5\npublished\t4\t0.25\n0001\t3\t0.125\n", NULL), 0);
    CHECK_TEXT(known(BEST_SMALLEST), "0.5 - | - - | - 0.25");
    CHECK_TEXT(known(BEST_LARGEST), "-0.5 - | - - | - -0.25");
}

static void a_split_and_a_column_are_a_value(void)
{
    CHECK_EQUAL(read_all("#epoch\tsplit\tloss\ttrial\n1\ttest\t0.5\t0002\n1\tvalid\t0.75\t0002\n", NULL), 0);
    CHECK_TEXT(known(BEST_SMALLEST), "- - | 0.75 - | - -");
}

static void other_records_are_passed_over(void)
{
    CHECK_EQUAL(read_all("#path\tepoch\tvalid.loss\nx\t1\t0.5\n", "#trial\tvalid.loss\nunknown\t1\n"), 0);
    CHECK_EQUAL(read_all("#trial\tepoch\tvalid.loss\n0001\t1\tnone\n", "#trial\tepoch\tfailed\n0001\t1\tnone\n"), 0);
    CHECK_TEXT(known(BEST_SMALLEST), "- - | - - | - -");
}

static void what_is_not_finite_has_failed(void)
{
    struct text text = { 0 };

    CHECK_EQUAL(read_all("#trial\tepoch\tvalid.loss\n0001\t1\tnan\n0002\t1\tinf\n0002\t4\t-inf\n", NULL), 0);
    CHECK_TEXT(known(BEST_SMALLEST), "failed - | failed failed | - -");
    trial_results_explain(&results, 0, 1, &text);
    CHECK_TEXT(text.at, "its valid.loss is nan at epoch 1");
    text_free(&text);
}

static void a_failure_counts_after_its_epoch_and_in_it_where_there_is_no_value(void)
{
    static const char values[] =
        "#trial\tepoch\tvalid.loss\n0001\t1\t0.5\n0001\t4\t0.25\n0002\t1\t0.5\n0002\t4\t0.25\n";
    struct text text = { 0 };

    CHECK_EQUAL(read_all(values, "#trial\tepoch\tfailed\n0001\t1\tkilled\n0002\t4\tkilled\npublished\t1\tkilled\n"), 0);
    CHECK_TEXT(known(BEST_SMALLEST), "0.5 failed | 0.5 0.25 | failed failed");
    trial_results_explain(&results, 0, 4, &text);
    CHECK_TEXT(text.at, "killed");
    text_free(&text);
    CHECK_EQUAL(read_all(values, "#trial\tepoch\tfailed\n0001\t0\tkilled\n0002\t3\tkilled\n"), 0);
    CHECK_TEXT(known(BEST_SMALLEST), "failed failed | 0.5 failed | - -");
}

static void a_trial_that_is_not_in_the_table_is_refused(void)
{
    CHECK_EQUAL(read_all("#trial\tepoch\tvalid.loss\n0003\t1\t0.5\n", NULL), STATUS_DATA);
    CHECK_TEXT(error.text, "text: judge: trial '0003' is not in the table of trials");
}

static void what_is_no_number_is_refused(void)
{
    CHECK_EQUAL(read_all("#trial\tepoch\tvalid.loss\n0001\t1\tlow\n", NULL), STATUS_DATA);
    CHECK_TEXT(error.text, "text: judge: the valid.loss of trial '0001' is 'low', which is no number");
    CHECK_EQUAL(read_all("#trial\tepoch\tvalid.loss\n0001\tnone\t1\n", NULL), STATUS_DATA);
    CHECK_TEXT(error.text, "text: judge: an epoch of trial '0001' is 'none', which is no number");
}

static void records_may_repeat_but_not_contradict(void)
{
    static const char one[] = "#trial\tepoch\tvalid.loss\tfailed\n0001\t4\t0.5\tkilled\n";

    CHECK_EQUAL(read_all(one, one), 0);
    CHECK_TEXT(known(BEST_SMALLEST), "- 0.5 | - - | - -");
    CHECK_EQUAL(read_all(one, "#trial\tepoch\tvalid.loss\n0001\t4\t0.25\n"), STATUS_DATA);
    CHECK(strstr(error.text, "trial '0001': judge: records disagree on its valid.loss at epoch 4: "));
    CHECK_EQUAL(read_all(one, "#trial\tepoch\tfailed\n0001\t3\tkilled\n"), STATUS_DATA);
    CHECK_TEXT(error.text, "text: judge: records disagree on when or why trial '0001' failed");
    CHECK_EQUAL(read_all(one, "#trial\tepoch\tfailed\n0001\t4\tlost\n"), STATUS_DATA);
    CHECK_EQUAL(read_all("#trial\tepoch\tvalid.loss\n0001\t1\tnan\n", "#trial\tepoch\tvalid.loss\n0001\t1\tnan\n"), 0);
}

static bool read_trials(void)
{
    char path[4096];
    FILE *file;

    snprintf(path, sizeof path, "%s/trials.tsv", unit_directory());
    file = fopen(path, "w");
    fputs("#trial\n", file);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        fprintf(file, "%s\n", names[i]);
    fclose(file);
    return trials_read(path, &trials, &error) == STATUS_OK;
}

int main(void)
{
    CHECK(read_trials());
    TEST(values_are_known_at_their_epochs);
    TEST(a_split_and_a_column_are_a_value);
    TEST(other_records_are_passed_over);
    TEST(what_is_not_finite_has_failed);
    TEST(a_failure_counts_after_its_epoch_and_in_it_where_there_is_no_value);
    TEST(a_trial_that_is_not_in_the_table_is_refused);
    TEST(what_is_no_number_is_refused);
    TEST(records_may_repeat_but_not_contradict);
    trial_results_free(&results);
    trials_free(&trials);
    return unit_finish();
}
