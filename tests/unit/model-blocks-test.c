/* Blocks of the model text: repeat, which is expanded, and residual, which stays; and how they may not stand. */
#include "base/text.h"
#include "model-parse.h"

static void what_is_repeated_stands_so_often(void)
{
    CHECK_TEXT(parse_layer("repeat 3\nconv 8 3\nrelu\nend\nmaxpool 2"),
               "conv 8 3\nrelu\nconv 8 3\nrelu\nconv 8 3\nrelu\nmaxpool 2");
    CHECK_TEXT(parse_layer("tanh\nrepeat 1\nrelu\nend"), "tanh\nrelu");
}

static void repeats_stand_in_repeats(void)
{
    CHECK_TEXT(parse_layer("repeat 2\ntanh\nrepeat 2\nrelu\nend\nend"), "tanh\nrelu\nrelu\ntanh\nrelu\nrelu");
}

static void a_variable_says_how_often(void)
{
    static const char text[] = "let n=2\n" INPUT "repeat $n\nrelu\nend\n" RECIPE;

    CHECK_TEXT(parse(text), INPUT "relu\nrelu\n" RECIPE);
    CHECK_TEXT(set(text, "n=3"), INPUT "relu\nrelu\nrelu\n" RECIPE);
    CHECK_TEXT(set(text, "n=0"), "64 net.model:3: repeat: '0': count must be from 1 to 1000");
    CHECK_TEXT(set(text, "repeat.count=3"), "64 net.model: repeat.count=3: the count is no setting; "
                                            "a variable in the text can be it ('repeat $count')");
}

static void a_residual_stays_as_it_is(void)
{
    CHECK_TEXT(parse_layer("residual\nconv 8 3 pad=1\nend\nrelu"), "residual\nconv 8 3 pad=1\nend\nrelu");
    CHECK_TEXT(parse_layer("residual\nresidual\nrelu\nend\ntanh\nend"), "residual\nresidual\nrelu\nend\ntanh\nend");
}

static void residuals_and_repeats_stand_in_each_other(void)
{
    CHECK_TEXT(parse_layer("repeat 2\nresidual\nrelu\nend\ntanh\nend"),
               "residual\nrelu\nend\ntanh\nresidual\nrelu\nend\ntanh");
    CHECK_TEXT(parse_layer("residual\nrepeat 2\nrelu\nend\nend"), "residual\nrelu\nrelu\nend");
    CHECK_TEXT(parse_layer("repeat 2\nresidual\nrepeat 2\nrelu\nend\nend\nend"),
               "residual\nrelu\nrelu\nend\nresidual\nrelu\nrelu\nend");
}

static void values_are_repeated_as_settings_found_them(void)
{
    CHECK_TEXT(set(INPUT "repeat 1\nconv 8 3\nend\n" RECIPE, "conv.pad=1"), INPUT "conv 8 3 pad=1\n" RECIPE);
    CHECK_TEXT(set(INPUT "repeat 2\nconv 8 3\nend\n" RECIPE, "conv.pad=1"),
               "64 net.model: conv.pad=1: 'conv' occurs 2 times; a variable in the text ('let') can set each");
}

static void a_block_that_is_not_closed_is_named_by_its_line(void)
{
    CHECK_TEXT(parse_layer("repeat 2\nrelu"),
               "65 net.model:4: loss: it is no layer, but the 'repeat' of line 2 is still open; "
               "'end' closes it");
    CHECK_TEXT(parse(RECIPE INPUT "relu\nrepeat 2\nrelu\n"), "65 net.model:6: repeat: no 'end' closes it");
    CHECK_TEXT(parse(RECIPE INPUT "residual\nrepeat 2\nrelu\nend\n"), "65 net.model:5: residual: no 'end' closes it");
}

static void an_end_too_many_is_refused(void)
{
    CHECK_TEXT(parse_layer("end"), "65 net.model:2: end: no 'repeat' or 'residual' is open");
    CHECK_TEXT(parse_layer("repeat 2\nrelu\nend\nend"), "65 net.model:5: end: no 'repeat' or 'residual' is open");
}

static void an_empty_block_is_refused(void)
{
    CHECK_TEXT(parse_layer("repeat 2\nend"), "65 net.model:3: end: there is nothing in the 'repeat' of line 2");
    CHECK_TEXT(parse_layer("relu\nresidual\n\nend"),
               "65 net.model:5: end: there is nothing in the 'residual' of line 3");
    CHECK_TEXT(parse_layer("residual\nrepeat 2\nend\nend"),
               "65 net.model:4: end: there is nothing in the 'repeat' of line 3");
}

static void a_block_has_layers_alone(void)
{
    CHECK_TEXT(parse_layer("residual\nrelu\ndropout 0.5\ntrain\nend"),
               "65 net.model:5: train: it is no layer, but the 'residual' of line 2 is still open; 'end' closes it");
    CHECK_TEXT(parse_layer("repeat 1\nnormalize 0 1\nend"),
               "65 net.model:3: normalize: it is no layer, but the 'repeat' of line 2 is still open; 'end' closes it");
    CHECK_TEXT(parse_layer("let k=1\nrepeat 2\nlet k2=2\nconv $k2 $k\nend"), "conv 2 1\nconv 2 1");
}

static void how_often_must_be_said(void)
{
    CHECK_TEXT(parse_layer("repeat\nrelu\nend"), "65 net.model:2: repeat: 0 values by position; it is 'repeat COUNT'");
    CHECK_TEXT(parse_layer("repeat 1001\nrelu\nend"), "65 net.model:2: repeat: '1001': count must be from 1 to 1000");
    CHECK_TEXT(parse_layer("repeat 2.5\nrelu\nend"), "65 net.model:2: repeat: '2.5': not a whole number");
    CHECK_TEXT(parse_layer("residual 2\nrelu\nend"), "65 net.model:2: residual: 1 value by position; it is 'residual'");
}

/* `depth` of `open` within one another around a relu. */
static char *nested(const char *open, int depth)
{
    struct text text = { 0 };

    for (int i = 0; i < depth; i++)
        text_format(&text, "%s\n", open);
    text_string(&text, "relu\n");
    for (int i = 0; i < depth; i++)
        text_string(&text, "end\n");
    return text.at;
}

static void depth_is_bounded(void)
{
    char *most = nested("residual", 16), *more = nested("residual", 17);

    CHECK(strncmp(parse_layer(most), "residual\nresidual\n", 18) == 0);
    CHECK_TEXT(parse_layer(more), "65 net.model:18: residual: more than 16 blocks within one another");
    free(most);
    free(more);
}

static void statements_are_bounded_also_when_repeats_multiply(void)
{
    char *many = nested("repeat 1000", 16);

    CHECK_TEXT(parse_layer(many), "65 net.model:20: end: more than 4096 statements");
    CHECK(strncmp(parse_layer("repeat 4\nrepeat 1000\nrelu\nend\nend"), "relu\n", 5) == 0);
    CHECK_TEXT(parse_layer("repeat 5\nrepeat 1000\nrelu\nend\nend"), "65 net.model:6: end: more than 4096 statements");
    free(many);
}

static void every_beginning_is_read_or_refused(void)
{
    static const char text[] = INPUT "residual\nrepeat 2\nresidual\nrelu\nend\nend\nend\n" RECIPE;
    char beginning[sizeof text];

    for (size_t length = 0; length < sizeof text; length++) {
        memcpy(beginning, text, length);
        beginning[length] = '\0';
        parse(beginning);
    }
    CHECK_TEXT(parse(text), INPUT "residual\nresidual\nrelu\nend\nresidual\nrelu\nend\nend\n" RECIPE);
}

int main(void)
{
    TEST(what_is_repeated_stands_so_often);
    TEST(repeats_stand_in_repeats);
    TEST(a_variable_says_how_often);
    TEST(a_residual_stays_as_it_is);
    TEST(residuals_and_repeats_stand_in_each_other);
    TEST(values_are_repeated_as_settings_found_them);
    TEST(a_block_that_is_not_closed_is_named_by_its_line);
    TEST(an_end_too_many_is_refused);
    TEST(an_empty_block_is_refused);
    TEST(a_block_has_layers_alone);
    TEST(how_often_must_be_said);
    TEST(depth_is_bounded);
    TEST(statements_are_bounded_also_when_repeats_multiply);
    TEST(every_beginning_is_read_or_refused);
    return unit_finish();
}
