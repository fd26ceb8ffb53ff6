#include "unit.h"

#include "base/threads.h"

#include <fenv.h>
#include <float.h>
#include <stdatomic.h>
#include <unistd.h>

enum { MOST = 8 };

static void count_worker(void *context, size_t worker)
{
    atomic_int *calls = context;

    calls[worker]++;
}

static void each_worker_is_called_once_for_each_piece(void)
{
    for (size_t count = 1; count <= MOST; count++) {
        struct threads *threads = threads_open(count);
        atomic_int calls[MOST] = { 0 };

        CHECK_EQUAL(threads_count(threads), count);
        for (int piece = 1; piece <= 500; piece++) {
            threads_run(threads, count_worker, calls);
            for (size_t worker = 0; worker < MOST; worker++)
                CHECK_EQUAL(calls[worker], worker < count ? piece : 0);
        }
        threads_close(threads);
    }
}

static void note_process(void *context, size_t worker)
{
    ((pid_t *)context)[worker] = gettid();
}

static void the_caller_is_the_first_worker(void)
{
    struct threads *threads = threads_open(3);
    pid_t id[3];

    threads_run(threads, note_process, id);
    CHECK_EQUAL(id[0], gettid());
    CHECK(id[1] != id[0] && id[2] != id[0] && id[1] != id[2]);
    threads_close(threads);
}

/* 1 + 2^-30 is 1 where a worker rounds to nearest, and more where it rounds up. */
static void add_a_little(void *context, size_t worker)
{
    volatile float one = 1, little = 0x1p-30f;

    ((float *)context)[worker] = one + little;
}

static void workers_round_to_nearest_whatever_the_caller_does(void)
{
    struct threads *threads;
    float sum[3];
    float after;

    fesetround(FE_UPWARD);
    threads = threads_open(3);
    threads_run(threads, add_a_little, sum);
    for (size_t i = 0; i < 3; i++)
        CHECK_EQUAL(sum[i], 1);
    add_a_little(&after, 0);
    CHECK_EQUAL(after, 1 + (double)FLT_EPSILON); /* the caller's own setting is as it was */
    fesetround(FE_TONEAREST);
    threads_close(threads);
}

#ifdef __SSE2__
#include <immintrin.h>

static void halve_the_smallest(void *context, size_t worker)
{
    volatile float smallest = FLT_MIN;

    ((float *)context)[worker] = smallest / 2;
}

static void workers_keep_subnormals_whatever_a_library_has_set(void)
{
    struct threads *threads;
    float half[3];
    unsigned before = _mm_getcsr();

    _MM_SET_FLUSH_ZERO_MODE(_MM_FLUSH_ZERO_ON);
    threads = threads_open(3);
    threads_run(threads, halve_the_smallest, half);
    _mm_setcsr(before);
    for (size_t i = 0; i < 3; i++)
        CHECK_EQUAL(half[i], 0x1p-127);
    threads_close(threads);
}
#endif

static void shares_are_whole_contiguous_and_even(void)
{
    for (size_t n = 0; n < 50; n++)
        for (size_t count = 1; count <= MOST; count++) {
            size_t next = 0, first, end;

            for (size_t worker = 0; worker < count; worker++) {
                threads_share(n, worker, count, &first, &end);
                CHECK_EQUAL(first, next);
                CHECK(end - first == n / count || end - first == n / count + 1);
                next = end;
            }
            CHECK_EQUAL(next, n);
        }
}

static void a_processor_is_available(void)
{
    CHECK(threads_available() >= 1);
    CHECK(threads_available() <= (size_t)sysconf(_SC_NPROCESSORS_CONF));
}

int main(void)
{
    TEST(each_worker_is_called_once_for_each_piece);
    TEST(the_caller_is_the_first_worker);
    TEST(workers_round_to_nearest_whatever_the_caller_does);
#ifdef __SSE2__
    TEST(workers_keep_subnormals_whatever_a_library_has_set);
#endif
    TEST(shares_are_whole_contiguous_and_even);
    TEST(a_processor_is_available);
    return unit_finish();
}
