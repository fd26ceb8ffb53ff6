/*
 * hp-promote - decide which trials of a search go on
 *
 * The decisions are those of policy/halving.h, in the brackets of policy/brackets.h: a function of the table of trials,
 * the options and the records, so that nothing has to be remembered from one call to the next.
 */
#include "base/memory.h"
#include "base/number.h"
#include "base/program.h"
#include "policy/brackets.h"
#include "policy/forecast.h"
#include "policy/trial_results.h"

#include <stdlib.h>
#include <string.h>

enum {
    OPTION_MIN = 256 + 1,
    OPTION_MAX,
    OPTION_BRACKETS,
    OPTION_DIVISOR,
    OPTION_EPOCHS,
    OPTION_EPOCH_SAMPLES,
    OPTION_MAX_CONCURRENT,
    OPTION_MAX_RUNGS,
    OPTION_MAX_TRIALS,
    OPTION_MODE,
    OPTION_PREVIEW,
    OPTION_SAMPLES,
    OPTION_SYNCHRONOUS,
};

enum { DEFAULT_RUNGS = 5, DEFAULT_CONCURRENT = 16, DEFAULT_DIVISOR = 4, MOST_TRIALS = 1000000 };

static const uint64_t most_samples = UINT64_C(1000000000000000); /* all below it are exact as double */

struct request {
    struct search search; /* its rungs are at first as they were given: none, one, or all */
    struct best_rule rule;
    size_t most_rungs, most_trials; /* 0 where not told */
    uint64_t epoch_samples;         /* 0 where not told */
    bool in_samples, preview;
};

static const struct option_spec options[] = {
    { 'k', "key", "NAME", "judge by this column (default " BEST_KEY ")", 0 },
    { OPTION_MIN, "min", NULL, "the smallest is best (default for a name that ends in loss)", 0 },
    { OPTION_MAX, "max", NULL, "the largest is best (default for a name that ends in accuracy)", 0 },
    { OPTION_EPOCHS, "epochs", "NUMBER,...", "how long to train the best; more numbers are all the rungs", 0 },
    { OPTION_SAMPLES, "samples", "NUMBER,...", "the same in samples", 0 },
    { OPTION_EPOCH_SAMPLES, "epoch-samples", "NUMBER", "of which an epoch has so many", 0 },
    { OPTION_DIVISOR, "divisor", "NUMBER", "one of so many goes on, and so many times as far (default 4)", 0 },
    { OPTION_MAX_RUNGS, "max-rungs", "COUNT", "judge a trial at most so many times (default 5)", 0 },
    { OPTION_MODE, "mode", "MODE", "how early to stop trials: aggressive, standard (default), conservative", 0 },
    { OPTION_BRACKETS, "brackets", "COUNT,...", "instead of a mode: how many rungs each bracket has", 0 },
    { OPTION_SYNCHRONOUS, "synchronous", NULL, "choose at a rung when all have got there", 0 },
    { OPTION_MAX_TRIALS, "max-trials", "COUNT", "take the first so many of the table (default all)", 0 },
    { OPTION_MAX_CONCURRENT, "max-concurrent", "COUNT", "train at most so many at a time (default 16)", 0 },
    { OPTION_PREVIEW, "preview", NULL, "print what the search will cost", 0 },
    OPTIONS_COMMON(OPT_JSON),
    { 0 },
};

static const char *option_name(int letter)
{
    const struct option_spec *option = options;

    while (option->letter != letter)
        option++;
    return option->name;
}

static uint64_t parse_number(int letter, const char *argument, uint64_t most)
{
    uint64_t number;

    if (!number_u64(argument, &number) || !number || number > most)
        program_usage("--%s %s: not a number from 1 to %llu", option_name(letter), argument, (unsigned long long)most);
    return number;
}

/* Numbers with commas between them into `list`, which has room for RUNGS_MOST; returns how many. */
static size_t parse_list(int letter, const char *argument, uint64_t most, uint64_t *list)
{
    char *copy = memory_string(argument), *rest = copy, *word;
    size_t n = 0;

    while ((word = strsep(&rest, ","))) {
        if (n == RUNGS_MOST)
            program_usage("--%s: more than %d numbers", option_name(letter), RUNGS_MOST);
        list[n++] = parse_number(letter, word, most);
    }
    free(copy);
    return n;
}

static void parse_rungs(int letter, const char *argument, struct request *request)
{
    struct rungs *rungs = &request->search.rungs;

    if (rungs->n && request->in_samples != (letter == OPTION_SAMPLES))
        program_usage("--epochs and --samples: only one of them can hold");
    request->in_samples = letter == OPTION_SAMPLES;
    rungs->n = parse_list(letter, argument, most_samples, rungs->epochs);
    for (size_t i = 1; i < rungs->n; i++)
        if (rungs->epochs[i] <= rungs->epochs[i - 1])
            program_usage("--%s %s: each number must be larger than the one before", option_name(letter), argument);
}

static void parse_brackets(const char *argument, struct search *search)
{
    uint64_t counts[RUNGS_MOST];

    search->bracket_count = parse_list(OPTION_BRACKETS, argument, RUNGS_MOST, counts);
    for (size_t i = 0; i < search->bracket_count; i++)
        search->bracket_rungs[i] = (size_t)counts[i];
}

static double parse_divisor(const char *argument)
{
    double divisor;

    if (!number_double(argument, &divisor) || divisor <= 1 || divisor > SEARCH_MOST_DIVISOR)
        program_usage("--divisor %s: not a number above 1 and up to %d", argument, SEARCH_MOST_DIVISOR);
    return divisor;
}

static enum search_mode parse_mode(const char *argument)
{
    static const char *const modes[] = {
        [SEARCH_STANDARD] = "standard",
        [SEARCH_AGGRESSIVE] = "aggressive",
        [SEARCH_CONSERVATIVE] = "conservative",
    };

    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++)
        if (strcmp(argument, modes[i]) == 0)
            return (enum search_mode)i;
    program_usage("--mode %s: not aggressive, standard or conservative", argument);
}

static void parse_limit(int letter, const char *argument, struct request *request)
{
    if (letter == OPTION_MAX_CONCURRENT)
        request->search.concurrent = (size_t)parse_number(letter, argument, MOST_TRIALS);
    else if (letter == OPTION_MAX_RUNGS)
        request->most_rungs = (size_t)parse_number(letter, argument, RUNGS_MOST);
    else if (letter == OPTION_MAX_TRIALS)
        request->most_trials = (size_t)parse_number(letter, argument, MOST_TRIALS);
    else
        request->epoch_samples = parse_number(letter, argument, most_samples);
}

static void parse_option(int letter, const char *argument, void *context)
{
    struct request *request = context;

    switch (letter) {
    case 'k':
        request->rule.key = argument;
        break;
    case OPTION_MIN:
    case OPTION_MAX:
        if (!best_rule_direct(&request->rule, letter == OPTION_MIN ? BEST_SMALLEST : BEST_LARGEST))
            program_usage("--min and --max: only one of them can hold");
        break;
    case OPTION_EPOCHS:
    case OPTION_SAMPLES:
        parse_rungs(letter, argument, request);
        break;
    case OPTION_DIVISOR:
        request->search.divisor = parse_divisor(argument);
        break;
    case OPTION_MODE:
        request->search.mode = parse_mode(argument);
        break;
    case OPTION_BRACKETS:
        parse_brackets(argument, &request->search);
        break;
    case OPTION_SYNCHRONOUS:
        request->search.kind = HALVING_SYNCHRONOUS;
        break;
    case OPTION_PREVIEW:
        request->preview = true;
        break;
    default:
        parse_limit(letter, argument, request);
    }
}

static const struct program program = {
    "[-jqv] [--brackets count,...] [--divisor number] [--epoch-samples number] [-k name] [--max | --min]\n"
    "    [--max-concurrent count] [--max-rungs count] [--max-trials count] [--mode mode] [--synchronous]\n"
    "    --epochs number,... | --samples number,... trials [records ...]\n"
    "--preview [option ...] [trials]",
    "decide which trials of a search go on",
    options,
    parse_option,
    0,
    MANY_OPERANDS,
};

static void check_request(const struct request *request, size_t operands)
{
    if (!request->search.rungs.n)
        program_usage("--epochs or --samples is missing: it says how long the best are trained");
    if (request->in_samples && !request->epoch_samples)
        program_usage("--samples: --epoch-samples must say how many an epoch has");
    if (!operands && !request->preview)
        program_usage("a table of trials is missing");
    if (!operands && !request->most_trials)
        program_usage("--preview: a table of trials is missing, or --max-trials");
    if (operands > 1 && request->preview)
        program_usage("--preview takes no records");
}

/* Make of the rungs that were given those that there are, in epochs. */
static void complete_rungs(struct request *request)
{
    struct rungs *rungs = &request->search.rungs;

    if (rungs->n == 1) {
        rungs_derive(rungs, rungs->epochs[0], request->search.divisor,
                     request->most_rungs ? request->most_rungs : DEFAULT_RUNGS);
    } else if (request->most_rungs && request->most_rungs < rungs->n) {
        memmove(rungs->epochs, &rungs->epochs[rungs->n - request->most_rungs],
                request->most_rungs * sizeof *rungs->epochs);
        rungs->n = request->most_rungs;
    }
    if (request->in_samples)
        rungs_from_samples(rungs, request->epoch_samples);
}

static void complete_request(struct request *request)
{
    struct search *search = &request->search;

    if (!best_rule_complete(&request->rule))
        program_usage("-k %s: its name does not say what is best; add --min or --max", request->rule.key);
    complete_rungs(request);
    for (size_t i = 0; i < search->bracket_count; i++)
        if (search->bracket_rungs[i] > search->rungs.n)
            program_usage("--brackets: there are %zu rungs, and not %zu", search->rungs.n, search->bracket_rungs[i]);
}

/* Without a table there are as many trials as --max-trials says. */
static struct trials read_trials(const struct invocation *run, struct request *request)
{
    struct trials trials = { 0 };
    struct error error;

    request->search.trials = request->most_trials;
    if (!run->operand_count)
        return trials;
    if (trials_read(run->operands[0], &trials, &error))
        die_error(&error);
    if (!request->most_trials || request->most_trials > trials.n)
        request->search.trials = trials.n;
    return trials;
}

static struct trial_results read_results(const struct invocation *run, const struct trials *trials, const char *key)
{
    struct trial_results results = { .trials = trials, .key = key };
    struct error error;

    for (size_t i = 1; i < run->operand_count; i++) {
        struct records records = { 0 };
        if (records_read(&records, run->operands[i], &error) ||
            trial_results_add(&results, &records, run->operands[i], &error))
            die_error(&error);
        records_free(&records);
    }
    if (trial_results_merge(&results, &error))
        die_error(&error);
    return results;
}

static void print_decision(struct record_writer *writer, const struct trial_results *results,
                           const struct bracket *bracket, size_t number, const struct decision *decision, size_t trial)
{
    uint64_t epochs = bracket->epochs[decision->rung];
    struct text reason = { 0 };

    if (decision->state == TRIAL_FAILED)
        trial_results_explain(results, trial, epochs, &reason);
    else
        halving_explain(bracket, decision, &reason);
    record_text(writer, TRIAL_COLUMN, results->trials->name[trial]);
    record_text(writer, "state", trial_state_word(decision->state));
    record_count(writer, "bracket", number);
    record_count(writer, "rung", decision->rung + 1);
    record_count(writer, "epochs", epochs);
    record_text(writer, "reason", reason.at);
    record_end(writer);
    text_free(&reason);
}

static void decide(const struct trial_results *results, enum best_direction direction, const struct bracket *bracket,
                   size_t number, struct record_writer *writer)
{
    struct outcome *outcomes = memory_new(bracket->trials * bracket->rungs, sizeof *outcomes);
    struct decision *decisions = memory_new(bracket->trials, sizeof *decisions);

    trial_results_outcomes(results, bracket, direction, outcomes);
    halving_decide(bracket, outcomes, decisions);
    for (size_t i = 0; i < bracket->trials; i++)
        if (decisions[i].state != TRIAL_AWAITS_BEGIN)
            print_decision(writer, results, bracket, number, &decisions[i], bracket->first + i);
    free(outcomes);
    free(decisions);
}

/* A mean is printed to thousandths. */
static double thousandths(double value)
{
    return value < (double)most_samples ? (double)(uint64_t)(value * 1000 + 0.5) / 1000 : value;
}

/* Returns the epochs that are expected. */
static double preview(const struct bracket *bracket, size_t number, struct record_writer *writer)
{
    struct forecast forecasts[RUNGS_MOST];

    halving_forecast(bracket, forecasts);
    for (size_t rung = 0; rung < bracket->rungs; rung++) {
        record_count(writer, "bracket", number);
        record_count(writer, "rung", rung + 1);
        record_count(writer, "epochs", bracket->epochs[rung]);
        record_count(writer, "trials", forecasts[rung].trials);
        record_number(writer, "expected", thousandths(forecasts[rung].expected));
        record_end(writer);
    }
    return forecast_epochs(bracket, forecasts);
}

/* What the search costs, against what it would cost to train every trial to the end. */
static void print_cost(const struct search *search, double expected, struct record_writer *writer)
{
    double all = (double)search->trials * (double)search->rungs.epochs[search->rungs.n - 1];

    record_count(writer, "trials", search->trials);
    record_number(writer, "expected.epochs", thousandths(expected));
    record_number(writer, "all.epochs", all);
    record_number(writer, "share", thousandths(expected / all));
    record_end(writer);
}

int main(int argc, char **argv)
{
    struct request request = {
        .search = { .divisor = DEFAULT_DIVISOR, .concurrent = DEFAULT_CONCURRENT },
        .rule = { .key = BEST_KEY },
    };
    const struct invocation *run = program_start(argc, argv, &program, &request);
    struct record_writer *writer = record_writer_new(stdout, run->form);
    struct bracket brackets[RUNGS_MOST];
    struct trials trials;
    struct trial_results results;
    double epochs = 0;
    size_t n;

    check_request(&request, run->operand_count);
    complete_request(&request);
    trials = read_trials(run, &request);
    results = read_results(run, &trials, request.rule.key);
    n = search_brackets(&request.search, brackets);
    for (size_t i = 0; i < n; i++)
        if (request.preview)
            epochs += preview(&brackets[i], i + 1, writer);
        else
            decide(&results, request.rule.direction, &brackets[i], i + 1, writer);
    if (request.preview)
        print_cost(&request.search, epochs, writer);
    trial_results_free(&results);
    trials_free(&trials);
    record_writer_free(writer);
    return program_finish(STATUS_OK);
}
