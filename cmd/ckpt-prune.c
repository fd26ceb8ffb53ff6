/*
 * ckpt-prune - remove the checkpoints that a policy does not keep
 *
 * What stays is decided by policy/retention.h, on nothing but what was proven; any doubt ends the program before it
 * deletes. The order of what it does then lets a rerun finish after a kill at any moment: tombstones, then the files.
 */
#include "base/file.h"
#include "base/memory.h"
#include "base/number.h"
#include "base/program.h"
#include "format/run_records.h"
#include "policy/retention.h"
#include "train/claims.h"
#include "train/proven_run.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

enum { OPTION_MIN = 256 + 1, OPTION_MAX, OPTION_RECORDS };

struct request {
    struct retention_policy policy;
    const char *records; /* NULL: the run's own */
};

/* What is judged, and how: keep[i] belongs to candidates[i]. */
struct verdict {
    const char *source; /* where they are from, for messages */
    struct candidate *candidates;
    size_t n;
    unsigned *keep;
};

static const struct option_spec options[] = {
    { 'l', "last", "COUNT", "keep the last COUNT", 0 },
    { 'b', "best", "COUNT", "keep the best COUNT", 0 },
    { 'e', "every", "COUNT", "keep the epochs that are multiples of COUNT", 0 },
    { 'k', "key", "NAME", "which are best is judged by this column (default " BEST_KEY ")", 0 },
    { OPTION_MIN, "min", NULL, "the smallest is best (default for a name that ends in loss)", 0 },
    { OPTION_MAX, "max", NULL, "the largest is best (default for a name that ends in accuracy)", 0 },
    { OPTION_RECORDS, "records", "FILE", "judge by these records, not by the run's own", 0 },
    OPTIONS_COMMON(OPT_DRY_RUN | OPT_JSON),
    { 0 },
};

static uint64_t parse_count(int letter, const char *argument)
{
    uint64_t count;

    if (!number_u64(argument, &count) || count == 0)
        program_usage("-%c %s: not a count of at least 1", letter, argument);
    return count;
}

static void parse_option(int letter, const char *argument, void *context)
{
    struct request *request = context;

    switch (letter) {
    case 'l':
        request->policy.last = parse_count(letter, argument);
        break;
    case 'b':
        request->policy.best = parse_count(letter, argument);
        break;
    case 'e':
        request->policy.every = parse_count(letter, argument);
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
    "[-jnqv] [-b count] [-e count] [-k name] [-l count] [--max | --min] [--records file] directory\n"
    "[-jqv] [-b count] [-e count] [-k name] [-l count] [--max | --min] --records file",
    "remove the checkpoints that a policy does not keep",
    options,
    parse_option,
    0,
    1,
};

static void check_request(struct request *request, bool has_directory)
{
    if (retention_is_empty(&request->policy))
        program_usage("a policy is missing: -l, -b or -e says what to keep");
    if (!best_rule_complete(&request->policy.rule))
        program_usage("-k %s: its name does not say what is best; add --min or --max", request->policy.rule.key);
    if (!has_directory && !request->records)
        program_usage("a directory is missing");
    if (has_directory && request->records && strcmp(request->records, "-") == 0)
        program_usage("--records -: records from stdin are only judged; leave the directory out, or name a file");
}

/* One ckpt-prune at a time, so that none loses the tombstones of another. The lock lasts as long as the program. */
static void lock(const char *directory)
{
    int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (fd < 0)
        die_system(ACCESS_READ, directory, "open");
    if (flock(fd, LOCK_EX | LOCK_NB)) {
        if (errno == EWOULDBLOCK)
            die(STATUS_RETRY, "%s: lock: another ckpt-prune is at work in it", directory);
        die_system(ACCESS_READ, directory, "lock");
    }
}

/* A file of another run among ours would be judged as if its epoch and its metrics were of this one. */
static enum status prove_chain(const struct proven_run *run, struct error *error)
{
    const struct checkpoint **claims = memory_new(run->n, sizeof *claims);
    enum chain_verdict *verdicts = memory_new(run->n, sizeof *verdicts);
    enum status status = STATUS_OK;

    for (size_t i = 0; i < run->n; i++)
        claims[i] = &run->checkpoints[i].claims;
    claims_judge_chain(claims, run->n, &run->tombstones, false, verdicts);
    for (size_t i = 0; i < run->n && status == STATUS_OK; i++)
        if (chain_reason(verdicts[i]))
            status = error_set(error, STATUS_DATA, "%s/%s: prove: %s", run->directory, run->checkpoints[i].name,
                               chain_reason(verdicts[i]));
    free(claims);
    free(verdicts);
    return status;
}

static enum status read_metrics(const char *operand, struct metrics *metrics, struct error *error)
{
    struct records records = { 0 };
    const char *directory;
    enum status status = run_records_of_operand(operand, &records, &directory, error);

    if (status == STATUS_OK)
        status = metrics_add(metrics, &records, directory, error);
    if (status == STATUS_OK)
        status = metrics_merge(metrics, error);
    records_free(&records);
    return status;
}

static struct candidate *make_candidates(const struct proven_run *run, const struct metrics *metrics)
{
    struct candidate *candidates = memory_new(run->n, sizeof *candidates);

    for (size_t i = 0; i < run->n; i++) {
        const struct proven_checkpoint *found = &run->checkpoints[i];
        const struct candidate *known = metrics_find(metrics, found->claims.digest);
        candidates[i] = (struct candidate){
            .path = path_join(run->directory, found->name),
            .epoch = found->claims.epoch,
            .value = known ? known->value : NAN,
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
    unsigned reasons = 0;
    size_t going = 0;

    verdict->keep = memory_new(verdict->n, sizeof *verdict->keep);
    retention_decide(policy, verdict->candidates, verdict->n, verdict->keep);
    for (size_t i = 0; i < verdict->n; i++) {
        reasons |= verdict->keep[i];
        going += verdict->keep[i] == 0;
    }
    if (going && !(reasons & KEEP_BEST))
        die(STATUS_DATA,
            "%s: judge: which is best is unknown: no record has a finite %s of a checkpoint that is there; "
            "-k chooses by another column; nothing was deleted",
            verdict->source, policy->rule.key);
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

static void write_tombstones(struct proven_run *run, const struct retention_policy *policy, const unsigned *keep)
{
    size_t before = run->tombstones.n;
    struct text reason = { 0 };

    retention_explain(policy, 0, &reason);
    for (size_t i = 0; i < run->n; i++) {
        const struct checkpoint *claims = &run->checkpoints[i].claims;
        struct tombstone tombstone = { run->checkpoints[i].name,
                                       claims->digest,
                                       claims->parent,
                                       claims->data,
                                       claims->epoch,
                                       claims->step,
                                       reason.at };
        if (!keep[i] && !tombstones_have(&run->tombstones, claims->digest))
            tombstones_add(&run->tombstones, &tombstone);
    }
    if (run->tombstones.n > before)
        tombstones_write(&run->tombstones, run->directory);
    text_free(&reason);
}

static void delete_files(const struct verdict *verdict)
{
    const char *deleted = NULL;

    for (size_t i = 0; i < verdict->n; i++) {
        if (verdict->keep[i])
            continue;
        deleted = verdict->candidates[i].path;
        if (unlink(deleted) && errno != ENOENT)
            die_system(ACCESS_WRITE, deleted, "delete");
    }
    if (deleted && file_sync_directory_of(deleted))
        die_system(ACCESS_WRITE, deleted, "sync the directory");
}

/* Judge records alone. */
static enum status judge(const struct request *request, enum record_form form)
{
    struct metrics metrics = { .key = request->policy.rule.key };
    struct verdict verdict;
    struct error error;

    if (read_metrics(request->records, &metrics, &error))
        die_error(&error);
    metrics_make_list(&metrics);
    verdict = (struct verdict){ .source = request->records, .candidates = metrics.at, .n = metrics.n };
    decide(&request->policy, &verdict);
    print_verdict(&request->policy, &verdict, form);
    free(verdict.keep);
    metrics_free(&metrics);
    return program_finish(STATUS_OK);
}

/* Judge a run and, unless it is a dry run, do what was found. What could not be printed is not done. */
static enum status prune(const struct request *request, const char *directory, const struct invocation *invocation)
{
    struct metrics metrics = { .key = request->policy.rule.key };
    struct verdict verdict;
    struct error error;
    enum status status;
    struct proven_run run;

    lock(directory);
    status = proven_run_read(directory, &run, &error);
    if (status == STATUS_OK)
        status = prove_chain(&run, &error);
    if (status == STATUS_OK)
        status = read_metrics(request->records ? request->records : directory, &metrics, &error);
    if (status)
        die(status, "%s; nothing was deleted", error.text);
    if (run.n == 0)
        die(STATUS_NO_INPUT, "%s: prune: no checkpoint epoch-NNNN.safetensors is in it", directory);
    verdict = (struct verdict){ .source = directory, .candidates = make_candidates(&run, &metrics), .n = run.n };
    decide(&request->policy, &verdict);
    print_verdict(&request->policy, &verdict, invocation->form);
    status = program_finish(STATUS_OK);
    if (status == STATUS_OK && !invocation->dry_run) {
        write_tombstones(&run, &request->policy, verdict.keep);
        delete_files(&verdict);
    }
    for (size_t i = 0; i < verdict.n; i++)
        free(verdict.candidates[i].path);
    free(verdict.candidates);
    free(verdict.keep);
    metrics_free(&metrics);
    proven_run_free(&run);
    return status;
}

int main(int argc, char **argv)
{
    struct request request = { .policy.rule.key = BEST_KEY };
    const struct invocation *invocation = program_start(argc, argv, &program, &request);

    check_request(&request, invocation->operand_count > 0);
    if (invocation->operand_count == 0)
        return judge(&request, invocation->form);
    return prune(&request, invocation->operands[0], invocation);
}
