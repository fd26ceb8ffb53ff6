/* What ranks exchange, and what they agree on: alone, or under mpirun, which tests/ranks does. */
#include "comm/comm.h"
#include "unit.h"

#include <stdlib.h>
#include <string.h>

enum { MOST = 16, ROWS = 5, COLUMNS = 4, STRIDE = 7 };

static struct comm *comm;

static void each_gets_what_all_have(void)
{
    uint64_t all[MOST];

    all[comm->rank] = 100 + comm->rank;
    comm_gather(comm, all, sizeof *all);
    for (size_t rank = 0; rank < comm->ranks; rank++)
        CHECK_EQUAL(all[rank], 100 + rank);
}

static void the_same_is_told_from_what_is_not(void)
{
    const size_t last = comm->rank + 1 == comm->ranks;

    CHECK(comm_is_same(comm, "same", 5));
    CHECK_EQUAL(comm_is_same(comm, &last, sizeof last), comm->ranks == 1);
}

static void the_first_of_the_worst_errors_is_that_of_all(void)
{
    struct error error;
    enum status status = STATUS_OK;

    CHECK_EQUAL(comm_agree(comm, STATUS_OK, &error), STATUS_OK);
    if (comm->rank > 0)
        status = error_set(&error, comm->rank == 1 ? STATUS_RETRY : STATUS_DATA, "that of rank %zu", comm->rank);
    status = comm_agree(comm, status, &error);
    CHECK_EQUAL(status, comm->ranks == 1 ? STATUS_OK : comm->ranks == 2 ? STATUS_RETRY : STATUS_DATA);
    if (comm->ranks > 1) {
        CHECK_EQUAL(error.status, status);
        CHECK_TEXT(error.text, comm->ranks == 2 ? "that of rank 1" : "that of rank 2");
    }
}

static void bits_of_all_are_joined(void)
{
    comm_ask(comm, 1u << comm->rank);
    CHECK_EQUAL(comm_asked(comm), (1u << comm->ranks) - 1);
    comm_ask(comm, 0);
    CHECK_EQUAL(comm_asked(comm), 0);
}

/* Columns of a matrix, to the next rank and from the one before; what stands between them stays. */
static void rows_go_from_rank_to_rank(void)
{
    const size_t next = (comm->rank + 1) % comm->ranks, before = (comm->rank + comm->ranks - 1) % comm->ranks;
    float mine[ROWS][STRIDE], its[ROWS][STRIDE];
    const struct block block = { &mine[0][1], ROWS, COLUMNS * sizeof(float), sizeof *mine };
    struct block to = block;
    struct exchange *exchange = exchange_new(comm, 2);

    to.at = &its[0][1];
    for (size_t row = 0; row < ROWS; row++)
        for (size_t column = 0; column < STRIDE; column++) {
            mine[row][column] = (float)(1000 * comm->rank + 10 * row + column);
            its[row][column] = -1;
        }
    if (comm->ranks > 1) {
        exchange_receive(exchange, before, to);
        exchange_send(exchange, next, block);
    }
    comm_progress(comm);
    exchange_finish(exchange);
    for (size_t row = 0; comm->ranks > 1 && row < ROWS; row++)
        for (size_t column = 0; column < STRIDE; column++)
            CHECK_EQUAL(its[row][column],
                        column < 1 || column > COLUMNS ? -1 : (double)(1000 * before + 10 * row + column));
    exchange_free(exchange);
}

/* Large ones, too, which wait for each other. */
static void messages_keep_their_order(void)
{
    enum { MESSAGES = 4, FLOATS = 1 << 18 };
    float *sent = malloc(MESSAGES * FLOATS * sizeof *sent), *got = calloc(MESSAGES * FLOATS, sizeof *got);
    const size_t other = comm->ranks - 1 - comm->rank;
    struct exchange *there = exchange_new(comm, MESSAGES), *back = exchange_new(comm, MESSAGES);
    const uint64_t messages = comm->messages, bytes = comm->bytes;

    for (size_t i = 0; i < MESSAGES * FLOATS; i++)
        sent[i] = (float)(comm->rank * MESSAGES + i / FLOATS);
    for (size_t i = 0; other != comm->rank && i < MESSAGES; i++) {
        exchange_receive(back, other, comm_floats(got + i * FLOATS, i % 2 ? 3 : FLOATS));
        exchange_send(there, other, comm_floats(sent + i * FLOATS, i % 2 ? 3 : FLOATS));
    }
    exchange_finish(back);
    exchange_finish(there);
    for (size_t i = 0; other != comm->rank && i < MESSAGES; i++) {
        CHECK_EQUAL(got[i * FLOATS + 2], other * MESSAGES + i);
        CHECK_EQUAL(got[i * FLOATS + 3], i % 2 ? 0 : other * MESSAGES + i);
    }
    CHECK_EQUAL(comm->messages - messages, other != comm->rank ? MESSAGES : 0);
    CHECK_EQUAL(comm->bytes - bytes, other != comm->rank ? 2 * (FLOATS + 3) * sizeof(float) : 0);
    exchange_free(there);
    exchange_free(back);
    free(sent);
    free(got);
}

static void another_comm_than_ours_is_unavailable(void)
{
    struct error error;
    struct comm *none;

    setenv("ROTE_COMM", "pigeon", 1);
    CHECK_EQUAL(comm_open(&none, &error), STATUS_UNAVAILABLE);
    CHECK_TEXT(error.text, "ROTE_COMM=pigeon: neither self nor mpi");
    setenv("ROTE_COMM", "self", 1);
    CHECK_EQUAL(comm_open(&none, &error), STATUS_OK);
    CHECK_EQUAL(none->ranks, 1);
    comm_close(none);
}

int main(void)
{
    struct error error;

    if (comm_open(&comm, &error))
        die_error(&error);
    TEST(each_gets_what_all_have);
    TEST(the_same_is_told_from_what_is_not);
    TEST(the_first_of_the_worst_errors_is_that_of_all);
    TEST(bits_of_all_are_joined);
    TEST(rows_go_from_rank_to_rank);
    TEST(messages_keep_their_order);
    TEST(another_comm_than_ours_is_unavailable);
    comm_close(comm);
    return unit_finish();
}
