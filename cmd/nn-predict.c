/* nn-predict - say what a network takes pictures for */
#include "base/file.h"
#include "base/memory.h"
#include "base/names.h"
#include "base/number.h"
#include "base/program.h"
#include "data/batch.h"
#include "data/gather.h"
#include "format/class_names.h"
#include "train/predict.h"
#include "train/predictor.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { OPTION_CLASSES = 256 + 1, OPTION_INVERT, OPTION_LOGITS, OPTION_SCALE, OPTION_TOP };

struct request {
    const char *classes; /* --classes */
    unsigned flags;      /* GATHER_* */
    bool logits;
    size_t top;
};

static const struct option_spec options[] = {
    { OPTION_CLASSES, "classes", "FILE", "call the classes as this file does, a name a line", 0 },
    { OPTION_INVERT, "invert", NULL, "swap black and white of pictures from files of their own", 0 },
    { OPTION_LOGITS, "logits", NULL, "the logits of all classes, too", 0 },
    { OPTION_SCALE, "scale", NULL, "scale pictures from files of their own to the network's input", 0 },
    { OPTION_TOP, "top", "COUNT", "so many of the most probable classes (default 1)", 0 },
    OPTIONS_COMMON(OPT_DEVICE | OPT_THREADS | OPT_JSON | OPT_NUL),
    { 0 },
};

static void parse_option(int letter, const char *argument, void *context)
{
    struct request *request = context;

    switch (letter) {
    case OPTION_CLASSES:
        request->classes = argument;
        break;
    case OPTION_INVERT:
        request->flags |= GATHER_INVERT;
        break;
    case OPTION_LOGITS:
        request->logits = true;
        break;
    case OPTION_SCALE:
        request->flags |= GATHER_SCALE;
        break;
    case OPTION_TOP:
        if (!number_size(argument, &request->top) || request->top < 1)
            program_usage("--top %s: not a number of classes from 1", argument);
        break;
    }
}

static const struct program program = { "[-0jqv] [--classes file] [-d device] [--invert] [--logits] [--scale]\n"
                                        " [-t threads] [--top count] network data|picture|directory|- ...",
                                        "say what a network takes pictures for",
                                        options,
                                        parse_option,
                                        2,
                                        MANY_OPERANDS };

/* Who predicts, and where it goes. */
struct job {
    const struct request *request;
    const struct plan *plan;
    struct engine *engine;
    struct class_names names; /* none without --classes */
    struct gathering *pictures;
    struct predictions predictions;
    size_t *ranked;        /* (classes) */
    double *probabilities; /* (classes) */
    struct record_writer *writer;
};

/* A sample whose record is written: of a set, or (index SIZE_MAX) a picture of which nobody knows more. */
struct sample {
    const char *path;
    size_t index, label;
    const float *logits; /* (classes) */
    float loss;
};

static void write_class(const struct job *job, const char *column, size_t class)
{
    if (job->names.count)
        record_text(job->writer, column, job->names.name[class]);
    else
        record_count(job->writer, column, class);
}

/* The most probable classes, the first of them without a number in its columns' names. */
static void write_top(const struct job *job, const float *logits)
{
    const size_t classes = job->plan->classes, top = job->request->top < classes ? job->request->top : classes;
    char column[64];

    predict_probabilities(logits, classes, job->probabilities);
    if (top > 1)
        predict_rank(logits, classes, job->ranked);
    else
        job->ranked[0] = predict_class(logits, classes);
    for (size_t i = 0; i < top; i++) {
        char number[32] = "";
        if (i > 0)
            snprintf(number, sizeof number, ".%zu", i + 1);
        snprintf(column, sizeof column, "predicted%s", number);
        write_class(job, column, job->ranked[i]);
        snprintf(column, sizeof column, "probability%s", number);
        record_number(job->writer, column, job->probabilities[job->ranked[i]]);
    }
}

static void write_logits(const struct job *job, const float *logits)
{
    for (size_t class = 0; class < job->plan->classes; class ++) {
        char column[32];
        snprintf(column, sizeof column, "logit.%zu", class);
        record_number(job->writer, column, (double)logits[class]);
    }
}

static void write_sample(const struct job *job, const struct sample *sample)
{
    bool in_set = sample->index != SIZE_MAX;

    record_text(job->writer, "path", sample->path);
    if (in_set) {
        record_count(job->writer, "index", sample->index);
        write_class(job, "label", sample->label);
    } else {
        record_none(job->writer, "index");
        record_none(job->writer, "label");
    }
    write_top(job, sample->logits);
    if (in_set)
        record_number(job->writer, "loss", (double)sample->loss);
    else
        record_none(job->writer, "loss");
    if (job->request->logits)
        write_logits(job, sample->logits);
    record_end(job->writer);
}

/* Nobody shall compute for a stdout that takes no more. */
static void flush(void)
{
    if (fflush(stdout) || ferror(stdout))
        exit(program_finish(STATUS_IO));
}

/* The samples of a set: those of the operand `path`, or (NULL) pictures of these `paths`. */
static void predict_set(struct job *job, const struct idx_set *set, const char *path, char *const *paths)
{
    struct predictions *predictions = &job->predictions;

    engine_data(job->engine, set);
    for (size_t first = 0; first < set->count; first += predictions->count) {
        predict(job->engine, first, set->count, predictions);
        for (size_t i = 0; i < predictions->count; i++)
            write_sample(job, &(struct sample){ .path = path ? path : paths[first + i],
                                                .index = path ? first + i : SIZE_MAX,
                                                .label = set->labels[first + i],
                                                .logits = predictions->logits + i * job->plan->classes,
                                                .loss = predictions->losses[i] });
        flush();
    }
}

/* Predict the pictures that wait. */
static void predict_waiting(struct job *job)
{
    predict_set(job, &job->pictures->set, NULL, job->pictures->paths);
    gathering_clear(job->pictures);
}

static enum status predict_picture(struct job *job, const char *path)
{
    struct error error;
    enum status status;

    if (gathering_is_full(job->pictures))
        predict_waiting(job);
    status = gathering_add(job->pictures, path, &error);
    if (status)
        warn_error(&error);
    return status;
}

/* Files whose names come from stdin: none of them waits for the next to be named. A file "-" is no stdin. */
static enum status predict_names(struct job *job, const struct invocation *run)
{
    struct names names = { .fd = STDIN_FILENO, .end = run->names_end_in_nul ? '\0' : '\n' };
    enum status status = STATUS_OK;
    const char *name;
    struct error error;

    while (!names_next(&names, "stdin", &name, &error)) {
        if (!name)
            return status;
        status = status_worse(status, predict_picture(job, strcmp(name, "-") == 0 ? "./-" : name));
        if (!names_ready(&names))
            predict_waiting(job);
    }
    warn_error(&error);
    return status_worse(status, error.status);
}

/* The files of a directory, not those of directories in it. */
static enum status predict_directory(struct job *job, const char *directory)
{
    size_t count, before = job->pictures->tried;
    char **names;
    struct error error;
    enum status status = directory_list(directory, "", &names, &count, &error);

    if (status)
        warn_error(&error);
    for (size_t i = 0; i < count; i++) {
        char *path = path_join(directory, names[i]);
        enum file_kind kind = FILE_OTHER;
        if (file_kind(path, &kind, NULL) || kind != FILE_DIRECTORY)
            status = status_worse(status, predict_picture(job, path));
        free(path);
    }
    directory_free(names, count);
    if (status || job->pictures->tried > before)
        return status;
    warn("%s: look for pictures: there are none in this directory", directory);
    return STATUS_NO_INPUT;
}

/* A data set's samples; nothing else is there by this name. */
static enum status predict_data(struct job *job, const char *operand)
{
    struct idx_set set;
    struct error error;
    enum status status = idx_read(operand, &set, &error);

    if (!status)
        status = batch_check(job->plan, &set, operand, &error);
    if (status == STATUS_NO_INPUT)
        warn("%s: no such picture or directory; as a data set: %s", operand, error.text);
    else if (status)
        warn_error(&error);
    else {
        predict_waiting(job); /* they were named before */
        predict_set(job, &set, operand, NULL);
    }
    idx_free(&set);
    return status;
}

/* An operand is what is there by its name; else it is a data set's. */
static enum status predict_operand(struct job *job, const char *operand, const struct invocation *run)
{
    enum file_kind kind;
    struct error error;

    if (strcmp(operand, "-") == 0)
        return predict_names(job, run);
    if (file_kind(operand, &kind, &error)) {
        warn_error(&error);
        return error.status;
    }
    if (kind == FILE_ABSENT)
        return predict_data(job, operand);
    return kind == FILE_DIRECTORY ? predict_directory(job, operand) : predict_picture(job, operand);
}

/* What became of pictures that were not as the network's input is. */
static void say_changes(const struct gathering *pictures)
{
    const struct shape *shape = &pictures->shape;
    size_t taken = pictures->tried - pictures->refused;

    if (pictures->refused)
        warn("%zu of %zu pictures were not predicted", pictures->refused, pictures->tried);
    if (pictures->scaled)
        program_say("%zu of %zu pictures were scaled to %zu x %zu", pictures->scaled, taken, shape->rows,
                    shape->columns);
    if (pictures->recolored)
        program_say("%zu of %zu pictures were made %s", pictures->recolored, taken,
                    shape->channels == 1 ? "grey" : "of three channels");
    if (taken && pictures->flags & GATHER_INVERT)
        program_say("%zu of %zu pictures were inverted", taken, taken);
}

static enum status read_names(struct job *job, const char *path, struct error *error)
{
    enum status status = class_names_read(path, &job->names, error);

    if (!status && job->names.count != job->plan->classes)
        status = error_set(error, STATUS_DATA, "%s: read: it names %zu classes, but the network has %zu", path,
                           job->names.count, job->plan->classes);
    return status;
}

static enum status open_job(struct job *job, const struct predictor *predictor, const struct invocation *run,
                            struct error *error)
{
    const char *path = run->operands[0];
    enum status status = engine_check(predictor->plan, path, error);

    job->plan = predictor->plan;
    if (!status && job->request->classes)
        status = read_names(job, job->request->classes, error);
    if (!status)
        status = engine_open(run->device, predictor->class, predictor->plan, run->threads, 0, &job->engine, error);
    if (status)
        return status;
    program_tell("%s: class %s, weights %s, threads %zu", path, engine_class(job->engine), predictor->weights,
                 run->threads);
    engine_put(job->engine, &predictor->state);
    job->pictures = gathering_new(job->plan->input, job->request->flags);
    job->predictions = predictions_new(job->plan);
    job->ranked = memory_new(job->plan->classes, sizeof *job->ranked);
    job->probabilities = memory_new(job->plan->classes, sizeof *job->probabilities);
    job->writer = record_writer_new(stdout, run->form);
    return STATUS_OK;
}

static void close_job(struct job *job)
{
    record_writer_free(job->writer);
    free(job->probabilities);
    free(job->ranked);
    predictions_free(&job->predictions);
    gathering_free(job->pictures);
    class_names_free(&job->names);
    engine_close(job->engine);
}

/* stdin has one body. */
static void check_stdin(const struct request *request, const struct invocation *run)
{
    size_t uses = request->classes && strcmp(request->classes, "-") == 0;

    for (size_t i = 0; i < run->operand_count; i++)
        uses += strcmp(run->operands[i], "-") == 0;
    if (uses > 1)
        program_usage("-: there is only one stdin");
}

int main(int argc, char **argv)
{
    struct request request = { .top = 1 };
    const struct invocation *run = program_start(argc, argv, &program, &request);
    struct job job = { .request = &request };
    struct predictor predictor;
    struct error error;
    enum status status = STATUS_OK;

    check_stdin(&request, run);
    if (predictor_load(run->operands[0], &predictor, &error) || open_job(&job, &predictor, run, &error))
        die_error(&error);
    for (size_t i = 1; i < run->operand_count; i++)
        status = status_worse(status, predict_operand(&job, run->operands[i], run));
    predict_waiting(&job);
    say_changes(job.pictures);
    close_job(&job);
    predictor_free(&predictor);
    return program_finish(status);
}
