/* base/names.h: every name of a stream, however it is cut into pieces, and nothing else. */
#include "base/names.h"

#include "base/memory.h"
#include "unit.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int to, from; /* the ends of a pipe */

static void open_pipe(void)
{
    int ends[2] = { -1, -1 };

    CHECK(pipe(ends) == 0);
    from = ends[0];
    to = ends[1];
}

static void put(const char *bytes, size_t size)
{
    CHECK(write(to, bytes, size) == (ssize_t)size);
}

static void check_next(struct names *names, const char *wanted)
{
    const char *name;
    struct error error;

    CHECK(names_next(names, "names", &name, &error) == STATUS_OK);
    CHECK_TEXT(name ? name : "the end", wanted);
}

static void check_error(struct names *names, enum status status, const char *text)
{
    const char *name;
    struct error error = { 0 };

    CHECK_EQUAL(names_next(names, "names", &name, &error), status);
    CHECK(!name);
    CHECK_TEXT(error.text, text);
}

static void names_come_as_they_are_written(void)
{
    struct names names = { .end = '\n' };

    open_pipe();
    names.fd = from;
    CHECK(!names_ready(&names));
    put("one\ntwo\nthr", 11);
    CHECK(names_ready(&names));
    check_next(&names, "one");
    CHECK(names_ready(&names));
    check_next(&names, "two");
    CHECK(!names_ready(&names)); /* a part of one is none */
    put("ee\n", 3);
    CHECK(names_ready(&names));
    check_next(&names, "three");
    put("four", 4);
    close(to);
    CHECK(names_ready(&names));
    check_next(&names, "four");
    CHECK(names_ready(&names));
    check_next(&names, "the end");
    check_next(&names, "the end");
    close(from);
}

static void empty_names_are_passed_over(void)
{
    struct names names = { .end = '\0' };

    open_pipe();
    names.fd = from;
    put("\0\0a\nb\0\0\0c\0\0", 11);
    close(to);
    check_next(&names, "a\nb");
    check_next(&names, "c");
    check_next(&names, "the end");
    close(from);
}

/* Names of all lengths lie in all ways across the end of the buffer. */
static void long_names_are_whole(void)
{
    struct names names = { .end = '\n' };
    char *wanted = memory_new(PATH_MAX, 1);

    open_pipe();
    names.fd = from;
    for (size_t length = 1; length < PATH_MAX; length += 89) {
        memset(wanted, 'a' + (char)(length % 26), length);
        wanted[length] = '\n';
        put(wanted, length + 1);
        wanted[length] = '\0';
        check_next(&names, wanted);
    }
    close(to);
    check_next(&names, "the end");
    close(from);
    free(wanted);
}

static void many_names_pass_through(void)
{
    struct names names = { .end = '\n', .fd = -1 };
    char *path = memory_format("%s/names", unit_directory()), wanted[32];
    FILE *file = fopen(path, "w");

    for (int i = 0; i < 100000; i++)
        fprintf(file, "%d\n", i);
    fclose(file);
    names.fd = open(path, O_RDONLY);
    for (int i = 0; i < 100000; i++) {
        const char *name = NULL;
        struct error error;
        snprintf(wanted, sizeof wanted, "%d", i);
        if (names_next(&names, "names", &name, &error) || !name || strcmp(name, wanted) != 0) {
            CHECK_TEXT(name ? name : "the end", wanted);
            break;
        }
    }
    check_next(&names, "the end");
    close(names.fd);
    free(path);
}

static void what_is_no_name_is_an_error(void)
{
    struct names names = { .end = '\n' };
    char *bytes = memory_new(PATH_MAX, 1);

    open_pipe();
    names.fd = from;
    put("a\0b\n", 4);
    check_error(&names, STATUS_DATA, "names: read names: there is a NUL in one; -0 is for names that end in NUL");
    memset(bytes, 'a', PATH_MAX);
    put(bytes, PATH_MAX);
    check_error(&names, STATUS_DATA, "names: read names: one has more than 4095 bytes, as no file's name");
    close(to);
    close(from);
    names = (struct names){ .end = '\n', .fd = -1 };
    check_error(&names, STATUS_IO, "names: read: bad file descriptor");
    free(bytes);
}

/* One of `length` bytes, with its end and without, that comes all at once and that comes in two pieces. */
static void check_length(size_t length, bool ended, bool pieces)
{
    struct names names = { .end = '\n' };
    const char *name;
    struct error error;
    char *bytes = memory_new(length + 1, 1);

    open_pipe();
    names.fd = from;
    memset(bytes, 'a', length);
    bytes[length] = '\n';
    if (pieces) {
        put("b\na", 3);
        check_next(&names, "b");
    }
    put(bytes + pieces, length + ended - pieces);
    close(to);
    CHECK_EQUAL(names_next(&names, "names", &name, &error), length < PATH_MAX ? STATUS_OK : STATUS_DATA);
    if (length < PATH_MAX)
        CHECK(name && strlen(name) == length);
    close(from);
    free(bytes);
}

static void what_is_too_long_does_not_depend_on_when_it_comes(void)
{
    for (size_t length = PATH_MAX - 2; length < PATH_MAX + 3; length++)
        for (int way = 0; way < 4; way++)
            check_length(length, way & 1, way & 2);
    for (int way = 0; way < 4; way++)
        check_length(2 * PATH_MAX - 2, way & 1, way & 2);
}

int main(void)
{
    TEST(names_come_as_they_are_written);
    TEST(empty_names_are_passed_over);
    TEST(long_names_are_whole);
    TEST(many_names_pass_through);
    TEST(what_is_no_name_is_an_error);
    TEST(what_is_too_long_does_not_depend_on_when_it_comes);
    return unit_finish();
}
