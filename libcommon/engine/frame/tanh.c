#include "base/vectors.h"
#include "engine/frame/layers.h"

#include <math.h>

VECTORS void frame_tanh_backward(size_t n, const float *restrict y, const float *dy, float *dx)
{
    for (size_t i = 0; i < n; i++)
        dx[i] = fmaf(-y[i], y[i], 1) * dy[i] + 0;
}
