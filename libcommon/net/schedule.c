#include "net/schedule.h"

#include "base/math.h"

static const double pi = 0x1.921fb54442d18p1;

/* From `from` to `to` along half a cosine, or a straight line. */
static double anneal(double from, double to, double share, bool linear)
{
    if (linear)
        return (to - from) * share + from;
    return to + (from - to) / 2 * (1 + math_cos(pi * share));
}

static double step(const struct schedule *schedule, double base, uint64_t unit)
{
    uint64_t falls = unit / schedule->every;

    return base * math_pow(schedule->gamma, (double)falls);
}

static double multi_step(const struct schedule *schedule, double base, uint64_t unit)
{
    size_t passed = 0;

    while (passed < schedule->milestone_count && schedule->milestones[passed] <= unit)
        passed++;
    return base * math_pow(schedule->gamma, (double)passed);
}

static double cosine(const struct schedule *schedule, double base, uint64_t unit, uint64_t units)
{
    uint64_t period = schedule->period ? schedule->period : units;

    if (schedule->multiply == 1)
        unit %= period;
    while (unit >= period) {
        unit -= period;
        period *= schedule->multiply;
    }
    return schedule->minimum + (base - schedule->minimum) * (1 + math_cos(pi * (double)unit / (double)period)) / 2;
}

static double one_cycle(const struct schedule *schedule, double base, uint64_t unit, uint64_t units)
{
    double first = base / schedule->divide, last = first / schedule->final;
    double top = schedule->rise * (double)units - 1, end = (double)units - 1, at = (double)unit;

    if (at < top)
        return anneal(first, base, at / top, schedule->linear);
    if (top < 0)
        top = 0;
    return at > top ? anneal(base, last, (at - top) / (end - top), schedule->linear) : base;
}

double schedule_rate(const struct schedule *schedule, double base, struct position position)
{
    uint64_t units = schedule->by_step ? schedule->epochs * position.batches : schedule->epochs;
    uint64_t unit = schedule->by_step ? position.epoch * position.batches + position.batch : position.epoch;

    if (position.epoch >= schedule->epochs)
        unit = units - 1;
    if (unit < schedule->warmup)
        return base * ((double)(unit + 1) / (double)(schedule->warmup + 1));
    unit -= schedule->warmup;
    units -= schedule->warmup;
    switch (schedule->kind) {
    case SCHEDULE_CONSTANT:
        break;
    case SCHEDULE_STEP:
        return step(schedule, base, unit);
    case SCHEDULE_MULTI_STEP:
        return multi_step(schedule, base, unit);
    case SCHEDULE_EXPONENTIAL:
        return base * math_pow(schedule->gamma, (double)unit);
    case SCHEDULE_COSINE:
        return cosine(schedule, base, unit, units);
    case SCHEDULE_ONE_CYCLE:
        return one_cycle(schedule, base, unit, units);
    }
    return base;
}
