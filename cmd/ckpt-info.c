/* ckpt-info - print what checkpoints say of themselves */
#include "base/memory.h"
#include "base/program.h"
#include "format/checkpoint.h"
#include "format/runs.h"
#include "train/claims.h"
#include "train/proofs.h"
#include "train/state.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

struct info {
    bool model; /* -m */
    struct record_writer *writer;
};

static const struct option_spec options[] = {
    { 'm', "model", NULL, "print the layers of the network instead", 0 },
    OPTIONS_COMMON(OPT_JSON | OPT_THREADS),
    { 0 },
};

static void parse_option(int letter, const char *argument, void *context)
{
    struct info *info = context;

    (void)letter;
    (void)argument;
    info->model = true;
}

static const struct program program = { "[-jmqv] [-t threads] checkpoint|directory ...",
                                        "print what checkpoints say of themselves",
                                        options,
                                        parse_option,
                                        1,
                                        MANY_OPERANDS };

static void print_progress(struct record_writer *writer, const struct checkpoint *checkpoint)
{
    const struct checkpoint_progress *progress = &checkpoint->progress;

    if (checkpoint->batch > 0 || progress->samples == 0) {
        record_none(writer, "train.loss");
        record_none(writer, "train.accuracy");
        record_none(writer, "train.samples");
    } else {
        record_number(writer, "train.loss", progress->loss);
        record_number(writer, "train.accuracy", (double)progress->correct / (double)progress->samples);
        record_count(writer, "train.samples", progress->samples);
    }
}

static void print_checkpoint(struct record_writer *writer, const char *path, const struct checkpoint *checkpoint)
{
    record_text(writer, "path", path);
    record_text(writer, "digest", checkpoint->digest);
    record_optional(writer, "parent", checkpoint->parent);
    record_optional(writer, "data", checkpoint->data);
    record_count(writer, "epoch", checkpoint->epoch);
    record_count(writer, "step", checkpoint->step);
    record_count(writer, "batch", checkpoint->batch);
    record_optional(writer, "class", checkpoint->class);
    record_count(writer, "seed", checkpoint->seed);
    print_progress(writer, checkpoint);
    record_end(writer);
}

static void print_layer(struct record_writer *writer, const char *path, size_t number, const char *kind,
                        struct shape shape, size_t parameters, uint64_t multiply_adds)
{
    char *text = memory_format("%zux%zux%zu", shape.rows, shape.columns, shape.channels);

    record_text(writer, "path", path);
    record_count(writer, "layer", number);
    record_text(writer, "kind", kind);
    record_text(writer, "shape", text);
    record_count(writer, "parameters", parameters);
    record_count(writer, "multiply-adds", multiply_adds);
    record_end(writer);
    free(text);
}

static void print_layers(struct record_writer *writer, const char *path, const struct plan *plan)
{
    print_layer(writer, path, 0, "input", plan->input, 0, 0);
    for (size_t i = 0; i < plan->layer_count; i++) {
        const struct layer *layer = &plan->layers[i];
        print_layer(writer, path, i + 1, layer_name(layer), layer->out, layer_parameters(plan, layer),
                    layer_multiply_adds(layer));
    }
}

static enum status print_model(struct record_writer *writer, const char *path, const struct checkpoint *checkpoint,
                               struct error *error)
{
    struct model *model = NULL;
    struct plan *plan = NULL;
    enum status status = session_plan(checkpoint, path, &model, &plan, error);

    if (!status)
        print_layers(writer, path, plan);
    plan_free(plan);
    model_free(model);
    return status;
}

static enum status print_file(const struct info *info, const char *path, const struct proofs *ahead)
{
    struct checkpoint claims;
    struct error error;
    enum status status;

    if (!proofs_take(ahead, path, &claims, &status, &error))
        status = claims_read(path, &claims, &error);
    if (!status && info->model)
        status = print_model(info->writer, path, &claims, &error);
    else if (!status)
        print_checkpoint(info->writer, path, &claims);
    if (status)
        warn_error(&error);
    claims_free(&claims);
    return status;
}

static enum status print_files(const struct info *info, const struct checkpoint_files *files,
                               const struct proofs *ahead)
{
    enum status status = STATUS_OK;

    for (size_t i = 0; i < files->count; i++)
        status = status_worse(status, print_file(info, files->paths[i], ahead));
    return status;
}

/* What `operand` is, or one of the runs in it, which may have only begun. */
static enum status print_run(const struct info *info, const char *path, const char *operand, const struct proofs *ahead)
{
    struct checkpoint_files files;
    struct error error;
    enum status status = checkpoint_files(path, CHECKPOINT_FINISHED, &files, &error);

    if (files.in_directory && status == STATUS_NO_INPUT && strcmp(path, operand) != 0)
        status = STATUS_OK;
    if (status)
        warn_error(&error);
    status = status_worse(status, print_files(info, &files, ahead));
    checkpoint_files_free(&files);
    return status;
}

static enum status print_operand(const struct info *info, const char *operand, size_t threads)
{
    struct runs runs = { 0 };
    enum status status = STATUS_OK;

    runs_add(&runs, operand, NULL); /* what cannot be looked at is told of when it is opened */
    for (size_t i = 0, end; i < runs.n;) {
        struct proofs ahead = { .kind = PROOFS_HEADER, .threads = threads };
        end = i + proofs_make_ahead(&ahead, runs.paths + i, runs.n - i, CHECKPOINT_FINISHED);
        for (; i < end; i++)
            status = status_worse(status, print_run(info, runs.paths[i], operand, &ahead));
        proofs_free(&ahead);
    }
    runs_free(&runs);
    return status;
}

int main(int argc, char **argv)
{
    struct info info = { 0 };
    const struct invocation *run = program_start(argc, argv, &program, &info);
    enum status status = STATUS_OK;

    info.writer = record_writer_new(stdout, run->form);
    for (size_t i = 0; i < run->operand_count; i++)
        status = status_worse(status, print_operand(&info, run->operands[i], run->threads));
    record_writer_free(info.writer);
    return program_finish(status);
}
