/* From statements to everything of a plan but its layers. */
#include "base/memory.h"
#include "net/builder.h"

#include <string.h>

/* The parameter of that name, or NULL. */
static const struct model_parameter *find(const struct model_word_spec *spec, const char *name)
{
    size_t count = model_parameter_count(spec);

    for (size_t i = 0; i < count; i++)
        if (strcmp(spec->parameters[i].name, name) == 0)
            return &spec->parameters[i];
    return NULL;
}

/* Values by the name of their parameter: each occurs at most once in a statement. */
static double named(const struct model_statement *statement, const char *name)
{
    const struct model_word_spec *spec = statement->spec;
    const struct model_parameter *parameter = find(spec, name);
    size_t before_end = parameter ? model_parameter_count(spec) - (size_t)(parameter - spec->parameters) : 0;

    return parameter ? statement->values[statement->value_count - before_end] : 0;
}

/* Canonical text has what is not the default: were it without effect, recipes that train alike would differ. */
static enum status check_effects(const struct builder *builder, const struct model_statement *statement)
{
    static const struct {
        enum model_word word;
        const char *name, *needed;
    } pairs[] = {
        { WORD_AUGMENT, "sigma", "elastic" },
        { WORD_OPTIMIZER_SGD, "dampening", "momentum" },
        { WORD_SCHEDULE_CONSTANT, "by", "warmup" },
        { WORD_SCHEDULE_COSINE, "multiply", "period" },
    };

    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
        if (statement->spec->word == pairs[i].word && named(statement, pairs[i].needed) == 0 &&
            named(statement, pairs[i].name) != find(statement->spec, pairs[i].name)->value)
            return builder_refuse(builder, statement, "'%s' has no effect without '%s'", pairs[i].name,
                                  pairs[i].needed);
    return STATUS_OK;
}

static enum status set_optimizer(struct builder *builder, const struct model_statement *statement,
                                 enum optimizer_kind kind)
{
    struct optimizer *optimizer = &builder->plan->optimizer;

    *optimizer = (struct optimizer){
        .kind = kind,
        .learning_rate = named(statement, "lr"),
        .momentum = named(statement, "momentum"),
        .dampening = named(statement, "dampening"),
        .nesterov = named(statement, "nesterov") != 0,
        .beta1 = named(statement, "beta1"),
        .beta2 = named(statement, "beta2"),
        .rho = named(statement, kind == OPTIMIZER_RMSPROP ? "alpha" : "rho"),
        .epsilon = named(statement, "eps"),
        .weight_decay = named(statement, "weight-decay"),
        .decoupled = statement->spec->word == WORD_OPTIMIZER_ADAMW,
    };
    if (optimizer->nesterov && (optimizer->momentum == 0 || optimizer->dampening != 0))
        return builder_refuse(builder, statement, "nesterov=yes needs a momentum above 0 and no dampening");
    return STATUS_OK;
}

static enum status set_milestones(struct builder *builder, const struct model_statement *statement)
{
    struct schedule *schedule = &builder->plan->schedule;

    schedule->milestone_count = statement->group_count;
    schedule->milestones = memory_new(schedule->milestone_count, sizeof *schedule->milestones);
    for (size_t i = 0; i < schedule->milestone_count; i++) {
        schedule->milestones[i] = (uint64_t)statement->values[i];
        if (i && schedule->milestones[i] <= schedule->milestones[i - 1])
            return builder_refuse(builder, statement, "its milestones must ascend");
    }
    return STATUS_OK;
}

static enum status set_schedule(struct builder *builder, const struct model_statement *statement,
                                enum schedule_kind kind)
{
    struct schedule *schedule = &builder->plan->schedule;

    *schedule = (struct schedule){
        .kind = kind,
        .epochs = schedule->epochs,
        .by_step = named(statement, "by") != 0,
        .warmup = (uint64_t)named(statement, "warmup"),
        .every = (uint64_t)named(statement, "every"),
        .gamma = named(statement, "gamma"),
        .minimum = named(statement, "minimum"),
        .period = (uint64_t)named(statement, "period"),
        .multiply = (uint64_t)named(statement, "multiply"),
        .rise = named(statement, "rise"),
        .divide = named(statement, "divide"),
        .final = named(statement, "final"),
        .linear = named(statement, "anneal") != 0,
    };
    if (!schedule->by_step && schedule->warmup >= schedule->epochs)
        return builder_refuse(builder, statement, "warmup=%llu leaves none of the %llu epochs",
                              (unsigned long long)schedule->warmup, (unsigned long long)schedule->epochs);
    if (schedule->minimum > builder->plan->optimizer.learning_rate)
        return builder_refuse(builder, statement, "its minimum is above the learning rate of the optimizer");
    return kind == SCHEDULE_MULTI_STEP ? set_milestones(builder, statement) : STATUS_OK;
}

/* What pixel value p becomes: (p / 255 - mean) / deviation, in double, rounded once. */
static enum status set_pixels(struct builder *builder, const struct model_statement *statement)
{
    struct plan *plan = builder->plan;

    if (statement->group_count != 1 && statement->group_count != plan->input.channels)
        return builder_refuse(builder, statement, "it takes one pair of mean and deviation, or one for each channel");
    for (size_t channel = 0; channel < plan->input.channels; channel++) {
        const double *pair = statement->values + (statement->group_count > 1 ? 2 * channel : 0);
        for (int p = 0; p < PLAN_PIXEL_VALUES; p++)
            plan->pixel[channel][p] = (float)((p / 255.0 - pair[0]) / pair[1]);
    }
    return STATUS_OK;
}

static enum status set_augmentation(struct builder *builder, const struct model_statement *statement)
{
    struct plan *plan = builder->plan;
    struct augmentation *augmentation = &plan->augmentation;

    *augmentation = (struct augmentation){
        .shift = named(statement, "shift"),
        .rotate = named(statement, "rotate"),
        .zoom = named(statement, "zoom"),
        .shear = named(statement, "shear"),
        .elastic = named(statement, "elastic"),
        .sigma = named(statement, "sigma"),
        .crop = (size_t)named(statement, "crop"),
        .erase = named(statement, "erase"),
        .flip = named(statement, "flip"),
    };
    if (augmentation->crop > plan->input.rows || augmentation->crop > plan->input.columns)
        return builder_refuse(builder, statement, "crop=%zu is more than the picture of %zu x %zu", augmentation->crop,
                              plan->input.rows, plan->input.columns);
    for (size_t i = 0; i < statement->value_count; i++)
        plan->augments |= statement->values[i] != 0 && strcmp(statement->spec->parameters[i].name, "sigma") != 0;
    return STATUS_OK;
}

enum status builder_set_recipe(struct builder *builder, const struct model_statement *statement)
{
    struct plan *plan = builder->plan;

    if (check_effects(builder, statement))
        return builder->error->status;
    switch (statement->spec->word) {
    case WORD_NORMALIZE:
        return set_pixels(builder, statement);
    case WORD_AUGMENT:
        return set_augmentation(builder, statement);
    case WORD_LOSS_CROSS_ENTROPY:
        plan->smoothing = statement->values[0];
        break;
    case WORD_OPTIMIZER_SGD:
        return set_optimizer(builder, statement, OPTIMIZER_SGD);
    case WORD_OPTIMIZER_ADAM:
    case WORD_OPTIMIZER_ADAMW:
        return set_optimizer(builder, statement, OPTIMIZER_ADAM);
    case WORD_OPTIMIZER_ADADELTA:
        return set_optimizer(builder, statement, OPTIMIZER_ADADELTA);
    case WORD_OPTIMIZER_RMSPROP:
        return set_optimizer(builder, statement, OPTIMIZER_RMSPROP);
    case WORD_SCHEDULE_CONSTANT:
        return set_schedule(builder, statement, SCHEDULE_CONSTANT);
    case WORD_SCHEDULE_STEP:
        return set_schedule(builder, statement, SCHEDULE_STEP);
    case WORD_SCHEDULE_MULTI_STEP:
        return set_schedule(builder, statement, SCHEDULE_MULTI_STEP);
    case WORD_SCHEDULE_EXPONENTIAL:
        return set_schedule(builder, statement, SCHEDULE_EXPONENTIAL);
    case WORD_SCHEDULE_COSINE:
        return set_schedule(builder, statement, SCHEDULE_COSINE);
    case WORD_SCHEDULE_ONE_CYCLE:
        return set_schedule(builder, statement, SCHEDULE_ONE_CYCLE);
    case WORD_CLIP:
        plan->clip = statement->values[0];
        break;
    case WORD_EMA:
        plan->ema = statement->values[0];
        break;
    case WORD_PRECISION_BF16:
        plan->precision = PRECISION_BF16;
        break;
    case WORD_PRECISION_TF32:
        plan->precision = PRECISION_TF32;
        break;
    default:
        break;
    }
    return STATUS_OK;
}
