/* format/trials.h: the trials of a table by name, and which tables are none. */
#include "format/trials.h"

#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct error error;

static enum status read_table(const char *text, struct trials *trials)
{
    char *path = unit_file("trials.tsv", text);
    enum status status = trials_read(path, trials, &error);

    free(path);
    return status;
}

static void trials_stand_in_the_order_of_the_table(void)
{
    struct trials trials;

    CHECK_EQUAL(read_table("#trial\tlr\n0002\t0.1\n0001\t0.2\n", &trials), STATUS_OK);
    CHECK_EQUAL(trials.n, 2);
    CHECK_TEXT(trials.name[0], "0002");
    CHECK_TEXT(trials.name[1], "0001");
    CHECK_EQUAL(trials_find(&trials, "0001"), 1);
    CHECK_EQUAL(trials_find(&trials, "0002"), 0);
    CHECK_TEXT(record_get(&trials.records.record[1], "lr"), "0.2");
    trials_free(&trials);
}

static void a_trial_that_is_not_there_is_not_found(void)
{
    struct trials trials;

    CHECK_EQUAL(read_table("#trial\nb\nd\n", &trials), STATUS_OK);
    CHECK_EQUAL(trials_find(&trials, "a"), 2);
    CHECK_EQUAL(trials_find(&trials, "c"), 2);
    CHECK_EQUAL(trials_find(&trials, "e"), 2);
    CHECK_EQUAL(trials_find(&trials, NULL), 2);
    trials_free(&trials);
}

static void each_of_many_trials_is_found(void)
{
    enum { MANY = 1000 };
    struct trials trials;
    char table[16 * MANY] = "#trial\n", name[16];
    size_t length = strlen(table);

    for (size_t i = 0; i < MANY; i++)
        length += (size_t)sprintf(table + length, "%zu\n", i * 7919 % MANY);
    CHECK_EQUAL(read_table(table, &trials), STATUS_OK);
    for (size_t i = 0; i < MANY; i++) {
        sprintf(name, "%zu", i * 7919 % MANY);
        CHECK_EQUAL(trials_find(&trials, name), i);
    }
    trials_free(&trials);
}

static void tables_may_be_put_together(void)
{
    struct trials trials;

    CHECK_EQUAL(read_table("#trial\tlr\twidth\n0001\t0.1\t32\n#optimizer.lr\ttrial\n0.5\tpublished\n#trial\na.b-c_d\n",
                           &trials),
                STATUS_OK);
    CHECK_EQUAL(trials.n, 3);
    CHECK_EQUAL(trials_find(&trials, "published"), 1);
    CHECK_TEXT(record_get(&trials.records.record[1], "optimizer.lr"), "0.5");
    CHECK(!record_get(&trials.records.record[1], "lr"));
    CHECK_EQUAL(trials_find(&trials, "a.b-c_d"), 2);
    trials_free(&trials);
}

static void what_is_no_table_is_refused(void)
{
    static const struct {
        const char *text, *reason;
    } wrong[] = {
        { "", "it has no trial" },
        { "#trial\tlr\n", "it has no trial" },
        { "#lr\n0.1\n", "trial 1: no column 'trial' names it" },
        { "#trial\na\n#lr\n0.1\n", "trial 2: no column 'trial' names it" },
        { "#trial\na\na\n", "trials 1 and 2 are both called 'a'" },
        { "#trial\nb\na\n#trial\tlr\nc\t1\nb\t2\n", "trials 1 and 4 are both called 'b'" },
        { "#trial\t1x\na\t0.1\n", "the column '1x' is no key of rote-train" },
        { "#trial\ta b\na\t0.1\n", "the column 'a b' is no key of rote-train" },
        { "#trial\t\na\t0.1\n", "the column '' is no key of rote-train" },
        { "#trial\tlr\na\t0.1\\n\n", "trial 1: lr: a control character" },
        { "#trial\tlr\na\t0.1", "the line does not end" },
    };
    struct trials trials;

    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        CHECK_EQUAL(read_table(wrong[i].text, &trials), STATUS_DATA);
        if (!CHECK(strstr(error.text, wrong[i].reason)))
            printf("# %s\n", error.text);
        trials_free(&trials);
    }
}

static void names_are_those_of_directories(void)
{
    static const char *const good[] = { "0001", "a", "A.b-c_9", "published", "trials.tsv.old" };
    static const char *const bad[] = { "",    ".",     "..",   ".a",          "-a",         "_a",  "a/b",
                                       "a b", "a\x80", "none", "search.conf", "trials.tsv", "log", "hold" };
    char name[TRIAL_NAME_MOST + 2] = "";

    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        CHECK(trial_name_is_good(good[i]));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        CHECK(!trial_name_is_good(bad[i]));
    memset(name, 'x', TRIAL_NAME_MOST);
    CHECK(trial_name_is_good(name));
    name[TRIAL_NAME_MOST] = 'x';
    CHECK(!trial_name_is_good(name));
}

int main(void)
{
    TEST(trials_stand_in_the_order_of_the_table);
    TEST(a_trial_that_is_not_there_is_not_found);
    TEST(each_of_many_trials_is_found);
    TEST(tables_may_be_put_together);
    TEST(what_is_no_table_is_refused);
    TEST(names_are_those_of_directories);
    return unit_finish();
}
