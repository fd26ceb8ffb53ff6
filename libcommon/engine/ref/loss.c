#include "engine/ref/layers.h"

size_t tree_split(size_t n)
{
    size_t split = 1;

    while (2 * split < n)
        split *= 2;
    return split;
}

real tree_sum(const real *values, size_t n)
{
    size_t split;

    if (n == 1)
        return values[0];
    split = tree_split(n);
    return tree_sum(values, split) + tree_sum(values + split, n - split);
}

/* The page's m is `most`, its s is `sum`. */
real cross_entropy(const real *logits, size_t classes, size_t label, size_t batch, real *gradient)
{
    const real most = logits[largest(logits, classes)];
    real sum = 0;

    for (size_t class = 0; class < classes; class ++)
        sum += real_exp(logits[class] - most);
    for (size_t class = 0; gradient && class < classes; class ++) {
        real probability = real_exp(logits[class] - most) / sum;
        gradient[class] = (class == label ? probability - 1 : probability) / (real)batch + 0;
    }
    return real_log(sum) - (logits[label] - most) + 0;
}

size_t largest(const real *values, size_t n)
{
    size_t best = 0;

    for (size_t i = 1; i < n; i++)
        if (values[i] > values[best])
            best = i;
    return best;
}
