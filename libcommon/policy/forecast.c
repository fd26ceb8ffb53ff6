#include "policy/forecast.h"

#include "base/memory.h"
#include "base/random.h"
#include "base/size.h"

#include <stdlib.h>

/* So many trials are replayed, in as many orders as that takes: few trials differ more from order to order. */
enum { TRIALS_REPLAYED = 20000 };

static void count_least(const struct bracket *bracket, struct forecast *forecasts)
{
    size_t trials = bracket->trials;

    for (size_t rung = 0; rung < bracket->rungs; rung++) {
        forecasts[rung] = (struct forecast){ .trials = trials };
        trials = size_larger((size_t)((double)trials / bracket->divisor), 1);
    }
}

/* Replay one random order, and add the trials that got to each rung. */
static void add_replay(const struct bracket *bracket, uint32_t number, struct forecast *forecasts)
{
    const struct random_draw draw = { .seed = 1, .purpose = RANDOM_ORDER, .epoch = number };
    struct outcome *outcomes = memory_new(bracket->trials * bracket->rungs, sizeof *outcomes); /* (trials, rungs) */
    struct decision *decisions = memory_new(bracket->trials, sizeof *decisions);
    uint32_t *order = memory_new(bracket->trials, sizeof *order);

    random_order(&draw, order, (uint32_t)bracket->trials);
    for (size_t trial = 0; trial < bracket->trials; trial++)
        for (size_t rung = 0; rung < bracket->rungs; rung++)
            outcomes[trial * bracket->rungs + rung] = (struct outcome){ true, order[trial] };
    halving_decide(bracket, outcomes, decisions);
    for (size_t i = 0; i < bracket->trials; i++)
        for (size_t rung = 0; rung <= decisions[i].rung; rung++)
            forecasts[rung].expected++;
    free(outcomes);
    free(decisions);
    free(order);
}

void halving_forecast(const struct bracket *bracket, struct forecast *forecasts)
{
    uint32_t replays = (uint32_t)(1 + TRIALS_REPLAYED / bracket->trials);

    count_least(bracket, forecasts);
    for (uint32_t i = 0; i < replays; i++)
        add_replay(bracket, i, forecasts);
    for (size_t rung = 0; rung < bracket->rungs; rung++)
        forecasts[rung].expected /= replays;
}

double forecast_epochs(const struct bracket *bracket, const struct forecast *forecasts)
{
    double epochs = 0;

    for (size_t rung = 0; rung < bracket->rungs; rung++)
        epochs += forecasts[rung].expected * (double)(bracket->epochs[rung] - (rung ? bracket->epochs[rung - 1] : 0));
    return epochs;
}
