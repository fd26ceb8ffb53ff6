/*
 * How a run ended, as far as the end of its log tells: rote-train's last line says with which status, those before it
 * say why.
 *
 *     struct ending ending = ending_of_log(text);
 *     if (ending.kind == ENDING_FAILED)
 *         printf("failed: %s\n", ending.reason);
 *     free(ending.reason);
 */
#ifndef REGISTRY_ENDING_H
#define REGISTRY_ENDING_H

enum ending_kind {
    ENDING_UNKNOWN, /* the log says nothing */
    ENDING_DONE,    /* all was done that there was to do then */
    ENDING_STOPPED, /* by a signal, the end of its time, a hold: it can go on */
    ENDING_FAILED,
    ENDING_KILLED, /* it had no time to say anything */
};

struct ending {
    enum ending_kind kind;
    char *reason; /* in the log's words; NULL where there are none */
};

enum { ENDING_BYTES = 8192 }; /* of the end of a log are enough */

/* `text` is the end of a log; its first line may be cut short. It is taken apart. */
struct ending ending_of_log(char *text);

#endif
