/* Ranks by MPI: a shared object that knows nothing of the rest of the library but this interface. */
#include "comm/kind.h"

#include <mpi.h>
#include <sched.h>

extern const struct comm_kind comm_mpi;

static void (*fail_with)(const char *reason);

static void on_error(MPI_Comm *world, int *number, ...)
{
    char reason[MPI_MAX_ERROR_STRING];
    int length;

    (void)world;
    MPI_Error_string(*number, reason, &length);
    fail_with(reason);
}

static size_t count_neighbours(void)
{
    MPI_Comm neighbours;
    int count;

    MPI_Comm_split_type(MPI_COMM_WORLD, MPI_COMM_TYPE_SHARED, 0, MPI_INFO_NULL, &neighbours);
    MPI_Comm_size(neighbours, &count);
    MPI_Comm_free(&neighbours);
    return (size_t)count;
}

static void join(struct comm *comm, void (*fail)(const char *reason))
{
    MPI_Errhandler handler;
    int rank, ranks, threads;

    MPI_Init_thread(NULL, NULL, MPI_THREAD_FUNNELED, &threads);
    fail_with = fail;
    MPI_Comm_create_errhandler(on_error, &handler);
    MPI_Comm_set_errhandler(MPI_COMM_WORLD, handler);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &ranks);
    comm->rank = (size_t)rank;
    comm->ranks = (size_t)ranks;
    comm->neighbours = count_neighbours();
}

/* MPI counts in int: a row has less than 2^31 bytes, all of them may have more. */
static MPI_Datatype type_of(const struct block *block)
{
    MPI_Datatype type;

    MPI_Type_vector((int)block->rows, (int)block->size, (int)block->stride, MPI_BYTE, &type);
    MPI_Type_commit(&type);
    return type;
}

static void send_block(size_t rank, const struct block *block, void *request)
{
    MPI_Datatype type = type_of(block);

    MPI_Isend(block->at, 1, type, (int)rank, 0, MPI_COMM_WORLD, request);
    MPI_Type_free(&type);
}

static void receive_block(size_t rank, const struct block *block, void *request)
{
    MPI_Datatype type = type_of(block);

    MPI_Irecv(block->at, 1, type, (int)rank, 0, MPI_COMM_WORLD, request);
    MPI_Type_free(&type);
}

/* Whoever else is to run may run: on a busy machine that may be the rank that is waited for. */
static void wait_for(size_t count, void *requests)
{
    int done = 0;

    for (;;) {
        MPI_Testall((int)count, requests, &done, MPI_STATUSES_IGNORE);
        if (done)
            return;
        sched_yield();
    }
}

/* A look at what has come lets everything get on. */
static void progress(void)
{
    int there;

    MPI_Iprobe(MPI_ANY_SOURCE, 0, MPI_COMM_WORLD, &there, MPI_STATUS_IGNORE);
}

static void leave(void)
{
    MPI_Barrier(MPI_COMM_WORLD);
    MPI_Finalize();
}

const struct comm_kind comm_mpi = { join, sizeof(MPI_Request), send_block, receive_block, wait_for, progress, leave };
