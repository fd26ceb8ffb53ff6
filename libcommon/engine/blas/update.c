/* The optimizers of engine/ref/update.c, whose formulas these are, for processors with vectors: fma, sqrt and division
 * are exact, so that the bits are the same. */
#include "base/vectors.h"
#include "engine/blas/layers.h"
#include "engine/ref/layers.h"

#include <math.h>

static inline float kept(float moment)
{
    return moment < 0x1p-100f && moment > -0x1p-100f ? 0 : moment;
}

VECTORS static void update_sgd(const struct optimizer_scalars *scalars, size_t n, const float *restrict gradient,
                               float *restrict parameter)
{
    const float rate = scalars->rate;

    for (size_t i = 0; i < n; i++)
        parameter[i] = fmaf(-rate, gradient[i], parameter[i]);
}

VECTORS static void update_momentum(const struct optimizer_scalars *scalars, size_t n, const float *restrict gradient,
                                    float *restrict parameter, float *restrict momentum)
{
    const float rate = scalars->rate, decay = scalars->momentum;

    for (size_t i = 0; i < n; i++) {
        momentum[i] = kept(fmaf(decay, momentum[i], gradient[i]));
        parameter[i] = fmaf(-rate, momentum[i], parameter[i]);
    }
}

VECTORS static void update_adam(const struct optimizer_scalars *scalars, size_t n, const float *restrict gradient,
                                float *restrict parameter, float *restrict mean, float *restrict square)
{
    const struct optimizer_scalars s = *scalars;

    for (size_t i = 0; i < n; i++) {
        float g = gradient[i];
        mean[i] = kept(fmaf(s.decay1, mean[i], s.mix1 * g));
        square[i] = kept(fmaf(s.decay2, square[i], s.mix2 * g * g));
        parameter[i] = fmaf(-s.rate, mean[i] / (sqrtf(square[i]) + s.epsilon), parameter[i]);
    }
}

VECTORS static void update_adadelta(const struct optimizer_scalars *scalars, size_t n, const float *restrict gradient,
                                    float *restrict parameter, float *restrict square, float *restrict change)
{
    const struct optimizer_scalars s = *scalars;

    for (size_t i = 0; i < n; i++) {
        float g = gradient[i], delta;
        square[i] = kept(fmaf(s.decay1, square[i], s.mix1 * g * g));
        delta = sqrtf((change[i] + s.epsilon) / (square[i] + s.epsilon)) * g;
        change[i] = kept(fmaf(s.decay1, change[i], s.mix1 * delta * delta));
        parameter[i] = fmaf(-s.rate, delta, parameter[i]);
    }
}

void blas_update(const struct optimizer *optimizer, const struct optimizer_scalars *scalars, size_t n,
                 const float *gradient, float *parameter, float *moment0, float *moment1)
{
    switch (optimizer->kind) {
    case OPTIMIZER_SGD:
        if (moment0)
            update_momentum(scalars, n, gradient, parameter, moment0);
        else
            update_sgd(scalars, n, gradient, parameter);
        break;
    case OPTIMIZER_ADAM:
        update_adam(scalars, n, gradient, parameter, moment0, moment1);
        break;
    case OPTIMIZER_ADADELTA:
        update_adadelta(scalars, n, gradient, parameter, moment0, moment1);
        break;
    case OPTIMIZER_RMSPROP:
        update(optimizer, scalars, n, gradient, parameter, moment0, moment1);
        break;
    }
}
