/* nn-train-epoch - train from one checkpoint to the next */
#include "base/clock.h"
#include "base/number.h"
#include "base/program.h"
#include "base/signals.h"
#include "base/size.h"
#include "train/epoch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { OPTION_BATCHES = 256 + 1, OPTION_HOLD, OPTION_PARTIAL_EVERY, OPTION_ALLOW_CLASS_CHANGE };

struct request {
    uint64_t epochs;
    const char *batches, *hold;
    double partial_every;
    bool allow_class_change;
};

static const struct option_spec options[] = {
    { 'e', "epochs", "COUNT", "train so many epochs, with one checkpoint at the end (default 1)", 0 },
    { OPTION_BATCHES, "batches", "FILE", "record loss and learning rate of every batch", 0 },
    { OPTION_HOLD, "hold", "FILE", "stop, as after a signal, once this file is there", 0 },
    { OPTION_PARTIAL_EVERY, "partial-every", "SECONDS", "keep a partial checkpoint now and then", 0 },
    { OPTION_ALLOW_CLASS_CHANGE, "allow-class-change", NULL, "go on under another class of arithmetic", 0 },
    OPTIONS_COMMON(OPT_OUTPUT | OPT_FORCE | OPT_DEVICE | OPT_THREADS | OPT_DRY_RUN),
    { 0 },
};

static void parse_option(int letter, const char *argument, void *context)
{
    struct request *request = context;

    switch (letter) {
    case 'e':
        if (!number_u64(argument, &request->epochs) || request->epochs < 1)
            program_usage("-e %s: not a whole number from 1", argument);
        break;
    case OPTION_BATCHES:
        request->batches = argument;
        break;
    case OPTION_HOLD:
        request->hold = argument;
        break;
    case OPTION_PARTIAL_EVERY:
        if (!number_double(argument, &request->partial_every) || request->partial_every <= 0)
            program_usage("--partial-every %s: not a number of seconds above 0", argument);
        break;
    case OPTION_ALLOW_CLASS_CHANGE:
        request->allow_class_change = true;
        break;
    }
}

static const struct program program = {
    "[-fnqv] [-d device] [-e epochs] [-t threads] [--allow-class-change]\n"
    " [--batches file] [--hold file] [--partial-every seconds] -o out checkpoint data",
    "train from one checkpoint to the next",
    options,
    parse_option,
    2,
    2,
};

/* A line on the terminal that is drawn anew, at most ten times a second. */
static void show_progress(const struct training *training)
{
    static double shown;
    double now = clock_seconds();

    if (now - shown < 0.1 && training->batch < training->batches_of_epoch)
        return;
    shown = now;
    fprintf(stderr, "\repoch %llu: batch %llu of %zu, loss %.4f", (unsigned long long)training->epoch + 1,
            (unsigned long long)training->batch, training->batches_of_epoch,
            training->progress.loss / (double)training->progress.samples);
    if (training->batch == training->batches_of_epoch)
        fputs("\r\033[K", stderr);
}

/* Can the checkpoint be trained at all? */
static enum status check(const struct session *session, const char *path, uint64_t epochs, struct error *error)
{
    const struct checkpoint *checkpoint = session->checkpoint;

    if (checkpoint->batch)
        return error_set(error, STATUS_DATA,
                         "%s: train: it is a part of an epoch; give the checkpoint that it began from", path);
    if (epochs > UINT32_MAX || checkpoint->epoch > UINT32_MAX - epochs)
        return error_set(error, STATUS_DATA, "%s: train: epochs are counted up to 2^32 - 1", path);
    return engine_check(session->plan, path, error);
}

/* What is there to begin with; *done: also what would come of it. One rank looks for that: a file system of a network
 * may hide it for a while from a machine that has looked for it before it was there. */
static enum status look(struct training *training, bool *done, struct error *error)
{
    enum status status = session_load(training->parent_path, training->session, error);

    *done = false;
    if (!status)
        status = check(training->session, training->parent_path, training->epochs, error);
    if (!status && comm_is_first(training->comm))
        status = training_is_done(training, done, error);
    return status;
}

/* Ranks on one machine share its processors out. */
static size_t count_threads(const struct invocation *run, const struct comm *comm)
{
    return run->chose_threads ? run->threads : size_larger(1, run->threads / comm->neighbours);
}

static enum status open_engine(const struct request *request, const struct invocation *run, struct training *training,
                               struct error *error)
{
    const struct session *session = training->session;
    const struct checkpoint *checkpoint = session->checkpoint;
    enum status status =
        engine_open_shared(run->device, checkpoint->class, session->plan, count_threads(run, training->comm),
                           training->comm, checkpoint->seed, &training->engine, error);

    if (status || request->allow_class_change || strcmp(checkpoint->class, CHECKPOINT_NONE) == 0 ||
        strcmp(checkpoint->class, engine_class(training->engine)) == 0)
        return status;
    return error_set(error, STATUS_DATA,
                     "%s: train: it is of class %s, and this engine of %s; --allow-class-change goes on all the same",
                     run->operands[0], checkpoint->class, engine_class(training->engine));
}

static void report(const struct training *training, double seconds)
{
    const struct checkpoint_progress *progress = &training->progress;

    program_say("%s: epoch %llu: loss %.4f, accuracy %.2f %%, %.1f s", training->output,
                (unsigned long long)training->epoch, progress->loss,
                100.0 * (double)progress->correct / (double)progress->samples, seconds);
}

static void report_traffic(const struct comm *comm)
{
    if (comm->ranks > 1)
        program_tell("rank 0 of %zu sent %llu messages, %llu bytes", comm->ranks, (unsigned long long)comm->messages,
                     (unsigned long long)comm->bytes);
}

/* One rank speaks for all. */
static enum status train(const struct invocation *run, struct training *training, struct error *error)
{
    double begun = clock_seconds();
    enum status status;

    if (!comm_is_first(training->comm))
        return training_run(training, error);
    if (isatty(STDERR_FILENO) && run->verbosity >= 0)
        training->watch = show_progress;
    program_tell("class %s, ranks %zu, threads %zu, samples %zu", engine_class(training->engine), training->comm->ranks,
                 count_threads(run, training->comm), training->set->count);
    status = training_run(training, error);
    if (!status)
        report(training, clock_seconds() - begun);
    else if (training->watch)
        fputs("\r\033[K", stderr);
    report_traffic(training->comm);
    return status;
}

static enum status prepare(const struct request *request, const struct invocation *run, struct training *training,
                           struct error *error)
{
    enum status status;

    if (comm_is_first(training->comm))
        output_check(training->output, training->mode);
    status = open_engine(request, run, training, error);
    if (!status && request->batches && comm_is_first(training->comm))
        training->batches = batches_open(request->batches, run->mode);
    if (!status)
        status = training_begin(training, error);
    if (!status && run->dry_run)
        status = training_check_data(training, error);
    return comm_agree(training->comm, status, error);
}

/* What is in the way is found before anything is trained; with -n that is all. */
static enum status prepare_and_train(const struct request *request, const struct invocation *run,
                                     struct training *training, struct error *error)
{
    enum status status = prepare(request, run, training, error);

    if (!status && !run->dry_run)
        status = train(run, training, error);
    else if (!status && comm_is_first(training->comm))
        program_say("%s: it would be trained from %s on %s", run->output, run->operands[0], run->operands[1]);
    batches_close(training->batches);
    if (training->engine)
        engine_close(training->engine);
    return status;
}

/* Nothing is to train; what a kill after the checkpoint was published left to do. */
static void finish(const struct training *training, const struct request *request, const struct invocation *run)
{
    if (!comm_is_first(training->comm))
        return;
    program_say("%s: it is there and proven; nothing to train", run->output);
    if (run->dry_run)
        return;
    training_tidy(training);
    if (request->batches && !batches_finish(request->batches, run->mode))
        warn("%s: create: nothing is trained, so that there are no batches to record", request->batches);
}

/* An error that all ranks have: one tells it, before the others end. */
static _Noreturn void end_together(struct comm *comm, const struct error *error)
{
    if (comm_is_first(comm))
        warn_error(error);
    comm_close(comm);
    exit((int)error->status);
}

/* Does any rank say so? */
static bool is_any(struct comm *comm, bool yes)
{
    comm_ask(comm, yes);
    return comm_asked(comm);
}

int main(int argc, char **argv)
{
    struct request request = { .epochs = 1 };
    const struct invocation *run = program_start(argc, argv, &program, &request);
    struct training training;
    struct session session;
    struct comm *comm;
    struct error error;
    bool done;

    if (!run->output)
        program_usage("-o is missing");
    if (strcmp(run->output, "-") == 0)
        program_usage("-o -: what may be gone on with needs a name");
    signals_catch();
    if (comm_open(&comm, &error))
        die_error(&error);
    training = (struct training){ .comm = comm,
                                  .session = &session,
                                  .reading = reading_begin(run->operands[1], READING_DIGEST),
                                  .parent_path = run->operands[0],
                                  .data_operand = run->operands[1],
                                  .output = run->output,
                                  .mode = run->mode,
                                  .epochs = request.epochs,
                                  .partial_every = request.partial_every,
                                  .hold = request.hold };
    if (comm_agree(comm, look(&training, &done, &error), &error))
        end_together(comm, &error);
    if (is_any(comm, done)) {
        finish(&training, &request, run);
    } else if (prepare_and_train(&request, run, &training, &error)) {
        end_together(comm, &error);
    }
    reading_end(training.reading);
    session_free(&session);
    comm_close(comm);
    return program_finish(STATUS_OK);
}
