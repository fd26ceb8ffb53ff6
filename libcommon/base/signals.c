#include "base/signals.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/output.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <unistd.h>

static volatile sig_atomic_t caught, stop, snapshot;
static volatile double stopped_at; /* written before `stop` */

static void die_of(int number)
{
    output_remove_temporaries();
    signal(number, SIG_DFL);
    raise(number);
}

static void ask(int number)
{
    int saved = errno;
    double now;

    if (number == SIGUSR2) {
        snapshot = 1;
    } else {
        now = clock_seconds();
        if (stop && now > stopped_at + 2) {
            output_remove_temporaries();
            _exit(STATUS_RETRY);
        }
        if (!stop)
            stopped_at = now;
        stop = 1;
    }
    errno = saved;
}

static void handle(int number, void (*handler)(int))
{
    struct sigaction old, new = { .sa_handler = handler, .sa_flags = SA_RESTART };

    sigaction(number, NULL, &old);
    if (old.sa_handler == SIG_IGN && handler == die_of)
        return;
    sigaction(number, &new, NULL);
}

void signals_end_cleanly(void)
{
    static const int ends[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM };

    signal(SIGXFSZ, SIG_IGN);
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
        if (!caught || ends[i] == SIGHUP || ends[i] == SIGQUIT)
            handle(ends[i], die_of);
}

void signals_catch(void)
{
    static const int asks[] = { SIGINT, SIGTERM, SIGUSR1, SIGUSR2 };

    for (size_t i = 0; i < sizeof asks / sizeof *asks; i++)
        handle(asks[i], ask);
    caught = 1;
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
