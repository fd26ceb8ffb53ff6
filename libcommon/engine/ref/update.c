#include "base/divide.h"
#include "engine/ref/layers.h"

/* What is kept of a moment: nothing so small that only subnormal arithmetic would follow from it. */
static real kept(real moment)
{
    return moment < (real)0x1p-100 && moment > (real)-0x1p-100 ? 0 : moment;
}

/* The gradient that moments are made of: with that of weight decay. */
static real decayed(const struct optimizer_scalars *scalars, real gradient, real parameter)
{
    return scalars->weight_decay != 0 ? real_fma(scalars->weight_decay, parameter, gradient) : gradient;
}

/* Sutskever et al., "On the importance of initialization and momentum in deep learning", ICML 2013, in PyTorch's form.
 * The page's b is `momentum`. */
static void update_sgd(const struct optimizer *optimizer, const struct optimizer_scalars *scalars, size_t n,
                       const real *gradient, real *parameter, real *momentum)
{
    for (size_t i = 0; i < n; i++) {
        real direction = decayed(scalars, gradient[i], parameter[i]);
        if (momentum) {
            momentum[i] = kept(real_fma(scalars->momentum, momentum[i], scalars->mix1 * direction));
            direction = optimizer->nesterov ? real_fma(scalars->momentum, momentum[i], direction) : momentum[i];
        }
        parameter[i] = real_fma(-scalars->rate, direction, parameter[i]);
    }
}

/* Kingma, Ba, "Adam: a method for stochastic optimization", ICLR 2015, the order of section 2's last paragraph;
 * Loshchilov, Hutter, "Decoupled weight decay regularization", ICLR 2019, is where `shrink` is from.
 * The page's m is `mean`, v is `square`, e is epsilon and r the rate. */
static void update_adam(const struct optimizer_scalars *scalars, size_t n, const real *gradient, real *parameter,
                        real *mean, real *square)
{
    for (size_t i = 0; i < n; i++) {
        real g = decayed(scalars, gradient[i], parameter[i]);
        mean[i] = kept(real_fma(scalars->decay1, mean[i], scalars->mix1 * g));
        square[i] = kept(real_fma(scalars->decay2, square[i], scalars->mix2 * g * g));
        parameter[i] = real_fma(-scalars->rate, mean[i] / (real_sqrt(square[i]) + scalars->epsilon),
                                parameter[i] * scalars->shrink);
    }
}

/* Zeiler, "ADADELTA: an adaptive learning rate method", 2012 (arXiv:1212.5701), algorithm 1; its two roots are one of a
 * quotient. The page's v is `square`, u is `change`, d is `delta`. */
static void update_adadelta(const struct optimizer_scalars *scalars, size_t n, const real *gradient, real *parameter,
                            real *square, real *change)
{
    for (size_t i = 0; i < n; i++) {
        real g = decayed(scalars, gradient[i], parameter[i]), delta;
        square[i] = kept(real_fma(scalars->decay1, square[i], scalars->mix1 * g * g));
        delta = real_sqrt((change[i] + scalars->epsilon) / (square[i] + scalars->epsilon)) * g;
        change[i] = kept(real_fma(scalars->decay1, change[i], scalars->mix1 * delta * delta));
        parameter[i] = real_fma(-scalars->rate, delta, parameter[i]);
    }
}

/* Hinton, "Neural networks for machine learning", lecture 6e, 2012, in PyTorch's form. The page's v is `square`, b is
 * `momentum`, d is `delta`. */
static void update_rmsprop(const struct optimizer_scalars *scalars, size_t n, const real *gradient, real *parameter,
                           real *square, real *momentum)
{
    for (size_t i = 0; i < n; i++) {
        real g = decayed(scalars, gradient[i], parameter[i]), delta;
        square[i] = kept(real_fma(scalars->decay1, square[i], scalars->mix1 * g * g));
        delta = g / (real_sqrt(square[i]) + scalars->epsilon);
        if (momentum)
            delta = momentum[i] = kept(real_fma(scalars->momentum, momentum[i], delta));
        parameter[i] = real_fma(-scalars->rate, delta, parameter[i]);
    }
}

void update(const struct optimizer *optimizer, const struct optimizer_scalars *scalars, size_t n, const real *gradient,
            real *parameter, real *moment0, real *moment1)
{
    switch (optimizer->kind) {
    case OPTIMIZER_SGD:
        update_sgd(optimizer, scalars, n, gradient, parameter, moment0);
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

size_t parts_of(size_t n)
{
    return divide_up(n, PART);
}

static double add(size_t n, const double *values)
{
    double sum = 0;

    for (size_t i = 0; i < n; i++)
        sum += values[i];
    return sum;
}

/* Chain i adds elements i, i + PART_CHAINS... In double no square of a float overflows. */
static double add_squares(size_t n, const real *gradient)
{
    double chain[PART_CHAINS] = { 0 };

    for (size_t i = 0; i < n; i++)
        chain[i % PART_CHAINS] = fma((double)gradient[i], (double)gradient[i], chain[i % PART_CHAINS]);
    return add(PART_CHAINS, chain);
}

real clip_scale(size_t n, double most, const double *squares)
{
    const double norm = sqrt(add(parts_of(n), squares));
    const real factor = (real)(most / (norm + 1e-6));

    return isfinite(norm) && factor < 1 ? factor : 1; /* 0 would hide that the training diverges */
}

/* Pascanu, Mikolov, Bengio, "On the difficulty of training recurrent neural networks", ICML 2013, in PyTorch's form. */
void clip(size_t n, double most, real *gradient, double *squares)
{
    real factor;

    for (size_t i = 0; i < n; i += PART)
        squares[i / PART] = add_squares(n - i < PART ? n - i : PART, gradient + i);
    factor = clip_scale(n, most, squares);
    for (size_t i = 0; i < n; i++)
        gradient[i] *= factor;
}

void average(size_t n, double decay, const real *parameter, real *ema)
{
    const real keep = (real)decay, take = (real)(1 - decay);

    for (size_t i = 0; i < n; i++)
        ema[i] = real_fma(keep, ema[i], take * parameter[i]);
}
