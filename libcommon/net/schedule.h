/*
 * Learning-rate schedules: the rate of a step as a pure function of the recipe and the position. The formulas are those
 * of PyTorch's torch.optim.lr_scheduler (https://pytorch.org/docs/stable/optim.html); rote-arithmetic(7), "Learning
 * rates", states each.
 *
 * A schedule counts its units from 0: epochs, or steps where it is `by_step`. Its horizon is the recipe's epochs;
 * beyond it the last rate holds.
 */
#ifndef NET_SCHEDULE_H
#define NET_SCHEDULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum schedule_kind {
    SCHEDULE_CONSTANT,
    SCHEDULE_STEP,        /* StepLR */
    SCHEDULE_MULTI_STEP,  /* MultiStepLR */
    SCHEDULE_EXPONENTIAL, /* ExponentialLR */
    SCHEDULE_COSINE,      /* CosineAnnealingLR, CosineAnnealingWarmRestarts: Loshchilov, Hutter, "SGDR", ICLR 2017 */
    SCHEDULE_ONE_CYCLE,   /* OneCycleLR, momentum left alone: Smith, Topin, "Super-convergence", 2017 */
};

struct schedule {
    enum schedule_kind kind;
    bool by_step;         /* the unit: a step, else an epoch */
    uint64_t epochs;      /* the horizon */
    uint64_t warmup;      /* units of linear warm-up before the schedule begins: LinearLR, to the full rate */
    uint64_t every;       /* step: units between two falls */
    double gamma;         /* step, multi-step: the factor of a fall; exponential: of a unit */
    uint64_t *milestones; /* multi-step: (milestone_count) units, ascending */
    size_t milestone_count;
    double minimum;            /* cosine: the lowest rate */
    uint64_t period, multiply; /* cosine: units to the first restart, 0: none; how often longer each next one is */
    double rise;               /* one-cycle: the part of all units in which the rate rises */
    double divide, final;      /* one-cycle: lr / divide is the first rate, that / final the last */
    bool linear;               /* one-cycle: straight lines instead of cosines */
};

/* Where a training stands. */
struct position {
    uint64_t epoch, batch; /* finished: of the run, of the epoch */
    uint64_t batches;      /* of an epoch */
};

/* The rate of the step that begins at `position`; `base` is the optimizer's. */
double schedule_rate(const struct schedule *schedule, double base, struct position position);

#endif
