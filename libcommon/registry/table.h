/*
 * A table of what runs are: rows that are begun and filled column by column, of which some are left out, sorted, and
 * printed as records.
 *
 *     struct table table = { 0 };
 *     for each run:
 *         table_row(&table);
 *         table_put(&table, "run", "runs/a");
 *         table_put(&table, "epoch", "3");
 *     table_keep(&table, &condition);
 *     table_sort(&table, "epoch", TABLE_DESCENDING);
 *     table_drop_equal(&table, from, to);
 *     table_print(&table, writer, RECORDS_TABS);
 *     table_free(&table);
 *
 * A value may be missing; then it is NULL here and "none" in print. What is a number is compared as one.
 */
#ifndef REGISTRY_TABLE_H
#define REGISTRY_TABLE_H

#include "base/records.h"

#include <stdbool.h>
#include <stddef.h>

struct table {
    char **columns;
    bool *dropped; /* columns that are not printed */
    size_t column_count;
    char ***rows; /* (row_count): of as many values as there were columns when the last one of the row was put */
    size_t *widths;
    size_t row_count;
};

/* Begin a row, and put a value into it, which is copied; NULL: none. A column that is not there yet comes last. */
void table_row(struct table *table);
void table_put(struct table *table, const char *column, const char *value);

/* The place of a column, or column_count where there is none of that name. */
size_t table_find(const struct table *table, const char *column);

/* What a value must be: of a text the operator is the first of "!=", "<=", ">=", "=", "<", ">", "~" in it. "~": it has
   the text as one of its words. */
struct table_condition {
    char *column; /* free(3) it */
    enum { TABLE_EQUAL, TABLE_UNEQUAL, TABLE_LESS, TABLE_AT_MOST, TABLE_MORE, TABLE_AT_LEAST, TABLE_HAS } is;
    const char *value; /* in the text */
};

/* False: the text has no operator, or no column before it. */
bool table_condition_parse(const char *text, struct table_condition *condition);

/* Leave out the rows for which the condition does not hold. Where a value is missing, only "!=" does, and "=" with
 * "none". */
void table_keep(struct table *table, const struct table_condition *condition);

/* Sort by a column that is there: numbers before other text, and rows without a value last in either order. Rows that
   are equal stay in their order. */
enum table_order { TABLE_ASCENDING, TABLE_DESCENDING };
void table_sort(struct table *table, const char *column, enum table_order order);

/* Drop those of the columns from `first` on that have the same value in every row, or are missing in all. */
void table_drop_equal(struct table *table, size_t first);

/* In JSON, numbers are numbers but in the first `texts` columns. */
void table_print(const struct table *table, struct record_writer *writer, enum record_form form, size_t texts);

void table_free(struct table *table);

#endif
