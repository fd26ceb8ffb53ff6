/*
 * Worker threads that share one piece of work after the other.
 *
 *     struct threads *threads = threads_open(4);
 *     threads_run(threads, task, &context, 100);    // task(context, worker, 0) .. task(context, worker, 99)
 *     threads_close(threads);
 *
 * Workers take the next task as they become free, so that results must not depend on who does which. Each runs with the
 * default floating-point environment (round to nearest, subnormals kept), whatever a library loaded into the process
 * has set.
 *
 * Between two pieces workers spin for a moment and then sleep: pieces of microseconds follow each other without the
 * system's help. No more of them are awake than there were processors for this process when they were opened; workers
 * beyond that wait until another falls asleep, and cost nothing.
 */
#ifndef BASE_THREADS_H
#define BASE_THREADS_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

/* Create a thread that no signal interrupts: they are the first thread's business. False when the system refuses it. */
bool thread_start(pthread_t *thread, void *(*body)(void *argument), void *argument);

struct threads;

/* `count` at least 1; the caller of threads_run() is worker 0. Ends the program with 71 when the system refuses a
 * thread. */
struct threads *threads_open(size_t count);
size_t threads_count(const struct threads *threads);

/* Do tasks 0 to count - 1, begun in that order, no worker two at once; returns when all are done. */
void threads_run(struct threads *threads, void (*task)(void *context, size_t worker, size_t number), void *context,
                 size_t count);
void threads_close(struct threads *threads);

#endif
