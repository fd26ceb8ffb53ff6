/* train/predict.h: which class is predicted, which comes next, and how probable they are. */
#include "train/predict.h"

#include "unit.h"

#include <math.h>
#include <string.h>

enum { CLASSES = 5 };

static void check_rank(const float *logits, const size_t *wanted)
{
    size_t ranked[CLASSES];

    predict_rank(logits, CLASSES, ranked);
    for (size_t i = 0; i < CLASSES; i++)
        CHECK_EQUAL(ranked[i], wanted[i]);
    CHECK_EQUAL(predict_class(logits, CLASSES), wanted[0]);
}

static void the_largest_logit_comes_first_and_of_equals_the_first(void)
{
    check_rank((const float[]){ 1, 2, 3, 4, 5 }, (const size_t[]){ 4, 3, 2, 1, 0 });
    check_rank((const float[]){ -1, -2, -3, -4, -5 }, (const size_t[]){ 0, 1, 2, 3, 4 });
    check_rank((const float[]){ 0, 0, 0, 0, 0 }, (const size_t[]){ 0, 1, 2, 3, 4 });
    check_rank((const float[]){ 1, 7, 1, 7, 0 }, (const size_t[]){ 1, 3, 0, 2, 4 });
    check_rank((const float[]){ -0.0f, 0, INFINITY, -INFINITY, 0 }, (const size_t[]){ 2, 0, 1, 4, 3 });
}

/* What nn-eval counts as predicted is first, whatever the rest is. */
static void what_is_no_number_is_last_but_where_it_is_predicted(void)
{
    check_rank((const float[]){ 1, NAN, 3, NAN, 2 }, (const size_t[]){ 2, 4, 0, 1, 3 });
    check_rank((const float[]){ NAN, 1, 3, NAN, 2 }, (const size_t[]){ 0, 2, 4, 1, 3 });
}

static void a_network_of_one_class_has_a_rank(void)
{
    size_t ranked[1] = { 7 };
    double probability;

    predict_rank((const float[]){ -3 }, 1, ranked);
    predict_probabilities((const float[]){ -3 }, 1, &probability);
    CHECK_EQUAL(ranked[0], 0);
    CHECK_EQUAL(probability, 1);
}

static void probabilities_are_the_softmax(void)
{
    const float logits[CLASSES] = { 0.5f, -1.25f, 3, 2.875f, -20 };
    double probabilities[CLASSES], total = 0, sum = 0;

    for (size_t i = 0; i < CLASSES; i++)
        total += exp((double)logits[i]);
    predict_probabilities(logits, CLASSES, probabilities);
    for (size_t i = 0; i < CLASSES; i++) {
        double wanted = exp((double)logits[i]) / total;
        CHECK_NEAR(probabilities[i], wanted, wanted * 1e-6);
        sum += probabilities[i];
    }
    CHECK_NEAR(sum, 1, 1e-15);
}

static void large_logits_do_not_overflow(void)
{
    double probabilities[CLASSES];

    predict_probabilities((const float[]){ 3e38f, -3e38f, 3e38f, 0, 1000 }, CLASSES, probabilities);
    CHECK_EQUAL(probabilities[0], 0.5);
    CHECK_EQUAL(probabilities[1], 0);
    CHECK_EQUAL(probabilities[2], 0.5);
    CHECK_EQUAL(probabilities[3], 0);
}

int main(void)
{
    TEST(the_largest_logit_comes_first_and_of_equals_the_first);
    TEST(what_is_no_number_is_last_but_where_it_is_predicted);
    TEST(a_network_of_one_class_has_a_rank);
    TEST(probabilities_are_the_softmax);
    TEST(large_logits_do_not_overflow);
    return unit_finish();
}
