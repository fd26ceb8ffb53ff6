#include "train/state.h"

#include "base/finite.h"
#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

/* The state that lies at `values`. */
static struct state state_at(const struct plan *plan, float *values)
{
    size_t moments = optimizer_moments(&plan->optimizer);
    struct state state = { .parameters = values };
    float *next = values + plan->weight_count;

    for (size_t i = 0; i < moments; i++, next += plan->parameter_count)
        state.moments[i] = next;
    if (plan->ema > 0)
        state.ema = next;
    return state;
}

struct state state_new(const struct plan *plan)
{
    return state_at(plan, memory_floats(state_floats(plan)));
}

size_t state_floats(const struct plan *plan)
{
    return plan->weight_count + plan->parameter_count * (optimizer_moments(&plan->optimizer) + (plan->ema > 0));
}

const char *state_choose(const struct plan *plan, struct state *state)
{
    if (!state->ema)
        return "model";
    memcpy(state->parameters, state->ema, plan->parameter_count * sizeof *state->ema);
    return "ema";
}

void state_free(struct state *state)
{
    free(state->parameters);
    *state = (struct state){ 0 };
}

/* A tensor for each of the first n of the plan, called "PREFIXconv1.weight" and so on. */
static void add_tensors(const struct plan *plan, size_t n, const char *prefix, size_t offset,
                        struct safetensors_tensor *to)
{
    for (size_t i = 0; i < n; i++) {
        const struct plan_tensor *tensor = &plan->tensors[i];
        to[i] = (struct safetensors_tensor){ .name = memory_format("%s%s", prefix, tensor->name),
                                             .rank = tensor->rank,
                                             .offset = offset + tensor->offset,
                                             .count = tensor->count };
        memcpy(to[i].shape, tensor->shape, sizeof tensor->shape);
    }
}

void state_tensors(const struct plan *plan, struct safetensors_tensor **tensors, size_t *count)
{
    size_t moments = optimizer_moments(&plan->optimizer), n = plan->parameter_tensors, offset = plan->weight_count;
    struct safetensors_tensor *next;

    *count = plan->tensor_count + n * (moments + (plan->ema > 0));
    *tensors = memory_new(*count, sizeof **tensors);
    add_tensors(plan, plan->tensor_count, "model.", 0, *tensors);
    next = *tensors + plan->tensor_count;
    for (size_t i = 0; i < moments; i++, next += n, offset += plan->parameter_count) {
        char *prefix = memory_format("optim.%s.", optimizer_moment_name(&plan->optimizer, i));
        add_tensors(plan, n, prefix, offset, next);
        free(prefix);
    }
    if (plan->ema > 0)
        add_tensors(plan, n, "ema.", offset, next);
}

void state_tensors_free(struct safetensors_tensor *tensors, size_t count)
{
    for (size_t i = 0; i < count; i++)
        free((char *)tensors[i].name);
    free(tensors);
}

static enum status compare_tensors(const struct checkpoint *checkpoint, const struct safetensors_tensor *tensors,
                                   size_t count, const char *path, struct error *error)
{
    if (checkpoint->tensor_count != count)
        return error_set(error, STATUS_DATA, "%s: read: %zu tensors, but its model has %zu", path,
                         checkpoint->tensor_count, count);
    for (size_t i = 0; i < count; i++) {
        const struct safetensors_tensor *is = &checkpoint->tensors[i], *wanted = &tensors[i];
        if (strcmp(is->name, wanted->name) != 0 || is->rank != wanted->rank || is->count != wanted->count ||
            memcmp(is->shape, wanted->shape, wanted->rank * sizeof *wanted->shape) != 0)
            return error_set(error, STATUS_DATA,
                             "%s: read: tensor '%s' is not the '%s' of its model, or has another shape", path, is->name,
                             wanted->name);
    }
    return STATUS_OK;
}

/* So many of the values of these tensors, which lie behind one another, are finite before one is not. */
static enum status judge_finite(const struct safetensors_tensor *tensors, size_t count, size_t finite, const char *path,
                                struct error *error)
{
    for (size_t i = 0; i < count; i++)
        if (finite < tensors[i].offset + tensors[i].count)
            return error_set(error, STATUS_DATA, "%s: read: tensor '%s' has a value that is not finite", path,
                             tensors[i].name);
    return STATUS_OK;
}

enum status state_check_finite(const struct safetensors_tensor *tensors, size_t count, const float *values,
                               const char *path, struct error *error)
{
    size_t n = count ? tensors[count - 1].offset + tensors[count - 1].count : 0;

    return judge_finite(tensors, count, finite_count(values, n), path, error);
}

enum status session_plan(const struct checkpoint *checkpoint, const char *path, struct model **model,
                         struct plan **plan, struct error *error)
{
    char *source = memory_format("%s: model", path);
    enum status status = model_parse(checkpoint->model, source, NULL, 0, model, error);

    if (!status && strcmp((*model)->text, checkpoint->model) != 0)
        status = error_set(error, STATUS_DATA, "%s: read: its model text is not canonical", path);
    if (!status)
        status = plan_make(*model, source, plan, error);
    free(source);
    return status;
}

/* Are the tensors of a checkpoint those of its model, which makes this plan? */
static enum status check_tensors(const struct checkpoint *checkpoint, const struct plan *plan, const char *path,
                                 struct error *error)
{
    struct safetensors_tensor *tensors;
    size_t count;
    enum status status;

    state_tensors(plan, &tensors, &count);
    status = compare_tensors(checkpoint, tensors, count, path, error);
    state_tensors_free(tensors, count);
    return status;
}

static enum status fill_session(struct session *session, const char *path, struct error *error)
{
    const struct checkpoint *checkpoint = session->checkpoint;
    enum status status = session_plan(checkpoint, path, &session->model, &session->plan, error);

    if (!status)
        status = check_tensors(checkpoint, session->plan, path, error);
    if (!status)
        status = state_check_finite(checkpoint->tensors, checkpoint->tensor_count, checkpoint->values, path, error);
    if (!status)
        session->state = state_at(session->plan, checkpoint->values);
    return status;
}

enum status session_check(const struct checkpoint *checkpoint, size_t finite, const char *path, struct error *error)
{
    struct model *model = NULL;
    struct plan *plan = NULL;
    enum status status = session_plan(checkpoint, path, &model, &plan, error);

    if (!status)
        status = check_tensors(checkpoint, plan, path, error);
    if (!status)
        status = judge_finite(checkpoint->tensors, checkpoint->tensor_count, finite, path, error);
    plan_free(plan);
    model_free(model);
    return status;
}

enum status session_open(struct checkpoint *checkpoint, const char *path, struct session *session, struct error *error)
{
    enum status status;

    *session = (struct session){ .checkpoint = checkpoint };
    status = fill_session(session, path, error);
    if (status)
        session_free(session);
    return status;
}

enum status session_parse(struct bytes *bytes, const char *path, struct session *session, struct error *error)
{
    struct checkpoint *checkpoint;
    enum status status = checkpoint_parse(bytes, path, &checkpoint, error);

    *session = (struct session){ 0 };
    if (status == STATUS_NO) {
        checkpoint_free(checkpoint);
        error->status = STATUS_DATA;
        return STATUS_DATA;
    }
    return status ? status : session_open(checkpoint, path, session, error);
}

enum status session_load(const char *path, struct session *session, struct error *error)
{
    struct bytes bytes;
    enum status status = file_read(path, 0, &bytes, error);

    *session = (struct session){ 0 };
    return status ? status : session_parse(&bytes, path, session, error);
}

/* Does it begin as safetensors do: eight bytes of a length, of which a text has no 0, and JSON? */
static bool is_safetensors(const struct bytes *bytes)
{
    return bytes->size > SAFETENSORS_PREFIX && bytes->at[SAFETENSORS_PREFIX] == '{' &&
           memchr(bytes->at, '\0', SAFETENSORS_PREFIX);
}

static enum status parse_text(struct bytes *bytes, const char *path, struct session *session, struct error *error)
{
    char *text;
    enum status status = model_take_text(bytes, path, &text, error);

    if (!status)
        status = plan_parse(text, path, NULL, 0, &session->model, &session->plan, error);
    free(text);
    return status;
}

enum status session_load_network(const char *path, struct session *session, struct error *error)
{
    struct bytes bytes;
    enum status status = file_read(path, 0, &bytes, error);

    *session = (struct session){ 0 };
    if (status)
        return status;
    return is_safetensors(&bytes) ? session_parse(&bytes, path, session, error)
                                  : parse_text(&bytes, path, session, error);
}

void session_free(struct session *session)
{
    plan_free(session->plan);
    if (session->model)
        model_free(session->model);
    if (session->checkpoint)
        checkpoint_free(session->checkpoint);
    *session = (struct session){ 0 };
}
