/*
 * Learning-rate schedules: the rate of a step as a pure function of the recipe and the position.
 */
#ifndef NET_SCHEDULE_H
#define NET_SCHEDULE_H

#include <stdint.h>

enum schedule_kind { SCHEDULE_CONSTANT, SCHEDULE_STEP };

struct schedule {
    enum schedule_kind kind;
    uint64_t epochs; /* the horizon: beyond it the last rate holds */
    uint64_t every;  /* step: epochs between two falls */
    double gamma;    /* step: the factor of a fall */
};

/* The rate of epoch `epoch` (from 0: epochs finished before it). step: base * gamma^floor(epoch / every), PyTorch's
 * StepLR. */
double schedule_rate(const struct schedule *schedule, double base, uint64_t epoch);

#endif
