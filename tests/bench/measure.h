/*
 * Measuring one call, for kernels.c and loops.c.
 *
 *     static void call(void *context) { relu_forward(...); }
 *     double seconds = measure(call, &context);
 */
#ifndef MEASURE_H
#define MEASURE_H

#include <stddef.h>

extern double measure_seconds; /* how long a measurement lasts, about */

/* The seconds that a call takes: the least of many means, since others may use the processor. */
double measure(void (*call)(void *context), void *context);

/* n floats from -0.5 to 0.5, of which a share is not 0, scattered at random. The caller frees them. */
float *measure_values(size_t n, double share);

#endif
