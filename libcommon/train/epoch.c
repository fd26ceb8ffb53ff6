#include "train/epoch.h"

#include "base/clock.h"
#include "base/divide.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/signals.h"
#include "comm/comm.h"
#include "data/batch.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What may be asked for between two batches. */
enum { ASKED_STOP = 1, ASKED_HOLD = 2, ASKED_PARTIAL = 4 };

static bool is_alone(const struct training *training)
{
    return training->comm->ranks == 1;
}

enum status training_check_data(struct training *training, struct error *error)
{
    const char *wanted = training->session->checkpoint->data, *digest;

    if (training->data)
        return STATUS_OK;
    if (!reading_set(training->reading, error))
        return error->status;
    digest = reading_digest(training->reading);
    if (strcmp(wanted, CHECKPOINT_NONE) != 0 && strcmp(wanted, digest) != 0)
        return error_set(error, STATUS_DATA,
                         "%s: train: not the data that %s was trained on; 'nn-init -i' begins anew with other data",
                         training->data_operand, training->parent_path);
    training->data = digest;
    return STATUS_OK;
}

/* Of what goes wrong with other data than the parent's, that it is other data is what to say. */
static enum status blame_data(struct training *training, enum status status, struct error *error)
{
    if (status == STATUS_DATA)
        training_check_data(training, error);
    return status;
}

/* Is `checkpoint` one that this training makes on its way? */
static bool is_ours(const struct training *training, const struct checkpoint *checkpoint)
{
    return strcmp(checkpoint->parent, training->session->checkpoint->digest) == 0 &&
           strcmp(checkpoint->data, training->data) == 0 && checkpoint->seed == training->session->checkpoint->seed &&
           strcmp(checkpoint->model, training->session->checkpoint->model) == 0;
}

/* Read `path` if it is there and proven; *session stays empty where it is absent or no checkpoint that fits. */
static enum status look(struct training *training, const char *path, struct session *session, enum file_kind *kind,
                        struct error *error)
{
    enum status status;

    *session = (struct session){ 0 };
    status = file_kind(path, kind, error);
    if (status || *kind == FILE_ABSENT || *kind == FILE_OTHER)
        return status;
    if (*kind == FILE_DIRECTORY)
        return error_set(error, STATUS_CANNOT_CREATE, "%s: create: it is a directory", path);
    status = training_check_data(training, error);
    if (status)
        return status;
    status = session_load(path, session, error);
    if (status == STATUS_DATA)
        return STATUS_OK;
    if (!status && !is_ours(training, session->checkpoint))
        session_free(session);
    return status;
}

static char *partial_path(const struct training *training)
{
    return memory_format("%s" CHECKPOINT_PARTIAL_SUFFIX, training->output);
}

void training_tidy(const struct training *training)
{
    char *path = partial_path(training);

    if (unlink(path) == 0) {
        if (file_sync_directory_of(path))
            die_system(ACCESS_WRITE, path, "sync the directory");
    } else if (errno != ENOENT) {
        die_system(ACCESS_WRITE, path, "remove");
    }
    output_tidy(path);
    free(path);
}

enum status training_is_done(struct training *training, bool *done, struct error *error)
{
    struct session there;
    enum file_kind kind;
    enum status status = look(training, training->output, &there, &kind, error);

    *done = !status && there.checkpoint && there.checkpoint->batch == 0 &&
            there.checkpoint->epoch == training->session->checkpoint->epoch + training->epochs;
    session_free(&there);
    if (!status && !*done && kind != FILE_ABSENT && training->mode == OUTPUT_NO_REPLACE)
        return error_set(error, STATUS_CANNOT_CREATE,
                         "%s: create: it exists and is not what this command makes; -f replaces it", training->output);
    return status;
}

/* Does `partial` stand where this training comes by? A digest proves that it is whole, not that it was made so. */
static bool is_on_the_way(const struct training *training, const struct checkpoint *partial)
{
    const struct checkpoint *parent = training->session->checkpoint;
    uint64_t epochs = partial->epoch - parent->epoch; /* wraps where it lies before the parent */

    return epochs < training->epochs && partial->batch && partial->batch <= training->batches_of_epoch &&
           partial->step == parent->step + epochs * training->batches_of_epoch + partial->batch &&
           strcmp(partial->class, engine_class(training->engine)) == 0;
}

/* Go on from OUTPUT.part where it is proven and of this training. One that is damaged or foreign is passed over: it
 * holds no epoch. */
static enum status resume(struct training *training, struct error *error)
{
    char *path = partial_path(training);
    struct session there;
    enum file_kind kind;
    enum status status = look(training, path, &there, &kind, error);
    const struct checkpoint *partial = there.checkpoint;

    if (partial && is_on_the_way(training, partial)) {
        training->epoch = partial->epoch;
        training->step = partial->step;
        training->batch = partial->batch;
        training->progress = partial->progress;
        engine_put(training->engine, &there.state);
        batches_resume(training->batches, partial->epoch + 1, partial->batch);
    } else if (!status && kind != FILE_ABSENT && comm_is_first(training->comm)) {
        warn("%s: read: not a part of this training; it is passed over", path);
    }
    session_free(&there);
    free(path);
    return status;
}

/* What is written is of the data that all ranks have read. */
static enum status agree_on_data(struct training *training, struct error *error)
{
    return comm_agree(training->comm, training_check_data(training, error), error);
}

/* Ranks begin at the same place, or not at all. */
static enum status agree_on_start(const struct training *training, enum status status, struct error *error)
{
    const struct {
        uint64_t step, correct, samples;
        double loss;
    } start = { training->step, training->progress.correct, training->set->count, training->progress.loss };

    status = comm_agree(training->comm, status, error);
    if (status || (comm_is_same(training->comm, training->session->checkpoint->digest, DIGEST_SIZE) &&
                   comm_is_same(training->comm, &start, sizeof start)))
        return status;
    return error_set(error, STATUS_IO, "%s: train: not all ranks see the same files: this one, its partial, or %s",
                     training->parent_path, training->data_operand);
}

/* The state as it stands, as a checkpoint: a partial inside an epoch, or at the end of one the checkpoint itself. Its
   table of tensors is the caller's to free. */
static struct checkpoint checkpoint_of(const struct training *training)
{
    const struct session *session = training->session;
    const struct checkpoint *parent = session->checkpoint;
    struct checkpoint checkpoint = { .model = parent->model,
                                     .seed = parent->seed,
                                     .epoch = training->epoch,
                                     .step = training->step,
                                     .batch = training->batch,
                                     .progress = training->progress,
                                     .values = session->state.parameters };

    strcpy(checkpoint.parent, parent->digest);
    strcpy(checkpoint.data, training->data);
    snprintf(checkpoint.class, sizeof checkpoint.class, "%s", engine_class(training->engine));
    state_tensors(session->plan, &checkpoint.tensors, &checkpoint.tensor_count);
    return checkpoint;
}

static void save(const struct training *training, const char *path, enum output_mode mode)
{
    struct checkpoint checkpoint = checkpoint_of(training);

    checkpoint_write(&checkpoint, path, mode);
    state_tensors_free(checkpoint.tensors, checkpoint.tensor_count);
}

/* What messages speak of. */
static const char *name(const struct training *training)
{
    return training->output ? training->output : training->parent_path;
}

/* Every tensor that goes into a file is finite, or nothing is published. Rank 0 has them all. */
static enum status check_finite(const struct training *training, struct error *error)
{
    const struct plan *plan = training->session->plan;
    const float *values = training->session->state.parameters;
    const size_t n = comm_is_first(training->comm) ? state_floats(plan) : 0;

    for (size_t i = 0; i < n; i++)
        if (!isfinite(values[i]))
            return error_set(
                error, STATUS_DATA,
                "%s: train: a weight is not finite after step %llu: the training diverges, a smaller learning rate "
                "may help",
                name(training), (unsigned long long)training->step);
    return STATUS_OK;
}

static enum status fetch_state(struct training *training, struct error *error)
{
    engine_get(training->engine, &training->session->state);
    return comm_agree(training->comm, check_finite(training, error), error);
}

static enum status save_partial(struct training *training, struct error *error)
{
    char *path = partial_path(training);
    enum status status = agree_on_data(training, error);

    if (!status)
        status = fetch_state(training, error);
    if (!status && comm_is_first(training->comm)) {
        batches_save(training->batches);
        save(training, path, OUTPUT_REPLACE);
    }
    free(path);
    return status;
}

/* Is the file there that holds this training? It is looked for once a second; where that cannot be told, it is not. */
static bool is_held(struct training *training)
{
    double now = clock_seconds();
    bool held;

    if (!training->hold || now < training->looked + 1)
        return false;
    training->looked = now;
    return !file_exists(training->hold, &held, NULL) && held;
}

/* What this process has heard of by now. Files and clocks are rank 0's. */
static unsigned hear(struct training *training)
{
    const bool first = comm_is_first(training->comm), stopped = signals_stop();
    const bool due =
        first && training->partial_every > 0 && clock_seconds() - training->saved >= training->partial_every;

    return (stopped ? ASKED_STOP : 0) | (first && !stopped && is_held(training) ? ASKED_HOLD : 0) |
           (signals_snapshot() || due ? ASKED_PARTIAL : 0);
}

static enum status train_batch(struct training *training, const uint32_t *order, struct error *error)
{
    const struct plan *plan = training->session->plan;
    size_t first = training->batch * plan->batch, left = training->set->count - first;
    struct position position = { training->epoch, training->batch, training->batches_of_epoch };
    double rate = schedule_rate(&plan->schedule, plan->optimizer.learning_rate, position);
    struct step step = { .samples = order + first,
                         .count = left < plan->batch ? left : plan->batch,
                         .epoch = (uint32_t)training->epoch,
                         .scalars = optimizer_scalars(&plan->optimizer, rate, training->step) };
    struct step_result result;

    if (!is_alone(training))
        comm_ask(training->comm, hear(training));
    engine_train(training->engine, &step, &result);
    training->batch++;
    training->step++;
    if (!isfinite(result.loss))
        return error_set(
            error, STATUS_DATA,
            "%s: train: the loss of epoch %llu, batch %llu is not finite: the training diverges, a smaller learning "
            "rate may help",
            name(training), (unsigned long long)training->epoch + 1, (unsigned long long)training->batch);
    training->progress.loss += (double)result.loss * (double)step.count;
    training->progress.correct += result.correct;
    training->progress.samples += step.count;
    batches_add(training->batches, training->epoch + 1, training->batch, step.count, rate, result.loss);
    return STATUS_OK;
}

/* Between two batches, what was asked for. 75 when stopped, 1 when held, with OUTPUT.part written. */
static enum status between_batches(struct training *training, unsigned asked, struct error *error)
{
    enum status status = STATUS_OK;

    if (training->output && asked) {
        status = save_partial(training, error);
        training->saved = clock_seconds();
    }
    if (status || !(asked & (ASKED_STOP | ASKED_HOLD)))
        return status;
    if (!(asked & ASKED_STOP))
        return error_set(error, STATUS_NO,
                         "%s" CHECKPOINT_PARTIAL_SUFFIX ": held after batch %llu of %zu: %s is there; without it the "
                         "same command goes on",
                         training->output, (unsigned long long)training->batch, training->batches_of_epoch,
                         training->hold);
    if (!training->output)
        return error_set(error, STATUS_RETRY, "%s: train: stopped", name(training));
    return error_set(error, STATUS_RETRY,
                     "%s" CHECKPOINT_PARTIAL_SUFFIX ": stopped after batch %llu of %zu; the same command goes on",
                     training->output, (unsigned long long)training->batch, training->batches_of_epoch);
}

/* Of data that turns out to be other than the parent's, the rest of the epoch is not worth while. Ranks go the same
 * way, so that of several one that sees it ends them all. */
static enum status look_at_data(struct training *training, struct error *error)
{
    enum status status = STATUS_OK;

    if (!training->data && comm_is_first(training->comm) && reading_has_digest(training->reading))
        status = training_check_data(training, error);
    if (status && !is_alone(training))
        die_error(error);
    return status;
}

/* The batches of one epoch that are left. */
static enum status train_epoch(struct training *training, uint32_t *order, struct error *error)
{
    bool last_epoch = training->epoch + 1 == training->session->checkpoint->epoch + training->epochs;
    enum status status = STATUS_OK;
    unsigned asked;

    batch_order(training->session->checkpoint->seed, (uint32_t)training->epoch, order, training->set->count);
    while (!status && training->batch < training->batches_of_epoch) {
        status = blame_data(training, train_batch(training, order, error), error);
        if (!status)
            status = look_at_data(training, error);
        if (status)
            break;
        asked = is_alone(training) ? hear(training) : comm_asked(training->comm);
        if (training->watch)
            training->watch(training);
        if (last_epoch && training->batch == training->batches_of_epoch)
            break; /* the checkpoint itself is next: no partial is worth it */
        status = between_batches(training, asked, error);
    }
    return status;
}

enum status training_begin(struct training *training, struct error *error)
{
    enum status status;

    engine_put(training->engine, &training->session->state);
    training->set = reading_set(training->reading, error);
    if (!training->set)
        return error->status;
    status = batch_check_training(training->session->plan, training->set, training->data_operand, error);
    if (!status)
        engine_data(training->engine, training->set);
    return blame_data(training, status, error);
}

/* From where it stands to its end: then the state is that of the checkpoint to come. */
static enum status train_epochs(struct training *training, struct error *error)
{
    const struct checkpoint *parent = training->session->checkpoint;
    uint32_t *order = memory_new(training->set->count, sizeof *order);
    enum status status = STATUS_OK;

    training->saved = clock_seconds();
    while (!status && training->epoch < parent->epoch + training->epochs) {
        status = train_epoch(training, order, error);
        if (status)
            break;
        training->epoch++;
        training->batch = 0;
        if (training->epoch < parent->epoch + training->epochs)
            training->progress = (struct checkpoint_progress){ 0 };
    }
    if (!status)
        status = agree_on_data(training, error);
    if (!status)
        status = fetch_state(training, error);
    if (!status)
        training->progress.loss /= (double)training->progress.samples;
    free(order);
    return status;
}

static void stand_at_parent(struct training *training)
{
    training->epoch = training->session->checkpoint->epoch;
    training->step = training->session->checkpoint->step;
    training->batches_of_epoch = divide_up(training->set->count, training->session->plan->batch);
}

enum status training_run(struct training *training, struct error *error)
{
    enum status status;

    stand_at_parent(training);
    status = agree_on_start(training, resume(training, error), error);
    if (!status)
        status = train_epochs(training, error);
    if (status || !comm_is_first(training->comm))
        return status;
    batches_save(training->batches);
    save(training, training->output, training->mode);
    training_tidy(training);
    batches_publish(training->batches);
    return STATUS_OK;
}

enum status training_replay(struct training *training, struct checkpoint *made, struct error *error)
{
    enum status status;

    stand_at_parent(training);
    status = train_epochs(training, error);
    if (status)
        return status;
    *made = checkpoint_of(training);
    checkpoint_seal(made);
    return STATUS_OK;
}
