/* idx-info - print what a data set is */
#include "base/memory.h"
#include "base/number.h"
#include "base/program.h"
#include "base/text.h"
#include "data/statistics.h"
#include "format/idx.h"

#include <stdlib.h>

static const struct option_spec options[] = {
    { 'c', "classes", NULL, "a record for each class too", 0 },
    OPTIONS_COMMON(OPT_JSON),
    { 0 },
};

static void parse_option(int letter, const char *argument, void *context)
{
    bool *classes = context;

    (void)letter, (void)argument;
    *classes = true;
}

static const struct program program = { "[-cjqv] prefix ...", "print what a data set is", options, parse_option, 1,
                                        MANY_OPERANDS };

/* One number, or one for each channel with spaces between, as `normalize` takes them. */
static void record_channels(struct record_writer *writer, const char *column, const double *value, size_t channels)
{
    struct text text = { 0 };
    char number[NUMBER_SIZE];

    for (size_t channel = 0; channel < channels; channel++)
        text_format(&text, "%s%s", channel ? " " : "", number_print(value[channel], number));
    if (channels == 1)
        record_number(writer, column, *value);
    else
        record_text(writer, column, text.at);
    text_free(&text);
}

static void print_set(struct record_writer *writer, const char *path, const struct idx_set *set)
{
    double *mean = memory_new(set->channels, sizeof *mean), *deviation = memory_new(set->channels, sizeof *deviation);
    char digest[DIGEST_SIZE];

    idx_digest(set, digest);
    for (size_t channel = 0; channel < set->channels; channel++)
        statistics_of_pixels(set, channel, &mean[channel], &deviation[channel]);
    record_text(writer, "path", path);
    record_count(writer, "count", set->count);
    record_count(writer, "channels", set->channels);
    record_count(writer, "rows", set->rows);
    record_count(writer, "columns", set->columns);
    record_count(writer, "classes", set->classes);
    record_text(writer, "digest", digest);
    record_channels(writer, "mean", mean, set->channels);
    record_channels(writer, "deviation", deviation, set->channels);
    record_end(writer);
    free(mean);
    free(deviation);
}

static void print_classes(struct record_writer *writer, const char *path, const struct idx_set *set)
{
    size_t *samples = statistics_of_classes(set);

    for (size_t label = 0; label < set->classes; label++) {
        record_text(writer, "path", path);
        record_count(writer, "label", label);
        record_count(writer, "count", samples[label]);
        record_end(writer);
    }
    free(samples);
}

int main(int argc, char **argv)
{
    bool classes = false;
    const struct invocation *run = program_start(argc, argv, &program, &classes);
    struct record_writer *writer = record_writer_new(stdout, run->form);
    enum status status = STATUS_OK;

    for (size_t i = 0; i < run->operand_count; i++) {
        struct idx_set set;
        struct error error;

        if (idx_read(run->operands[i], &set, &error)) {
            warn_error(&error);
            status = status_worse(status, error.status);
            continue;
        }
        print_set(writer, run->operands[i], &set);
        if (classes)
            print_classes(writer, run->operands[i], &set);
        idx_free(&set);
    }
    record_writer_free(writer);
    return program_finish(status);
}
