/* net/schedule: every kind against the formula that PyTorch documents, in libm's functions; warm-up, horizon, extremes.
 */
#include "net/schedule.h"
#include "unit.h"

#include <math.h>
#include <stdlib.h>

/* Of rates below 10, with another cosine and power. */
#define CLOSE 1e-14

/* The rate of unit `unit`, an epoch or a step of ten in an epoch. */
static double rate_of(const struct schedule *schedule, double base, uint64_t unit)
{
    if (schedule->by_step)
        return schedule_rate(schedule, base, (struct position){ unit / 10, unit % 10, 10 });
    return schedule_rate(schedule, base, (struct position){ unit, 7, 10 });
}

/* Steps count on through the epochs; an epoch's rate holds for all of its steps. */
static void units_are_epochs_or_steps(void)
{
    struct schedule schedule = { .kind = SCHEDULE_EXPONENTIAL, .epochs = 4, .gamma = 0.5 };

    for (uint64_t batch = 0; batch < 10; batch++)
        CHECK_EQUAL(schedule_rate(&schedule, 8, (struct position){ 2, batch, 10 }), 2);
    schedule.by_step = true;
    for (uint64_t batch = 0; batch < 10; batch++)
        CHECK_NEAR(schedule_rate(&schedule, 8, (struct position){ 2, batch, 10 }), ldexp(8, -20 - (int)batch), 0);
}

static void a_constant_rate_is_the_optimizers(void)
{
    const struct schedule schedule = { .kind = SCHEDULE_CONSTANT, .epochs = 3 };

    for (uint64_t epoch = 0; epoch < 5; epoch++)
        CHECK_EQUAL(rate_of(&schedule, 0.1, epoch), 0.1);
}

static void steps_and_powers_fall_by_gamma(void)
{
    struct schedule step = { .kind = SCHEDULE_STEP, .epochs = 30, .every = 4, .gamma = 0.7 };
    struct schedule exponential = { .kind = SCHEDULE_EXPONENTIAL, .epochs = 30, .gamma = 0.95 };

    for (uint64_t unit = 0; unit < 30; unit++) {
        CHECK_NEAR(rate_of(&step, 2, unit), 2 * pow(0.7, floor((double)unit / 4)), CLOSE);
        CHECK_NEAR(rate_of(&exponential, 2, unit), 2 * pow(0.95, (double)unit), CLOSE);
    }
    CHECK_EQUAL(rate_of(&step, 2, 3), 2);
    CHECK(rate_of(&step, 2, 4) < 2);
}

static void multi_step_falls_at_its_milestones(void)
{
    uint64_t milestones[] = { 2, 3, 7 };
    struct schedule schedule = {
        .kind = SCHEDULE_MULTI_STEP, .epochs = 10, .gamma = 0.25, .milestones = milestones, .milestone_count = 3
    };
    static const int passed[10] = { 0, 0, 1, 2, 2, 2, 2, 3, 3, 3 };

    for (uint64_t unit = 0; unit < 10; unit++)
        CHECK_NEAR(rate_of(&schedule, 8, unit), 8 * pow(0.25, passed[unit]), 0);
}

static void a_cosine_falls_from_the_rate_to_the_minimum(void)
{
    struct schedule schedule = { .kind = SCHEDULE_COSINE, .epochs = 40, .minimum = 0.1, .multiply = 1 };

    for (uint64_t unit = 0; unit < 40; unit++)
        CHECK_NEAR(rate_of(&schedule, 2, unit), 0.1 + (2 - 0.1) * (1 + cos(acos(-1) * (double)unit / 40)) / 2, CLOSE);
    schedule.multiply = 3; /* of no period */
    CHECK_NEAR(rate_of(&schedule, 2, 20), 1.05, CLOSE);
    schedule.by_step = true;
    for (uint64_t unit = 0; unit < 400; unit++)
        CHECK_NEAR(rate_of(&schedule, 2, unit), 0.1 + (2 - 0.1) * (1 + cos(acos(-1) * (double)unit / 400)) / 2, CLOSE);
}

/* T_cur and T_i of CosineAnnealingWarmRestarts, counted unit by unit. */
static void check_restarts(uint64_t multiply)
{
    struct schedule schedule = { .kind = SCHEDULE_COSINE, .epochs = 200, .period = 5, .multiply = multiply };
    uint64_t since = 0, period = 5;

    for (uint64_t unit = 0; unit < 200; unit++, since++) {
        if (since == period) {
            since = 0;
            period *= multiply;
            CHECK_EQUAL(rate_of(&schedule, 2, unit), 2);
        }
        CHECK_NEAR(rate_of(&schedule, 2, unit), 1 + cos(acos(-1) * (double)since / (double)period), CLOSE);
    }
}

static void a_cosine_restarts_after_each_period(void)
{
    check_restarts(1);
    check_restarts(2);
    check_restarts(3);
}

/* OneCycleLR, as its page and source have it: two phases, whose ends are pct_start * total - 1 and total - 1. */
static double one_cycle(const struct schedule *schedule, double base, double unit, double units)
{
    double first = base / schedule->divide, last = first / schedule->final, top = schedule->rise * units - 1;
    double from = unit <= top ? first : base, to = unit <= top ? base : last;
    double share = unit <= top ? unit / top : (unit - top) / (units - 1 - top);

    return schedule->linear ? from + (to - from) * share : to + (from - to) / 2 * (1 + cos(acos(-1) * share));
}

static void one_cycle_rises_and_falls(void)
{
    static const double rises[] = { 0.01, 0.1, 0.3, 0.75, 0.995 };

    for (size_t i = 0; i < sizeof rises / sizeof *rises; i++) {
        struct schedule schedule = {
            .kind = SCHEDULE_ONE_CYCLE, .by_step = true, .epochs = 23, .rise = rises[i], .divide = 25, .final = 1e4
        };
        for (uint64_t unit = 0; unit < 460; unit++) {
            schedule.linear = unit % 2;
            CHECK_NEAR(rate_of(&schedule, 2, unit / 2), one_cycle(&schedule, 2, (double)(unit / 2), 230), CLOSE);
        }
        CHECK_NEAR(rate_of(&schedule, 2, 0), 2 / 25.0, CLOSE);
        CHECK_NEAR(rate_of(&schedule, 2, 229), 2 / 25.0 / 1e4, CLOSE);
    }
}

/* Where PyTorch divides by zero or begins to fall before the first step. */
static void one_cycle_without_a_rise_begins_at_the_top(void)
{
    struct schedule schedule = { .kind = SCHEDULE_ONE_CYCLE, .epochs = 9, .divide = 4, .final = 8, .linear = true };

    for (uint64_t unit = 0; unit < 9; unit++)
        CHECK_NEAR(rate_of(&schedule, 2, unit), 2 + (2 / 32.0 - 2) * (double)unit / 8, CLOSE);
    schedule.rise = 1 / 9.0;
    for (uint64_t unit = 0; unit < 9; unit++)
        CHECK_NEAR(rate_of(&schedule, 2, unit), 2 + (2 / 32.0 - 2) * (double)unit / 8, CLOSE);
}

static void one_cycle_that_only_rises_ends_at_the_top(void)
{
    struct schedule schedule = {
        .kind = SCHEDULE_ONE_CYCLE, .epochs = 9, .rise = 1, .divide = 4, .final = 8, .linear = true
    };

    for (uint64_t unit = 0; unit < 9; unit++)
        CHECK_NEAR(rate_of(&schedule, 2, unit), 0.5 + 1.5 * (double)unit / 8, CLOSE);
    CHECK_EQUAL(rate_of(&schedule, 2, 8), 2);
}

/* A cycle of one to three steps. */
static void the_shortest_cycles_have_a_top(void)
{
    struct schedule schedule = { .kind = SCHEDULE_ONE_CYCLE, .epochs = 1, .rise = 0.3, .divide = 4, .final = 8 };

    CHECK_EQUAL(rate_of(&schedule, 2, 0), 2);
    schedule.epochs = 2;
    CHECK_EQUAL(rate_of(&schedule, 2, 0), 2);
    CHECK_NEAR(rate_of(&schedule, 2, 1), 2 / 32.0, CLOSE);
    schedule.epochs = 3;
    schedule.rise = 2 / 3.0;
    CHECK_EQUAL(rate_of(&schedule, 2, 0), 0.5);
    CHECK_EQUAL(rate_of(&schedule, 2, 1), 2);
    CHECK_NEAR(rate_of(&schedule, 2, 2), 2 / 32.0, CLOSE);
}

enum { KINDS = SCHEDULE_ONE_CYCLE + 1 };

static uint64_t milestones[] = { 3, 6 };

/* One schedule of each kind, with a horizon of `epochs`. */
static struct schedule schedule_of(int kind, uint64_t epochs, bool by_step)
{
    return (struct schedule){ .kind = (enum schedule_kind)kind,
                              .by_step = by_step,
                              .epochs = epochs,
                              .every = 2,
                              .gamma = 0.5,
                              .milestones = milestones,
                              .milestone_count = 2,
                              .minimum = 0.25,
                              .period = 3,
                              .multiply = 2,
                              .rise = 0.3,
                              .divide = 25,
                              .final = 1e4 };
}

/* LinearLR from 1 / (N + 1) in N units, so that the unit after the last of them would have the full rate; the schedule
 * counts from there, and has that much less to go. */
static void a_warm_up_rises_to_the_rate_then_the_schedule_begins(void)
{
    enum { WARMUP = 4, UNITS = 20 };

    for (int kind = 0; kind < KINDS; kind++)
        for (int by_step = 0; by_step < 2; by_step++) {
            struct schedule without = schedule_of(kind, UNITS - WARMUP, false);
            struct schedule with = schedule_of(kind, by_step ? UNITS / 10 : UNITS, by_step);
            with.warmup = WARMUP;
            for (uint64_t unit = 0; unit < WARMUP; unit++)
                CHECK_NEAR(rate_of(&with, 2, unit), 2 * (double)(unit + 1) / (WARMUP + 1), CLOSE);
            for (uint64_t unit = WARMUP; unit < UNITS; unit++)
                CHECK_EQUAL(rate_of(&with, 2, unit), rate_of(&without, 2, unit - WARMUP));
        }
}

static void a_warm_up_may_take_all_steps(void)
{
    struct schedule schedule = schedule_of(SCHEDULE_ONE_CYCLE, 1, true);

    schedule.warmup = 1000;
    CHECK_EQUAL(rate_of(&schedule, 2, 9), 2 * (10 / 1001.0));
    CHECK_EQUAL(rate_of(&schedule, 2, 2000), 2 * (10 / 1001.0));
    schedule.warmup = 10;
    CHECK_EQUAL(rate_of(&schedule, 2, 9), 2 * (10 / 11.0));
}

static void beyond_the_horizon_the_last_rate_holds(void)
{
    for (int kind = 0; kind < KINDS; kind++)
        for (uint64_t epochs = 1; epochs <= 12; epochs++) {
            struct schedule by_epoch = schedule_of(kind, epochs, false), by_step = schedule_of(kind, epochs, true);
            for (uint64_t more = 0; more < 100; more += 9) {
                CHECK_EQUAL(rate_of(&by_epoch, 2, epochs + more), rate_of(&by_epoch, 2, epochs - 1));
                CHECK_EQUAL(rate_of(&by_step, 2, 10 * epochs + more), rate_of(&by_step, 2, 10 * epochs - 1));
            }
        }
}

static void a_horizon_of_one_epoch_has_the_full_rate(void)
{
    for (int kind = 0; kind < KINDS; kind++) {
        const struct schedule schedule = schedule_of(kind, 1, false);
        CHECK_EQUAL(rate_of(&schedule, 2, 0), 2);
    }
}

/* A million epochs of 2^32 batches, and of 2^20: whatever the numbers, a rate can be stepped by. */
static void rates_of_endless_runs_are_finite(void)
{
    static const uint64_t epochs[] = { 0, 1, 2, 499999, 999998, 999999, 1000000, UINT32_MAX };

    for (int kind = 0; kind < KINDS; kind++)
        for (size_t i = 0; i < 4 * sizeof epochs / sizeof *epochs; i++) {
            uint64_t batches = i & 1 ? UINT32_MAX : 1 << 20;
            struct position position = { epochs[i / 4], i & 2 ? batches - 1 : 0, batches };
            struct schedule schedule = schedule_of(kind, 1000000, true);
            double rate = schedule_rate(&schedule, 1e6, position);
            CHECK(isfinite(rate) && rate >= 0 && rate <= 1e6);
            schedule.multiply = 1;
            schedule.period = 1;
            schedule.minimum = 0;
            schedule.linear = true;
            schedule.divide = 1e6;
            schedule.final = 1e12;
            rate = schedule_rate(&schedule, 1e-6, position);
            CHECK(isfinite(rate) && rate >= 0 && rate <= 1e-6);
            schedule.period = schedule.multiply = 1000;
            schedule.linear = false;
            rate = schedule_rate(&schedule, 1e6, position);
            CHECK(isfinite(rate) && rate >= 0 && rate <= 1e6);
        }
}

int main(void)
{
    TEST(units_are_epochs_or_steps);
    TEST(a_constant_rate_is_the_optimizers);
    TEST(steps_and_powers_fall_by_gamma);
    TEST(multi_step_falls_at_its_milestones);
    TEST(a_cosine_falls_from_the_rate_to_the_minimum);
    TEST(a_cosine_restarts_after_each_period);
    TEST(one_cycle_rises_and_falls);
    TEST(one_cycle_without_a_rise_begins_at_the_top);
    TEST(one_cycle_that_only_rises_ends_at_the_top);
    TEST(the_shortest_cycles_have_a_top);
    TEST(a_warm_up_rises_to_the_rate_then_the_schedule_begins);
    TEST(a_warm_up_may_take_all_steps);
    TEST(beyond_the_horizon_the_last_rate_holds);
    TEST(a_horizon_of_one_epoch_has_the_full_rate);
    TEST(rates_of_endless_runs_are_finite);
    return unit_finish();
}
