/* How a log ends, what notes say, tables, and who comes from whom. */
#include "unit.h"

#include "base/memory.h"
#include "policy/patience.h"
#include "registry/ending.h"
#include "registry/family.h"
#include "registry/notes.h"
#include "registry/table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* "KIND REASON" of the end of a log. */
static const char *ending_of(const char *text)
{
    static const char *const kinds[] = { "unknown", "done", "stopped", "failed", "killed" };
    static char told[256];
    char *copy = memory_string(text);
    struct ending ending = ending_of_log(copy);

    snprintf(told, sizeof told, "%s %s", kinds[ending.kind], ending.reason ? ending.reason : "-");
    free(ending.reason);
    free(copy);
    return told;
}

#define T "2026-11-22T01:00:00+0000 "

static void the_last_line_tells_how_a_run_ended(void)
{
    CHECK_TEXT(ending_of(T "a\n" T "rote-train: it ends with status 0\n"), "done -");
    CHECK_TEXT(ending_of(T "a b\n" T "rote-train: it ends with status 75\n"), "stopped a b");
    CHECK_TEXT(ending_of(T "a\n" T "rote-train: it ends with status 1\n"), "stopped a");
    CHECK_TEXT(ending_of(T "a\n" T "rote-train: it ends with status 65\n"), "failed a");
    CHECK_TEXT(ending_of(T "a: b\n" T "nn-eval: it ended with status 65\n" T "rote-train: it ends with status 65\n"),
               "failed a: b");
    CHECK_TEXT(ending_of(T "rote-train: it ends with status 65\n"), "failed -");
    CHECK_TEXT(ending_of(T "nn-eval: it ended with status 65\n" T "rote-train: it ends with status 65\n"), "failed -");
}

static void without_it_it_was_killed(void)
{
    CHECK_TEXT(ending_of(""), "unknown -");
    CHECK_TEXT(ending_of("cut shor"), "unknown -");
    CHECK_TEXT(ending_of(T "epoch 2: training\n"), "killed -");
    CHECK_TEXT(ending_of(T "rote-train: it ends with status 0\n" T "epoch"), "done -");
    CHECK_TEXT(ending_of(T "rote-train: it ends with status x\n"), "killed -");
    CHECK_TEXT(ending_of(T "it says: rote-train: it ends with status 0\n"), "killed -");
    CHECK_TEXT(ending_of("\n"), "killed -");
    CHECK_TEXT(ending_of("\n\n" T "x: it ends with status 70\n"), "failed ");
}

static const char *tags_of(const char *notes)
{
    static char told[256];
    struct text tags = { 0 };

    notes_add_tags(&tags, notes);
    snprintf(told, sizeof told, "%s", tags.at ? tags.at : "-");
    text_free(&tags);
    return told;
}

static void tags_are_words_of_their_lines_each_once(void)
{
    CHECK_TEXT(tags_of(""), "-");
    CHECK_TEXT(tags_of("tag:\ntag: \t,\n"), "-");
    CHECK_TEXT(tags_of("tag: a"), "a");
    CHECK_TEXT(tags_of("tag:a,b  c\r\nno tag: d\n tag: e\ntag: b a ab f\ntags: g\n"), "a b c ab f");
}

/* Rows "a 10", "b", "c 9", "d 9.0", "e x" of the columns name and value. */
static struct table new_table(void)
{
    static const char *const rows[][2] = { { "a", "10" }, { "b", NULL }, { "c", "9" }, { "d", "9.0" }, { "e", "x" } };
    struct table table = { 0 };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        table_row(&table);
        table_put(&table, "name", rows[i][0]);
        table_put(&table, "value", rows[i][1]);
    }
    return table;
}

static const char *names_of(const struct table *table)
{
    static char names[16];

    for (size_t i = 0; i < table->row_count; i++)
        names[i] = *table->rows[i][0];
    names[table->row_count] = '\0';
    return names;
}

static const char *kept_by(const char *test)
{
    struct table_condition condition;
    struct table table = new_table();
    const char *names;

    if (!table_condition_parse(test, &condition)) {
        table_free(&table);
        return "?";
    }
    table_keep(&table, &condition);
    names = names_of(&table);
    free(condition.column);
    table_free(&table);
    return names;
}

static void conditions_compare_numbers_as_numbers(void)
{
    CHECK_TEXT(kept_by("value=9"), "cd");
    CHECK_TEXT(kept_by("value!=9"), "abe");
    CHECK_TEXT(kept_by("value<10"), "cd");
    CHECK_TEXT(kept_by("value<=10"), "acd");
    CHECK_TEXT(kept_by("value>9"), "ae");
    CHECK_TEXT(kept_by("value>=9"), "acde");
    CHECK_TEXT(kept_by("value=none"), "b");
    CHECK_TEXT(kept_by("value!=none"), "acde");
    CHECK_TEXT(kept_by("value~x"), "e");
    CHECK_TEXT(kept_by("name=b"), "b");
    CHECK_TEXT(kept_by("name="), "");
    CHECK_TEXT(kept_by("=b"), "?");
    CHECK_TEXT(kept_by("value"), "?");
    CHECK_TEXT(kept_by("value!9"), "?");
}

static void rows_without_a_value_are_last_in_either_order(void)
{
    struct table table = new_table();

    table_sort(&table, "value", TABLE_ASCENDING);
    CHECK_TEXT(names_of(&table), "cdaeb");
    table_sort(&table, "value", TABLE_DESCENDING);
    CHECK_TEXT(names_of(&table), "eacdb");
    table_sort(&table, "name", TABLE_ASCENDING);
    CHECK_TEXT(names_of(&table), "abcde");
    table_free(&table);
}

static void columns_in_which_rows_are_equal_are_dropped(void)
{
    struct table table = { 0 };

    for (size_t i = 0; i < 2; i++) {
        table_row(&table);
        table_put(&table, "fixed", "1");
        table_put(&table, "same", "1");
        table_put(&table, "other", i ? "1" : "2");
        if (i)
            table_put(&table, "late", "1");
        table_put(&table, "none", NULL);
    }
    table_drop_equal(&table, 1);
    CHECK(!table.dropped[table_find(&table, "fixed")] && table.dropped[table_find(&table, "same")]);
    CHECK(!table.dropped[table_find(&table, "other")] && !table.dropped[table_find(&table, "late")]);
    CHECK(table.dropped[table_find(&table, "none")] && table_find(&table, "x") == table.column_count);
    table_free(&table);
}

static void become(struct summary *summary, struct candidate *candidates, size_t n, char first, char parent)
{
    *summary = (struct summary){ .metrics = { .at = candidates, .n = n } };
    for (size_t i = 0; i < n; i++) {
        candidates[i] = (struct candidate){ .epoch = i };
        memset(candidates[i].digest, first + (int)i, DIGEST_SIZE - 1);
    }
    memset(summary->parent, parent, DIGEST_SIZE - 1);
}

static void a_parent_is_found_by_its_digest_in_the_first_that_has_it(void)
{
    struct candidate candidates[4][3];
    struct summary summaries[4];

    become(&summaries[0], candidates[0], 2, '3', 'f');
    become(&summaries[1], candidates[1], 3, '0', 'e');
    become(&summaries[2], candidates[2], 3, '0', '3'); /* a copy of it, which has a child of the first */
    become(&summaries[3], candidates[3], 1, '9', '1');
    strcpy(summaries[1].parent, "none");
    family_find(summaries, 4);
    CHECK(!summaries[0].from && !summaries[1].from);
    CHECK(summaries[2].from == &summaries[0] && summaries[2].from_epoch == 0);
    CHECK(summaries[3].from == &summaries[1] && summaries[3].from_epoch == 1);
    family_find(summaries, 0);
}

static void patience_counts_from_the_first_best(void)
{
    struct patience patience = { .limit = 2 }, never = { 0 };

    CHECK(!patience_ends(&patience, 3, 0) && !patience_ends(&patience, 4, 0.5) && !patience_ends(&patience, 5, 0.5));
    CHECK(patience_ends(&patience, 6, 0.5));
    CHECK(!patience_ends(&never, 1, 0.5) && !patience_ends(&never, 100, 0));
}

int main(void)
{
    TEST(the_last_line_tells_how_a_run_ended);
    TEST(without_it_it_was_killed);
    TEST(tags_are_words_of_their_lines_each_once);
    TEST(conditions_compare_numbers_as_numbers);
    TEST(rows_without_a_value_are_last_in_either_order);
    TEST(columns_in_which_rows_are_equal_are_dropped);
    TEST(a_parent_is_found_by_its_digest_in_the_first_that_has_it);
    TEST(patience_counts_from_the_first_best);
    return unit_finish();
}
