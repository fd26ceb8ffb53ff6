#include "train/replay.h"

#include "base/divide.h"
#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

/* Does `child` go on from the parent, on this data? */
static enum status check(const struct replay *replay, const struct checkpoint *parent, const struct checkpoint *child,
                         const char *path, struct error *error)
{
    if (child->batch || child->epoch <= parent->epoch || strcmp(child->parent, parent->digest) != 0)
        return error_set(error, STATUS_DATA, "%s: replay: it is not trained from this parent to the end of an epoch",
                         path);
    if (!reading_set(replay->reading, error))
        return error->status;
    if (strcmp(child->data, reading_digest(replay->reading)) != 0)
        return error_set(error, STATUS_DATA, "%s: replay: not the data that %s was trained on", replay->data_operand,
                         path);
    return STATUS_OK;
}

static enum status open_engine(const struct replay *replay, const struct session *session,
                               const struct checkpoint *child, const char *path, struct engine **engine,
                               struct error *error)
{
    enum status status = engine_check(session->plan, path, error);

    if (!status)
        status = engine_open(replay->device, child->class, session->plan, replay->threads, child->seed, engine, error);
    if (status || strcmp(child->class, engine_class(*engine)) == 0)
        return status;
    status = error_set(error, STATUS_UNAVAILABLE, "%s: replay: it is of class %s, and this engine of %s", path,
                       child->class, engine_class(*engine));
    engine_close(*engine);
    return status;
}

/* What `child` says that no training from this parent can make, in words; NULL if nothing. Only where there is none are
   its tensors those of the parent's plan. */
static char *contradiction(const struct replay *replay, const struct session *session, const struct checkpoint *child)
{
    const struct checkpoint *parent = session->checkpoint;
    uint64_t batches = divide_up(reading_set(replay->reading, NULL)->count, session->plan->batch);
    uint64_t step = parent->step + (child->epoch - parent->epoch) * batches;

    if (strcmp(child->model, parent->model) != 0)
        return memory_string("its model text is not that of its parent");
    if (child->seed != parent->seed)
        return memory_format("it says seed %llu, and its parent %llu", (unsigned long long)child->seed,
                             (unsigned long long)parent->seed);
    if (child->step != step)
        return memory_format("it says step %llu, and training ends at %llu", (unsigned long long)child->step,
                             (unsigned long long)step);
    return NULL;
}

static char *compare_progress(const struct checkpoint_progress *made, const struct checkpoint_progress *there)
{
    if (made->loss == there->loss && made->correct == there->correct && made->samples == there->samples)
        return NULL;
    return memory_format("it says a loss of %.17g and %llu of %llu right, and training makes %.17g and %llu of %llu",
                         there->loss, (unsigned long long)there->correct, (unsigned long long)there->samples,
                         made->loss, (unsigned long long)made->correct, (unsigned long long)made->samples);
}

static uint32_t bits_of(float value)
{
    uint32_t bits;

    memcpy(&bits, &value, sizeof bits);
    return bits;
}

/* The first element whose bits differ. The tensors are those of one plan, in one order. */
static char *compare_tensors(const struct checkpoint *made, const struct checkpoint *there)
{
    size_t at = 0;

    for (size_t i = 0; i < made->tensor_count; i++)
        for (size_t element = 0; element < made->tensors[i].count; element++, at++)
            if (bits_of(made->values[at]) != bits_of(there->values[at]))
                return memory_format("%s: element %zu is %.9g, and training makes %.9g", made->tensors[i].name, element,
                                     (double)there->values[at], (double)made->values[at]);
    return NULL;
}

static char *compare(const struct checkpoint *made, const struct checkpoint *there)
{
    char *difference = compare_progress(&made->progress, &there->progress);

    if (!difference)
        difference = compare_tensors(made, there);
    return difference ? difference : memory_string("its header is not the one that training makes");
}

static enum status train(const struct replay *replay, struct session *parent, const char *parent_path,
                         const struct checkpoint *child, struct engine *engine, char **difference, struct error *error)
{
    struct training training = { .comm = comm_self(),
                                 .session = parent,
                                 .reading = replay->reading,
                                 .parent_path = parent_path,
                                 .data_operand = replay->data_operand,
                                 .engine = engine,
                                 .epochs = child->epoch - parent->checkpoint->epoch,
                                 .watch = replay->watch };
    struct checkpoint made;
    enum status status = training_begin(&training, error);

    if (!status)
        status = training_replay(&training, &made, error);
    if (status)
        return status;
    if (strcmp(made.digest, child->digest) != 0) {
        *difference = compare(&made, child);
        status = STATUS_NO;
    }
    state_tensors_free(made.tensors, made.tensor_count);
    return status;
}

enum status replay_epoch(const struct replay *replay, const char *parent_path, const char *child_path,
                         char **difference, struct error *error)
{
    struct session parent = { 0 }, child = { 0 };
    struct engine *engine;
    enum status status = session_load(parent_path, &parent, error);

    *difference = NULL;
    if (!status)
        status = session_load(child_path, &child, error);
    if (!status)
        status = check(replay, parent.checkpoint, child.checkpoint, child_path, error);
    if (!status && (*difference = contradiction(replay, &parent, child.checkpoint)))
        status = STATUS_NO;
    if (!status)
        status = open_engine(replay, &parent, child.checkpoint, child_path, &engine, error);
    if (!status) {
        status = train(replay, &parent, parent_path, child.checkpoint, engine, difference, error);
        engine_close(engine);
    }
    session_free(&child);
    session_free(&parent);
    return status;
}
