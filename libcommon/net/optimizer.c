#include "net/optimizer.h"

#include "base/math.h"

#include <math.h>

const char *optimizer_name(const struct optimizer *optimizer)
{
    static const char *const names[][2] = {
        [OPTIMIZER_SGD] = { "sgd", "sgd with momentum" },
        [OPTIMIZER_ADAM] = { "adam" },
        [OPTIMIZER_ADADELTA] = { "adadelta" },
        [OPTIMIZER_RMSPROP] = { "rmsprop", "rmsprop with momentum" },
    };

    return names[optimizer->kind][optimizer->momentum != 0];
}

size_t optimizer_moments(const struct optimizer *optimizer)
{
    size_t momentum = optimizer->momentum != 0;

    switch (optimizer->kind) {
    case OPTIMIZER_SGD:
        return momentum;
    case OPTIMIZER_RMSPROP:
        return 1 + momentum;
    case OPTIMIZER_ADAM:
    case OPTIMIZER_ADADELTA:
        break;
    }
    return 2;
}

const char *optimizer_moment_name(const struct optimizer *optimizer, size_t moment)
{
    static const char *const names[][OPTIMIZER_MOMENTS] = {
        [OPTIMIZER_SGD] = { "momentum_buffer" },
        [OPTIMIZER_ADAM] = { "exp_avg", "exp_avg_sq" },
        [OPTIMIZER_ADADELTA] = { "square_avg", "acc_delta" },
        [OPTIMIZER_RMSPROP] = { "square_avg", "momentum_buffer" },
    };

    return names[optimizer->kind][moment];
}

static void set_adam(const struct optimizer *optimizer, double rate, uint64_t step, struct optimizer_scalars *scalars)
{
    double t = (double)(step + 1), root = sqrt(1 - math_pow(optimizer->beta2, t));

    scalars->rate = (float)(rate * root / (1 - math_pow(optimizer->beta1, t)));
    scalars->epsilon = (float)(optimizer->epsilon * root);
    scalars->decay1 = (float)optimizer->beta1;
    scalars->decay2 = (float)optimizer->beta2;
    scalars->mix1 = (float)(1 - optimizer->beta1);
    scalars->mix2 = (float)(1 - optimizer->beta2);
}

struct optimizer_scalars optimizer_scalars(const struct optimizer *optimizer, double rate, uint64_t step)
{
    struct optimizer_scalars scalars = {
        .rate = (float)rate,
        .momentum = (float)optimizer->momentum,
        .epsilon = (float)optimizer->epsilon,
        .weight_decay = optimizer->decoupled ? 0 : (float)optimizer->weight_decay,
        .shrink = optimizer->decoupled ? (float)(1 - rate * optimizer->weight_decay) : 1,
    };

    switch (optimizer->kind) {
    case OPTIMIZER_SGD:
        scalars.mix1 = step ? (float)(1 - optimizer->dampening) : 1;
        break;
    case OPTIMIZER_ADAM:
        set_adam(optimizer, rate, step, &scalars);
        break;
    case OPTIMIZER_ADADELTA:
    case OPTIMIZER_RMSPROP:
        scalars.decay1 = (float)optimizer->rho;
        scalars.mix1 = (float)(1 - optimizer->rho);
        break;
    }
    return scalars;
}
