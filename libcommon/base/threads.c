#include "base/threads.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/processors.h"

#include <fenv.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>

bool thread_start(pthread_t *thread, void *(*body)(void *argument), void *argument)
{
    sigset_t all, before;
    bool started;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    started = pthread_create(thread, NULL, body, argument) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return started;
}

/* How long to spin: about what the system takes to wake a thread, so that spinning in vain costs no more than that. */
static const double moment = 20e-6;

/*
 * A piece of work begins when `unclaimed` becomes the number of its tasks. Who takes it down by one has claimed a task,
 * and until that is done the piece cannot end, nor its description change. A worker that comes late finds 0, and nobody
 * has waited for it.
 */
struct threads {
    void (*task)(void *context, size_t worker, size_t number);
    void *context;
    size_t tasks;
    atomic_size_t unclaimed, unfinished; /* tasks of the piece; from 0 `unclaimed` goes up under the lock */

    pthread_mutex_t lock;
    size_t most;   /* so many may be awake */
    size_t awake;  /* workers that are, or have been called; the caller counts as one always */
    size_t called; /* those of them that have not woken up yet */
    bool closing;
    pthread_cond_t call, done;

    size_t count;
    struct worker {
        struct threads *threads;
        size_t number;
        pthread_t thread;
    } worker[];
};

static bool has_begun(struct threads *threads)
{
    return threads->unclaimed > 0;
}

static bool has_ended(struct threads *threads)
{
    return threads->unfinished == 0;
}

static void pause_processor(void)
{
#if defined __x86_64__
    __builtin_ia32_pause();
#elif defined __aarch64__
    __asm__ volatile("yield");
#endif
}

static void spin(struct threads *threads, bool (*over)(struct threads *threads))
{
    const double end = clock_seconds() + moment;

    while (!over(threads) && clock_seconds() < end)
        pause_processor();
}

static void signal_end(struct threads *threads)
{
    pthread_mutex_lock(&threads->lock);
    pthread_cond_signal(&threads->done);
    pthread_mutex_unlock(&threads->lock);
}

static void do_tasks(struct threads *threads, size_t worker)
{
    size_t left = threads->unclaimed;

    while (left > 0)
        if (atomic_compare_exchange_weak(&threads->unclaimed, &left, left - 1)) {
            threads->task(threads->context, worker, threads->tasks - left);
            if (atomic_fetch_sub(&threads->unfinished, 1) == 1 && worker > 0)
                signal_end(threads);
            left = threads->unclaimed;
        }
}

/* Unless there is something to do. */
static bool falls_asleep(struct threads *threads)
{
    bool asleep;

    pthread_mutex_lock(&threads->lock);
    asleep = !has_begun(threads);
    threads->awake -= asleep;
    pthread_mutex_unlock(&threads->lock);
    return asleep;
}

/* False when there will be no more work. */
static bool sleeps_until_called(struct threads *threads)
{
    bool called;

    pthread_mutex_lock(&threads->lock);
    while (!threads->called && !threads->closing)
        pthread_cond_wait(&threads->call, &threads->lock);
    called = threads->called > 0;
    threads->called -= called;
    pthread_mutex_unlock(&threads->lock);
    return called;
}

static void *worker_main(void *argument)
{
    struct worker *worker = argument;
    struct threads *threads = worker->threads;

    fesetenv(FE_DFL_ENV);
    while (sleeps_until_called(threads))
        do {
            do_tasks(threads, worker->number);
            spin(threads, has_begun);
        } while (!falls_asleep(threads));
    return NULL;
}

struct threads *threads_open(size_t count)
{
    struct threads *threads = memory_new(1, sizeof *threads + count * sizeof threads->worker[0]);
    size_t processors = processors_available();

    threads->count = count;
    threads->most = count < processors ? count : processors;
    threads->awake = 1;
    pthread_mutex_init(&threads->lock, NULL);
    pthread_cond_init(&threads->call, NULL);
    pthread_cond_init(&threads->done, NULL);
    for (size_t i = 1; i < count; i++) {
        threads->worker[i].threads = threads;
        threads->worker[i].number = i;
        if (!thread_start(&threads->worker[i].thread, worker_main, &threads->worker[i]))
            die(STATUS_RESOURCE, "the system refuses thread %zu of %zu", i + 1, count);
    }
    return threads;
}

size_t threads_count(const struct threads *threads)
{
    return threads->count;
}

/* Let the piece of work begin, and call as many workers as it has use for. */
static void begin(struct threads *threads)
{
    pthread_mutex_lock(&threads->lock);
    threads->unfinished = threads->tasks;
    threads->unclaimed = threads->tasks;
    while (threads->awake < threads->most && threads->awake < threads->tasks) {
        threads->awake++;
        threads->called++;
        pthread_cond_signal(&threads->call);
    }
    pthread_mutex_unlock(&threads->lock);
}

static void await_end(struct threads *threads)
{
    spin(threads, has_ended);
    if (has_ended(threads))
        return;
    pthread_mutex_lock(&threads->lock);
    while (!has_ended(threads))
        pthread_cond_wait(&threads->done, &threads->lock);
    pthread_mutex_unlock(&threads->lock);
}

void threads_run(struct threads *threads, void (*task)(void *context, size_t worker, size_t number), void *context,
                 size_t count)
{
    fenv_t before;

    threads->task = task;
    threads->context = context;
    threads->tasks = count;
    fegetenv(&before);
    fesetenv(FE_DFL_ENV);
    begin(threads);
    do_tasks(threads, 0);
    await_end(threads);
    fesetenv(&before);
}

void threads_close(struct threads *threads)
{
    pthread_mutex_lock(&threads->lock);
    threads->closing = true;
    pthread_cond_broadcast(&threads->call);
    pthread_mutex_unlock(&threads->lock);
    for (size_t i = 1; i < threads->count; i++)
        pthread_join(threads->worker[i].thread, NULL);
    pthread_mutex_destroy(&threads->lock);
    pthread_cond_destroy(&threads->call);
    pthread_cond_destroy(&threads->done);
    free(threads);
}
