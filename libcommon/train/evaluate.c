#include "train/evaluate.h"

#include "base/math.h"
#include "base/memory.h"
#include "train/predict.h"

#include <math.h>
#include <stdlib.h>

static void begin(struct evaluation *evaluation, const struct idx_set *set, size_t classes)
{
    *evaluation = (struct evaluation){ .count = set->count, .classes = classes };
    evaluation->confusion = memory_new(classes * classes, sizeof *evaluation->confusion);
}

static void add_sample(struct evaluation *evaluation, size_t label, size_t predicted, double loss)
{
    evaluation->loss += loss;
    evaluation->correct += predicted == label;
    evaluation->confusion[label * evaluation->classes + predicted]++;
}

static void finish(struct evaluation *evaluation)
{
    const double z = 1.959963984540054; /* the normal distribution's 97.5 % point */
    double n = (double)evaluation->count, p = (double)evaluation->correct / n, squared = z * z / n;
    double centre = (p + squared / 2) / (1 + squared);
    double width = z * sqrt(p * (1 - p) / n + squared / (4 * n)) / (1 + squared);

    evaluation->loss /= n;
    evaluation->accuracy = p;
    /* The accuracy lies between them, and they in [0, 1], whatever rounding says. */
    evaluation->low = centre - width < p ? centre - width : p;
    evaluation->high = centre + width > p ? centre + width : p;
    if (evaluation->low < 0)
        evaluation->low = 0;
    if (evaluation->high > 1)
        evaluation->high = 1;
}

static void add_probabilities(const float *logits, size_t classes, double *probabilities, double *sum)
{
    predict_probabilities(logits, classes, probabilities);
    for (size_t class = 0; class < classes; class ++)
        sum[class] += probabilities[class];
}

void evaluate(struct engine *engine, const struct idx_set *set, struct evaluation *evaluation, double *sum)
{
    const size_t classes = engine->plan->classes;
    struct predictions predictions = predictions_new(engine->plan);
    double *probabilities = memory_new(classes, sizeof *probabilities);

    begin(evaluation, set, classes);
    for (size_t first = 0; first < set->count; first += predictions.count) {
        predict(engine, first, set->count, &predictions);
        for (size_t i = 0; i < predictions.count; i++) {
            const float *logits = predictions.logits + i * classes;
            add_sample(evaluation, set->labels[first + i], predict_class(logits, classes),
                       (double)predictions.losses[i]);
            if (sum)
                add_probabilities(logits, classes, probabilities, sum + (first + i) * classes);
        }
    }
    finish(evaluation);
    free(probabilities);
    predictions_free(&predictions);
}

void evaluate_ensemble(const struct idx_set *set, size_t classes, const double *sum, size_t members,
                       struct evaluation *evaluation)
{
    begin(evaluation, set, classes);
    for (size_t i = 0; i < set->count; i++) {
        const double *row = sum + i * classes;
        size_t best = 0;
        for (size_t class = 1; class < classes; class ++)
            if (row[class] > row[best])
                best = class;
        add_sample(evaluation, set->labels[i], best,
                   -(double)math_logf((float)(row[set->labels[i]] / (double)members)));
    }
    finish(evaluation);
}
