#include "engine/ref/layers.h"

void tanh_forward(size_t n, const real *x, real *y)
{
    for (size_t i = 0; i < n; i++)
        y[i] = real_tanh(x[i]);
}

void tanh_backward(size_t n, const real *y, const real *dy, real *dx)
{
    for (size_t i = 0; i < n; i++)
        dx[i] = real_fma(-y[i], y[i], 1) * dy[i] + 0;
}
