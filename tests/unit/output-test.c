#include "unit.h"

#include "base/file.h"
#include "base/output.h"
#include "base/signals.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static enum output_mode mode; /* what the child processes below open with */

/* What is in `path`, or "absent". */
static const char *contents(const char *path)
{
    static char text[100];
    struct bytes bytes;

    if (file_read(path, sizeof text - 1, &bytes, NULL))
        return "absent";
    memcpy(text, bytes.at, bytes.size);
    text[bytes.size] = '\0';
    free(bytes.at);
    return text;
}

static void make(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");

    if (!file || fputs(text, file) < 0 || fclose(file))
        exit(1);
}

static size_t temporaries(void)
{
    char **names;
    size_t count;

    if (directory_list_hidden(".", ".tmp", &names, &count, NULL))
        exit(1);
    directory_free(names, count);
    return count;
}

static void write_out(const char *text)
{
    struct output *out = output_open("out", mode);

    output_write(out, text, strlen(text));
    output_publish(out);
}

static void write_new(void)
{
    write_out("new");
}

static void a_file_appears_when_it_is_published(void)
{
    struct output *out = output_open("out", OUTPUT_NO_REPLACE);

    output_write(out, "who", 3);
    output_write(out, "le", 2);
    CHECK_TEXT(contents("out"), "absent");
    CHECK_EQUAL(temporaries(), 1);
    output_publish(out);
    CHECK_TEXT(contents("out"), "whole");
    CHECK_EQUAL(temporaries(), 0);
}

static void what_is_printed_is_published_as_often_as_asked(void)
{
    struct output_stream stream;

    output_stream_open(&stream);
    fprintf(stream.to, "%d,", 1);
    CHECK_TEXT(contents("out"), "absent");
    output_stream_publish(&stream, "out", OUTPUT_NO_REPLACE);
    CHECK_TEXT(contents("out"), "1,");
    fprintf(stream.to, "%d,", 2);
    CHECK_TEXT(contents("out"), "1,");
    output_stream_publish(&stream, "out", OUTPUT_REPLACE);
    CHECK_TEXT(contents("out"), "1,2,");
    output_stream_close(&stream);
    CHECK_EQUAL(temporaries(), 0);
}

static void it_has_the_mode_that_the_umask_leaves(void)
{
    struct stat stat;
    mode_t before = umask(027);

    write_out("x");
    umask(before);
    CHECK(!lstat("out", &stat) && (stat.st_mode & 0777) == 0640);
}

static void what_is_there_is_not_replaced(void)
{
    char message[4096];

    make("out", "old");
    mode = OUTPUT_NO_REPLACE;
    CHECK_EQUAL(unit_run(write_new, message), STATUS_CANNOT_CREATE);
    CHECK_TEXT(message, "output-test: out: create: it exists; -f replaces it\n");
    CHECK_TEXT(contents("out"), "old");
    CHECK_EQUAL(temporaries(), 0);
}

static void a_link_that_leads_nowhere_is_not_replaced(void)
{
    char message[4096];

    mode = OUTPUT_NO_REPLACE;
    CHECK(!symlink("nowhere", "out"));
    CHECK_EQUAL(unit_run(write_new, message), STATUS_CANNOT_CREATE);
    CHECK(file_is_absent("nowhere"));
}

static void what_is_there_is_replaced_when_asked(void)
{
    make("out", "old");
    mode = OUTPUT_REPLACE;
    write_new();
    CHECK_TEXT(contents("out"), "new");
}

static void publish_too_late(void)
{
    struct output *out = output_open("out", OUTPUT_NO_REPLACE);

    output_write(out, "late", 4);
    make("out", "first");
    output_publish(out);
}

static void what_appeared_meanwhile_is_not_replaced(void)
{
    char message[4096];

    CHECK_EQUAL(unit_run(publish_too_late, message), STATUS_CANNOT_CREATE);
    CHECK_TEXT(message, "output-test: out: create: it exists; -f replaces it\n");
    CHECK_TEXT(contents("out"), "first");
    CHECK_EQUAL(temporaries(), 0);
}

static void die_half_way(void)
{
    struct output *out = output_open("out", OUTPUT_NO_REPLACE);

    output_write(out, "half", 4);
    die(STATUS_DATA, "half way");
}

static void an_error_elsewhere_leaves_nothing(void)
{
    char message[4096];

    CHECK_EQUAL(unit_run(die_half_way, message), STATUS_DATA);
    CHECK_TEXT(contents("out"), "absent");
    CHECK_EQUAL(temporaries(), 0);
}

static void write_too_much(void)
{
    struct rlimit limit = { 1000, 1000 };
    char block[2000] = "";
    struct output *out = output_open("out", OUTPUT_NO_REPLACE);

    signals_end_cleanly();
    setrlimit(RLIMIT_FSIZE, &limit);
    output_write(out, block, sizeof block);
    output_publish(out);
}

static void a_limit_on_its_size_is_an_error_and_leaves_nothing(void)
{
    char message[4096];

    CHECK_EQUAL(unit_run(write_too_much, message), STATUS_IO);
    CHECK_TEXT(message, "output-test: out: write: file too large\n");
    CHECK_TEXT(contents("out"), "absent");
    CHECK_EQUAL(temporaries(), 0);
}

static void open_nine(void)
{
    static const char *const names[9] = { "1", "2", "3", "4", "5", "6", "7", "8", "9" };
    struct output *outs[9];

    for (size_t i = 0; i < 9; i++)
        outs[i] = output_open(names[i], OUTPUT_NO_REPLACE);
    for (size_t i = 0; i < 9; i++)
        output_publish(outs[i]);
}

static void more_than_eight_at_once_are_a_bug_and_leave_nothing(void)
{
    char message[4096];

    CHECK_EQUAL(unit_run(open_nine, message), STATUS_BUG);
    CHECK_TEXT(message, "output-test: output_open: more than 8 outputs at once\n");
    CHECK_EQUAL(temporaries(), 0);
}

static void write_nowhere(void)
{
    output_open("absent/out", OUTPUT_NO_REPLACE);
}

static void write_nameless(void)
{
    output_open("./", OUTPUT_NO_REPLACE);
}

static void a_directory_that_is_not_there_is_an_error(void)
{
    char message[4096];

    CHECK_EQUAL(unit_run(write_nowhere, message), STATUS_CANNOT_CREATE);
    CHECK_TEXT(message, "output-test: absent/out: create: no such file or directory\n");
    CHECK_EQUAL(unit_run(write_nameless, message), STATUS_CANNOT_CREATE);
    CHECK_TEXT(message, "output-test: ./: create: it names no file\n");
}

static void a_hyphen_is_standard_output(void)
{
    int before = dup(STDOUT_FILENO);
    struct output *out;

    fflush(stdout);
    CHECK(freopen("printed", "w", stdout) != NULL);
    out = output_open("-", OUTPUT_NO_REPLACE);
    output_write(out, "printed", 7);
    output_publish(out);
    dup2(before, STDOUT_FILENO);
    close(before);
    CHECK_TEXT(contents("printed"), "printed");
}

static void what_a_kill_left_is_removed_by_the_next(void)
{
    make(".out.abc234.tmp", "left");
    write_out("x");
    CHECK_EQUAL(temporaries(), 0);
}

static void what_a_kill_left_is_removed_when_asked(void)
{
    make(".out.abc234.tmp", "left");
    make(".other.abc234.tmp", "left");
    output_tidy("out");
    CHECK_EQUAL(temporaries(), 1);
    output_tidy("absent/out");
}

static void what_is_not_its_own_is_left(void)
{
    static const char *const others[] = { ".other.abc234.tmp", ".out.abc23.tmp", ".out.abc2345.tmp",
                                          ".outer.abc234.tmp", ".out.tmp" };
    const size_t n = sizeof others / sizeof *others;

    for (size_t i = 0; i < n; i++)
        make(others[i], "");
    write_out("x");
    CHECK_EQUAL(temporaries(), n);
}

/* A child that holds "out" open until it is told to go on or killed. */
struct holder {
    pid_t child;
    int go; /* closing it lets the child publish */
};

static struct holder hold_out(void)
{
    int ready[2], go[2];
    struct holder holder;
    char byte;

    fflush(stdout);
    if (pipe(ready) || pipe(go) || (holder.child = fork()) < 0)
        exit(1);
    if (holder.child == 0) {
        struct output *out;

        signals_end_cleanly();
        out = output_open("out", OUTPUT_NO_REPLACE);
        output_write(out, "held", 4);
        close(go[1]);
        close(ready[1]);
        while (read(go[0], &byte, 1) < 0 && errno == EINTR)
            ;
        output_publish(out);
        exit(0);
    }
    close(ready[1]);
    close(go[0]);
    if (read(ready[0], &byte, 1) != 0)
        exit(1);
    close(ready[0]);
    holder.go = go[1];
    return holder;
}

static int end_of(const struct holder *holder)
{
    int status;

    close(holder->go);
    waitpid(holder->child, &status, 0);
    return status;
}

static void open_beside_another(void)
{
    static struct output *volatile out; /* still open when the process ends, and no leak */

    out = output_open("out", OUTPUT_NO_REPLACE);
    exit(out && temporaries() == 2 ? STATUS_OK : STATUS_NO);
}

static void that_of_a_living_process_is_left(void)
{
    struct holder holder = hold_out();
    char message[4096];

    CHECK_EQUAL(unit_run(open_beside_another, message), STATUS_OK);
    CHECK_EQUAL(end_of(&holder), 0);
    CHECK_TEXT(contents("out"), "held");
}

static void replace_a_pipe(void)
{
    output_open("out", OUTPUT_REPLACE);
}

static void only_a_file_or_a_link_is_replaced(void)
{
    char message[4096];

    CHECK_EQUAL(mkfifo("out", 0600), 0);
    CHECK_EQUAL(unit_run(replace_a_pipe, message), STATUS_CANNOT_CREATE);
    CHECK_TEXT(message, "output-test: out: create: it is no file that could be replaced\n");
    CHECK_EQUAL(temporaries(), 0);
}

static void a_signal_that_ends_the_process_leaves_nothing(void)
{
    static const int ends[] = { SIGALRM, SIGHUP, SIGINT, SIGPIPE, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2, SIGXCPU };

    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        struct holder holder = hold_out();
        int status;

        kill(holder.child, ends[i]);
        status = end_of(&holder);
        CHECK(WIFSIGNALED(status) && WTERMSIG(status) == ends[i]);
        CHECK_TEXT(contents("out"), "absent");
        CHECK_EQUAL(temporaries(), 0);
    }
}

static void a_signal_that_the_parent_ignores_stays_ignored(void)
{
    struct holder holder;

    signal(SIGHUP, SIG_IGN);
    holder = hold_out();
    signal(SIGHUP, SIG_DFL);
    kill(holder.child, SIGHUP);
    CHECK_EQUAL(end_of(&holder), 0);
    CHECK_TEXT(contents("out"), "held");
}

static void a_kill_leaves_what_the_next_removes(void)
{
    struct holder holder = hold_out();

    kill(holder.child, SIGKILL);
    end_of(&holder);
    CHECK_EQUAL(temporaries(), 1);
    write_out("x");
    CHECK_EQUAL(temporaries(), 0);
}

enum { RACERS = 50, LETTERS = 20 };

/* Wait for the start, then write one's own letter many times. */
static void race(int start, char letter)
{
    struct output *out;
    char byte;

    dup2(open("/dev/null", O_WRONLY), STDERR_FILENO);
    if (read(start, &byte, 1) != 0)
        exit(1);
    out = output_open("out", mode);
    for (int i = 0; i < LETTERS; i++)
        output_write(out, &letter, 1);
    output_publish(out);
    exit(0);
}

/* Let fifty processes write "out" at once. Returns how many published; the others must have ended with 73. */
static int run_race(void)
{
    int start[2], published = 0, status;
    const char *text;

    fflush(stdout);
    if (pipe(start))
        exit(1);
    for (int i = 0; i < RACERS; i++)
        if (fork() == 0) {
            close(start[1]);
            race(start[0], (char)('0' + i));
        }
    close(start[0]);
    close(start[1]);
    for (int i = 0; i < RACERS; i++) {
        wait(&status);
        CHECK(WIFEXITED(status) && (WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == STATUS_CANNOT_CREATE));
        published += status == 0;
    }
    text = contents("out");
    CHECK_EQUAL(strlen(text), LETTERS);
    CHECK_EQUAL(strspn(text, (char[]){ text[0], '\0' }), LETTERS);
    CHECK_EQUAL(temporaries(), 0);
    return published;
}

static void of_many_at_once_one_publishes(void)
{
    mode = OUTPUT_NO_REPLACE;
    for (int i = 0; i < 5; i++) {
        CHECK_EQUAL(run_race(), 1);
        unlink("out");
    }
}

static void of_many_that_replace_all_publish_and_the_file_is_whole(void)
{
    mode = OUTPUT_REPLACE;
    for (int i = 0; i < 5; i++)
        CHECK_EQUAL(run_race(), RACERS);
}

/* Each test begins in an empty directory. */
static void begin(void)
{
    mode = OUTPUT_NO_REPLACE;
    if (system("rm -rf ./* ./.*.tmp"))
        exit(1);
}

#define FRESH_TEST(function) (begin(), TEST(function))

int main(void)
{
    if (chdir(unit_directory()))
        return 1;
    FRESH_TEST(a_file_appears_when_it_is_published);
    FRESH_TEST(what_is_printed_is_published_as_often_as_asked);
    FRESH_TEST(it_has_the_mode_that_the_umask_leaves);
    FRESH_TEST(what_is_there_is_not_replaced);
    FRESH_TEST(a_link_that_leads_nowhere_is_not_replaced);
    FRESH_TEST(what_is_there_is_replaced_when_asked);
    FRESH_TEST(what_appeared_meanwhile_is_not_replaced);
    FRESH_TEST(an_error_elsewhere_leaves_nothing);
    FRESH_TEST(a_limit_on_its_size_is_an_error_and_leaves_nothing);
    FRESH_TEST(more_than_eight_at_once_are_a_bug_and_leave_nothing);
    FRESH_TEST(a_directory_that_is_not_there_is_an_error);
    FRESH_TEST(a_hyphen_is_standard_output);
    FRESH_TEST(what_a_kill_left_is_removed_by_the_next);
    FRESH_TEST(what_a_kill_left_is_removed_when_asked);
    FRESH_TEST(what_is_not_its_own_is_left);
    FRESH_TEST(that_of_a_living_process_is_left);
    FRESH_TEST(only_a_file_or_a_link_is_replaced);
    FRESH_TEST(a_signal_that_ends_the_process_leaves_nothing);
    FRESH_TEST(a_signal_that_the_parent_ignores_stays_ignored);
    FRESH_TEST(a_kill_leaves_what_the_next_removes);
    FRESH_TEST(of_many_at_once_one_publishes);
    FRESH_TEST(of_many_that_replace_all_publish_and_the_file_is_whole);
    return unit_finish();
}
