/*
 * Ranks: processes that compute one thing together, on one machine or on many.
 *
 *     struct comm *comm;
 *     struct exchange *exchange;
 *     struct error error;
 *
 *     if (comm_open(&comm, &error))                 // with those that mpirun or srun has started, or alone
 *         die_error(&error);
 *     exchange = exchange_new(comm, 2);
 *     exchange_send(exchange, other, comm_floats(mine, 10));
 *     exchange_receive(exchange, other, comm_floats(its, 10));
 *     ... other work, and now and then comm_progress(comm) ...
 *     exchange_finish(exchange);                    // which may then begin anew
 *     exchange_free(exchange);
 *     comm_close(comm);
 *
 * A process alone is rank 0 of 1, and there is nobody to exchange anything with. More of them are joined by MPI, a
 * shared object of ours (comm/mpi) that is opened only then.
 *
 * Messages have no names: of those between two ranks the first that was begun to be sent is the first that was begun to
 * be received. So all ranks must go the same way through the program, and what they decide by they must have in common.
 * These functions are for one thread, that which opened it.
 *
 * Who has started the ranks ends all of them when one ends with another status than 0, or is killed. An error that one
 * meets alone therefore ends it, as it would any program; of one that comm_agree() has told to all, rank 0 speaks.
 */
#ifndef COMM_COMM_H
#define COMM_COMM_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct comm {
    size_t rank, ranks;       /* this one's number, from 0; how many there are */
    size_t neighbours;        /* how many of them are on this machine, this one included */
    uint64_t messages, bytes; /* what this one has sent until now */
    struct comm_inside *inside;
};

/* Some rows of `size` bytes each, which begin `stride` bytes apart. */
struct block {
    void *at;
    size_t rows, size, stride;
};

/* All in one row. */
static inline struct block comm_bytes(void *at, size_t size)
{
    return (struct block){ at, 1, size, size };
}

static inline struct block comm_floats(float *at, size_t count)
{
    return comm_bytes(at, count * sizeof *at);
}

/* The rank that speaks and writes for all. */
static inline bool comm_is_first(const struct comm *comm)
{
    return comm->rank == 0;
}

/* Join the other ranks, if there are any. 69: MPI is wanted, and not there or of another kind; or ROTE_COMM has another
   value than "self" (alone, whoever has started the process) or "mpi". */
enum status comm_open(struct comm **comm, struct error *error);

/* All ranks together, with nothing under way. */
void comm_close(struct comm *comm);

/* A process alone, for those who have no use for more. It need not be closed. */
struct comm *comm_self(void);

/* At most `most` messages, there and back, that are waited for together. */
struct exchange *exchange_new(struct comm *comm, size_t most);
void exchange_free(struct exchange *exchange);

/* Begin. Until exchange_finish() what is sent must stay as it is, and what is received is not to be looked at. NULL is
   an exchange that has nothing to wait for. */
void exchange_send(struct exchange *exchange, size_t rank, struct block block);
void exchange_receive(struct exchange *exchange, size_t rank, struct block block);
void exchange_finish(struct exchange *exchange);

/* Let what is under way get on, which it may not do by itself. */
void comm_progress(struct comm *comm);

/* Each rank has filled in its own of `all`, (ranks, size) bytes, and gets those of the others. */
void comm_gather(struct comm *comm, void *all, size_t size);

/* Is this the same on all ranks? */
bool comm_is_same(struct comm *comm, const void *bytes, size_t size);

/* The worst status of all ranks, and the error of the first that has it, on every rank. */
enum status comm_agree(struct comm *comm, enum status status, struct error *error);

/* Tell the others some bits, and somewhat later get those of all, joined. */
void comm_ask(struct comm *comm, unsigned bits);
unsigned comm_asked(struct comm *comm);

#endif
