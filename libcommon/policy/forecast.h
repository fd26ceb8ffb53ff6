/*
 * What a bracket will cost: how many of its trials will get to each rung.
 *
 *     struct forecast forecasts[RUNGS_MOST];
 *     halving_forecast(&bracket, forecasts);
 *     ... forecasts[rung].trials at least, forecasts[rung].expected in the mean ...
 *
 * Synchronous halving sends as many on as the divisor says. Of the asynchronous kind that is the least, if none fails:
 * how many more go on depends on the order in which good trials come. The mean is that of replays (policy/halving.h)
 * of trials in random orders that keep their rank from rung to rung.
 */
#ifndef POLICY_FORECAST_H
#define POLICY_FORECAST_H

#include "policy/halving.h"

struct forecast {
    size_t trials;
    double expected;
};

/* forecasts: (rungs) */
void halving_forecast(const struct bracket *bracket, struct forecast *forecasts);

/* The epochs that are trained when so many trials, as expected, get to each rung. */
double forecast_epochs(const struct bracket *bracket, const struct forecast *forecasts);

#endif
