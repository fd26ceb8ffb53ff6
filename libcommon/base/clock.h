/*
 * Time for people and for pacing; no time ever gets into a checkpoint.
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

/* Seconds since some moment in the past, never going back. */
double clock_seconds(void);

#endif
