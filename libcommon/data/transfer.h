/*
 * Transfers by URL (http, https, file), each into a file that keeps what came when the connection breaks, so that the
 * next transfer goes on from there.
 *
 *     int fd = open(path, O_RDWR | O_CREAT, 0666);      // empty, or with the first bytes from last time
 *     struct transfer_rule rule = { .path = path, .most = size };
 *     struct error error;
 *     if (transfer_url(url, fd, &rule, &error) == ANSWER_FILE)
 *         ... all of it is in the file ...
 *
 * Whether the bytes are the right ones, old and new together, is for the caller's digest to say. Redirections are
 * followed to http and https only. A connection that breaks half-way is taken up again a few times as long as each
 * brings something; one that stands still for half a minute counts as broken, and so does a host that is not reached in
 * ten seconds. Proxies are those of the environment: http_proxy, https_proxy, no_proxy.
 */
#ifndef DATA_TRANSFER_H
#define DATA_TRANSFER_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>

/* What became of asking a place for a file. All but ANSWER_FILE fill the error: 69, or as said here. */
enum answer {
    ANSWER_FILE,   /* it is here */
    ANSWER_ABSENT, /* the place answers and does not have it (66 for a local file) */
    ANSWER_NONE,   /* the place does not answer, and would not for another file */
    ANSWER_WRONG,  /* what came is not what was wanted (65) */
    ANSWER_FAILED, /* anything else */
};

struct transfer_rule {
    const char *path; /* of the file, for messages */
    size_t most;      /* of more than so many bytes nothing is taken (ANSWER_WRONG); 0 for no bound */
    bool progress;    /* show on stderr, a terminal, how far it is */
};

/* Is `place` a URL, rather than a path? And is it one that transfer_url() takes? */
bool transfer_is_url(const char *place);
bool transfer_is_known(const char *url);

/* Bring to `fd` what it lacks of `url`. Ends the program when `fd` cannot be written. */
enum answer transfer_url(const char *url, int fd, const struct transfer_rule *rule, struct error *error);

#endif
