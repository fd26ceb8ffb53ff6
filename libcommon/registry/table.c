#include "registry/table.h"

#include "base/memory.h"
#include "base/number.h"

#include <stdlib.h>
#include <string.h>

void table_row(struct table *table)
{
    table->rows = memory_grow(table->rows, table->row_count, sizeof *table->rows);
    table->widths = memory_grow(table->widths, table->row_count, sizeof *table->widths);
    table->rows[table->row_count] = NULL;
    table->widths[table->row_count++] = 0;
}

size_t table_find(const struct table *table, const char *column)
{
    size_t i = 0;

    while (i < table->column_count && strcmp(table->columns[i], column) != 0)
        i++;
    return i;
}

static size_t find_or_add(struct table *table, const char *column)
{
    size_t i = table_find(table, column);

    if (i < table->column_count)
        return i;
    table->columns = memory_grow(table->columns, i, sizeof *table->columns);
    table->dropped = memory_grow(table->dropped, i, sizeof *table->dropped);
    table->columns[i] = memory_string(column);
    table->dropped[i] = false;
    return table->column_count++;
}

void table_put(struct table *table, const char *column, const char *value)
{
    size_t place = find_or_add(table, column), row = table->row_count - 1;

    while (table->widths[row] <= place) {
        table->rows[row] = memory_grow(table->rows[row], table->widths[row], sizeof *table->rows[row]);
        table->rows[row][table->widths[row]++] = NULL;
    }
    free(table->rows[row][place]);
    table->rows[row][place] = value ? memory_string(value) : NULL;
}

static const char *get(const struct table *table, size_t row, size_t column)
{
    return column < table->widths[row] ? table->rows[row][column] : NULL;
}

bool table_condition_parse(const char *text, struct table_condition *condition)
{
    static const char *const operators[] = {
        [TABLE_EQUAL] = "=", [TABLE_UNEQUAL] = "!=",  [TABLE_LESS] = "<", [TABLE_AT_MOST] = "<=",
        [TABLE_MORE] = ">",  [TABLE_AT_LEAST] = ">=", [TABLE_HAS] = "~",
    };
    size_t before = strcspn(text, "!=<>~"), longest = 0;

    for (size_t i = 0; i < sizeof operators / sizeof *operators; i++) {
        size_t length = strlen(operators[i]);
        if (length > longest && strncmp(text + before, operators[i], length) == 0) {
            condition->is = i;
            longest = length;
        }
    }
    if (!before || !longest)
        return false;
    condition->column = memory_format("%.*s", (int)before, text);
    condition->value = text + before + longest;
    return true;
}

/* Numbers come before other text. */
static int compare(const char *a, const char *b)
{
    double left, right;
    bool left_is = number_double(a, &left), right_is = number_double(b, &right);

    if (left_is && right_is)
        return (left > right) - (left < right);
    return left_is != right_is ? right_is - left_is : strcmp(a, b);
}

static bool has_word(const char *text, const char *word)
{
    size_t length = strlen(word);

    for (const char *at = text; *at; at += strspn(at, " ")) {
        size_t n = strcspn(at, " ");
        if (n == length && memcmp(at, word, n) == 0)
            return true;
        at += n;
    }
    return false;
}

static bool holds(const char *value, const struct table_condition *condition)
{
    int order;

    if (!value && condition->is == TABLE_EQUAL)
        return strcmp(condition->value, "none") == 0;
    if (!value)
        return condition->is == TABLE_UNEQUAL && strcmp(condition->value, "none") != 0;
    if (condition->is == TABLE_HAS)
        return has_word(value, condition->value);
    order = compare(value, condition->value);
    switch (condition->is) {
    case TABLE_EQUAL:
        return order == 0;
    case TABLE_UNEQUAL:
        return order != 0;
    case TABLE_LESS:
        return order < 0;
    case TABLE_AT_MOST:
        return order <= 0;
    case TABLE_MORE:
        return order > 0;
    default:
        return order >= 0;
    }
}

static void free_row(struct table *table, size_t row)
{
    for (size_t i = 0; i < table->widths[row]; i++)
        free(table->rows[row][i]);
    free(table->rows[row]);
}

void table_keep(struct table *table, const struct table_condition *condition)
{
    size_t column = table_find(table, condition->column), kept = 0;

    for (size_t row = 0; row < table->row_count; row++) {
        if (!holds(get(table, row, column), condition)) {
            free_row(table, row);
            continue;
        }
        table->rows[kept] = table->rows[row];
        table->widths[kept++] = table->widths[row];
    }
    table->row_count = kept;
}

struct place {
    char **row;
    size_t width, was;
    const char *value;
    int sign;
};

static int compare_places(const void *left, const void *right)
{
    const struct place *a = left, *b = right;
    int order = 0;

    if (a->value && b->value)
        order = a->sign * compare(a->value, b->value);
    else if (a->value || b->value)
        order = a->value ? -1 : 1;
    return order ? order : (a->was > b->was) - (a->was < b->was);
}

void table_sort(struct table *table, const char *column, enum table_order order)
{
    size_t place = table_find(table, column);
    struct place *places = memory_new(table->row_count, sizeof *places);

    for (size_t row = 0; row < table->row_count; row++)
        places[row] = (struct place){ table->rows[row], table->widths[row], row, get(table, row, place),
                                      order == TABLE_DESCENDING ? -1 : 1 };
    if (table->row_count)
        qsort(places, table->row_count, sizeof *places, compare_places);
    for (size_t row = 0; row < table->row_count; row++) {
        table->rows[row] = places[row].row;
        table->widths[row] = places[row].width;
    }
    free(places);
}

static bool is_equal_in_all(const struct table *table, size_t column)
{
    const char *first = table->row_count ? get(table, 0, column) : NULL;

    for (size_t row = 1; row < table->row_count; row++) {
        const char *value = get(table, row, column);
        if (!first != !value || (value && strcmp(first, value) != 0))
            return false;
    }
    return true;
}

void table_drop_equal(struct table *table, size_t first)
{
    for (size_t column = first; column < table->column_count; column++)
        table->dropped[column] = is_equal_in_all(table, column);
}

static void print_value(struct record_writer *writer, enum record_form form, const char *column, const char *value,
                        bool text)
{
    double number;

    if (value && !text && form == RECORDS_JSON && number_double(value, &number))
        record_number(writer, column, number);
    else if (value)
        record_text(writer, column, value);
    else
        record_none(writer, column);
}

void table_print(const struct table *table, struct record_writer *writer, enum record_form form, size_t texts)
{
    for (size_t row = 0; row < table->row_count; row++) {
        for (size_t column = 0; column < table->column_count; column++)
            if (!table->dropped[column])
                print_value(writer, form, table->columns[column], get(table, row, column), column < texts);
        record_end(writer);
    }
}

void table_free(struct table *table)
{
    for (size_t row = 0; row < table->row_count; row++)
        free_row(table, row);
    for (size_t i = 0; i < table->column_count; i++)
        free(table->columns[i]);
    free(table->rows);
    free(table->widths);
    free(table->columns);
    free(table->dropped);
}
