/* hp-sample - draw the trials of a search from its space */
#include "base/number.h"
#include "base/program.h"
#include "format/space.h"
#include "format/trials.h"
#include "policy/sample.h"

#include <stdio.h>
#include <string.h>

enum {
    TRIALS = 16,         /* unless told */
    GRID_MOST = 1000000, /* the largest grid that nobody has to ask for */
};

struct request {
    enum sample_method method;
    uint32_t count; /* 0: not told */
};

static const struct option_spec options[] = {
    { 'm', "method", "METHOD", "random, sobol or grid (default random)", 0 },
    { 'N', "count", "TRIALS", "how many trials (default 16; of a grid all)", 0 },
    OPTIONS_COMMON(OPT_OUTPUT | OPT_FORCE | OPT_SEED | OPT_JSON),
    { 0 },
};

static enum sample_method parse_method(const char *word)
{
    static const char *const methods[] = {
        [SAMPLE_RANDOM] = "random", [SAMPLE_SOBOL] = "sobol", [SAMPLE_GRID] = "grid"
    };

    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++)
        if (strcmp(methods[i], word) == 0)
            return (enum sample_method)i;
    program_usage("-m %s: no such method; there are random, sobol, grid", word);
}

static void parse_option(int letter, const char *argument, void *context)
{
    struct request *request = context;
    uint64_t count;

    if (letter == 'm') {
        request->method = parse_method(argument);
        return;
    }
    if (!number_u64(argument, &count) || count == 0 || count > UINT32_MAX)
        program_usage("-N %s: not a number of trials from 1 to 2^32 - 1", argument);
    request->count = (uint32_t)count;
}

static const struct program program = { "[-fjqv] [-m method] [-N trials] [-o file] [-s seed] space-file",
                                        "draw the trials of a search from its space",
                                        options,
                                        parse_option,
                                        1,
                                        1 };

static uint32_t count_trials(const struct request *request, const struct space *space, const char *path)
{
    uint32_t size;

    if (request->method != SAMPLE_GRID)
        return request->count ? request->count : TRIALS;
    size = sample_grid_size(space);
    if (!request->count && size > GRID_MOST)
        die(STATUS_DATA, "%s: lay out: the grid has more than %d trials; -N takes the first of them", path, GRID_MOST);
    if (request->count > size)
        program_say("%s: the grid has no more than %u trials", path, size);
    return request->count && request->count < size ? request->count : size;
}

static void print_trial(struct record_writer *writer, const struct space *space, const struct sample_rule *rule,
                        uint32_t trial)
{
    char name[16];

    snprintf(name, sizeof name, "%04llu", trial + 1ull);
    record_text(writer, TRIAL_COLUMN, name);
    for (size_t i = 0; i < space->n; i++) {
        struct sample sample = sample_value(space, rule, trial, i);
        if (sample.choice)
            record_optional(writer, space->dimensions[i].name, sample.choice);
        else
            record_number(writer, space->dimensions[i].name, sample.number);
    }
    record_end(writer);
}

static void print_trials(FILE *to, enum record_form form, const struct space *space, const struct sample_rule *rule,
                         uint32_t count)
{
    struct record_writer *writer = record_writer_new(to, form);

    for (uint32_t trial = 0; trial < count; trial++)
        print_trial(writer, space, rule, trial);
    record_writer_free(writer);
}

int main(int argc, char **argv)
{
    struct request request = { .method = SAMPLE_RANDOM };
    const struct invocation *run = program_start(argc, argv, &program, &request);
    const char *path = run->operands[0];
    struct sample_rule rule = { request.method, run->seed };
    struct output_stream stream;
    struct space space;
    struct error error;
    uint32_t count;

    if (run->output)
        output_check(run->output, run->mode);
    if (space_read(path, &space, &error) || sample_check(&space, rule.method, path, &error))
        die_error(&error);
    count = count_trials(&request, &space, path);
    if (run->output) {
        output_stream_open(&stream);
        print_trials(stream.to, run->form, &space, &rule, count);
        output_stream_publish(&stream, run->output, run->mode);
        output_stream_close(&stream);
    } else {
        print_trials(stdout, run->form, &space, &rule, count);
    }
    space_free(&space);
    return program_finish(STATUS_OK);
}
