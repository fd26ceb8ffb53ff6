/* The optimizers of engine/ref/update.c, whose formulas these are, for processors with vectors: fma, sqrt and division
 * are exact, so that the bits are the same. */
#include "base/vectors.h"
#include "engine/frame/layers.h"

#include <math.h>

static inline float kept(float moment)
{
    return moment < 0x1p-100f && moment > -0x1p-100f ? 0 : moment;
}

static inline float decayed(float weight_decay, float gradient, float parameter)
{
    return weight_decay != 0 ? fmaf(weight_decay, parameter, gradient) : gradient;
}

VECTORS static void update_sgd(const struct optimizer_scalars *scalars, size_t n, const float *restrict gradient,
                               float *restrict parameter)
{
    const struct optimizer_scalars s = *scalars;

    for (size_t i = 0; i < n; i++)
        parameter[i] = fmaf(-s.rate, decayed(s.weight_decay, gradient[i], parameter[i]), parameter[i]);
}

VECTORS static void update_momentum(bool nesterov, const struct optimizer_scalars *scalars, size_t n,
                                    const float *restrict gradient, float *restrict parameter, float *restrict momentum)
{
    const struct optimizer_scalars s = *scalars;

    for (size_t i = 0; i < n; i++) {
        float direction = decayed(s.weight_decay, gradient[i], parameter[i]);
        momentum[i] = kept(fmaf(s.momentum, momentum[i], s.mix1 * direction));
        direction = nesterov ? fmaf(s.momentum, momentum[i], direction) : momentum[i];
        parameter[i] = fmaf(-s.rate, direction, parameter[i]);
    }
}

VECTORS static void update_adam(const struct optimizer_scalars *scalars, size_t n, const float *restrict gradient,
                                float *restrict parameter, float *restrict mean, float *restrict square)
{
    const struct optimizer_scalars s = *scalars;

    for (size_t i = 0; i < n; i++) {
        float g = decayed(s.weight_decay, gradient[i], parameter[i]);
        mean[i] = kept(fmaf(s.decay1, mean[i], s.mix1 * g));
        square[i] = kept(fmaf(s.decay2, square[i], s.mix2 * g * g));
        parameter[i] = fmaf(-s.rate, mean[i] / (sqrtf(square[i]) + s.epsilon), parameter[i] * s.shrink);
    }
}

VECTORS static void update_adadelta(const struct optimizer_scalars *scalars, size_t n, const float *restrict gradient,
                                    float *restrict parameter, float *restrict square, float *restrict change)
{
    const struct optimizer_scalars s = *scalars;

    for (size_t i = 0; i < n; i++) {
        float g = decayed(s.weight_decay, gradient[i], parameter[i]), delta;
        square[i] = kept(fmaf(s.decay1, square[i], s.mix1 * g * g));
        delta = sqrtf((change[i] + s.epsilon) / (square[i] + s.epsilon)) * g;
        change[i] = kept(fmaf(s.decay1, change[i], s.mix1 * delta * delta));
        parameter[i] = fmaf(-s.rate, delta, parameter[i]);
    }
}

/* momentum: NULL where there is none. */
VECTORS static void update_rmsprop(const struct optimizer_scalars *scalars, size_t n, const float *restrict gradient,
                                   float *restrict parameter, float *restrict square, float *restrict momentum)
{
    const struct optimizer_scalars s = *scalars;

    for (size_t i = 0; i < n; i++) {
        float g = decayed(s.weight_decay, gradient[i], parameter[i]), delta;
        square[i] = kept(fmaf(s.decay1, square[i], s.mix1 * g * g));
        delta = g / (sqrtf(square[i]) + s.epsilon);
        if (momentum)
            delta = momentum[i] = kept(fmaf(s.momentum, momentum[i], delta));
        parameter[i] = fmaf(-s.rate, delta, parameter[i]);
    }
}

void frame_update(const struct optimizer *optimizer, const struct optimizer_scalars *scalars, size_t n,
                  const float *gradient, float *parameter, float *moment0, float *moment1)
{
    switch (optimizer->kind) {
    case OPTIMIZER_SGD:
        if (moment0)
            update_momentum(optimizer->nesterov, scalars, n, gradient, parameter, moment0);
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
        update_rmsprop(scalars, n, gradient, parameter, moment0, moment1);
        break;
    }
}

VECTORS void frame_average(size_t n, double decay, const float *restrict parameter, float *restrict ema)
{
    const float keep = (float)decay, take = (float)(1 - decay);

    for (size_t i = 0; i < n; i++)
        ema[i] = fmaf(keep, ema[i], take * parameter[i]);
}
