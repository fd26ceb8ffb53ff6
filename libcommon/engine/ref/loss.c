#include "engine/ref/layers.h"

/* The page's m is `most`, its s is `sum`, its t is `spread`. */
real cross_entropy(const real *logits, size_t classes, size_t label, double smoothing, size_t batch, real *gradient)
{
    const double each = smoothing / (double)classes; /* of a label that is not the sample's */
    const real most = logits[largest(logits, classes)];
    real sum = 0, spread = 0;

    for (size_t class = 0; class < classes; class ++) {
        sum += real_exp(logits[class] - most);
        spread += logits[class] - most;
    }
    for (size_t class = 0; gradient && class < classes; class ++) {
        real wanted = (real)(class == label ? 1 - smoothing + each : each);
        gradient[class] = (real_exp(logits[class] - most) / sum - wanted) / (real)batch + 0;
    }
    if (smoothing == 0)
        return real_log(sum) - (logits[label] - most) + 0; /* whatever spread overflows to */
    return real_log(sum) - real_fma((real)each, spread, (real)(1 - smoothing) * (logits[label] - most)) + 0;
}

size_t largest(const real *values, size_t n)
{
    size_t best = 0;

    for (size_t i = 1; i < n; i++)
        if (values[i] > values[best])
            best = i;
    return best;
}
