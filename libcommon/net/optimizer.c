#include "net/optimizer.h"

#include "base/math.h"

#include <math.h>

size_t optimizer_moments(const struct optimizer *optimizer)
{
    if (optimizer->kind == OPTIMIZER_SGD)
        return optimizer->momentum != 0;
    return 2;
}

const char *optimizer_moment_name(const struct optimizer *optimizer, size_t moment)
{
    static const char *const names[][OPTIMIZER_MOMENTS] = {
        [OPTIMIZER_SGD] = { "momentum_buffer" },
        [OPTIMIZER_ADAM] = { "exp_avg", "exp_avg_sq" },
        [OPTIMIZER_ADADELTA] = { "square_avg", "acc_delta" },
    };

    return names[optimizer->kind][moment];
}

struct optimizer_scalars optimizer_scalars(const struct optimizer *optimizer, double rate, uint64_t step)
{
    struct optimizer_scalars scalars = { .rate = (float)rate, .epsilon = (float)optimizer->epsilon };

    switch (optimizer->kind) {
    case OPTIMIZER_SGD:
        scalars.momentum = (float)optimizer->momentum;
        break;
    case OPTIMIZER_ADAM: {
        double root = sqrt(1 - math_pow(optimizer->beta2, (double)(step + 1)));
        scalars.rate = (float)(rate * root / (1 - math_pow(optimizer->beta1, (double)(step + 1))));
        scalars.epsilon = (float)(optimizer->epsilon * root);
        scalars.decay1 = (float)optimizer->beta1;
        scalars.decay2 = (float)optimizer->beta2;
        scalars.mix1 = (float)(1 - optimizer->beta1);
        scalars.mix2 = (float)(1 - optimizer->beta2);
        break;
    }
    case OPTIMIZER_ADADELTA:
        scalars.decay1 = (float)optimizer->rho;
        scalars.mix1 = (float)(1 - optimizer->rho);
        break;
    }
    return scalars;
}
