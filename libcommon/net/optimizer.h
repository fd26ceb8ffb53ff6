/*
 * The optimizer of a recipe, as numbers: what a step needs besides gradients. The formulas and defaults are PyTorch's
 * (https://pytorch.org/docs/stable/optim.html); rote-arithmetic(7), "Optimizers", states each with its roundings.
 */
#ifndef NET_OPTIMIZER_H
#define NET_OPTIMIZER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum optimizer_kind { OPTIMIZER_SGD, OPTIMIZER_ADAM, OPTIMIZER_ADADELTA, OPTIMIZER_RMSPROP };

enum { OPTIMIZER_MOMENTS = 2 }; /* the most that one has */

struct optimizer {
    enum optimizer_kind kind;
    double learning_rate; /* before the schedule */
    double momentum;      /* sgd, rmsprop; 0: none */
    double dampening;     /* sgd */
    bool nesterov;        /* sgd */
    double beta1, beta2;  /* adam */
    double rho;           /* adadelta; rmsprop's alpha */
    double epsilon;       /* all but sgd */
    double weight_decay;  /* added to the gradient... */
    bool decoupled;       /* ...or, where this is set (adamw), taken from the parameter */
};

/* What every element of a step is updated with: computed in double from the recipe and the global step, then rounded
 * once. */
struct optimizer_scalars {
    float rate;           /* the learning rate; adam: rate * sqrt(1 - beta2^t) / (1 - beta1^t) */
    float momentum;       /* sgd, rmsprop */
    float decay1, decay2; /* adam: beta1, beta2; adadelta, rmsprop: decay1 is rho */
    float mix1, mix2;     /* 1 - decay; sgd: mix1 is 1 - dampening, in the first step 1 */
    float epsilon;        /* adam: epsilon * sqrt(1 - beta2^t) */
    float weight_decay;   /* added to gradients, times the parameter; 0: none */
    float shrink;         /* decoupled: 1 - rate * weight decay, else 1 */
};

/* "sgd", "sgd with momentum"...: those of one name keep the same moments. adamw is an adam. */
const char *optimizer_name(const struct optimizer *optimizer);

/* How many moments it keeps a parameter, and their names in a checkpoint ("optim.NAME.conv1.weight"). sgd without
 * momentum: 0. */
size_t optimizer_moments(const struct optimizer *optimizer);
const char *optimizer_moment_name(const struct optimizer *optimizer, size_t moment);

/* `rate`: the learning rate of this step (schedule_rate()); `step`: steps done before it, so that Adam's t is step + 1.
 */
struct optimizer_scalars optimizer_scalars(const struct optimizer *optimizer, double rate, uint64_t step);

#endif
