#include "data/reading.h"

#include "base/memory.h"
#include "base/threads.h"

#include <pthread.h>
#include <stdlib.h>

enum stage { STAGE_BEGUN, STAGE_READ, STAGE_DONE };

struct reading {
    const char *operand;
    unsigned flags;
    struct idx_set set;
    struct error error; /* its status is 0 where the samples could be read */
    char digest[DIGEST_SIZE];
    enum stage stage; /* under `lock`; the rest is the thread's until then */
    pthread_mutex_t lock;
    pthread_cond_t advanced;
};

static void advance(struct reading *reading, enum stage stage)
{
    pthread_mutex_lock(&reading->lock);
    reading->stage = stage;
    pthread_cond_signal(&reading->advanced);
    pthread_mutex_unlock(&reading->lock);
}

static void wait_for(struct reading *reading, enum stage stage)
{
    pthread_mutex_lock(&reading->lock);
    while (reading->stage < stage)
        pthread_cond_wait(&reading->advanced, &reading->lock);
    pthread_mutex_unlock(&reading->lock);
}

static void *read_set(void *argument)
{
    struct reading *reading = argument;
    enum status status = idx_read(reading->operand, &reading->set, &reading->error);

    advance(reading, STAGE_READ);
    if (!status && reading->flags & READING_DIGEST)
        idx_digest(&reading->set, reading->digest);
    advance(reading, STAGE_DONE);
    return NULL;
}

struct reading *reading_begin(const char *operand, unsigned flags)
{
    struct reading *reading = memory_new(1, sizeof *reading);
    pthread_t thread;

    reading->operand = operand;
    reading->flags = flags;
    pthread_mutex_init(&reading->lock, NULL);
    pthread_cond_init(&reading->advanced, NULL);
    if (!thread_start(&thread, read_set, reading))
        die(STATUS_RESOURCE, "%s: read: the system refuses a thread", operand);
    pthread_detach(thread); /* a program that ends early need not wait for it */
    return reading;
}

const struct idx_set *reading_set(struct reading *reading, struct error *error)
{
    wait_for(reading, STAGE_READ);
    if (reading->error.status == STATUS_OK)
        return &reading->set;
    *error = reading->error;
    return NULL;
}

bool reading_has_digest(struct reading *reading)
{
    bool has;

    pthread_mutex_lock(&reading->lock);
    has = reading->stage == STAGE_DONE;
    pthread_mutex_unlock(&reading->lock);
    return has;
}

const char *reading_digest(struct reading *reading)
{
    wait_for(reading, STAGE_DONE);
    return reading->digest;
}

void reading_end(struct reading *reading)
{
    wait_for(reading, STAGE_DONE);
    pthread_mutex_destroy(&reading->lock);
    pthread_cond_destroy(&reading->advanced);
    idx_free(&reading->set);
    free(reading);
}
