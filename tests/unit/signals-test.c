/* Each test runs in a process of its own, which a signal may end. */
#include "unit.h"

#include "base/error.h"
#include "base/signals.h"

#include <signal.h>
#include <stdlib.h>
#include <time.h>

/* The clock that signals.c looks at: it moves when a test says so, so that no test needs to sleep. */
static double now = 1000.75;

int clock_gettime(clockid_t clock, struct timespec *time)
{
    (void)clock;
    *time = (struct timespec){ (time_t)now, (long)((now - (double)(time_t)now) * 1e9) };
    return 0;
}

static int status_of(void (*function)(void))
{
    char message[4096];

    return unit_run(function, message);
}

/* In the child: go on only where `condition` holds. */
static void require(bool condition)
{
    if (!condition)
        exit(99);
}

static void ask(void)
{
    static const int asks[] = { SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGXCPU };

    signals_catch();
    require(!signals_stop());
    for (size_t i = 0; i < sizeof asks / sizeof *asks; i++) {
        raise(asks[i]);
        require(signals_stop() && !signals_snapshot());
    }
}

static void caught_signals_only_ask_to_stop(void)
{
    CHECK_EQUAL(status_of(ask), 0);
}

static void ask_for_snapshots(void)
{
    signals_catch();
    for (int i = 0; i < 3; i++) {
        raise(SIGUSR2);
        require(signals_snapshot() && !signals_snapshot() && !signals_stop());
    }
}

static void each_usr2_asks_for_one_snapshot(void)
{
    CHECK_EQUAL(status_of(ask_for_snapshots), 0);
}

static void ask_twice_at_once(void)
{
    signals_catch();
    raise(SIGTERM);
    now += 2;
    raise(SIGTERM);
}

static void two_requests_within_two_seconds_are_one(void)
{
    CHECK_EQUAL(status_of(ask_twice_at_once), 0);
}

static void ask_again_later(void)
{
    signals_catch();
    raise(SIGTERM);
    now += 2.125;
    raise(SIGTERM);
}

static void a_later_request_ends_the_process_at_once(void)
{
    CHECK_EQUAL(status_of(ask_again_later), STATUS_RETRY);
}

static void use_up_processor_time(void)
{
    signals_catch();
    for (int i = 0; i < 5; i++) {
        raise(SIGXCPU);
        now += 1;
    }
    require(signals_stop());
}

static void the_limit_on_processor_time_is_one_request_however_often_it_is_told(void)
{
    CHECK_EQUAL(status_of(use_up_processor_time), 0);
}

static int ending; /* the signal that is tried */

static void end(void)
{
    signals_end_cleanly();
    raise(ending);
}

static void uncaught_signals_end_the_process_as_its_parent_expects(void)
{
    static const int ends[] = { SIGALRM, SIGHUP, SIGINT, SIGPIPE, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2, SIGXCPU };

    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        ending = ends[i];
        CHECK_EQUAL(status_of(end), 128 + ending);
    }
}

static void end_then_catch(void)
{
    signals_end_cleanly();
    signals_catch();
    raise(SIGTERM);
    require(signals_stop());
    raise(SIGQUIT);
}

static void what_is_not_caught_still_ends_the_process(void)
{
    CHECK_EQUAL(status_of(end_then_catch), 128 + SIGQUIT);
}

static void outlive_readers(void)
{
    signals_end_cleanly();
    signals_catch();
    raise(SIGPIPE);
    require(!signals_stop() && !signals_snapshot());
}

static void who_trains_does_not_end_with_the_reader_of_its_messages(void)
{
    CHECK_EQUAL(status_of(outlive_readers), 0);
}

static void exceed_a_file_size(void)
{
    signals_end_cleanly();
    raise(SIGXFSZ);
}

static void a_limit_on_the_size_of_files_ends_nothing(void)
{
    CHECK_EQUAL(status_of(exceed_a_file_size), 0);
}

static void catch_what_the_parent_ignores(void)
{
    signal(SIGINT, SIG_IGN);
    signal(SIGHUP, SIG_IGN);
    signals_catch();
    raise(SIGHUP);
    require(!signals_stop());
    raise(SIGINT);
    require(signals_stop());
}

/* A shell starts its background children with INT ignored; one that trains must hear it all the same. nohup(1) ignores
 * HUP, and means it. */
static void of_what_the_parent_ignores_int_is_heard_and_hup_is_not(void)
{
    CHECK_EQUAL(status_of(catch_what_the_parent_ignores), 0);
}

int main(void)
{
    TEST(caught_signals_only_ask_to_stop);
    TEST(each_usr2_asks_for_one_snapshot);
    TEST(two_requests_within_two_seconds_are_one);
    TEST(a_later_request_ends_the_process_at_once);
    TEST(the_limit_on_processor_time_is_one_request_however_often_it_is_told);
    TEST(uncaught_signals_end_the_process_as_its_parent_expects);
    TEST(what_is_not_caught_still_ends_the_process);
    TEST(who_trains_does_not_end_with_the_reader_of_its_messages);
    TEST(a_limit_on_the_size_of_files_ends_nothing);
    TEST(of_what_the_parent_ignores_int_is_heard_and_hup_is_not);
    return unit_finish();
}
