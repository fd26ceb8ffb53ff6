#include "unit.h"

#include "base/error.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>

static enum status status_for(enum access access, int number)
{
    struct error error = { 0 };

    errno = number;
    return error_system(&error, access, "here", "open");
}

static void a_system_error_says_what_failed_in_words(void)
{
    struct error error;

    errno = ENOENT;
    CHECK_EQUAL(error_system(&error, ACCESS_READ, "a/b", "open"), STATUS_NO_INPUT);
    CHECK_EQUAL(error.status, STATUS_NO_INPUT);
    CHECK_TEXT(error.text, "a/b: open: no such file or directory");
    errno = EIO;
    error_system(&error, ACCESS_WRITE, "a/b", "write");
    CHECK_TEXT(error.text, "a/b: write: input/output error");
}

static void the_status_is_the_kind_of_error(void)
{
    CHECK_EQUAL(status_for(ACCESS_READ, ENOENT), STATUS_NO_INPUT);
    CHECK_EQUAL(status_for(ACCESS_READ, EISDIR), STATUS_NO_INPUT);
    CHECK_EQUAL(status_for(ACCESS_READ, EACCES), STATUS_IO);
    CHECK_EQUAL(status_for(ACCESS_READ, EIO), STATUS_IO);
    CHECK_EQUAL(status_for(ACCESS_CREATE, ENOENT), STATUS_CANNOT_CREATE);
    CHECK_EQUAL(status_for(ACCESS_CREATE, EACCES), STATUS_CANNOT_CREATE);
    CHECK_EQUAL(status_for(ACCESS_CREATE, EROFS), STATUS_CANNOT_CREATE);
    CHECK_EQUAL(status_for(ACCESS_CREATE, ENOSPC), STATUS_IO);
    CHECK_EQUAL(status_for(ACCESS_WRITE, ENOSPC), STATUS_IO);
    CHECK_EQUAL(status_for(ACCESS_WRITE, EFBIG), STATUS_IO);
    for (enum access access = ACCESS_READ; access <= ACCESS_WRITE; access++) {
        CHECK_EQUAL(status_for(access, ENOMEM), STATUS_RESOURCE);
        CHECK_EQUAL(status_for(access, EMFILE), STATUS_RESOURCE);
        CHECK_EQUAL(status_for(access, ENFILE), STATUS_RESOURCE);
    }
}

static void of_two_statuses_the_graver_one_stands(void)
{
    static const enum status graver_last[] = { STATUS_OK, STATUS_NO,       STATUS_NO_INPUT, STATUS_DATA,
                                               STATUS_IO, STATUS_RESOURCE, STATUS_BUG };
    const size_t n = sizeof graver_last / sizeof *graver_last;

    for (size_t i = 0; i < n; i++)
        for (size_t j = i; j < n; j++) {
            CHECK_EQUAL(status_worse(graver_last[i], graver_last[j]), graver_last[j]);
            CHECK_EQUAL(status_worse(graver_last[j], graver_last[i]), graver_last[j]);
        }
    CHECK_EQUAL(status_worse(STATUS_RETRY, STATUS_NO), STATUS_RETRY);
    CHECK_EQUAL(status_worse(STATUS_CANNOT_CREATE, STATUS_DATA), STATUS_DATA);
}

static void an_error_may_be_unwanted(void)
{
    CHECK_EQUAL(error_set(NULL, STATUS_DATA, "%d", 5), STATUS_DATA);
    errno = EIO;
    CHECK_EQUAL(error_system(NULL, ACCESS_READ, "here", "read"), STATUS_IO);
}

static void die_strangely(void)
{
    die(STATUS_DATA, "%s: read: %s", "a\nb\x1b[2J\xc2\x9b\xe2\x80\xae\x9b", "caf\xc3\xa9");
}

static void messages_are_one_line_that_plays_no_tricks(void)
{
    char message[4096];

    CHECK_EQUAL(unit_run(die_strangely, message), STATUS_DATA);
    CHECK_TEXT(message, "error-test: a\\x0ab\\x1b[2J\\xc2\\x9b\\xe2\\x80\\xae\\x9b: read: caf\xc3\xa9\n");
}

static void warn_at_length(void)
{
    char name[4000];

    memset(name, '\n', sizeof name);
    name[sizeof name - 1] = '\0';
    warn("%s", name);
}

static void the_longest_message_is_printed(void)
{
    char message[4096];

    CHECK_EQUAL(unit_run(warn_at_length, message), 0);
    CHECK_EQUAL(strlen(message), 4095);
}

static pthread_barrier_t together;

static void *die_there(void *nothing)
{
    (void)nothing;
    pthread_barrier_wait(&together);
    die(STATUS_RESOURCE, "out of memory");
}

static void die_here_and_there(void)
{
    pthread_t thread;

    pthread_barrier_init(&together, NULL, 2);
    if (pthread_create(&thread, NULL, die_there, NULL) == 0)
        die_there(NULL);
}

static void of_threads_that_die_at_once_one_ends_the_program(void)
{
    char message[4096];

    for (int i = 0; i < 50; i++) {
        CHECK_EQUAL(unit_run(die_here_and_there, message), STATUS_RESOURCE);
        CHECK_TEXT(message, "error-test: out of memory\n");
    }
}

int main(void)
{
    TEST(a_system_error_says_what_failed_in_words);
    TEST(the_status_is_the_kind_of_error);
    TEST(of_two_statuses_the_graver_one_stands);
    TEST(an_error_may_be_unwanted);
    TEST(messages_are_one_line_that_plays_no_tricks);
    TEST(the_longest_message_is_printed);
    TEST(of_threads_that_die_at_once_one_ends_the_program);
    return unit_finish();
}
