/* nn-eval - measure checkpoints on a data set */
#include "base/memory.h"
#include "base/program.h"
#include "data/batch.h"
#include "data/reading.h"
#include "train/evaluate.h"
#include "train/state.h"

#include <stdlib.h>
#include <string.h>

enum { OPTION_SPLIT = 256 + 1 };

struct request {
    bool classes, ensemble;
    const char *split;
};

static const struct option_spec options[] = {
    { 'c', "classes", NULL, "figures of each class and the confusion matrix, too", 0 },
    { 'e', "ensemble", NULL, "the mean of all checkpoints' probabilities, too", 0 },
    { OPTION_SPLIT, "split", "NAME", "what the data set is called in the records (default test)", 0 },
    OPTIONS_COMMON(OPT_DEVICE | OPT_THREADS | OPT_JSON),
    { 0 },
};

static void parse_option(int letter, const char *argument, void *context)
{
    struct request *request = context;

    if (letter == 'c')
        request->classes = true;
    else if (letter == 'e')
        request->ensemble = true;
    else
        request->split = argument;
}

static const struct program program = { "[-cejqv] [-d device] [-t threads] [--split name] data checkpoint ...",
                                        "measure checkpoints on a data set",
                                        options,
                                        parse_option,
                                        2,
                                        MANY_OPERANDS };

/* What is measured and where it goes. */
struct job {
    const struct request *request;
    const struct invocation *run;
    struct record_writer *writer;
    struct reading *reading;
    const struct idx_set *set; /* once the first checkpoint is read */
    double *sum;               /* (samples, classes): probabilities of an ensemble's members so far */
    size_t classes, members;
};

/* Without samples there is nothing to do. */
static void await_samples(struct job *job)
{
    struct error error;

    job->set = reading_set(job->reading, &error);
    if (!job->set)
        die_error(&error);
}

/* A checkpoint's own columns; an ensemble (NULL) has none. */
static void write_identity(struct job *job, const char *path, const struct checkpoint *checkpoint)
{
    record_text(job->writer, "path", path);
    if (checkpoint) {
        record_text(job->writer, "digest", checkpoint->digest);
        record_count(job->writer, "epoch", checkpoint->epoch);
    } else {
        record_none(job->writer, "digest");
        record_none(job->writer, "epoch");
    }
    record_text(job->writer, "split", job->request->split);
}

static void write_class(struct job *job, const struct evaluation *evaluation, size_t class)
{
    const uint64_t *confusion = evaluation->confusion;
    uint64_t labelled = 0, predicted = 0, both = confusion[class * evaluation->classes + class];

    for (size_t i = 0; i < evaluation->classes; i++) {
        labelled += confusion[class * evaluation->classes + i];
        predicted += confusion[i * evaluation->classes + class];
    }
    record_count(job->writer, "label", class);
    record_count(job->writer, "n", labelled);
    record_number(job->writer, "precision", (double)both / (double)predicted);
    record_number(job->writer, "recall", (double)both / (double)labelled);
    record_number(job->writer, "f1", 2 * (double)both / (double)(labelled + predicted));
    record_end(job->writer);
}

static void write_classes(struct job *job, const char *path, const struct checkpoint *checkpoint,
                          const struct evaluation *evaluation)
{
    for (size_t class = 0; class < evaluation->classes; class ++) {
        write_identity(job, path, checkpoint);
        write_class(job, evaluation, class);
    }
    for (size_t label = 0; label < evaluation->classes; label++)
        for (size_t predicted = 0; predicted < evaluation->classes; predicted++) {
            write_identity(job, path, checkpoint);
            record_count(job->writer, "label", label);
            record_count(job->writer, "predicted", predicted);
            record_count(job->writer, "n", evaluation->confusion[label * evaluation->classes + predicted]);
            record_end(job->writer);
        }
}

static void write_evaluation(struct job *job, const char *path, const struct checkpoint *checkpoint,
                             const struct evaluation *evaluation, const char *class, const char *weights)
{
    write_identity(job, path, checkpoint);
    record_text(job->writer, "data", reading_digest(job->reading));
    record_count(job->writer, "n", evaluation->count);
    record_number(job->writer, "loss", evaluation->loss);
    record_number(job->writer, "accuracy", evaluation->accuracy);
    record_number(job->writer, "accuracy.low", evaluation->low);
    record_number(job->writer, "accuracy.high", evaluation->high);
    record_count(job->writer, "correct", evaluation->correct);
    record_text(job->writer, "class", class);
    record_optional(job->writer, "weights", weights);
    record_end(job->writer);
    if (job->request->classes)
        write_classes(job, path, checkpoint, evaluation);
}

/* An ensemble's members must agree on what the classes are. */
static enum status join_ensemble(struct job *job, const char *path, size_t classes, struct error *error)
{
    if (!job->request->ensemble)
        return STATUS_OK;
    if (job->members && job->classes != classes)
        return error_set(error, STATUS_DATA, "%s: evaluate: %zu classes, but the ensemble has %zu", path, classes,
                         job->classes);
    if (!job->members)
        job->sum = memory_new(job->set->count * classes, sizeof *job->sum);
    job->classes = classes;
    job->members++;
    return STATUS_OK;
}

static enum status evaluate_session(struct job *job, const char *path, struct session *session, struct error *error)
{
    const struct checkpoint *checkpoint = session->checkpoint;
    struct evaluation evaluation;
    struct engine *engine;
    const char *weights = state_choose(session->plan, &session->state);
    const struct state measured = { .parameters = session->state.parameters };
    enum status status = engine_check(session->plan, path, error);

    if (!status)
        status = batch_check(session->plan, job->set, job->run->operands[0], error);
    if (!status)
        status = engine_open(job->run->device, checkpoint->class, session->plan, job->run->threads, checkpoint->seed,
                             &engine, error);
    if (status)
        return status;
    program_tell("%s: class %s, threads %zu, samples %zu", path, engine_class(engine), job->run->threads,
                 job->set->count);
    engine_data(engine, job->set);
    engine_put(engine, &measured);
    status = join_ensemble(job, path, session->plan->classes, error);
    if (!status) {
        evaluate(engine, job->set, &evaluation, job->sum);
        write_evaluation(job, path, checkpoint, &evaluation, engine_class(engine), weights);
        free(evaluation.confusion);
    }
    engine_close(engine);
    return status;
}

static enum status evaluate_checkpoint(struct job *job, const char *path)
{
    struct session session;
    struct error error;
    enum status status = session_load(path, &session, &error);

    await_samples(job);
    if (!status) {
        status = evaluate_session(job, path, &session, &error);
        session_free(&session);
    }
    if (status)
        warn_error(&error);
    return status;
}

static void write_ensemble(struct job *job)
{
    struct evaluation evaluation;

    if (!job->members)
        return;
    evaluate_ensemble(job->set, job->classes, job->sum, job->members, &evaluation);
    write_evaluation(job, "ensemble", NULL, &evaluation, CHECKPOINT_NONE, CHECKPOINT_NONE);
    free(evaluation.confusion);
    free(job->sum);
}

int main(int argc, char **argv)
{
    struct request request = { .split = "test" };
    const struct invocation *run = program_start(argc, argv, &program, &request);
    struct job job = { .request = &request, .run = run, .writer = record_writer_new(stdout, run->form) };
    enum status status = STATUS_OK;

    job.reading = reading_begin(run->operands[0], READING_DIGEST);
    for (size_t i = 1; i < run->operand_count; i++)
        status = status_worse(status, evaluate_checkpoint(&job, run->operands[i]));
    write_ensemble(&job);
    record_writer_free(job.writer);
    reading_end(job.reading);
    return program_finish(status);
}
