#include "base/password.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <unistd.h>

#define TERMINAL "/dev/tty"

/* Where a password is typed, and how it was found. */
struct terminal {
    int fd;
    struct termios shown;
    sigset_t open;   /* the signals that were blocked before */
    sigset_t waited; /* those that wait while nothing is shown */
    int signals;     /* can be read from as soon as one of them waits */
};

/* Byte by byte: what follows the line is somebody else's. 75: one of the `signals`, a descriptor or -1, came first. */
static enum status read_line(int fd, int signals, const char *path, char *password, size_t size, struct error *error)
{
    struct pollfd sources[] = { { .fd = fd, .events = POLLIN }, { .fd = signals, .events = POLLIN } };
    size_t length = 0;

    for (;;) {
        ssize_t n = poll(sources, 2, -1);
        if (n > 0 && sources[1].revents)
            return STATUS_RETRY;
        if (n > 0)
            n = read(fd, password + length, 1);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return error_system(error, ACCESS_READ, path, "read a password");
        if (n == 0 || password[length] == '\n')
            break;
        if (password[length] == '\0' || ++length == size)
            return error_set(error, STATUS_DATA, "%s: read a password: it is too long, or has a NUL byte", path);
    }
    password[length] = '\0';
    return STATUS_OK;
}

/* What ends or stops a process, and is not ignored, which to block would undo. Not what stops one in the background
   that reads from the terminal, or changes it: that must come before it does. */
static void find_signals(sigset_t *signals)
{
    static const int ends[] = {
        SIGALRM, SIGHUP, SIGINT, SIGPIPE, SIGQUIT, SIGTERM, SIGTSTP, SIGUSR1, SIGUSR2, SIGXCPU
    };
    struct sigaction action;

    sigemptyset(signals);
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
        if (sigaction(ends[i], NULL, &action) == 0 && action.sa_handler != SIG_IGN)
            sigaddset(signals, ends[i]);
}

static enum status open_terminal(const char *what, struct terminal *terminal, struct error *error)
{
    enum status status;

    terminal->fd = open(TERMINAL, O_RDWR | O_CLOEXEC | O_NOCTTY);
    if (terminal->fd < 0)
        return error_set(
            error, STATUS_UNAVAILABLE,
            "%s: decrypt: it needs a password, and there is no terminal to ask on; --password-fd says where it is",
            what);
    find_signals(&terminal->waited);
    terminal->signals = signalfd(-1, &terminal->waited, SFD_CLOEXEC);
    if (terminal->signals >= 0)
        return STATUS_OK;
    status = error_system(error, ACCESS_READ, TERMINAL, "wait for a signal");
    close(terminal->fd);
    return status;
}

/* A process in the background is stopped first, before it takes the settings of another for its own. */
static enum status hide(struct terminal *terminal, struct error *error)
{
    struct termios hidden;

    tcdrain(terminal->fd);
    if (tcgetattr(terminal->fd, &terminal->shown))
        return error_system(error, ACCESS_READ, TERMINAL, "hide what is typed");
    hidden = terminal->shown;
    hidden.c_lflag &= ~(tcflag_t)ECHO;
    hidden.c_lflag |= ECHONL;
    sigprocmask(SIG_BLOCK, &terminal->waited, &terminal->open);
    tcsetattr(terminal->fd, TCSAFLUSH, &hidden);
    return STATUS_OK;
}

/* A signal that waits comes now, and finds the terminal as it was. */
static void show(struct terminal *terminal)
{
    tcsetattr(terminal->fd, TCSAFLUSH, &terminal->shown);
    sigprocmask(SIG_SETMASK, &terminal->open, NULL);
}

static enum status ask_once(struct terminal *terminal, const char *what, char *password, size_t size,
                            struct error *error)
{
    enum status status = hide(terminal, error);

    if (status)
        return status;
    dprintf(terminal->fd, "Password of %s: ", what);
    status = read_line(terminal->fd, terminal->signals, TERMINAL, password, size, error);
    if (status == STATUS_RETRY)
        dprintf(terminal->fd, "\n");
    show(terminal);
    return status;
}

/* After a signal that did not end the program, such as one that stopped it for a while, it is asked again. */
static enum status ask(const char *what, char *password, size_t size, struct error *error)
{
    struct terminal terminal;
    enum status status = open_terminal(what, &terminal, error);

    if (status)
        return status;
    do
        status = ask_once(&terminal, what, password, size, error);
    while (status == STATUS_RETRY);
    close(terminal.signals);
    close(terminal.fd);
    return status;
}

enum status password_read(int fd, const char *what, char *password, size_t size, struct error *error)
{
    char path[32];

    if (fd == PASSWORD_FROM_TERMINAL)
        return ask(what, password, size, error);
    snprintf(path, sizeof path, "descriptor %d", fd);
    return read_line(fd, -1, path, password, size, error);
}
