/* nn-init - make the checkpoint that training begins from */
#include "base/divide.h"
#include "base/number.h"
#include "base/program.h"
#include "train/initial.h"

#include <stdlib.h>
#include <string.h>

enum { OPTION_FORK = 256 + 1, OPTION_WITH_OPTIMIZER, OPTION_RATES, OPTION_SAMPLES };

struct init {
    const char *from;    /* -i */
    bool fork;           /* --fork */
    bool with_optimizer; /* --with-optimizer */
    bool rates;
    size_t samples;
};

static const struct option_spec options[] = {
    { 'i', "init", "CHECKPOINT", "take the weights of the layers that fit from this one", 0 },
    { OPTION_FORK, "fork", NULL, "with -i: go on with it under this recipe, its epoch included", 0 },
    { OPTION_WITH_OPTIMIZER, "with-optimizer", NULL, "with -i: take the optimizer's state and the number of steps, too",
      0 },
    { OPTION_RATES, "rates", NULL, "print the learning rate of every epoch's first and last step", 0 },
    { OPTION_SAMPLES, "samples", "COUNT", "with --rates: the size of the training set", 0 },
    OPTIONS_COMMON(OPT_OUTPUT | OPT_FORCE | OPT_SEED | OPT_JSON | OPT_DRY_RUN),
    { 0 },
};

static void parse_option(int letter, const char *argument, void *context)
{
    struct init *init = context;

    if (letter == 'i')
        init->from = argument;
    else if (letter == OPTION_FORK)
        init->fork = true;
    else if (letter == OPTION_WITH_OPTIMIZER)
        init->with_optimizer = true;
    else if (letter == OPTION_RATES)
        init->rates = true;
    else if (!number_size(argument, &init->samples) || init->samples < 1 || init->samples > UINT32_MAX)
        program_usage("--samples %s: not a whole number from 1 to 2^32 - 1", argument);
}

static const struct program program = {
    "[-fnqv] [-i checkpoint [--fork | --with-optimizer]] [-s seed] -o out model-file [name=value ...]\n"
    "--rates --samples count [-j] model-file [name=value ...]",
    "make the checkpoint that training begins from",
    options,
    parse_option,
    1,
    MANY_OPERANDS
};

static void print_rates(const struct plan *plan, size_t samples, enum record_form form)
{
    uint64_t steps = divide_up(samples, plan->batch);
    struct record_writer *writer = record_writer_new(stdout, form);

    for (uint64_t epoch = 0; epoch < plan->schedule.epochs; epoch++)
        for (uint64_t end = 0; end < (steps > 1 ? 2 : 1); end++) {
            struct position position = { epoch, end ? steps - 1 : 0, steps };
            record_count(writer, "epoch", epoch + 1);
            record_count(writer, "step", epoch * steps + (end ? steps : 1));
            record_number(writer, "rate", schedule_rate(&plan->schedule, plan->optimizer.learning_rate, position));
            record_end(writer);
        }
    record_writer_free(writer);
}

/* Take over what fits from the checkpoint of -i and say what does not; its digest becomes the parent. */
static void take_weights(const struct init *init, const struct plan *plan, const struct session *from,
                         struct state *state, struct checkpoint *checkpoint)
{
    const char *path = init->from;
    struct error error;
    size_t taken = 0;

    if (from->checkpoint->batch > 0)
        die(STATUS_DATA, "%s: take weights: its epoch is unfinished; train it to the end first", path);
    if (init->with_optimizer) {
        if (initial_check_optimizer(plan, from, path, &error))
            die_error(&error);
        checkpoint->step = from->checkpoint->step;
    }
    for (size_t i = 0; i < plan->tensor_count; i++) {
        if (initial_take(plan, i, from, init->with_optimizer, state))
            taken++;
        else
            program_say("%s: fresh: %s has none of that name and shape", plan->tensors[i].name, path);
    }
    if (!taken)
        die(STATUS_DATA, "%s: take weights: none of its tensors fits the model", path);
    program_say("%zu of %zu tensors taken from %s%s", taken, plan->tensor_count, path,
                plan->normalizes ? ", running statistics included" : "");
    strcpy(checkpoint->parent, from->checkpoint->digest);
}

static void begin_from(const struct init *init, const struct plan *plan, struct state *state,
                       struct checkpoint *checkpoint)
{
    struct session from;
    struct error error;

    if (session_load(init->from, &from, &error) ||
        (init->fork && initial_fork(plan, &from, init->from, state, checkpoint, &error)))
        die_error(&error);
    if (!init->fork)
        take_weights(init, plan, &from, state, checkpoint);
    session_free(&from);
}

static void tell_size(const char *output, const struct plan *plan)
{
    size_t statistics = plan->tensor_count - plan->parameter_tensors;

    program_tell("%s: %zu parameters in %zu tensors", output, plan->parameter_count, plan->parameter_tensors);
    if (statistics)
        program_tell("%s: %zu running statistics in %zu more", output, plan->weight_count - plan->parameter_count,
                     statistics);
}

static void make_checkpoint(const struct init *init, const struct invocation *run, const struct model *model,
                            const struct plan *plan)
{
    struct state state = state_new(plan);
    struct checkpoint checkpoint = initial_checkpoint(model, run->seed, &state);

    initial_state(plan, run->seed, &state);
    if (init->from)
        begin_from(init, plan, &state, &checkpoint);
    if (run->dry_run) {
        output_check(run->output, run->mode);
    } else {
        state_tensors(plan, &checkpoint.tensors, &checkpoint.tensor_count);
        checkpoint_write(&checkpoint, run->output, run->mode);
        state_tensors_free(checkpoint.tensors, checkpoint.tensor_count);
    }
    tell_size(run->output, plan);
    state_free(&state);
}

int main(int argc, char **argv)
{
    struct init init = { 0 };
    const struct invocation *run = program_start(argc, argv, &program, &init);
    const char *path = run->operands[0];
    char *text;
    struct model *model;
    struct plan *plan;
    struct error error;

    if (init.rates ? !init.samples || run->output || init.from : !run->output || init.samples)
        program_usage("either -o, or --rates with --samples");
    if ((init.with_optimizer || init.fork) && !init.from)
        program_usage("%s: of which checkpoint? -i names it", init.fork ? "--fork" : "--with-optimizer");
    if (init.with_optimizer && init.fork)
        program_usage("--with-optimizer: a fork takes the optimizer's state as it is");
    if (model_read_text(path, &text, &error) ||
        plan_parse(text, path, run->operands + 1, run->operand_count - 1, &model, &plan, &error))
        die_error(&error);
    if (init.rates)
        print_rates(plan, init.samples, run->form);
    else
        make_checkpoint(&init, run, model, plan);
    plan_free(plan);
    model_free(model);
    free(text);
    return program_finish(STATUS_OK);
}
