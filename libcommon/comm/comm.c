#include "comm/comm.h"

#include "base/library.h"
#include "base/memory.h"
#include "base/number.h"
#include "comm/kind.h"

#include <stdlib.h>
#include <string.h>

struct comm_inside {
    const struct comm_kind *kind; /* NULL: there is nobody to exchange anything with */
    struct exchange *together;    /* of comm_gather() and comm_agree() */
    struct exchange *asking;
    unsigned *bits; /* (ranks): of comm_ask() */
};

struct exchange {
    struct comm *comm;
    size_t count; /* of messages under way */
    char requests[];
};

/* How many processes were started together, as those who start them say it: 0 where nobody does. */
static size_t count_started(void)
{
    static const char *const names[] = { "OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "SLURM_STEP_NUM_TASKS" };
    size_t count = 0;

    for (size_t i = 0; i < sizeof names / sizeof *names && !count; i++) {
        const char *text = getenv(names[i]);
        if (text && !number_size(text, &count))
            count = 0;
    }
    return count;
}

static _Noreturn void fail(const char *reason)
{
    die(STATUS_IO, "MPI: exchange: %s", reason);
}

/* Several processes that were started together must be as many ranks. */
static enum status check(const struct comm *comm, size_t started, struct error *error)
{
    if (started < 2 || comm->ranks == started)
        return STATUS_OK;
    return error_set(error, STATUS_UNAVAILABLE,
                     "MPI: join: %zu processes were started together, and it finds %zu; who starts them must know the "
                     "MPI that rote was built with, as 'srun --mpi=pmix' does",
                     started, comm->ranks);
}

static enum status join(struct comm **comm, size_t started, struct error *error)
{
    struct comm_inside *inside = memory_new(1, sizeof *inside);
    const struct library_symbol symbol = { COMM_MPI, &inside->kind };
    const char *reason = library_load("$ORIGIN/../lib/rote/comm-mpi.so", &symbol, 1);

    if (reason) {
        free(inside);
        return error_set(error, STATUS_UNAVAILABLE, "MPI: load: %s; 'make' builds it where there is mpicc", reason);
    }
    *comm = memory_new(1, sizeof **comm);
    (*comm)->inside = inside;
    inside->kind->join(*comm, fail);
    inside->together = exchange_new(*comm, 2 * (*comm)->ranks);
    inside->asking = exchange_new(*comm, 2 * (*comm)->ranks);
    inside->bits = memory_new((*comm)->ranks, sizeof *inside->bits);
    return check(*comm, started, error);
}

enum status comm_open(struct comm **comm, struct error *error)
{
    const char *wanted = getenv("ROTE_COMM");
    const size_t started = count_started();

    *comm = comm_self();
    if (!wanted || !*wanted)
        return started < 2 ? STATUS_OK : join(comm, started, error);
    if (strcmp(wanted, "mpi") == 0)
        return join(comm, started, error);
    if (strcmp(wanted, "self") == 0)
        return STATUS_OK;
    return error_set(error, STATUS_UNAVAILABLE, "ROTE_COMM=%s: neither self nor mpi", wanted);
}

void comm_close(struct comm *comm)
{
    struct comm_inside *inside = comm->inside;

    if (!inside->kind)
        return;
    exchange_finish(inside->asking);
    inside->kind->leave();
    exchange_free(inside->together);
    exchange_free(inside->asking);
    free(inside->bits);
    free(inside);
    free(comm);
}

struct comm *comm_self(void)
{
    static unsigned bits;
    static struct comm_inside inside = { .bits = &bits };
    static struct comm self = { .ranks = 1, .neighbours = 1, .inside = &inside };

    return &self;
}

struct exchange *exchange_new(struct comm *comm, size_t most)
{
    const size_t size = comm->inside->kind ? comm->inside->kind->request_size : 0;
    struct exchange *exchange = memory_new(1, sizeof *exchange + most * size);

    exchange->comm = comm;
    return exchange;
}

void exchange_free(struct exchange *exchange)
{
    free(exchange);
}

/* The request of one message more. */
static void *next_request(struct exchange *exchange)
{
    return exchange->requests + exchange->count++ * exchange->comm->inside->kind->request_size;
}

void exchange_send(struct exchange *exchange, size_t rank, struct block block)
{
    exchange->comm->inside->kind->send(rank, &block, next_request(exchange));
    exchange->comm->messages++;
    exchange->comm->bytes += block.rows * block.size;
}

void exchange_receive(struct exchange *exchange, size_t rank, struct block block)
{
    exchange->comm->inside->kind->receive(rank, &block, next_request(exchange));
}

void exchange_finish(struct exchange *exchange)
{
    if (!exchange || exchange->count == 0)
        return;
    exchange->comm->inside->kind->wait(exchange->count, exchange->requests);
    exchange->count = 0;
}

void comm_progress(struct comm *comm)
{
    if (comm->inside->kind)
        comm->inside->kind->progress();
}

/* Each rank's own of `all`, (ranks, size) bytes, to all others. */
static void begin_gather(struct comm *comm, struct exchange *exchange, void *all, size_t size)
{
    char *at = all;

    for (size_t rank = 0; rank < comm->ranks; rank++)
        if (rank != comm->rank) {
            exchange_receive(exchange, rank, comm_bytes(at + rank * size, size));
            exchange_send(exchange, rank, comm_bytes(at + comm->rank * size, size));
        }
}

void comm_gather(struct comm *comm, void *all, size_t size)
{
    begin_gather(comm, comm->inside->together, all, size);
    exchange_finish(comm->inside->together);
}

bool comm_is_same(struct comm *comm, const void *bytes, size_t size)
{
    char *all = memory_new(comm->ranks, size);
    bool same = true;

    memcpy(all + comm->rank * size, bytes, size);
    comm_gather(comm, all, size);
    for (size_t rank = 0; rank < comm->ranks; rank++)
        same = same && memcmp(all + rank * size, bytes, size) == 0;
    free(all);
    return same;
}

enum status comm_agree(struct comm *comm, enum status status, struct error *error)
{
    struct error *all;
    const struct error *worst;

    if (comm->ranks == 1)
        return status;
    all = memory_new(comm->ranks, sizeof *all);
    if (status)
        all[comm->rank] = *error;
    comm_gather(comm, all, sizeof *all);
    worst = &all[0];
    for (size_t rank = 1; rank < comm->ranks; rank++)
        if (status_worse(worst->status, all[rank].status) != worst->status)
            worst = &all[rank];
    *error = *worst;
    free(all);
    return error->status;
}

void comm_ask(struct comm *comm, unsigned bits)
{
    comm->inside->bits[comm->rank] = bits;
    begin_gather(comm, comm->inside->asking, comm->inside->bits, sizeof bits);
}

unsigned comm_asked(struct comm *comm)
{
    unsigned bits = 0;

    exchange_finish(comm->inside->asking);
    for (size_t rank = 0; rank < comm->ranks; rank++)
        bits |= comm->inside->bits[rank];
    return bits;
}
