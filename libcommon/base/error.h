/*
 * Errors: one set of exit statuses, one form of message.
 *
 * A function that can meet bad input returns an `enum status` and fills a `struct error`; the caller decides whether
 * that ends the program or is one line of a report:
 *
 *     struct error error;
 *     if (idx_read(prefix, &set, &error))
 *         die_error(&error);              // "nn-eval: data/test-images-idx3-ubyte: open: no such file"
 *
 * Where nothing but the end of the program makes sense (no memory, a full disk under our own output), functions end it
 * themselves through die(). Both write one line to stderr: "program: file: verb: reason". Control characters in it
 * (text_is_control()) and bytes that are not UTF-8 are shown as \xHH, so that a file's name or contents play no tricks
 * on a terminal.
 */
#ifndef BASE_ERROR_H
#define BASE_ERROR_H

/* Exit statuses, the same in every program; the numbers are those of sysexits.h where that has one. */
enum status {
    STATUS_OK = 0,
    STATUS_NO = 1,             /* a well-formed no: nothing qualifies, a digest differs */
    STATUS_USAGE = 64,         /* the command line is wrong */
    STATUS_DATA = 65,          /* a file's contents are wrong */
    STATUS_NO_INPUT = 66,      /* an input is not there */
    STATUS_UNAVAILABLE = 69,   /* the network or a device is not there */
    STATUS_BUG = 70,           /* rote itself is wrong */
    STATUS_RESOURCE = 71,      /* the system lacks memory or descriptors */
    STATUS_CANNOT_CREATE = 73, /* an output exists or cannot be created */
    STATUS_IO = 74,            /* reading or writing failed */
    STATUS_RETRY = 75,         /* locked or interrupted: the same command goes on */
};

struct error {
    enum status status;
    char text[4608]; /* without the program's name and the newline */
};

/* What a system call was for: it decides the status of an errno (error_system). */
enum access { ACCESS_READ, ACCESS_CREATE, ACCESS_WRITE };

/* Fill `error` (it may be NULL) and return `status`. */
enum status error_set(struct error *error, enum status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/*
 * Fill `error` from errno as "path: verb: reason" and return its status:
 * 71 for want of memory or descriptors, else for reading 66 when the file is not there and 74 otherwise; for creating
 * 74 when the disk is full or fails and 73 otherwise; for writing 74.
 */
enum status error_system(struct error *error, enum access access, const char *path, const char *verb);

/* Of two statuses of one program, the one to exit with: 70 over 71 over 74 over 65 over 66 over the rest over 1 over 0.
 */
enum status status_worse(enum status a, enum status b);

/* Print "program: message" to stderr and end the program (temporary files are removed). Any thread may; where two do at
   once, one line is printed. */
_Noreturn void die(enum status status, const char *format, ...) __attribute__((format(printf, 2, 3)));
_Noreturn void die_error(const struct error *error);
_Noreturn void die_system(enum access access, const char *path, const char *verb);

/* Print "program: message" to stderr. */
void warn(const char *format, ...) __attribute__((format(printf, 1, 2)));
void warn_error(const struct error *error);

#endif
