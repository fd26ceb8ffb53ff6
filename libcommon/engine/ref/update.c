#include "engine/ref/layers.h"

/* What is kept of a moment: nothing so small that only subnormal arithmetic would follow from it. */
static real kept(real moment)
{
    return moment < (real)0x1p-100 && moment > (real)-0x1p-100 ? 0 : moment;
}

/* Sutskever et al., "On the importance of initialization and momentum in deep learning", ICML 2013, in PyTorch's form.
 * The page's b is `direction`. */
static void update_sgd(const struct optimizer_scalars *scalars, size_t n, const real *gradient, real *parameter,
                       real *momentum)
{
    for (size_t i = 0; i < n; i++) {
        real direction = gradient[i];
        if (momentum)
            direction = momentum[i] = kept(real_fma(scalars->momentum, momentum[i], direction));
        parameter[i] = real_fma(-scalars->rate, direction, parameter[i]);
    }
}

/* Kingma, Ba, "Adam: a method for stochastic optimization", ICLR 2015, the order of section 2's last paragraph.
 * The page's m is `mean`, v is `square`, e is epsilon and r the rate. */
static void update_adam(const struct optimizer_scalars *scalars, size_t n, const real *gradient, real *parameter,
                        real *mean, real *square)
{
    for (size_t i = 0; i < n; i++) {
        real g = gradient[i];
        mean[i] = kept(real_fma(scalars->decay1, mean[i], scalars->mix1 * g));
        square[i] = kept(real_fma(scalars->decay2, square[i], scalars->mix2 * g * g));
        parameter[i] = real_fma(-scalars->rate, mean[i] / (real_sqrt(square[i]) + scalars->epsilon), parameter[i]);
    }
}

/* Zeiler, "ADADELTA: an adaptive learning rate method", 2012 (arXiv:1212.5701), algorithm 1; its two roots are one of a
 * quotient. The page's v is `square`, u is `change`, d is `delta`. */
static void update_adadelta(const struct optimizer_scalars *scalars, size_t n, const real *gradient, real *parameter,
                            real *square, real *change)
{
    for (size_t i = 0; i < n; i++) {
        real g = gradient[i], delta;
        square[i] = kept(real_fma(scalars->decay1, square[i], scalars->mix1 * g * g));
        delta = real_sqrt((change[i] + scalars->epsilon) / (square[i] + scalars->epsilon)) * g;
        change[i] = kept(real_fma(scalars->decay1, change[i], scalars->mix1 * delta * delta));
        parameter[i] = real_fma(-scalars->rate, delta, parameter[i]);
    }
}

void update(const struct optimizer *optimizer, const struct optimizer_scalars *scalars, size_t n, const real *gradient,
            real *parameter, real *moment0, real *moment1)
{
    switch (optimizer->kind) {
    case OPTIMIZER_SGD:
        update_sgd(scalars, n, gradient, parameter, moment0);
        break;
    case OPTIMIZER_ADAM:
        update_adam(scalars, n, gradient, parameter, moment0, moment1);
        break;
    case OPTIMIZER_ADADELTA:
        update_adadelta(scalars, n, gradient, parameter, moment0, moment1);
        break;
    }
}
