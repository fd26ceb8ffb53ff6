#include "base/vectors.h"
#include "engine/frame/layers.h"
#include "engine/ref/layers.h"

#include <string.h>

VECTORS void frame_add(size_t n, const float *restrict x, float *restrict y)
{
    for (size_t i = 0; i < n; i++)
        y[i] += x[i];
}

void frame_add_tree(float *arrays, size_t stride, size_t n, size_t count)
{
    size_t split;

    if (n < 2)
        return;
    split = tree_split(n);
    frame_add_tree(arrays, stride, split, count);
    frame_add_tree(arrays + split * stride, stride, n - split, count);
    frame_add(count, arrays + split * stride, arrays);
}

VECTORS void bias_add(size_t n, size_t outputs, const float *restrict bias, float *restrict y)
{
    for (size_t i = 0; i < n; i++)
        for (size_t out = 0; out < outputs; out++)
            y[i * outputs + out] += bias[out];
}

VECTORS void bias_sum(size_t n, size_t outputs, const float *restrict dy, float *restrict dbias)
{
    memset(dbias, 0, outputs * sizeof *dbias);
    for (size_t i = 0; i < n; i++)
        for (size_t out = 0; out < outputs; out++)
            dbias[out] += dy[i * outputs + out];
}
