#include "base/password.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#define TERMINAL "/dev/tty"

/* Byte by byte: what follows the line is somebody else's. */
static enum status read_line(int fd, const char *path, char *password, size_t size, struct error *error)
{
    size_t length = 0;

    for (;;) {
        ssize_t n = read(fd, password + length, 1);
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

static enum status ask(const char *what, char *password, size_t size, struct error *error)
{
    int fd = open(TERMINAL, O_RDWR | O_CLOEXEC | O_NOCTTY);
    struct termios shown, hidden;
    enum status status;

    if (fd < 0)
        return error_set(
            error, STATUS_UNAVAILABLE,
            "%s: decrypt: it needs a password, and there is no terminal to ask on; --password-fd says where it is",
            what);
    if (tcgetattr(fd, &shown)) {
        status = error_system(error, ACCESS_READ, TERMINAL, "hide what is typed");
        close(fd);
        return status;
    }
    hidden = shown;
    hidden.c_lflag &= ~(tcflag_t)ECHO;
    hidden.c_lflag |= ECHONL;
    tcsetattr(fd, TCSAFLUSH, &hidden);
    dprintf(fd, "Password of %s: ", what);
    status = read_line(fd, TERMINAL, password, size, error);
    tcsetattr(fd, TCSAFLUSH, &shown);
    close(fd);
    return status;
}

enum status password_read(int fd, const char *what, char *password, size_t size, struct error *error)
{
    char path[32];

    if (fd == PASSWORD_FROM_TERMINAL)
        return ask(what, password, size, error);
    snprintf(path, sizeof path, "descriptor %d", fd);
    return read_line(fd, path, password, size, error);
}
