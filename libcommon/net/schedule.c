#include "net/schedule.h"

#include "base/math.h"

double schedule_rate(const struct schedule *schedule, double base, uint64_t epoch)
{
    if (epoch >= schedule->epochs)
        epoch = schedule->epochs - 1;
    switch (schedule->kind) {
    case SCHEDULE_CONSTANT:
        break;
    case SCHEDULE_STEP:
        return base * math_pow(schedule->gamma, (double)(epoch / schedule->every));
    }
    return base;
}
