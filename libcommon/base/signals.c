#include "base/signals.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/output.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <unistd.h>

static volatile sig_atomic_t stop, snapshot;
static volatile double stopped_at; /* written before `stop` */

static void die_of(int number)
{
    output_remove_temporaries();
    signal(number, SIG_DFL);
    raise(number);
}

/* Of the limit on CPU time the system tells each second anew: that is no second request. */
static void ask(int number)
{
    int saved = errno;
    double now;

    if (number == SIGUSR2) {
        snapshot = 1;
    } else {
        now = clock_seconds();
        if (stop && number != SIGXCPU && now > stopped_at + 2) {
            output_remove_temporaries();
            _exit(STATUS_RETRY);
        }
        if (!stop)
            stopped_at = now;
        stop = 1;
    }
    errno = saved;
}

static bool is_ignored(int number)
{
    struct sigaction old;

    return sigaction(number, NULL, &old) == 0 && old.sa_handler == SIG_IGN;
}

static void handle(int number, void (*handler)(int))
{
    struct sigaction new = { .sa_handler = handler, .sa_flags = SA_RESTART };

    sigaction(number, &new, NULL);
}

void signals_end_cleanly(void)
{
    static const int ends[] = { SIGALRM, SIGHUP, SIGINT, SIGPIPE, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2, SIGXCPU };

    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
        if (!is_ignored(ends[i]))
            handle(ends[i], die_of);
    signal(SIGXFSZ, SIG_IGN);
}

void signals_catch(void)
{
    static const int asks[] = { SIGINT, SIGTERM, SIGUSR1, SIGXCPU };

    for (size_t i = 0; i < sizeof asks / sizeof *asks; i++)
        handle(asks[i], ask);
    if (!is_ignored(SIGHUP)) /* nohup(1) */
        handle(SIGHUP, ask);
    signal(SIGPIPE, SIG_IGN);
    handle(SIGUSR2, ask); /* the last: where /proc shows that it is caught, the others are */
}

bool signals_stop(void)
{
    return stop;
}

bool signals_snapshot(void)
{
    bool asked = snapshot;

    snapshot = 0;
    return asked;
}
