/*
 * base/threads. `threads-test PIECES` runs so many short pieces on each number of threads; the processors that this
 * process may use are as many as a test says.
 */
#include "base/number.h"
#include "base/threads.h"
#include "unit.h"

#include <fenv.h>
#include <float.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdint.h>
#include <time.h>
#include <unistd.h>

enum { WORKERS = 17, TASKS = 40 };

static uint64_t pieces = 2000;
static size_t processors = 2;

/* In place of the C library's. */
int sched_getaffinity(pid_t process, size_t size, cpu_set_t *set)
{
    (void)process;
    CPU_ZERO_S(size, set);
    for (size_t i = 0; i < processors; i++)
        CPU_SET_S(i, size, set);
    return 0;
}

/* What a piece leaves behind. `done` is not atomic: a task done twice at once is a race, which a sanitizer sees. */
struct account {
    int done[TASKS];
    atomic_int busy[WORKERS];
    atomic_bool met;
};

static void count_task(void *context, size_t worker, size_t number)
{
    struct account *account = context;

    if (atomic_fetch_add(&account->busy[worker], 1))
        account->met = true;
    account->done[number]++;
    atomic_fetch_sub(&account->busy[worker], 1);
}

/* Pieces of 0 to TASKS - 1 tasks; now and then a pause, in which workers fall asleep. */
static bool each_task_is_done_once(size_t count)
{
    struct threads *threads = threads_open(count);
    bool good = CHECK_EQUAL(threads_count(threads), count);

    for (uint64_t piece = 0; piece < pieces && good; piece++) {
        struct account account = { 0 };
        const size_t tasks = piece % TASKS;

        threads_run(threads, count_task, &account, tasks);
        for (size_t number = 0; number < TASKS; number++)
            good = good && account.done[number] == (number < tasks);
        good = CHECK(good && !account.met);
        if (piece % 100 == 0)
            nanosleep(&(struct timespec){ .tv_nsec = 100000 }, NULL);
    }
    threads_close(threads);
    return good;
}

static void every_task_is_done_once_on_any_number_of_threads(void)
{
    for (size_t count = 1; count <= WORKERS; count++)
        for (processors = 1; processors <= 2 * count; processors *= 4)
            if (!each_task_is_done_once(count))
                return;
}

static void a_pool_that_was_never_used_closes(void)
{
    for (size_t count = 1; count <= WORKERS; count++)
        threads_close(threads_open(count));
}

struct meeting {
    size_t expected;
    atomic_size_t here, most;
    pid_t id[WORKERS];
};

static void note_process(struct meeting *meeting, size_t worker)
{
    meeting->id[worker] = gettid();
}

/* Wait until all that are expected have come. */
static void meet(void *context, size_t worker, size_t number)
{
    struct meeting *meeting = context;

    (void)number;
    note_process(meeting, worker);
    meeting->here++;
    while (meeting->here < meeting->expected)
        sched_yield();
}

static void as_many_workers_as_processors_are_at_work_at_once(void)
{
    for (processors = 1; processors <= 8; processors++) {
        struct threads *threads = threads_open(5);
        struct meeting meeting = { .expected = processors < 5 ? processors : 5 };

        for (int piece = 0; piece < 20; piece++) {
            meeting.here = 0;
            threads_run(threads, meet, &meeting, meeting.expected);
            CHECK_EQUAL(meeting.here, meeting.expected);
        }
        threads_close(threads);
    }
}

/* Take long enough for any worker to come. */
static void count_those_here(void *context, size_t worker, size_t number)
{
    struct meeting *meeting = context;
    const size_t here = ++meeting->here;
    size_t most = meeting->most;

    (void)number;
    note_process(meeting, worker);
    while (most < here && !atomic_compare_exchange_weak(&meeting->most, &most, here))
        ;
    nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
    meeting->here--;
}

static void no_more_workers_than_processors_are_at_work(void)
{
    for (processors = 1; processors <= 3; processors++) {
        struct threads *threads = threads_open(WORKERS);
        struct meeting meeting = { 0 };

        for (int piece = 0; piece < 10; piece++)
            threads_run(threads, count_those_here, &meeting, 6);
        CHECK(meeting.most <= processors);
        threads_close(threads);
    }
}

static void the_caller_is_the_first_worker(void)
{
    struct threads *threads;
    struct meeting meeting = { .expected = 3 };

    processors = 3;
    threads = threads_open(3);
    threads_run(threads, meet, &meeting, 3);
    CHECK_EQUAL(meeting.id[0], gettid());
    CHECK(meeting.id[1] != meeting.id[0] && meeting.id[2] != meeting.id[0] && meeting.id[1] != meeting.id[2]);
    threads_close(threads);
}

/* Three workers at once. */
struct sums {
    struct meeting meeting;
    float sum[3];
};

/* 1 + 2^-30 is 1 where a worker rounds to nearest, and more where it rounds up. */
static float add_a_little(void)
{
    volatile float one = 1, little = 0x1p-30f;

    return one + little;
}

static void add_together(void *context, size_t worker, size_t number)
{
    struct sums *sums = context;

    meet(&sums->meeting, worker, number);
    sums->sum[worker] = add_a_little();
}

static void workers_round_to_nearest_whatever_the_caller_does(void)
{
    struct sums sums = { .meeting.expected = 3 };
    struct threads *threads;

    processors = 3;
    fesetround(FE_UPWARD);
    threads = threads_open(3);
    threads_run(threads, add_together, &sums, 3);
    for (size_t i = 0; i < 3; i++)
        CHECK_EQUAL(sums.sum[i], 1);
    CHECK_EQUAL(add_a_little(), 1 + (double)FLT_EPSILON); /* the caller's own setting is as it was */
    fesetround(FE_TONEAREST);
    threads_close(threads);
}

#ifdef __SSE2__
#include <immintrin.h>

static void halve_the_smallest(void *context, size_t worker, size_t number)
{
    struct sums *sums = context;
    volatile float smallest = FLT_MIN;

    meet(&sums->meeting, worker, number);
    sums->sum[worker] = smallest / 2;
}

static void workers_keep_subnormals_whatever_a_library_has_set(void)
{
    struct sums sums = { .meeting.expected = 3 };
    struct threads *threads;
    unsigned before = _mm_getcsr();

    processors = 3;
    _MM_SET_FLUSH_ZERO_MODE(_MM_FLUSH_ZERO_ON);
    threads = threads_open(3);
    threads_run(threads, halve_the_smallest, &sums, 3);
    _mm_setcsr(before);
    for (size_t i = 0; i < 3; i++)
        CHECK_EQUAL(sums.sum[i], 0x1p-127);
    threads_close(threads);
}
#endif

int main(int argc, char **argv)
{
    if (argc > 1 && !number_u64(argv[1], &pieces))
        return 1;
    TEST(every_task_is_done_once_on_any_number_of_threads);
    TEST(a_pool_that_was_never_used_closes);
    TEST(as_many_workers_as_processors_are_at_work_at_once);
    TEST(no_more_workers_than_processors_are_at_work);
    TEST(the_caller_is_the_first_worker);
    TEST(workers_round_to_nearest_whatever_the_caller_does);
#ifdef __SSE2__
    TEST(workers_keep_subnormals_whatever_a_library_has_set);
#endif
    return unit_finish();
}
