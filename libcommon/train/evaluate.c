#include "train/evaluate.h"

#include "base/math.h"
#include "base/memory.h"

#include <math.h>
#include <stdlib.h>

enum { BLOCK = 1024 }; /* samples between two calls of the engine */

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

static size_t largest_logit(const float *logits, size_t classes)
{
    size_t best = 0;

    for (size_t class = 1; class < classes; class ++)
        if (logits[class] > logits[best])
            best = class;
    return best;
}

static void add_probabilities(const float *logits, size_t classes, double *sum)
{
    float most = logits[largest_logit(logits, classes)];
    double total = 0;

    for (size_t class = 0; class < classes; class ++)
        total += (double)math_expf(logits[class] - most);
    for (size_t class = 0; class < classes; class ++)
        sum[class] += (double)math_expf(logits[class] - most) / total;
}

void evaluate(struct engine *engine, const struct idx_set *set, struct evaluation *evaluation, double *sum)
{
    const size_t classes = engine->plan->classes;
    float *logits = memory_floats(BLOCK * classes), *losses = memory_floats(BLOCK);
    uint32_t *samples = memory_new(BLOCK, sizeof *samples);

    begin(evaluation, set, classes);
    for (size_t first = 0; first < set->count; first += BLOCK) {
        size_t n = set->count - first < BLOCK ? set->count - first : BLOCK;
        for (size_t i = 0; i < n; i++)
            samples[i] = (uint32_t)(first + i);
        engine_evaluate(engine, samples, n, logits, losses);
        for (size_t i = 0; i < n; i++) {
            const float *row = logits + i * classes;
            add_sample(evaluation, set->labels[first + i], largest_logit(row, classes), (double)losses[i]);
            if (sum)
                add_probabilities(row, classes, sum + (first + i) * classes);
        }
    }
    finish(evaluation);
    free(logits);
    free(losses);
    free(samples);
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
