/*
 * run-info - print what runs are, a record each
 *
 * A directory stands for the runs in it: it is the database. Whatever is wrong with one of them is its state, and keeps
 * nobody from seeing the others.
 */
#include "base/file.h"
#include "base/memory.h"
#include "base/number.h"
#include "base/program.h"
#include "format/runs.h"
#include "registry/family.h"
#include "registry/table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { OPTION_MAX = 256 + 1, OPTION_MIN, OPTION_REVERSE, OPTION_SORT, OPTION_WHERE };

struct request {
    struct best_rule rule;
    struct table_condition *conditions;
    size_t condition_count;
    const char *sort;
    enum table_order order;
    bool all;
};

static const struct option_spec options[] = {
    { 'a', "all", NULL, "print all settings, not only those that differ", 0 },
    { 'k', "key", "NAME", "the metric of the best epoch (default " BEST_KEY ")", 0 },
    { OPTION_MAX, "max", NULL, "its largest is best (default for a name that ends in accuracy)", 0 },
    { OPTION_MIN, "min", NULL, "its smallest is best (default for a name that ends in loss)", 0 },
    { OPTION_REVERSE, "reverse", NULL, "sort the other way", 0 },
    { OPTION_SORT, "sort", "COLUMN", "sort by this column (default: by name)", 0 },
    { OPTION_WHERE, "where", "TEST", "only runs for which it holds: a column, = != < <= > >= or ~, a value", 0 },
    OPTIONS_COMMON(OPT_JSON),
    { 0 },
};

static void add_condition(struct request *request, const char *text)
{
    struct table_condition condition;

    if (!table_condition_parse(text, &condition))
        program_usage("--where %s: not a column, one of = != < <= > >= ~, and a value", text);
    request->conditions = memory_grow(request->conditions, request->condition_count, sizeof *request->conditions);
    request->conditions[request->condition_count++] = condition;
}

static void parse_option(int letter, const char *argument, void *context)
{
    struct request *request = context;

    switch (letter) {
    case 'a':
        request->all = true;
        break;
    case 'k':
        request->rule.key = argument;
        break;
    case OPTION_MAX:
    case OPTION_MIN:
        if (!best_rule_direct(&request->rule, letter == OPTION_MIN ? BEST_SMALLEST : BEST_LARGEST))
            program_usage("--min and --max: only one of them can hold");
        break;
    case OPTION_REVERSE:
        request->order = TABLE_DESCENDING;
        break;
    case OPTION_SORT:
        request->sort = argument;
        break;
    case OPTION_WHERE:
        add_condition(request, argument);
        break;
    }
}

static const struct program program = {
    "[-ajqv] [-k name] [--max | --min] [--reverse] [--sort column]\n"
    " [--where test] [directory ...]",
    "print what runs are, a record each",
    options,
    parse_option,
    0,
    MANY_OPERANDS,
};

/* A directory that has no run in it stands for itself. */
static enum status add_operand(struct runs *runs, const char *operand)
{
    size_t before = runs->n;
    bool is_run;
    struct error error;
    enum status status = runs_add(runs, operand, &error);

    if (!status && runs->n == before + 1 && strcmp(runs->paths[before], operand) == 0 &&
        !run_has_conf(operand, &is_run, NULL) && !is_run) {
        free(runs->paths[--runs->n]);
        status = error_set(&error, STATUS_NO_INPUT, "%s: look for runs: none is there", operand);
    }
    if (status)
        warn_error(&error);
    return status;
}

/* A path below the current directory is shown as people type it. */
static const char *shown(const char *path)
{
    return strncmp(path, "./", 2) == 0 && path[2] ? path + 2 : path;
}

static void put_count(struct table *table, const char *column, uint64_t count)
{
    char text[NUMBER_SIZE];

    snprintf(text, sizeof text, "%llu", (unsigned long long)count);
    table_put(table, column, text);
}

static void put_origin(struct table *table, const struct summary *summary)
{
    char *from = summary->from
                     ? memory_format("%s@%llu", shown(summary->from->path), (unsigned long long)summary->from_epoch)
                     : NULL;

    table_put(table, "from", from);
    table_put(table, "parent", digest_is_hex(summary->parent) ? summary->parent : NULL);
    free(from);
}

static void put_metrics(struct table *table, const struct summary *summary, const char *key)
{
    char text[NUMBER_SIZE];

    put_count(table, "epoch", summary->epoch);
    table_put(table, "epochs", NULL);
    if (summary->conf.has_epochs)
        put_count(table, "epochs", summary->conf.epochs);
    table_put(table, key, summary->has_best ? number_print(summary->best, text) : NULL);
    table_put(table, "best.epoch", NULL);
    if (summary->has_best)
        put_count(table, "best.epoch", summary->best_epoch);
}

enum { TEXT_COLUMNS = 6 }; /* of these */

static void put_summary(struct table *table, const struct summary *summary, const char *key)
{
    table_row(table);
    table_put(table, "run", shown(summary->path));
    table_put(table, "state", summary_word(summary->state));
    table_put(table, "reason", summary->reason.length ? summary->reason.at : NULL);
    table_put(table, "tags", summary->tags.at);
    put_origin(table, summary);
    put_metrics(table, summary, key);
    put_count(table, "size", summary->size);
    put_count(table, "changed", (uint64_t)summary->changed);
}

/* Is it what a record has of every run, beside the metric? */
static bool is_column(const char *key)
{
    const struct summary none = { .path = "" };
    struct table table = { 0 };
    bool is;

    put_summary(&table, &none, BEST_KEY);
    is = strcmp(key, BEST_KEY) != 0 && table_find(&table, key) < table.column_count;
    table_free(&table);
    return is;
}

/* None that has a column already; nor, unless all are asked for, what says how a run is to be treated and not what it
   is, or is said by `from`. */
static bool is_setting(const char *key, bool all)
{
    static const char *const others[] = { "fork", "keep", "partial-every", "until" };

    for (size_t i = 0; i < sizeof others / sizeof *others && !all; i++)
        if (strcmp(key, others[i]) == 0)
            return false;
    return strcmp(key, "epochs") != 0;
}

/* A variable of the model may be named like one of the columns before. */
static void put_settings(struct table *table, const struct run_conf *conf, size_t first, bool all)
{
    for (size_t i = 0; i < conf->line_count; i++) {
        size_t length = strcspn(conf->lines[i], "=");
        char *key = memory_format("%.*s", (int)length, conf->lines[i]), *other = memory_format("let.%s", key);
        const char *value = conf->lines[i] + length + 1;
        if (is_setting(key, all))
            table_put(table, table_find(table, key) < first ? other : key, *value ? value : NULL);
        free(key);
        free(other);
    }
}

static enum status read_runs(const struct runs *runs, const struct best_rule *rule, struct summary *summaries)
{
    enum status status = STATUS_OK;

    for (size_t i = 0; i < runs->n; i++) {
        status = status_worse(status, summary_read(&summaries[i], runs->paths[i], rule));
        if (summaries[i].status)
            program_say("%s", summaries[i].reason.at);
    }
    family_find(summaries, runs->n);
    return status;
}

static size_t make_table(struct table *table, const struct summary *summaries, size_t n, const struct request *request)
{
    size_t first = 0;

    for (size_t i = 0; i < n; i++) {
        put_summary(table, &summaries[i], request->rule.key);
        if (i == 0)
            first = table->column_count; /* no later run has another */
        put_settings(table, &summaries[i].conf, first, request->all);
    }
    return first;
}

static void check_column(const struct table *table, const char *option, const char *column)
{
    const char *near;

    if (table_find(table, column) < table->column_count)
        return;
    near = text_nearest(column, (const char *const *)table->columns, table->column_count);
    program_usage("--%s %s: no run has that%s%s%s", option, column, near ? "; did you mean '" : "", near ? near : "",
                  near ? "'?" : "");
}

/* What is asked for, in the order that is asked for; `first` is the first column of settings. */
static void arrange(struct table *table, size_t first, const struct request *request)
{
    for (size_t i = 0; i < request->condition_count; i++) {
        check_column(table, "where", request->conditions[i].column);
        table_keep(table, &request->conditions[i]);
        free(request->conditions[i].column);
    }
    free(request->conditions);
    if (request->sort)
        check_column(table, "sort", request->sort);
    if (request->sort || request->order == TABLE_DESCENDING)
        table_sort(table, request->sort ? request->sort : "run", request->order);
    if (!request->all)
        table_drop_equal(table, first);
}

static enum status print_runs(const struct runs *runs, const struct request *request, enum record_form form)
{
    struct summary *summaries = memory_new(runs->n, sizeof *summaries);
    struct record_writer *writer = record_writer_new(stdout, form);
    enum status status = read_runs(runs, &request->rule, summaries);
    struct table table = { 0 };

    arrange(&table, make_table(&table, summaries, runs->n, request), request);
    table_print(&table, writer, form, TEXT_COLUMNS);
    if (!table.row_count)
        status = status_worse(status, STATUS_NO);
    table_free(&table);
    record_writer_free(writer);
    for (size_t i = 0; i < runs->n; i++)
        summary_free(&summaries[i]);
    free(summaries);
    return status;
}

int main(int argc, char **argv)
{
    struct request request = { .rule = { .key = BEST_KEY } };
    const struct invocation *run = program_start(argc, argv, &program, &request);
    enum status status = STATUS_OK;
    struct runs runs = { 0 };

    if (!best_rule_complete(&request.rule))
        program_usage("-k %s: its name does not say what is best; add --min or --max", request.rule.key);
    if (is_column(request.rule.key))
        program_usage("-k %s: each record has that anyway; it is no metric", request.rule.key);
    for (size_t i = 0; i < run->operand_count; i++)
        status = status_worse(status, add_operand(&runs, run->operands[i]));
    if (run->operand_count == 0)
        status = add_operand(&runs, ".");
    if (runs.n)
        status = status_worse(status, print_runs(&runs, &request, run->form));
    runs_free(&runs);
    return program_finish(status);
}
