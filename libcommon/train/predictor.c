#include "train/predictor.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

/* A release while it is read. */
struct release {
    const char *path;
    struct safetensors file;
    const float *values; /* those of the file */
};

static const struct safetensors_tensor *find_tensor(const struct safetensors *file, const char *name)
{
    for (size_t i = 0; i < file->tensor_count; i++)
        if (strcmp(file->tensors[i].name, name) == 0)
            return &file->tensors[i];
    return NULL;
}

/* Those of the plan, in its order, into `found`. */
static enum status find_tensors(const struct release *release, const struct plan *plan,
                                const struct safetensors_tensor **found, struct error *error)
{
    const char *path = release->path;

    if (release->file.tensor_count != plan->tensor_count)
        return error_set(error, STATUS_DATA, "%s: read: %zu tensors, but its model has %zu", path,
                         release->file.tensor_count, plan->tensor_count);
    for (size_t i = 0; i < plan->tensor_count; i++) {
        const struct plan_tensor *wanted = &plan->tensors[i];
        const struct safetensors_tensor *is = found[i] = find_tensor(&release->file, wanted->name);
        if (!is || is->rank != wanted->rank || memcmp(is->shape, wanted->shape, is->rank * sizeof *is->shape) != 0)
            return error_set(error, STATUS_DATA, "%s: read: the '%s' of its model is not there, or has another shape",
                             path, wanted->name);
    }
    return STATUS_OK;
}

/* Copy the tensors into the order of the plan. Only one whose tensors are all there is as large as it says. */
static enum status take_tensors(const struct release *release, struct predictor *predictor, struct error *error)
{
    const struct plan *plan = predictor->plan;
    const struct safetensors_tensor **found = memory_new(plan->tensor_count, sizeof *found);
    enum status status = find_tensors(release, plan, found, error);

    if (!status) {
        predictor->values = predictor->state.parameters = memory_floats(plan->weight_count);
        for (size_t i = 0; i < plan->tensor_count; i++)
            memcpy(predictor->values + plan->tensors[i].offset, release->values + found[i]->offset,
                   found[i]->count * sizeof *predictor->values);
    }
    free(found);
    return status;
}

static enum status take_plan(const struct release *release, struct predictor *predictor, struct error *error)
{
    const char *text = safetensors_get(&release->file, "model");
    char *source;
    enum status status;

    if (!text)
        return error_set(error, STATUS_DATA,
                         "%s: read: neither a checkpoint nor a release: its metadata has no model text", release->path);
    source = memory_format("%s: model", release->path);
    status = plan_parse(text, source, NULL, 0, &predictor->session.model, &predictor->session.plan, error);
    predictor->plan = predictor->session.plan;
    free(source);
    return status;
}

/* A digest is of what was copied, whatever the order in the file. */
static enum status check_digest(const struct release *release, const struct predictor *predictor, struct error *error)
{
    const char *claimed = safetensors_get(&release->file, PLAN_WEIGHTS_DIGEST);
    char digest[DIGEST_SIZE];

    plan_digest_weights(predictor->plan, predictor->values, digest);
    if (!claimed || strcmp(claimed, digest) == 0)
        return STATUS_OK;
    return error_set(error, STATUS_DATA, "%s: digest of its weights differs: they were changed after it was written",
                     release->path);
}

/* What the card says beside the model. */
static void take_card(const struct safetensors *file, struct predictor *predictor)
{
    const char *class = safetensors_get(file, "class"), *weights = safetensors_get(file, "weights");

    strcpy(predictor->class, class && strlen(class) < sizeof predictor->class ? class : CHECKPOINT_NONE);
    predictor->weights = weights && strcmp(weights, "ema") == 0 ? "ema" : "model";
}

static enum status take_release(const struct release *release, struct predictor *predictor, struct error *error)
{
    const struct safetensors *file = &release->file;
    enum status status = take_plan(release, predictor, error);

    if (!status && file->data_offset % sizeof(float) != 0)
        status = error_set(error, STATUS_DATA, "%s: read: its tensors begin at byte %zu, no multiple of %zu",
                           release->path, file->data_offset, sizeof(float));
    if (!status)
        status = state_check_finite(file->tensors, file->tensor_count, release->values, release->path, error);
    if (!status)
        status = take_tensors(release, predictor, error);
    if (!status)
        status = check_digest(release, predictor, error);
    take_card(file, predictor);
    return status;
}

static enum status take_checkpoint(struct bytes *bytes, const char *path, struct predictor *predictor,
                                   struct error *error)
{
    struct session *session = &predictor->session;
    enum status status = session_parse(bytes, path, session, error);

    if (status)
        return status;
    predictor->plan = session->plan;
    predictor->weights = state_choose(session->plan, &session->state);
    predictor->state.parameters = session->state.parameters;
    strcpy(predictor->class, session->checkpoint->class);
    return STATUS_OK;
}

static enum status take_bytes(struct bytes *bytes, const char *path, struct predictor *predictor, struct error *error)
{
    struct release release = { .path = path };
    enum status status = safetensors_parse(bytes->at, bytes->size, bytes->size, path, &release.file, error);

    if (status)
        return status;
    release.values = (const float *)(const void *)(bytes->at + release.file.data_offset);
    if (checkpoint_is_of_family(&release.file))
        status = take_checkpoint(bytes, path, predictor, error);
    else
        status = take_release(&release, predictor, error);
    safetensors_free(&release.file);
    return status;
}

enum status predictor_load(const char *path, struct predictor *predictor, struct error *error)
{
    struct bytes bytes;
    enum status status = file_read(path, 0, &bytes, error);

    *predictor = (struct predictor){ 0 };
    if (status)
        return status;
    status = take_bytes(&bytes, path, predictor, error);
    free(bytes.at);
    if (status)
        predictor_free(predictor);
    return status;
}

void predictor_free(struct predictor *predictor)
{
    session_free(&predictor->session);
    free(predictor->values);
    *predictor = (struct predictor){ 0 };
}
