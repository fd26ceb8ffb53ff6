/*
 * The words of the model text, each by the table that says what it takes: ranges at both ends, defaults, choices,
 * order. Ranges that users rely on are spelt out in model-test.c; here no word is forgotten.
 */
#include "base/number.h"
#include "base/text.h"
#include "model-parse.h"

#include <math.h>

/* A value that a parameter takes: its default, or where it has none some value in its range. */
static double some_value(const struct model_parameter *parameter)
{
    if (!(parameter->flags & (PARAMETER_POSITIONAL | PARAMETER_REQUIRED)) && !parameter->as)
        return parameter->value;
    return parameter->type == PARAMETER_WHOLE ? parameter->least : (parameter->least + parameter->most) / 2;
}

/* One in its range that is not its default. */
static double other_value(const struct model_parameter *parameter)
{
    if (parameter->type == PARAMETER_CHOICE)
        return 1 - parameter->value;
    return parameter->type == PARAMETER_WHOLE ? parameter->least + 2 : (3 * parameter->least + parameter->most) / 4;
}

static void add_value(struct text *text, const struct model_parameter *parameter, double value)
{
    char number[NUMBER_SIZE];

    text_string(text, " ");
    if (!(parameter->flags & PARAMETER_POSITIONAL))
        text_format(text, "%s=", parameter->name);
    text_string(text,
                parameter->type == PARAMETER_CHOICE ? parameter->choices[(int)value] : number_print(value, number));
}

/* A whole text whose first line is a statement of the word with these values. */
static void write_text(struct text *text, const struct model_word_spec *spec, const double *values, bool backwards)
{
    static const char *const needed[MODEL_SECTIONS] = { [SECTION_INPUT] = "input 1 28 28\n",
                                                        [SECTION_LOSS] = "loss cross-entropy\n",
                                                        [SECTION_TRAIN] = "train\n",
                                                        [SECTION_OPTIMIZER] = "optimizer adam\n" };
    size_t count = model_parameter_count(spec), positional = 0;

    text_clear(text);
    text_format(text, "%s%s%s", spec->name, spec->variant ? " " : "", spec->variant ? spec->variant : "");
    while (positional < count && spec->parameters[positional].flags & PARAMETER_POSITIONAL) {
        add_value(text, &spec->parameters[positional], values[positional]);
        positional++;
    }
    for (size_t i = positional; i < count; i++) {
        size_t at = backwards ? count - 1 - (i - positional) : i;
        if (!isnan(values[at]))
            add_value(text, &spec->parameters[at], values[at]);
    }
    text_string(text, "\n");
    if (spec->word == WORD_REPEAT || spec->word == WORD_RESIDUAL)
        text_string(text, "relu\nend\n");
    for (int section = 0; section < MODEL_SECTIONS; section++)
        if (needed[section] && section != (int)spec->section)
            text_string(text, needed[section]);
}

/* Is the value taken, and is the canonical text with it its own canonical text? */
static bool is_taken(const struct model_word_spec *spec, const double *values)
{
    struct text text = { 0 };
    char *once;
    bool taken;

    write_text(&text, spec, values, false);
    once = strdup(parse(text.at));
    taken = strncmp(once, "input ", 6) == 0;
    if (taken)
        CHECK_TEXT(parse(once), once);
    if (!taken)
        printf("# %s\n", once);
    text_free(&text);
    free(once);
    return taken;
}

/* Is it refused with file, line, word and range? */
static void check_refused(const struct model_word_spec *spec, const double *values, size_t parameter)
{
    struct text text = { 0 }, range = { 0 };
    char begin[64];
    const char *message;

    snprintf(begin, sizeof begin, "65 net.model:1: %s: ", spec->name);
    model_describe_range(&range, &spec->parameters[parameter]);
    write_text(&text, spec, values, false);
    message = parse(text.at);
    if (!CHECK(strncmp(message, begin, strlen(begin)) == 0 && strstr(message, spec->parameters[parameter].name) &&
               strstr(message, range.at)))
        printf("# %s# %s\n", text.at, message);
    text_free(&text);
    text_free(&range);
}

static void check_ends(const struct model_word_spec *spec, size_t i)
{
    const struct model_parameter *parameter = &spec->parameters[i];
    double values[MODEL_PARAMETERS], below, above;

    for (size_t j = 0; j < model_parameter_count(spec); j++)
        values[j] = some_value(&spec->parameters[j]);
    below = parameter->type == PARAMETER_WHOLE ? parameter->least - 1 : nextafter(parameter->least, -INFINITY);
    above = parameter->type == PARAMETER_WHOLE ? parameter->most + 1 : nextafter(parameter->most, INFINITY);
    values[i] = parameter->least;
    if (parameter->flags & PARAMETER_ABOVE)
        check_refused(spec, values, i);
    else
        CHECK(is_taken(spec, values));
    values[i] = parameter->most;
    if (parameter->flags & PARAMETER_BELOW)
        check_refused(spec, values, i);
    else
        CHECK(is_taken(spec, values));
    values[i] = above;
    check_refused(spec, values, i);
    if (parameter->type == PARAMETER_WHOLE && below < 0)
        return; /* that is not even a whole number */
    values[i] = below;
    check_refused(spec, values, i);
}

static void every_range_is_refused_below_and_above(void)
{
    for (size_t word = 0; word < MODEL_WORDS; word++)
        for (size_t i = 0; i < model_parameter_count(&model_words[word]); i++)
            if (model_words[word].parameters[i].type != PARAMETER_CHOICE)
                check_ends(&model_words[word], i);
}

/* The canonical text of a word's statement where `give` says what its named parameters are: NAN, not given. */
static char *canonical(const struct model_word_spec *spec, double (*give)(const struct model_parameter *),
                       bool backwards)
{
    struct text text = { 0 };
    double values[MODEL_PARAMETERS];
    char *result;

    for (size_t i = 0; i < model_parameter_count(spec); i++) {
        const struct model_parameter *parameter = &spec->parameters[i];
        bool needed = parameter->flags & (PARAMETER_POSITIONAL | PARAMETER_REQUIRED);
        values[i] = needed ? some_value(parameter) : give(parameter);
    }
    write_text(&text, spec, values, backwards);
    result = strdup(parse(text.at));
    text_free(&text);
    return result;
}

static double nothing(const struct model_parameter *parameter)
{
    (void)parameter;
    return NAN;
}

/* size=least is what stride follows */
static double the_default(const struct model_parameter *parameter)
{
    return parameter->as ? parameter->least : parameter->value;
}

/* Do both make one canonical text, and no error? A word that stands for a block's end stands nowhere alone. */
static void check_same(const struct model_word_spec *spec, double (*give)(const struct model_parameter *),
                       bool backwards, double (*other)(const struct model_parameter *))
{
    char *one = canonical(spec, give, backwards), *two = canonical(spec, other, false);

    if (spec->word != WORD_END) {
        CHECK(strncmp(one, "input ", 6) == 0);
        CHECK_TEXT(one, two);
    }
    free(one);
    free(two);
}

static void what_is_said_by_default_is_left_out(void)
{
    for (size_t word = 0; word < MODEL_WORDS; word++)
        check_same(&model_words[word], the_default, false, nothing);
}

static void the_order_of_named_parameters_does_not_matter(void)
{
    for (size_t word = 0; word < MODEL_WORDS; word++)
        check_same(&model_words[word], other_value, true, other_value);
}

static void what_is_implied_is_left_out_whole(void)
{
    CHECK_TEXT(parse(INPUT RECIPE "schedule constant\nprecision fp32\n"), INPUT RECIPE);
    CHECK_TEXT(parse(INPUT RECIPE "schedule constant warmup=0 by=epoch\n"), INPUT RECIPE);
    CHECK_TEXT(parse(INPUT RECIPE "schedule constant warmup=2\n"), INPUT RECIPE "schedule constant warmup=2\n");
    CHECK_TEXT(parse(INPUT RECIPE "schedule constant by=step\n"), INPUT RECIPE "schedule constant by=step\n");
    CHECK_TEXT(parse(INPUT "augment\n" RECIPE), INPUT RECIPE);
    CHECK_TEXT(parse(INPUT "augment shift=0 sigma=4\n" RECIPE), INPUT RECIPE);
    CHECK_TEXT(parse(INPUT RECIPE "precision bf16\n"), INPUT RECIPE "precision bf16\n");
    CHECK_TEXT(set(INPUT RECIPE "schedule constant warmup=2\n", "schedule.warmup=0"), INPUT RECIPE);
}

static void choices_are_words(void)
{
    CHECK_TEXT(parse_layer("conv 8 3 bias=yes"), "conv 8 3");
    CHECK_TEXT(parse_layer("conv 8 3 bias=no pad=1"), "conv 8 3 pad=1 bias=no");
    CHECK_TEXT(parse_layer("conv 8 3 bias=0"), "65 net.model:2: conv: bias=0: must be 'no' or 'yes'");
    CHECK_TEXT(parse_layer("conv 8 3 bias="), "65 net.model:2: conv: bias=: must be 'no' or 'yes'");
    CHECK_TEXT(parse(INPUT "loss cross-entropy\ntrain\noptimizer sgd nesterov=yes lr=1 momentum=0.5\n"),
               INPUT "loss cross-entropy\ntrain\noptimizer sgd lr=1 momentum=0.5 nesterov=yes\n");
    CHECK_TEXT(parse(INPUT RECIPE "schedule cosine by=step\n"), INPUT RECIPE "schedule cosine by=step\n");
    CHECK_TEXT(parse("schedule cosine by=batch"), "65 net.model:1: schedule: by=batch: must be 'epoch' or 'step'");
    CHECK_TEXT(parse(INPUT RECIPE "schedule one-cycle by=step anneal=linear\n"),
               INPUT RECIPE "schedule one-cycle anneal=linear\n");
    CHECK_TEXT(set(INPUT RECIPE "schedule one-cycle\n", "schedule.by=epoch"),
               INPUT RECIPE "schedule one-cycle by=epoch\n");
    CHECK_TEXT(set(INPUT RECIPE "schedule one-cycle\n", "schedule.anneal=cos"),
               "64 net.model: schedule.anneal=cos: must be 'cosine' or 'linear'");
}

static void values_that_repeat_stand_before_those_with_names(void)
{
    struct model *model;
    struct error error;
    const struct model_statement *at;

    CHECK_EQUAL(
        model_parse(INPUT RECIPE "schedule multi-step 3 6 9 by=step gamma=0.5\n", "net.model", NULL, 0, &model, &error),
        STATUS_OK);
    at = &model->statements[model->count - 1];
    CHECK(at->group_count == 3 && at->value_count == 6);
    CHECK(at->values[0] == 3 && at->values[2] == 9 && at->values[3] == 0.5 && at->values[4] == 0 && at->values[5] == 1);
    CHECK_TEXT(model->text, INPUT RECIPE "schedule multi-step 3 6 9 gamma=0.5 by=step\n");
    model_free(model);
    CHECK_TEXT(parse("schedule multi-step gamma=0.5"),
               "65 net.model:1: schedule: 0 values by position; it is "
               "'schedule multi-step MILESTONE ... [gamma=0.1] [warmup=0] [by=epoch]'");
    CHECK_TEXT(parse("schedule multi-step 3 gamma=0.5 6"),
               "65 net.model:1: schedule: '6': not name=value; it is "
               "'schedule multi-step MILESTONE ... [gamma=0.1] [warmup=0] [by=epoch]'");
}

static void settings_reach_what_has_a_name_beside_values_that_repeat(void)
{
    static const char two[] = INPUT RECIPE "schedule multi-step 3 6 gamma=0.5\n";

    CHECK_TEXT(set(two, "schedule.gamma=0.2"), INPUT RECIPE "schedule multi-step 3 6 gamma=0.2\n");
    CHECK_TEXT(set(two, "schedule.milestone=4"), "64 net.model: schedule.milestone=4: 'milestone' occurs 2 times; "
                                                 "a variable in the text ('let') can set each");
    CHECK_TEXT(set(INPUT RECIPE "schedule multi-step 3\n", "schedule.milestone=4"),
               INPUT RECIPE "schedule multi-step 4\n");
}

static void an_optimizer_has_its_own_parameters_alone(void)
{
    CHECK_TEXT(parse("optimizer adadelta momentum=0.9"),
               "65 net.model:1: optimizer: momentum=0.9: no such parameter; there are lr, rho, eps, weight-decay");
    CHECK_TEXT(parse("optimizer adamw weight_decay=0.1"),
               "65 net.model:1: optimizer: weight_decay=0.1: no such parameter; did you mean 'weight-decay'");
    CHECK_TEXT(parse(INPUT "loss cross-entropy\ntrain\noptimizer adamw weight-decay=0.01\n"),
               INPUT "loss cross-entropy\ntrain\noptimizer adamw\n");
}

int main(void)
{
    TEST(every_range_is_refused_below_and_above);
    TEST(what_is_said_by_default_is_left_out);
    TEST(the_order_of_named_parameters_does_not_matter);
    TEST(what_is_implied_is_left_out_whole);
    TEST(choices_are_words);
    TEST(values_that_repeat_stand_before_those_with_names);
    TEST(settings_reach_what_has_a_name_beside_values_that_repeat);
    TEST(an_optimizer_has_its_own_parameters_alone);
    return unit_finish();
}
