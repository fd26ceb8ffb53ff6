/*
 * ckpt-prune - remove the checkpoints that a policy does not keep
 *
 * What stays is decided by policy/retention.h, on nothing but what was proven; any doubt ends the program before it
 * deletes. The order of what it does then (train/pruning.h) lets a rerun finish after a kill at any moment.
 */
#include "base/file.h"
#include "base/memory.h"
#include "base/number.h"
#include "base/program.h"
#include "policy/retention.h"
#include "train/pruning.h"
#include "train/run_metrics.h"
#include "train/survey.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { OPTION_MIN = 256 + 1, OPTION_MAX, OPTION_RECORDS, OPTION_OF_ALL };

struct request {
    struct retention_policy policy;
    const char *records; /* NULL: the run's own */
};

/* What is judged, and how: keep[i] belongs to candidates[i]. */
struct verdict {
    const char *source; /* where they are from, for messages; NULL: their runs */
    struct candidate *candidates;
    size_t n;
    unsigned *keep;
};

static const struct option_spec options[] = {
    { 'l', "last", "COUNT", "keep the last COUNT", 0 },
    { 'b', "best", "COUNT", "keep the best COUNT", 0 },
    { OPTION_OF_ALL, "best-of-all", "COUNT", "of all runs together, keep the best COUNT", 0 },
    { 'e', "every", "COUNT", "keep the epochs that are multiples of COUNT", 0 },
    { 'k', "key", "NAME", "which are best is judged by this column (default " BEST_KEY ")", 0 },
    { OPTION_MIN, "min", NULL, "the smallest is best (default for a name that ends in loss)", 0 },
    { OPTION_MAX, "max", NULL, "the largest is best (default for a name that ends in accuracy)", 0 },
    { OPTION_RECORDS, "records", "FILE", "judge by these records, not by the run's own", 0 },
    OPTIONS_COMMON(OPT_DRY_RUN | OPT_JSON | OPT_THREADS),
    { 0 },
};

static uint64_t parse_count(const char *option, const char *argument)
{
    uint64_t count;

    if (!number_u64(argument, &count) || count == 0)
        program_usage("%s %s: not a count of at least 1", option, argument);
    return count;
}

static void parse_option(int letter, const char *argument, void *context)
{
    struct request *request = context;

    switch (letter) {
    case 'l':
        request->policy.last = parse_count("-l", argument);
        break;
    case 'b':
        request->policy.best = parse_count("-b", argument);
        break;
    case 'e':
        request->policy.every = parse_count("-e", argument);
        break;
    case OPTION_OF_ALL:
        request->policy.best_of_all = parse_count("--best-of-all", argument);
        break;
    case 'k':
        request->policy.rule.key = argument;
        break;
    case OPTION_MIN:
    case OPTION_MAX:
        if (!best_rule_direct(&request->policy.rule, letter == OPTION_MIN ? BEST_SMALLEST : BEST_LARGEST))
            program_usage("--min and --max: only one of them can hold");
        break;
    case OPTION_RECORDS:
        request->records = argument;
        break;
    }
}

static const struct program program = {
    "[-jnqv] [-b count] [--best-of-all count] [-e count] [-k name] [-l count]\n"
    " [--max | --min] [--records file] [-t threads] directory ...\n"
    "[-jqv] [-b count] [--best-of-all count] [-e count] [-k name] [-l count]\n"
    " [--max | --min] --records file",
    "remove the checkpoints that a policy does not keep",
    options,
    parse_option,
    0,
    MANY_OPERANDS,
};

static void check_request(struct request *request, bool has_directory)
{
    if (retention_is_empty(&request->policy))
        program_usage("a policy is missing: -l, -b, --best-of-all or -e says what to keep");
    if (!best_rule_complete(&request->policy.rule))
        program_usage("-k %s: its name does not say what is best; add --min or --max", request->policy.rule.key);
    if (!has_directory && !request->records)
        program_usage("a directory is missing");
    if (has_directory && request->records && strcmp(request->records, "-") == 0)
        program_usage("--records -: records from stdin are only judged; leave the directory out, or name a file");
}

/* What the records of all runs say, or those that are to be used in their stead. */
static enum status read_metrics(const struct request *request, const struct runs *runs, struct metrics *metrics,
                                struct error *error)
{
    enum status status = request->records ? run_metrics_add(metrics, request->records, error)
                                          : run_metrics_add_runs(metrics, runs, error);

    return status ? status : metrics_merge(metrics, error);
}

static struct candidate *make_candidates(const struct survey *survey, const struct metrics *metrics)
{
    struct candidate *candidates = memory_new(survey->n, sizeof *candidates);

    for (size_t i = 0; i < survey->n; i++) {
        const struct surveyed *found = &survey->checkpoints[i];
        const struct candidate *known = metrics_find(metrics, found->claims.digest);
        candidates[i] = (struct candidate){
            .path = found->path,
            .epoch = found->claims.epoch,
            .value = known ? known->value : NAN,
            .recorded = known && known->recorded,
            .pinned = found->pinned,
            .parent = found->partial_from_it,
        };
        strcpy(candidates[i].digest, found->claims.digest);
    }
    return candidates;
}

/* Without the best known, a checkpoint that is to go might be it. */
static void decide(const struct retention_policy *policy, struct verdict *verdict)
{
    const struct candidate *doubt;

    verdict->keep = memory_new(verdict->n, sizeof *verdict->keep);
    retention_decide(policy, verdict->candidates, verdict->n, verdict->keep);
    doubt = retention_doubt(policy, verdict->candidates, verdict->n, verdict->keep);
    if (doubt)
        die(STATUS_DATA,
            "%s: judge: which is best is unknown: no record has a finite %s of a checkpoint that is there; "
            "-k chooses by another column; nothing was deleted",
            verdict->source ? verdict->source : path_directory(doubt->path), policy->rule.key);
}

static void print_verdict(const struct retention_policy *policy, const struct verdict *verdict, enum record_form form)
{
    struct record_writer *writer = record_writer_new(stdout, form);
    struct text reason = { 0 };

    for (size_t i = 0; i < verdict->n; i++) {
        text_clear(&reason);
        retention_explain(policy, verdict->keep[i], &reason);
        record_text(writer, "path", verdict->candidates[i].path);
        record_count(writer, "epoch", verdict->candidates[i].epoch);
        record_text(writer, "state", verdict->keep[i] ? "keep" : "prune");
        record_text(writer, "reason", reason.at);
        record_end(writer);
    }
    text_free(&reason);
    record_writer_free(writer);
}

/* Judge records alone. */
static enum status judge(const struct request *request, enum record_form form)
{
    struct metrics metrics = { .key = request->policy.rule.key };
    struct verdict verdict;
    struct error error;

    if (read_metrics(request, &(struct runs){ 0 }, &metrics, &error))
        die_error(&error);
    metrics_make_list(&metrics);
    verdict = (struct verdict){ .source = request->records, .candidates = metrics.at, .n = metrics.n };
    decide(&request->policy, &verdict);
    print_verdict(&request->policy, &verdict, form);
    free(verdict.keep);
    metrics_free(&metrics);
    return program_finish(STATUS_OK);
}

/* What nobody has named is pruned only if it is a run for certain: links and copies have checkpoints, too. */
static void check_member(const char *path)
{
    const char *doubt = NULL;
    struct error error;
    bool is_run;

    if (file_is_link(path))
        doubt = "it is a link";
    else if (run_has_conf(path, &is_run, &error))
        die(error.status, "%s; nothing was deleted", error.text);
    else if (!is_run)
        doubt = "it has checkpoints, and no run.conf";
    if (doubt)
        die(STATUS_DATA, "%s: prune: %s; nothing was deleted; it is pruned where its own name is an operand", path,
            doubt);
}

/* The runs that the operands stand for, locked. */
static struct runs lock_runs(const struct invocation *invocation)
{
    struct runs runs = { 0 };
    struct error error;

    for (size_t i = 0; i < invocation->operand_count; i++) {
        size_t first = runs.n;
        if (runs_add(&runs, invocation->operands[i], &error))
            die(error.status, "%s; nothing was deleted", error.text);
        for (size_t j = first; j < runs.n; j++)
            if (strcmp(runs.paths[j], invocation->operands[i]) != 0)
                check_member(runs.paths[j]);
    }
    pruning_lock(&runs);
    return runs;
}

/* A run in a directory of runs may have only begun; a directory that is named has checkpoints. */
static void check_operands(const struct invocation *invocation, const struct survey *survey)
{
    for (size_t i = 0; i < survey->run_count; i++)
        for (size_t j = 0; j < invocation->operand_count && survey->runs[i].n == 0; j++)
            if (strcmp(survey->runs[i].directory, invocation->operands[j]) == 0)
                die(STATUS_NO_INPUT, "%s: prune: no checkpoint epoch-NNNN.safetensors is in it",
                    invocation->operands[j]);
}

/* What there is, and what records say of it. Headers are enough for a plan: what is to be deleted by it is proven. */
static void look(const struct request *request, const struct invocation *invocation, const struct runs *runs,
                 struct survey *survey, struct metrics *metrics)
{
    struct error error;
    enum status status =
        survey_make(runs, invocation->dry_run ? PROOFS_HEADER : PROOFS_WHOLE, invocation->threads, survey, &error);

    if (status == STATUS_OK)
        status = read_metrics(request, runs, metrics, &error);
    if (status)
        die(status, "%s; nothing was deleted", error.text);
    check_operands(invocation, survey);
}

static void act(const struct retention_policy *policy, struct survey *survey, const unsigned *keep)
{
    struct text reason = { 0 };

    retention_explain(policy, 0, &reason);
    pruning_bury(survey, keep, reason.at);
    pruning_delete(survey, keep);
    text_free(&reason);
}

/* Judge runs and, unless it is a dry run, do what was found. What could not be printed is not done. */
static enum status prune(const struct request *request, const struct invocation *invocation)
{
    struct metrics metrics = { .key = request->policy.rule.key };
    struct runs runs = lock_runs(invocation);
    struct verdict verdict;
    struct survey survey;
    enum status status;

    look(request, invocation, &runs, &survey, &metrics);
    verdict = (struct verdict){ .candidates = make_candidates(&survey, &metrics), .n = survey.n };
    decide(&request->policy, &verdict);
    print_verdict(&request->policy, &verdict, invocation->form);
    status = program_finish(STATUS_OK);
    if (status == STATUS_OK && !invocation->dry_run)
        act(&request->policy, &survey, verdict.keep);
    free(verdict.candidates);
    free(verdict.keep);
    metrics_free(&metrics);
    survey_free(&survey);
    runs_free(&runs);
    return status;
}

int main(int argc, char **argv)
{
    struct request request = { .policy.rule.key = BEST_KEY };
    const struct invocation *invocation = program_start(argc, argv, &program, &request);

    check_request(&request, invocation->operand_count > 0);
    if (invocation->operand_count == 0)
        return judge(&request, invocation->form);
    return prune(&request, invocation);
}
