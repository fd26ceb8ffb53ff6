/*
 * What comm.c needs of those who carry messages: MPI, as the shared object comm/mpi brings it. Blocks and ranks are
 * those of comm.h.
 */
#ifndef COMM_KIND_H
#define COMM_KIND_H

#include "comm/comm.h"

struct comm_kind {
    /* Join the others: fill in rank, ranks and neighbours. From then on `fail`, which does not return, is told in words
       what goes wrong. */
    void (*join)(struct comm *comm, void (*fail)(const char *reason));

    /* A message that is under way is a request, of so many bytes. */
    size_t request_size;
    void (*send)(size_t rank, const struct block *block, void *request);
    void (*receive)(size_t rank, const struct block *block, void *request);
    void (*wait)(size_t count, void *requests);
    void (*progress)(void);

    /* All ranks together. */
    void (*leave)(void);
};

#define COMM_MPI "comm_mpi" /* the name under which the shared object has its own */

#endif
