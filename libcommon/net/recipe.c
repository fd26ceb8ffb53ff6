/* From statements to everything of a plan but its layers. */
#include "base/memory.h"
#include "net/builder.h"

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
        if (statement->spec->word == pairs[i].word && model_value(statement, pairs[i].needed) == 0 &&
            model_value(statement, pairs[i].name) !=
                model_words[pairs[i].word].parameters[model_find_parameter(statement->spec, pairs[i].name)].value)
            return builder_refuse(builder, statement, "'%s' has no effect without '%s'", pairs[i].name,
                                  pairs[i].needed);
    return STATUS_OK;
}

static enum status set_optimizer(struct builder *builder, const struct model_statement *statement)
{
    static const enum optimizer_kind kinds[MODEL_WORDS] = {
        [WORD_OPTIMIZER_SGD] = OPTIMIZER_SGD,         [WORD_OPTIMIZER_ADAM] = OPTIMIZER_ADAM,
        [WORD_OPTIMIZER_ADAMW] = OPTIMIZER_ADAM,      [WORD_OPTIMIZER_ADADELTA] = OPTIMIZER_ADADELTA,
        [WORD_OPTIMIZER_RMSPROP] = OPTIMIZER_RMSPROP,
    };
    struct optimizer *optimizer = &builder->plan->optimizer;
    enum optimizer_kind kind = kinds[statement->spec->word];

    *optimizer = (struct optimizer){
        .kind = kind,
        .learning_rate = model_value(statement, "lr"),
        .momentum = model_value(statement, "momentum"),
        .dampening = model_value(statement, "dampening"),
        .nesterov = model_value(statement, "nesterov") != 0,
        .beta1 = model_value(statement, "beta1"),
        .beta2 = model_value(statement, "beta2"),
        .rho = model_value(statement, kind == OPTIMIZER_RMSPROP ? "alpha" : "rho"),
        .epsilon = model_value(statement, "eps"),
        .weight_decay = model_value(statement, "weight-decay"),
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

static enum status set_schedule(struct builder *builder, const struct model_statement *statement)
{
    static const enum schedule_kind kinds[MODEL_WORDS] = {
        [WORD_SCHEDULE_CONSTANT] = SCHEDULE_CONSTANT,     [WORD_SCHEDULE_STEP] = SCHEDULE_STEP,
        [WORD_SCHEDULE_MULTI_STEP] = SCHEDULE_MULTI_STEP, [WORD_SCHEDULE_EXPONENTIAL] = SCHEDULE_EXPONENTIAL,
        [WORD_SCHEDULE_COSINE] = SCHEDULE_COSINE,         [WORD_SCHEDULE_ONE_CYCLE] = SCHEDULE_ONE_CYCLE,
    };
    struct schedule *schedule = &builder->plan->schedule;
    enum schedule_kind kind = kinds[statement->spec->word];

    *schedule = (struct schedule){
        .kind = kind,
        .epochs = schedule->epochs,
        .by_step = model_value(statement, "by") != 0,
        .warmup = (uint64_t)model_value(statement, "warmup"),
        .every = (uint64_t)model_value(statement, "every"),
        .gamma = model_value(statement, "gamma"),
        .minimum = model_value(statement, "minimum"),
        .period = (uint64_t)model_value(statement, "period"),
        .multiply = (uint64_t)model_value(statement, "multiply"),
        .rise = model_value(statement, "rise"),
        .divide = model_value(statement, "divide"),
        .final = model_value(statement, "final"),
        .linear = model_value(statement, "anneal") != 0,
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
        .shift = model_value(statement, "shift"),
        .rotate = model_value(statement, "rotate"),
        .zoom = model_value(statement, "zoom"),
        .shear = model_value(statement, "shear"),
        .elastic = model_value(statement, "elastic"),
        .sigma = model_value(statement, "sigma"),
        .crop = (size_t)model_value(statement, "crop"),
        .erase = model_value(statement, "erase"),
        .flip = model_value(statement, "flip"),
    };
    if (augmentation->crop > plan->input.rows || augmentation->crop > plan->input.columns)
        return builder_refuse(builder, statement, "crop=%zu is more than the picture of %zu x %zu", augmentation->crop,
                              plan->input.rows, plan->input.columns);
    plan->augments = augmentation->shift > 0 || augmentation->rotate > 0 || augmentation->zoom > 0 ||
                     augmentation->shear > 0 || augmentation->elastic > 0 || augmentation->crop > 0 ||
                     augmentation->erase > 0 || augmentation->flip > 0;
    return STATUS_OK;
}

enum status builder_set_recipe(struct builder *builder, const struct model_statement *statement)
{
    struct plan *plan = builder->plan;

    if (check_effects(builder, statement))
        return builder->error->status;
    switch (statement->spec->section) {
    case SECTION_NORMALIZE:
        return set_pixels(builder, statement);
    case SECTION_AUGMENT:
        return set_augmentation(builder, statement);
    case SECTION_LOSS:
        plan->smoothing = model_value(statement, "smoothing");
        break;
    case SECTION_OPTIMIZER:
        return set_optimizer(builder, statement);
    case SECTION_SCHEDULE:
        return set_schedule(builder, statement);
    case SECTION_CLIP:
        plan->clip = model_value(statement, "norm");
        break;
    case SECTION_EMA:
        plan->ema = model_value(statement, "decay");
        break;
    case SECTION_PRECISION:
        plan->precision = statement->spec->word == WORD_PRECISION_BF16   ? PRECISION_BF16
                          : statement->spec->word == WORD_PRECISION_TF32 ? PRECISION_TF32
                                                                         : PRECISION_FP32;
        break;
    default:
        break;
    }
    return STATUS_OK;
}
