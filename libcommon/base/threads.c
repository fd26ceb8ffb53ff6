#include "base/threads.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/number.h"

#include <fenv.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct threads {
    size_t count, left; /* left: workers still at the current piece */
    unsigned long piece;
    bool closing;
    void (*work)(void *context, size_t worker);
    void *context;
    pthread_mutex_t lock;
    pthread_cond_t begin, done;
    struct worker {
        struct threads *threads;
        size_t number;
        pthread_t thread;
    } worker[];
};

static void *worker_main(void *argument)
{
    struct worker *worker = argument;
    struct threads *threads = worker->threads;
    unsigned long seen = 0;

    fesetenv(FE_DFL_ENV);
    pthread_mutex_lock(&threads->lock);
    for (;;) {
        while (threads->piece == seen && !threads->closing)
            pthread_cond_wait(&threads->begin, &threads->lock);
        if (threads->closing)
            break;
        seen = threads->piece;
        pthread_mutex_unlock(&threads->lock);
        threads->work(threads->context, worker->number);
        pthread_mutex_lock(&threads->lock);
        if (--threads->left == 0)
            pthread_cond_signal(&threads->done);
    }
    pthread_mutex_unlock(&threads->lock);
    return NULL;
}

struct threads *threads_open(size_t count)
{
    struct threads *threads = memory_new(1, sizeof *threads + count * sizeof threads->worker[0]);
    sigset_t all, before;

    threads->count = count;
    pthread_mutex_init(&threads->lock, NULL);
    pthread_cond_init(&threads->begin, NULL);
    pthread_cond_init(&threads->done, NULL);
    sigfillset(&all); /* signals are the first thread's business */
    pthread_sigmask(SIG_SETMASK, &all, &before);
    for (size_t i = 1; i < count; i++) {
        threads->worker[i].threads = threads;
        threads->worker[i].number = i;
        if (pthread_create(&threads->worker[i].thread, NULL, worker_main, &threads->worker[i]))
            die(STATUS_RESOURCE, "the system refuses thread %zu of %zu", i + 1, count);
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return threads;
}

size_t threads_count(const struct threads *threads)
{
    return threads->count;
}

void threads_run(struct threads *threads, void (*work)(void *context, size_t worker), void *context)
{
    fenv_t before;

    pthread_mutex_lock(&threads->lock);
    threads->work = work;
    threads->context = context;
    threads->left = threads->count - 1;
    threads->piece++;
    pthread_cond_broadcast(&threads->begin);
    pthread_mutex_unlock(&threads->lock);
    fegetenv(&before);
    fesetenv(FE_DFL_ENV);
    work(context, 0);
    fesetenv(&before);
    pthread_mutex_lock(&threads->lock);
    while (threads->left)
        pthread_cond_wait(&threads->done, &threads->lock);
    pthread_mutex_unlock(&threads->lock);
}

void threads_close(struct threads *threads)
{
    pthread_mutex_lock(&threads->lock);
    threads->closing = true;
    pthread_cond_broadcast(&threads->begin);
    pthread_mutex_unlock(&threads->lock);
    for (size_t i = 1; i < threads->count; i++)
        pthread_join(threads->worker[i].thread, NULL);
    pthread_mutex_destroy(&threads->lock);
    pthread_cond_destroy(&threads->begin);
    pthread_cond_destroy(&threads->done);
    free(threads);
}

void threads_share(size_t n, size_t worker, size_t count, size_t *first, size_t *end)
{
    *first = n / count * worker + (worker < n % count ? worker : n % count);
    *end = *first + n / count + (worker < n % count);
}

/* cgroup v2's cpu.max is "quota period" or "max period". */
static size_t cgroup_limit(void)
{
    char quota_text[NUMBER_SIZE], period_text[NUMBER_SIZE];
    size_t quota, period, limit = SIZE_MAX;
    FILE *file = fopen("/sys/fs/cgroup/cpu.max", "re");

    if (!file)
        return limit;
    if (fscanf(file, "%31s %31s", quota_text, period_text) == 2 && number_size(quota_text, &quota) &&
        number_size(period_text, &period) && period)
        limit = quota < period ? 1 : quota / period;
    fclose(file);
    return limit;
}

size_t threads_available(void)
{
    cpu_set_t set;
    size_t count = 1, limit = cgroup_limit();

    if (sched_getaffinity(0, sizeof set, &set) == 0)
        count = (size_t)CPU_COUNT(&set);
    return count < limit ? count : limit;
}
