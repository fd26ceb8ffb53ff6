#include "measure.h"

#include "base/clock.h"
#include "base/memory.h"

#include <math.h>
#include <stdint.h>

enum { TIMES = 25 }; /* means of so many calls that about as many fit in */

double measure_seconds = 0.1;

static double seconds_of(size_t calls, void (*call)(void *context), void *context)
{
    const double begin = clock_seconds();

    for (size_t i = 0; i < calls; i++)
        call(context);
    return clock_seconds() - begin;
}

double measure(void (*call)(void *context), void *context)
{
    size_t calls = 1;
    double least = INFINITY, spent = 0, seconds;

    call(context); /* pages and caches are warm from here on */
    while (seconds_of(calls, call, context) < measure_seconds / TIMES / 2)
        calls *= 2;
    for (; spent < measure_seconds; spent += seconds) {
        seconds = seconds_of(calls, call, context);
        least = fmin(least, seconds / (double)calls);
    }
    return least;
}

/* Marsaglia, "Xorshift RNGs", 2003: from 0 to 1. */
static double chance(void)
{
    static uint64_t state = 88172645463325252u;

    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (double)(state >> 11) * 0x1p-53;
}

float *measure_values(size_t n, double share)
{
    float *values = memory_floats(n);

    for (size_t i = 0; i < n; i++)
        if (chance() < share)
            values[i] = (float)(chance() - 0.5);
    return values;
}
