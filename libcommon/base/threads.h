/*
 * Worker threads that share one piece of work after the other.
 *
 *     struct threads *threads = threads_open(4);
 *     threads_run(threads, work, &context);    // work(context, 0) .. work(context, 3) at once; returns when all have
 *     threads_close(threads);
 *
 * Who does what is for `work` to decide by its worker number; results must not depend on it. Each worker runs with the
 * default floating-point environment (round to nearest, subnormals kept), whatever a library loaded into the process
 * has set.
 */
#ifndef BASE_THREADS_H
#define BASE_THREADS_H

#include <stddef.h>

struct threads;

/* `count` at least 1; the caller of threads_run() is worker 0. Ends the program with 71 when the system refuses a
 * thread. */
struct threads *threads_open(size_t count);
size_t threads_count(const struct threads *threads);
void threads_run(struct threads *threads, void (*work)(void *context, size_t worker), void *context);
void threads_close(struct threads *threads);

/* The share [*first, *end) of `n` things that worker `worker` of `count` takes: contiguous, even to within one. */
void threads_share(size_t n, size_t worker, size_t count, size_t *first, size_t *end);

/* How many processors this process may use: its affinity, and its cgroup's limit where that is lower. */
size_t threads_available(void);

#endif
