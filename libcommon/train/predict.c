#include "train/predict.h"

#include "base/math.h"
#include "base/memory.h"

#include <math.h>
#include <stdlib.h>

enum { MOST_SAMPLES = 1024, MOST_FLOATS = 1 << 20 }; /* between two calls of the engine: samples, and their logits */

struct predictions predictions_new(const struct plan *plan)
{
    size_t fit = MOST_FLOATS / plan->classes, room = fit < MOST_SAMPLES ? fit : MOST_SAMPLES;

    return (struct predictions){ .room = room,
                                 .logits = memory_floats(room * plan->classes),
                                 .losses = memory_floats(room),
                                 .samples = memory_new(room, sizeof(uint32_t)) };
}

void predictions_free(struct predictions *predictions)
{
    free(predictions->logits);
    free(predictions->losses);
    free(predictions->samples);
    *predictions = (struct predictions){ 0 };
}

void predict(struct engine *engine, size_t first, size_t end, struct predictions *predictions)
{
    predictions->count = end - first < predictions->room ? end - first : predictions->room;
    for (size_t i = 0; i < predictions->count; i++)
        predictions->samples[i] = (uint32_t)(first + i);
    engine_evaluate(engine, predictions->samples, predictions->count, predictions->logits, predictions->losses);
}

size_t predict_class(const float *logits, size_t classes)
{
    size_t best = 0;

    for (size_t class = 1; class < classes; class ++)
        if (logits[class] > logits[best])
            best = class;
    return best;
}

/* Larger logits first, what is no number last, else by class. */
static int compare_classes(const void *left, const void *right, void *context)
{
    const float *logits = context;
    size_t a = *(const size_t *)left, b = *(const size_t *)right;
    bool a_is_none = isnan(logits[a]), b_is_none = isnan(logits[b]);

    if (a_is_none != b_is_none)
        return a_is_none ? 1 : -1;
    if (logits[a] < logits[b] || logits[a] > logits[b])
        return logits[a] < logits[b] ? 1 : -1;
    return (a > b) - (a < b);
}

void predict_rank(const float *logits, size_t classes, size_t *ranked)
{
    size_t best = predict_class(logits, classes);

    for (size_t class = 0; class < classes; class ++)
        ranked[class] = class;
    ranked[best] = 0;
    ranked[0] = best;
    qsort_r(ranked + 1, classes - 1, sizeof *ranked, compare_classes, (void *)logits);
}

void predict_probabilities(const float *logits, size_t classes, double *probabilities)
{
    float most = logits[predict_class(logits, classes)];
    double total = 0;

    for (size_t class = 0; class < classes; class ++) {
        probabilities[class] = (double)math_expf(logits[class] - most);
        total += probabilities[class];
    }
    for (size_t class = 0; class < classes; class ++)
        probabilities[class] /= total;
}
