/* format/space.h: what the lines of a space say, and what is said of wrong ones. */
#include "format/space.h"

#include "unit.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct error error;

/* What becomes of a text: "" of a good one, else the message after the name of the file. */
static const char *parse(const char *text)
{
    struct space space;
    enum status status = space_parse(text, "space", &space, &error);

    space_free(&space);
    if (!status)
        return "";
    CHECK_EQUAL(status, STATUS_DATA);
    CHECK_EQUAL(error.status, STATUS_DATA);
    CHECK(strncmp(error.text, "space:", 6) == 0);
    return error.text + 6;
}

static void the_four_kinds_are_read(void)
{
    struct space space;
    const struct space_dimension *at;

    CHECK_EQUAL(space_parse("# a space\n\noptimizer.lr log 1e-4 1e-1 5\n\trate  uniform -0.5 0.5 # so\n"
                            "width choice 32 64 128\ndepth int 1 4\nunits int 10 1000 3\n",
                            "space", &space, &error),
                STATUS_OK);
    CHECK_EQUAL(space.n, 5);
    at = space.dimensions;
    CHECK_TEXT(at[0].name, "optimizer.lr");
    CHECK(at[0].kind == SPACE_LOG && at[0].low == 1e-4 && at[0].high == 1e-1 && at[0].points == 5 && at[0].line == 3);
    CHECK(at[1].kind == SPACE_UNIFORM && at[1].low == -0.5 && at[1].high == 0.5 && at[1].points == 0);
    CHECK(at[2].kind == SPACE_CHOICE && at[2].points == 3);
    CHECK_TEXT(at[2].choices[2], "128");
    CHECK(at[3].kind == SPACE_INT && at[3].low == 1 && at[3].high == 4 && at[3].points == 4);
    CHECK(at[4].points == 3 && at[4].line == 7);
    space_free(&space);
}

static void variables_stand_for_values_as_in_a_model_text(void)
{
    struct space space;

    CHECK_EQUAL(space_parse("let most=8\nwidth int 1 $most\ndepth choice $most x$most\n", "space", &space, &error),
                STATUS_OK);
    CHECK_EQUAL(space.dimensions[0].high, 8);
    CHECK_TEXT(space.dimensions[1].choices[1], "x8");
    space_free(&space);
}

static void a_range_that_begins_with_minus_zero_begins_with_zero(void)
{
    struct space space;

    CHECK_EQUAL(space_parse("shift uniform -0 1\n", "space", &space, &error), STATUS_OK);
    CHECK(space.dimensions[0].low == 0 && !signbit(space.dimensions[0].low));
    space_free(&space);
}

static void a_wrong_line_is_told_with_what_would_be_right(void)
{
    static const char *const wrong[][2] = {
        { "", " no line has a setting, such as 'optimizer.lr log 1e-4 1e-1'" },
        { "# nothing\n\n", " no line has a setting, such as 'optimizer.lr log 1e-4 1e-1'" },
        { "lr lgo 1 2\n", "1: lr: 'lgo': no such kind of values; there are log, uniform, int, choice" },
        { "lr\n", "1: lr: '': no such kind of values; there are log, uniform, int, choice" },
        { "a int 1 2\n1x int 1 2\n", "2: 1x: no name of a variable or a setting" },
        { "trial int 1 2\n", "1: trial: this is the column that names the trials" },
        { "a int 1 2\n\nb int 1 2\na log 1 2\n", "4: a: line 1 has it already" },
        { "a uniform 1\n", "1: a: it is 'a uniform LOW HIGH [POINTS]'" },
        { "a log 1 2 3 4\n", "1: a: it is 'a log LOW HIGH [POINTS]'" },
        { "a choice\n", "1: a: it is 'a choice VALUE ...'" },
        { "a choice 1 2 1\n", "1: a: '1': it is given twice" },
        { "a choice 1 2 2\n", "1: a: '2': it is given twice" },
        { "a uniform 0.5 0.1\n", "1: a: '0.1': the end of a range must be above its beginning, 0.5" },
        { "a uniform 1 1.0\n", "1: a: '1.0': the end of a range must be above its beginning, 1" },
        { "a int 4 1\n", "1: a: '1': the end of a range must be above its beginning, 4" },
        { "a log 0 1\n", "1: a: '0': a range whose logarithm is uniform must be above 0" },
        { "a log -1 1\n", "1: a: '-1': a range whose logarithm is uniform must be above 0" },
        { "a log 1 -1\n", "1: a: '-1': a range whose logarithm is uniform must be above 0" },
        { "a uniform 0 x\n", "1: a: 'x': not a number" },
        { "a uniform 0 inf\n", "1: a: 'inf': not a number" },
        { "a int 0 1.5\n", "1: a: '1.5': not a whole number from 0 to 1000000000" },
        { "a int -1 1\n", "1: a: '-1': not a whole number from 0 to 1000000000" },
        { "a int 0 1000000001\n", "1: a: '1000000001': not a whole number from 0 to 1000000000" },
        { "a log 1 2 0\n", "1: a: '0': not a number of points from 1 to 1000000" },
        { "a log 1 2 1000001\n", "1: a: '1000001': not a number of points from 1 to 1000000" },
        { "a int 0 10000000 1000001\n", "1: a: '1000001': not a number of points from 1 to 1000000" },
        { "a int 1 4 5\n", "1: a: '5': not a number of points from 1 to 4" },
        { "a choice $b\n", "1: a: $b: no such variable in the lines above" },
        { "a int 1 2\r\n", "1: lines end in CR LF" },
    };

    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        const char *message = parse(wrong[i][0]);
        if (!CHECK(strncmp(message, wrong[i][1], strlen(wrong[i][1])) == 0))
            printf("# %s\n", message);
    }
}

static void a_space_has_bounds(void)
{
    static char text[1 << 20];
    char *end = text;

    for (size_t i = 0; i < SPACE_MOST; i++)
        end += sprintf(end, "a%zu int 1 2\n", i);
    CHECK_TEXT(parse(text), "");
    sprintf(end, "b int 1 2\n");
    CHECK_TEXT(parse(text), "1001: b: more than 1000 settings");
    end = text + sprintf(text, "a choice");
    for (size_t i = 0; i < 1000; i++)
        end += sprintf(end, " %zu", i);
    CHECK_TEXT(parse(text), "");
    sprintf(end, " more");
    CHECK_TEXT(parse(text), "1: a: more than 1000 values");
}

int main(void)
{
    TEST(the_four_kinds_are_read);
    TEST(variables_stand_for_values_as_in_a_model_text);
    TEST(a_range_that_begins_with_minus_zero_begins_with_zero);
    TEST(a_wrong_line_is_told_with_what_would_be_right);
    TEST(a_space_has_bounds);
    return unit_finish();
}
