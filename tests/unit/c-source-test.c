/* Releases as C: names, and texts that a compiler takes. What compiled ones compute is for tests/ckpt-release-c.bats.
 */
#include "release/c_source.h"

#include "base/memory.h"
#include "release/inference.h"
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *name_of(const char *path)
{
    static char name[256];
    char *made = c_source_name(path);

    snprintf(name, sizeof name, "%s", made);
    free(made);
    return name;
}

static void names_become_identifiers(void)
{
    CHECK_TEXT(name_of("digits.c"), "digits");
    CHECK_TEXT(name_of("out/my-net.v2.c"), "my_net_v2");
    CHECK_TEXT(name_of("3d.c"), "net_3d");
    CHECK_TEXT(name_of("a b\xc3\xa9.c"), "a_b__");
    CHECK_TEXT(name_of(".c"), "_c");
}

static const char *header_of(const char *path)
{
    static char header[256];
    char *made = c_source_header_path(path);

    snprintf(header, sizeof header, "%s", made ? made : "none");
    free(made);
    return header;
}

static void the_header_stands_beside_the_source(void)
{
    CHECK_TEXT(header_of("out/my-net.c"), "out/my-net.h");
    CHECK_TEXT(header_of("net.h"), "none");
    CHECK_TEXT(header_of("-"), "none");
    CHECK_TEXT(header_of("a\"b.c"), "none");
    CHECK_TEXT(header_of("a\\b.c"), "none");
    CHECK_TEXT(header_of("a?b.c"), "none");
    CHECK_TEXT(header_of("a\nb.c"), "none");
    CHECK_TEXT(header_of("x/amath.c"), "x/amath.h");
    CHECK_TEXT(header_of("x/math.c"), "none");
    CHECK_TEXT(header_of("float.c"), "none");
    CHECK_TEXT(header_of("\"/b.c"), "\"/b.h");
}

static enum status make(const char *text, float value, struct text *source, struct text *header, struct error *error)
{
    struct model *model;
    struct plan *plan;
    float *weights;
    enum status status;

    CHECK(!plan_parse(text, "net", NULL, 0, &model, &plan, error));
    weights = memory_floats(plan->weight_count);
    for (size_t i = 0; i < plan->weight_count; i++)
        weights[i] = value;
    status = c_source_add(source, header, plan, weights, "{}\n", "some/my-net.h", error);
    free(weights);
    plan_free(plan);
    model_free(model);
    return status;
}

static void the_source_includes_its_header_by_its_name(void)
{
    struct text source = { 0 }, header = { 0 };
    struct error error;

    CHECK(!make("input 1 2 2\ndense 2\nloss cross-entropy\ntrain\noptimizer adam\n", 1, &source, &header, &error));
    CHECK(strstr(source.at, "#include \"my-net.h\"\n"));
    CHECK(strstr(header.at, "void my_net_logits("));
    CHECK(strstr(header.at, "\n{}\n*/\n#ifndef MY_NET_H\n"));
    text_free(&source);
    text_free(&header);
}

static void a_scale_that_is_not_finite_is_refused(void)
{
    struct text source = { 0 }, header = { 0 };
    struct error error;

    CHECK_EQUAL(make("input 1 2 2\ndense 2\nbatchnorm\nloss cross-entropy\ntrain\noptimizer adam\n", -1, &source,
                     &header, &error),
                STATUS_DATA);
    CHECK(strstr(error.text, "some/my-net.h: release: batchnorm1 multiplies by what is not finite"));
    CHECK(!source.at && !header.at);
}

/* Copies made by dropout are no values of their own; the last reader of what a block began with is its add. */
static void a_value_is_kept_until_its_last_reader(void)
{
    static const char text[] = "input 1 2 2\ndropout 0.5\nresidual\nrelu\ndropout 0.5\nconv 1 1\nend\ndense 2\n"
                               "loss cross-entropy\ntrain\noptimizer adam\n";
    struct model *model;
    struct plan *plan;
    struct error error;

    CHECK(!plan_parse(text, "net", NULL, 0, &model, &plan, &error));
    CHECK_EQUAL(inference_source(plan, 1), 0);
    CHECK_EQUAL(inference_source(plan, 3), 2);
    CHECK_EQUAL(inference_last_reader(plan, 0), 5); /* the add */
    CHECK_EQUAL(inference_last_reader(plan, 2), 4);
    CHECK_EQUAL(inference_last_reader(plan, 6), 6);
    plan_free(plan);
    model_free(model);
}

int main(void)
{
    TEST(names_become_identifiers);
    TEST(the_header_stands_beside_the_source);
    TEST(the_source_includes_its_header_by_its_name);
    TEST(a_scale_that_is_not_finite_is_refused);
    TEST(a_value_is_kept_until_its_last_reader);
    return unit_finish();
}
