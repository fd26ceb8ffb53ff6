/*
 * ckpt-best - print the path of the best checkpoint
 *
 * Chooses by what records say (policy/best.h), and only among checkpoints that are there.
 */
#include "base/file.h"
#include "base/memory.h"
#include "base/number.h"
#include "base/program.h"
#include "format/checkpoint.h"
#include "policy/best.h"
#include "train/run_metrics.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { OPTION_MIN = 256 + 1, OPTION_MAX };

struct choice {
    struct best_rule rule;
    size_t count;
};

static const struct option_spec options[] = {
    { 'k', "key", "NAME", "choose by this column (default " BEST_KEY ")", 0 },
    { OPTION_MIN, "min", NULL, "the smallest is best (default for a name that ends in loss)", 0 },
    { OPTION_MAX, "max", NULL, "the largest is best (default for a name that ends in accuracy)", 0 },
    { 'N', "count", "COUNT", "print the COUNT best, the best first (default 1)", 0 },
    OPTIONS_COMMON(OPT_JSON | OPT_NUL),
    { 0 },
};

static void parse_option(int letter, const char *argument, void *context)
{
    struct choice *choice = context;

    if (letter == 'k')
        choice->rule.key = argument;
    else if (letter == 'N' && (!number_size(argument, &choice->count) || choice->count == 0))
        program_usage("-N %s: not a count of at least 1", argument);
    else if (letter != 'N' && !best_rule_direct(&choice->rule, letter == OPTION_MIN ? BEST_SMALLEST : BEST_LARGEST))
        program_usage("--min and --max: only one of them can hold");
}

static const struct program program = {
    "[-0jqv] [-k name] [--max | --min] [-N count] [records|directory ...]",
    "print the path of the best checkpoint",
    options,
    parse_option,
    0,
    MANY_OPERANDS,
};

static struct metrics read_metrics(const struct invocation *run, const char *key)
{
    struct metrics metrics = { .key = key };
    struct error error;
    enum status status = run->operand_count == 0 ? run_metrics_add(&metrics, "-", &error) : STATUS_OK;

    for (size_t i = 0; i < run->operand_count && status == STATUS_OK; i++)
        status = run_metrics_add(&metrics, run->operands[i], &error);
    if (status || metrics_merge(&metrics, &error))
        die_error(&error);
    return metrics;
}

/* What is neither a file nor a directory could hold up who opens it. */
static bool could_wait(const char *path)
{
    enum file_kind kind;

    return file_kind(path, &kind, NULL) == STATUS_OK && kind == FILE_OTHER;
}

/* Is there a checkpoint under the candidate's path, and is it the one that the records speak of? */
static bool is_there(const struct candidate *candidate)
{
    struct checkpoint *checkpoint;
    struct error error;
    enum status status;
    bool same;

    if (could_wait(candidate->path)) {
        program_say("%s: pass over: it is no file", candidate->path);
        return false;
    }
    status = checkpoint_read_header(candidate->path, &checkpoint, &error);
    if (status == STATUS_NO_INPUT) {
        program_tell("%s: pass over: it is not there", candidate->path);
        return false;
    }
    if (status == STATUS_DATA) {
        program_say("%s", error.text);
        return false;
    }
    if (status)
        die_error(&error);
    same = strcmp(checkpoint->digest, candidate->digest) == 0;
    checkpoint_free(checkpoint);
    if (!same)
        program_say("%s: pass over: it is not the checkpoint that the records speak of", candidate->path);
    return same;
}

static bool is_chosen(const struct candidate *const *chosen, size_t n, const struct candidate *candidate)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(chosen[i]->digest, candidate->digest) == 0)
            return true;
    return false;
}

/* The best that are there, best first: at most `most` of the `n` in `order`, whose beginning they replace. */
static size_t choose(const struct candidate **order, size_t n, size_t most)
{
    size_t chosen = 0;

    for (size_t i = 0; i < n && chosen < most; i++)
        if (!is_chosen(order, chosen, order[i]) && is_there(order[i]))
            order[chosen++] = order[i];
    return chosen;
}

static _Noreturn void nothing_qualifies(const struct metrics *metrics, size_t finite)
{
    size_t recorded = 0;

    for (size_t i = 0; i < metrics->n; i++)
        recorded += metrics->at[i].recorded;
    if (!recorded)
        die(STATUS_NO, "no checkpoint has a recorded %s; -k chooses by another column", metrics->key);
    if (!finite)
        die(STATUS_NO, "no checkpoint has a finite %s", metrics->key);
    die(STATUS_NO, "no checkpoint with a finite %s is there; -v names those that are not", metrics->key);
}

static void print_record(struct record_writer *writer, const struct candidate *candidate, const char *key)
{
    record_text(writer, "path", candidate->path);
    record_text(writer, "digest", candidate->digest);
    record_count(writer, "epoch", candidate->epoch);
    record_number(writer, key, candidate->value);
    record_end(writer);
}

int main(int argc, char **argv)
{
    struct choice choice = { .rule = { .key = BEST_KEY }, .count = 1 };
    const struct invocation *run = program_start(argc, argv, &program, &choice);
    struct record_writer *writer = record_writer_new(stdout, run->form);
    const struct candidate **order;
    struct metrics metrics;
    size_t finite, chosen;

    if (!best_rule_complete(&choice.rule))
        program_usage("-k %s: its name does not say what is best; add --min or --max", choice.rule.key);
    metrics = read_metrics(run, choice.rule.key);
    order = memory_new(metrics.n, sizeof *order);
    finite = best_order(metrics.at, metrics.n, &choice.rule, order);
    chosen = choose(order, finite, choice.count);
    if (!chosen)
        nothing_qualifies(&metrics, finite);
    for (size_t i = 0; i < chosen; i++)
        if (run->form == RECORDS_JSON)
            print_record(writer, order[i], choice.rule.key);
        else
            program_print_path(order[i]->path);
    free(order);
    metrics_free(&metrics);
    record_writer_free(writer);
    return program_finish(STATUS_OK);
}
