/*
 * A password, from the terminal or from a file descriptor; never from an argument, which others can see.
 */
#ifndef BASE_PASSWORD_H
#define BASE_PASSWORD_H

#include "base/error.h"

#include <stddef.h>

enum { PASSWORD_FROM_TERMINAL = -1 };

/*
 * Read a line without its end into `password`, of less than `size` bytes. From `fd`; or, with PASSWORD_FROM_TERMINAL,
 * from the process's terminal, which shows "Password of WHAT: " and not what is typed. 65: it is too long or has a NUL
 * byte; 69: there is no terminal; 74, 71: it cannot be read. The caller wipes it.
 *
 * A signal that ends or stops the program while it asks finds the terminal as it was before; if the program then goes
 * on, it asks again. To be called while there are no other threads.
 */
enum status password_read(int fd, const char *what, char *password, size_t size, struct error *error);

#endif
